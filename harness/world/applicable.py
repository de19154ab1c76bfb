"""What a node cannot play: a release of NautilusTrader, or a user's own node."""

from collections.abc import Iterable

from harness.node.capabilities import each, lacking
from harness.node.spec import Description
from harness.world.setup import Setup, configured_checks
from harness.world.zygote import Zygote


class NotApplicable(Exception):
    """A scenario asks for what the node does not have; the message says what that is."""


def require_applicable(zygote: Zygote, needs: Iterable[str]) -> None:
    """Raise NotApplicable unless the zygote's release has all the capabilities."""
    missing = lacking(zygote.capabilities, needs)
    if missing is not None:
        raise NotApplicable(f"nautilus {zygote.release} has {missing}")


def require_as_it_is(setup: Setup) -> None:
    """Raise NotApplicable where a scenario is about settings, and a user's node has its own."""
    if setup.node is not None and (fields := setup.set_of_the_node()):
        raise NotApplicable(
            f"the node {setup.node} is played as it is, the scenario sets {', '.join(fields)}"
        )


def require_of_own_node(build: str, node: Description, needs: Iterable[str]) -> None:
    """Raise NotApplicable unless a user's node meets all the needs: it trades by itself alone."""
    has = each("check", configured_checks(node.exec_engine))
    asked = {need for need in needs if not need.startswith("order:")}
    missing = lacking(has | each("instrument", node.instrument_ids), asked)
    if missing is not None:
        raise NotApplicable(f"the node {build} has {missing}")
