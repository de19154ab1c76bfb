"""Acts on accounts' money and positions, and on a symbol's status."""

from decimal import Decimal
from typing import cast, get_args

from mock_venue.exchange.account import AccountReason, Balance, Trade
from mock_venue.exchange.commands import (
    CallMargin,
    ChargeFunding,
    ClosePosition,
    Command,
    MoveMoney,
    SetStatus,
    SettleSymbol,
    SymbolStatus,
    TransferMoney,
)
from mock_venue.exchange.decimals import plain
from mock_venue.exchange.events import AccountChanged, OrderTraded
from mock_venue.exchange.income import Income
from mock_venue.exchange.instruments import ASSETS
from mock_venue.exchange.movements import INCOME_TYPES
from mock_venue.exchange.order import ForcedBy, PositionSide
from mock_venue.script.acts import Acts, Amount, multiple, positive_amount, signed_amount
from mock_venue.script.errors import VenueScriptError

ADJUSTMENTS = tuple(reason for reason in INCOME_TYPES if reason != "FUNDING_FEE")
"""The reasons for which the venue moves money when told to."""


class AccountActs:
    """Carries out these acts and records each."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts

    def deposit(self, amount: Amount, asset: str, account: str | None) -> Balance:
        """Money comes in; see `Venue.deposit`."""
        value = positive_amount("deposit", "amount", amount)
        return self._move("deposit", value, "DEPOSIT", asset, account)

    def withdraw(self, amount: Amount, asset: str, account: str | None) -> Balance:
        """Money goes out; see `Venue.withdraw`."""
        value = positive_amount("withdraw", "amount", amount)
        return self._move("withdraw", -value, "WITHDRAW", asset, account)

    def adjust(self, amount: Amount, reason: str, asset: str, account: str | None) -> Balance:
        """Binance moves money; see `Venue.adjust`."""
        if reason not in ADJUSTMENTS:
            known = ", ".join(ADJUSTMENTS)
            raise VenueScriptError(f"adjust: reason must be one of {known}, was {reason!r}")
        value = signed_amount("adjust", "amount", amount)
        return self._move("adjust", value, cast(AccountReason, reason), asset, account)

    def transfer(self, amount: Amount, receiver: str, asset: str, account: str | None) -> None:
        """Money goes from one account to another; see `Venue.transfer`."""
        value = positive_amount("transfer", "amount", amount)
        sender = self._acts.owner("transfer", account)
        self._acts.owner("transfer", receiver)
        if sender == receiver:
            raise VenueScriptError(f"transfer: receiver must be another account, was {receiver!r}")
        self._acts.do(
            "transfer",
            TransferMoney(
                account=sender,
                receiver=receiver,
                asset=_asset("transfer", asset),
                amount=value,
            ),
            amount=plain(value),
            receiver=receiver,
            asset=asset,
            account=sender,
        )

    def funding(self, symbol: str, rate: Amount | None) -> list[Income]:
        """Charge funding; see `Venue.funding`."""
        self._acts.spec("funding", symbol)
        at: Decimal | None = None
        if rate is not None:
            at = signed_amount("funding", "rate", rate)
            if abs(at) >= 1:
                raise VenueScriptError(f"funding: rate must be between -1 and 1, was {plain(at)}")
        told = None if at is None else plain(at)
        command = ChargeFunding(symbol=symbol, rate=at)
        events = self._acts.do("funding", command, symbol=symbol, rate=told)
        return [
            event.income
            for event in events
            if isinstance(event, AccountChanged) and event.income is not None
        ]

    def close(
        self,
        act: str,
        by: ForcedBy,
        symbol: str,
        account: str | None,
        position_side: PositionSide,
        quantity: Amount | None,
        price: Amount | None,
    ) -> Trade:
        """Close a position as the exchange does; see `Venue.liquidate`, `Venue.adl`."""
        spec = self._acts.spec(act, symbol)
        owner = self._acts.owner(act, account)
        step, tick = spec.step_size, spec.tick_size
        size = None if quantity is None else multiple(act, "quantity", quantity, step)
        at = None if price is None else multiple(act, "price", price, tick)
        events = self._acts.do(
            act,
            ClosePosition(
                account=owner,
                symbol=symbol,
                by=by,
                position_side=position_side,
                quantity=size,
                price=at,
            ),
            symbol=symbol,
            account=owner,
            position_side=position_side,
            quantity=None if size is None else plain(size),
            price=None if at is None else plain(at),
        )
        return next(
            event.trade
            for event in events
            if isinstance(event, OrderTraded) and event.order.forced_by == by
        )

    def margin_call(self, account: str | None) -> None:
        """Call an account's margin; see `Venue.margin_call`."""
        owner = self._acts.owner("margin_call", account)
        self._acts.do("margin_call", CallMargin(account=owner), account=owner)

    def set_status(self, symbol: str, status: SymbolStatus) -> None:
        """Change a symbol's status; see `Venue.set_status`."""
        self._acts.spec("set_status", symbol)
        if status not in get_args(SymbolStatus):
            known = ", ".join(get_args(SymbolStatus))
            raise VenueScriptError(f"set_status: status must be one of {known}, was {status!r}")
        command = SetStatus(symbol=symbol, status=status)
        self._acts.do("set_status", command, symbol=symbol, status=status)

    def settle(self, symbol: str, price: Amount | None) -> None:
        """End a symbol; see `Venue.settle`."""
        self._acts.spec("settle", symbol)
        mark = self._acts.mark(symbol)
        at = mark if price is None else positive_amount("settle", "price", price)
        command = SettleSymbol(symbol=symbol, price=at)
        self._acts.do("settle", command, symbol=symbol, price=plain(at))

    def _move(
        self, act: str, amount: Decimal, reason: AccountReason, asset: str, account: str | None
    ) -> Balance:
        owner = self._acts.owner(act, account)
        command: Command = MoveMoney(
            account=owner, asset=_asset(act, asset), amount=amount, reason=reason
        )
        told = plain(amount)
        events = self._acts.do(act, command, amount=told, reason=reason, asset=asset, account=owner)
        [changed] = events
        assert isinstance(changed, AccountChanged)
        return changed.balances[0]


def _asset(act: str, asset: str) -> str:
    if asset not in ASSETS:
        raise VenueScriptError(f"{act}: asset must be one of {', '.join(ASSETS)}, was {asset!r}")
    return asset
