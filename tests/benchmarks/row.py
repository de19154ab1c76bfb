"""What a benchmark says, and percentiles."""

import statistics
from collections.abc import Sequence

import msgspec


class Row(msgspec.Struct, frozen=True):
    """One line of the table: a figure, its aim, and what it stands beside."""

    figure: str
    measured: str
    aim: str
    beside: str


def p99(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=100)[98]
