"""The same steps through NautilusTrader's backtest: its matching engine on the same book."""

from decimal import Decimal
from typing import Any

from nautilus_trader.backtest.config import BacktestEngineConfig
from nautilus_trader.backtest.engine import BacktestEngine
from nautilus_trader.config import LoggingConfig, RiskEngineConfig
from nautilus_trader.model.currencies import BTC, USDT
from nautilus_trader.model.data import BookOrder, OrderBookDepth10
from nautilus_trader.model.enums import (
    AccountType,
    BookType,
    LiquiditySide,
    OmsType,
    OrderSide,
    TimeInForce,
    order_status_to_str,
)
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import CryptoPerpetual
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.trading.strategy import Strategy

from mock_venue.exchange.commands import AmendOrder, CancelOrder, PlaceOrder
from tests.mock_venue.differential.flow import (
    MAKER_FEE,
    SPEC,
    TAKER_FEE,
    WALLET,
    Fill,
    Levels,
    Outcome,
    Step,
)

VENUE = Venue("BINANCE")
INSTRUMENT_ID = InstrumentId(Symbol("BTCUSDT-PERP"), VENUE)
STEP_NS = 1_000_000


def play(steps: list[Step]) -> Outcome:
    """Carry out the steps and tell what came of them."""
    engine = BacktestEngine(
        BacktestEngineConfig(
            logging=LoggingConfig(bypass_logging=True),
            risk_engine=RiskEngineConfig(bypass=True),
        )
    )
    engine.add_venue(
        venue=VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.MARGIN,
        starting_balances=[Money(WALLET, USDT)],
        book_type=BookType.L2_MBP,
        default_leverage=Decimal(100),
        liquidity_consumption=True,
    )
    engine.add_instrument(_instrument())
    engine.add_data([_depth(number, step) for number, step in enumerate(steps)])
    player = _Player(steps)
    engine.add_strategy(player)
    engine.run()
    outcome = player.outcome()
    engine.dispose()
    return outcome


class _Player(Strategy):  # type: ignore[misc]
    """Carries out a step when its book has arrived."""

    def __init__(self, steps: list[Step]) -> None:
        super().__init__()
        self._steps = steps
        self._fills: list[Fill] = []
        self._fees = Decimal(0)

    def on_start(self) -> None:
        self.subscribe_order_book_depth(INSTRUMENT_ID, book_type=BookType.L2_MBP)

    def on_order_book_depth(self, depth: OrderBookDepth10) -> None:
        match self._steps[depth.sequence].command:
            case PlaceOrder() as command:
                self.submit_order(self._order(command))
            case AmendOrder() as command:
                quantity, price = _quantity(command.quantity), _price(command.price)
                self.modify_order(self._known(command), quantity, price)
            case CancelOrder() as command:
                self.cancel_order(self._known(command))

    def on_order_filled(self, event: Any) -> None:
        self._fees += event.commission.as_decimal()
        self._fills.append(
            Fill(
                event.client_order_id.value,
                event.last_qty.as_decimal(),
                event.last_px.as_decimal(),
                event.liquidity_side == LiquiditySide.MAKER,
            )
        )

    def outcome(self) -> Outcome:
        orders = {
            order.client_order_id.value: (
                order_status_to_str(order.status),
                order.filled_qty.as_decimal(),
            )
            for order in self.cache.orders()
        }
        balance = self.portfolio.account(VENUE).balance_total(USDT)
        return Outcome(
            fills=self._fills,
            orders=orders,
            position=self.portfolio.net_position(INSTRUMENT_ID),
            wallet=balance.as_decimal(),
            fees=self._fees,
        )

    def _order(self, command: PlaceOrder) -> Any:
        how: dict[str, Any] = {
            "instrument_id": INSTRUMENT_ID,
            "order_side": OrderSide.BUY if command.side == "BUY" else OrderSide.SELL,
            "quantity": _quantity(command.quantity),
            "reduce_only": command.reduce_only,
            "client_order_id": ClientOrderId(command.client_order_id),
        }
        if command.type == "MARKET":
            return self.order_factory.market(**how)
        post_only = command.time_in_force == "GTX"
        tif = TimeInForce.GTC if post_only else getattr(TimeInForce, command.time_in_force)
        return self.order_factory.limit(
            price=_price(command.price), time_in_force=tif, post_only=post_only, **how
        )

    def _known(self, command: AmendOrder | CancelOrder) -> Any:
        return self.cache.order(ClientOrderId(command.ref.client_order_id))


def _depth(number: int, step: Step) -> OrderBookDepth10:
    return OrderBookDepth10(
        instrument_id=INSTRUMENT_ID,
        bids=_levels(OrderSide.BUY, step.bids),
        asks=_levels(OrderSide.SELL, step.asks),
        bid_counts=[1] * len(step.bids),
        ask_counts=[1] * len(step.asks),
        flags=0,
        sequence=number,
        ts_event=(number + 1) * STEP_NS,
        ts_init=(number + 1) * STEP_NS,
    )


def _levels(side: OrderSide, levels: Levels) -> list[BookOrder]:
    return [BookOrder(side, _price(price), _quantity(quantity), 0) for price, quantity in levels]


def _price(value: Decimal | None) -> Price:
    assert value is not None
    return Price(value, SPEC.price_precision)


def _quantity(value: Decimal) -> Quantity:
    return Quantity(value, SPEC.quantity_precision)


def _instrument() -> CryptoPerpetual:
    return CryptoPerpetual(
        instrument_id=INSTRUMENT_ID,
        raw_symbol=Symbol("BTCUSDT"),
        base_currency=BTC,
        quote_currency=USDT,
        settlement_currency=USDT,
        is_inverse=False,
        price_precision=SPEC.price_precision,
        size_precision=SPEC.quantity_precision,
        price_increment=_price(SPEC.tick_size),
        size_increment=_quantity(SPEC.step_size),
        margin_init=Decimal("0.01"),
        margin_maint=Decimal("0.004"),
        maker_fee=MAKER_FEE,
        taker_fee=TAKER_FEE,
        ts_event=0,
        ts_init=0,
    )
