"""Playing a recorded run again, and telling whether it ends as it did."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from harness.checkers.money import Money
from harness.checkers.verdict import Verdict
from harness.exit_codes import ExitCode
from harness.releases import install_release, installed_release, read_release
from harness.report.failure import RunFacts, ending_words, failure_lines
from harness.scenario.ending import EXIT_CODES, Ending, ExpectedFailure, gone_line
from harness.scenario.recording import (
    Recording,
    RecordingUnreadable,
    read_recording,
    read_verdict,
)
from harness.scenario.runner import play_in_time, steps_script
from harness.scenario.stage import require_playable
from harness.world.applicable import NotApplicable
from harness.world.services import Services

Say = Callable[[str], None]


def replay_run(
    directory: Path, reports: Path, nautilus: str | None, node: str | None, say: Say, tell: Say
) -> ExitCode:
    """Play a run again and `say` how it ended; returns the exit code of a session with it alone.

    `nautilus` is the release instead of the one installed, `node` the user's own instead of the
    run's. What is being done is told by `tell`. Raises RecordingUnreadable, and as `play` does.
    """
    recording = read_recording(directory)
    if recording.steps is None:
        raise RecordingUnreadable(f"{directory} was cut off before its end: it has no steps")
    setup = recording.setup if node is None else msgspec.structs.replace(recording.setup, node=node)
    require_playable(setup, reports)
    release = installed_release() if nautilus is None else read_release(nautilus)
    install_release(release, tell)
    if recording.release != release:
        tell(f"recorded on nautilus {recording.release}, played on {release}")
    services = Services.start(release)
    try:
        run, stalled = play_in_time(steps_script(recording.steps), setup, services, reports)
    except NotApplicable as reason:
        say(f"NOT APPLICABLE {reason}")
        return ExitCode.NOTHING_PLAYED
    finally:
        services.stop()
    if stalled:
        tell("played again, slower: the machine stalled")
    ending = Ending.of(run.verdict, run.release, setup, ExpectedFailure.of(setup))
    for line in _lines(run.verdict, run.facts, ending):
        say(line)
    verdict = read_verdict(directory)
    if verdict is not None:
        was = ending_words(verdict, _recorded(verdict, recording).references)
        if was != ending_words(run.verdict, ending.references):
            say(f"DIFFERS from the recorded run, which ended {was}")
    return EXIT_CODES[ending.outcome]


def recorded_lines(directory: Path) -> list[str]:
    """Return how a recorded run ended; nothing where it was cut off before its verdict.

    Raises RecordingUnreadable.
    """
    recording = read_recording(directory)
    verdict = read_verdict(directory)
    if verdict is None:
        return []
    facts = RunFacts(
        release=recording.release,
        seed=recording.setup.seed,
        run_directory=str(directory),
        money=Money.in_verdict(verdict),
        rate=recording.setup.rate,
    )
    return _lines(verdict, facts, _recorded(verdict, recording))


def _recorded(verdict: Verdict, recording: Recording) -> Ending:
    setup = recording.setup
    return Ending.of(verdict, recording.release, setup, ExpectedFailure.of(setup))


def _lines(verdict: Verdict, facts: RunFacts, ending: Ending) -> list[str]:
    lines = failure_lines(verdict, facts, ending.references)
    if ending.gone:
        return [f"FAILED known_bug: {gone_line(facts.release, ending.gone)}", *lines[1:]]
    return lines
