"""Random commands, and what must be true after each of them: `machine/audit.py`, `client.py`.

`MACHINES` machines play `STEPS_EACH` commands or more each, `STEPS_MIN` in total. The commands go
through the venue's own executor and user stream; a client that knows the stream alone must come to
what REST says. `machine/reached.py` says what each machine must have come to.
"""

from collections import Counter, deque
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings

from mock_venue.exchange.account import AccountSpec
from mock_venue.exchange.errors import ExchangeError
from mock_venue.exchange.events import ExchangeEvent
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.instruments import DEFAULT_SYMBOLS, FEE_ASSET, QUOTE_ASSET
from mock_venue.exchange.market_data import MarketData
from mock_venue.exchange.path import Constant, Walk
from mock_venue.exchange.saved import put_back, take_snapshot
from mock_venue.executor import Executor
from mock_venue.recording import Data, Record
from mock_venue.script.misbehaviour import Misbehaviours
from mock_venue.wire.connection import Connections
from mock_venue.wire.listen_keys import ListenKeys
from mock_venue.wire.push import Push
from mock_venue.wire.user_stream import UserStream
from tests.mock_venue.helpers import START_MS
from tests.mock_venue.machine.audit import Audit
from tests.mock_venue.machine.client import Client
from tests.mock_venue.machine.program import ELAPSED_MS, Act, Maker, Program, programs
from tests.mock_venue.machine.reached import EXPECTED, OF_THE_POOR, TIMES_MIN, marks, name_of

STEPS_MIN = 100_000
MACHINES = 10
STEPS_EACH = STEPS_MIN // MACHINES
PROGRAM_STEPS = 400
WHOLE_EVERY = 100
TOLD_MAX = 30
WALLET = Decimal(10_000_000)
POOR = Decimal(1_000)
"""Not enough for every order, nor for every position."""
BNB = Decimal("0.5")


def is_poor(number: int) -> bool:
    """Whether the accounts of a machine have too little money for much."""
    return number % 5 == 1


class Machine:
    """An exchange that is told random things and audited after each."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._wallet = POOR if is_poor(number) else WALLET
        self._now_ms = START_MS
        self._frames: list[tuple[str, dict[str, Any]]] = []
        self._exchange = self._make_exchange()
        self._executor = Executor(self._exchange, lambda: self._now_ms * 1_000_000, self._record)
        self._data = MarketData(self._exchange.symbols)
        self._executor.listen(self._data.on_events)
        deposits = {QUOTE_ASSET: self._wallet, FEE_ASSET: BNB}
        self._clients = {name: Client(deposits) for name in self._exchange.accounts}
        self._stream = _Overheard(self._executor, self._record, self._frames)
        self._executor.listen(self._on_events)
        self._audit = Audit(self._exchange, self._clients)
        self._maker = Maker(self._exchange)
        self.reached: Counter[str] = Counter()
        self.steps = 0
        self.refused = 0

    def play(self, program: Program) -> None:
        """Carry out a program, audited; a failure tells what was done before it."""
        done: deque[Any] = deque(maxlen=TOLD_MAX)
        try:
            for word in program.words():
                self._now_ms += word.pick(ELAPSED_MS)
                self._executor.pass_time()
                self._audit.on_time(self._now_ms)
                act = self._maker.make(word)
                done.append((self._now_ms, act))
                self._do(act)
                self.steps += 1
                if self.steps % WHOLE_EVERY == 0:
                    self._audit.whole()
            self._audit.whole()
            self._restore()
        except Exception as error:
            for now_ms, act in done:
                error.add_note(f"{now_ms} {act}")
            raise

    def _do(self, act: Act) -> None:
        if act == "restore":
            self._restore()
            return
        for command in act if isinstance(act, tuple) else (act,):
            before = self._audit.state()
            try:
                self._executor.execute(command)
            except ExchangeError as error:
                self.refused += 1
                self.reached[f"{name_of(command)} {error.code}"] += 1
                self._audit.refused(before)
            else:
                self.reached[name_of(command)] += 1

    def _on_events(self, events: list[ExchangeEvent]) -> None:
        self.reached.update(chain.from_iterable(map(marks, events)))
        for account, frame in self._frames:
            self._clients[account].hear(frame)
        self._frames.clear()
        for client in self._clients.values():
            client.between_commands()
        self._audit.happened(events)

    def _restore(self) -> None:
        """Put a snapshot into a new exchange and into this one, which goes on from there."""
        saved = take_snapshot(self._exchange, self._data, self._now_ms)
        other, data = self._make_exchange(), MarketData(self._exchange.symbols)
        put_back(other, data, saved)
        assert take_snapshot(other, data, self._now_ms) == saved
        put_back(self._exchange, self._data, saved)
        self._audit.whole()

    def _make_exchange(self) -> Exchange:
        rebate = Decimal("-0.0001") if self._number % 3 == 2 else Decimal("0.0002")
        return Exchange(
            symbols=DEFAULT_SYMBOLS,
            accounts=(
                AccountSpec(wallet=self._wallet, bnb=BNB, fee_burn=self._number % 5 == 0),
                AccountSpec(name="other", key="other-key", wallet=self._wallet, bnb=BNB),
            ),
            maker_fee=rebate,
            taker_fee=Decimal("0.0005"),
            bnb_price=Decimal("612.34"),
            leverage=20,
            first_order_id=2**53 + 1,
            first_trade_id=1,
            now_ms=START_MS,
            matching="auto" if self._number % 2 else "scripted",
            path=Walk() if self._number % 4 > 1 else Constant(),
            seed=self._number,
        )

    def _record(self, source: str, kind: str, data: Data) -> None:
        """The history is not what is tested here."""


class _Overheard(UserStream):
    """The venue's user stream, each push heard."""

    def __init__(
        self,
        executor: Executor,
        record: Record,
        frames: list[tuple[str, dict[str, Any]]],
    ) -> None:
        super().__init__(
            executor,
            ListenKeys(10**15, record),
            Connections(record),
            Misbehaviours(record, 1, executor.exchange),
            record,
        )
        self._frames = frames

    def _deliver(self, push: Push, outcome: str = "sent") -> None:
        self._frames.append((push.account, push.payload))


@pytest.mark.parametrize("number", range(MACHINES))
def test_after_each_command_everything_adds_up(number: int) -> None:
    played = {"steps": 0, "refused": 0}
    reached: Counter[str] = Counter()

    @seed(number)
    @settings(
        max_examples=STEPS_EACH // PROGRAM_STEPS + 2,  # the first one is empty
        deadline=None,
        database=None,
        verbosity=Verbosity.quiet,  # a failure tells its commands
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(programs(PROGRAM_STEPS))
    def play(program: Program) -> None:
        machine = Machine(number)
        machine.play(program)
        played["steps"] += machine.steps
        played["refused"] += machine.refused
        reached.update(machine.reached)

    play()
    print(f"machine {number}: {played['steps']} commands, {played['refused']} of them refused")
    assert played["steps"] >= STEPS_EACH
    assert played["refused"] < played["steps"] / 2
    expected = EXPECTED | OF_THE_POOR if is_poor(number) else EXPECTED
    assert {name: reached[name] for name in expected if reached[name] < TIMES_MIN} == {}
