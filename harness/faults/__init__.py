"""Every fault, one a file."""

from harness.faults.clock.clock_drift import ClockDrift
from harness.faults.clock.clock_freeze import ClockFreeze
from harness.faults.clock.clock_jump import ClockJump
from harness.faults.clock.clock_skew import ClockSkew
from harness.faults.fault import Family, Fault
from harness.faults.link.bandwidth import Bandwidth
from harness.faults.link.flapping import Flapping
from harness.faults.link.latency import Latency
from harness.faults.link.limit_data import LimitData
from harness.faults.link.link_down import LinkDown
from harness.faults.link.reset_peer import ResetPeer
from harness.faults.link.slicer import Slicer
from harness.faults.link.slow_close import SlowClose
from harness.faults.link.timeout import Timeout
from harness.faults.process.node_killed import NodeKilled
from harness.faults.process.node_paused import NodePaused
from harness.faults.process.node_terminated import NodeTerminated
from harness.faults.process.second_node import SecondNode
from harness.faults.store.store_flushed import StoreFlushed
from harness.faults.store.store_full import StoreFull
from harness.faults.store.store_killed import StoreKilled
from harness.faults.wire.black_hole import BlackHole
from harness.faults.wire.events_doubled import EventsDoubled
from harness.faults.wire.events_dropped import EventsDropped
from harness.faults.wire.events_held import EventsHeld
from harness.faults.wire.events_reordered import EventsReordered
from harness.faults.wire.half_open import HalfOpen
from harness.faults.wire.listen_key_storm import ListenKeyStorm
from harness.faults.wire.listen_keys_expired import ListenKeysExpired
from harness.faults.wire.maintenance import Maintenance
from harness.faults.wire.rate_limit_ban import RateLimitBan
from harness.faults.wire.refused import Refused
from harness.faults.wire.reply_altered import ReplyAltered
from harness.faults.wire.reply_delayed import ReplyDelayed
from harness.faults.wire.reply_doubled import ReplyDoubled
from harness.faults.wire.reply_lost import ReplyLost
from harness.faults.wire.reply_never import ReplyNever
from harness.faults.wire.silent_stream import SilentStream
from harness.faults.wire.stale_reads import StaleReads
from harness.faults.wire.streams_closed import StreamsClosed
from harness.faults.wire.streams_reset import StreamsReset

AnyFault = (
    LinkDown | Latency | Bandwidth | Slicer | SlowClose | Timeout | LimitData | ResetPeer | Flapping
    | StreamsClosed | StreamsReset | HalfOpen | BlackHole
    | ReplyLost | ReplyDelayed | ReplyNever | ReplyDoubled | ReplyAltered | Refused | StaleReads
    | EventsDropped | EventsHeld | EventsDoubled | EventsReordered | SilentStream
    | ListenKeysExpired | ListenKeyStorm | RateLimitBan | Maintenance
    | NodeKilled | NodeTerminated | NodePaused | SecondNode
    | StoreKilled | StoreFull | StoreFlushed
    | ClockSkew | ClockJump | ClockFreeze | ClockDrift
)  # fmt: skip

FAULTS: tuple[type[Fault], ...] = AnyFault.__args__

__all__ = [
    "FAULTS",
    "AnyFault",
    "Bandwidth",
    "BlackHole",
    "ClockDrift",
    "ClockFreeze",
    "ClockJump",
    "ClockSkew",
    "EventsDoubled",
    "EventsDropped",
    "EventsHeld",
    "EventsReordered",
    "Family",
    "Fault",
    "Flapping",
    "HalfOpen",
    "Latency",
    "LimitData",
    "LinkDown",
    "ListenKeyStorm",
    "ListenKeysExpired",
    "Maintenance",
    "NodeKilled",
    "NodePaused",
    "NodeTerminated",
    "RateLimitBan",
    "Refused",
    "ReplyAltered",
    "ReplyDelayed",
    "ReplyDoubled",
    "ReplyLost",
    "ReplyNever",
    "ResetPeer",
    "SecondNode",
    "SilentStream",
    "Slicer",
    "SlowClose",
    "StaleReads",
    "StoreFlushed",
    "StoreFull",
    "StoreKilled",
    "StreamsClosed",
    "StreamsReset",
    "Timeout",
]
