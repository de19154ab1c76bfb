"""The harness's strategy for 2.x: it trades on command and reports that it started."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Self

from nautilus_trader.model import (
    ClientOrderId,
    InstrumentId,
    OmsType,
    OrderInitialized,
    OrderSide,
    PositionId,
    Price,
    Quantity,
    StrategyId,
    TimeInForce,
)
from nautilus_trader.trading import Strategy, StrategyConfig

from harness.node.channel import Channel
from harness.node.spec import OrderSpec, StrategySpec

_CLOSING = {("LONG", "SELL"), ("SHORT", "BUY")}


class ChaosStrategy(Strategy):  # type: ignore[misc]
    """Does nothing of its own but submit `on_start`, at the moment it is started.

    `on_started` is called before, `on_event` after each event of its orders and positions, and
    `on_stopped` as it stops, which it does in a start that fails as well.
    """

    def __new__(cls, spec: StrategySpec, *_: Any) -> Self:
        """Hand the configuration to the Rust side, which takes it here."""
        config = StrategyConfig(
            strategy_id=StrategyId(spec.strategy_id),
            order_id_tag=spec.strategy_id.rpartition("-")[2],
            oms_type=OmsType.HEDGING if spec.hedging else None,
            external_order_instrument_ids=[InstrumentId.from_str(claim) for claim in spec.claims],
        )
        strategy: Self = super().__new__(cls, config)
        return strategy

    def __init__(
        self,
        spec: StrategySpec,
        channel: Channel,
        on_started: Callable[[], None],
        on_event: Callable[[], None],
        on_stopped: Callable[[], None],
    ) -> None:
        self._spec = spec
        self._channel = channel
        self._on_started = on_started
        self._on_event = on_event
        self._on_stopped = on_stopped

    def on_start(self) -> None:
        """Report the start, then submit what is to be submitted at once."""
        self._on_started()
        self._channel.send("strategy_started", {"strategy_id": self._spec.strategy_id})
        for order in self._spec.on_start:
            self.submit(order)

    def on_stop(self) -> None:
        """Report the stop."""
        self._on_stopped()
        self._channel.send("strategy_stopped", {"strategy_id": self._spec.strategy_id})

    def on_order_event(self, event: Any) -> None:
        """Have the event told, unless the order is only being made: the cache is locked then."""
        if not isinstance(event, OrderInitialized):
            self._on_event()

    def on_position_event(self, _: Any) -> None:
        """Have the event told."""
        self._on_event()

    def submit(self, spec: OrderSpec) -> None:
        """Submit an order built from its specification."""
        instrument_id = InstrumentId.from_str(spec.instrument_id)
        instrument = self._instrument(instrument_id)
        # Binance's adapter reads the position side off the order's side and whether it reduces.
        closing = (spec.position_side, spec.side) in _CLOSING
        common: dict[str, Any] = {
            "instrument_id": instrument_id,
            "order_side": OrderSide.from_str(spec.side),
            "quantity": Quantity.from_decimal_dp(Decimal(spec.quantity), instrument.size_precision),
            "reduce_only": spec.reduce_only or closing,
            "client_order_id": ClientOrderId(spec.client_order_id),
        }
        precision = instrument.price_precision
        if spec.type == "MARKET":
            order = self.order_factory.market(**common)
        elif spec.type == "STOP_MARKET":
            trigger_price = Price.from_decimal_dp(Decimal(spec.trigger_price or "0"), precision)
            order = self.order_factory.stop_market(trigger_price=trigger_price, **common)
        else:
            order = self.order_factory.limit(
                price=Price.from_decimal_dp(Decimal(spec.price or "0"), precision),
                time_in_force=TimeInForce.from_str(spec.time_in_force),
                post_only=spec.post_only,
                **common,
            )
        position_id = (
            None
            if spec.position_side == "BOTH"
            else PositionId(f"{instrument_id}-{spec.position_side}")
        )
        self.submit_order(order, position_id)

    def cancel(self, order: Any) -> None:
        """Cancel an order."""
        self.cancel_order(order.client_order_id)

    def cancel_all(self, instrument_id: str) -> None:
        """Cancel all of its orders for an instrument."""
        self.cancel_all_orders(InstrumentId.from_str(instrument_id))

    def modify(self, order: Any, quantity: str | None, price: str | None) -> None:
        """Modify an order's quantity, price or both."""
        instrument = self._instrument(order.instrument_id)
        self.modify_order(
            order.client_order_id,
            quantity=quantity
            and Quantity.from_decimal_dp(Decimal(quantity), instrument.size_precision),
            price=price and Price.from_decimal_dp(Decimal(price), instrument.price_precision),
        )

    def _instrument(self, instrument_id: InstrumentId) -> Any:
        instrument = self.cache.instrument(instrument_id)
        if instrument is None:
            raise ValueError(f"the node does not know the instrument {instrument_id}")
        return instrument
