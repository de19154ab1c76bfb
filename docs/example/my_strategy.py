"""A strategy: long above its moving average of the market's price, short below it."""

from decimal import Decimal

from nautilus_trader.config import PositiveInt, StrategyConfig
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.data import QuoteTick
from nautilus_trader.model.enums import OrderSide
from nautilus_trader.model.identifiers import InstrumentId
from nautilus_trader.trading.strategy import Strategy


class CrossConfig(StrategyConfig, frozen=True):
    instrument_id: InstrumentId
    quantity: Decimal
    period: PositiveInt = 5


class Cross(Strategy):
    def __init__(self, config: CrossConfig) -> None:
        super().__init__(config)
        self.average = ExponentialMovingAverage(config.period)

    def on_start(self) -> None:
        self.subscribe_quote_ticks(self.config.instrument_id)

    def on_stop(self) -> None:
        self.cancel_all_orders(self.config.instrument_id)

    def on_quote_tick(self, tick: QuoteTick) -> None:
        price = float(tick.bid_price)
        self.average.update_raw(price)
        waiting = self.cache.orders_inflight_count(strategy_id=self.id)
        if waiting or not self.average.initialized or price == self.average.value:
            return
        side = OrderSide.BUY if price > self.average.value else OrderSide.SELL
        self.go(side)

    def go(self, side: OrderSide) -> None:
        target = self.config.quantity if side == OrderSide.BUY else -self.config.quantity
        change = target - self.portfolio.net_position(self.config.instrument_id)
        if change:
            instrument = self.cache.instrument(self.config.instrument_id)
            quantity = instrument.make_qty(abs(change))
            self.submit_order(self.order_factory.market(instrument.id, side, quantity))
