"""All faults as a listing."""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import get_args

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from harness.faults import FAULTS, Fault
from harness.world.links import LINKS, Direction

_INDENT = 4


def fault_listing() -> Group:
    """Return what every fault takes and does, by family and by what injects it."""
    how = (
        "from harness.faults import LinkDown\n"
        'async with world.broken(LinkDown(links=("rest",))): ...\n\n'
        f"links: some of {', '.join(LINKS)}; direction: {' or '.join(get_args(Direction))}"
    )
    return Group(Text(how), *(part for family in _families() for part in family))


def _families() -> Iterator[list[RenderableType]]:
    for (family, injected), faults in groupby(FAULTS, lambda fault: (fault.family, fault.injected)):
        heading = Text(f"\n{family}, by {injected}", style="bold")
        yield [heading, *_entries(faults)]


def _entries(faults: Iterable[type[Fault]]) -> Iterator[RenderableType]:
    for fault in faults:
        yield Text.assemble((fault.__name__, "cyan"), f"({_takes(fault)})")
        yield Padding(Text(_what(fault)), (0, 0, 0, _INDENT))


def _what(fault: type[Fault]) -> str:
    return " ".join((fault.__doc__ or "").partition("\n\n")[0].split())


def _takes(fault: type[Fault]) -> str:
    fields = sorted(msgspec.structs.fields(fault), key=lambda field: not field.required)
    return ", ".join(
        field.name
        if field.required
        else f"{field.name}={'all' if field.default is None else field.default}"
        for field in fields
    )
