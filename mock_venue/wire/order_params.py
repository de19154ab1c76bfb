"""What orders and amendments are asked for: parameters into commands.

Refused here is what cannot be read or does not go together; what an order may be is the exchange's.
"""

from decimal import Decimal
from typing import cast, get_args

from mock_venue.exchange import errors
from mock_venue.exchange.commands import AmendOrder, PlaceOrder
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

ALGO_TYPES = frozenset(
    {"STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"}
)


def new_order(call: Call) -> PlaceOrder:
    """The order of POST order. Raises what Binance says of parameters: -1102, -1106, -4120..."""
    params = call.params
    symbol = params.text("symbol")
    side = _side(params)
    order_type = params.text("type")
    if order_type in ALGO_TYPES:
        raise errors.USE_ALGO_ENDPOINT()
    if order_type not in get_args(OrderType):
        raise errors.BAD_ORDER_TYPE()
    if params.flag("closePosition"):
        raise errors.PARAMETER_NOT_REQUIRED("closePosition")
    if "reduceOnly" in params and call.desk.exchange.settings.is_hedging(call.account):
        raise errors.PARAMETER_NOT_REQUIRED("reduceonly")
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


def _side(params: Params) -> Side:
    side = params.text("side")
    if side not in get_args(Side):
        raise errors.BAD_SIDE()
    return cast(Side, side)


def position_side(params: Params) -> PositionSide:
    """`positionSide`, BOTH if it was not sent. Raises -4060."""
    value = params.find("positionSide") or "BOTH"
    if value not in get_args(PositionSide):
        raise errors.BAD_POSITION_SIDE()
    return cast(PositionSide, value)


def _time_in_force(params: Params) -> TimeInForce:
    time_in_force = params.text("timeInForce")
    if time_in_force not in get_args(TimeInForce):
        raise errors.BAD_TIME_IN_FORCE()
    return cast(TimeInForce, time_in_force)


def _price_match(params: Params) -> PriceMatch:
    mode = params.find("priceMatch") or "NONE"
    if mode not in get_args(PriceMatch):
        raise errors.BAD_PRICE_MATCH()
    return cast(PriceMatch, mode)


def _self_trade_prevention(params: Params) -> SelfTradePrevention:
    mode = params.find("selfTradePreventionMode") or "EXPIRE_MAKER"
    if mode not in get_args(SelfTradePrevention):
        raise errors.BAD_SELF_TRADE_PREVENTION()
    return cast(SelfTradePrevention, mode)
