"""Reports for a terminal, as renderables of `rich`: they are returned, never printed."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from harness.history.event import Event
from harness.report.story import Row, tell

_STYLES = {"fault": "red", "wire": "cyan", "node": "yellow", "ledger": "green"}


def story_table(events: Sequence[Event]) -> Table:
    """Return the story of a history as one table, readable from 100 columns up."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, expand=True)
    table.add_column("s", justify="right", no_wrap=True)
    for column, style in _STYLES.items():
        table.add_column(column, header_style=style, ratio=1, overflow="fold")
    for row in tell(events):
        table.add_row(f"{row.seconds:.3f}", *_cells(row))
    return table


def _cells(row: Row) -> list[Text]:
    texts = {"fault": row.fault, "wire": row.wire, "node": row.node, "ledger": row.ledger}
    return [
        Text(text, style="dim" if row.quiet else _STYLES[column]) for column, text in texts.items()
    ]
