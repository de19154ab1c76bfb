"""Scenario time: a clock that goes faster than the machine's, and nodes whose clock is wrong."""

from harness.clock.build import NoShim, shim
from harness.clock.clock import RATE_MAX, RATE_MIN, Clock, WallClock, check_rate
from harness.clock.stalls import StallWatch, no_collections

__all__ = [
    "RATE_MAX",
    "RATE_MIN",
    "Clock",
    "NoShim",
    "StallWatch",
    "WallClock",
    "check_rate",
    "no_collections",
    "shim",
]
