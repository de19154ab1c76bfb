"""Request parameters, typed. What is missing or malformed is refused in Binance's words."""

import re
from decimal import Decimal
from urllib.parse import unquote_plus

import msgspec

from mock_venue.exchange import errors
from mock_venue.exchange.commands import OrderRef

EXPONENT_MAX = 20
TIME_MS_MAX = 10_000_000_000_000
"""Year 2286."""

_JSON_NUMBER = re.compile(r"-?[0-9]{1,40}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?")
_decode_text = msgspec.json.Decoder(str).decode
_INTEGER = re.compile(r"-?[0-9]{1,19}")
_DECIMAL = re.compile(r"[+-]?[0-9]{1,20}(\.[0-9]{0,20})?")


def parse(query: str, body: str) -> tuple[dict[str, str], str | None]:
    """Return the parameters of query and body; the query wins where both have one.

    The second value is a parameter sent twice in one of them, which Binance refuses.
    """
    values, twice = _read(query)
    if not body:
        return values, twice
    of_body, twice_in_body = _read(body)
    return of_body | values, twice or twice_in_body


def _read(part: str) -> tuple[dict[str, str], str | None]:
    values: dict[str, str] = {}
    twice = None
    encoded = "%" in part or "+" in part
    for item in part.split("&"):
        if item:
            name, _, value = item.partition("=")
            if encoded:
                name, value = unquote_plus(name), unquote_plus(value)
            if name in values:
                twice = name
            values[name] = value
    return values, twice


def json_text(name: str, raw: msgspec.Raw) -> str:
    """A JSON value as REST has it: numbers without an exponent, null as nothing. Raises -1130."""
    text = bytes(raw).decode()
    if text.startswith('"'):
        return _decode_text(raw)
    if text == "null":
        return ""
    if text in ("true", "false"):
        return text
    if _JSON_NUMBER.fullmatch(text) is None:
        raise errors.BAD_PARAMETER(name)
    if "e" not in text and "E" not in text:
        return text
    value = Decimal(text)
    if abs(value.adjusted()) > EXPONENT_MAX:
        raise errors.BAD_PARAMETER(name)
    return format(value, "f")


class Params:
    """The parameters of one request."""

    def __init__(self, values: dict[str, str]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def find(self, name: str) -> str | None:
        """The parameter's text, None if it was not sent."""
        return self._values.get(name)

    def text(self, name: str) -> str:
        """A mandatory text. Raises -1102."""
        value = self._values.get(name)
        if not value:
            raise errors.PARAMETER_MISSING(name)
        return value

    def integer(self, name: str) -> int:
        """A mandatory integer. Raises -1102."""
        value = self.text(name)
        if _INTEGER.fullmatch(value) is None:
            raise errors.PARAMETER_MISSING(name)
        return int(value)

    def find_integer(self, name: str) -> int | None:
        """An optional integer. Raises -1130 if it is none."""
        value = self._values.get(name)
        if value is None:
            return None
        if _INTEGER.fullmatch(value) is None:
            raise errors.BAD_PARAMETER(name)
        return int(value)

    def decimal(self, name: str) -> Decimal:
        """A mandatory decimal number. Raises -1102."""
        value = self.text(name)
        if _DECIMAL.fullmatch(value) is None:
            raise errors.PARAMETER_MISSING(name)
        return Decimal(value)

    def flag(self, name: str) -> bool:
        """An optional boolean in any case, False if it was not sent. Raises -1130."""
        given = self._values.get(name)
        if given is None:
            return False
        value = given.lower()
        if value not in ("true", "false"):
            raise errors.BAD_PARAMETER(name)
        return value == "true"

    def limit(self, default: int, highest: int) -> int:
        """The `limit` of a page: at least 1, cut to `highest`. Raises -1130."""
        value = self.find_integer("limit")
        if value is None:
            return default
        if value < 1:
            raise errors.BAD_PARAMETER("limit")
        return min(value, highest)

    def times(self) -> tuple[int | None, int | None]:
        """`startTime` and `endTime`. Raises -1023 where they are turned around, -1130."""
        start_ms, end_ms = self.find_integer("startTime"), self.find_integer("endTime")
        if start_ms is not None and end_ms is not None and start_ms > end_ms:
            raise errors.START_AFTER_END()
        for name, value in (("startTime", start_ms), ("endTime", end_ms)):
            if value is not None and not 0 <= value <= TIME_MS_MAX:
                raise errors.BAD_PARAMETER(name)
        return start_ms, end_ms

    def order_ref(self) -> OrderRef:
        """`orderId` or `origClientOrderId`. Raises -1102 without both."""
        order_id = self.find_integer("orderId")
        client_order_id = self.find("origClientOrderId")
        if order_id is None and not client_order_id:
            raise errors.PARAMETERS_MISSING("origClientOrderId", "orderId")
        return OrderRef(order_id=order_id, client_order_id=client_order_id)
