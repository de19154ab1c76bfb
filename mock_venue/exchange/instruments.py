"""What is traded: one `SymbolSpec` a perpetual, with its filters and its first prices."""

from decimal import Decimal
from functools import cached_property

import msgspec

from mock_venue.exchange.brackets import DEFAULT_BRACKETS, Bracket, check_brackets
from mock_venue.exchange.decimals import to_decimal

QUOTE_ASSET = "USDT"
"""Every symbol is quoted and margined in this."""
FEE_ASSET = "BNB"
"""Fees can be paid in this."""
ASSETS = (QUOTE_ASSET, FEE_ASSET)
ASSET_INDICES = {f"{asset}USD": asset for asset in ASSETS}
"""The asset of each asset index, by the symbol it has."""


class SymbolSpec(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """A USDT-margined perpetual.

    `tick_size` and `step_size` are as Binance writes them: their decimals are the symbol's
    precision. `bid` and `ask` are the reference prices at the start, multiples of the tick.
    Decimals may be given as str. Raises ValueError naming the field that is wrong.
    """

    symbol: str
    base_asset: str
    bid: Decimal
    ask: Decimal
    tick_size: Decimal
    step_size: Decimal
    min_price: Decimal = Decimal(0)
    """0 stands for one tick."""
    max_price: Decimal = Decimal(10_000_000)
    min_quantity: Decimal = Decimal(0)
    """0 stands for one step."""
    max_quantity: Decimal = Decimal(1_000)
    market_max_quantity: Decimal = Decimal(120)
    min_notional: Decimal = Decimal(5)
    price_factor_up: Decimal = Decimal("1.0500")
    """How far above the mark price one may buy, as a factor: `multiplierUp` of PERCENT_PRICE."""
    price_factor_down: Decimal = Decimal("0.9500")
    """How far below the mark price one may sell: `multiplierDown`."""
    max_open_orders: int = 200
    trigger_protect: Decimal = Decimal("0.0500")
    """How far last and mark price may be apart for a protected conditional order to trigger."""
    onboard_ms: int = 1_569_398_400_000
    brackets: tuple[Bracket, ...] = DEFAULT_BRACKETS

    def __post_init__(self) -> None:
        """Turn text into Decimals and check that the fields fit together."""
        for field in msgspec.structs.fields(self):
            if field.type is Decimal:
                try:
                    value = to_decimal(getattr(self, field.name))
                except ValueError as error:
                    raise ValueError(f"symbol {self.symbol}: {field.name} {error}") from None
                msgspec.structs.force_setattr(self, field.name, value)
        if not self.symbol:
            raise ValueError("symbol must not be empty")
        for name in ("tick_size", "step_size", "bid", "ask"):
            if getattr(self, name) <= 0:
                raise ValueError(
                    f"symbol {self.symbol}: {name} must be positive, was {getattr(self, name)}"
                )
        if not 0 <= self.price_factor_down < 1 < self.price_factor_up:
            raise ValueError(
                f"symbol {self.symbol}: price_factor_down must be below 1 and _up above it,"
                f" were {self.price_factor_down} and {self.price_factor_up}"
            )
        if self.price_precision + self.quantity_precision > 8:
            raise ValueError(
                f"symbol {self.symbol}: tick_size and step_size may have 8 decimals together,"
                f" were {self.tick_size} and {self.step_size}"
            )
        for name in ("bid", "ask"):
            if getattr(self, name) % self.tick_size:
                raise ValueError(
                    f"symbol {self.symbol}: {name} must be a multiple of {self.tick_size},"
                    f" was {getattr(self, name)}"
                )
        if self.bid >= self.ask:
            raise ValueError(
                f"symbol {self.symbol}: bid must be below ask, were {self.bid} and {self.ask}"
            )
        try:
            check_brackets(self.brackets)
        except ValueError as error:
            raise ValueError(f"symbol {self.symbol}: {error}") from None
        if not self.min_price:
            msgspec.structs.force_setattr(self, "min_price", self.tick_size)
        if not self.min_quantity:
            msgspec.structs.force_setattr(self, "min_quantity", self.step_size)

    @cached_property
    def mark(self) -> Decimal:
        """The mark price at the start: the middle."""
        return (self.bid + self.ask) / 2

    @cached_property
    def price_precision(self) -> int:
        """Decimals of a price."""
        return _places(self.tick_size)

    @cached_property
    def quantity_precision(self) -> int:
        """Decimals of a quantity."""
        return _places(self.step_size)


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """The reference prices of a symbol: what a taker pays or gets, the mark and the last price.

    The last price is the last trade's, or where the reference prices left that behind, the nearest.
    """

    symbol: str
    bid: Decimal
    ask: Decimal
    mark: Decimal
    last: Decimal
    updated_ms: int
    update_id: int


def _places(unit: Decimal) -> int:
    exponent = unit.as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


DEFAULT_SYMBOLS = (
    SymbolSpec(
        symbol="BTCUSDT",
        base_asset="BTC",
        bid=Decimal("50000.00"),
        ask=Decimal("50000.10"),
        tick_size=Decimal("0.10"),
        step_size=Decimal("0.001"),
        max_price=Decimal("4529764"),
        min_price=Decimal("556.80"),
        min_notional=Decimal("50"),
    ),
    SymbolSpec(
        symbol="ETHUSDT",
        base_asset="ETH",
        bid=Decimal("3000.00"),
        ask=Decimal("3000.01"),
        tick_size=Decimal("0.01"),
        step_size=Decimal("0.001"),
        max_price=Decimal("306177"),
        min_price=Decimal("39.86"),
        max_quantity=Decimal("10000"),
        market_max_quantity=Decimal("2000"),
        min_notional=Decimal("20"),
    ),
    SymbolSpec(
        symbol="SOLUSDT",
        base_asset="SOL",
        bid=Decimal("150.000"),
        ask=Decimal("150.010"),
        tick_size=Decimal("0.010"),
        step_size=Decimal("0.01"),
        max_price=Decimal("6857"),
        min_price=Decimal("0.420"),
        max_quantity=Decimal("100000"),
        market_max_quantity=Decimal("20000"),
        min_notional=Decimal("5"),
    ),
)
