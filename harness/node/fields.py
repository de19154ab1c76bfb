"""Configuration across releases: fields that the installed NautilusTrader does not have."""

import importlib.metadata
import inspect
import warnings
from collections.abc import Callable, Mapping
from typing import Any


class FieldLeftOut(UserWarning):
    """A configuration field that the installed NautilusTrader does not have was left out."""


def field_names(config_class: Callable[..., Any]) -> frozenset[str]:
    """Return the fields of a NautilusTrader configuration class, of either major version."""
    return frozenset(
        name
        for name, parameter in inspect.signature(config_class).parameters.items()
        if parameter.kind is not inspect.Parameter.VAR_KEYWORD
    )


def known_fields(config_class: Callable[..., Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values whose fields the configuration class has.

    One `FieldLeftOut` warning names all the others. It does not tell a field of another release
    from one that no release has: that is for whoever takes the values in.
    """
    known = field_names(config_class)
    left_out = [name for name in values if name not in known]
    if left_out:
        release = importlib.metadata.version("nautilus_trader")
        warnings.warn(
            f"left out of {getattr(config_class, '__name__', config_class)}, which does not have "
            f"it in NautilusTrader {release}: {', '.join(left_out)}",
            FieldLeftOut,
            stacklevel=2,
        )
    return {name: value for name, value in values.items() if name in known}
