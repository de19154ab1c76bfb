import pytest
from rich.console import Console

from harness.releases import UnknownRelease, installed_release, read_release, read_releases
from harness.releases.catalogue import RELEASES, is_played_for
from harness.releases.listing import releases_table


def test_releases_are_listed_with_commas_each_once() -> None:
    assert read_releases("1.222.0, 1.231.0,1.222.0") == ("1.222.0", "1.231.0")


@pytest.mark.parametrize("text", ["1.219.0", "1.222", "latest", "", "1.222.0,"])
def test_a_release_that_is_not_supported_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(UnknownRelease) as refused:
        read_releases(text)
    assert str(refused.value).startswith("the release of NautilusTrader was ")
    assert "must be one of 1.220.0, 1.221.0, " in str(refused.value)


def test_one_release_is_no_list() -> None:
    assert read_release("1.222.0") == "1.222.0"
    with pytest.raises(UnknownRelease, match=r"was '1\.222\.0,1\.231\.0': must be one of"):
        read_release("1.222.0,1.231.0")


def test_the_oldest_release_is_played_for_one_bug_alone() -> None:
    assert is_played_for("1.220.0", "U25")
    assert not is_played_for("1.220.0", "K01")
    assert is_played_for("1.221.0", "K01")
    assert is_played_for("1.211.0", "K01"), "it is beside the harness, by the user's will"


def test_the_table_tells_where_each_release_is() -> None:
    console = Console(width=100, color_system=None)
    with console.capture() as told:
        console.print(releases_table())
    lines = told.get().splitlines()
    for release in RELEASES:
        assert any(line.strip().startswith(release) for line in lines)
    (installed,) = [line for line in lines if line.strip().startswith(installed_release())]
    assert "beside this harness" in installed
