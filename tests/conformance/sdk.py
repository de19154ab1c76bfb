"""Binance's own SDK against the venue, each REST reply held against the SDK's model of it."""

import asyncio
import inspect
import logging
from collections.abc import Mapping
from typing import Any, get_args

import pytest
import requests
from binance_common.configuration import ConfigurationRestAPI
from binance_sdk_derivatives_trading_usds_futures.derivatives_trading_usds_futures import (
    DerivativesTradingUsdsFutures,
)
from pydantic import BaseModel

from tests.conformance.live import LiveVenue
from tests.conformance.sdk_models import problems
from tests.mock_venue.helpers import SYMBOL
from tests.mock_venue.keys import Credentials

TIMEOUT_MS = 5_000
RESTING: dict[str, Any] = {
    "symbol": SYMBOL,
    "side": "BUY",
    "type": "LIMIT",
    "quantity": 0.01,
    "price": 49000.0,
    "time_in_force": "GTC",
}
"""A new order, in the SDK's words."""
TRAILING = "only orders of type TRAILING_STOP_MARKET have it"
DROPPED = "left the models on 2026-07-15; documented, and clients read it"
BATCHES = ("place_multiple_orders", "modify_multiple_orders", "cancel_multiple_orders")
ERROR = {"code": int, "msg": str}
"""The items of a batch are orders or errors; the SDK's model of an item is both at once."""
DIFFERENT_FILTERS = "each filter has its own fields, the model has all of them"
LIVE_ONLY = "seen live, in no model"
FILTER_FIELDS = (
    *("minPrice", "maxPrice", "tickSize"),
    *("minQty", "maxQty", "stepSize", "limit", "notional"),
    *("multiplierUp", "multiplierDown", "multiplierDecimal"),
)

PLACED = {"unknown avgPrice": DROPPED, "unknown cumQuote": DROPPED}
AMENDED = {
    **PLACED,
    "missing modifyId": "only where the request has one",
    "unknown cumBase": "documented for PUT",
}
NOT_TRAILING = {"missing activatePrice": TRAILING, "missing priceRate": TRAILING}
NO_HEDGE = {"missing adlQuantile.HEDGE": "only of cross positions of hedge mode, without BOTH"}
NO_ICEBERG = {"null icebergQuantity": "null in the documentation's examples"}
LISTED_ALGO = {
    **NO_ICEBERG,
    "unknown actualType": "as the query of one tells it",
    "unknown actualQty": "as the query of one tells it",
    "unknown callbackRate": "documented for a single one alone",
    "unknown activatePrice": "documented for a single one alone",
}

ALLOWED: Mapping[str, Mapping[str, str]] = {
    "new_order": PLACED,
    "place_multiple_orders": PLACED,
    "modify_order": AMENDED,
    "modify_multiple_orders": AMENDED,
    "get_order_modify_history": {
        "missing amendment.modifyId": "only where the request had one",
    },
    "query_order": NOT_TRAILING,
    "query_current_open_order": NOT_TRAILING,
    "current_all_open_orders": NOT_TRAILING,
    "all_orders": NOT_TRAILING,
    "test_order": NOT_TRAILING,
    "cancel_order": {**NOT_TRAILING, **PLACED},
    "cancel_multiple_orders": {**NOT_TRAILING, **PLACED},
    "position_adl_quantile_estimation": NO_HEDGE,
    "new_algo_order": NO_ICEBERG,
    "query_algo_order": {
        **NO_ICEBERG,
        "missing actualType": "only where it has triggered",
        "missing actualQty": "only where it has filled",
        "unknown callbackRate": "documented for trailing stops",
        "unknown activatePrice": "documented for trailing stops",
    },
    "current_all_algo_open_orders": LISTED_ALGO,
    "query_all_algo_orders": LISTED_ALGO,
    "account_information_v2": {
        "unknown positions[].breakEvenPrice": "in the WebSocket API's model and documentation"
    },
    "exchange_information": {
        **{f"missing symbols[].filters[].{name}": DIFFERENT_FILTERS for name in FILTER_FIELDS},
        "unknown symbols[].filters[].positionControlSide": LIVE_ONLY,
        "unknown symbols[].maxMoveOrderLimit": LIVE_ONLY,
        "unknown symbols[].permissionSets": LIVE_ONLY,
        "unknown futuresType": LIVE_ONLY,
    },
    "notional_and_leverage_brackets": {
        "missing notionalCoef": "only where an account's brackets were adjusted"
    },
}
"""Where replies and models differ, and why, by the SDK's method."""
SOMETIMES = frozenset(
    (
        *("missing modifyId", "missing amendment.modifyId"),
        *("missing actualType", "missing actualQty"),
        *("unknown actualType", "unknown actualQty", "unknown callbackRate"),
        "unknown activatePrice",
    )
)
"""Of these, what is so in some replies alone."""

