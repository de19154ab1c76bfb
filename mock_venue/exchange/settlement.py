"""What a fill does to money: fee, realized PnL, the position, the wallets.

A trade changes the wallet by realized PnL minus commission (verified on a recording of 2024). With
fee burn on, an account that has enough BNB pays its fees in BNB at a discount of 10 %, at the
venue's BNB price; a maker rebate always comes in the quote asset.

Source: developers.binance.com, "Toggle BNB Burn On Futures Trade"; the discount is Binance's fee
page's.
"""

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from mock_venue.exchange import order as orders
from mock_venue.exchange.account import Trade, commission, trade_position
from mock_venue.exchange.decimals import EXACT, ZERO, money
from mock_venue.exchange.events import OrderTraded
from mock_venue.exchange.instruments import FEE_ASSET, QUOTE_ASSET
from mock_venue.exchange.margin import isolated_wallet
from mock_venue.exchange.order import Order

if TYPE_CHECKING:
    from mock_venue.exchange.exchange import Exchange

BURN_SHARE = Decimal("0.9")
RPI_FEE = Decimal("0.00005")
"""The rate of a maker whose order is RPI (`rpiCommissionRate` of the documentation's example)."""


def fill(
    exchange: "Exchange",
    order: Order,
    quantity: Decimal,
    price: Decimal,
    now_ms: int,
    *,
    maker: bool,
) -> OrderTraded:
    """Fill an open order and settle it; `quantity` is at most what remains."""
    ledger, settings = exchange.ledger, exchange.settings
    fee = _fee(exchange, order, quantity, price, maker)
    before = ledger.position(order.account, order.symbol, order.position_side)
    position, gain = trade_position(before, order.side, quantity, price, fee.value, now_ms)
    if settings.margin_type(order.account, order.symbol) == "ISOLATED":
        leverage = settings.leverage(order.account, order.symbol)
        wallet = isolated_wallet(before, position, price, leverage)
        position = msgspec.structs.replace(position, isolated_wallet=wallet)
    filled = orders.fill(order, quantity, price, now_ms)
    trade = Trade(
        exchange.take_trade_id(),
        order.order_id,
        order.client_order_id,
        order.account,
        order.symbol,
        order.side,
        quantity,
        price,
        fee.amount,
        fee.asset,
        gain,
        maker,
        order.position_side,
        now_ms,
    )
    ledger.put_order(filled)
    ledger.put_trade(trade)
    ledger.put_position(position)
    in_quote = fee.asset == QUOTE_ASSET
    isolated = position.isolated_wallet - before.isolated_wallet
    balance = ledger.change_balance(
        order.account, QUOTE_ASSET, gain - (fee.amount if in_quote else ZERO), now_ms, isolated
    )
    fee_balance = (
        None if in_quote else ledger.change_balance(order.account, fee.asset, -fee.amount, now_ms)
    )
    return OrderTraded(filled, trade, position, balance, fee_balance, now_ms)


class _Fee(msgspec.Struct, frozen=True):
    amount: Decimal
    asset: str
    value: Decimal
    """What it is worth in the quote asset."""


def _fee(
    exchange: "Exchange", order: Order, quantity: Decimal, price: Decimal, maker: bool
) -> _Fee:
    maker_rate, taker_rate = exchange.fee_rates(order.account)
    if order.time_in_force == "RPI":
        maker_rate = RPI_FEE
    full = commission(quantity, price, maker_rate if maker else taker_rate)
    if full > ZERO and exchange.settings.burns_fees(order.account):
        value = money(EXACT.multiply(full, BURN_SHARE))
        amount = money(EXACT.divide(value, exchange.asset_price(FEE_ASSET)))
        if amount <= exchange.ledger.balance(order.account, FEE_ASSET).wallet:
            return _Fee(amount, FEE_ASSET, value)
    return _Fee(full, QUOTE_ASSET, full)
