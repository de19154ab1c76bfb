"""All checkers over one history, merged to one verdict."""

from collections.abc import Callable, Iterable, Sequence
from functools import wraps

from harness.checkers.case import Case
from harness.checkers.kept_up import kept_up
from harness.checkers.recorded import Recorded
from harness.checkers.verdict import CheckerVerdict, NothingToJudge, Outcome, Verdict, unknown
from harness.history.event import Event

Checker = Callable[[Case], CheckerVerdict]
"""A pure function of a case, named as its verdict is."""


def judge(history: Sequence[Event], checkers: Iterable[Checker]) -> Verdict:
    """Return what `checkers` say of `history`, the events of one run by `seq`. Never raises.

    A checker that raises is UNKNOWN with the exception as its evidence, and so is one that finds
    nothing because what it looks at was not recorded. So is the run as a whole when its scenario
    did not finish, unless a checker fails; and whatever they say when the machine did not keep up.
    """
    case = Case(history)
    recorded = Recorded(case)
    speed = ask(kept_up, case)
    verdicts = (
        ask(scenario_finished, case),
        *(ask(_vouched_for(checker, recorded), case) for checker in checkers),
        speed,
    )
    return Verdict(
        outcome=Outcome.merge(verdict.outcome for verdict in verdicts)
        if speed.outcome is Outcome.PASS
        else Outcome.UNKNOWN,
        checkers=verdicts,
    )


def scenario_finished(case: Case) -> CheckerVerdict:
    """PASS when the scenario came to its end; otherwise UNKNOWN, for what it left undone."""
    finished = case.of("harness", "scenario_finished")
    if not finished:
        return unknown("scenario_finished", "unfinished", "the scenario never finished")
    data = finished[-1].data
    if not data["completed"]:
        error = data.get("error") or "no reason given"
        return unknown("scenario_finished", "unfinished", f"the scenario did not complete: {error}")
    return CheckerVerdict(checker="scenario_finished", outcome=Outcome.PASS)


def ask(checker: Checker, case: Case) -> CheckerVerdict:
    """Return what one checker says; UNKNOWN where it raises."""
    name = checker.__name__
    try:
        return checker(case)
    except NothingToJudge as missing:
        return unknown(name, "nothing_to_judge", str(missing))
    except Exception as error:
        return unknown(name, "checker_crashed", f"{name} crashed: {_describe(error)}")


def _vouched_for(checker: Checker, recorded: Recorded) -> Checker:
    @wraps(checker)
    def vouched_for(case: Case) -> CheckerVerdict:
        verdict = checker(case)
        if verdict.outcome is Outcome.PASS:
            recorded.require(checker.__name__)
        return verdict

    return vouched_for


def _describe(error: Exception) -> str:
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = f" (line {place.tb_lineno} of {place.tb_frame.f_code.co_qualname})" if place else ""
    return f"{type(error).__name__}: {error}{where}"
