"""Scripts: read with line and reason, played by time and by event."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_venue import Venue, VenueConfig
from mock_venue.control.acts import ACTS, Rules
from mock_venue.control.player import Player, read_entry, read_script
from mock_venue.control.reading import BadInput, decode
from mock_venue.control.standalone import PriceLine, read_accounts, read_path
from mock_venue.exchange.account import AccountSpec
from mock_venue.exchange.path import Recorded
from mock_venue.recording import Data
from mock_venue.script.errors import VenueScriptError
from tests.mock_venue.helpers import SYMBOL, Clock, Log

GUIDE = Path(__file__).parents[2] / "docs" / "venue.md"


class Stage:
    """A venue without sockets, a player, and time that passes when told to."""

    def __init__(self) -> None:
        self.log = Log()
        self.later: list[tuple[float, Callable[[], None]]] = []
        self.venue = Venue(VenueConfig(), Clock().now_ns, self.record)
        self.player = Player(
            self.venue,
            Rules(self.venue),
            self.record,
            lambda seconds, function: self.later.append((seconds, function)),
        )

    def record(self, source: Any, kind: str, data: Data) -> None:
        self.log.record(source, kind, data)
        if hasattr(self, "player"):
            self.player.on_event(source, kind, data)

    def play(self, *entries: dict[str, Any]) -> None:
        self.player.play([read_entry(entry) for entry in entries])

    def pass_time(self) -> list[float]:
        """Do what was put off; after how long each."""
        waits = []
        while self.later:
            seconds, function = self.later.pop(0)
            waits.append(seconds)
            function()
        return waits

    def place(self, name: str, price: str = "49000") -> None:
        self.venue.external_order(SYMBOL, "BUY", "0.010", price, name)


FILL = {"act": "fill", "quantity": "0.004"}


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_at_once_and_later(stage: Stage) -> None:
    move = {"act": "set_price", "symbol": SYMBOL, "bid": "49000", "ask": "49000.10"}
    stage.play({"do": move}, {"after_ms": 1500, "do": [move | {"bid": "48000"}, move]})
    assert [one["bid"] for one in stage.log.of("act")] == ["49000.00"]
    assert stage.player.waiting == 1
    assert stage.pass_time() == [1.5]
    assert [one["bid"] for one in stage.log.of("act")][1:] == ["48000.00", "49000.00"]
    assert stage.player.waiting == 0


def test_at_an_event_about_its_order(stage: Stage) -> None:
    when = {"kind": "order", "fields": {"status": "NEW", "side": "BUY"}, "skip": 1, "times": 2}
    stage.play({"when": when, "after_ms": 20, "do": FILL})
    for name in "abcd":
        stage.place(name)
        assert stage.log.of("trade", client_order_id=name) == []
        stage.pass_time()
    assert [one["client_order_id"] for one in stage.log.of("trade")] == ["b", "c"]
    assert stage.player.waiting == 0


def test_what_cannot_be_done_then_is_recorded_and_the_script_goes_on(stage: Stage) -> None:
    when = {"kind": "order", "fields": {"status": "NEW"}, "times": None}
    stage.play({"when": when, "do": [{"act": "cancel"}, FILL]})
    stage.place("a")
    stage.pass_time()
    stage.place("b")
    stage.pass_time()
    assert [one["error"] for one in stage.log.of("script_error")] == [
        f"fill: order {order.order_id} is CANCELED, not open"
        for order in stage.venue.ledger.orders()
    ]


def test_rules_have_names_in_scripts(stage: Stage) -> None:
    rule = {"type": "push", "event": "ORDER_TRADE_UPDATE", "action": "hold", "times": None}
    stage.play(
        {"do": {"act": "misbehave", "rule": rule, "name": "held"}},
        {"when": {"kind": "trade"}, "do": {"act": "release", "name": "held"}},
    )
    stage.place("a", price="50000.10")
    assert [one["outcome"] for one in stage.log.of("push", event="ORDER_TRADE_UPDATE")] == [
        "held",
        "held",
    ]
    stage.pass_time()
    assert len(stage.log.of("push", event="ORDER_TRADE_UPDATE", outcome="no_subscriber")) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "not JSON: "),
        ("[]", "Expected `object`, got `array`"),
        ("{}", "Object missing required field `do`"),
        ('{"do": []}', "do must not be empty"),
        ('{"do": {"act": "dance"}}', "act must be one of fill, cancel, "),
        ('{"do": {}}', "act must be one of fill, cancel, "),
        ('{"do": {"act": "fill"}}', "fill: Object missing required field `order`"),
        ('{"do": {"act": "fill", "order": "a", "quantity": 0.1}}', "fill: Expected "),
        ('{"do": {"act": "deposit", "amount": "much"}}', "deposit: amount must be a decimal"),
        (
            '{"do": {"act": "adjust", "amount": "1", "reason": "ADJUST"}}',
            "adjust: reason must be one of DEPOSIT, ",
        ),
        (
            '{"do": {"act": "expire", "order": "a", "reason": "10"}}',
            "expire: reason must be one of 0, 1, ",
        ),
        (
            '{"do": {"act": "close_streams", "reason": "r", "stream": "usr"}}',
            "close_streams: stream must be one of user, market, ws_api, null, was 'usr'",
        ),
        (
            '{"do": {"act": "set_status", "symbol": "BTCUSDT", "status": "HALT"}}',
            "set_status: status must be one of PENDING_TRADING, ",
        ),
        ('{"do": {"act": "cancel", "order": "a"}, "after": 5}', "unknown field `after`"),
        ('{"do": {"act": "cancel", "order": "a"}, "after_ms": -5}', "after_ms must be 0 to "),
        ('{"do": {"act": "cancel"}, "when": {"kind": "ordre"}}', "kind must be one of order, "),
        ('{"do": {"act": "cancel"}, "when": {"kind": "order", "skip": -1}}', "skip must not be"),
        ('{"do": {"act": "cancel"}, "when": {"kind": "order", "time": 1}}', "unknown field `time`"),
        (
            '{"do": {"act": "misbehave", "rule": {"type": "push", "event": "*", "action": "eat"}}}',
            "misbehave: ",
        ),
    ],
)
def test_a_bad_line_is_named_with_its_reason(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text(f'# a comment\n\n{{"do": {{"act": "expire_listen_keys"}}}}\n{line}\n')
    with pytest.raises(BadInput) as caught:
        read_script(path)
    text = str(caught.value)
    assert text.startswith(f"{path}:4: ")
    assert reason in text
    assert "\n" not in text


ANY_REPLY = {"type": "reply", "method": "*", "path": "*", "action": {"type": "lose"}}


@pytest.mark.parametrize("moment", [{"after_ms": 5000}, {"when": {"kind": "trade"}}])
@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ({"act": "funding", "symbol": "XRPUSDT"}, "funding: symbol must be one of BTCUSDT, "),
        (
            {"act": "deposit", "amount": "1", "account": "nobody"},
            "deposit: account must be one of main, was 'nobody'",
        ),
        (
            {"act": "misbehave", "rule": {**ANY_REPLY, "params": {"symbol": "XRPUSDT"}}},
            "ReplyRule: symbol must be one of BTCUSDT, ",
        ),
        (
            {"act": "transfer", "amount": "1", "receiver": "nobody"},
            "transfer: account must be one of main, was 'nobody'",
        ),
    ],
)
def test_names_are_checked_before_their_time_comes(
    stage: Stage, act: dict[str, Any], moment: dict[str, Any], reason: str
) -> None:
    with pytest.raises(VenueScriptError) as caught:
        stage.play({**moment, "do": act})
    assert str(caught.value).startswith(reason)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"symbol": "XRPUSDT"}, "when: symbol must be one of BTCUSDT, "),
        ({"account": "nobody"}, "when: account must be one of main, was 'nobody'"),
    ],
)
def test_names_that_are_waited_for_are_checked(
    stage: Stage, fields: dict[str, Any], reason: str
) -> None:
    with pytest.raises(VenueScriptError) as caught:
        stage.play({"when": {"kind": "trade", "fields": fields}, "do": {"act": "margin_call"}})
    assert str(caught.value).startswith(reason)


def test_a_script_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No such file"):
        read_script(tmp_path / "none.jsonl")
    with pytest.raises(BadInput, match="Is a directory"):
        read_script(tmp_path)


def test_accounts(tmp_path: Path) -> None:
    path = tmp_path / "accounts.jsonl"
    path.write_text('{"name": "a", "key": "k1", "secret": "s", "wallet": 0.1}\n')
    assert read_accounts(path) == (AccountSpec(name="a", key="k1", secret="s", wallet="0.1"),)  # type: ignore[arg-type]
    for line, reason in [
        ('{"name": "b", "key": "k1"}', "key 'k1' is there already"),
        ('{"nam": "b"}', "unknown field `nam`"),
        ('{"name": "b", "key": "k2", "wallet": "much"}', "wallet"),
        ('{"name": "b", "key": "", "secret": "s"}', "key must not be empty"),
        ('{"name": "b", "key": "k2", "secret": ""}', "secret must not be empty"),
        ('{"name": "b", "key": "k2", "wallet": "-1"}', "wallet must not be negative, was -1"),
        ('{"name": "b\\n", "key": "k2", "wallet": "-1"}', "name must be printable ASCII, was "),
        ('{"name": "b", "key": "k2", "public_key": "carol.pem"}', "public_key must be PEM text"),
    ]:
        path.write_text(f'{{"name": "a", "key": "k1", "secret": "s"}}\n{line}\n')
        with pytest.raises(BadInput, match=reason) as caught:
            read_accounts(path)
        assert str(caught.value).startswith(f"{path}:2: ")
    path.write_text("# nobody\n")
    with pytest.raises(BadInput, match="there is no account"):
        read_accounts(path)


def test_a_price_file(tmp_path: Path) -> None:
    path = tmp_path / "prices.jsonl"
    good = '{"symbol": "BTCUSDT", "bid": 50000.1, "ask": "50000.2"}'
    path.write_text(f"{good}\n{good}\n")
    prices = read_path(str(path))
    assert isinstance(prices, Recorded)
    assert [str(move.bid) for move in prices.moves[SYMBOL]] == ["50000.10", "50000.10"]
    for line, reason in [
        ('{"symbol": "X", "bid": "1", "ask": "2"}', "symbol must be one of BTCUSDT"),
        ('{"symbol": "BTCUSDT", "bid": "50000.15", "ask": "50001"}', "bid must be a multiple"),
        ('{"symbol": "BTCUSDT", "bid": "2", "ask": "1"}', "bid must be below ask"),
    ]:
        path.write_text(f"{good}\n{line}\n")
        with pytest.raises(BadInput, match=reason) as caught:
            read_path(str(path))
        assert str(caught.value).startswith(f"{path}:2: ")
    path.write_text("# nothing\n")
    with pytest.raises(BadInput, match="there is no step"):
        read_path(str(path))


def test_the_guide_lists_every_act() -> None:
    [row] = [line for line in GUIDE.read_text().splitlines() if "`POST /acts/<act>`" in line]
    assert set(re.findall(r"`(\w+)`", row)) == set(ACTS)


def test_the_examples_of_the_guide_can_be_read() -> None:
    guide = GUIDE.read_text()
    blocks = [
        block.partition("\n")[2] for block in guide.split("```")[1::2] if block[:5] == "jsonl"
    ]
    assert len(blocks) == 3
    kinds: list[Callable[[bytes], Any]] = [
        lambda text: decode(text, AccountSpec),
        lambda text: decode(text, PriceLine),
        lambda text: read_entry(decode(text, dict)),
    ]
    for block, read in zip(blocks, kinds, strict=True):
        for line in block.splitlines():
            if not line.startswith("#"):
                read(line.encode())
