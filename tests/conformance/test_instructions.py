"""`python -m mock_venue`, and clients made by what it prints: each in a process of its own."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.mock_venue.keys import Credentials

PROJECT = Path(__file__).parents[2]
START_SECS = 60.0

SCRIPT = '{"when": {"kind": "order", "fields": {"status": "NEW"}}, "do": {"act": "fill"}}\n'
PRICES = '{"symbol": "BTCUSDT", "bid": "49000.0", "ask": "49000.1"}\n'

TRADES = {
    "NautilusTrader": """
import asyncio
from nautilus_trader.adapters.binance import (
    BINANCE, BinanceLiveDataClientFactory, BinanceLiveExecClientFactory)
from nautilus_trader.config import LoggingConfig, TradingNodeConfig
from nautilus_trader.live.node import TradingNode
from nautilus_trader.model.currencies import USDT
from nautilus_trader.model.identifiers import Venue

async def main():
    node = TradingNode(TradingNodeConfig(
        logging=LoggingConfig(log_level="ERROR"), timeout_post_stop=0.0,
        data_clients={BINANCE: data_client}, exec_clients={BINANCE: exec_client}))
    node.add_data_client_factory(BINANCE, BinanceLiveDataClientFactory)
    node.add_exec_client_factory(BINANCE, BinanceLiveExecClientFactory)
    node.build()
    running = asyncio.create_task(node.run_async())
    while not node.trader.is_running:
        await asyncio.sleep(0.05)
    account = node.portfolio.account(Venue(BINANCE))
    print(f"told {account.balance_total(USDT).as_decimal():.4f} {len(node.cache.instruments())}")
    await node.stop_async()
    running.cancel()
    os._exit(0)  # the node's threads outlive it

import os
asyncio.run(main())
""",
    "ccxt": """
import asyncio
async def main():
    order = await exchange.create_order("BTC/USDT:USDT", "limit", "buy", 0.01, 40000)
    (trade,) = await exchange.fetch_my_trades("BTC/USDT:USDT")
    balance = await exchange.fetch_balance()
    assert trade["order"] == order["id"]
    print(f"told {balance['info']['totalWalletBalance'][:-4]} {len(exchange.markets)}")
    await exchange.close()
asyncio.run(main())
""",
    "python-binance": """
import asyncio
async def main():
    client, sockets = await connect()
    async with sockets.futures_user_socket() as user:
        order = await client.futures_create_order(symbol="BTCUSDT", side="BUY", type="LIMIT",
                                                  timeInForce="GTC", quantity="0.01", price="40000")
        names = [(await user.recv())["e"] for _ in range(4)]
        assert names[-1] == "ORDER_TRADE_UPDATE", names
        account = await client.futures_account()
        info = await client.futures_exchange_info()
        print(f"told {account['totalWalletBalance'][:-4]} {len(info['symbols'])}", flush=True)
        os._exit(0)  # it takes up to 10 s to leave a quiet socket
import os
asyncio.run(main())
""",
    "binance-sdk-derivatives-trading-usds-futures": """
rest = sdk.rest_api
order = rest.new_order(symbol="BTCUSDT", side="BUY", type="LIMIT", time_in_force="GTC",
                       quantity=0.01, price=40000).data()
(trade,) = rest.account_trade_list(symbol="BTCUSDT").data()
assert trade.order_id == order.order_id
wallet = rest.futures_account_balance_v3().data()[0].balance
print(f"told {wallet[:-4]} {len(rest.exchange_information().data().symbols)}")
""",
}


@asynccontextmanager
async def venue(*arguments: str) -> AsyncIterator[dict[str, str]]:
    """A running `python -m mock_venue`; the Python it prints, by client."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mock_venue", "--port", "0", *arguments),
        stdout=asyncio.subprocess.PIPE,
        cwd=PROJECT,
    )
    assert process.stdout is not None
    try:
        said = await asyncio.wait_for(process.stdout.readuntil(b"ends it.\n"), START_SECS)
        _, *sections = said.decode().rpartition("\n\n")[0].split("\n# ")
        printed: dict[str, str] = {}
        for section in sections:
            name, _, text = section.partition("\n")
            if name in TRADES:
                printed[name] = text
            else:  # a comment in the one before it
                printed[list(printed)[-1]] += f"\n# {section}"
        yield printed
    finally:
        process.kill()
        await process.wait()


async def run(code: str, directory: Path) -> str:
    """What a program says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", code),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=directory,
        env={name: value for name, value in os.environ.items() if not name.startswith("BINANCE")},
    )
    try:
        said, _ = await asyncio.wait_for(process.communicate(), START_SECS)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0, said.decode()
    return said.decode()


@pytest.mark.asyncio
@pytest.mark.parametrize("client", TRADES)
async def test_a_client_made_as_printed_trades(client: str, tmp_path: Path) -> None:
    for name, text in (("script", SCRIPT), ("prices", PRICES)):
        (tmp_path / name).write_text(text)
    accounts = [{"name": "a", "key": "ka", "secret": "sa", "wallet": "25000"}]
    accounts.append({"name": "b", "key": "kb"})
    (tmp_path / "accounts").write_text("\n".join(map(json.dumps, accounts)))
    given = [f"--{name}={tmp_path / name}" for name in ("accounts", "script", "prices")]
    async with venue(*given) as printed:
        told = await run(printed[client] + TRADES[client], tmp_path)
    wallet = "25000.0000" if client == "NautilusTrader" else "24999.9200"  # it only looks
    assert f"told {wallet} 3" in told


@pytest.mark.asyncio
@pytest.mark.parametrize("client", TRADES)
async def test_a_client_with_a_private_key_made_as_printed_trades(
    client: str, tmp_path: Path, ed25519_key: Credentials
) -> None:
    account = {"name": "e", "key": "ke", "public_key": ed25519_key.account.public_key}
    (tmp_path / "accounts").write_text(json.dumps(account))
    (tmp_path / "private_key.pem").write_text(ed25519_key.secret)
    (tmp_path / "script").write_text(SCRIPT)
    async with venue(
        f"--accounts={tmp_path / 'accounts'}", f"--script={tmp_path / 'script'}"
    ) as printed:
        told = await run(printed[client] + TRADES[client], tmp_path)
    wallet = "100000.0000" if client == "NautilusTrader" else "99999.9200"
    assert f"told {wallet} 3" in told


@pytest.mark.asyncio
async def test_under_auto_matching_the_market_fills_what_rests(tmp_path: Path) -> None:
    code = """
import asyncio
async def main():
    symbol = "BTC/USDT:USDT"
    trades = []
    while not any(trade["takerOrMaker"] == "maker" for trade in trades):
        quote = (await exchange.fetch_bids_asks([symbol]))[symbol]
        for side, price in (("buy", quote["bid"] - 10), ("sell", quote["ask"] + 10)):
            await exchange.create_order(symbol, "limit", side, 0.002, price)
        trades = await exchange.fetch_my_trades(symbol)
    print("told maker")
    await exchange.close()
asyncio.run(main())
"""
    async with venue("--auto", "--seed", "5") as printed:
        assert "told maker" in await run(printed["ccxt"] + code, tmp_path)
