"""What the official SDK's documentation says of each endpoint."""

import inspect
import re
from itertools import chain
from typing import NamedTuple

from binance_sdk_derivatives_trading_usds_futures.rest_api.api import (
    AccountApi,
    MarketDataApi,
    TradeApi,
    UserDataStreamsApi,
)

APIS = (AccountApi, MarketDataApi, TradeApi, UserDataStreamsApi)


class Documented(NamedTuple):
    """A method of the SDK and its documentation."""

    method: str
    text: str


def documentation() -> dict[tuple[str, str], Documented]:
    """The SDK's method for each HTTP method and path."""
    known = {}
    for name, function in chain(*map(inspect.getmembers, APIS)):
        text = function.__doc__ or ""
        found = re.search(r"^\s*(GET|POST|PUT|DELETE) (/fapi/\S+)$", text, re.M)
        if found:
            known[found[1], found[2]] = Documented(name, text)
    return known
