"""The URLs that streams are asked for with.

    /ws/<stream>/<stream>            raw frames
    /stream?streams=<stream>/...     frames wrapped {"stream": ..., "data": ...}
    /ws?listenKey=K[&events=A/B]     the user stream, all events or those named
    /stream?listenKey=K&events=A&listenKey=L&events=B    wrapped; events are those of the key before
    /ws/K                            the user stream, in the documentation's other example

All of them below /public, /market and /private too, and below neither, since clients leave the
route away from hosts they do not know. `combined=true` wraps. A stream may be anywhere: this venue
does not keep back what another route would have. (Binance: "Important WebSocket Change Notice"; at
Binance what was not asked for with its route is silent since 2026-04-23.)

Disputed, and so a choice of `VenueConfig`: whether a key in the path hears anything
(`path_key_silent`), and one without `events` (`events_required`). Unconfirmed: `listenKeyExpired`
comes whatever events are named, and a key given to SUBSCRIBE hears everything.
"""

from urllib.parse import parse_qsl, unquote

import msgspec

from mock_venue.config import VenueConfig
from mock_venue.wire.connection import NOTHING, Events, StreamKind, is_listen_key

ROUTES = ("/private", "/market", "/public")
ALWAYS_HEARD = "listenKeyExpired"


class StreamUrl(msgspec.Struct, frozen=True):
    """What a URL asks for; `path` is its path without the listen key."""

    path: str
    kind: StreamKind
    wrapped: bool
    streams: dict[str, Events]


def read_stream_url(path: str, query: str, config: VenueConfig) -> StreamUrl | None:
    """Read a URL; None if its path is no stream's."""
    place = path
    for route in ROUTES:
        place = place.removeprefix(route) if place.startswith(f"{route}/") else place
    mode, _, named = place.removeprefix("/").partition("/")
    if mode not in ("ws", "stream") or (mode == "stream" and named) or not place.startswith("/"):
        return None
    streams: dict[str, Events] = {}
    for name in filter(None, map(unquote, named.split("/"))):
        silent = config.path_key_silent and is_listen_key(name)
        streams[name] = NOTHING if silent else None
    wrapped = mode == "stream"
    key = None
    for name, value in parse_qsl(query):
        if name == "streams":
            streams.update(dict.fromkeys(filter(None, value.split("/"))))
        elif name == "listenKey":
            key = value
            streams[key] = NOTHING if config.events_required else None
        elif name == "events" and key is not None:
            streams[key] = frozenset((*filter(None, value.split("/")), ALWAYS_HEARD))
        elif name == "combined":
            wrapped = wrapped or value == "true"
    return StreamUrl(
        path=path.removesuffix(f"/{named}") if named else path,
        kind=_kind(path, streams),
        wrapped=wrapped,
        streams=streams,
    )


def _kind(path: str, streams: dict[str, Events]) -> StreamKind:
    """What a WebSocket is for: as its route says, else by what it asks for."""
    if path.startswith(("/market/", "/public/")):  # ccxt's end in a number: /market/ws/0
        return "market"
    private = path.startswith("/private/") or any(map(is_listen_key, streams))
    return "user" if private else "market"
