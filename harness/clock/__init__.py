"""Scenario time: a clock that goes faster than the machine's, and nodes whose clock is wrong."""

from harness.clock.build import NoShim, shim
from harness.clock.clock import Clock, WallClock

__all__ = ["Clock", "NoShim", "WallClock", "shim"]
