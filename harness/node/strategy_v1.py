"""The harness's strategy: it trades on command."""

from decimal import Decimal

from nautilus_trader.config import StrategyConfig
from nautilus_trader.model.enums import OrderSide, TimeInForce
from nautilus_trader.model.identifiers import ClientOrderId, InstrumentId, PositionId
from nautilus_trader.model.objects import Price, Quantity
from nautilus_trader.model.orders import Order
from nautilus_trader.trading.strategy import Strategy

from harness.node.spec import OrderSpec, StrategySpec


class ChaosStrategy(Strategy):  # type: ignore[misc]
    """Does nothing of its own but submit `on_start`, at the moment it is started."""

    def __init__(self, spec: StrategySpec) -> None:
        name, _, tag = spec.strategy_id.rpartition("-")
        super().__init__(
            StrategyConfig(
                strategy_id=name,
                order_id_tag=tag,
                oms_type="HEDGING" if spec.hedging else None,
                external_order_claims=[InstrumentId.from_str(claim) for claim in spec.claims],
            )
        )
        self._spec = spec

    def on_start(self) -> None:
        """Submit what is to be submitted at once."""
        for order in self._spec.on_start:
            self.submit(order)

    def on_stop(self) -> None:
        """Leave orders and positions as they are."""

    def submit(self, spec: OrderSpec) -> None:
        """Submit an order built from its specification."""
        instrument_id = InstrumentId.from_str(spec.instrument_id)
        instrument = self.cache.instrument(instrument_id)
        if instrument is None:
            raise ValueError(f"the node does not know the instrument {spec.instrument_id}")
        quantity = Quantity(Decimal(spec.quantity), instrument.size_precision)
        side = OrderSide[spec.side]
        client_order_id = ClientOrderId(spec.client_order_id)
        if spec.type == "MARKET":
            order = self.order_factory.market(
                instrument_id=instrument_id,
                order_side=side,
                quantity=quantity,
                reduce_only=spec.reduce_only,
                client_order_id=client_order_id,
            )
        elif spec.type == "STOP_MARKET":
            order = self.order_factory.stop_market(
                instrument_id=instrument_id,
                order_side=side,
                quantity=quantity,
                trigger_price=Price(Decimal(spec.trigger_price or "0"), instrument.price_precision),
                reduce_only=spec.reduce_only,
                client_order_id=client_order_id,
            )
        else:
            order = self.order_factory.limit(
                instrument_id=instrument_id,
                order_side=side,
                quantity=quantity,
                price=Price(Decimal(spec.price or "0"), instrument.price_precision),
                time_in_force=TimeInForce[spec.time_in_force],
                post_only=spec.post_only,
                reduce_only=spec.reduce_only,
                client_order_id=client_order_id,
            )
        # Binance's adapter reads the position side off the position id.
        position_id = (
            None
            if spec.position_side == "BOTH"
            else PositionId(f"{instrument_id}-{spec.position_side}")
        )
        self.submit_order(order, position_id)

    def cancel(self, order: Order) -> None:
        """Cancel an order."""
        self.cancel_order(order)

    def cancel_all(self, instrument_id: str) -> None:
        """Cancel all of its orders for an instrument."""
        self.cancel_all_orders(InstrumentId.from_str(instrument_id))

    def modify(self, order: Order, quantity: str | None, price: str | None) -> None:
        """Modify an order's quantity, price or both."""
        instrument = self.cache.instrument(order.instrument_id)
        self.modify_order(
            order,
            quantity=quantity and Quantity(Decimal(quantity), instrument.size_precision),
            price=price and Price(Decimal(price), instrument.price_precision),
        )
