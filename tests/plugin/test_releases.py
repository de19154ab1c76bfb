"""Sessions on releases other than the one installed, and on several."""

import pytest
from platformdirs import user_cache_path

from harness.node.driver import nautilus_version
from harness.releases.catalogue import RELEASES
from harness.world.services import Services
from tests.plugin.projects import HEAD, Project, assert_refused, said

OLDER = "1.222.0"
# 1.222.0 has no such field.
ONLY_NEWER = (
    HEAD
    + """
import pytest

@pytest.mark.parametrize("side", ["buy", "sell"])
@scenario(covers="FR-001", exec_engine=QUICKEST)
async def test_trade(world, side):
    await world.node.start()
    new = buy if side == "buy" else sell
    order = await world.node.submit(new("BTCUSDT-PERP", "0.010"))
    await order.filled()
    await world.converged()

@scenario(covers="FR-003", exec_engine=QUICKEST | {"position_check_retries": 1})
async def test_newer(world):
    await world.node.start()
"""
)


@pytest.fixture(scope="session")
def cache() -> str:
    """The user's cache: a test's own HOME has none."""
    return str(user_cache_path())


def test_several_releases_are_played_on_in_one_session_and_stand_side_by_side(
    project: Project, servers: Services, cache: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", cache)
    newer = nautilus_version()
    project.write(head=ONLY_NEWER.replace("buy, known_bug", "buy, known_bug, sell"))
    result = project.run_here("-v", f"--nautilus={OLDER},{newer}")
    assert result.ret == 0, said(result)
    result.stdout.fnmatch_lines(
        [
            f"*::test_trade[[]{OLDER}-buy[]] PASS *",
            f"*::test_newer[[]{OLDER}[]] NOT APPLICABLE *",
            f"*::test_trade[[]{newer}-sell[]] PASS *",
            f"*::test_newer[[]{newer}[]] PASS *",
        ]
    )
    result.stdout.fnmatch_lines(
        [
            f"*  {OLDER}  {newer}",
            "test_newer  N.A.     PASS",
            "2 scenarios end the same on all 2 releases",
        ]
    )
    summary = project.summary()
    assert summary.environment.nautilus_trader == f"{OLDER}, {newer}"
    assert {(run.name, run.release, run.outcome) for run in summary.scenarios} == {
        ("test_trade[buy]", OLDER, "pass"),
        ("test_trade[sell]", OLDER, "pass"),
        ("test_newer", OLDER, "not_applicable"),
        ("test_trade[buy]", newer, "pass"),
        ("test_trade[sell]", newer, "pass"),
        ("test_newer", newer, "pass"),
    }


def test_the_release_can_be_told_in_the_ini_file(project: Project) -> None:
    with (project.root / "pytest.ini").open("a") as ini:
        ini.write("chaos_nautilus = 1.219.0\n")
    result = project.run_here()
    assert result.ret == 4
    assert "the release of NautilusTrader was '1.219.0'" in said(result)


def test_a_release_that_is_not_supported_is_refused(project: Project) -> None:
    result = project.run_here("--nautilus=1.219.0")
    supported = ", ".join(RELEASES)
    assert_refused(
        result,
        f"--nautilus: the release of NautilusTrader was '1.219.0': must be one of {supported}",
    )


def test_a_release_that_cannot_be_installed_ends_the_session_before_anything_is_played(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write(ONLY_NEWER)
    blocked = project.root / "blocked"
    blocked.touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    result = project.run_here(f"--nautilus={OLDER}")
    assert result.ret == 4
    assert f"nautilus {OLDER} cannot be put in {blocked}" in said(result)
    assert not project.run_directories
