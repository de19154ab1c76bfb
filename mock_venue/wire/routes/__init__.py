"""The endpoints, a file a group. All of them are in `ROUTES`, by method and path."""

from mock_venue.wire.routes import (
    account,
    algo,
    batch,
    history,
    income,
    klines,
    listen_key,
    market,
    orders,
)
from mock_venue.wire.routing import Route

ROUTES: dict[tuple[str, str], Route] = {
    (route.method, route.path): route
    for group in (market, klines, account, orders, batch, history, income, algo, listen_key)
    for route in group.ROUTES
}
