"""The names by which the decorators and the plugin know each other."""

from typing import Any, Literal, NamedTuple

MARK = "scenario"
KNOWN_BUG_ATTRIBUTE = "__known_bug__"


class Hand(NamedTuple):
    """A hand of a scenario's world, before there is one; `stage` is where it is played."""

    stage: Any
    name: Literal["node", "venue"]
