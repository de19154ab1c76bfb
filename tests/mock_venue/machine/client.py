"""A client that knows of its account what the user stream said, and nothing else.

It keeps orders, positions and balances as the frames tell them and, beside that, does its own sums
of trades, with which each frame must agree. It shares no code with the venue.
"""

from decimal import Decimal
from typing import Any

ENDING = ("CANCELED", "EXPIRED")
OPEN = ("NEW", "PARTIALLY_FILLED")
ALGO_STEPS = {
    (None, "NEW"),
    ("NEW", "CANCELED"),
    ("NEW", "EXPIRED"),
    ("NEW", "TRIGGERING"),
    ("TRIGGERING", "TRIGGERED"),
    ("TRIGGERING", "REJECTED"),
    ("TRIGGERED", "FINISHED"),
}
Frame = dict[str, Any]


class Client:
    """One account, from the stream alone."""

    def __init__(self, wallets: dict[str, Decimal]) -> None:
        self.orders: dict[int, Frame] = {}
        self.positions: dict[tuple[str, str], Frame] = {}
        self.wallets = dict(wallets)
        self.cross = dict(wallets)
        self.amounts: dict[tuple[str, str], Decimal] = {}
        self.leverage: dict[str, int] = {}
        self.algos: dict[int, Frame] = {}
        self._told: dict[str, Decimal] = dict(wallets)
        self._lite: dict[int, Frame] = {}
        self._last: dict[str, tuple[int, int]] = {}

    def hear(self, frame: Frame) -> None:
        """Take one frame in; it must fit all that was said before."""
        event = frame["e"]
        times = (frame["T"] if "T" in frame else frame["E"], frame["E"])
        assert times >= self._last.get(event, (0, 0)), f"{event} goes back in time"
        self._last[event] = times
        match event:
            case "TRADE_LITE":
                self._lite[frame["t"]] = frame
            case "ORDER_TRADE_UPDATE":
                self._order(frame["o"])
            case "ACCOUNT_UPDATE":
                self._account(frame["a"], frame["T"])
            case "ALGO_UPDATE":
                self._algo(frame["o"] | {"T": frame["T"]})
            case "MARGIN_CALL":
                assert frame["p"], "a margin call for no position"
            case "ACCOUNT_CONFIG_UPDATE":
                if "ac" in frame:
                    self.leverage[frame["ac"]["s"]] = frame["ac"]["l"]
            case _:
                raise AssertionError(f"unknown event {event}")

    def between_commands(self) -> None:
        """After a command's frames: what the frames say and what their trades sum up to agree."""
        assert not self._lite, "a TRADE_LITE without its trade"
        assert self.wallets == self._told, "the wallet is not the sum of what happened"
        isolated = sum((Decimal(one["iw"]) for one in self.positions.values()), Decimal(0))
        apart = self.wallets["USDT"] - self.cross["USDT"]
        assert isolated == apart, "what is isolated is not what the positions have"

    def _order(self, told: Frame) -> None:
        number, execution = told["i"], told["x"]
        before = self.orders.get(number)
        if execution == "NEW":
            assert before is None, f"order {number} is new twice"
            told = told | {"time": told["T"], "quote": Decimal(0)}
            assert Decimal(told["z"]) == 0 and told["X"] == "NEW"
        else:
            assert before is not None, f"order {number} was never new"
            assert before["X"] in OPEN, f"order {number} was {before['X']} and goes on: {told}"
            told = told | {"time": before["time"], "quote": before["quote"]}
            filled = Decimal(before["z"])
            if execution in ("TRADE", "CALCULATED"):
                self._trade(told)
                filled += Decimal(told["l"])
                told["quote"] += Decimal(told["l"]) * Decimal(told["L"])
            assert Decimal(told["z"]) == filled, f"order {number} is filled otherwise: {told}"
        assert Decimal(told["z"]) <= Decimal(told["q"]), f"order {number} is filled beyond"
        is_full = Decimal(told["z"]) == Decimal(told["q"])
        assert (told["X"] == "FILLED") == is_full, f"order {number}: {told}"
        if told["X"] in OPEN:
            assert (told["X"] == "PARTIALLY_FILLED") == (Decimal(told["z"]) > 0), told
        assert (told["X"] in OPEN) == (execution not in ENDING and not is_full)
        self.orders[number] = told

    def _algo(self, told: Frame) -> None:
        number, status = told["aid"], told["X"]
        before = self.algos.get(number)
        known = None if before is None else before["X"]
        assert (known, status) in ALGO_STEPS, f"algo order {number} was {known}: {told}"
        told["time"] = told["T"] if before is None else before["time"]
        assert bool(told["ai"]) == (status in ("TRIGGERED", "FINISHED"))
        if told["ai"]:
            placed = self.orders[int(told["ai"])]
            assert placed["c"] == told["caid"], f"algo order {number} placed {placed}"
            assert status == "TRIGGERED" or placed["X"] not in OPEN
        self.algos[number] = told

    def _trade(self, told: Frame) -> None:
        lite = self._lite.pop(told["t"])
        for name in ("s", "c", "S", "l", "L", "t", "i", "m"):
            assert lite[name] == told[name], f"TRADE_LITE has another {name}: {lite}, {told}"
        signed = Decimal(told["l"]) if told["S"] == "BUY" else -Decimal(told["l"])
        where = (told["s"], told["ps"])
        self.amounts[where] = self.amounts.get(where, Decimal(0)) + signed
        # ACCOUNT_UPDATE comes before the trade, and has told of it already.
        assert Decimal(self.positions[where]["pa"]) == self.amounts[where]
        self.wallets["USDT"] = self.wallets.get("USDT", Decimal(0)) + Decimal(told["rp"])
        paid = self.wallets.get(told["N"], Decimal(0)) - Decimal(told["n"])
        self.wallets[told["N"]] = paid

    def _account(self, told: Frame, time_ms: int) -> None:
        for balance in told["B"]:
            self._told[balance["a"]] = Decimal(balance["wb"])
            self.cross[balance["a"]] = Decimal(balance["cw"])
            if told["m"] != "ORDER":
                moved = self.wallets.get(balance["a"], Decimal(0)) + Decimal(balance["bc"])
                self.wallets[balance["a"]] = moved
        for position in told["P"]:
            where = (position["s"], position["ps"])
            if told["m"] == "MARGIN_TYPE_CHANGE":
                # The position is as it was; what changed is what will count for it, and for the
                # symbol's positions of the other mode, which are not told.
                time_ms = self.positions.get(where, {"T": 0})["T"]
                for key, known in self.positions.items():
                    if key[0] == where[0]:
                        known["mt"] = position["mt"]
            self.positions[where] = position | {"T": time_ms}
