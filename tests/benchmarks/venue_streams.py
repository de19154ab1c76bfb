"""Pushes on loopback, beside a bare aiohttp sender of the same bytes.

User stream: each order of an account sets off a burst of fills, so what is timed is the whole way
of an event: act, ledger, history, frames, sockets. Market stream: steps of the price path.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tests.benchmarks import client, servers, subscribers
from tests.benchmarks.bare import Said
from tests.benchmarks.row import Row
from tests.benchmarks.subscribers import Heard

FILLS = 200
FRAMES_PER_FILL = 3
ORDER = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.200&price=49000.0"
SCRIPT = {
    "when": {"kind": "order", "fields": {"status": "NEW"}, "times": None},
    "do": [{"act": "fill", "quantity": "0.001"}] * FILLS,
}
STEPS = 1_000


def rows() -> Iterator[Row]:
    """Events a second to 1 and 200 subscribers of the user stream, and of a market stream."""
    yield _user_stream(accounts=1, sockets=1, rounds=60)
    yield _user_stream(accounts=20, sockets=10, rounds=40)
    yield _book_ticker()


def _user_stream(accounts: int, sockets: int, rounds: int) -> Row:
    keys = [f"key-{number}" for number in range(accounts)]
    with tempfile.TemporaryDirectory() as directory:
        files = Path(directory) / "accounts", Path(directory) / "script"
        files[0].write_text(
            "\n".join(_json(name=key, key=key, secret=client.SECRET) for key in keys)
        )
        files[1].write_text(_json(**SCRIPT))
        with (
            servers.venue("--accounts", files[0], "--script", files[1]) as venue,
            client.process() as clients,
        ):
            targets = [
                f"/private/ws?listenKey={_listen_key(venue.port, key)}"
                for key in keys
                for _ in range(sockets)
            ]
            orders = [client.signed("POST", "/fapi/v1/order", ORDER, key) for key in keys]
            frames = sockets * (1 + FRAMES_PER_FILL * FILLS)
            ours = clients.submit(
                subscribers.listen, venue.port, targets, orders, rounds, frames
            ).result()
    targets = [f"/ws/{key}" for key in keys for _ in range(sockets)]
    pushes = [client.http("POST", f"/push/{key}") for key in keys]
    theirs = _bare(Said(frames=ours.last, times=FILLS), targets, pushes, sockets, rounds)
    subject = "1 subscriber" if sockets == 1 else f"{accounts * sockets} subscribers"
    aim = ">= 50,000/s or 0.5 of bare"
    return _row(f"user stream events/s, {subject}", ours, theirs, aim)


def _book_ticker() -> Row:
    step = msgspec.json.encode({"symbol": "BTCUSDT", "steps": STEPS})
    advance = client.http("POST", "/chaos/v1/acts/advance", body=step)
    with servers.venue("--prices", "walk") as venue, client.process() as clients:
        ours = clients.submit(
            subscribers.listen, venue.port, ["/ws/btcusdt@bookTicker"], [advance], 20, STEPS
        ).result()
    theirs = _bare(
        Said(frames=ours.last[-1:], times=STEPS), ["/ws/a"], [client.http("POST", "/push/a")], 1, 20
    )
    return _row("bookTicker updates/s, each a step of the price path", ours, theirs, "")


def _bare(
    said: Said, targets: list[str], triggers: list[bytes], sockets: int, rounds: int
) -> Heard:
    frames = sockets * len(said.frames) * said.times
    with servers.bare(said) as bare, client.process() as clients:
        return clients.submit(
            subscribers.listen, bare.port, targets, triggers, rounds, frames
        ).result()


def _listen_key(port: int, key: str) -> str:
    reply = client.ask(port, client.http("POST", "/fapi/v1/listenKey", key))
    return str(msgspec.json.decode(client.body(reply))["listenKey"])


def _json(**fields: object) -> str:
    return msgspec.json.encode(fields).decode()


def _row(figure: str, ours: Heard, theirs: Heard, aim: str) -> Row:
    return Row(
        figure,
        f"{ours.rate:,.0f}/s, {ours.rate / theirs.rate:.2f} of bare",
        aim,
        f"bare aiohttp {theirs.rate:,.0f}/s; the client used {ours.cpu:.0%} of a core",
    )
