"""Clean and benign runs, of which no checker may report anything."""

import random
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed

from harness.prove.controls import CONTROLS
from harness.scenario.generate import Plan, plans
from harness.scenario.runner import Run, Script, play_in_time, steps_script
from harness.world.services import Services
from harness.world.setup import Setup

RATE = 10.0


def benign_runs(
    count: int, seed: int, services: Services, reports: Path, told: Callable[[Run], None]
) -> None:
    """Play `count` runs, every second one generated; `told` is called with each."""
    drawn = random.Random(seed)
    generated = count // 2
    for number in range(count - generated):
        control = CONTROLS[number % len(CONTROLS)]
        _play(control.__name__, control, drawn.randrange(1 << 32), services, reports, told)
    if not generated:
        return

    @hypothesis_seed(seed)
    @settings(
        max_examples=generated,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(plan=plans(benign=True))
    def example(plan: Plan) -> None:
        _play("generated", steps_script(plan.steps), seed, services, reports, told)

    example()


def _play(
    name: str,
    script: Script,
    seed: int,
    services: Services,
    reports: Path,
    told: Callable[[Run], None],
) -> None:
    setup = Setup(name=name, covers="silence", seed=seed, rate=RATE)
    told(play_in_time(script, setup, services, reports)[0])
