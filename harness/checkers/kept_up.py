"""The machine kept up with the scenario's clock."""

from harness.checkers.case import Case
from harness.checkers.verdict import CheckerVerdict, NothingToJudge, Outcome, unknown

REAL_TIME = 1.0


def kept_up(case: Case) -> CheckerVerdict:
    """UNKNOWN where it stood still for longer than the shortest timeout in play.

    Anything the node then did, it may have done for that alone. In real time a stall is not
    multiplied, and only measured.
    """
    watched = case.of("harness", "stall_watch")
    if not watched:
        raise NothingToJudge("nobody watched whether the machine kept up")
    data = watched[-1].data
    if data["rate"] > REAL_TIME and data["scenario_secs"] > data["shortest_timeout_secs"]:
        return unknown(
            "kept_up",
            "stalled",
            f"the machine stood still for {data['machine_secs']:.3f} s, which is "
            f"{data['scenario_secs']:.2f} s at x{data['rate']:g} and longer than the shortest "
            f"timeout in play, {data['shortest_timeout_secs']:g} s",
        )
    return CheckerVerdict(
        checker="kept_up",
        outcome=Outcome.PASS,
        measures={"longest_stall_secs": data["machine_secs"]},
    )
