"""Everything a scenario file needs, under one name."""

from harness.node.spec import OrderSpec, StrategySpec
from harness.scenario.decorator import known_bug, scenario
from harness.scenario.generate import Plan, plans
from harness.scenario.moments import after_event, after_match, before_match, during_mass_status
from harness.scenario.stage import Stage
from harness.scenario.world import Order, World, buy, sell
from mock_venue.script.rules import (
    Alter,
    Delay,
    Duplicate,
    Hang,
    Hold,
    HoldRequest,
    Lose,
    PushRule,
    Refuse,
    ReplyRule,
    Stale,
)

__all__ = [
    "Alter",
    "Delay",
    "Duplicate",
    "Hang",
    "Hold",
    "HoldRequest",
    "Lose",
    "Order",
    "OrderSpec",
    "Plan",
    "PushRule",
    "Refuse",
    "ReplyRule",
    "Stage",
    "Stale",
    "StrategySpec",
    "World",
    "after_event",
    "after_match",
    "before_match",
    "buy",
    "during_mass_status",
    "known_bug",
    "plans",
    "scenario",
    "sell",
]
