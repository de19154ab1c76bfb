"""Reports for a terminal, as renderables of `rich`: they are returned, never printed."""

from collections.abc import Sequence

from rich import box
from rich.table import Table
from rich.text import Text

from harness.history.event import Event
from harness.report.story import Column, Row, tell

_STYLES: dict[Column, str] = {
    "fault": "red",
    "wire": "cyan",
    "node": "yellow",
    "ledger": "green",
}
_RATIOS: dict[Column, int] = {"fault": 3, "wire": 3, "node": 4, "ledger": 3}


def story_table(events: Sequence[Event]) -> Table:
    """Return the story of a history as one table, readable from 100 columns up."""
    table = Table(
        title=_title(events),
        title_justify="left",
        caption=None if _finished(events) else "The history ends here: the run was cut off.",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
        pad_edge=False,
        expand=True,
    )
    table.add_column("s", justify="right", no_wrap=True)
    for column, style in _STYLES.items():
        table.add_column(column, header_style=style, ratio=_RATIOS[column], overflow="fold")
    for row in tell(events):
        table.add_row(f"{row.seconds:.3f}", *_cells(row))
    return table


def _title(events: Sequence[Event]) -> Text:
    for event in events:
        if event.kind == "scenario_started":
            data = event.data
            said = f"{data['name']}, nautilus {data['release']}, seed {data['seed']}"
            if data.get("node") is not None:
                said += f"\nnode {data['node']}; rewritten: {', '.join(data['rewritten'])}"
            return Text(said)
    return Text("a run without a scenario")


def _finished(events: Sequence[Event]) -> bool:
    return any(event.kind == "scenario_finished" for event in events)


def _cells(row: Row) -> list[Text]:
    return [
        Text(getattr(row, column), style="dim" if row.quiet else style)
        for column, style in _STYLES.items()
    ]
