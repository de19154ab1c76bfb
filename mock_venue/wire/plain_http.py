"""Ordinary requests, read without aiohttp: several times faster, and most of what clients send.

A request is ordinary when it comes whole and alone, in HTTP/1.1 and printable ASCII, and no header
of it changes how it is to be read or what becomes of the connection. `read_plain` knows no other
and never guesses: whatever it does not read is for aiohttp, which refuses what is malformed.
"""

import re
from functools import lru_cache

import msgspec

HEAD_BYTES_MAX = 4_096
HEADERS_MAX = 64
HEADERS_KEPT = 256

_LINE = re.compile(rb"(GET|POST|PUT|DELETE) (/[!\"$-~]*) HTTP/1\.1\r\n")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~]*)")
_LENGTH = re.compile(rb"[0-9]{1,9}")
_NOT_ORDINARY = (b"upgrade", b"transfer-encoding", b"expect", b"trailer", b"te")


class PlainRequest(msgspec.Struct, frozen=True, gc=False):
    """A request with a path of printable ASCII; the connection is kept after it."""

    method: str
    target: str
    key: str | None
    """X-MBX-APIKEY."""
    body: bytes


def read_plain(data: bytes) -> PlainRequest | None:
    """Read what a connection received; None where it is not one ordinary request."""
    line = _LINE.match(data)
    if line is None:
        return None
    head, found, body = data[line.end() :].partition(b"\r\n\r\n")
    if not found or len(data) - len(body) > HEAD_BYTES_MAX:
        return None
    known = _read_headers(head)
    if known is None or known[1] != len(body):
        return None
    return PlainRequest(line[1].decode(), line[2].decode(), known[0], body)


@lru_cache(HEADERS_KEPT)
def _read_headers(head: bytes) -> tuple[str | None, int] | None:
    """API key and length of the body. A client's headers hardly change, so they are kept."""
    lines = head.split(b"\r\n")
    if len(lines) > HEADERS_MAX:
        return None
    values: dict[bytes, bytes] = {}
    for line in lines:
        header = _HEADER.fullmatch(line)
        if header is None:
            return None
        name = header[1].lower()
        if name in values or name in _NOT_ORDINARY:
            return None
        values[name] = header[2].rstrip(b" \t")
    if values.get(b"connection", b"keep-alive").lower() != b"keep-alive":
        return None
    length = values.get(b"content-length", b"0")
    if _LENGTH.fullmatch(length) is None:
        return None
    key = values.get(b"x-mbx-apikey")
    return None if key is None else key.decode(), int(length)
