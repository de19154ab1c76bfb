"""NautilusTrader's bugs that scenarios are known to find, and the releases that have them."""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from packaging.specifiers import SpecifierSet

from harness.report.summary import KnownBugReference


class KnownBug(msgspec.Struct, frozen=True, kw_only=True):
    """A bug of NautilusTrader; `releases` is a version specifier of those affected.

    `signs` are the kinds of evidence by which it is recognised, one is enough; `kinds` are all that
    it can make.
    """

    id: str
    title: str
    reference: str
    releases: str
    signs: frozenset[str]
    kinds: frozenset[str]

    @property
    def summary(self) -> KnownBugReference:
        """Return the bug as a summary names it."""
        return KnownBugReference(id=self.id, reference=self.reference, title=self.title)

    def affects(self, release: str) -> bool:
        """Return whether the release has the bug."""
        return SpecifierSet(self.releases, prereleases=True).contains(release)


_BUGS = (
    KnownBug(
        id="K01",
        title="phantom fill after a warm restart",
        reference="nautechsystems/nautilus_trader#4736",
        releases=">=1.222.0,<=1.231.0",
        signs=frozenset({"phantom_position", "order_quantity"}),
        kinds=frozenset(
            {
                "phantom_fill",
                "phantom_position",
                "position_difference",
                "position_ping_pong",
                "order_quantity",
                "discrepancy_given_up",
            }
        ),
    ),
    KnownBug(
        id="K02",
        title="one failed position query flattens the cached position for good",
        reference="nautilus_trader 1.225.0 and later, position check",
        releases=">=1.225.0,<=1.231.0",
        signs=frozenset({"phantom_position"}),
        kinds=frozenset(
            {"phantom_fill", "phantom_position", "position_difference", "discrepancy_given_up"}
        ),
    ),
    KnownBug(
        id="K03",
        title="false rejection of an order that the venue accepted",
        reference="nautechsystems/nautilus_trader#4215",
        releases="<=1.231.0",
        signs=frozenset({"false_rejection", "live_at_venue_closed_in_node"}),
        kinds=frozenset(
            {
                "false_rejection",
                "missing_fill",
                "order_filled",
                "order_status",
                "live_at_venue_closed_in_node",
                "closed_in_node_while_live",
                "event_after_terminal",
                "invented_rejection",
                "position_fill_sum",
                "real_fill_lost",
            }
        ),
    ),
    KnownBug(
        id="K04",
        title="double order: a retried submit whose first try was accepted and filled",
        reference="nautilus_trader BinanceExecClientConfig.max_retries",
        releases="<=1.231.0",
        signs=frozenset({"double_order"}),
        kinds=frozenset(
            {
                "double_order",
                "missing_fill",
                "position_difference",
                "closed_in_node_while_live",
                "event_not_applied",
                "overfill_rejected",
                "discrepancy_given_up",
                "real_fill_lost",
                "event_after_terminal",
                "position_fill_sum",
            }
        ),
    ),
    KnownBug(
        id="K05",
        title="an inferred fill and the real one that comes late are both counted",
        reference="nautilus_trader in-flight check, late user event",
        releases="<=1.231.0",
        signs=frozenset({"duplicate_fill"}),
        kinds=frozenset(
            {
                "duplicate_fill",
                "phantom_fill",
                "order_filled",
                "filled_beyond_report",
                "live_at_venue_closed_in_node",
                "closed_in_node_while_live",
                "overfill_rejected",
                "position_difference",
                "position_average_price",
                "discrepancy_given_up",
            }
        ),
    ),
    KnownBug(
        id="K06",
        title="user stream dead for good after one failed step of its recovery on reconnect",
        reference="nautilus_trader BinanceUserDataWebSocketClient recovery",
        releases=">=1.223.0,<=1.231.0",
        signs=frozenset({"missing_fill", "no_user_stream"}),
        kinds=frozenset(
            {
                "no_user_stream",
                "missing_fill",
                "order_status",
                "order_filled",
                "closed_at_venue_open_in_node",
                "position_difference",
                "missing_position",
            }
        ),
    ),
    KnownBug(
        id="K07",
        title="one failed query at start loses open orders, and reconciliation succeeds",
        reference="nautilus_trader generate_order_status_reports",
        releases="<=1.231.0",
        signs=frozenset({"missing_order"}),
        kinds=frozenset({"missing_order", "missing_open_order"}),
    ),
    KnownBug(
        id="K08",
        title="the phantom fill of K01, after every reconnect of the user stream",
        reference="nautechsystems/nautilus_trader#4736",
        releases=">=1.226.0,<=1.231.0",
        signs=frozenset({"phantom_position", "order_quantity"}),
        kinds=frozenset(
            {
                "phantom_fill",
                "phantom_position",
                "position_difference",
                "order_quantity",
                "discrepancy_given_up",
            }
        ),
    ),
    KnownBug(
        id="N01",
        title="the open check never closes an order that the venue has closed unseen",
        reference="docs/findings.md#n01",
        releases="<=2.0.0rc6",
        signs=frozenset({"closed_at_venue_open_in_node"}),
        kinds=frozenset({"closed_at_venue_open_in_node", "order_status"}),
    ),
    KnownBug(
        id="N02",
        title="an order whose store write was pending when the node was killed loses its strategy",
        reference="docs/findings.md#n02",
        releases="<=2.0.0rc6",
        signs=frozenset({"lost_owner"}),
        kinds=frozenset({"lost_owner"}),
    ),
    KnownBug(
        id="N03",
        title="a mass status after a position has flipped replaces an order's fills by a wrong one",
        reference="docs/findings.md#n03",
        releases=">=1.226.0,<=1.231.0",
        signs=frozenset({"live_at_venue_closed_in_node", "order_quantity"}),
        kinds=frozenset(
            {
                "live_at_venue_closed_in_node",
                "closed_in_node_while_live",
                "duplicate_fill",
                "missing_fill",
                "phantom_fill",
                "order_filled",
                "order_quantity",
                "overfill",
                "overfill_rejected",
                "event_after_terminal",
                "event_not_applied",
                "position_fill_sum",
                "real_fill_lost",
                "phantom_position",
                "position_difference",
                "split_position",
                "filled_beyond_report",
                "discrepancy_given_up",
            }
        ),
    ),
    KnownBug(
        id="N04",
        title="a position report that lags behind closes the position, which is never opened again",
        reference="docs/findings.md#n04",
        releases=">=1.225.0,<=1.231.0",
        signs=frozenset({"phantom_position"}),
        kinds=frozenset(
            {"phantom_fill", "phantom_position", "position_difference", "discrepancy_given_up"}
        ),
    ),
    KnownBug(
        id="N05",
        title="a stop that triggered and was filled unseen is never found, nor is its position",
        reference="docs/findings.md#n05",
        releases="<=1.231.0",
        signs=frozenset({"closed_at_venue_open_in_node", "missing_fill"}),
        kinds=frozenset(
            {
                "closed_at_venue_open_in_node",
                "missing_fill",
                "missing_position",
                "order_filled",
                "order_status",
                "position_difference",
                "discrepancy_given_up",
            }
        ),
    ),
    KnownBug(
        id="N06",
        title="a store write under way when its connection breaks, or the first one after, is lost",
        reference="docs/findings.md#n06",
        releases="<=2.0.0rc6",
        signs=frozenset({"lost_owner", "unpersisted_fill"}),
        kinds=frozenset({"lost_owner", "unpersisted_fill"}),
    ),
    KnownBug(
        id="N07",
        title="once the store has lost an order, nothing of it is written any more, and no node "
        "starts on the store",
        reference="docs/findings.md#n07",
        releases="<=1.231.0",
        signs=frozenset({"unpersisted_fill", "node_died"}),
        kinds=frozenset({"unpersisted_fill", "node_died", "deadline_passed", "store_integrity"}),
    ),
    KnownBug(
        id="N10",
        title="a balance that changed unseen stays wrong: nothing asks the venue for the account",
        reference="docs/findings.md#n10",
        releases="<=1.231.0",
        signs=frozenset({"balance_total"}),
        kinds=frozenset({"balance_total"}),
    ),
    KnownBug(
        id="V01",
        title="startup asks for open orders alone: one that ended meanwhile stays open",
        reference="docs/findings.md#v01",
        releases="==2.0.0rc6",
        signs=frozenset({"closed_at_venue_open_in_node"}),
        kinds=frozenset({"closed_at_venue_open_in_node", "order_status", "deadline_passed"}),
    ),
    KnownBug(
        id="V02",
        title="nothing is reconciled when the user stream comes back",
        reference="docs/findings.md#v02",
        releases="==2.0.0rc6",
        signs=frozenset({"closed_at_venue_open_in_node"}),
        kinds=frozenset(
            {
                "balance_total",
                "closed_at_venue_open_in_node",
                "deadline_passed",
                "missing_fill",
                "missing_position",
                "order_filled",
                "order_status",
                "position_difference",
            }
        ),
    ),
    KnownBug(
        id="V03",
        title="an order that was in flight when the node was killed stays in flight for good",
        reference="docs/findings.md#v03",
        releases="==2.0.0rc6",
        signs=frozenset({"in_flight"}),
        kinds=frozenset({"in_flight", "missing_fill", "order_filled"}),
    ),
    KnownBug(
        id="V04",
        title="a stop that triggered unseen stays open, and its fill is taken for another order's",
        reference="docs/findings.md#v04",
        releases="==2.0.0rc6",
        signs=frozenset({"duplicate_order", "closed_at_venue_open_in_node"}),
        kinds=frozenset(
            {
                "balance_total",
                "closed_at_venue_open_in_node",
                "deadline_passed",
                "duplicate_fill",
                "duplicate_order",
                "missing_fill",
                "order_filled",
                "order_status",
                "phantom_fill",
                "phantom_position",
                "position_fill_sum",
                "unexpected_error",
            }
        ),
    ),
    KnownBug(
        id="V05",
        title="a position report that lags behind makes fills that never happened",
        reference="docs/findings.md#v05",
        releases="==2.0.0rc6",
        signs=frozenset({"phantom_fill"}),
        kinds=frozenset({"phantom_fill"}),
    ),
    KnownBug(
        id="V06",
        title="a fill that no strategy's order explains makes a position of its own beside theirs",
        reference="docs/findings.md#v06",
        releases="==2.0.0rc6",
        signs=frozenset({"phantom_position", "split_position"}),
        kinds=frozenset(
            {
                "phantom_fill",
                "phantom_position",
                "position_fill_sum",
                "split_position",
                "unexpected_error",
            }
        ),
    ),
    KnownBug(
        id="V07",
        title="one page of HTML with status 200 among the replies at the start ends the node",
        reference="docs/findings.md#v07",
        releases="==2.0.0rc6",
        signs=frozenset({"node_died"}),
        kinds=frozenset({"node_died", "deadline_passed"}),
    ),
    KnownBug(
        id="V08",
        title="a position that differs from the venue's is repaired without a word in the log",
        reference="docs/findings.md#v08",
        releases="==2.0.0rc6",
        signs=frozenset({"deadline_passed"}),
        kinds=frozenset({"deadline_passed"}),
    ),
    KnownBug(
        id="V09",
        title="once the store has lost an order, nothing of it is written any more",
        reference="docs/findings.md#v09",
        releases="==2.0.0rc6",
        signs=frozenset({"unpersisted_fill", "unexpected_error"}),
        kinds=frozenset({"unpersisted_fill", "unexpected_error"}),
    ),
    KnownBug(
        id="V10",
        title="an inferred fill and the real one that comes late are both counted",
        reference="docs/findings.md#v10",
        releases="==2.0.0rc6",
        signs=frozenset({"duplicate_fill"}),
        kinds=frozenset({"duplicate_fill", "phantom_fill", "order_filled", "phantom_position"}),
    ),
    KnownBug(
        id="V11",
        title="two nodes on one account and one store write fills twice, and break its indices",
        reference="docs/findings.md#v11",
        releases="==2.0.0rc6",
        signs=frozenset(
            {
                "duplicate_persisted_fill",
                "index_entry_missing",
                "persisted_position_differs",
                "unexpected_error",
            }
        ),
        kinds=frozenset(
            {
                "duplicate_persisted_fill",
                "index_entry_missing",
                "index_entry_orphaned",
                "persisted_order_differs",
                "persisted_position_differs",
                "unexpected_error",
            }
        ),
    ),
    KnownBug(
        id="V12",
        title="a balance that changed unseen stays wrong: nothing asks the venue for the account",
        reference="docs/findings.md#v12",
        releases="==2.0.0rc6",
        signs=frozenset({"balance_total"}),
        kinds=frozenset({"balance_total"}),
    ),
    KnownBug(
        id="U01",
        title="a reduce-only order that the venue has cut stays partially filled",
        reference="nautechsystems/nautilus_trader#3983",
        releases=">=1.219.0,<=1.226.0",
        signs=frozenset({"closed_at_venue_open_in_node"}),
        kinds=frozenset({"closed_at_venue_open_in_node", "order_quantity", "order_status"}),
    ),
    KnownBug(
        id="U02",
        title="in hedge mode a SHORT position that the cache does not hold fails reconciliation",
        reference="nautechsystems/nautilus_trader#3104",
        releases=">=1.219.0,<=1.222.0",
        signs=frozenset({"strategy_not_started"}),
        kinds=frozenset(
            {
                "deadline_passed",
                "missing_position",
                "missing_quantity",
                "position_difference",
                "strategy_not_started",
                "unexpected_error",
            }
        ),
    ),
    KnownBug(
        id="U03",
        title="after a fill whose time is ahead of the clock no drift of its position is seen",
        reference="nautechsystems/nautilus_trader#4366",
        releases=">=1.222.0,<=1.230.0",
        signs=frozenset({"position_difference"}),
        kinds=frozenset({"missing_fill", "order_filled", "position_difference"}),
    ),
    KnownBug(
        id="U05",
        title="a position that was closed before the lookback is never closed in the node",
        reference="nautechsystems/nautilus_trader#3622, nautechsystems/nautilus_trader#3715",
        releases=">=1.222.0,<=1.224.0",
        signs=frozenset({"position_difference"}),
        kinds=frozenset(
            {
                "discrepancy_given_up",
                "missing_fill",
                "missing_order",
                "phantom_position",
                "position_difference",
            }
        ),
    ),
    KnownBug(
        id="U08",
        title="a report with a quantity below what was filled aborts the process",
        reference="nautechsystems/nautilus_trader#3380",
        releases=">=1.221.0,<=1.222.0",
        signs=frozenset({"node_died"}),
        kinds=frozenset({"deadline_passed", "node_died", "panic"}),
    ),
    KnownBug(
        id="U09",
        title="fills that sum above the order's quantity are applied",
        reference="nautilus_trader LiveExecEngineConfig.allow_overfills",
        releases=">=1.219.0,<=1.221.0",
        signs=frozenset({"position_difference"}),
        kinds=frozenset(
            {
                "invented_trade_id",
                "position_difference",
                "position_fill_sum",
                "event_after_terminal",
            }
        ),
    ),
    KnownBug(
        id="U11",
        title="nothing is reconciled after the listen key has expired",
        reference="nautechsystems/nautilus_trader#3387, nautechsystems/nautilus_trader#3861",
        releases="<=1.225.0",
        signs=frozenset({"closed_at_venue_open_in_node"}),
        kinds=frozenset({"closed_at_venue_open_in_node", "order_status"}),
    ),
    KnownBug(
        id="U12",
        title="nothing is reconciled after the user stream has reconnected",
        reference="nautilus_trader 1.226.0: reconciliation on reconnect",
        releases="<=1.225.0",
        signs=frozenset({"closed_at_venue_open_in_node"}),
        kinds=frozenset(
            {
                "closed_at_venue_open_in_node",
                "order_status",
                "deadline_passed",
                "missing_fill",
                "order_filled",
                "position_difference",
                "missing_position",
                "balance_total",
            }
        ),
    ),
    KnownBug(
        id="U13",
        title="conditional orders are sent to an endpoint that refuses them",
        reference="nautechsystems/nautilus_trader#3287",
        releases="<=1.221.0",
        signs=frozenset({"deadline_passed"}),
        kinds=frozenset({"deadline_passed"}),
    ),
    KnownBug(
        id="U17",
        title="an error for POST leverage keeps the node from connecting",
        reference="nautechsystems/nautilus_trader#4289",
        releases="<=1.228.0",
        signs=frozenset({"strategy_not_started"}),
        kinds=frozenset({"deadline_passed", "strategy_not_started", "unexpected_error"}),
    ),
    KnownBug(
        id="U19",
        title="a page of HTML with the status 200 fails reconciliation",
        reference="nautilus_trader 1.229.0: replies that are not JSON",
        releases="<=1.228.0",
        signs=frozenset({"strategy_not_started"}),
        kinds=frozenset({"deadline_passed", "strategy_not_started", "unexpected_error"}),
    ),
    KnownBug(
        id="U25",
        title="in hedge mode a restart merges both sides into an EXTERNAL position",
        reference="nautechsystems/nautilus_trader#3067",
        releases="<=1.220.0",
        signs=frozenset({"phantom_position"}),
        kinds=frozenset({"phantom_fill", "phantom_position", "position_difference"}),
    ),
    KnownBug(
        id="N50",
        title="in hedge mode a warm restart makes a phantom EXTERNAL position",
        reference="docs/findings.md#n50",
        releases="==1.222.0",
        signs=frozenset({"phantom_position"}),
        kinds=frozenset({"phantom_fill", "phantom_position", "position_difference"}),
    ),
    KnownBug(
        id="N51",
        title="a position that was closed unseen is closed by an opposite EXTERNAL one beside it",
        reference="docs/findings.md#n51",
        releases=">=1.225.0,<=2.0.0rc6",
        signs=frozenset({"phantom_position"}),
        kinds=frozenset({"missing_fill", "missing_order", "phantom_position"}),
    ),
    KnownBug(
        id="N60",
        title="a submit that is slow is told as rejected, and stays so when it comes to the venue",
        reference="docs/findings.md#n60",
        releases="<=2.0.0rc6",
        signs=frozenset({"live_at_venue_closed_in_node"}),
        kinds=frozenset(
            {
                "live_at_venue_closed_in_node",
                "closed_in_node_while_live",
                "submitted_after_rejection",
            }
        ),
    ),
    KnownBug(
        id="N40",
        title="a user stream that is dead and not closed is not noticed",
        reference="docs/findings.md#n40",
        releases="<=1.230.0",
        signs=frozenset({"not_converged"}),
        kinds=frozenset({"closed_at_venue_open_in_node", "order_status", "unexpected_error"}),
    ),
    KnownBug(
        id="N41",
        title="a strategy is told twice of a fill that is delivered twice",
        reference="docs/findings.md#n41",
        releases="<=1.221.0",
        signs=frozenset({"duplicate_fill"}),
        kinds=frozenset(
            {"duplicate_fill", "event_after_terminal", "event_not_applied", "overfill"}
        ),
    ),
    KnownBug(
        id="N42",
        title="an open order that is also in the order history fails reconciliation at the start",
        reference="docs/findings.md#n42",
        releases="<=1.221.0",
        signs=frozenset({"strategy_not_started"}),
        kinds=frozenset(
            {
                "strategy_not_started",
                "deadline_passed",
                "missing_fill",
                "live_at_venue_closed_in_node",
                "order_filled",
                "phantom_position",
                "wrong_claim",
                "unexpected_error",
                "closed_in_node_while_live",
            }
        ),
    ),
    KnownBug(
        id="N43",
        title="an inferred fill opens a second position beside the one that is open",
        reference="docs/findings.md#n43",
        releases="<=1.225.0",
        signs=frozenset({"split_position", "phantom_position"}),
        kinds=frozenset({"split_position", "phantom_position", "position_ping_pong"}),
    ),
    KnownBug(
        id="N44",
        title="the end of a stop's life, told before its fill is applied, raises AttributeError",
        reference="docs/findings.md#n44",
        releases="==1.222.0",
        signs=frozenset({"unexpected_error"}),
        kinds=frozenset({"unexpected_error"}),
    ),
    KnownBug(
        id="N45",
        title="the orders of a mass status are applied in no order: average price and realized PnL",
        reference="docs/findings.md#n45",
        releases=">=1.222.0,<=1.225.0",
        signs=frozenset({"position_average_price", "position_realized_pnl"}),
        kinds=frozenset({"position_average_price", "position_realized_pnl"}),
    ),
    KnownBug(
        id="N46",
        title="a position that the start made up is counted again with its order, for good",
        reference="docs/findings.md#n46",
        releases="<=1.221.0",
        signs=frozenset({"position_difference"}),
        kinds=frozenset({"phantom_fill", "position_difference"}),
    ),
    KnownBug(
        id="N47",
        title="a fill that was inferred is counted again at the next start, which then fails",
        reference="docs/findings.md#n47",
        releases="<=1.221.0",
        signs=frozenset({"strategy_not_started"}),
        kinds=frozenset(
            {
                "strategy_not_started",
                "deadline_passed",
                "duplicate_fill",
                "phantom_fill",
                "order_filled",
                "position_difference",
                "phantom_position",
                "filled_beyond_report",
                "unexpected_error",
            }
        ),
    ),
    KnownBug(
        id="CANARY",
        title="not NautilusTrader's: a bug planted in the node, which every session must find",
        reference="harness/node/planted_v1.py",
        releases="",
        signs=frozenset({"missing_fill"}),
        kinds=frozenset(
            {
                "missing_fill",
                "order_filled",
                "order_status",
                "missing_position",
                "position_difference",
                "closed_at_venue_open_in_node",
            }
        ),
    ),
    KnownBug(
        id="N20",
        title="a stop that triggers is filled by a made-up fill while its trade is on its way",
        reference="docs/findings.md#n20",
        releases=">=1.223.0,<=1.231.0",
        signs=frozenset({"overfill_rejected"}),
        kinds=frozenset({"overfill_rejected"}),
    ),
    KnownBug(
        id="N08",
        title="orders that were purged come back at a reconnect as external, their fills twice",
        reference="docs/findings.md#n08",
        releases=">=1.226.0,<=1.231.0",
        signs=frozenset({"duplicate_persisted_fill"}),
        kinds=frozenset(
            {
                "duplicate_fill",
                "duplicate_persisted_fill",
                "event_after_terminal",
                "lost_owner",
                "not_purged",
                "persisted_order_differs",
            }
        ),
    ),
    KnownBug(
        id="N22",
        title="the ids of what brings a position to the venue's are other ones at each start",
        reference="docs/findings.md#n22",
        releases="<=2.0.0rc6",
        signs=frozenset({"unstable_venue_order_id"}),
        kinds=frozenset(
            {"unstable_venue_order_id", "unstable_client_order_id", "unstable_trade_id"}
        ),
    ),
    KnownBug(
        id="N23",
        title="a fill from before the lookback of an order that is open is counted more than once",
        reference="docs/findings.md#n23",
        releases="<=1.231.0",
        signs=frozenset({"duplicate_fill"}),
        kinds=frozenset({"phantom_fill", "duplicate_fill", "order_filled", "filled_beyond_report"}),
    ),
    KnownBug(
        id="N09",
        title="two nodes on one account and one store write every fill twice",
        reference="docs/findings.md#n09",
        releases="<=1.231.0",
        signs=frozenset({"duplicate_persisted_fill"}),
        kinds=frozenset(
            {
                "duplicate_persisted_fill",
                "index_entry_missing",
                "index_entry_orphaned",
                "persisted_order_differs",
                "persisted_position_differs",
                "persisted_position_unknown",
            }
        ),
    ),
    KnownBug(
        id="N11",
        title="an order in flight when the node stops is rejected there, and lives at the venue",
        reference="docs/findings.md#n11",
        releases="<=1.231.0",
        signs=frozenset({"invented_rejection"}),
        kinds=frozenset(
            {
                "closed_in_node_while_live",
                "deadline_passed",
                "false_rejection",
                "invented_rejection",
                "live_at_venue_closed_in_node",
                # Its fills come to an order that is closed.
                "duplicate_fill",
                "event_after_terminal",
                "event_not_applied",
                "missing_fill",
                "order_filled",
                "position_difference",
                "position_fill_sum",
                "real_fill_lost",
                "submitted_after_false_rejection",
            }
        ),
    ),
    KnownBug(
        id="N30",
        title="the open check rejects a live order that is older than its lookback, unasked",
        reference="docs/findings.md#n30",
        releases="<=1.231.0",
        signs=frozenset({"invented_rejection"}),
        kinds=frozenset(
            {"invented_rejection", "closed_in_node_while_live", "live_at_venue_closed_in_node"}
        ),
    ),
    KnownBug(
        id="N31",
        title="a startup lookback that begins within a position's life splits the position",
        reference="docs/findings.md#n31",
        releases="<=1.231.0",
        signs=frozenset({"split_position", "phantom_position"}),
        kinds=frozenset({"split_position", "phantom_position"}),
    ),
    # Limits of a configuration, as docs/configuration.md tells them: no bugs, and as strict.
    KnownBug(
        id="L01",
        title="a limit: what happened to an order older than the startup lookback is lost",
        reference="docs/configuration.md#what-a-preset-loses",
        releases="<=2.0.0rc6",
        signs=frozenset({"missing_fill"}),
        kinds=frozenset(
            {"missing_fill", "order_status", "order_filled", "closed_at_venue_open_in_node"}
        ),
    ),
    KnownBug(
        id="L02",
        title="a limit: an order from outside, open and older than the startup lookback, is not "
        "seen",
        reference="docs/configuration.md#what-a-preset-loses",
        releases="<=1.231.0",
        signs=frozenset({"missing_open_order"}),
        kinds=frozenset({"missing_order", "missing_open_order"}),
    ),
    KnownBug(
        id="L03",
        title="a limit: without reconciliation nothing that happened while the node was down is "
        "known",
        reference="docs/configuration.md#what-a-preset-loses",
        releases="<=2.0.0rc6",
        signs=frozenset({"missing_fill"}),
        kinds=frozenset(
            {
                "missing_fill",
                "order_status",
                "order_filled",
                "closed_at_venue_open_in_node",
                "missing_position",
                "position_difference",
            }
        ),
    ),
)

KNOWN_BUGS: Mapping[str, KnownBug] = MappingProxyType({bug.id: bug for bug in _BUGS})
