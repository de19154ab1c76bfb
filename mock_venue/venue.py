"""The venue: an exchange behind Binance's wire, and the strings to pull.

    venue = Venue(VenueConfig(), time.time_ns, at_once(record))
    await venue.start()
    ...point a client at http://127.0.0.1:{venue.port}...
    venue.fill("my-order", "0.004")
    await venue.close()

Everything that happens goes to `record(source, kind, data)`, ledger and wire alike, in order. All
of it runs in the event loop's thread.
"""

from collections.abc import Callable
from typing import Any, Literal

from mock_venue.config import VenueConfig
from mock_venue.exchange.account import Balance, Trade
from mock_venue.exchange.algo_book import AlgoBook
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.income import Income
from mock_venue.exchange.instruments import ASSET_INDICES, Price
from mock_venue.exchange.ledger import Ledger
from mock_venue.exchange.market_data import MarketData
from mock_venue.exchange.order import Order
from mock_venue.exchange.saved import put_back, take_snapshot
from mock_venue.exchange.snapshot import BadSnapshot
from mock_venue.executor import Executor
from mock_venue.punctuality import Punctuality
from mock_venue.recording import Record, balance_data, position_data, price_data
from mock_venue.script.account_acts import AccountActs
from mock_venue.script.acts import Acts, Amount, OrderName
from mock_venue.script.algo_acts import AlgoActs
from mock_venue.script.errors import VenueScriptError
from mock_venue.script.misbehaviour import Handle, Misbehaviours
from mock_venue.script.rules import ApiRule, Misbehaviour, ReplyRule
from mock_venue.timers import CallLater, Timer, loop_call_later
from mock_venue.wire.api_keys import ApiKeys
from mock_venue.wire.connection import Connections, StreamKind
from mock_venue.wire.known import check_rule
from mock_venue.wire.listen_keys import ListenKeys
from mock_venue.wire.market_stream import MarketStream
from mock_venue.wire.routing import Desk
from mock_venue.wire.server import Mounted, Server
from mock_venue.wire.user_stream import UserStream


