"""Rate limits: request weight and orders in fixed windows, counted always, enforced on demand.

Weight is counted against the address, and every client of a loopback port has the same one; orders
against the account. REST and the WebSocket API share both. Requests for funding rates count by
themselves, in windows of five minutes, and tell no weight. (Binance: "General Info", LIMITS. A
later edition of "WebSocket API General Info" gives the WebSocket API a weight of its own.)

Enforced (`VenueConfig.rate_limits_enforced`), a request over the weight is refused with 429 -1003,
and one order too many with 429 -1015. A client that goes on after `rate_limit_refusals_max` refused
requests in one minute is banned: 418 -1003 for `ban_ms`, twice that at each further ban, at most
3 days ("scale in duration for repeat offenders, from 2 minutes to 3 days"; how they scale is not
documented). `Retry-After` says in whole seconds when the window or the ban ends; whether Binance
always sends it is unconfirmed, and so is the text for funding rates. What is refused for a limit
counts no order, but its weight.

A WebSocket is limited by itself, in whole seconds: a stream connection to 10 messages of its client
("WebSocket Market Streams": what goes beyond "will be disconnected; IPs that are repeatedly
disconnected may be banned"), one to the WebSocket API to 5 pings and pongs ("WebSocket API General
Info", without a word of what then happens: it is disconnected too). A disconnection counts as a
refusal. Close code and text (1008, "Too many requests") are those that NautilusTrader's adapter
tells of; that pings and pongs count as messages on a stream is documented for spot alone.
"""

from typing import Any

from mock_venue.config import VenueConfig
from mock_venue.exchange import errors
from mock_venue.recording import Record
from mock_venue.wire.connection import Connection
from mock_venue.wire.windows import WindowCounter

SECOND_MS = 1_000
MINUTE_MS = 60 * SECOND_MS
TEN_SECONDS_MS = 10 * SECOND_MS
FIVE_MINUTES_MS = 5 * MINUTE_MS
BAN_MS_MAX = 3 * 24 * 60 * MINUTE_MS
BANS_DOUBLED_MAX = 32


