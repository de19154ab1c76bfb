"""A history as a story: rows in the order of time, told in four columns.

- **fault**: what the scenario and the harness did, and what misbehaved;
- **wire**: what node and venue said to each other;
- **node**: what the node did and believed;
- **ledger**: what was true at the venue.

What says nothing new (periodic checks, reads, keep-alives, a warning that was given before) is
*quiet*: between two rows that say something it is one row with counts, "openOrders x12". Of what
comes in bulk, as when a history is generated, the first few rows stand for all. What happened in
different columns within one millisecond shares a row.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Literal

import msgspec

from harness.checkers.ledger import plus
from harness.checkers.node_view import SECOND_NS
from harness.history.event import Event

Column = Literal["fault", "wire", "node", "ledger"]

COLUMNS: tuple[Column, ...] = ("fault", "wire", "node", "ledger")
BULK_ROWS_MAX = 6
BULK_ROWS_SHOWN = 2
QUIET_NAMES_MAX = 4
TEXT_CHARACTERS_MAX = 160
REPEAT_CHARACTERS = 20


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One row; `seconds` since the first event. `quiet` rows are folded."""

    seconds: float
    fault: str = ""
    wire: str = ""
    node: str = ""
    ledger: str = ""
    quiet: bool = False


class _Cell(msgspec.Struct, frozen=True):
    """What one event says.

    Quiet ones are counted by their text. `bulk` names what is alike in bulk. Of cells with the same
    `repeat`, all but the first are quiet.
    """

    column: Column
    text: str
    quiet: bool = False
    bulk: str = ""
    repeat: str = ""


def tell(events: Sequence[Event]) -> list[Row]:
    """Return the story of `events`, in the order of time."""
    ordered = sorted(events, key=lambda event: (event.ts, event.seq))
    if not ordered:
        return []
    start_ns = ordered[0].ts
    told = [
        ((event.ts - start_ns) / SECOND_NS, cell) for event in ordered if (cell := _cell(event))
    ]
    return list(_share_rows(_fold_quiet(_quieten_repeats(_fold_bulk(told)))))


def _fold_bulk(told: Iterable[tuple[float, _Cell]]) -> Iterator[tuple[float, _Cell]]:
    bulk: list[tuple[float, _Cell]] = []
    for entry in told:
        if bulk and entry[1].bulk != bulk[0][1].bulk:
            yield from _shorten(bulk)
            bulk = []
        if entry[1].bulk:
            bulk.append(entry)
        else:
            yield entry
    yield from _shorten(bulk)


def _shorten(bulk: list[tuple[float, _Cell]]) -> Iterator[tuple[float, _Cell]]:
    if len(bulk) <= BULK_ROWS_MAX:
        yield from bulk
        return
    yield from bulk[:BULK_ROWS_SHOWN]
    seconds, last = bulk[-1]
    text = f"... and {len(bulk) - BULK_ROWS_SHOWN} more of {last.bulk}"
    yield seconds, _Cell(last.column, text)


def _quieten_repeats(told: Iterable[tuple[float, _Cell]]) -> Iterator[tuple[float, _Cell]]:
    seen: set[str] = set()
    for seconds, cell in told:
        if cell.repeat in seen:
            yield seconds, _Cell(cell.column, cell.repeat, quiet=True)
            continue
        if cell.repeat:
            seen.add(cell.repeat)
        yield seconds, cell


def _share_rows(rows: Iterable[Row]) -> Iterator[Row]:
    shared: Row | None = None
    for row in rows:
        if shared is None:
            shared = row
        elif _fits(shared, row):
            said = {column: text for column in COLUMNS if (text := getattr(row, column))}
            shared = msgspec.structs.replace(shared, **said)
        else:
            yield shared
            shared = row
    if shared is not None:
        yield shared


def _fits(shared: Row, row: Row) -> bool:
    return (
        not (shared.quiet or row.quiet)
        and f"{shared.seconds:.3f}" == f"{row.seconds:.3f}"
        and not any(getattr(shared, column) and getattr(row, column) for column in COLUMNS)
    )


