"""Reading what people wrote: JSON into structs, and one line that says what is wrong with it.

A field that nothing knows is an error: a misspelt option would otherwise do nothing, in silence.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

LINES_MAX = 1_000_000
LINE_BYTES_MAX = 1_048_576


class BadInput(ValueError):
    """Input cannot be used; one line says where and why."""


def convert[T](data: Any, kind: type[T]) -> T:
    """Turn decoded JSON into a struct. Raises BadInput."""
    try:
        value = msgspec.convert(data, kind)
    except msgspec.ValidationError as error:
        raise BadInput(str(error)) from None
    _check_known(data, msgspec.to_builtins(value), "$")
    return value


def decode[T](text: bytes, kind: type[T]) -> T:
    """Decode JSON into a struct, decimals to the last digit. Raises BadInput."""
    data = decode_any(text)
    try:
        value = msgspec.json.decode(text, type=kind)
    except msgspec.ValidationError as error:
        raise BadInput(str(error)) from None
    _check_known(data, msgspec.to_builtins(value), "$")
    return value


def decode_any(text: bytes) -> Any:
    """Decode JSON. Raises BadInput."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"not JSON: {error}") from None


def lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a JSON Lines file by number, blank ones and comments (#) left out.

    Raises BadInput where the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if number > LINES_MAX:
                    raise BadInput(f"{path}: more than {LINES_MAX} lines")
                if len(line) > LINE_BYTES_MAX:
                    raise BadInput(f"{path}:{number}: longer than {LINE_BYTES_MAX} bytes")
                text = line.strip()
                if text and not text.startswith(b"#"):
                    yield number, text
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None


def _check_known(data: Any, known: Any, where: str) -> None:
    """Compare what was given with what was understood."""
    if isinstance(data, dict) and isinstance(known, dict):
        for name, value in data.items():
            if name not in known:
                raise BadInput(f"Object contains unknown field `{name}` - at `{where}`")
            _check_known(value, known[name], f"{where}.{name}")
    elif isinstance(data, list) and isinstance(known, list | tuple):
        for number, (value, understood) in enumerate(zip(data, known, strict=False)):
            _check_known(value, understood, f"{where}[{number}]")
