"""The official SDK's models as a strict description of replies.

Its models make every field optional, so they alone refuse little. Here a reply has to have every
field of its model, none of them null, each of exactly the model's type; what the reply has and the
model has not is told too.
"""

from collections.abc import Iterator
from functools import reduce
from operator import or_
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

NOT_FIELDS = ("additional_properties",)
"""Where the models put what they do not know."""


def problems(model: type[BaseModel], reply: Any) -> list[str]:
    """What is wrong with a reply: `missing`, `null`, `wrong type` or `unknown`, and where."""
    if hasattr(model, "is_oneof_model"):
        found = [_problems(one, reply) for one in _alternatives(model)]
        return min(found, key=len)
    return _problems(model, reply)


def _alternatives(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for name, field in model.model_fields.items():
        if name.startswith("oneof_schema_"):
            yield _bare(field.annotation)


def _problems(model: type[BaseModel], reply: Any) -> list[str]:
    is_array = getattr(model, "is_array", lambda: False)()
    if is_array != isinstance(reply, list):
        return [f"wrong type: {type(reply).__name__}, array={is_array}"] * 1_000
    found: dict[str, None] = {}
    for item in reply if is_array else [reply]:
        found.update(dict.fromkeys(_compare(model, item, "")))
    return list(found)


def _compare(kind: Any, value: Any, where: str) -> Iterator[str]:
    kind = _bare(kind)
    if value is None:
        yield f"null {where}"
    elif get_origin(kind) in (list, tuple) and isinstance(value, list):
        for item in value:
            yield from _compare(get_args(kind)[0], item, f"{where}[]")
    elif isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, dict):
        yield from _compare_fields(kind, value, where)
    else:
        try:
            TypeAdapter(kind).validate_python(value, strict=True)
        except ValidationError:
            yield f"wrong type {where}: {value!r}"


def _compare_fields(model: type[BaseModel], value: dict[str, Any], where: str) -> Iterator[str]:
    known = set()
    for name, field in model.model_fields.items():
        if name in NOT_FIELDS:
            continue
        alias = field.alias or name
        known.add(alias)
        inner = f"{where}.{alias}".removeprefix(".")
        if alias not in value:
            yield f"missing {inner}"
        else:
            yield from _compare(field.annotation, value[alias], inner)
    for extra in value.keys() - known:
        yield f"unknown {where}.{extra}".replace(" .", " ")


def _bare(kind: Any) -> Any:
    """A type without its None."""
    if get_origin(kind) in (Union, UnionType):
        rest = [one for one in get_args(kind) if one is not type(None)]
        return reduce(or_, rest)
    return kind