def _fold_quiet(told: Iterable[tuple[float, _Cell]]) -> Iterator[Row]:
    quiet: dict[Column, Counter[str]] = {}
    since = 0.0
    for seconds, cell in told:
        if cell.quiet:
            if not quiet:
                since = seconds
            quiet.setdefault(cell.column, Counter())[cell.text] += 1
            continue
        if quiet:
            yield _quiet_row(since, quiet)
            quiet = {}
        yield _row(seconds, {cell.column: cell.text})
    if quiet:
        yield _quiet_row(since, quiet)


def _quiet_row(seconds: float, quiet: dict[Column, Counter[str]]) -> Row:
    cells: dict[Column, str] = {}
    for column, counts in quiet.items():
        names = [
            name if count == 1 else f"{name} x{count}"
            for name, count in counts.most_common(QUIET_NAMES_MAX)
        ]
        rest = counts.total() - sum(count for _, count in counts.most_common(QUIET_NAMES_MAX))
        cells[column] = ", ".join([*names, f"{rest} more"] if rest else names)
    return _row(seconds, cells, quiet=True)


def _row(seconds: float, cells: dict[Column, str], *, quiet: bool = False) -> Row:
    texts = {column: _cut(text.replace(".BINANCE", "")) for column, text in cells.items()}
    return Row(
        seconds=seconds,
        fault=texts.get("fault", ""),
        wire=texts.get("wire", ""),
        node=texts.get("node", ""),
        ledger=texts.get("ledger", ""),
        quiet=quiet,
    )


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TEXT_CHARACTERS_MAX else f"{line[: TEXT_CHARACTERS_MAX - 3]}..."


def _cell(event: Event) -> _Cell | None:
    """Return what an event says in the story, if anything."""
    tells = _TELLERS.get((event.source, event.kind))
    return None if tells is None else tells(event.data)


# The harness, the links, the store

# Steps that show in another column or as another event: what they wait for, or do, is told there.
_UNTOLD_STEPS = frozenset(
    {
        "StartNode",
        "StopNode",
        "AwaitEvent",
        "AwaitFilled",
        "AwaitLog",
        "AwaitStruck",
        "Converge",
        "BeginFault",
        "EndFault",
        "Heal",
    }
)

_TOLD_BY_ITS_LINK = frozenset({"LinkDown", "Flapping"})
_UNTOLD_FIELDS = frozenset({"type", "skip", "times", "msg"})


def _step(data: dict[str, Any]) -> _Cell | None:
    if data["phase"] == "end":
        return (
            _Cell("fault", f"step {data['n']} failed: {data['error']}") if data["error"] else None
        )
    step = data["step"]
    if step["type"] in _UNTOLD_STEPS:
        return None
    return _Cell("fault", f"{step['type']} {_flat(step)}".rstrip())


def _flat(value: Any) -> str:
    """Return the values of nested data, without what is empty or 0: "O-1 S-001 BUY 0.010"."""
    if isinstance(value, dict):
        return " ".join(
            text
            for key, item in value.items()
            if key not in _UNTOLD_FIELDS
            and item != 0
            and (text := key if item is True else _flat(item))
        )
    if isinstance(value, list | tuple):
        return ",".join(_flat(item) for item in value)
    return "" if value is None or value is False else str(value)


def _converged(data: dict[str, Any]) -> _Cell:
    if data["converged"]:
        return _Cell("fault", f"converged after {data['seconds']:.2f} s")
    differences = data["differences"]
    more = f" (and {len(differences) - 1} more)" if len(differences) > 1 else ""
    return _Cell("fault", f"NOT CONVERGED: {differences[0] if differences else '?'}{more}")


def _finished(data: dict[str, Any]) -> _Cell:
    return _Cell(
        "fault", "scenario ended" if data["completed"] else f"scenario stopped: {data['error']}"
    )


def _fault_begun(data: dict[str, Any]) -> _Cell | None:
    fault = data["fault"]
    if fault["type"] in _TOLD_BY_ITS_LINK:
        return None
    values = {name: value for name, value in fault.items() if name != "type"}
    told = " ".join(f"{name}={_flat(value)}" for name, value in values.items() if _flat(value))
    return _Cell("fault", f"{fault['type']} {told}".rstrip())


def _fault_ended(data: dict[str, Any]) -> _Cell | None:
    if data["type"] in _TOLD_BY_ITS_LINK:
        return None
    return _Cell("fault", f"{data['type']} ends")


