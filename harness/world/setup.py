"""What a world is built from."""

from collections.abc import Mapping, Set
from typing import Any

import msgspec

from harness.checkers.periodic_checks import intervals_secs
from harness.clock import RATE_MAX, check_rate
from harness.node.capabilities import check_names, each
from harness.node.fields import require_exec_client_fields, require_exec_engine_fields
from harness.node.own_node import check_build_path
from harness.node.presets import preset
from harness.node.spec import DescribedStrategy, Description, StrategySpec
from harness.world.credentials import KeyType
from mock_venue.exchange.matching import Matching

TRADER_ID = "CHAOS-001"
# Binance's, and what the adapter sends; NautilusTrader's thresholds by default.
RECV_WINDOW_MS = 5_000
# NautilusTrader's WebSocket clients wait 10 s for an answer: node, network and venue may all stall.
STREAM_TIMEOUT_MS = 5_000
_THRESHOLDS_MS = {
    "inflight_check_threshold_ms": 5_000,
    "open_check_threshold_ms": 5_000,
    "position_check_threshold_ms": 5_000,
}
_READING_CHECKS = ("open_check_interval_secs", "position_check_interval_secs")

_RETRIES = {
    "in_flight": "inflight_check_retries",
    "open_orders": "open_check_missing_retries",
    "positions": "position_check_retries",
}
# What the releases do that have no field for it.
_RETRIES_DEFAULT = 5
# A first look, and two that find nothing.
_LOOKS = 3
_OF_THE_NODE = ("preset", "exec_engine", "exec_client", "instrument_ids", "strategies", "planted")


class InvalidSetup(ValueError):
    """A scenario's configuration that cannot be played."""


class Setup(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The configuration of a scenario: everything but its steps.

    `exec_engine` and `exec_client` override single fields of the preset and of NautilusTrader's
    `BinanceExecClientConfig`. `seed` is what generated parts draw from, `rate` how
    much faster than the machine's its clock goes where no step says otherwise, and `rate_max` how
    fast it goes at most, whatever a step says. `planted` names a bug that is planted in the
    node, `needs` capabilities of the release that the rest does not show. `node` is the function
    "package.module:name" that builds the user's own node, which then stands in for what is said of
    the node here. `matching` says whether the venue fills resting orders by acts alone (`scripted`)
    or also as others trade at their price (`auto`). With the `key_type` ED25519 the node logs on
    to the WebSocket API: 1.x starts its user stream there, 2.x trades there if `exec_client` has
    `use_ws_trading`. `known_bugs` are the ids of those that the scenario is known to find, on a
    release that has them, and `by_chance` of those that it may find.
    """

    name: str
    covers: str
    preset: str = "quick"
    exec_engine: dict[str, Any] = {}
    exec_client: dict[str, Any] = {}
    instrument_ids: tuple[str, ...] = ("BTCUSDT-PERP.BINANCE", "ETHUSDT-PERP.BINANCE")
    strategies: tuple[StrategySpec, ...] = (StrategySpec(),)
    seed: int = 0
    rate: float = 1.0
    rate_max: float = RATE_MAX
    planted: str | None = None
    node: str | None = None
    needs: tuple[str, ...] = ()
    matching: Matching = "scripted"
    key_type: KeyType = "HMAC_SHA256"
    known_bugs: tuple[str, ...] = ()
    by_chance: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise InvalidSetup where the world cannot be built."""
        self.engine_values()
        try:
            require_exec_engine_fields(self.exec_engine)
            require_exec_client_fields(self.exec_client)
            check_rate(self.rate)
            check_rate(self.rate_max)
            if self.node is not None:
                check_build_path(self.node)
            check_names(self.needs)
        except ValueError as error:
            raise InvalidSetup(str(error)) from None

    def needs_in_all(self) -> frozenset[str]:
        """Return the capabilities that a release must have to play it, `needs` among them.

        A field that is switched off with None, and what only the preset sets, is not needed.
        """
        used = [field for field, value in self.exec_engine.items() if value is not None]
        return frozenset(self.needs).union(
            each("exec_engine", used),
            each("exec_client", self.exec_client),
            () if self.planted is None else each("planted", {self.planted}),
            () if self.node is None else {"own_node"},
            each("ws_api", {self._by_ws_api()}) if self.key_type == "ED25519" else (),
            {"hedging"} if any(strategy.hedging for strategy in self.strategies) else (),
            {"claims"} if any(strategy.claims for strategy in self.strategies) else (),
        )

    def _by_ws_api(self) -> str:
        return "orders" if self.exec_client.get("use_ws_trading") else "user_stream"

    def description(self, capabilities: Set[str]) -> Description:
        """Return what the harness's node is on a release with these capabilities.

        It leaves out the execution engine's fields that the release does not have. Raises
        InvalidSetup.
        """
        return Description(
            trader_id=TRADER_ID,
            instrument_ids=self.instrument_ids,
            strategies=tuple(
                DescribedStrategy(strategy_id=strategy.strategy_id, claims=strategy.claims)
                for strategy in self.strategies
            ),
            exec_engine={
                field: value
                for field, value in self.engine_values().items()
                if each("exec_engine", {field}) <= capabilities
            },
            exec_client=self.exec_client,
            store_prefix=f"trader-{TRADER_ID}",
        )

    def engine_values(self) -> dict[str, Any]:
        """Return the execution engine settings in force. Raises InvalidSetup."""
        try:
            return preset(self.preset) | self.exec_engine
        except ValueError as error:
            raise InvalidSetup(str(error)) from None

    def set_of_the_node(self) -> list[str]:
        """Return which fields of the harness's node are not as a scenario that sets none has it."""
        plain = Setup(name=self.name, covers=self.covers)
        return [name for name in _OF_THE_NODE if getattr(self, name) != getattr(plain, name)]


def configured_checks(exec_engine: Mapping[str, Any]) -> set[str]:
    """Return the periodic checks that a node makes."""
    return set(intervals_secs(exec_engine))


def patience_secs(exec_engine: Mapping[str, Any]) -> float:
    """Return how long a node's checks may take to mend what they can, and to find all mended.

    `exec_engine` has every field that the node's release has.
    """
    longest = 0.0
    for check, interval_secs in intervals_secs(exec_engine).items():
        longest = max(
            longest, (exec_engine.get(_RETRIES[check], _RETRIES_DEFAULT) + _LOOKS) * interval_secs
        )
    threshold_secs = max(exec_engine.get(field, 0) for field in _THRESHOLDS_MS) / 1000
    return float(exec_engine["reconciliation_startup_delay_secs"] + threshold_secs + longest)


def shortest_timeout_secs(node: Description) -> float:
    """Return after how long, at the least, a node takes silence for an answer."""
    values = node.exec_engine
    thresholds_ms = (values.get(field, default) for field, default in _THRESHOLDS_MS.items())
    # The adapter sends its own window with orders, and none with what a check reads.
    reads = any(values.get(field) for field in _READING_CHECKS)
    ours = RECV_WINDOW_MS if reads else node.exec_client.get("recv_window_ms", RECV_WINDOW_MS)
    return float(min(*thresholds_ms, ours, STREAM_TIMEOUT_MS)) / 1000