class RateLimited(errors.ExchangeError):
    """A refusal for a limit; `retry_after_ms` is how long it lasts."""

    def __init__(self, error: errors.ExchangeError, retry_after_ms: int) -> None:
        super().__init__(error.code, error.msg, error.status)
        self.retry_after_ms = retry_after_ms

    @property
    def headers(self) -> dict[str, str]:
        """`Retry-After`, rounded up to a second."""
        return {"Retry-After": str(-(-self.retry_after_ms // SECOND_MS))}


class Limits:
    """The counters of a venue, and what they forbid."""

    def __init__(self, config: VenueConfig, record: Record) -> None:
        self._config = config
        self._record = record
        self._weight = WindowCounter(MINUTE_MS)
        self._funding = WindowCounter(FIVE_MINUTES_MS)
        self._refusals = WindowCounter(MINUTE_MS)
        self._orders: dict[str, tuple[WindowCounter, WindowCounter]] = {}
        """Of each account, of ten seconds and of a minute."""
        self._banned_until_ms = 0
        self._bans = 0

    def admit(self, weight: int, now_ms: int) -> None:
        """Count a request. Raises RateLimited (-1003) where it is over the limit or banned."""
        limit = self._config.request_weight_1m_max
        self._admit(self._weight, weight, limit, errors.TOO_MANY_REQUESTS, now_ms)

    def admit_funding(self, now_ms: int) -> None:
        """Count a request for funding rates. Raises RateLimited (-1003) as `admit` does."""
        limit = self._config.funding_requests_5m_max
        self._admit(self._funding, 1, limit, errors.TOO_MANY_FUNDING_REQUESTS, now_ms)

    def admit_orders(self, account: str, orders: tuple[int, int], now_ms: int) -> None:
        """Count an account's orders, of ten seconds and of a minute: a batch is five and one.

        Raises RateLimited (-1015), and then they do not count.
        """
        counters = self._counters(account)
        if self._config.rate_limits_enforced:
            limits = (
                (self._config.orders_10s_max, "TEN_SECONDS"),
                (self._config.orders_1m_max, "MINUTE"),
            )
            for counter, (limit, name), count in zip(counters, limits, orders, strict=True):
                if counter.add(0, now_ms) + count > limit:
                    raise RateLimited(errors.TOO_MANY_ORDERS(limit, name), counter.left_ms(now_ms))
        for counter, count in zip(counters, orders, strict=True):
            counter.add(count, now_ms)

    def hear(self, connection: Connection, now_ms: int) -> bool:
        """Count a frame of a client; False where it was one too many and its connection is closed.

        Of a connection to the WebSocket API pings and pongs alone are to be counted here.
        """
        heard = connection.heard.add(1, now_ms)
        if not self._config.rate_limits_enforced:
            return True
        limit, what = self._config.stream_messages_1s_max, "messages"
        if connection.kind == "ws_api":
            limit, what = self._config.ws_api_pings_1s_max, "pings and pongs"
        if heard <= limit:
            return True
        if connection.close(f"Too many requests: more than {limit} {what} a second", 1008):
            self._refuse(now_ms)
        return False

    def headers(self, account: str | None, now_ms: int) -> dict[str, str]:
        """The headers of a reply; `account` where it is the reply to an order."""
        if account is None:
            return {"x-mbx-used-weight-1m": str(self._weight.add(0, now_ms))}
        ten_seconds, minute = self._counters(account)
        return {
            "x-mbx-used-weight-1m": "-1",
            "x-mbx-order-count-10s": str(ten_seconds.add(0, now_ms)),
            "x-mbx-order-count-1m": str(minute.add(0, now_ms)),
        }

    def rows(self, account: str | None, now_ms: int) -> list[dict[str, Any]]:
        """The `rateLimits` of a WebSocket API reply: those limits that the request counted for."""
        counters = [self._weight]
        if account is not None:
            ten_seconds, minute = self._counters(account)
            counters += minute, ten_seconds
        return [
            {**row, "count": counter.add(0, now_ms)}
            for row, counter in zip(rate_limits(self._config), counters, strict=False)
        ]

    def _admit(
        self, counter: WindowCounter, weight: int, limit: int, refusal: errors.Refusal, now_ms: int
    ) -> None:
        used = counter.add(weight, now_ms)
        if not self._config.rate_limits_enforced:
            return
        if now_ms < self._banned_until_ms:
            raise self._banned(now_ms)
        if used <= limit:
            return
        if self._refuse(now_ms):
            raise self._banned(now_ms)
        raise RateLimited(refusal(limit), counter.left_ms(now_ms))

    def _counters(self, account: str) -> tuple[WindowCounter, WindowCounter]:
        found = self._orders.get(account)
        if found is None:
            found = self._orders[account] = WindowCounter(TEN_SECONDS_MS), WindowCounter(MINUTE_MS)
        return found

    def _refuse(self, now_ms: int) -> bool:
        """Count a refusal; whether it was one too many, and is a ban."""
        if self._refusals.add(1, now_ms) <= self._config.rate_limit_refusals_max:
            return False
        self._ban(now_ms)
        return True

    def _ban(self, now_ms: int) -> None:
        life_ms = min(self._config.ban_ms << min(self._bans, BANS_DOUBLED_MAX), BAN_MS_MAX)
        self._bans += 1
        self._banned_until_ms = now_ms + life_ms
        self._record("wire", "ban", {"until_ms": self._banned_until_ms})

    def _banned(self, now_ms: int) -> RateLimited:
        until_ms = self._banned_until_ms
        return RateLimited(errors.BANNED(until_ms), until_ms - now_ms)


def rate_limits(config: VenueConfig) -> list[dict[str, Any]]:
    """`rateLimits` of exchangeInfo: the weight, then the orders."""
    return [
        _row("REQUEST_WEIGHT", "MINUTE", 1, config.request_weight_1m_max),
        _row("ORDERS", "MINUTE", 1, config.orders_1m_max),
        _row("ORDERS", "SECOND", 10, config.orders_10s_max),
    ]


def _row(kind: str, interval: str, number: int, limit: int) -> dict[str, Any]:
    return {
        "rateLimitType": kind,
        "interval": interval,
        "intervalNum": number,
        "limit": limit,
    }
