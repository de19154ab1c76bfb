"""A line through the resident size."""

from collections.abc import Iterable

import pytest

from harness.checkers.verdict import Outcome
from tests.checkers.histories import Story, ask, kinds

MIB = 2**20


def sampled(sizes_mib: Iterable[float], *, every_secs: float = 1.0, orders: int = 0) -> Story:
    story = Story().begin().start()
    for _ in range(orders):
        story.wait(1.0).pending_cancel("O-1")
    for size in sizes_mib:
        story.wait(every_secs).node("memory", resident_bytes=int(size * MIB))
    return story.finish()


def test_a_flat_size_passes_and_is_measured() -> None:
    answer = ask("memory", sampled([180, 181, 180, 181, 180, 181]))
    assert answer.outcome is Outcome.PASS
    assert answer.measures["run_1_resident_mib_max"] == 181
    assert abs(answer.measures["run_1_growth_mib"]) < 1


@pytest.mark.parametrize(("growth_mib", "found"), [(7.5, []), (8.5, ["memory_growth"])])
def test_a_line_fails_above_the_limit(growth_mib: float, found: list[str]) -> None:
    line = [180 + growth_mib * step / 10 for step in range(11)]
    assert kinds(ask("memory", sampled(line))) == found


def test_over_hours_the_limit_is_the_same() -> None:
    line = [180 + step / 10 for step in range(121)]
    answer = ask("memory", sampled(line, every_secs=60))
    assert kinds(answer) == ["memory_growth"]
    assert "grew by 12.0 MiB in 7212 s (6.0 MiB an hour)" in answer.evidence[0].message


def test_a_step_is_no_line() -> None:
    assert ask("memory", sampled([180] * 5 + [200] * 5)).outcome is Outcome.PASS


def test_what_orders_keep_is_allowed_where_they_were_made_meanwhile() -> None:
    line = [180 + step for step in range(10)]
    assert kinds(ask("memory", sampled(line))) == ["memory_growth"]
    story = Story().begin().start()
    for size in line:
        story.wait(1).node("memory", resident_bytes=size * MIB)
        for _ in range(100):
            story.pending_cancel("O-1")
    assert ask("memory", story.finish()).outcome is Outcome.PASS
    assert kinds(ask("memory", sampled(line, orders=900))) == ["memory_growth"]


def test_what_is_loaded_at_the_start_does_not_count() -> None:
    story = Story().begin().fork()
    for size in range(180, 280, 5):
        story.wait(1).node("memory", resident_bytes=size * MIB)
    story.reconciled().node("strategy_started", strategy_id="S-001")
    for _ in range(6):
        story.wait(0.2).node("memory", resident_bytes=275 * MIB)
    assert ask("memory", story.finish()).outcome is Outcome.PASS


def test_too_few_samples_are_only_measured() -> None:
    answer = ask("memory", sampled([180, 200, 220, 240]))
    assert answer.outcome is Outcome.PASS
    assert answer.measures == {"run_1_resident_mib_max": 240}


def test_a_long_run_that_told_nothing_is_unknown() -> None:
    silent = Story().begin().start().wait(181).finish()
    assert ask("memory", silent).outcome is Outcome.UNKNOWN
    assert ask("memory", Story().begin().start().wait(100).finish()).outcome is Outcome.PASS
