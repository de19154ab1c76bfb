"""The state of objects of this package as JSON, and back.

Structs, the package's own classes and plain containers are told apart by tags, so whatever state a
class comes to have is in the snapshot without a word here. A value of any other kind raises
TypeError: nothing is left out in silence. What is read back can only be of this package.
"""

import re
import sys
from decimal import Decimal
from typing import Any

import msgspec

PACKAGE = "mock_venue.exchange"

_MODULE = re.compile(r"[a-z_]+")


class BadSnapshot(ValueError):
    """A snapshot cannot be read; one line says why."""


def dump(value: Any) -> Any:
    """The value as JSON has it."""
    return _dump(value, [])


def dump_attributes(owner: Any, left_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """The attributes of an object, these left out."""
    return {name: dump(value) for name, value in vars(owner).items() if name not in left_out}


def load_attributes(
    owner: Any, data: Any, left_out: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The attributes for an object like `owner`. Raises BadSnapshot where they do not fit it."""
    expected = vars(owner).keys() - left_out
    if not isinstance(data, dict) or data.keys() != expected:
        raise BadSnapshot(f"the snapshot is not one of this version's {type(owner).__name__}")
    loaded = {name: load(value) for name, value in data.items()}
    for name, value in loaded.items():
        if type(value) is not type(vars(owner)[name]):
            raise BadSnapshot(f"{name} must be a {type(vars(owner)[name]).__name__}")
    return loaded


def load(data: Any) -> Any:
    """The value that `dump` made this of. Raises BadSnapshot."""
    try:
        return _load(data)
    except (TypeError, KeyError, ValueError, ArithmeticError, AttributeError) as error:
        raise BadSnapshot(f"the snapshot cannot be read: {error}") from None


def _dump(value: Any, inside: list[int]) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    if id(value) in inside:
        raise TypeError(f"a {type(value).__name__} that holds itself cannot be in a snapshot")
    within = [*inside, id(value)]
    if isinstance(value, msgspec.Struct) and _is_ours(type(value)):
        # Keys become text as in JSON.
        told = msgspec.json.decode(msgspec.json.encode(value))
        return {"$struct": _name(type(value)), "fields": told}
    if type(value) is list:
        return [_dump(one, within) for one in value]
    if type(value) is tuple:
        return {"$tuple": [_dump(one, within) for one in value]}
    if type(value) is set:
        return {"$set": [_dump(one, within) for one in sorted(value)]}
    if type(value) is dict:
        if all(isinstance(key, str) and not key.startswith("$") for key in value):
            return {key: _dump(one, within) for key, one in value.items()}
        return {"$dict": [[_dump(key, within), _dump(one, within)] for key, one in value.items()]}
    if _is_ours(type(value)) and hasattr(value, "__dict__"):
        attributes = {name: _dump(one, within) for name, one in vars(value).items()}
        return {"$object": _name(type(value)), "attributes": attributes}
    raise TypeError(f"a {type(value).__name__} cannot be in a snapshot")


def _load(data: Any) -> Any:
    if isinstance(data, list):
        return [_load(one) for one in data]
    if not isinstance(data, dict):
        return data
    if "$decimal" in data:
        return Decimal(data["$decimal"])
    if "$tuple" in data:
        return tuple(_load(one) for one in data["$tuple"])
    if "$set" in data:
        return {_load(one) for one in data["$set"]}
    if "$dict" in data:
        return {_load(key): _load(one) for key, one in data["$dict"]}
    if "$struct" in data:
        return msgspec.convert(data["fields"], _class(data["$struct"]), str_keys=True)
    if "$object" in data:
        kind = _class(data["$object"])
        made = kind.__new__(kind)
        vars(made).update({name: _load(one) for name, one in data["attributes"].items()})
        return made
    return {key: _load(one) for key, one in data.items()}


def _is_ours(kind: type) -> bool:
    return kind.__module__.startswith(f"{PACKAGE}.")


def _name(kind: type) -> str:
    return f"{kind.__module__.removeprefix(f'{PACKAGE}.')}:{kind.__qualname__}"


def _class(name: str) -> Any:
    module, _, kind = name.partition(":")
    found = sys.modules.get(f"{PACKAGE}.{module}") if _MODULE.fullmatch(module) else None
    made = getattr(found, kind, None)
    if not isinstance(made, type) or not _is_ours(made):
        raise BadSnapshot(f"there is no {name}")
    return made
