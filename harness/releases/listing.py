"""The table of releases, for a terminal."""

from rich import box
from rich.table import Table

from harness.releases.catalogue import RELEASES
from harness.releases.environments import is_beside_the_harness, is_installed


def releases_table() -> Table:
    """Return the releases with where each is, its driver, and what of it a scenario meets."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("nautilus", no_wrap=True)
    table.add_column("driver", no_wrap=True)
    table.add_column("installed", no_wrap=True)
    table.add_column("brings")
    for release in RELEASES.values():
        table.add_row(release.version, release.driver, _where(release.version), release.brings)
    return table


def _where(version: str) -> str:
    if is_beside_the_harness(version):
        return "beside this harness"
    return "in the cache" if is_installed(version) else "at first use"
