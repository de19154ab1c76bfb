"""# `reports/latest/summary.json`: a session of scenarios, for machines.

`schema_version` is 1. It grows when a field is removed, renamed or changes its meaning, not when
one is added: readers ignore what they do not know. Amounts of money are decimal strings.

| field | type | meaning |
|---|---|---|
| `schema_version` | int | 1 |
| `totals` | object | how many scenarios ended how, and the sum of their `seconds` |
| `environment` | object | what they ran on |
| `scenarios` | array | one entry a run, in the order in which they ended |

**`totals`**: `scenarios`, `pass`, `finding`, `fail`, `unknown`, `not_applicable` (int), `seconds`
(float).

**`environment`**: `python`, `platform`, `nautilus_trader` (every release that was played on, with
commas), `toxiproxy`, `store` (name and version of the store's server), `hypothesis` (string), `clock` (string: what sets it, or
why it is the machine's), `cpu_count` (int).

**An entry of `scenarios`**:

| field | type | meaning |
|---|---|---|
| `name`, `nodeid` | string | the scenario, and its test as pytest names it |
| `covers` | string | the requirement it shows, "FR-001" |
| `outcome` | string | `pass`; `finding`: failed as a known bug of the release makes it; `fail`; `unknown`: could not be judged, as when its worker crashed; `not_applicable`: the release cannot play it |
| `known_bugs` | array | the bugs that explain a finding: `id`, `reference`, `title`; else empty |
| `seconds` | float | wall time of the run |
| `seed` | int | what the scenario's random parts were drawn from |
| `rate` | float | how much faster than real time the run's clock went; 1.0 is real time |
| `stalled` | array of float | the rates at which it was played before, and the machine did not keep up |
| `release` | string | the version of NautilusTrader |
| `run_directory` | string | relative to the project; what `nautilus-chaos show` and `replay` take; empty where nothing was played |
| `evidence` | array of string | one line each, "checker: what it saw"; empty for a pass |
| `money` | object | what the node did not see, below |

**`money`**, from the first start of a strategy to the end: `seconds_watched`; `seconds_blind`, the
time in which the node's positions differed from the venue's at all; `unseen_usdt_max` and
`unseen_usdt_seconds`, the difference at the mark price, the most at any instant and its integral;
`phantom_usdt_max` and `phantom_usdt_seconds`, the part of it that is positions which cancel out.
"""  # noqa: E501

from collections import Counter
from collections.abc import Iterable
from typing import Any, Literal

import msgspec

from harness.checkers.money import Money
from harness.checkers.verdict import Outcome, Verdict

SCHEMA_VERSION = 1
EVIDENCE_LINES_MAX = 20

ScenarioOutcome = Literal["pass", "finding", "fail", "unknown", "not_applicable"]


class KnownBugReference(msgspec.Struct, frozen=True, kw_only=True):
    """A bug of NautilusTrader, and where it is told of."""

    id: str
    reference: str
    title: str


class ScenarioSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One run of a scenario."""

    name: str
    nodeid: str
    covers: str
    outcome: ScenarioOutcome
    known_bugs: tuple[KnownBugReference, ...]
    seconds: float
    seed: int
    release: str
    run_directory: str
    evidence: tuple[str, ...]
    money: Money
    rate: float = 1.0
    stalled: tuple[float, ...] = ()


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """How many scenarios ended how."""

    scenarios: int
    passed: int = msgspec.field(name="pass")
    finding: int
    fail: int
    unknown: int
    not_applicable: int
    seconds: float


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """What the scenarios ran on."""

    python: str
    platform: str
    nautilus_trader: str
    toxiproxy: str
    store: str
    hypothesis: str
    cpu_count: int
    clock: str = ""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """A session of scenarios."""

    schema_version: int
    totals: Totals
    environment: Environment
    scenarios: tuple[ScenarioSummary, ...]


def summarize_session(scenarios: Iterable[ScenarioSummary], environment: Environment) -> Summary:
    """Return the summary of a session, with its totals counted."""
    runs = tuple(scenarios)
    count = Counter(run.outcome for run in runs)
    return Summary(
        schema_version=SCHEMA_VERSION,
        totals=Totals(
            scenarios=len(runs),
            passed=count["pass"],
            finding=count["finding"],
            fail=count["fail"],
            unknown=count["unknown"],
            not_applicable=count["not_applicable"],
            seconds=round(sum(run.seconds for run in runs), 3),
        ),
        environment=environment,
        scenarios=runs,
    )


def outcome_of(verdict: Verdict, known_bugs: tuple[KnownBugReference, ...]) -> ScenarioOutcome:
    """Return how a run ended; a failure that `known_bugs` explain is a finding."""
    match verdict.outcome:
        case Outcome.PASS:
            return "pass"
        case Outcome.UNKNOWN:
            return "unknown"
        case Outcome.FAIL:
            return "finding" if known_bugs else "fail"


def evidence_lines(verdict: Verdict) -> tuple[str, ...]:
    """Return the evidence of the checkers that gave the verdict its outcome, a line each."""
    if verdict.outcome is Outcome.PASS:
        return ()
    lines = [
        f"{checker.checker}: {evidence.message}"
        for checker in verdict.checkers
        if checker.outcome is verdict.outcome
        for evidence in checker.evidence
    ]
    return tuple(lines[:EVIDENCE_LINES_MAX])


def encode_summary(summary: Summary) -> bytes:
    """Return the summary as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n"


def decode_summary(data: bytes) -> Summary:
    """Read a summary. Raises ValueError where it is of another schema version or none at all."""
    head = msgspec.json.decode(data, type=_Head)
    if head.schema_version != SCHEMA_VERSION:
        raise ValueError(
            f"the summary has schema_version {head.schema_version}: must be {SCHEMA_VERSION}"
        )
    return msgspec.json.decode(data, type=Summary)


def from_builtins(data: Any) -> ScenarioSummary:
    """Return a scenario's summary from what `msgspec.to_builtins` made of it."""
    return msgspec.convert(data, ScenarioSummary)


class _Head(msgspec.Struct):
    schema_version: int
