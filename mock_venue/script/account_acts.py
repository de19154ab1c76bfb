"""Acts on accounts' money."""

from decimal import Decimal
from typing import cast

from mock_venue.exchange.account import AccountReason, Balance
from mock_venue.exchange.commands import ChargeFunding, Command, MoveMoney, TransferMoney
from mock_venue.exchange.decimals import plain
from mock_venue.exchange.events import AccountChanged
from mock_venue.exchange.income import Income
from mock_venue.exchange.instruments import ASSETS
from mock_venue.exchange.movements import INCOME_TYPES
from mock_venue.script.acts import Acts, Amount, positive_amount, signed_amount
from mock_venue.script.errors import VenueScriptError


class AccountActs:
    """Carries out acts on money and records each."""

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
        if reason not in INCOME_TYPES or reason == "FUNDING_FEE":
            known = ", ".join(name for name in INCOME_TYPES if name != "FUNDING_FEE")
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