NOTHING = {"get_funding_rate_info": "only symbols whose funding was adjusted are listed"}
"""Methods whose reply is an empty list, and why."""

KLINE = (int, str, str, str, str, str, int, str, int, str, str, str)
"""Klines are arrays, which the SDK has no model of. (Source: Kline/Candlestick Data.)"""


def secrets(credentials: Credentials) -> dict[str, Any]:
    """What the SDK's configurations want of an account."""
    kind = "api_secret" if credentials.account.public_key is None else "private_key"
    return {"api_key": credentials.key, kind: credentials.secret}


class Sdk:
    """The SDK's REST client. It blocks, so each call runs in a thread."""

    def __init__(self, live: LiveVenue, credentials: Credentials, **options: Any) -> None:
        configuration = ConfigurationRestAPI(
            **secrets(credentials), base_path=live.http, timeout=TIMEOUT_MS, **options
        )
        self.rest = DerivativesTradingUsdsFutures(config_rest_api=configuration).rest_api
        self.paths: set[tuple[str, str]] = set()
        """What was asked for: HTTP methods and paths."""
        self._reply: requests.Response | None = None
        self.rest._session.hooks["response"].append(self._keep)

    async def call(self, method: str, **parameters: Any) -> Any:
        """The reply to a request, as JSON. Fails where it is not what the SDK's model says."""
        function = getattr(self.rest, method)
        with no_warnings():
            response = await asyncio.to_thread(function, **parameters)
            response.data()
        assert self._reply is not None
        reply = self._reply.json()
        self._check(method, _model(function), reply)
        return reply

    def _keep(self, response: requests.Response, **_: Any) -> None:
        self._reply = response
        method, url = response.request.method, response.request.path_url
        self.paths.add((str(method), str(url).partition("?")[0]))

    def _check(self, method: str, model: type[BaseModel] | None, reply: Any) -> None:
        if isinstance(reply, list) and method not in NOTHING:
            assert reply, f"{method}: an empty list shows nothing"
        if method in NOTHING:
            assert reply == [], NOTHING[method]
        elif model is None:
            assert reply == {}
        elif isinstance(reply, list) and isinstance(reply[0], list):
            assert {tuple(map(type, row)) for row in reply} == {KLINE}
        else:
            allowed = set(ALLOWED.get(method, {}))
            if method in BATCHES:
                errors = [item for item in reply if "code" in item]
                assert all(
                    {name: type(one) for name, one in item.items()} == ERROR for item in errors
                )
                reply = [item for item in reply if "code" not in item]
                allowed |= {"missing code", "missing msg"}
            found = set(problems(model, reply))
            assert found - allowed == set(), reply
            assert allowed - SOMETIMES <= found, f"{method} has changed: {allowed - found}"


class no_warnings:
    """The SDK warns where it has to bend its models to read a reply."""

    def __enter__(self) -> None:
        self._handler = logging.Handler(logging.WARNING)
        self._said: list[str] = []
        self._handler.emit = lambda record: self._said.append(record.getMessage())  # type: ignore[method-assign]
        logging.getLogger().addHandler(self._handler)

    def __exit__(self, *_: object) -> None:
        logging.getLogger().removeHandler(self._handler)
        if self._said:
            pytest.fail("\n".join(self._said))


def _model(function: Any) -> type[BaseModel] | None:
    """The model in a method's `ApiResponse[model]`."""
    annotation = inspect.signature(function).return_annotation
    (model,) = get_args(annotation)
    return None if model is type(None) else model
