"""Account, positions and their configuration."""

from decimal import Decimal
from typing import Any, cast

from mock_venue.exchange import errors
from mock_venue.exchange.brackets import tiers
from mock_venue.exchange.commands import (
    ChangePositionMargin,
    MarginType,
    SetFeeBurn,
    SetLeverage,
    SetMarginType,
    SetMultiAssets,
    SetPositionMode,
)
from mock_venue.exchange.decimals import trimmed
from mock_venue.exchange.instruments import QUOTE_ASSET
from mock_venue.exchange.ledger import DAY_MS
from mock_venue.exchange.positions import adl_quantiles
from mock_venue.exchange.settlement import RPI_FEE
from mock_venue.wire.limits import rate_limits
from mock_venue.wire.order_params import position_side
from mock_venue.wire.routing import Call, signed
from mock_venue.wire.schemas import account as schemas

SUCCESS = {"code": 200, "msg": "success"}
ADDED, REMOVED = MARGIN_CHANGES = (1, 2)
MARGIN_HISTORY_DAYS = 30
MARGIN_HISTORY_MS = MARGIN_HISTORY_DAYS * DAY_MS
PAGE_DEFAULT = 500
PAGE_MAX = 1000


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
    return [
        schemas.symbol_config(call.desk.exchange, call.account, symbol) for symbol in _symbols(call)
    ]


def _position_mode(call: Call) -> Any:
    return {"dualSidePosition": call.desk.exchange.settings.is_hedging(call.account)}


def _set_position_mode(call: Call) -> Any:
    call.params.text("dualSidePosition")
    hedging = call.params.flag("dualSidePosition")
    call.desk.executor.execute(SetPositionMode(account=call.account, hedging=hedging))
    return SUCCESS


def _account_config(call: Call) -> Any:
    return schemas.account_config(call.desk.exchange, call.account)


def _multi_assets(call: Call) -> Any:
    return {"multiAssetsMargin": call.desk.exchange.settings.has_multi_assets(call.account)}


def _set_multi_assets(call: Call) -> Any:
    call.params.text("multiAssetsMargin")
    multi_assets = call.params.flag("multiAssetsMargin")
    call.desk.executor.execute(SetMultiAssets(account=call.account, multi_assets=multi_assets))
    return SUCCESS


def _fee_burn(call: Call) -> Any:
    return {"feeBurn": call.desk.exchange.settings.burns_fees(call.account)}


def _set_fee_burn(call: Call) -> Any:
    call.params.text("feeBurn")
    fee_burn = call.params.flag("feeBurn")
    call.desk.executor.execute(SetFeeBurn(account=call.account, fee_burn=fee_burn))
    return SUCCESS


def _set_leverage(call: Call) -> Any:
    symbol = call.params.text("symbol")
    leverage = call.params.integer("leverage")
    call.desk.executor.execute(SetLeverage(account=call.account, symbol=symbol, leverage=leverage))
    return {
        "leverage": leverage,
        "maxNotionalValue": schemas.max_notional_value(call.desk.exchange, symbol, leverage),
        "symbol": symbol,
    }


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
    return SUCCESS


def _leverage_bracket(call: Call) -> Any:
    """Its figures are JSON numbers, as Binance has them; nothing is computed with these."""
    brackets = [
        {
            "symbol": symbol,
            "brackets": [
                {
                    "bracket": tier.number,
                    "initialLeverage": tier.bracket.leverage,
                    "notionalCap": _number(tier.bracket.cap),
                    "notionalFloor": _number(tier.floor),
                    "maintMarginRatio": _number(tier.bracket.rate),
                    "cum": _number(tier.cum),
                }
                for tier in tiers(call.desk.exchange.symbols[symbol].brackets)
            ],
        }
        for symbol in _symbols(call)
    ]
    return brackets[0] if "symbol" in call.params else brackets


def _change_position_margin(call: Call) -> Any:
    params = call.params
    symbol = params.text("symbol")
    amount = params.decimal("amount")
    kind = params.integer("type")
    if kind not in MARGIN_CHANGES:
        raise errors.BAD_PARAMETER("type")
    call.desk.executor.execute(
        ChangePositionMargin(
            account=call.account,
            symbol=symbol,
            amount=amount,
            adds=kind == ADDED,
            position_side=position_side(params),
        )
    )
    return {
        "amount": _number(amount),
        "code": 200,
        "msg": "Successfully modify position margin.",
        "type": kind,
    }


