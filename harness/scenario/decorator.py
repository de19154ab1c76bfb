"""`@scenario`: how a test function becomes a scenario, and `@known_bug` where it finds one."""

import functools
import inspect
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from harness.known_bugs import KNOWN_BUGS, KnownBug
from harness.scenario.marks import KNOWN_BUG_ATTRIBUTE, MARK

Function = Callable[..., Any]


class ExpectedFailure(msgspec.Struct, frozen=True):
    """Known bugs, and the checkers that they may make fail; at least one of them must."""

    bugs: tuple[KnownBug, ...]
    checkers: frozenset[str]

    def bugs_of(self, release: str) -> tuple[KnownBug, ...]:
        """Return the bugs that the release has."""
        return tuple(bug for bug in self.bugs if bug.affects(release))


def scenario(
    *,
    covers: str,
    preset: str = "quick",
    exec_engine: dict[str, Any] | None = None,
    exec_client: dict[str, Any] | None = None,
    strategies: Sequence[Any] | None = None,
) -> Callable[[Function], Callable[..., None]]:
    """Make an async test function, whose first parameter is `world`, a scenario.

    It is played on a new world (a function that is not async gets a `Stage` and plays on it what it
    likes); afterwards the world is healed, is given time to converge, and every
    checker judges what happened. `covers` names the requirement. `exec_engine` and `exec_client`
    override single fields of the preset and of `BinanceExecClientConfig`; `strategies` are
    `StrategySpec`s, by default one without claims.
    """
    overrides: dict[str, Any] = {"covers": covers, "preset": preset}
    if exec_engine is not None:
        overrides["exec_engine"] = exec_engine
    if exec_client is not None:
        overrides["exec_client"] = exec_client
    if strategies is not None:
        overrides["strategies"] = tuple(strategies)

    def decorate(function: Function) -> Callable[..., None]:
        @functools.wraps(function)
        def test(world: Any, **fixtures: Any) -> None:
            async def script(real_world: Any) -> None:
                await function(real_world, **fixtures)

            world.play(script)

        made = test if inspect.iscoroutinefunction(function) else function
        return getattr(pytest.mark, MARK)(**overrides)(made)  # type: ignore[no-any-return]

    return decorate


def known_bug(*bug_ids: str, fails: set[str]) -> Callable[[Any], Any]:
    """Say that a scenario finds known bugs on the releases that have one of them.

    There it must fail, by one or more of the checkers in `fails` and by no other; that is reported
    as a finding. Anything else is a failure, a pass too: it shows that the bug is gone.
    """
    expected = ExpectedFailure(tuple(KNOWN_BUGS[bug_id] for bug_id in bug_ids), frozenset(fails))

    def decorate(test: Any) -> Any:
        setattr(test, KNOWN_BUG_ATTRIBUTE, expected)
        return test

    return decorate
