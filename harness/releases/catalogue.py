"""The releases of NautilusTrader that scenarios can be played on."""

from types import MappingProxyType

import msgspec

from harness.node.driver import nautilus_version


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """A release, the driver that its nodes have, and what of it a scenario meets.

    `covered` is what a scenario must cover to be played on it; without it, every one is.
    """

    version: str
    driver: str
    brings: str
    covered: str | None = None


def _v1(minor: int, brings: str = "", covered: str | None = None) -> Release:
    return Release(version=f"1.{minor}.0", driver="v1", brings=brings, covered=covered)


_RELEASES = (
    _v1(220, "the oldest that installs: played for U25 alone, which no later one has", "U25"),
    _v1(221, "in-flight and open check; no position check, no conditional orders"),
    _v1(222, "position check; conditional orders by Binance's algo service; allow_overfills"),
    _v1(223, "user stream by base_url_ws_stream; orders by the WebSocket API (Ed25519 keys)"),
    _v1(224, "position_check_retries"),
    _v1(225),
    _v1(226, "reconciles after each reconnect of the user stream; the same synthetic ids again"),
    _v1(227),
    _v1(228, "pending orders are not closed by force"),
    _v1(229),
    _v1(230),
    _v1(231, "transport_backend; the last of the major version"),
    Release(
        version="2.0.0rc6",
        driver="v2",
        brings="LiveNode, in Rust; one netted position a strategy; startup asks open orders alone",
    ),
)
RELEASES = MappingProxyType({release.version: release for release in _RELEASES})


class UnknownRelease(ValueError):
    """A release that is not supported; the message says which are."""


def installed_release() -> str:
    """Return the release beside the harness. Raises PackageNotFoundError where there is none."""
    return nautilus_version()


def is_played_for(release: str, covers: str) -> bool:
    """Return whether scenarios that cover this are played on a release."""
    known = RELEASES.get(release)
    return known is None or known.covered in (None, covers)


def read_release(text: str) -> str:
    """Return the release that is named. Raises UnknownRelease."""
    release = text.strip()
    if release not in RELEASES:
        raise UnknownRelease(
            f"the release of NautilusTrader was {release!r}: must be one of {', '.join(RELEASES)}"
        )
    return release


def read_releases(text: str) -> tuple[str, ...]:
    """Return the releases that are listed, with commas, each once. Raises UnknownRelease."""
    return tuple(dict.fromkeys(map(read_release, text.split(","))))