class Venue:
    """A mock Binance USD-M futures exchange on a loopback port.

    Its time is `now_ns`, UNIX nanoseconds; `call_later` calls in so many seconds of it.
    """

    def __init__(
        self,
        config: VenueConfig,
        now_ns: Callable[[], int],
        record: Record,
        call_later: CallLater = loop_call_later,
    ) -> None:
        self._config = config
        self._now_ns = now_ns
        self._call_later = call_later
        self._record = record
        self._exchange = Exchange(
            symbols=config.symbols,
            accounts=config.accounts,
            maker_fee=config.maker_fee,
            taker_fee=config.taker_fee,
            bnb_price=config.bnb_price,
            leverage=config.leverage,
            first_order_id=config.first_order_id,
            first_trade_id=config.first_trade_id,
            first_algo_id=config.first_algo_id,
            now_ms=now_ns() // 1_000_000,
            matching=config.matching,
            path=config.price_path,
            seed=config.seed,
        )
        self._executor = Executor(self._exchange, now_ns, record)
        self._market_data = MarketData(self._exchange.symbols)
        self._executor.listen(self._market_data.on_events)
        self._misbehaviours = Misbehaviours(record, config.held_max, self._exchange)
        self._api_keys = ApiKeys(config.accounts)
        self._listen_keys = ListenKeys(config.listen_key_life_ms, record)
        self._connections = Connections(record)
        self._user_stream = UserStream(
            self._executor, self._listen_keys, self._connections, self._misbehaviours, record
        )
        self._market_stream = MarketStream(
            self._executor, self._market_data, self._connections, config.stream_pace
        )
        self._acts = Acts(self._executor, record)
        self._account_acts = AccountActs(self._acts)
        self._algo_acts = AlgoActs(self._exchange, self._acts)
        self._server: Server | None = None
        self._mounted: dict[str, Mounted] = {}
        self._port: int | None = None
        self._pace: Timer | None = None
        self._punctuality: Punctuality | None = None

    def mount(self, prefix: str, serve: Mounted) -> None:
        """Let `serve` answer what comes below `prefix`; it is no part of the exchange's wire."""
        self._mounted[prefix] = serve

    async def start(self, port: int = 0) -> None:
        """Listen on 127.0.0.1; port 0 picks a free one. Raises OSError where the port is taken."""
        if self._server is not None:
            raise RuntimeError("the venue was started already")
        desk = Desk(
            config=self._config,
            exchange=self._exchange,
            executor=self._executor,
            api_keys=self._api_keys,
            listen_keys=self._listen_keys,
            connections=self._connections,
            market=self._market_data,
        )
        self._server = Server(
            desk,
            self._user_stream,
            self._market_stream,
            self._misbehaviours,
            self._record,
            self._now_ns,
            self._call_later,
            self._mounted,
        )
        self._port = await self._server.start(port)
        for price in self._exchange.prices.values():
            self._record("venue", "price", price_data(price))
        for balance in self.ledger.balances():
            self._record("venue", "balance", balance_data(balance))
        self._punctuality = Punctuality(self._executor, self._call_later)
        if self._config.price_interval_ms is not None:
            self._pace_path(self._config.price_interval_ms / 1000)

    async def close(self) -> None:
        """End every connection and task, hanging requests too. Doing it twice is no error."""
        if self._pace is not None:
            self._pace.cancel()
        if self._punctuality is not None:
            self._punctuality.close()
        if self._server is not None:
            await self._server.close()

    def _pace_path(self, interval_secs: float) -> None:
        def step() -> None:
            self._pace_path(interval_secs)
            self.advance()

        self._pace = self._call_later(interval_secs, step)

    @property
    def port(self) -> int:
        """The port it listens on. Raises RuntimeError before `start`."""
        if self._port is None:
            raise RuntimeError("the venue was not started")
        return self._port

    @property
    def config(self) -> VenueConfig:
        """How it was set up."""
        return self._config

    @property
    def prices(self) -> list[Price]:
        """The reference prices of all symbols."""
        return list(self._exchange.prices.values())

    @property
    def connections(self) -> Connections:
        """The open WebSockets, to read."""
        return self._connections

    def now_ms(self) -> int:
        """The venue's time in UNIX milliseconds."""
        return self._executor.now_ms()

    @property
    def ledger(self) -> Ledger:
        """The truth, to read."""
        return self._exchange.ledger

    @property
    def algos(self) -> AlgoBook:
        """The book of conditional orders, to read."""
        return self._exchange.algos

    def check_names(self, act: str, symbol: str | None, account: str | None) -> None:
        """Raises VenueScriptError, in the act's name, where there is no such symbol or account."""
        if symbol is not None:
            self._acts.spec(act, symbol)
        self._acts.owner(act, account)

    def check_rule_names(self, rule: Misbehaviour) -> None:
        """Raises VenueScriptError where a rule is about a symbol that is not there."""
        if isinstance(rule, ReplyRule | ApiRule) and rule.params:
            symbol = rule.params.get("symbol")
            if symbol not in ASSET_INDICES:
                self.check_names(type(rule).__name__, symbol, None)

    # Acts. All raise VenueScriptError on bad use.

    def fill(
        self, order: OrderName, quantity: Amount | None = None, price: Amount | None = None
    ) -> Trade:
        """Fill a resting order as maker: what remains of it, at its price, unless told else."""
        return self._acts.fill(order, quantity, price)

    def cancel(self, order: OrderName) -> Order:
        """Cancel an open order, as if its owner had at the web page."""
        return self._acts.cancel(order)

    def expire(self, order: OrderName, reason: str = "0") -> Order:
        """Expire an open order; `reason` is Binance's `er`, "0" to "9"."""
        return self._acts.expire(order, reason)

    def cancel_algo_order(self, algo_order: OrderName) -> AlgoOrder:
        """Cancel a conditional order that waits, as if its owner had at the web page."""
        return self._algo_acts.cancel(algo_order)

    def expire_algo_order(self, algo_order: OrderName) -> AlgoOrder:
        """Expire a conditional order that waits, by its client algo id, or algo id as int."""
        return self._algo_acts.expire(algo_order)

    def hold_triggers(self) -> None:
        """Let conditional orders that trigger stay TRIGGERING: no regular order is placed.

        Seen on the demo exchange for a whole day (NautilusTrader discussion 5378). Until
        `release_triggers` they cannot be cancelled (-4117).
        """
        self._algo_acts.hold_triggers(True)

    def release_triggers(self) -> None:
        """End `hold_triggers`: what was held is placed, in the order it triggered."""
        self._algo_acts.hold_triggers(False)

    def external_order(
        self,
        symbol: str,
        side: Literal["BUY", "SELL"],
        quantity: Amount,
        price: Amount | None = None,
        client_order_id: str | None = None,
        account: str | None = None,
        position_side: Literal["BOTH", "LONG", "SHORT"] = "BOTH",
    ) -> Order:
        """Place an order that no API client sent; without a price a MARKET order.

        The client order id defaults to "web_<n>", the account to the first one. In hedge mode the
        position side is LONG or SHORT. Returns the order as it is after matching.
        """
        return self._acts.external_order(
            symbol, side, quantity, price, client_order_id, account, position_side
        )

    def set_position_mode(self, hedging: bool, account: str | None = None) -> None:
        """Change an account's position mode (the first one's), as its owner would on the web."""
        self._acts.set_position_mode(hedging, account)

    def set_price(self, symbol: str, bid: Amount, ask: Amount, mark: Amount | None = None) -> Price:
        """Move the reference prices; the mark price defaults to the middle. Resting orders stay."""
        return self._acts.set_price(symbol, bid, ask, mark)

    def market_trade(
        self,
        symbol: str,
        side: Literal["BUY", "SELL"],
        quantity: Amount,
        price: Amount | None = None,
    ) -> None:
        """Let somebody who has no account here take `quantity` at a price, else at the best one.

        Under automatic matching the accounts' resting orders whose turn it is are filled.
        """
        self._acts.market_trade(symbol, side, quantity, price)

    def advance(self, steps: int = 1, symbol: str | None = None) -> None:
        """Go on along the price path: one symbol, or all of them in turn."""
        self._acts.advance(steps, symbol)

    def deposit(self, amount: Amount, asset: str = "USDT", account: str | None = None) -> Balance:
        """Money comes into an account's wallet."""
        return self._account_acts.deposit(amount, asset, account)

    def withdraw(self, amount: Amount, asset: str = "USDT", account: str | None = None) -> Balance:
        """Money leaves an account's wallet: as much as is withdrawable."""
        return self._account_acts.withdraw(amount, asset, account)

    def transfer(
        self, amount: Amount, receiver: str, asset: str = "USDT", account: str | None = None
    ) -> None:
        """Money goes from an account (the first one unless told) to another."""
        self._account_acts.transfer(amount, receiver, asset, account)

    def adjust(
        self,
        amount: Amount,
        reason: str = "ADJUSTMENT",
        asset: str = "USDT",
        account: str | None = None,
    ) -> Balance:
        """Add to a wallet, or take out of it, unasked; `reason` is ACCOUNT_UPDATE's `m`.

        ADMIN_DEPOSIT is a referral rebate.
        """
        return self._account_acts.adjust(amount, reason, asset, account)

    def funding(self, symbol: str, rate: Amount | None = None) -> list[Income]:
        """Charge funding on a symbol at its mark price now, without a rate at the last one.

        Longs pay shorts, at a negative rate shorts longs. Returns what each position paid or got.
        """
        return self._account_acts.funding(symbol, rate)

    def liquidate(
        self,
        symbol: str,
        account: str | None = None,
        position_side: Literal["BOTH", "LONG", "SHORT"] = "BOTH",
        quantity: Amount | None = None,
        price: Amount | None = None,
    ) -> Trade:
        """Liquidate a position, or a part of it, whatever the margin: at a price, else the best.

        The account's orders on the symbol expire first (`er` 5); the closing order is
        `autoclose-...`. The mark price does the same by itself where the margin is not enough.
        """
        return self._account_acts.close(
            "liquidate", "LIQUIDATION", symbol, account, position_side, quantity, price
        )

    def adl(
        self,
        symbol: str,
        account: str | None = None,
        position_side: Literal["BOTH", "LONG", "SHORT"] = "BOTH",
        quantity: Amount | None = None,
        price: Amount | None = None,
    ) -> Trade:
        """Auto-deleverage a position, or a part of it; the closing order is `adl_autoclose`."""
        return self._account_acts.close(
            "adl", "ADL", symbol, account, position_side, quantity, price
        )

    def margin_call(self, account: str | None = None) -> None:
        """Send MARGIN_CALL for an account's positions, whatever the margin."""
        self._account_acts.margin_call(account)

    def set_status(
        self,
        symbol: str,
        status: Literal["PENDING_TRADING", "TRADING", "PRE_SETTLE", "SETTLING", "CLOSE"],
    ) -> None:
        """Change a symbol's status: other than TRADING, it refuses orders (-4140, -4141)."""
        self._account_acts.set_status(symbol, status)

    def settle(self, symbol: str, price: Amount | None = None) -> None:
        """Delist a symbol: orders expire (`er` 7), positions are closed, and it is CLOSE.

        The settlement price defaults to the mark price; the closing orders are
        `settlement_autoclose-...`.
        """
        self._account_acts.settle(symbol, price)

    def generate_history(
        self,
        symbol: str,
        orders: int,
        seed: int,
        end_ms: int,
        span_ms: int,
        net: Amount = "0",
    ) -> None:
        """Give the first account `orders` past orders, created in the `span_ms` before `end_ms`.

        About 80 % are filled, in round trips that leave no position; the rest are cancelled. With
        `net` the last order leaves a position of that size. Nothing is pushed; recorded are each
        order's final state, the trades, and one position and one balance at the end. The span must
        begin after the symbol's last order changed, and no order may be open.
        """
        self._acts.generate_history(symbol, orders, seed, end_ms, span_ms, net)

    def expire_listen_keys(self) -> None:
        """End all listen keys now: `listenKeyExpired`, then silence on sockets that stay open."""
        self._acts.note("expire_listen_keys")
        for account in self._listen_keys.accounts():
            self._user_stream.expire(account)

    def revoke_key(self, account: str | None = None) -> None:
        """Let an account's API key (the first one's) be invalid: -2015 to every request from now.

        As if it was deleted, or the address is no longer allowed. A WebSocket API session that
        logged on with it ends at its next request. Streams go on.
        """
        owner = self._acts.owner("revoke_key", account)
        self._acts.note("revoke_key", account=owner)
        self._api_keys.revoke(owner)

    def reinstate_key(self, account: str | None = None) -> None:
        """Let an account's API key (the first one's) be valid again; sessions stay ended."""
        owner = self._acts.owner("reinstate_key", account)
        self._acts.note("reinstate_key", account=owner)
        self._api_keys.reinstate(owner)

    def close_streams(self, reason: str, stream: StreamKind | None = "user") -> None:
        """Close the WebSockets of one kind (None: all) from the venue's side."""
        self._acts.note("close_streams", reason=reason, stream=stream)
        for connection in self._connections:
            if stream in (None, connection.kind):
                connection.close(reason)

    def reset_streams(self, reason: str, stream: StreamKind | None = "user") -> None:
        """Reset the WebSockets of one kind (None: all): RST, no close frame."""
        self._acts.note("reset_streams", reason=reason, stream=stream)
        for connection in self._connections:
            if stream in (None, connection.kind):
                connection.reset(reason)

    def forget_streams(self, reason: str, stream: StreamKind | None = "user") -> None:
        """Forget the WebSockets of one kind (None: all) without a word: half open for good."""
        self._acts.note("forget_streams", reason=reason, stream=stream)
        for connection in self._connections:
            if stream in (None, connection.kind):
                connection.forget(reason)
                self._connections.remove(connection)

    def snapshot(self) -> dict[str, Any]:
        """The exchange's whole state as JSON: orders, trades, positions, prices, books, ids.

        Not in it: connections, listen keys, revoked API keys, misbehaviour rules, and what the
        configuration says.
        """
        return take_snapshot(self._exchange, self._market_data, self.now_ms())

    def restore(self, snapshot: Any) -> None:
        """Put the exchange into the state of a snapshot; the ids go on from there.

        To clients it is like a maintenance: all WebSockets are closed, nothing is pushed, and REST
        tells the restored state. What the history said about later orders holds no more; prices,
        positions and balances are recorded anew. Raises VenueScriptError where the snapshot is
        damaged or of a venue with other symbols or accounts, and then nothing has changed.
        """
        try:
            put_back(self._exchange, self._market_data, snapshot)
        except BadSnapshot as error:
            raise VenueScriptError(f"restore: {error}") from None
        self._acts.note("restore", taken_ms=snapshot.get("taken_ms"))
        self._market_stream.resync()
        for connection in self._connections:
            connection.close("the venue was restored")
        for price in self.prices:
            self._record("venue", "price", price_data(price))
        for position in self.ledger.positions():
            self._record("venue", "position", position_data(position))
        for balance in self.ledger.balances():
            self._record("venue", "balance", balance_data(balance))

    # Misbehaviour

    def misbehave(self, rule: Misbehaviour) -> Handle:
        """Register a misbehaviour rule. Raises VenueScriptError; a rule must be able to strike."""
        if isinstance(rule, Misbehaviour):
            check_rule(rule)
            self.check_rule_names(rule)
        return self._misbehaviours.add(rule)

    def release(self, handle: Handle) -> int:
        """Let go what the rule holds, in the order it came; how many there were.

        The rule goes on for as long as its `times` has it; `handle.cancel()` ends it.
        """
        if not isinstance(handle, Handle):
            raise VenueScriptError(f"release: must be the handle of a rule, was {handle!r}")
        return handle.release()
