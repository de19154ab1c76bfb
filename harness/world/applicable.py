"""What a release of NautilusTrader cannot play."""

from collections.abc import Iterable

from harness.node.capabilities import lacking
from harness.world.zygote import Zygote


class NotApplicable(Exception):
    """A scenario asks for what the release does not have; the message says what that is."""


def require_applicable(zygote: Zygote, needs: Iterable[str]) -> None:
    """Raise NotApplicable unless the zygote's release has all the capabilities."""
    missing = lacking(zygote.capabilities, needs)
    if missing is not None:
        raise NotApplicable(f"nautilus {zygote.release} has {missing}")
