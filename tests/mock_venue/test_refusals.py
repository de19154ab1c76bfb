"""The ready-made refusals go out as they are, and say truly whether a request was executed."""

from pathlib import Path

import msgspec
import pytest

from mock_venue import VenueScriptError
from mock_venue.script import refusals
from mock_venue.script.refusals import NEVER_EXECUTED, OUTCOME_UNKNOWN, banned, executed
from mock_venue.script.rules import Misbehaviour, Refuse, ReplyRule
from tests.mock_venue.helpers import SYMBOL, World

ORDER = "/fapi/v1/order"
GUIDE = Path(__file__).parents[2] / "docs" / "venue.md"
NAMED = {name: value for name, value in vars(refusals).items() if isinstance(value, Refuse)}


def test_each_is_of_one_kind() -> None:
    assert all(
        (refuse in OUTCOME_UNKNOWN) != (refuse in NEVER_EXECUTED) for refuse in NAMED.values()
    )
    assert not any(refuse.executed for refuse in NAMED.values())


@pytest.mark.asyncio
@pytest.mark.parametrize("name", NAMED)
async def test_each_goes_out_as_it_is(world: World, name: str) -> None:
    refuse = NAMED[name]
    world.venue.misbehave(ReplyRule("POST", ORDER, refuse))

    query = world.query(symbol=SYMBOL, side="BUY", type="MARKET", quantity="0.01")
    status, body, headers = await world.raw("POST", ORDER, query)

    assert status == refuse.status
    assert world.venue.ledger.orders() == []
    if isinstance(refuse.body, str):
        assert (body.decode(), headers["content-type"]) == (refuse.body, "text/html")
    else:
        assert (msgspec.json.decode(body), headers["content-type"]) == (
            refuse.body,
            "application/json",
        )
    assert ("retry-after" in headers) == (status == 429)


def test_the_503s_differ_by_text_alone() -> None:
    texts = {
        name: refuse.body["msg"]
        for name, refuse in NAMED.items()
        if refuse.status == 503 and not isinstance(refuse.body, str)
    }
    assert texts["UNKNOWN_ERROR"].startswith("Unknown error, please check your request")
    assert texts["SERVICE_UNAVAILABLE"] == "Service Unavailable."
    assert texts["INTERNAL_ERROR"].startswith("Internal error; unable to process")
    assert texts["THROTTLED"].startswith("Request throttled by system-level protection")


@pytest.mark.asyncio
async def test_an_unknown_outcome_may_have_been_executed(world: World) -> None:
    for refuse in OUTCOME_UNKNOWN:
        assert msgspec.structs.replace(executed(refuse), executed=False) == refuse
    world.venue.misbehave(ReplyRule("POST", ORDER, executed(refusals.UNKNOWN_ERROR)))

    status, _ = await world.limit()

    assert (status, len(world.venue.ledger.orders())) == (503, 1)


def test_what_never_is_executed_cannot_be() -> None:
    with pytest.raises(VenueScriptError, match="never is"):
        executed(refusals.THROTTLED)


def test_a_ban_says_until_when() -> None:
    refuse = banned(61_000, 500)

    assert (refuse.status, refuse.headers) == (418, {"Retry-After": "61"})
    assert "IP banned until 61000. " in refuse.body["msg"]
    with pytest.raises(VenueScriptError, match="until_ms must be after"):
        banned(1, 1)


def test_they_survive_json() -> None:
    for refuse in NAMED.values():
        rule = ReplyRule("POST", ORDER, refuse)
        assert msgspec.json.decode(msgspec.json.encode(rule), type=Misbehaviour) == rule


def test_the_guide_says_which_was_executed() -> None:
    rows = [line.split("|")[1:-1] for line in GUIDE.read_text().splitlines()]
    told = {
        (int(row[0].split(",")[0]), row[2].strip()): row[3].strip()
        for row in rows
        if len(row) == 4 and row[3].strip() in ("perhaps", "never")
    }
    del told[502, "a page of HTML"]
    true = {
        (refuse.status, refuse.body["msg"]): "never" if refuse in NEVER_EXECUTED else "perhaps"
        for refuse in NAMED.values()
        if not isinstance(refuse.body, str)
    }
    assert len(told) == 6
    assert told.items() <= true.items()
