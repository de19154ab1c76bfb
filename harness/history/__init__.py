"""The history: everything that happened in a run, appended in one order on one clock."""

from harness.history.event import Event, Source
from harness.history.history import History, HistoryFull, read_history

__all__ = ["Event", "History", "HistoryFull", "Source", "read_history"]
