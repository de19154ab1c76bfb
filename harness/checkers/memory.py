"""The node's memory does not grow with time: a line fitted to its resident size stays flat.

Looked at from each run's first strategy on, when what is loaded once has been loaded. A step (a
module that is imported late, a cache that fills) is no leak, a line is: the growth that the fit
tells must be more than what the events of the node's orders may keep, and the size must go with
time. Where closed orders are purged, hours of cycles are judged by the same line.

Closed orders that are still there are `purged_after_buffer`'s.
"""

import statistics
from collections.abc import Iterator

import msgspec

from harness.checkers.case import Case
from harness.checkers.node_view import SECOND_NS, Run
from harness.checkers.verdict import CheckerVerdict, Evidence, NothingToJudge, conclude
from harness.history.event import Event

GROWTH_BYTES_MAX = 8 * 2**20
ORDER_EVENT_BYTES_MAX = 4 * 2**10
CORRELATION_MIN = 0.95
SAMPLES_MIN = 5
WARM_UP_SECS = 0.5
# A node sends a sample a minute at the least.
SILENCE_SECS_MAX = 180.0
MIB = 2**20


class _Fit(msgspec.Struct, frozen=True):
    """The line through a run's samples."""

    first: Event
    last: Event
    secs: float
    bytes_per_sec: float
    correlation: float

    @property
    def growth_bytes(self) -> float:
        """How much it rises from the first sample to the last."""
        return self.bytes_per_sec * self.secs


def memory(case: Case) -> CheckerVerdict:
    """FAIL for each run whose resident size grows in a line, and by more than it may.

    Runs that are too short for a line are only measured.
    """
    samples: dict[int, list[Event]] = {}
    for event in case.of("node", "memory"):
        if event.data["resident_bytes"]:
            samples.setdefault(event.data["run"], []).append(event)
    evidence: list[Evidence] = []
    measures: dict[str, float] = {}
    for run in case.runs:
        told = samples.get(run.number, [])
        _require_samples(case, run, told)
        if told:
            size = max(event.data["resident_bytes"] for event in told)
            measures[f"run_{run.number}_resident_mib_max"] = round(size / MIB, 1)
        fit = _fit(run, told)
        if fit is not None:
            measures[f"run_{run.number}_growth_mib"] = round(fit.growth_bytes / MIB, 3)
            evidence.extend(_growing(run, fit))
    return conclude("memory", evidence, measures=measures)


def _require_samples(case: Case, run: Run, samples: list[Event]) -> None:
    if run.forked is None:
        return
    told_ns = samples[-1].ts if samples else run.forked.ts
    silent_secs = (case.lived_until(run) - told_ns) / SECOND_NS
    if silent_secs > SILENCE_SECS_MAX:
        raise NothingToJudge(f"run {run.number} told nothing of its memory for {silent_secs:.0f} s")


def _fit(run: Run, samples: list[Event]) -> _Fit | None:
    if not run.strategies_started:
        return None
    started_ns = min(event.ts for event in run.strategies_started.values())
    since_ns = started_ns + int(WARM_UP_SECS * SECOND_NS)
    until_ns = run.ending.ts if run.ending else None
    steady = [
        event
        for event in samples
        if event.ts >= since_ns and (until_ns is None or event.ts <= until_ns)
    ]
    if len(steady) < SAMPLES_MIN:
        return None
    times = [(event.ts - since_ns) / SECOND_NS for event in steady]
    sizes = [float(event.data["resident_bytes"]) for event in steady]
    if len(set(sizes)) == 1 or times[0] == times[-1]:
        return None
    return _Fit(
        first=steady[0],
        last=steady[-1],
        secs=times[-1] - times[0],
        bytes_per_sec=statistics.linear_regression(times, sizes).slope,
        correlation=statistics.correlation(times, sizes),
    )


def _growing(run: Run, fit: _Fit) -> Iterator[Evidence]:
    events = sum(fit.first.ts <= event.ts <= fit.last.ts for event in run.order_events)
    allowed = GROWTH_BYTES_MAX + events * ORDER_EVENT_BYTES_MAX
    if fit.growth_bytes > allowed and fit.correlation >= CORRELATION_MIN:
        yield Evidence(
            kind="memory_growth",
            message=f"the resident size of run {run.number} grew by {fit.growth_bytes / MIB:.1f} "
            f"MiB in {fit.secs:.0f} s ({fit.bytes_per_sec * 3600 / MIB:.1f} MiB an hour): the "
            f"limit is {allowed / MIB:.1f} MiB",
            seqs=(fit.first.seq, fit.last.seq),
        )
