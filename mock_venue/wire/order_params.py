"""What orders and amendments are asked for: parameters into commands.

Refused here is what cannot be read or does not go together; what an order may be is the exchange's.
"""

from decimal import Decimal
from typing import cast, get_args

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

ALGO_TYPES = get_args(AlgoType)
ORDER_TYPES = get_args(OrderType)
WORKING_TYPES = get_args(WorkingType)
SIDES = get_args(Side)
POSITION_SIDES = get_args(PositionSide)
TIMES_IN_FORCE = get_args(TimeInForce)
PRICE_MATCHES = get_args(PriceMatch)
SELF_TRADE_PREVENTION = get_args(SelfTradePrevention)
ALGO_TIMES_IN_FORCE = get_args(AlgoTimeInForce)


def new_order(call: Call) -> PlaceOrder:
    """The order of POST order. Raises what Binance says of parameters: -1102, -1106, -4120..."""
    params = call.params
    symbol = params.text("symbol")
    side = _side(params)
    order_type = params.text("type")
    if order_type in ALGO_TYPES:
        raise errors.USE_ALGO_ENDPOINT()
    if order_type not in ORDER_TYPES:
        raise errors.BAD_ORDER_TYPE()
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
        type=cast(OrderType, order_type),
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
    algo_type = params.text("type")
    if algo_type not in ALGO_TYPES:
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
    time_in_force = params.find("timeInForce") or "GTC"
    if time_in_force not in ALGO_TIMES_IN_FORCE:
        raise errors.BAD_TIME_IN_FORCE()
    if time_in_force != "GTD":
        _refuse(params, "goodTillDate")
    working_type = params.find("workingType") or "CONTRACT_PRICE"
    if working_type not in WORKING_TYPES:
        raise errors.BAD_PARAMETER("workingType")
    wants_result(params)
    no_quantity = close_position and "quantity" not in params
    return PlaceAlgoOrder(
        account=call.account,
        symbol=symbol,
        side=side,
        type=cast(AlgoType, algo_type),
        quantity=ZERO if no_quantity else params.decimal("quantity"),
        price=_price(params, price_match) if limit else None,
        price_match=price_match,
        trigger_price=ZERO if trailing else params.decimal("triggerPrice"),
        activate_price=params.decimal("activatePrice") if "activatePrice" in params else None,
        callback_rate=params.decimal("callbackRate") if trailing else ZERO,
        time_in_force=cast(AlgoTimeInForce, time_in_force),
        working_type=cast(WorkingType, working_type),
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
    side = params.text("side")
    if side not in SIDES:
        raise errors.BAD_SIDE()
    return cast(Side, side)


def position_side(params: Params) -> PositionSide:
    """`positionSide`, BOTH if it was not sent. Raises -4060."""
    value = params.find("positionSide") or "BOTH"
    if value not in POSITION_SIDES:
        raise errors.BAD_POSITION_SIDE()
    return cast(PositionSide, value)


def _time_in_force(params: Params) -> TimeInForce:
    time_in_force = params.text("timeInForce")
    if time_in_force not in TIMES_IN_FORCE:
        raise errors.BAD_TIME_IN_FORCE()
    return cast(TimeInForce, time_in_force)


def _price_match(params: Params) -> PriceMatch:
    mode = params.find("priceMatch") or "NONE"
    if mode not in PRICE_MATCHES:
        raise errors.BAD_PRICE_MATCH()
    return cast(PriceMatch, mode)


def _self_trade_prevention(params: Params) -> SelfTradePrevention:
    mode = params.find("selfTradePreventionMode") or "EXPIRE_MAKER"
    if mode not in SELF_TRADE_PREVENTION:
        raise errors.BAD_SELF_TRADE_PREVENTION()
    return cast(SelfTradePrevention, mode)
