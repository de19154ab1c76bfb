"""Margin: what positions and open orders tie up, what is left, and which orders it refuses.

Initial margin of a position is its notional at the mark price divided by the leverage. Open orders
tie up what the position's worst case needs beyond that: the larger of |position + bids| and
|position - asks|, reduce-only orders left out. What is left (`available`) is the cross wallet, plus
the unrealized PnL of cross positions, minus all of that; the margin of isolated positions has left
the cross wallet already.

An order is refused with -2027 where the worst case is beyond what the leverage allows, and with
-2019 where what it adds, and what it would lose at once against the mark price, is more than is
available. A MARKET order is taken at the best ask plus 0.05 %, or the best bid. An order that adds
nothing to the worst case is never refused.

Under multi-assets margin all assets count, at their price in the quote asset.

Source: developers.binance.com, "Account Information V3"; Binance's FAQ on the cost of opening a
position and on the liquidation price. Unconfirmed: which price a MARKET order is taken at.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from mock_venue.exchange import errors
from mock_venue.exchange.account import Position
from mock_venue.exchange.brackets import Tier, max_notional, tier_of
from mock_venue.exchange.commands import PlaceOrder
from mock_venue.exchange.decimals import EXACT, ZERO, money
from mock_venue.exchange.exposure import OpenNotional
from mock_venue.exchange.instruments import ASSETS, QUOTE_ASSET, SymbolSpec
from mock_venue.exchange.order import Order, PositionSide

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

ASSUMED_ASK = Decimal("1.0005")


class Figures(msgspec.Struct, frozen=True, gc=False):
    """A position and the open orders that move it, in the quote asset at the mark price."""

    position: Position
    open: OpenNotional
    spec: SymbolSpec
    mark: Decimal
    leverage: int
    isolated: bool
    notional: Decimal
    """Negative when short."""
    unrealized: Decimal
    worst: Decimal
    """The largest notional that the open orders can lead to."""

    @property
    def position_margin(self) -> Decimal:
        """Initial margin of the position."""
        return EXACT.divide(abs(self.notional), self.leverage)

    @property
    def order_margin(self) -> Decimal:
        """Initial margin of the open orders."""
        return EXACT.divide(self.worst - abs(self.notional), self.leverage)

    @property
    def tied(self) -> Decimal:
        """How much less is available for it: both margins, for a cross position after its PnL."""
        if self.isolated:
            return self.order_margin
        return EXACT.divide(self.worst, self.leverage) - self.unrealized

    @property
    def tier(self) -> Tier:
        """The position's leverage bracket."""
        return tier_of(self.spec.brackets, abs(self.notional))

    @property
    def maintenance(self) -> Decimal:
        """Maintenance margin of the position."""
        return self.tier.maintenance(abs(self.notional))

    @property
    def max_notional(self) -> Decimal:
        """The largest position at this leverage."""
        return max_notional(self.spec.brackets, self.leverage)

    @property
    def is_active(self) -> bool:
        """Whether there is a position or an open order."""
        return bool(self.position.amount or self.open.orders)

    @property
    def isolated_margin(self) -> Decimal:
        """The isolated wallet and the unrealized PnL; 0 where the margin is cross."""
        return self.position.isolated_wallet + self.unrealized if self.isolated else ZERO


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An account's totals in the quote asset."""

    wallet: Decimal
    cross_wallet: Decimal
    unrealized: Decimal
    cross_unrealized: Decimal
    position_margin: Decimal
    order_margin: Decimal
    maintenance: Decimal
    cross_maintenance: Decimal
    available: Decimal
    """Never negative."""

    @property
    def cross_margin(self) -> Decimal:
        """What stands for the cross positions: wallet and unrealized PnL."""
        return self.cross_wallet + self.cross_unrealized

    @property
    def withdrawable(self) -> Decimal:
        """What can leave the wallet: unrealized profit cannot."""
        return max(ZERO, min(self.available, self.cross_wallet))


def figures(
    exchange: "Exchange", account: str, symbol: str, position_side: PositionSide
) -> Figures:
    """The figures of one position, flat or not."""
    position = exchange.ledger.position(account, symbol, position_side)
    is_open = exchange.ledger.exposure.open_notional(account, symbol, position_side)
    mark = exchange.prices[symbol].mark
    notional = EXACT.multiply(position.amount, mark)
    return Figures(
        position=position,
        open=is_open,
        spec=exchange.symbols[symbol],
        mark=mark,
        leverage=exchange.settings.leverage(account, symbol),
        isolated=exchange.settings.margin_type(account, symbol) == "ISOLATED",
        notional=notional,
        unrealized=position.unrealized_pnl(mark),
        worst=_worst(notional, is_open.opening_bids, is_open.opening_asks),
    )


def stakes(exchange: "Exchange", account: str) -> list[Figures]:
    """The figures of every position that is there or has open orders."""
    return [
        figures(exchange, account, symbol, position_side)
        for symbol, position_side in exchange.ledger.exposure.stakes(account)
    ]


