"""Accounts: positions, balances, and the arithmetic of a trade.

In one-way mode a buy and a sell on a symbol move the same position (`position_side` BOTH). In hedge
mode there are two, LONG and SHORT, and the order says which; a SHORT amount is negative.

A position carries the *cost* of what is open, not an entry price, so nothing is lost to rounding:
the entry price is `cost / amount`, rounded only where it is shown. Closing a part releases its
share of the cost, rounded to the money unit; the rest keeps what remains. So over any round trip
to flat the realized PnL is the sum of sales minus purchases, to the last digit.

Realized PnL and commissions are multiples of the money unit; a maker rebate is a negative
commission.
"""

from decimal import Decimal
from typing import Literal

import msgspec

from mock_venue.exchange.decimals import EXACT, ZERO, money, to_decimal
from mock_venue.exchange.keys import read_public_key
from mock_venue.exchange.order import PositionSide, Side

DEFAULT_SECRET = "mock-secret"

AccountReason = Literal[
    "DEPOSIT",
    "WITHDRAW",
    "FUNDING_FEE",
    "WITHDRAW_REJECT",
    "ADJUSTMENT",
    "INSURANCE_CLEAR",
    "ADMIN_DEPOSIT",
    "ADMIN_WITHDRAW",
    "MARGIN_TRANSFER",
    "MARGIN_TYPE_CHANGE",
    "ASSET_TRANSFER",
    "OPTIONS_PREMIUM_FEE",
    "OPTIONS_SETTLE_PROFIT",
    "AUTO_EXCHANGE",
    "COIN_SWAP_DEPOSIT",
    "COIN_SWAP_WITHDRAW",
]
"""Binance's `m` of ACCOUNT_UPDATE."""


class AccountSpec(msgspec.Struct, frozen=True, kw_only=True):
    """An account at the start: its key, what the key signs with, its deposits and its fee rates.

    A key signs with an HMAC secret or, where `public_key` (PEM text) is given, with the RSA or
    Ed25519 private key that belongs to it; `secret` is empty then. Decimals may be given as str.
    """

    name: str = "main"
    key: str = "mock-key"
    secret: str = DEFAULT_SECRET
    public_key: str | None = None
    wallet: Decimal = Decimal(100_000)
    """USDT."""
    bnb: Decimal = ZERO
    """BNB, for fees."""
    fee_burn: bool = False
    """Whether fees are paid in BNB while there is enough of it; the account can change it."""
    maker_fee: Decimal | None = None
    """A rate; None: the venue's."""
    taker_fee: Decimal | None = None

    def __post_init__(self) -> None:
        """Check the fields. Raises ValueError naming the one that is wrong."""
        for name in ("name", "key", "secret"):
            text = getattr(self, name)
            if not (text.isascii() and text.isprintable()):
                raise ValueError(f"account {name} must be printable ASCII, was {text!r}")
        for name in ("wallet", "bnb"):
            self._set(name, money(self._decimal(name)))
            if getattr(self, name) < ZERO:
                raise ValueError(
                    f"account {self.name}: {name} must not be negative, was {getattr(self, name)}"
                )
        for name in ("maker_fee", "taker_fee"):
            if getattr(self, name) is not None:
                self._set(name, self._decimal(name))
                if abs(getattr(self, name)) >= 1:
                    raise ValueError(
                        f"account {self.name}: {name} must be a rate between -1 and 1,"
                        f" was {getattr(self, name)}"
                    )
        if self.public_key is not None:
            self._check_public_key(self.public_key)
        for name in ("name", "key") if self.public_key is not None else ("name", "key", "secret"):
            if not getattr(self, name):
                raise ValueError(f"account {self.name}: {name} must not be empty")

    def _decimal(self, name: str) -> Decimal:
        try:
            return to_decimal(getattr(self, name))
        except ValueError as error:
            raise ValueError(f"account {self.name}: {name} {error}") from None

    def _check_public_key(self, pem: str) -> None:
        if self.secret not in ("", DEFAULT_SECRET):
            raise ValueError(f"account {self.name}: secret and public_key exclude each other")
        self._set("secret", "")
        try:
            read_public_key(pem)
        except ValueError as error:
            raise ValueError(f"account {self.name}: public_key {error}") from None

    def _set(self, name: str, value: Decimal | str) -> None:
        msgspec.structs.force_setattr(self, name, value)


