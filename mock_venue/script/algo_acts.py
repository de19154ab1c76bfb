"""Acts about conditional orders. That the market triggers them needs no act: prices do it."""

from mock_venue.exchange.commands import (
    AlgoRef,
    CancelAlgoOrder,
    Command,
    ExpireAlgoOrder,
    HoldTriggers,
)
from mock_venue.exchange.conditional import AlgoOrder
from mock_venue.exchange.exchange import Exchange
from mock_venue.script.acts import Acts, OrderName
from mock_venue.script.errors import VenueScriptError


class AlgoActs:
    """Carries out acts about conditional orders and records each."""

    def __init__(self, exchange: Exchange, acts: Acts) -> None:
        self._exchange = exchange
        self._acts = acts

    def cancel(self, name: OrderName) -> AlgoOrder:
        """Cancel a waiting order; see `Venue.cancel_algo_order`."""
        order = self._waiting("cancel_algo_order", name)
        ref = AlgoRef(algo_id=order.algo_id)
        command = CancelAlgoOrder(account=order.account, ref=ref)
        return self._do("cancel_algo_order", command, order)

    def expire(self, name: OrderName) -> AlgoOrder:
        """Expire a waiting order; see `Venue.expire_algo_order`."""
        order = self._waiting("expire_algo_order", name)
        return self._do("expire_algo_order", ExpireAlgoOrder(algo_id=order.algo_id), order)

    def hold_triggers(self, held: bool) -> None:
        """Hold or let go what triggers; see `Venue.hold_triggers`."""
        self._acts.do("hold_triggers" if held else "release_triggers", HoldTriggers(held=held))

    def _do(self, act: str, command: Command, order: AlgoOrder) -> AlgoOrder:
        self._acts.do(act, command, algo_order=order.client_algo_id, algo_id=order.algo_id)
        now = self._exchange.algos.order(order.algo_id)
        assert now is not None
        return now

    def _waiting(self, act: str, name: OrderName) -> AlgoOrder:
        found = self._exchange.algos.named(name)
        waiting = [order for order in found if order.status == "NEW"]
        if len(waiting) == 1:
            return waiting[0]
        if waiting:
            raise VenueScriptError(
                f"{act}: {len(waiting)} accounts have a waiting order {name!r}, give its algo id"
            )
        if found:
            raise VenueScriptError(f"{act}: order {name!r} is {found[-1].status}, it does not wait")
        raise VenueScriptError(f"{act}: there is no conditional order {name!r}")
