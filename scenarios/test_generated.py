"""Generated scenarios: orders, fills, one cut and one restart in any order."""

from hypothesis import HealthCheck, Phase, given, seed, settings

from harness.scenario.api import Plan, Stage, known_bug, plans, scenario

EXAMPLES = 20


EXPOSED = frozenset({"K01", "K05", "K08", "N03", "N10", "N43", "N45", "N47"})
# A stop may come before the node has read the reply to a submit that was pushed as accepted.
STOPPED = frozenset({"N11"})
ENDS_UNSEEN = frozenset({"U12", "V01", "V02", "V03"})


# Which bugs it meets is drawn; releases with K01 or V01 leave it no way around one of them.
CERTAIN = frozenset({"K01", "V01"})


@known_bug(*CERTAIN, by_chance=(EXPOSED | STOPPED | ENDS_UNSEEN) - CERTAIN)
@scenario(covers="generated")
def test_generated(world: Stage) -> None:
    """Known bugs may strike only under their conditions; everything else must pass."""

    @seed(world.setup.seed)
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        database=None,
        report_multiple_bugs=False,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(plan=plans())
    def example(plan: Plan) -> None:
        possible = STOPPED
        if plan.mass_status_with_position or plan.fill_unseen:
            possible |= EXPOSED
        if plan.ends_unseen:
            possible |= ENDS_UNSEEN
        world.play_steps(plan.steps, possible_bugs=possible)

    example()
    world.conclude()
