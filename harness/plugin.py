"""The pytest plugin: plays scenarios, reports them as they end, and writes the session's summary.

Importing it is cheap: what plays a scenario is imported when the first one is played.
"""

import importlib.metadata
import os
import re
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.clock import RATE_MAX, RATE_MIN
from harness.exit_codes import ExitCode
from harness.node.lifeline import die_with_parent
from harness.scenario.marks import KNOWN_BUG_ATTRIBUTE, MARK, Hand

if TYPE_CHECKING:
    from harness.report.summary import ScenarioSummary
    from harness.scenario.stage import Stage
    from harness.world.services import Services

_RELEASE = "chaos_release"
_SUMMARY = "nautilus_chaos_summary"
# What the session is to say of a scenario whose worker crashes in it.
_IF_CRASHED = "nautilus_chaos_if_crashed"
_ENVIRONMENT = "nautilus_chaos_environment"
_REFUSED = "nautilus_chaos_refused"
_BROKEN_FILE = "is not a scenario file"
# Where an import went wrong, as Python and pytest tell it.
_PLACE = re.compile(r"^(?:E +File \")?(\S+\.py)(?:\", line |:)(\d+)", re.MULTILINE)
_CONTROLLER = "nautilus_chaos_controller"
_OPTIONS = {
    "seed": ("1", "what scenarios draw from; the same seed, the same scenarios"),
    "rate": ("10", "how fast the clock of scenarios goes that name no rate"),
    "reports": ("reports", "where run directories and the summary go"),
    "nautilus": ("", "the releases to play on, with commas, instead of the one installed"),
    "node": ("", "the function that builds your own node, as my_package.my_node:build"),
}
_ALIASES = {"nautilus": ("--nautilus",), "node": ("--node",)}
_SERVICES = pytest.StashKey["list[Services]"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options `--chaos-...`, each with an ini mirror `chaos_...`."""
    group = parser.getgroup("nautilus-chaos")
    for name, (default, text) in _OPTIONS.items():
        group.addoption(
            f"--chaos-{name}",
            *_ALIASES.get(name, ()),
            dest=f"chaos_{name}",
            help=f"{text} (default: {default})" if default else text,
        )
        parser.addini(f"chaos_{name}", help=text, default=default)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and check the options."""
    config.addinivalue_line("markers", f"{MARK}(covers, ...): a scenario; use @scenario")
    seed = _option(config, "seed")
    if not seed.isdecimal():
        raise pytest.UsageError(f"--chaos-seed was {seed!r}: must be a whole number from 0")
    rate = _option(config, "rate")
    if not re.fullmatch(r"\d+(\.\d+)?", rate) or not RATE_MIN <= float(rate) <= RATE_MAX:
        raise pytest.UsageError(
            f"--chaos-rate was {rate!r}: must be a number from {RATE_MIN:g} to {RATE_MAX:g}"
        )
    _releases(config)
    if node := _option(config, "node"):
        from harness.node.own_node import check_build_path

        try:
            check_build_path(node)
        except ValueError as error:
            raise pytest.UsageError(str(error)) from None
    if hasattr(config, "workerinput"):
        die_with_parent(config.workerinput[_CONTROLLER])
    else:
        config.pluginmanager.register(_Session(config), "nautilus-chaos-session")


def pytest_report_header(config: pytest.Config) -> str:
    """Say what scenarios are played with."""
    from harness.setup.versions import versions

    told = [f"{name} {version}" for name, version in versions(_releases(config)).items()]
    told += [f"seed {_option(config, 'seed')}"]
    if node := _option(config, "node"):
        told += [f"node {node}"]
    return ", ".join(told)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker whose it is."""
    node.workerinput[_CONTROLLER] = os.getpid()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Have each scenario played on each of several releases, one release after another."""
    releases = _releases(metafunc.config)
    if len(releases) > 1 and _RELEASE in metafunc.fixturenames:
        metafunc.parametrize(_RELEASE, releases, scope="session")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark scenarios with a known bug of the release they are played on as expected to find it."""
    scenarios = [item for item in items if item.get_closest_marker(MARK)]
    if not scenarios:
        return
    from harness.scenario.stage import KnownBugSeen

    installed = _installed_release()
    for item in scenarios:
        expected = getattr(getattr(item, "obj", None), KNOWN_BUG_ATTRIBUTE, None)
        release = _release_of(item) or installed
        if expected is None or release is None:
            continue
        if bugs := expected.bugs_of(release):
            reason = "; ".join(f"{bug.id}: {bug.title}" for bug in bugs)
            strict = _node_of(item) is None and bool(expected.certain_of(release))
            item.add_marker(pytest.mark.xfail(strict=strict, raises=KnownBugSeen, reason=reason))


@pytest.fixture(scope="session")
def chaos_release(request: pytest.FixtureRequest) -> str | None:
    """The release to play on; None for the one installed beside the harness."""
    return next(iter(_releases(request.config)), None)


@pytest.fixture(scope="session")
def chaos_services(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The servers of this worker, started by the first scenario that needs them."""
    started: list[Services] = []
    request.config.stash[_SERVICES] = started

    def services(release: str | None) -> "Services":
        if not started:
            from harness.world.services import Services

            started.append(Services.start(release))
        started[0].play_on(release)
        return started[0]

    yield services
    for server in started:
        server.stop()


@pytest.fixture
def world(
    request: pytest.FixtureRequest, chaos_services: Any, chaos_release: str | None
) -> "Stage":
    """The world of a scenario, not yet started; `@scenario` plays the test function on it."""
    from harness.scenario.stage import Stage
    from harness.world.setup import Setup

    item = request.node
    mark = item.get_closest_marker(MARK)
    if mark is None:
        raise _NoScenario(f"{item.nodeid} uses the fixture `world` without @scenario")

    def report(summary: "ScenarioSummary") -> None:
        import msgspec

        item.user_properties.append((_SUMMARY, msgspec.to_builtins(summary)))

    return Stage(
        Setup(
            name=_scenario_name(item),
            seed=int(_option(item.config, "seed")),
            **{"rate": float(_option(item.config, "rate")), "node": _node_of(item)} | mark.kwargs,
        ),
        lambda: chaos_services(chaos_release),
        Path(_option(item.config, "reports")),
        item.nodeid,
        getattr(item.obj, KNOWN_BUG_ATTRIBUTE, None),
        report,
    )


@pytest.fixture
def node(world: "Stage") -> Hand:
    """The node of a scenario's world, for `@scenario` to hand over: `world.node`."""
    return Hand(world, "node")


@pytest.fixture
def venue(world: "Stage") -> Hand:
    """The venue of a scenario's world, for `@scenario` to hand over: `world.venue`."""
    return Hand(world, "venue")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show a verdict as it is printed, and a world that cannot be played in one line."""
    report = yield
    if call.excinfo is not None and isinstance(call.excinfo.value, _NoScenario):
        _refuse(item, report, call.excinfo.value)
    if report.passed and call.when == "setup" and (told := _if_crashed(item)) is not None:
        report.user_properties.append((_IF_CRASHED, told))
    if not item.get_closest_marker(MARK) or call.when != "call":
        return report
    if started := item.config.stash.get(_SERVICES, []):
        report.user_properties.append((_ENVIRONMENT, started[0].versions))
    if call.excinfo is None:
        if report.passed and not any(key == _SUMMARY for key, _ in report.user_properties):
            report.outcome = "failed"
            report.longrepr = "the scenario played nothing"
        return report
    from harness.scenario.stage import CANNOT_PLAY, VERDICTS

    error = call.excinfo.value
    if isinstance(error, CANNOT_PLAY):
        _refuse(item, report, error)
    elif isinstance(error, VERDICTS) and report.failed:
        report.longrepr = str(error)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """Say in one line what is wrong with a scenario file that cannot be read."""
    report = yield
    if report.failed and _is_scenario_file(collector.path):
        text = str(report.longrepr)
        lines = [line for line in text.splitlines() if line.strip()]
        reason = lines[-1].removeprefix("E").strip() if lines else "it cannot be read"
        places = [place for place in _PLACE.findall(text) if not _is_ours(Path(place[0]))]
        if places:
            file, line = places[-1]
            reason = f"{Path(file).name}, line {line}: {reason}"
        report.longrepr = f"{collector.path.name} {_BROKEN_FILE}: {reason}"
        report.sections = []
    return report


def _is_ours(path: Path) -> bool:
    """Return whether a file is the harness's, in which the user has nothing to mend."""
    return path.resolve().is_relative_to(Path(__file__).parent)


def _is_scenario_file(path: Path) -> bool:
    try:
        return "harness.scenario" in path.read_text(errors="replace")
    except OSError:
        return False


def _node_of(item: pytest.Item) -> str | None:
    """Return the function that builds the user's own node, where one is played on."""
    mark = item.get_closest_marker(MARK)
    named = mark.kwargs.get("node") if mark is not None else None
    return named or _option(item.config, "node") or None


def _if_crashed(item: pytest.Item) -> Any:
    """Return what is to be said of a scenario that a worker is about to play, should it crash."""
    stage = getattr(item, "funcargs", {}).get("world")
    if not hasattr(item.config, "workerinput") or not item.get_closest_marker(MARK):
        return None
    release = _release_of(item) or _installed_release()
    if stage is None or release is None:
        return None
    import msgspec

    return msgspec.to_builtins(stage.crashed(release))


def _option(config: pytest.Config, name: str) -> str:
    given = config.getoption(f"chaos_{name}")
    return str(config.getini(f"chaos_{name}") if given is None else given)


def _releases(config: pytest.Config) -> tuple[str, ...]:
    """Return the releases that were asked for; none where it is the one installed."""
    asked = _option(config, "nautilus")
    if not asked:
        return ()
    from harness.releases import UnknownRelease, read_releases

    try:
        return read_releases(asked)
    except UnknownRelease as error:
        raise pytest.UsageError(f"--nautilus: {error}") from None


def _installed_release() -> str | None:
    """Return the release beside the harness; without it the first scenario played will say so."""
    from harness.releases import installed_release

    try:
        return installed_release()
    except importlib.metadata.PackageNotFoundError:
        return None


def _release_of(item: pytest.Item) -> str | None:
    """Return the release that the item is played on; None for the one installed."""
    callspec = getattr(item, "callspec", None)
    several = None if callspec is None else callspec.params.get(_RELEASE)
    return several or next(iter(_releases(item.config)), None)


def _scenario_name(item: pytest.Item) -> str:
    """Return the item's name without the release in it."""
    name, _, parameters = item.name.removesuffix("]").partition("[")
    others = re.sub(rf"(^|-){re.escape(_release_of(item) or '')}(?=-|$)", "", parameters, count=1)
    return f"{name}[{others.removeprefix('-')}]" if others else name


def _refuse(item: pytest.Item, report: pytest.TestReport, error: BaseException) -> None:
    """Show what cannot be played in one line, and play no more."""
    report.longrepr = str(error)
    report.user_properties.append((_REFUSED, str(error)))
    item.session.shouldstop = "it cannot be played"


class _NoScenario(Exception):
    """A test that asks for a world and is no scenario."""


class _Session:
    """The session as a whole, in the process that prints."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._since_ns = time.time_ns()
        self._begun: dict[str, tuple[Any, float]] = {}
        self._summaries: list[ScenarioSummary] = []
        self._environment: dict[str, str] = {}
        self._refused: dict[str, None] = {}
        self._broken_file = False
        self._other_failure = False
        self._passed = False
        self._summary_path: Path | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Install the releases that are asked for, before there are workers to wait for them."""
        if self._config.option.collectonly or not _releases(self._config):
            return
        from harness.releases import ReleaseMissing, install_release

        try:
            for release in _releases(self._config):
                install_release(release, self._say)
        except ReleaseMissing as error:
            pytest.exit(str(error), returncode=ExitCode.USAGE)

    def _say(self, line: str) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if reporter is not None:
            reporter.write_line(line)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a scenario file that cannot be read."""
        if report.failed and _BROKEN_FILE in str(report.longrepr):
            self._broken_file = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note how a test ended."""
        properties = dict(report.user_properties)
        refused = properties.get(_REFUSED)
        if refused is not None:
            self._refused[str(refused)] = None
        if report.when == "setup" and _IF_CRASHED in properties:
            self._begun[report.nodeid] = properties[_IF_CRASHED], time.monotonic()
        if report.when != "call":
            self._other_failure |= report.failed and refused is None
            return
        self._begun.pop(report.nodeid, None)
        self._passed |= report.passed
        summaries = _summaries(report)
        self._summaries += summaries
        if isinstance(versions := properties.get(_ENVIRONMENT), dict):
            self._environment = versions
        judged = any(run.outcome in ("fail", "unknown") for run in summaries)
        self._other_failure |= report.failed and not judged and refused is None

    @pytest.hookimpl(optionalhook=True)
    def pytest_handlecrashitem(self, crashitem: str, report: pytest.TestReport) -> None:
        """Have a scenario whose worker crashed end as unknown, with what it left behind."""
        begun = self._begun.get(crashitem)
        if begun is None:
            return
        import msgspec

        from harness.report.summary import from_builtins
        from harness.scenario.recording import unfinished_run

        told, since = begun
        run = from_builtins(told)
        reports = Path(_option(self._config, "reports"))
        left = unfinished_run(reports, run.name, run.seed, run.release, self._since_ns)
        run = msgspec.structs.replace(
            run,
            seconds=round(time.monotonic() - since, 3),
            run_directory="" if left is None else str(left),
        )
        report.when = "call"
        report.longrepr = f"UNKNOWN {run.evidence[0]}"
        report.user_properties.append((_SUMMARY, msgspec.to_builtins(run)))

    def pytest_report_teststatus(self, report: Any) -> Any:
        """Say PASS, FAIL, UNKNOWN, FINDING or NOT APPLICABLE, and how long it took."""
        summaries = _summaries(report)
        if not summaries:
            return None
        outcomes = {run.outcome for run in summaries}
        seconds = f"{sum(run.seconds for run in summaries):.1f} s"
        if report.skipped and "not_applicable" in outcomes:
            return "not applicable", "n", ("NOT APPLICABLE", {"yellow": True})
        if report.failed and "unknown" in outcomes and "fail" not in outcomes:
            return "unknown", "?", (f"UNKNOWN {seconds}", {"yellow": True})
        if report.failed:
            return "failed", "F", (f"FAIL {seconds}", {"red": True})
        if "finding" in outcomes:
            bugs = sorted({bug.id for run in summaries for bug in run.known_bugs})
            word = f"FINDING {'+'.join(bugs)} {seconds}"
            return "finding", "b", (word, {"cyan": True})
        return "passed", ".", (f"PASS {seconds}", {"green": True})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the summary and choose the exit code."""
        if self._summaries:
            from harness.reports import write_summary

            reports = Path(_option(self._config, "reports"))
            try:
                self._summary_path = write_summary(reports, self._summaries, self._environment)
            except OSError as error:
                self._refused[f"{reports} cannot be written: {error.strerror}"] = None
        outcomes = {run.outcome for run in self._summaries}
        if self._refused or self._broken_file:
            session.exitstatus = ExitCode.USAGE
        elif (
            session.exitstatus == pytest.ExitCode.TESTS_FAILED
            and not self._other_failure
            and "unknown" in outcomes
            and "fail" not in outcomes
        ):
            session.exitstatus = ExitCode.UNKNOWN
        elif (
            session.exitstatus == pytest.ExitCode.OK
            and outcomes == {"not_applicable"}
            and not self._passed
        ):
            session.exitstatus = ExitCode.NOTHING_PLAYED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Print what was found and where it is."""
        for line in self._refused:
            terminalreporter.write_line(f"cannot play: {line}", red=True)
        if not self._summaries:
            return
        from harness.report.session import session_lines

        terminalreporter.section("nautilus-chaos")
        from harness.world.services import MACHINE_CLOCK

        if (clock := self._environment.get("clock", "")).startswith(MACHINE_CLOCK):
            terminalreporter.write_line(f"played in real time, the clock is {clock}")
        for line in session_lines(self._summaries):
            terminalreporter.write_line(line)
        if len({run.release for run in self._summaries}) > 1:
            from harness.report.releases import compare_releases

            width = self._config.get_terminal_writer().fullwidth
            for line in compare_releases(self._summaries, width):
                terminalreporter.write_line(line)
        if self._summary_path is not None:
            terminalreporter.write_line(f"summary: {self._summary_path}")


def _summaries(report: Any) -> "list[ScenarioSummary]":
    if not isinstance(report, pytest.TestReport) or report.when != "call":
        return []
    values = [value for key, value in report.user_properties if key == _SUMMARY]
    if not values:
        return []
    from harness.report.summary import from_builtins

    return [from_builtins(value) for value in values]
