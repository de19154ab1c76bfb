"""How the Binance adapter of a release of NautilusTrader addresses the venue."""

from collections.abc import Mapping

import msgspec


class Addressing(msgspec.Struct, frozen=True, kw_only=True):
    """What a release asks in place of what 1.231.0 asks.

    `paths` are endpoints, 1.231.0's to the release's. `client_order_id_prefix` is what it puts
    before a strategy's client order id. `lists_closed_orders` is whether an open check with
    `open_check_open_only=False` asks for a list, or for each order that is open in the node.
    """

    paths: Mapping[str, str] = {}
    lists_closed_orders: bool = True
    client_order_id_prefix: str = ""


_V1 = Addressing()
_V2 = Addressing(
    paths={"/fapi/v3/positionRisk": "/fapi/v2/positionRisk"},
    lists_closed_orders=False,
    # Binance Link's, as the futures adapter writes an id that is no generated one.
    client_order_id_prefix="x-aHRE4BCj-R",
)


def addressing_of(release: str) -> Addressing:
    """Return how a release addresses the venue."""
    return _V2 if release.startswith("2.") else _V1
