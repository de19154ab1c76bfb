"""An example: a strategy that takes over what was traded by hand, and says what it owns."""

from collections.abc import Iterable

from nautilus_trader.config import StrategyConfig
from nautilus_trader.trading.strategy import Strategy

from harness.node.reconciliation.claims import ExternalOrderClaimConfig


def claiming_config(
    claims: ExternalOrderClaimConfig, loaded: Iterable[str], *, order_id_tag: str = "001"
) -> StrategyConfig:
    """Return the configuration of a strategy with claims; `loaded` is what the node loads."""
    return StrategyConfig(
        order_id_tag=order_id_tag,
        external_order_claims=claims.external_order_claims(loaded),
    )


class ClaimingStrategy(Strategy):  # type: ignore[misc]
    """Logs the orders and positions that are its own when it starts: claimed ones among them.

    Trades nothing. Events of claimed orders come to the usual handlers, as of its own.
    """

    def on_start(self) -> None:
        """Say what it owns; startup reconciliation is over by now."""
        for order in self.cache.orders_open(strategy_id=self.id):
            self.log.info(f"owns {order}")
        for position in self.cache.positions_open(strategy_id=self.id):
            self.log.info(f"owns {position}")
