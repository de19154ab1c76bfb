"""`@scenario`: how a test function becomes a scenario, and `@known_bug` where it finds one."""

import functools
import inspect
from collections.abc import Callable, Collection, Sequence
from typing import Any

import pytest

from harness.clock import check_rate
from harness.known_bugs import KNOWN_BUGS
from harness.node.own_node import check_build_path
from harness.node.spec import StrategySpec
from harness.scenario.ending import ExpectedFailure
from harness.scenario.marks import KNOWN_BUG_ATTRIBUTE, MARK, Hand
from harness.world.credentials import KeyType
from mock_venue.exchange.matching import Matching

Function = Callable[..., Any]

_HANDS = {"world", "node", "venue"}


def scenario(
    *,
    covers: str,
    preset: str = "quick",
    rate: float | None = None,
    exec_engine: dict[str, Any] | None = None,
    exec_client: dict[str, Any] | None = None,
    strategies: Sequence[StrategySpec] | None = None,
    instrument_ids: Sequence[str] | None = None,
    needs: Sequence[str] = (),
    planted: str | None = None,
    node: str | None = None,
    matching: Matching | None = None,
    key_type: KeyType | None = None,
) -> Callable[[Function], Callable[..., None]]:
    """Make an async test function with a parameter `world` a scenario; or `node`, `venue`.

    It is played on a new world (a function that is not async gets a `Stage` and plays on it what it
    likes); afterwards the world is healed, is given time to converge, and every
    checker judges what happened. `covers` names the requirement. `exec_engine` and `exec_client`
    override single fields of the preset and of `BinanceExecClientConfig`; `strategies` are
    by default one without claims, `instrument_ids` by default BTCUSDT-PERP and ETHUSDT-PERP.
    Its clock goes `rate` times as fast as the machine's, by default as the session's option says;
    one that shows a requirement on times has the rate 1. `node` is the function that builds your
    own node ("my_package.my_node:build"), by default as the session's option says. With
    `matching="auto"` the venue fills resting orders as its market moves. With `key_type="ED25519"`
    the node has such a key, and its user stream starts by the WebSocket API; in 2.x it trades there
    if `exec_client` has `use_ws_trading`. `planted` names a bug
    that is planted in the node; see `harness.node.planted_v1`. Raises ValueError for a rate out of
    bounds, or for a node that is no such path. `needs` are capabilities
    (`harness/node/capabilities.py`) that its steps do not show: on a release without them it is not
    applicable.
    """
    overrides: dict[str, Any] = {"covers": covers, "preset": preset}
    if needs:
        overrides["needs"] = tuple(needs)
    if rate is not None:
        check_rate(rate)
        overrides["rate"] = rate
    if exec_engine is not None:
        overrides["exec_engine"] = exec_engine
    if exec_client is not None:
        overrides["exec_client"] = exec_client
    if strategies is not None:
        overrides["strategies"] = tuple(strategies)
    if planted is not None:
        overrides["planted"] = planted
    if instrument_ids is not None:
        overrides["instrument_ids"] = tuple(instrument_ids)
    if node is not None:
        check_build_path(node)
        overrides["node"] = node
    if matching is not None:
        overrides["matching"] = matching
    if key_type is not None:
        overrides["key_type"] = key_type

    def decorate(function: Function) -> Callable[..., None]:
        if not _HANDS & inspect.signature(function).parameters.keys():
            raise TypeError(f"{function.__name__} must have a parameter `world`, `node` or `venue`")

        @functools.wraps(function)
        def test(**fixtures: Any) -> None:
            async def script(world: Any) -> None:
                hands = {
                    name: getattr(world, value.name)
                    for name, value in fixtures.items()
                    if isinstance(value, Hand)
                }
                if "world" in fixtures:
                    hands["world"] = world
                await function(**fixtures | hands)

            stages = (value.stage for value in fixtures.values() if isinstance(value, Hand))
            stage = fixtures["world"] if "world" in fixtures else next(stages)
            stage.play(script)

        made = test if inspect.iscoroutinefunction(function) else function
        return getattr(pytest.mark, MARK)(**overrides)(made)  # type: ignore[no-any-return]

    return decorate


def known_bug(*bug_ids: str, by_chance: Collection[str] = ()) -> Callable[[Any], Any]:
    """Say that a scenario finds known bugs on the releases that have one of them.

    There it must fail, with evidence of the kinds that those bugs make and no other; that is
    reported as a finding. Anything else is a failure, a pass too: it shows that the bug is gone.
    Bugs `by_chance` depend on what no scenario decides (the order of a hash table, what was drawn):
    where the release has no others, a pass is one.
    """
    for bug_id in (*bug_ids, *by_chance):
        if bug_id not in KNOWN_BUGS:
            raise ValueError(f"unknown bug {bug_id!r}: must be one of {', '.join(KNOWN_BUGS)}")
    expected = ExpectedFailure(
        tuple(KNOWN_BUGS[bug_id] for bug_id in bug_ids),
        by_chance=tuple(KNOWN_BUGS[bug_id] for bug_id in sorted(by_chance)),
    )

    def decorate(test: Any) -> Any:
        if hasattr(test, KNOWN_BUG_ATTRIBUTE):
            raise ValueError(f"{test.__name__} has @known_bug twice: must name all bugs in one")
        setattr(test, KNOWN_BUG_ATTRIBUTE, expected)
        return test

    return decorate