def _misbehaviour(data: dict[str, Any]) -> _Cell:
    rule = data["rule"]
    what = rule.get("path") or rule.get("event") or ""
    action = rule.get("action")
    does = action if isinstance(action, str) else _flat(action) or (action or {}).get("type", "")
    return _Cell("fault", f"venue misbehaves: {what} {does}".rstrip())


# The wire


def _http(data: dict[str, Any]) -> _Cell:
    name = data["path"].rpartition("/")[2]
    fine = data["outcome"] == "replied" and data["status"] == 200
    if fine and (data["method"] == "GET" or name == "listenKey"):
        return _Cell("wire", name, quiet=True)
    what = f"{data['method']} {name} {data['client_order_id'] or ''}".rstrip()
    if data["outcome"] != "replied":
        executed = {True: ", executed", False: ", not executed"}.get(data["executed"], "")
        return _Cell("wire", f"{what}: {data['outcome'].replace('_', ' ')}{executed}")
    reply = data["reply"]
    code = f" ({reply['code']})" if isinstance(reply, dict) and not fine and "code" in reply else ""
    text = f"{what}: {data['status']}{code}"
    return _Cell("wire", text, repeat=text if data["method"] == "GET" else "")


def _ws_api(data: dict[str, Any]) -> _Cell:
    what = f"{data['method']} {data['client_order_id'] or ''}".rstrip()
    if data["outcome"] != "replied":
        return _Cell("wire", f"{what}: {data['outcome'].replace('_', ' ')}")
    return _Cell("wire", f"{what}: {data['status']}", quiet=not data["method"].startswith("order"))


def _push(data: dict[str, Any]) -> _Cell:
    names = (data["execution"] or data["event"], data["client_order_id"], data["trade_id"])
    what = " ".join(str(name) for name in names if name)
    if data["outcome"] != "sent":
        return _Cell("wire", f"push {what}: {data['outcome'].replace('_', ' ')}")
    if data["execution"] is None:
        return _Cell("wire", data["event"], quiet=True)
    return _Cell("wire", f"push {what}")


def _connection(data: dict[str, Any]) -> _Cell:
    quiet = data["stream"] != "user"
    reason = f" ({data['reason']})" if data.get("reason") else ""
    return _Cell("wire", f"{data['stream']} stream {data['action']}{reason}", quiet=quiet)


def _listen_key(data: dict[str, Any]) -> _Cell:
    return _Cell("wire", f"listenKey {data['action']}", quiet=data["action"] != "expired")


# The node


def _reconciled(data: dict[str, Any]) -> _Cell:
    return _Cell("node", "reconciled" if data["success"] else "RECONCILIATION FAILED")


def _status(data: dict[str, Any]) -> _Cell:
    counts = {
        "differing": data["pending_discrepancies"],
        "external": data["external_orders_count"],
        "in flight": data["inflight_orders_count"],
    }
    told = [data["error"], *(f"{count} {what}" for what, count in counts.items() if count)]
    text = ", ".join(part for part in told if part)
    return _Cell("node", f"{data['state']}: {text}" if text else data["state"])


def _exited(data: dict[str, Any]) -> _Cell:
    how = f"signal {data['signal']}" if data["signal"] else f"code {data['code']}"
    return _Cell("node", f"{'exited' if data['expected'] else 'DIED'}, {how}")


def _check_finished(data: dict[str, Any]) -> _Cell:
    if data["error"]:
        return _Cell("node", f"{data['check']} check FAILED: {data['error']}")
    return _Cell("node", f"{data['check']} check", quiet=True)


def _order_event(data: dict[str, Any]) -> _Cell:
    event = data["event"]
    name = data["type"].removeprefix("Order")
    text = f"{_short(event['client_order_id'])} {name}"
    if name == "Filled":
        text += f" {event['last_qty']} @ {event['last_px']} trade {_short(event['trade_id'])}"
    elif event.get("reason"):
        text += f": {event['reason']}"
    if data["reconciling"] or event.get("reconciliation"):
        text += " (reconciliation)"
    return _Cell("node", text, bulk="the node's startup" if data["reconciling"] else "")


