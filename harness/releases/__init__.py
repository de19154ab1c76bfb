"""NautilusTrader's releases: which are supported, and where each is installed."""

from harness.releases.catalogue import (
    UnknownRelease,
    installed_release,
    is_played_for,
    read_release,
    read_releases,
)
from harness.releases.environments import ReleaseMissing, environment_of, install_release

__all__ = [
    "ReleaseMissing",
    "UnknownRelease",
    "environment_of",
    "install_release",
    "installed_release",
    "is_played_for",
    "read_release",
    "read_releases",
]
