"""What one account is told in one frame of its user stream."""

from collections.abc import Callable
from typing import Any

import msgspec

from mock_venue.wire.schemas.stream import Frame

_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder()


class Push(msgspec.Struct, gc=False):
    """One frame for one account, and the order and trade it is about.

    What it says is made once, when the frame is sent or when somebody reads the history: `make` of
    what it is `about`, which never changes.
    """

    account: str
    event: str
    make: Callable[..., Frame | dict[str, Any]]
    about: tuple[Any, ...]
    execution: str | None = None
    order_id: int | None = None
    client_order_id: str | None = None
    trade_id: int | None = None
    _text: bytes = b""

    @property
    def text(self) -> bytes:
        """The payload as it is sent."""
        if not self._text:
            self._text = _encoder.encode(self.make(*self.about))
            self.about = ()
        return self._text

    @property
    def payload(self) -> dict[str, Any]:
        """The payload as data."""
        payload: dict[str, Any] = _decoder.decode(self.text)
        return payload

    def saying(self, make: Callable[..., dict[str, Any]], about: tuple[Any, ...]) -> "Push":
        """The push with another payload."""
        return msgspec.structs.replace(self, make=make, about=about, _text=b"")


def push_data(push: Push, connection: int | None, outcome: str) -> dict[str, Any]:
    """A push to one connection, as recorded; `connection` None if nobody listens."""
    return {
        "event": push.event,
        "execution": push.execution,
        "order_id": push.order_id,
        "client_order_id": push.client_order_id,
        "trade_id": push.trade_id,
        "connection": connection,
        "outcome": outcome,
        "payload": push.payload,
    }
