"""Generated scenarios: orders, fills, one cut and one restart in any order."""

from hypothesis import HealthCheck, Phase, given, seed, settings

from harness.scenario.api import Plan, Stage, known_bug, plans, scenario

EXAMPLES = 20


@known_bug("K01", "K05", "N03", "N10")
@scenario(covers="generated")
def test_generated(world: Stage) -> None:
    """They may strike only where a mass status met an open position or a fill was unseen."""

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
        world.play_steps(
            plan.steps, known_bug_possible=plan.mass_status_with_position or plan.fill_unseen
        )

    example()
    world.conclude()
