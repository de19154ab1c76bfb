"""What the soak of `make bench` says of a loop whose checks come, come late or do not come."""

import msgspec

from tests.benchmarks.soak import Beat, Count, count

TURN_SECS = 2.0


def loop(turns: int, *, work_secs: float = 0.5) -> list[Beat]:
    """A check every turn, another every second turn, as NautilusTrader's loop makes them."""
    beats: list[Beat] = []
    now = 0.0
    for turn in range(turns):
        now += TURN_SECS
        for check in ("often", "seldom")[: 1 + turn % 2]:
            beats.append(Beat(check, now, now + work_secs))
            now += work_secs
    return beats


def later(
    beats: list[Beat], first: int, *, by_secs: float, stalled_secs: float = 0.0
) -> list[Beat]:
    """All from `first` on come later, of which the machine has stood still for a part."""
    moved = [
        Beat(beat.check, beat.began + by_secs, beat.ended + by_secs, stalled_secs)
        for beat in beats[first:]
    ]
    return beats[:first] + moved


def counts(beats: list[Beat]) -> tuple[Count, Count]:
    often = count("often", beats, 2.0, TURN_SECS)
    seldom = count("seldom", beats, 3.0, TURN_SECS)
    for found in (often, seldom):
        found.longest_gap_secs = 0.0
    return often, seldom


def test_checks_that_all_come_are_neither_late_nor_missing_whatever_they_take() -> None:
    for work_secs in (0.0, 0.5, 9.0):
        assert counts(loop(20, work_secs=work_secs)) == (Count(20), Count(10))


def test_a_check_that_was_left_out_is_missing() -> None:
    beats = loop(20)
    del beats[6]
    assert counts(beats) == (Count(19, missing=1), Count(10))


def test_a_turn_that_did_not_come_is_missing() -> None:
    often, _ = counts(later(loop(20), 9, by_secs=3 * TURN_SECS))
    assert (often.late, often.missing) == (0, 3)


def test_what_a_stall_of_the_machine_explains_is_late() -> None:
    often, _ = counts(later(loop(20), 9, by_secs=6.0, stalled_secs=5.0))
    assert often == Count(20, late=1)


def test_a_stall_explains_no_more_than_its_length() -> None:
    often, _ = counts(later(loop(20), 9, by_secs=10.0, stalled_secs=5.0))
    assert (often.late, often.missing) == (0, 2)


def test_the_longest_gap_counts_the_work() -> None:
    beats = later(loop(4, work_secs=1.0), 3, by_secs=0.5)
    assert count("often", beats, 2.0, TURN_SECS).longest_gap_secs == 4.5
    assert msgspec.structs.asdict(count("never", beats, 2.0, TURN_SECS))["counted"] == 0
