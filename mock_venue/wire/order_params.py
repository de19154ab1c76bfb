"""What orders and amendments are asked for: parameters into commands.

Refused here is what cannot be read or does not go together; what an order may be is the exchange's.
"""

from decimal import Decimal
from typing import Any, get_args

from mock_venue.exchange import errors
from mock_venue.exchange.commands import AmendOrder, PlaceAlgoOrder, PlaceOrder
from mock_venue.exchange.conditional import LIMIT_TYPES, AlgoTimeInForce, AlgoType, WorkingType
from mock_venue.exchange.decimals import ZERO
from mock_venue.exchange.order import (
    OrderType,
    PositionSide,
    PriceMatch,
    SelfTradePrevention,
    Side,
    TimeInForce,
)
from mock_venue.wire.params import Params
from mock_venue.wire.routing import Call


def _known(names: object) -> dict[str, Any]:
    """The names of a Literal, by themselves: looked up, so that orders share them."""
    return {name: name for name in get_args(names)}


ALGO_TYPES: dict[str, AlgoType] = _known(AlgoType)
ORDER_TYPES: dict[str, OrderType] = _known(OrderType)
WORKING_TYPES: dict[str, WorkingType] = _known(WorkingType)
SIDES: dict[str, Side] = _known(Side)
POSITION_SIDES: dict[str, PositionSide] = _known(PositionSide)
TIMES_IN_FORCE: dict[str, TimeInForce] = _known(TimeInForce)
PRICE_MATCHES: dict[str, PriceMatch] = _known(PriceMatch)
SELF_TRADE_PREVENTION: dict[str, SelfTradePrevention] = _known(SelfTradePrevention)
ALGO_TIMES_IN_FORCE: dict[str, AlgoTimeInForce] = _known(AlgoTimeInForce)


def new_order(call: Call) -> PlaceOrder:
    """The order of POST order. Raises what Binance says of parameters: -1102, -1106, -4120..."""
    params = call.params
    symbol = params.text("symbol")
    side = _side(params)
    order_type = ORDER_TYPES.get(params.text("type"))
    if order_type is None:
        is_algo = params.text("type") in ALGO_TYPES
        raise errors.USE_ALGO_ENDPOINT() if is_algo else errors.BAD_ORDER_TYPE()
    if params.flag("closePosition"):
        raise errors.PARAMETER_NOT_REQUIRED("closePosition")
    _refuse_reduce_only(call)
    time_in_force: TimeInForce = "GTC"
    price: Decimal | None = None
    price_match = _price_match(params)
    if order_type == "LIMIT":
        time_in_force = _time_in_force(params)
    elif price_match != "NONE":
        raise errors.PRICE_MATCH_NOT_SUPPORTED()
    quantity = params.decimal("quantity")
    if order_type == "LIMIT":
        price = _price(params, price_match)
    else:
        _refuse(params, "timeInForce", "price")
    if time_in_force != "GTD":
        _refuse(params, "goodTillDate")
    return PlaceOrder(
        account=call.account,
        symbol=symbol,
        side=side,
        type=order_type,
        quantity=quantity,
        price=price,
        time_in_force=time_in_force,
        reduce_only=params.flag("reduceOnly"),
        client_order_id=params.find("newClientOrderId"),
        position_side=position_side(params),
        self_trade_prevention=_self_trade_prevention(params),
        price_match=price_match,
        good_till_ms=params.find_integer("goodTillDate"),
    )


def amendment(call: Call) -> AmendOrder:
    """The amendment of PUT order. Raises -1102, -1106, -1117, -5037."""
    params = call.params
    price_match = _price_match(params)
    return AmendOrder(
        account=call.account,
        symbol=params.text("symbol"),
        ref=params.order_ref(),
        side=_side(params),
        quantity=params.decimal("quantity"),
        price=_price(params, price_match),
        price_match=price_match,
        reduce_only=params.flag("reduceOnly"),
        modify_id=params.find_integer("modifyId"),
    )


