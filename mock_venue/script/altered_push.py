"""A push that does not say what is true."""

from typing import Any

from mock_venue.script.rules import PushRule

TIMES = ("E", "T")


def altered(payload: dict[str, Any], rule: PushRule) -> dict[str, Any]:
    """Return the payload as the rule has it; the payload itself is left alone."""
    return _with(_shifted(payload, rule.shift_ms), rule.fields)


def _shifted(payload: dict[str, Any], shift_ms: int) -> dict[str, Any]:
    def moved(key: str, value: Any) -> Any:
        if isinstance(value, dict):
            return _shifted(value, shift_ms)
        return value + shift_ms if key in TIMES and isinstance(value, int) else value

    return {key: moved(key, value) for key, value in payload.items()} if shift_ms else payload


def _with(payload: dict[str, Any], fields: dict[str, Any]) -> dict[str, Any]:
    def merged(key: str, value: Any) -> Any:
        own = payload.get(key)
        return _with(own, value) if isinstance(own, dict) and isinstance(value, dict) else value

    return payload | {key: merged(key, value) for key, value in fields.items()}
