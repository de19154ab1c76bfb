"""Reports for a terminal, as renderables of `rich`: they are returned, never printed."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from rich import box
from rich.console import Group, RenderableType
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
_CUT_OFF = "The history ends here: the run was cut off."
_TABLE_COLUMNS_MIN = 100
_TEXT_COLUMNS_MIN = 20
_RATIOS: dict[Column, int] = {"fault": 3, "wire": 3, "node": 4, "ledger": 3}


def story(events: Sequence[Event], width: int | None) -> RenderableType:
    """Return the story of a history: a table, or where that would be too narrow, a list.

    `width` is the terminal's; without one it is a list whose lines are not broken.
    """
    if width is not None and width >= _TABLE_COLUMNS_MIN:
        return story_table(events)
    return Group(*story_list(events, width))


def story_list(events: Sequence[Event], width: int | None) -> Iterator[Text]:
    """Yield the story as lines: the second, what it tells of, and what."""
    yield Text.assemble(_title(events), "\n", no_wrap=True, overflow="ignore")
    for row in tell(events):
        for column, style in _STYLES.items():
            if said := getattr(row, column):
                head = f"{row.seconds:9.3f}  {column:<6}  "
                text = f"\n{' ' * len(head)}".join(_broken(said, width, len(head)))
                line = Text(no_wrap=True, overflow="ignore", style="dim" if row.quiet else "")
                yield line.append(head, style).append(text)
    if not _finished(events):
        yield Text(_CUT_OFF)


def story_table(events: Sequence[Event]) -> Table:
    """Return the story as one table, readable from 100 columns up."""
    table = Table(
        title=_title(events),
        title_justify="left",
        caption=None if _finished(events) else _CUT_OFF,
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


def _broken(said: str, width: int | None, indent: int) -> list[str]:
    if width is None:
        return [said]
    return wrap(said, max(width - indent, _TEXT_COLUMNS_MIN), break_on_hyphens=False)


def _title(events: Sequence[Event]) -> Text:
    for event in events:
        if event.kind == "scenario_started":
            data = event.data
            said = f"{data['name']}, nautilus {data['release']}, seed {data['seed']}"
            if (rate := data.get("rate", 1.0)) != 1.0:
                said += f", rate x{rate:g}"
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
