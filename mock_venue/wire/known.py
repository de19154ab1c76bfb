"""What a rule can be about: the names of this venue's endpoints, methods and parameters.

A rule for a name that no request bears would never strike, in silence; it is refused instead. What
clients ask of Binance's other APIs the venue does not know, so a rule can answer in their place.
"""

from collections.abc import Collection
from difflib import get_close_matches

from mock_venue.exchange.filters import CLIENT_ORDER_ID
from mock_venue.script.errors import VenueScriptError
from mock_venue.script.rules import ANY, ApiRule, HandshakeRule, Misbehaviour, PushRule
from mock_venue.wire.order_params import (
    ALGO_TIMES_IN_FORCE,
    POSITION_SIDES,
    PRICE_MATCHES,
    SELF_TRADE_PREVENTION,
    SIDES,
    TIMES_IN_FORCE,
    WORKING_TYPES,
)
from mock_venue.wire.routes import ROUTES
from mock_venue.wire.ws_api import METHODS, SESSION_METHODS

OTHER_APIS = ("/api/", "/dapi/", "/eapi/", "/papi/", "/sapi/")
PATHS = tuple(dict.fromkeys(path for _, path in ROUTES))
API_METHODS = (*METHODS, *SESSION_METHODS)
PARAMETERS = frozenset(
    {
        *("activatePrice", "algoId", "algoType", "amount", "apiKey", "autoCloseType"),
        *("batchOrders", "callbackRate", "clientAlgoId", "closePosition", "contractType"),
        *("countdownTime", "dualSidePosition", "endTime", "feeBurn", "fromId", "goodTillDate"),
        *("incomeType", "interval", "leverage", "limit", "listenKey", "marginType", "modifyId"),
        *("multiAssetsMargin", "newClientOrderId", "newOrderRespType", "orderId", "orderIdList"),
        *("orderidlist", "origClientOrderId", "origClientOrderIdList", "origclientorderidlist"),
        *("page", "pair", "positionSide", "price", "priceMatch", "priceProtect", "quantity"),
        *("recvWindow", "reduceOnly", "returnRateLimits", "selfTradePreventionMode", "side"),
        *("signature", "startTime", "symbol", "timeInForce", "timestamp", "triggerPrice", "type"),
        "workingType",
    }
)
"""The parameters that this venue reads."""
VALUES: dict[str, Collection[str]] = {
    "algoType": ("CONDITIONAL",),
    "marginType": ("CROSSED", "ISOLATED"),
    "newOrderRespType": ("ACK", "RESULT"),
    "positionSide": POSITION_SIDES,
    "priceMatch": PRICE_MATCHES,
    "selfTradePreventionMode": SELF_TRADE_PREVENTION,
    "side": SIDES,
    "timeInForce": TIMES_IN_FORCE | ALGO_TIMES_IN_FORCE,
    "workingType": WORKING_TYPES,
}
"""What a parameter can be, where that is one of a few names."""


def check_rule(rule: Misbehaviour) -> None:
    """Raises VenueScriptError, in the rule's name, where it never could strike."""
    name = type(rule).__name__
    if isinstance(rule, HandshakeRule):
        return
    if rule.order is not None and CLIENT_ORDER_ID.fullmatch(rule.order) is None:
        raise VenueScriptError(f"{name}: no client order id is {rule.order!r}")
    if isinstance(rule, PushRule):
        return
    if isinstance(rule, ApiRule):
        if rule.method != ANY:
            check_name(f"{name}: method", rule.method, API_METHODS, "a method of this venue")
    elif rule.path.startswith(OTHER_APIS):
        return
    elif rule.path != ANY:
        check_name(f"{name}: path", rule.path, PATHS, "an endpoint of this venue")
        methods = [method for method, path in ROUTES if path == rule.path]
        if rule.method not in (ANY, *methods):
            raise VenueScriptError(
                f"{name}: method must be one of {', '.join((ANY, *methods))} at {rule.path},"
                f" was {rule.method!r}"
            )
    for parameter, value in (rule.params or {}).items():
        check_name(f"{name}: params", parameter, PARAMETERS, "parameters of this venue")
        values = VALUES.get(parameter, (value,))
        if value not in values:
            raise VenueScriptError(
                f"{name}: {parameter} must be one of {', '.join(values)}, was {value!r}"
            )


def check_name(where: str, name: str, known: Collection[str], what: str) -> None:
    """Raises VenueScriptError where a name is not known; it tells those that are most like it."""
    if name not in known:
        alike = ", ".join(get_close_matches(name, known, n=3, cutoff=0))
        raise VenueScriptError(f"{where} must be {what}, was {name!r}; the nearest are {alike}")
