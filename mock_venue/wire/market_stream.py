"""Market streams: bookTicker, markPrice and aggTrade; every other name is taken and stays silent.

A price stream sends one frame of the current price on subscription and one at each change of it.
"""

from typing import Any

import msgspec

from mock_venue.exchange.events import ExchangeEvent, OrderTraded, PriceChanged
from mock_venue.executor import Executor
from mock_venue.wire.connection import Connection, Connections
from mock_venue.wire.schemas import market as schemas


class MarketStream:
    """Turns the exchange's events into frames for those who subscribed."""

    def __init__(self, executor: Executor, connections: Connections) -> None:
        self._exchange = executor.exchange
        self._executor = executor
        self._connections = connections
        self._encoder = msgspec.json.Encoder()
        executor.listen(self._on_events)

    def send_current(self, connection: Connection, stream: str) -> None:
        """Send what a new subscriber of a price stream gets at once."""
        symbol = stream.partition("@")[0].upper()
        if symbol not in self._exchange.symbols:
            return
        for name, payload in self._price_frames(symbol).items():
            if name == stream:
                connection.send(name, self._encoder.encode(payload))

    def _on_events(self, events: list[ExchangeEvent]) -> None:
        for event in events:
            if isinstance(event, PriceChanged):
                frames = self._price_frames(event.price.symbol)
            elif isinstance(event, OrderTraded):
                frames = self._trade_frames(event)
            else:
                continue
            for name, payload in frames.items():
                for connection in self._connections.listening(name):
                    connection.send(name, self._encoder.encode(payload))

    def _price_frames(self, symbol: str) -> dict[str, Any]:
        spec, price = self._exchange.symbols[symbol], self._exchange.prices[symbol]
        now_ms = self._executor.now_ms()
        book = schemas.book_ticker_frame(spec, price, now_ms)
        mark = schemas.mark_price_frame(price, now_ms)
        lower = symbol.lower()
        return {
            f"{lower}@bookTicker": book,
            "!bookTicker": book,
            f"{lower}@markPrice": mark,
            f"{lower}@markPrice@1s": mark,
            "!markPrice@arr": [mark],
            "!markPrice@arr@1s": [mark],
        }

    def _trade_frames(self, event: OrderTraded) -> dict[str, Any]:
        spec = self._exchange.symbols[event.trade.symbol]
        payload = schemas.agg_trade_frame(spec, event.trade, self._executor.now_ms())
        return {f"{event.trade.symbol.lower()}@aggTrade": payload}
