"""How a venue is set up."""

from decimal import Decimal
from typing import Literal

import msgspec

from mock_venue.exchange.account import AccountSpec
from mock_venue.exchange.decimals import to_decimal
from mock_venue.exchange.instruments import DEFAULT_SYMBOLS, SymbolSpec
from mock_venue.exchange.matching import Matching
from mock_venue.exchange.path import Constant, PricePath, Recorded, check_move

StreamPace = Literal["immediate", "binance"]

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS


class VenueConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Symbols, accounts, fees and limits of a venue. Raises ValueError naming what is wrong.

    Fees are rates of the notional; a negative maker fee is a rebate. The `..._max` fields are
    limits: what goes over them is refused or cut, and recorded.
    """

    symbols: tuple[SymbolSpec, ...] = DEFAULT_SYMBOLS
    accounts: tuple[AccountSpec, ...] = (AccountSpec(),)
    maker_fee: Decimal = Decimal("0.0002")
    taker_fee: Decimal = Decimal("0.0005")
    bnb_price: Decimal = Decimal(600)
    """What a BNB is worth in USDT: for fees paid in it, and as margin."""
    leverage: int = 20
    first_order_id: int = 8_389_765_739_703_625_592
    """Above 2^53 as on busy symbols, so that a float in a client shows."""
    first_trade_id: int = 1_001
    first_algo_id: int = 9_007_199_254_741_993
    """Of 16 digits as on Binance, and above 2^53."""

    matching: Matching = "scripted"
    """Whether resting orders are filled by acts alone, or by the price path as well."""
    price_path: PricePath = Constant()
    price_interval_ms: int | None = None
    """A step of the price path each time this has passed; None: at `Venue.advance` alone."""
    seed: int = 1
    """What a walk and the depth of the book are drawn from."""

    listen_key_life_ms: int = HOUR_MS
    stream_pace: StreamPace = "immediate"
    """Market streams push changes at once, or no faster than Binance's ("binance")."""
    connection_life_ms: int = 24 * HOUR_MS
    """A WebSocket is closed by the venue at this age."""
    ping_interval_ms: int = 3 * MINUTE_MS
    pong_timeout_ms: int = 10 * MINUTE_MS

    path_key_silent: bool = False
    """Whether a user stream whose listen key is in the URL's path opens and stays silent."""
    events_required: bool = False
    """Whether a user stream opened without `events` in its URL stays silent."""

    rate_limits_enforced: bool = False
    """Whether a request over the limits below is refused; they are counted and shown anyway."""
    request_weight_1m_max: int = 2_400
    funding_requests_5m_max: int = 500
    """Requests for funding rates, which have no weight."""
    orders_10s_max: int = 300
    orders_1m_max: int = 1_200
    stream_messages_1s_max: int = 10
    """Messages of a client on one stream connection, pings and pongs too; one more closes it."""
    ws_api_pings_1s_max: int = 5
    """Pings and pongs of a client on one connection to the WebSocket API; one more closes it."""
    rate_limit_refusals_max: int = 10
    """Requests refused with 429 in one minute; the next one is a ban."""
    ban_ms: int = 2 * MINUTE_MS
    """How long the first ban lasts."""

    connections_max: int = 1_000
    body_bytes_max: int = 65_536
    message_bytes_max: int = 65_536
    streams_per_connection_max: int = 1_024
    send_buffer_bytes_max: int = 4 * 1_048_576
    """A WebSocket client that leaves more than this unread is cut."""
    held_max: int = 10_000
    """Requests and pushes held back at one time."""

    def __post_init__(self) -> None:
        """Turn text into Decimals and check that names are unique."""
        for name in ("maker_fee", "taker_fee"):
            try:
                rate = to_decimal(getattr(self, name))
            except ValueError as error:
                raise ValueError(f"{name} {error}") from None
            if abs(rate) >= 1:
                raise ValueError(f"{name} must be a rate between -1 and 1, was {rate}")
            msgspec.structs.force_setattr(self, name, rate)
        try:
            price = to_decimal(self.bnb_price)
        except ValueError as error:
            raise ValueError(f"bnb_price {error}") from None
        if price <= 0:
            raise ValueError(f"bnb_price must be positive, was {price}")
        msgspec.structs.force_setattr(self, "bnb_price", price)
        _check_unique("symbols", [spec.symbol for spec in self.symbols])
        _check_unique("accounts", [account.name for account in self.accounts])
        _check_unique("account keys", [account.key for account in self.accounts])
        self._check_path()
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if isinstance(value, int) and not isinstance(value, bool) and value < 1:
                raise ValueError(f"{name} must be at least 1, was {value}")

    def _check_path(self) -> None:
        if not isinstance(self.price_path, Recorded):
            return
        specs = {spec.symbol: spec for spec in self.symbols}
        checked = {}
        for symbol, moves in self.price_path.moves.items():
            if symbol not in specs:
                raise ValueError(
                    f"price_path: symbol must be one of {', '.join(specs)}, was {symbol}"
                )
            try:
                checked[symbol] = tuple(check_move(move, specs[symbol]) for move in moves)
            except ValueError as error:
                raise ValueError(f"price_path: {symbol}: {error}") from None
        msgspec.structs.force_setattr(self, "price_path", Recorded(checked))


def _check_unique(what: str, names: list[str]) -> None:
    if not names:
        raise ValueError(f"{what} must not be empty")
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{what} must be unique, {name} is there {names.count(name)} times")
