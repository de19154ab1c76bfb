"""Every act by name, with its arguments as a struct.

The structs are made from the signatures of the methods that carry the acts out, so there is one
definition of each. Amounts are JSON text or integers, never floats. `misbehave`, `release` and
`cancel_rule` are acts too: rules have names here, since a handle does not survive JSON.
"""

import inspect
from collections.abc import Callable
from decimal import Decimal
from functools import reduce
from operator import or_
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from mock_venue.control.choices import choices_of, told
from mock_venue.control.reading import BadInput, convert
from mock_venue.exchange.decimals import to_decimal
from mock_venue.script.account_acts import ADJUSTMENTS
from mock_venue.script.acts import EXPIRY_REASONS
from mock_venue.script.errors import VenueScriptError
from mock_venue.script.misbehaviour import Handle
from mock_venue.script.rules import Misbehaviour
from mock_venue.venue import Venue
from mock_venue.wire.known import check_rule

RULES_KEPT = 1_000


class RuleState(msgspec.Struct, frozen=True, kw_only=True):
    """A misbehaviour rule: how often it struck, and what it holds back."""

    name: str
    rule: Misbehaviour
    hits: int
    holds: int
    active: bool


class Rules:
    """Misbehaviour rules by name."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._handles: dict[str, Handle] = {}
        self._made = 0

    def misbehave(self, rule: Misbehaviour, name: str | None = None) -> RuleState:
        """Register a rule; without a name it is called rule-<n>."""
        if name is None:
            self._made += 1
            name = f"rule-{self._made}"
        if name in self._handles:
            raise VenueScriptError(f"misbehave: there is a rule {name!r} already")
        if len(self._handles) >= RULES_KEPT:
            self._forget_ended()
        self._handles[name] = self._venue.misbehave(rule)
        return self.state(name)

    def release(self, name: str) -> int:
        """Let go what a rule holds, in the order it came; how many there were."""
        return self._venue.release(self._handle("release", name))

    def cancel_rule(self, name: str) -> RuleState:
        """End a rule. What it holds stays held until it is released."""
        self._handle("cancel_rule", name).cancel()
        return self.state(name)

    def states(self) -> list[RuleState]:
        """All rules in the order of their registration."""
        return [self.state(name) for name in self._handles]

    def state(self, name: str) -> RuleState:
        """One rule."""
        handle = self._handle("rule", name)
        return RuleState(
            name=name,
            rule=handle.rule,
            hits=handle.hits,
            holds=handle.holds,
            active=handle.is_active,
        )

    def _handle(self, act: str, name: str) -> Handle:
        handle = self._handles.get(name)
        if handle is None:
            raise VenueScriptError(f"{act}: there is no rule {name!r}")
        return handle

    def _forget_ended(self) -> None:
        self._handles = {
            name: handle
            for name, handle in self._handles.items()
            if handle.is_active or handle.holds
        }


class ActKind(msgspec.Struct, frozen=True):
    """An act: its arguments as a struct, what it returns and does.

    `amounts` are arguments that are amounts, `choices` those that are one of a few values.
    """

    name: str
    arguments: type[msgspec.Struct]
    amounts: tuple[str, ...]
    choices: dict[str, tuple[Any, ...]]
    result: Any
    text: str


def _json_type(hint: Any) -> Any:
    """The type as JSON has it: an amount is text or an integer."""
    if get_origin(hint) not in (Union, UnionType):
        return hint
    parts = [part for part in get_args(hint) if part is not Decimal]
    return reduce(or_, parts)


def _is_amount(hint: Any) -> bool:
    return Decimal in get_args(hint)


NAMES: dict[str, dict[str, tuple[Any, ...]]] = {
    "adjust": {"reason": ADJUSTMENTS},
    "expire": {"reason": EXPIRY_REASONS},
}
"""Arguments that are text to the venue, and one of a few names."""


def _kind(method: Callable[..., Any]) -> ActKind:
    hints = get_type_hints(method)
    fields: list[Any] = []
    amounts = tuple(name for name, hint in hints.items() if name != "return" and _is_amount(hint))
    for parameter in list(inspect.signature(method).parameters.values())[1:]:
        field = (parameter.name, _json_type(hints[parameter.name]))
        required = parameter.default is inspect.Parameter.empty
        fields.append(field if required else (*field, parameter.default))
    text = inspect.getdoc(method) or ""
    name = "".join(word.title() for word in method.__name__.split("_"))
    struct = msgspec.defstruct(
        name,
        fields,
        namespace={"__doc__": text},
        module=__name__,
        kw_only=True,
        frozen=True,
        forbid_unknown_fields=True,
    )
    choices = {name: found for name, hint in hints.items() if (found := choices_of(hint))}
    choices |= NAMES.get(method.__name__, {})
    return ActKind(method.__name__, struct, amounts, choices, hints["return"], text)


VENUE_ACTS: tuple[Callable[..., Any], ...] = (
    Venue.fill,
    Venue.cancel,
    Venue.expire,
    Venue.cancel_algo_order,
    Venue.expire_algo_order,
    Venue.hold_triggers,
    Venue.release_triggers,
    Venue.external_order,
    Venue.set_position_mode,
    Venue.set_price,
    Venue.market_trade,
    Venue.advance,
    Venue.deposit,
    Venue.withdraw,
    Venue.transfer,
    Venue.adjust,
    Venue.funding,
    Venue.liquidate,
    Venue.adl,
    Venue.margin_call,
    Venue.set_status,
    Venue.settle,
    Venue.generate_history,
    Venue.expire_listen_keys,
    Venue.close_streams,
    Venue.revoke_key,
    Venue.reinstate_key,
    Venue.reset_streams,
    Venue.forget_streams,
)
RULE_ACTS: tuple[Callable[..., Any], ...] = (Rules.misbehave, Rules.release, Rules.cancel_rule)
ACTS = {method.__name__: _kind(method) for method in (*VENUE_ACTS, *RULE_ACTS)}


def check_act(name: str, arguments: dict[str, Any]) -> msgspec.Struct:
    """Check an act and its arguments. Raises BadInput."""
    kind = ACTS.get(name)
    if kind is None:
        raise BadInput(f"act must be one of {', '.join(ACTS)}, was {name!r}")
    for field, choices in kind.choices.items():
        if field in arguments and arguments[field] not in choices:
            raise BadInput(f"{field} must be {told(choices, arguments[field])}")
    checked = convert(arguments, kind.arguments)
    for field in kind.amounts:
        value = getattr(checked, field)
        try:
            if value is not None:
                to_decimal(value)
        except ValueError as error:
            raise BadInput(f"{field} {error}") from None
    rule = getattr(checked, "rule", None)
    if rule is not None:
        try:
            check_rule(rule)
        except VenueScriptError as error:
            raise BadInput(str(error)) from None
    return checked


def perform(venue: Venue, rules: Rules, name: str, arguments: msgspec.Struct) -> Any:
    """Carry out an act and return what its method does. Raises VenueScriptError."""
    owner = rules if hasattr(Rules, name) else venue
    return getattr(owner, name)(**msgspec.structs.asdict(arguments))
