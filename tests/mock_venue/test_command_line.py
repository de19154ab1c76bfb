"""`python -m mock_venue` as its users meet it."""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest

from mock_venue import VenueConfig, __main__
from mock_venue.__main__ import USAGE, main
from tests.mock_venue.helpers import DEADLINE_SECS

START_SECS = 30.0


@asynccontextmanager
async def started(*arguments: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """The process, and what it says when it is ready."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mock_venue",
        "--port",
        "0",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    try:
        said = await asyncio.wait_for(process.stdout.readuntil(b"ends it.\n"), START_SECS)
        yield process, said.decode()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.mark.asyncio
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_it_serves_until_a_signal_and_ends_clean(
    tmp_path: Path, number: signal.Signals
) -> None:
    script = tmp_path / "script.jsonl"
    script.write_text(
        '{"do": {"act": "set_price", "symbol": "BTCUSDT", "bid": "40000", "ask": "40000.1"}}\n'
    )
    async with started("--script", str(script)) as (process, said), aiohttp.ClientSession() as http:
        url = said.split("on ", 1)[1].split()[0]
        assert url.startswith("http://127.0.0.1:")
        for name in ("NautilusTrader", "ccxt", "python-binance", "mock-key", "mock-secret"):
            assert name in said
        async with http.get(f"{url}/fapi/v1/ticker/bookTicker?symbol=BTCUSDT") as reply:
            assert (await reply.json())["bidPrice"] == "40000.00"
        async with http.get(f"{url}/chaos/v1/state") as reply:
            assert (await reply.json())["matching"] == "scripted"
        async with http.ws_connect(f"{url}/ws/btcusdt@bookTicker") as stream:
            await stream.receive(DEADLINE_SECS)
            process.send_signal(number)
            _, errors = await asyncio.wait_for(process.communicate(), START_SECS)
    assert (process.returncode, errors) == (0, b"")


@pytest.mark.asyncio
async def test_auto_moves_by_itself() -> None:
    async with started("--auto", "--seed", "5") as (_, said), aiohttp.ClientSession() as http:
        url = said.split("on ", 1)[1].split()[0].replace("http", "ws")
        async with http.ws_connect(f"{url}/ws/btcusdt@bookTicker") as stream:
            first = await stream.receive_json(timeout=DEADLINE_SECS)
            second = await stream.receive_json(timeout=DEADLINE_SECS)
    assert second["u"] > first["u"]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--prot", "1"], "unrecognized arguments: --prot 1"),
        (["--port", "x"], "argument --port: must be 0 to 65535, was 'x'"),
        (["--port", "70000"], "argument --port: must be 0 to 65535, was '70000'"),
        (["--port"], "argument --port: expected one argument"),
        (["--seed", "0"], "argument --seed: must be 1 to "),
        (["--script", "{tmp}/none"], "{tmp}/none: No such file or directory"),
        (["--accounts", "{tmp}/none"], "{tmp}/none: No such file or directory"),
        (["--prices", "{tmp}/none"], "{tmp}/none: No such file or directory"),
        (["--script", "{tmp}/bad"], "{tmp}/bad:2: act must be one of "),
        (["--accounts", "{tmp}/bad"], "{tmp}/bad:1: Object contains unknown field `do`"),
        (["--port", "0", "--script", "{tmp}/early"], "{tmp}/early:1: fill: there is no order 'x'"),
    ],
)
def test_bad_input_is_one_line_and_code_4(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    good = '{"do": {"act": "expire_listen_keys"}}\n'
    (tmp_path / "bad").write_text(good + '{"do": {"act": "dance"}}\n')
    (tmp_path / "early").write_text('{"do": {"act": "fill", "order": "x"}}\n')

    assert main([one.format(tmp=tmp_path) for one in arguments]) == USAGE == 4

    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(f"mock_venue: {reason.format(tmp=tmp_path)}")
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "field"),
    [
        ("--rate-limits", "rate_limits_enforced"),
        ("--path-key-silent", "path_key_silent"),
        ("--events-required", "events_required"),
    ],
)
def test_what_clients_dispute_is_a_switch(
    monkeypatch: pytest.MonkeyPatch, option: str, field: str
) -> None:
    made: list[VenueConfig] = []

    async def run(config: VenueConfig, *_: object) -> None:
        made.append(config)

    monkeypatch.setattr(__main__, "run", run)
    assert (main([]), main([option])) == (0, 0)
    without, config = made
    assert config != without
    assert config == msgspec.structs.replace(without, **{field: True})


@pytest.mark.asyncio
async def test_nobody_who_reads_what_it_says_is_one_line() -> None:
    read, write = os.pipe()
    os.close(read)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mock_venue", "--port", "0"),
        stdout=write,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    os.close(write)
    try:
        _, errors = await asyncio.wait_for(process.communicate(), START_SECS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert (process.returncode, errors) == (USAGE, b"mock_venue: stdout: Broken pipe\n")


def test_a_port_in_use_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert main(["--port", str(port)]) == USAGE
    assert capsys.readouterr().err == f"mock_venue: port {port}: Address already in use\n"
