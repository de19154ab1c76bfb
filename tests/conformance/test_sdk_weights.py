"""Each endpoint costs what the official SDK's documentation says that it costs."""

import re

import pytest

from mock_venue.wire.routes import ROUTES
from tests.conformance.sdk_docs import documentation

UNDOCUMENTED = {("POST", "/fapi/v1/order/test")}
POOLED = {("GET", "/fapi/v1/fundingRate"), ("GET", "/fapi/v1/fundingInfo")}

KNOWN = documentation()


def weight_text(key: tuple[str, str]) -> str:
    """What the SDK says of an endpoint's weight."""
    found = re.search(r"Weight(.*?)(?:Notes:|Security Type:|Args:)", KNOWN[key].text, re.S)
    assert found is not None, key
    return found[1]


def limits_of(cell: str) -> list[int]:
    """The limits, lowest and highest where it is a range, of a line of a table of weights."""
    numbers = [int(number) for number in re.findall(r"\d+", cell)]
    if cell.endswith(")"):
        return [numbers[0], numbers[1] - 1]
    return [numbers[0] + 1] if ">" in cell else numbers


def documented(text: str) -> dict[tuple[tuple[str, str], ...], int]:
    """The weight of requests with these parameters."""
    table = re.findall(r"^\s*\| ([^|]*\d[^|]*?)\s*\| (\d+)\s*\|$", text, re.M)
    if table:
        return {
            (("symbol", "X"), ("limit", str(limit))): int(weight)
            for cell, weight in table
            for limit in limits_of(cell)
        }
    if "on IP rate limit" in text:
        return {(): int(re.findall(r"(\d+) on IP rate limit", text)[0])}
    numbers = [int(number) for number in re.findall(r"(?<![\d/])\d+", text)]
    if "symbol" in text:
        return {(("symbol", "X"),): numbers[0], (): numbers[1]}
    assert len(numbers) == 1, text
    return {(): numbers[0]}


@pytest.mark.parametrize("key", sorted(ROUTES.keys() - UNDOCUMENTED - POOLED), ids=" ".join)
def test_the_weight_is_as_documented(key: tuple[str, str]) -> None:
    text = weight_text(key)
    expected = documented(text)
    weights = {params: ROUTES[key].weight_of(dict(params)) for params in expected}
    orders = [int(number) for number in re.findall(r"(\d+) on (?:10s|1min) order", text)]

    assert weights == expected
    assert ROUTES[key].orders == (tuple(orders) or (0, 0))


@pytest.mark.parametrize("key", sorted(POOLED), ids=" ".join)
def test_who_has_a_pool_of_its_own_shares_no_weight(key: tuple[str, str]) -> None:
    assert "share 500/5min/IP" in weight_text(key)
    assert ROUTES[key].pool == "funding"