def new_algo_order(call: Call) -> PlaceAlgoOrder:
    """The order of POST algoOrder. Raises -1102, -1106, -1116, -4138..."""
    params = call.params
    if params.text("algoType") != "CONDITIONAL":
        raise errors.BAD_PARAMETER("algoType")
    symbol = params.text("symbol")
    side = _side(params)
    algo_type = ALGO_TYPES.get(params.text("type"))
    if algo_type is None:
        raise errors.BAD_ORDER_TYPE()
    limit = algo_type in LIMIT_TYPES
    trailing = algo_type == "TRAILING_STOP_MARKET"
    close_position = params.flag("closePosition")
    if close_position and "reduceOnly" in params:
        raise errors.REDUCE_ONLY_WITH_CLOSE_POSITION()
    _refuse_reduce_only(call)
    price_match = _price_match(params)
    if price_match != "NONE" and not limit:
        raise errors.PRICE_MATCH_NOT_SUPPORTED()
    if not limit:
        _refuse(params, "price")
    if not trailing:
        _refuse(params, "activatePrice", "callbackRate")
    time_in_force = ALGO_TIMES_IN_FORCE.get(params.find("timeInForce") or "GTC")
    if time_in_force is None:
        raise errors.BAD_TIME_IN_FORCE()
    if time_in_force != "GTD":
        _refuse(params, "goodTillDate")
    working_type = WORKING_TYPES.get(params.find("workingType") or "CONTRACT_PRICE")
    if working_type is None:
        raise errors.BAD_PARAMETER("workingType")
    wants_result(params)
    no_quantity = close_position and "quantity" not in params
    return PlaceAlgoOrder(
        account=call.account,
        symbol=symbol,
        side=side,
        type=algo_type,
        quantity=ZERO if no_quantity else params.decimal("quantity"),
        price=_price(params, price_match) if limit else None,
        price_match=price_match,
        trigger_price=ZERO if trailing else params.decimal("triggerPrice"),
        activate_price=params.decimal("activatePrice") if "activatePrice" in params else None,
        callback_rate=params.decimal("callbackRate") if trailing else ZERO,
        time_in_force=time_in_force,
        working_type=working_type,
        close_position=close_position,
        price_protect=params.flag("priceProtect"),
        reduce_only=params.flag("reduceOnly"),
        client_algo_id=params.find("clientAlgoId"),
        position_side=position_side(params),
        self_trade_prevention=_self_trade_prevention(params),
        good_till_ms=params.find_integer("goodTillDate"),
    )


def wants_result(params: Params) -> bool:
    """Whether `newOrderRespType` is RESULT. Raises -1136."""
    response_type = params.find("newOrderRespType") or "ACK"
    if response_type not in ("ACK", "RESULT"):
        raise errors.BAD_RESPONSE_TYPE()
    return response_type == "RESULT"


def _price(params: Params, price_match: PriceMatch) -> Decimal | None:
    if price_match == "NONE":
        return params.decimal("price")
    _refuse(params, "price")
    return None


def _refuse(params: Params, *names: str) -> None:
    for name in names:
        if name in params:
            raise errors.PARAMETER_NOT_REQUIRED(name)


def _refuse_reduce_only(call: Call) -> None:
    """No `reduceOnly` in hedge mode."""
    if "reduceOnly" in call.params and call.desk.exchange.settings.is_hedging(call.account):
        raise errors.PARAMETER_NOT_REQUIRED("reduceonly")


def _side(params: Params) -> Side:
    side = SIDES.get(params.text("side"))
    if side is None:
        raise errors.BAD_SIDE()
    return side


def position_side(params: Params) -> PositionSide:
    """`positionSide`, BOTH if it was not sent. Raises -4060."""
    value = POSITION_SIDES.get(params.find("positionSide") or "BOTH")
    if value is None:
        raise errors.BAD_POSITION_SIDE()
    return value


def _time_in_force(params: Params) -> TimeInForce:
    time_in_force = TIMES_IN_FORCE.get(params.text("timeInForce"))
    if time_in_force is None:
        raise errors.BAD_TIME_IN_FORCE()
    return time_in_force


def _price_match(params: Params) -> PriceMatch:
    mode = PRICE_MATCHES.get(params.find("priceMatch") or "NONE")
    if mode is None:
        raise errors.BAD_PRICE_MATCH()
    return mode


def _self_trade_prevention(params: Params) -> SelfTradePrevention:
    mode = SELF_TRADE_PREVENTION.get(params.find("selfTradePreventionMode") or "EXPIRE_MAKER")
    if mode is None:
        raise errors.BAD_SELF_TRADE_PREVENTION()
    return mode
