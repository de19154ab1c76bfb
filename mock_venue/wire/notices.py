"""What the market streams tell of single events: liquidations, and contracts whose status changed.

Of a symbol's liquidations in one second the largest is told, at its end. (Binance: "Liquidation
Order Streams", "Contract Info Stream".)
"""

from functools import partial

from mock_venue.exchange.events import ExchangeEvent, OrderTraded, StatusChanged
from mock_venue.exchange.order import Order
from mock_venue.executor import Executor
from mock_venue.wire.schemas import market as schemas
from mock_venue.wire.schemas.market import Frames

ALL_LIQUIDATIONS = "!forceOrder@arr"
CONTRACTS = "!contractInfo"


class Notices:
    """Remembers the liquidations of the current second."""

    def __init__(self, executor: Executor) -> None:
        self._executor = executor
        self._symbols = executor.exchange.symbols
        self._largest: dict[str, Order] = {}

    def see(self, event: ExchangeEvent) -> Frames:
        """Take in an event; what is sent of it at once."""
        if isinstance(event, OrderTraded) and event.order.forced_by == "LIQUIDATION":
            largest = self._largest.get(event.order.symbol)
            if largest is None or event.order.filled > largest.filled:
                self._largest[event.order.symbol] = event.order
        if not isinstance(event, StatusChanged):
            return {}
        spec, now_ms = self._symbols[event.symbol], self._executor.now_ms()
        return {CONTRACTS: partial(schemas.contract_frame, spec, event.status, now_ms)}

    def second(self) -> list[Frames]:
        """The second is over; what is sent of it."""
        now_ms, over, self._largest = self._executor.now_ms(), self._largest, {}
        return [
            dict.fromkeys(
                (f"{symbol.lower()}@forceOrder", ALL_LIQUIDATIONS),
                partial(schemas.force_order_frame, self._symbols[symbol], order, now_ms),
            )
            for symbol, order in over.items()
        ]