def standing(exchange: "Exchange", account: str, asset: str | None = None) -> Standing:
    """An account's totals: of all that counts as margin, or of one asset's wallet alone.

    Positions and orders count for the quote asset.
    """
    assets = _margin_assets(exchange, account) if asset is None else (asset,)
    wallet = cross = ZERO
    for name in assets:
        price = exchange.asset_price(name) if asset is None else Decimal(1)
        balance = exchange.ledger.balance(account, name)
        wallet += money(EXACT.multiply(balance.wallet, price))
        cross += money(EXACT.multiply(balance.cross, price))
    counted = stakes(exchange, account) if QUOTE_ASSET in assets else []
    crossed = [one for one in counted if not one.isolated]
    order_margin = sum((one.order_margin for one in counted), ZERO)
    cross_unrealized = sum((one.unrealized for one in crossed), ZERO)
    tied = sum((one.position_margin for one in crossed), ZERO) + order_margin
    return Standing(
        wallet=wallet,
        cross_wallet=cross,
        unrealized=sum((one.unrealized for one in counted), ZERO),
        cross_unrealized=cross_unrealized,
        position_margin=sum((one.position_margin for one in counted), ZERO),
        order_margin=order_margin,
        maintenance=sum((one.maintenance for one in counted), ZERO),
        cross_maintenance=sum((one.maintenance for one in crossed), ZERO),
        available=max(ZERO, cross + cross_unrealized - tied),
    )


def withdrawable(exchange: "Exchange", account: str, asset: str) -> Decimal:
    """How much of an asset can leave its wallet."""
    if not exchange.settings.has_multi_assets(account):
        return standing(exchange, account, asset).withdrawable
    price = exchange.asset_price(asset)
    free = EXACT.divide(standing(exchange, account).withdrawable, price)
    return max(ZERO, min(free, exchange.ledger.balance(account, asset).cross))


def check_order(
    exchange: "Exchange", order: PlaceOrder | Order, remaining: Decimal, limit: Decimal
) -> None:
    """Raises -2027 or -2019 where the account cannot have this order, or not with these values.

    `remaining` is its quantity yet to fill, `limit` its price, 0 for a MARKET order.
    """
    now = figures(exchange, order.account, order.symbol, order.position_side)
    price = limit or _assumed_price(exchange, order)
    change = EXACT.multiply(remaining, price)
    if isinstance(order, Order):
        change -= EXACT.multiply(order.remaining, order.price)
    buys = order.side == "BUY"
    worst = _worst(
        now.notional,
        now.open.opening_bids + (change if buys else ZERO),
        now.open.opening_asks + (ZERO if buys else change),
    )
    added = worst - now.worst
    if added <= ZERO:
        return
    if worst > now.max_notional:
        raise errors.POSITION_TOO_LARGE()
    loss_each = max(ZERO, price - now.mark if buys else now.mark - price)
    lost = EXACT.divide(EXACT.multiply(added, loss_each), price) if loss_each else ZERO
    if EXACT.divide(added, now.leverage) + lost > _available(exchange, now):
        raise errors.MARGIN_INSUFFICIENT()


def isolated_wallet(before: Position, after: Position, price: Decimal, leverage: int) -> Decimal:
    """The isolated wallet of a position after a trade at `price`.

    What was opened brings its initial margin; what was closed takes its share with it.
    """
    held, now = abs(before.amount), abs(after.amount)
    if before.amount * after.amount < 0 or not held:
        return money(EXACT.divide(EXACT.multiply(now, price), Decimal(leverage)))
    if now >= held:
        opened = EXACT.multiply(now - held, price)
        return before.isolated_wallet + money(EXACT.divide(opened, Decimal(leverage)))
    return money(EXACT.divide(EXACT.multiply(before.isolated_wallet, now), held))


def liquidation_price(exchange: "Exchange", one: Figures) -> Decimal:
    """The mark price at which the margin would be the maintenance margin, unrounded; 0 if none.

    Everything else stays as it is. The two cross positions of hedge mode move together.
    """
    if not one.position.amount:
        return ZERO
    account, symbol = one.position.account, one.position.symbol
    if one.isolated:
        moving, base = [one], one.position.isolated_wallet
    else:
        crossed = [other for other in stakes(exchange, account) if not other.isolated]
        moving = [other for other in crossed if other.position.symbol == symbol]
        base = standing(exchange, account).cross_wallet + sum(
            (
                other.unrealized - other.maintenance
                for other in crossed
                if other.position.symbol != symbol
            ),
            ZERO,
        )
    slope = ZERO
    for other in moving:
        amount, tier = other.position.amount, other.tier
        base += tier.cum - (other.position.cost if amount > 0 else -other.position.cost)
        slope += EXACT.multiply(abs(amount), tier.bracket.rate) - amount
    return max(ZERO, EXACT.divide(base, slope)) if slope else ZERO


def _available(exchange: "Exchange", known: Figures) -> Decimal:
    """`Standing.available` without the rest, and negative where it is; one stake is known."""
    account, position = known.position.account, known.position
    if exchange.settings.has_multi_assets(account):
        free = standing(exchange, account).cross_wallet
    else:
        free = exchange.ledger.balance(account, QUOTE_ASSET).cross
    for symbol, side in exchange.ledger.exposure.stakes(account):
        is_known = (symbol, side) == (position.symbol, position.position_side)
        free -= (known if is_known else figures(exchange, account, symbol, side)).tied
    return free


def _margin_assets(exchange: "Exchange", account: str) -> tuple[str, ...]:
    if exchange.settings.has_multi_assets(account):
        return ASSETS
    return (QUOTE_ASSET,)


def _worst(notional: Decimal, bids: Decimal, asks: Decimal) -> Decimal:
    if not notional:
        return max(bids, asks)
    return max(abs(notional), abs(notional + bids), abs(notional - asks))


def _assumed_price(exchange: "Exchange", order: PlaceOrder | Order) -> Decimal:
    price = exchange.prices[order.symbol]
    return price.ask * ASSUMED_ASK if order.side == "BUY" else price.bid
