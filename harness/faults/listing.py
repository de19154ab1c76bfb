"""All faults as a table."""

import msgspec
from rich.table import Table

from harness.faults import FAULTS, Fault


def fault_table() -> Table:
    """Return what every fault does, what it takes, and where it is injected, by family."""
    table = Table()
    for column in ("fault", "what it does", "takes", "injected by"):
        table.add_column(column, overflow="fold")
    family = FAULTS[0].family
    for fault in FAULTS:
        if fault.family != family:
            table.add_section()
            family = fault.family
        table.add_row(fault.__name__, _what(fault), _takes(fault), fault.injected)
    return table


def _what(fault: type[Fault]) -> str:
    return " ".join((fault.__doc__ or "").partition("\n\n")[0].split())


def _takes(fault: type[Fault]) -> str:
    return ", ".join(
        field.name
        if field.required
        else f"{field.name}={'all' if field.default is None else field.default}"
        for field in msgspec.structs.fields(fault)
    )
