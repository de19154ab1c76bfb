"""Account, positions and their configuration."""

from typing import Any, cast

from mock_venue.exchange import errors
from mock_venue.exchange.commands import MarginType, SetLeverage, SetMarginType, SetPositionMode
from mock_venue.exchange.decimals import trimmed
from mock_venue.wire.limits import rate_limits
from mock_venue.wire.routing import Call, Route
from mock_venue.wire.schemas import account as schemas

MAX_LEVERAGE = 125


def _account_v2(call: Call) -> Any:
    return schemas.account_v2(call.desk.exchange, call.account)


def _account_v3(call: Call) -> Any:
    return schemas.account_v3(call.desk.exchange, call.account)


def _balance(call: Call) -> Any:
    return schemas.balances(call.desk.exchange, call.account)


def _position_risk_v2(call: Call) -> Any:
    return schemas.position_risk_v2(call.desk.exchange, call.account, _symbols(call))


def _position_risk_v3(call: Call) -> Any:
    return schemas.position_risk_v3(call.desk.exchange, call.account, _symbols(call))


def _symbol_config(call: Call) -> Any:
    exchange = call.desk.exchange
    return [
        {
            "symbol": symbol,
            "marginType": exchange.settings.margin_type(call.account, symbol),
            "isAutoAddMargin": False,
            "leverage": exchange.settings.leverage(call.account, symbol),
            "maxNotionalValue": schemas.MAX_NOTIONAL,
        }
        for symbol in _symbols(call)
    ]


def _position_mode(call: Call) -> Any:
    return {"dualSidePosition": call.desk.exchange.settings.is_hedging(call.account)}


def _set_position_mode(call: Call) -> Any:
    call.params.text("dualSidePosition")
    hedging = call.params.flag("dualSidePosition")
    call.desk.executor.execute(SetPositionMode(account=call.account, hedging=hedging))
    return {"code": 200, "msg": "success"}


def _account_config(call: Call) -> Any:
    return schemas.account_config(call.desk.exchange, call.account)


def _set_leverage(call: Call) -> Any:
    symbol = call.params.text("symbol")
    leverage = call.params.integer("leverage")
    call.desk.executor.execute(SetLeverage(account=call.account, symbol=symbol, leverage=leverage))
    return {"leverage": leverage, "maxNotionalValue": schemas.MAX_NOTIONAL, "symbol": symbol}


def _set_margin_type(call: Call) -> Any:
    symbol = call.params.text("symbol")
    margin_type = call.params.text("marginType")
    if margin_type not in ("CROSSED", "ISOLATED"):
        raise errors.BAD_PARAMETER("marginType")
    call.desk.executor.execute(
        SetMarginType(
            account=call.account, symbol=symbol, margin_type=cast(MarginType, margin_type)
        )
    )
    return {"code": 200, "msg": "success"}


def _leverage_bracket(call: Call) -> Any:
    brackets = [
        {
            "symbol": symbol,
            "brackets": [
                {
                    "bracket": 1,
                    "initialLeverage": MAX_LEVERAGE,
                    "notionalCap": int(schemas.MAX_NOTIONAL),
                    "notionalFloor": 0,
                    "maintMarginRatio": float(schemas.MAINTENANCE_RATE),
                    "cum": 0,
                }
            ],
        }
        for symbol in _symbols(call)
    ]
    return brackets[0] if "symbol" in call.params else brackets


def _commission_rate(call: Call) -> Any:
    exchange = call.desk.exchange
    return {
        "symbol": exchange.spec(call.params.text("symbol")).symbol,
        "makerCommissionRate": trimmed(exchange.maker_fee, 8),
        "takerCommissionRate": trimmed(exchange.taker_fee, 8),
        "rpiCommissionRate": "0.00005",
    }


def _order_limits(call: Call) -> Any:
    return [row for row in rate_limits(call.desk.config) if row["rateLimitType"] == "ORDERS"]


def _symbols(call: Call) -> list[str]:
    symbol = call.params.find("symbol")
    if symbol is None:
        return list(call.desk.exchange.symbols)
    return [call.desk.exchange.spec(symbol).symbol]


def _route(method: str, path: str, weight: int, handler: Any) -> Route:
    return Route(method=method, path=path, security="SIGNED", weight=weight, handler=handler)


ROUTES = (
    _route("GET", "/fapi/v2/account", 5, _account_v2),
    _route("GET", "/fapi/v3/account", 5, _account_v3),
    _route("GET", "/fapi/v2/balance", 5, _balance),
    _route("GET", "/fapi/v3/balance", 5, _balance),
    _route("GET", "/fapi/v2/positionRisk", 5, _position_risk_v2),
    _route("GET", "/fapi/v3/positionRisk", 5, _position_risk_v3),
    _route("GET", "/fapi/v1/symbolConfig", 5, _symbol_config),
    _route("GET", "/fapi/v1/positionSide/dual", 30, _position_mode),
    _route("POST", "/fapi/v1/positionSide/dual", 1, _set_position_mode),
    _route("GET", "/fapi/v1/accountConfig", 5, _account_config),
    _route("POST", "/fapi/v1/leverage", 1, _set_leverage),
    _route("POST", "/fapi/v1/marginType", 1, _set_margin_type),
    _route("GET", "/fapi/v1/leverageBracket", 1, _leverage_bracket),
    _route("GET", "/fapi/v1/commissionRate", 20, _commission_rate),
    _route("GET", "/fapi/v1/rateLimit/order", 1, _order_limits),
)