def _position_event(data: dict[str, Any]) -> _Cell:
    text = f"{data['position_id']} {plus(Decimal(data['signed_qty']))}"
    return _Cell("node", text)


def _snapshot(data: dict[str, Any]) -> _Cell | None:
    if data["reason"] != "final":
        return None
    positions = [
        f"{position['position_id']} {plus(Decimal(position['signed_quantity']))}"
        for position in data["positions"]
        if position["is_open"]
    ]
    orders = sum(1 for order in data["orders"] if order["is_open"])
    open_orders = f"{orders} open order{'' if orders == 1 else 's'}"
    return _Cell("node", f"at the end: {', '.join(positions) or 'flat'}; {open_orders}")


def _log(data: dict[str, Any]) -> _Cell:
    who = f"{data['level']} {data['component'].rpartition('.')[2]}"
    text = f"{who}: {data['message']}"
    known_by = f"{who}: {data['message'][:REPEAT_CHARACTERS]}..."
    return _Cell("node", text, repeat=known_by)


def _short(identifier: str) -> str:
    """Return a long id, as NautilusTrader makes them up, cut to what tells it apart."""
    return identifier if len(identifier) <= 22 else f"{identifier[:8]}..."


# The ledger


def _order(data: dict[str, Any]) -> _Cell:
    text = f"{data['client_order_id']} {data['status']}"
    if data["status"] == "NEW":
        text += f" {data['side']} {data['quantity']} {data['symbol']}"
        if data["type"] != "MARKET":
            text += f" @ {data['price']}"
    return _Cell("ledger", text, bulk="the ledger")


def _trade(data: dict[str, Any]) -> _Cell:
    return _Cell(
        "ledger",
        f"{data['client_order_id']} trade {data['trade_id']}: {data['quantity']} @ {data['price']}",
        bulk="the ledger",
    )


def _position(data: dict[str, Any]) -> _Cell:
    return _Cell("ledger", f"{data['symbol']} {plus(Decimal(data['amount']))}", bulk="the ledger")


def _began(data: dict[str, Any]) -> str:
    node = data.get("node")
    return "scenario begins, " + (f"preset {data['preset']}" if node is None else f"node {node}")


def _says(column: Column, text: str) -> Callable[[dict[str, Any]], _Cell]:
    return lambda data: _Cell(column, text.format_map(data))


_TELLERS: dict[tuple[str, str], Callable[[dict[str, Any]], _Cell | None]] = {
    ("harness", "scenario_started"): lambda data: _Cell("fault", _began(data)),
    ("harness", "step"): _step,
    ("harness", "healed"): _says("fault", "healed"),
    ("harness", "converged"): _converged,
    ("harness", "scenario_finished"): _finished,
    ("harness", "fault_begun"): _fault_begun,
    ("harness", "fault_ended"): _fault_ended,
    ("link", "cut"): _says("fault", "{link} cut"),
    ("link", "restored"): _says("fault", "{link} restored"),
    ("link", "toxiproxy_replaced"): _says("fault", "toxiproxy replaced: {reason}"),
    ("second_node", "forked"): _says("node", "second node forked"),
    ("second_node", "exited"): _says("node", "second node gone"),
    ("wire", "misbehaviour"): _misbehaviour,
    ("wire", "http"): _http,
    ("wire", "ws_api"): _ws_api,
    ("wire", "push"): _push,
    ("wire", "connection"): _connection,
    ("wire", "listen_key"): _listen_key,
    ("node", "forked"): _says("node", "run {run} forked"),
    ("node", "killed"): _says("node", "killed"),
    ("node", "stop_requested"): _says("node", "asked to stop"),
    ("node", "exited"): _exited,
    ("node", "reconciliation_finished"): _reconciled,
    ("node", "reconciliation_status"): _status,
    ("node", "strategy_started"): _says("node", "{strategy_id} started"),
    ("node", "strategy_stopped"): _says("node", "{strategy_id} stopped"),
    ("node", "check_finished"): _check_finished,
    ("node", "order_event"): _order_event,
    ("node", "position_event"): _position_event,
    ("node", "snapshot"): _snapshot,
    ("node", "log"): _log,
    ("venue", "order"): _order,
    ("venue", "trade"): _trade,
    ("venue", "position"): _position,
}