class Trade(msgspec.Struct, frozen=True, gc=False):
    """One fill of one order. `time_ms` is UNIX milliseconds."""

    trade_id: int
    order_id: int
    client_order_id: str
    account: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    commission: Decimal
    commission_asset: str
    realized_pnl: Decimal
    maker: bool
    position_side: PositionSide
    time_ms: int


class Position(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A position of an account in a symbol; `amount` is negative when short."""

    account: str
    symbol: str
    amount: Decimal = ZERO
    cost: Decimal = ZERO
    """What was paid (or received) for the open amount, never negative."""
    fees: Decimal = ZERO
    """Commissions paid for the open amount."""
    realized_pnl: Decimal = ZERO
    """Accumulated since the account exists, before commissions."""
    position_side: PositionSide = "BOTH"
    isolated_wallet: Decimal = ZERO
    """What was set aside for it alone; 0 under cross margin."""
    updated_ms: int = 0

    @property
    def entry_price(self) -> Decimal:
        """Mean price of the open amount, unrounded; 0 when flat."""
        return EXACT.divide(self.cost, abs(self.amount)) if self.amount else ZERO

    @property
    def break_even_price(self) -> Decimal:
        """The price at which closing repays the fees of opening, unrounded; 0 when flat."""
        if not self.amount:
            return ZERO
        paid = self.cost + self.fees if self.amount > 0 else self.cost - self.fees
        return EXACT.divide(paid, abs(self.amount))

    def unrealized_pnl(self, mark: Decimal) -> Decimal:
        """Gain if the position were closed at `mark`, in money units; 0 when flat."""
        if not self.amount:
            return ZERO
        value = EXACT.multiply(abs(self.amount), mark)
        return money(value - self.cost if self.amount > 0 else self.cost - value)


class Balance(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The wallet of an account in an asset."""

    account: str
    asset: str
    wallet: Decimal
    isolated: Decimal = ZERO
    """How much of it is set aside for isolated positions."""
    updated_ms: int = 0

    @property
    def cross(self) -> Decimal:
        """The rest, which stands for all cross positions."""
        return self.wallet - self.isolated


class MarginChange(msgspec.Struct, frozen=True, kw_only=True):
    """Isolated margin that was added to a position; a negative `amount` was taken out."""

    account: str
    symbol: str
    position_side: PositionSide
    amount: Decimal
    time_ms: int


def commission(quantity: Decimal, price: Decimal, rate: Decimal) -> Decimal:
    """Fee of a trade, in money units; negative for a rebate."""
    return money(EXACT.multiply(EXACT.multiply(quantity, price), rate))


def trade_position(
    position: Position, side: Side, quantity: Decimal, price: Decimal, fee: Decimal, now_ms: int
) -> tuple[Position, Decimal]:
    """Return the position after a trade, and the PnL it realized (before the fee)."""
    signed = quantity if side == "BUY" else -quantity
    value = EXACT.multiply(quantity, price)
    if position.amount * signed >= 0:
        opened = msgspec.structs.replace(
            position,
            amount=position.amount + signed,
            cost=position.cost + value,
            fees=position.fees + fee,
            updated_ms=now_ms,
        )
        return opened, ZERO
    held = abs(position.amount)
    closed = min(quantity, held)
    released = _share(position.cost, closed, held)
    closed_value = EXACT.multiply(closed, price)
    gain = closed_value - released if position.amount > 0 else released - closed_value
    beyond = quantity - closed
    rest = msgspec.structs.replace(
        position,
        amount=position.amount + signed,
        cost=EXACT.multiply(beyond, price) if beyond else position.cost - released,
        fees=(
            _share(fee, beyond, quantity)
            if beyond
            else position.fees - _share(position.fees, closed, held)
        ),
        realized_pnl=position.realized_pnl + gain,
        updated_ms=now_ms,
    )
    return rest, gain


def _share(total: Decimal, part: Decimal, whole: Decimal) -> Decimal:
    if part == whole:
        return total
    return money(EXACT.divide(EXACT.multiply(total, part), whole))