def _position_margin_history(call: Call) -> Any:
    params = call.params
    spec = call.desk.exchange.spec(params.text("symbol"))
    now_ms = call.desk.executor.now_ms()
    kind = params.find_integer("type")
    if kind is not None and kind not in MARGIN_CHANGES:
        raise errors.BAD_PARAMETER("type")
    limit = params.limit(PAGE_DEFAULT, PAGE_MAX)
    start_ms, end_ms = params.find_integer("startTime"), params.find_integer("endTime")
    end_ms = now_ms if end_ms is None else end_ms
    start_ms = end_ms - MARGIN_HISTORY_MS if start_ms is None else start_ms
    if start_ms > end_ms:
        raise errors.START_AFTER_END()
    if end_ms - start_ms > MARGIN_HISTORY_MS:
        raise errors.INTERVAL_TOO_LONG(MARGIN_HISTORY_DAYS)
    found = [
        {
            "symbol": change.symbol,
            "type": ADDED if change.amount > 0 else REMOVED,
            "deltaType": "USER_ADJUST",
            "amount": trimmed(abs(change.amount), 8),
            "asset": QUOTE_ASSET,
            "time": change.time_ms,
            "positionSide": change.position_side,
        }
        for change in call.desk.exchange.ledger.margin_changes(call.account, spec.symbol)
        if start_ms <= change.time_ms <= end_ms and change.time_ms >= now_ms - MARGIN_HISTORY_MS
    ]
    return [row for row in found if kind in (None, row["type"])][:limit]


def _adl_quantile(call: Call) -> Any:
    """Only symbols with a position."""
    exchange, account = call.desk.exchange, call.account
    quantiles = {symbol: adl_quantiles(exchange, account, symbol) for symbol in _symbols(call)}
    return [
        schemas.adl_quantile(exchange, account, symbol, held)
        for symbol, held in quantiles.items()
        if held
    ]


def _commission_rate(call: Call) -> Any:
    exchange = call.desk.exchange
    maker, taker = exchange.fee_rates(call.account)
    return {
        "symbol": exchange.spec(call.params.text("symbol")).symbol,
        "makerCommissionRate": trimmed(maker, 8),
        "takerCommissionRate": trimmed(taker, 8),
        "rpiCommissionRate": trimmed(RPI_FEE, 8),
    }


def _order_limits(call: Call) -> Any:
    return [row for row in rate_limits(call.desk.config) if row["rateLimitType"] == "ORDERS"]


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _symbols(call: Call) -> list[str]:
    symbol = call.params.find("symbol")
    if symbol is None:
        return list(call.desk.exchange.symbols)
    return [call.desk.exchange.spec(symbol).symbol]


ROUTES = (
    signed("GET", "/fapi/v2/account", 5, _account_v2),
    signed("GET", "/fapi/v3/account", 5, _account_v3),
    signed("GET", "/fapi/v2/balance", 5, _balance),
    signed("GET", "/fapi/v3/balance", 5, _balance),
    signed("GET", "/fapi/v2/positionRisk", 5, _position_risk_v2),
    signed("GET", "/fapi/v3/positionRisk", 5, _position_risk_v3),
    signed("GET", "/fapi/v1/symbolConfig", 5, _symbol_config),
    signed("GET", "/fapi/v1/positionSide/dual", 30, _position_mode),
    signed("POST", "/fapi/v1/positionSide/dual", 1, _set_position_mode),
    signed("GET", "/fapi/v1/accountConfig", 5, _account_config),
    signed("GET", "/fapi/v1/multiAssetsMargin", 30, _multi_assets),
    signed("POST", "/fapi/v1/multiAssetsMargin", 1, _set_multi_assets),
    signed("GET", "/fapi/v1/feeBurn", 30, _fee_burn),
    signed("POST", "/fapi/v1/feeBurn", 1, _set_fee_burn),
    signed("POST", "/fapi/v1/positionMargin", 1, _change_position_margin),
    signed("GET", "/fapi/v1/positionMargin/history", 1, _position_margin_history),
    signed("POST", "/fapi/v1/leverage", 1, _set_leverage),
    signed("POST", "/fapi/v1/marginType", 1, _set_margin_type),
    signed("GET", "/fapi/v1/leverageBracket", 1, _leverage_bracket),
    signed("GET", "/fapi/v1/adlQuantile", 5, _adl_quantile),
    signed("GET", "/fapi/v1/commissionRate", 20, _commission_rate),
    signed("GET", "/fapi/v1/rateLimit/order", 1, _order_limits),
)
