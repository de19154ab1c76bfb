"""The OpenAPI document of the control API, made from its structs, and a page that shows it."""

import re
from collections.abc import Callable
from html import escape
from typing import Any

import msgspec

TITLE = "Mock venue: control API"
ERROR = {"type": "object", "properties": {"error": {"type": "string"}}, "required": ["error"]}
BODY_BYTES_MAX = 1_048_576
INTEGER_PARAMETERS = ("from_id", "limit", "after")


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One operation: what it takes, returns and does. The handler gets path and query parameters
    by name, and the decoded body as `body`.
    """

    method: str
    path: str
    text: str
    reply: Any
    handler: Callable[[dict[str, Any]], Any]
    body: Any = None
    query: tuple[str, ...] = ()
    group: str = ""
    body_bytes_max: int = BODY_BYTES_MAX


def document(endpoints: list[Endpoint], prefix: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    kinds = [one.reply for one in endpoints] + [one.body for one in endpoints if one.body]
    schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    replies, bodies = list(schemas[: len(endpoints)]), list(schemas[len(endpoints) :])
    paths: dict[str, Any] = {}
    for endpoint, reply in zip(endpoints, replies, strict=True):
        body = bodies.pop(0) if endpoint.body else None
        operation = _operation(endpoint, reply, body)
        paths.setdefault(prefix + endpoint.path, {})[endpoint.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": "1",
            "description": "Scripted acts, misbehaviour and the truth, for this machine alone."
            " Decimals are text. An order is named by its client order id as text, or its order id"
            " as integer.",
        },
        "paths": paths,
        "components": {"schemas": components},
    }


def _operation(endpoint: Endpoint, reply: Any, body: Any) -> dict[str, Any]:
    group = endpoint.group or endpoint.path.split("/")[1].removesuffix(".json")
    operation: dict[str, Any] = {
        "operationId": re.sub(r"\W+", "_", f"{endpoint.method.lower()}{endpoint.path}").strip("_"),
        "tags": [group],
        "summary": endpoint.text.partition("\n")[0],
        "description": "\n".join(line.strip() for line in endpoint.text.splitlines()),
        "parameters": [_parameter(name, "path") for name in re.findall(r"\{(\w+)\}", endpoint.path)]
        + [_parameter(name, "query") for name in endpoint.query],
        "responses": {
            "200": {"description": "Done.", "content": {"application/json": {"schema": reply}}},
            "default": {
                "description": "Not done.",
                "content": {"application/json": {"schema": ERROR}},
            },
        },
    }
    if body is not None:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
    return operation


def _parameter(name: str, where: str) -> dict[str, Any]:
    kind = "integer" if name in INTEGER_PARAMETERS else "string"
    return {"name": name, "in": where, "required": where == "path", "schema": {"type": kind}}


def page(told: dict[str, Any]) -> str:
    """The document as one HTML page that loads nothing."""
    components = told["components"]["schemas"]
    parts = [
        f"<!doctype html><html lang=en><meta charset=utf-8><title>{escape(TITLE)}</title>",
        "<style>body{font:15px/1.5 system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "h3{font-family:monospace;margin:2rem 0 0}pre{background:#f4f4f4;padding:.6rem;"
        "overflow-x:auto}td,th{text-align:left;padding:.1rem 1rem .1rem 0;vertical-align:top}"
        "</style>",
        f"<h1>{escape(TITLE)}</h1><p>{escape(told['info']['description'])}"
        " As OpenAPI: <a href=/chaos/v1/openapi.json>openapi.json</a></p>",
    ]
    for path, operations in told["paths"].items():
        for method, operation in operations.items():
            parts.append(f"<h3>{method.upper()} {escape(path)}</h3>")
            parts.append(f"<p>{escape(operation['description'])}</p>")
            for parameter in operation["parameters"]:
                parts.append(f"<p><code>{escape(parameter['name'])}</code> ({parameter['in']})</p>")
            body = operation.get("requestBody")
            if body is not None:
                parts.append(_table(body["content"]["application/json"]["schema"], components))
            reply = operation["responses"]["200"]["content"]["application/json"]["schema"]
            parts.append(f"<p>Returns {_type(reply)}</p>")
    parts.append("<h2>Types</h2>")
    for name, schema in components.items():
        parts.append(f"<h3 id='{escape(name)}'>{escape(name)}</h3>")
        parts.append(f"<p>{escape(schema.get('description', ''))}</p>")
        parts.append(_table(schema, components))
    return "".join(parts)


def _table(schema: dict[str, Any], components: dict[str, Any]) -> str:
    named = schema.get("$ref", "").rpartition("/")[2]
    schema = components.get(named, schema)
    rows = [
        f"<tr><td><code>{escape(name)}</code><td>{_type(one)}<td>{_default(name, one, schema)}"
        for name, one in schema.get("properties", {}).items()
    ]
    return f"<table>{''.join(rows)}</table>" if rows else ""


def _default(name: str, one: dict[str, Any], schema: dict[str, Any]) -> str:
    if name in schema.get("required", ()):
        return "required"
    default = msgspec.json.encode(one.get("default")).decode()
    return f"default {escape(default)}"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href='#{name}'>{name}</a>"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if "enum" in schema:
        return " | ".join(escape(str(one)) for one in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items') or {})}"
    return escape(str(schema.get("type", "anything")))
