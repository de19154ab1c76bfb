"""What a type hint leaves to choose from, and how that is told."""

from difflib import get_close_matches
from types import NoneType
from typing import Any, Literal, get_args, get_origin

TOLD_MAX = 32


def choices_of(hint: Any) -> tuple[Any, ...]:
    """The values of a Literal, or of one or None; none of other hints."""
    if get_origin(hint) is Literal:
        return get_args(hint)
    found = tuple(one for part in get_args(hint) for one in choices_of(part))
    return (*found, None) if found and NoneType in get_args(hint) else found


def told(choices: tuple[Any, ...], value: Any) -> str:
    """What a value may be, of many what is most like it, and what it was."""
    named = ["null" if one is None else str(one) for one in choices]
    if len(named) <= TOLD_MAX:
        return f"one of {', '.join(named)}, was {value!r}"
    alike = get_close_matches(str(value), named, n=3, cutoff=0)
    return f"one of this venue's, was {value!r}; the nearest are {', '.join(alike)}"
