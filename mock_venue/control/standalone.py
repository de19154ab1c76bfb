"""A venue of its own process: set up from files, with script and control API, until a signal."""

import asyncio
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

from mock_venue.config import VenueConfig
from mock_venue.control.acts import Rules
from mock_venue.control.api import PREFIX, ControlApi, History
from mock_venue.control.clients import PRIVATE_KEY_FILE, instructions
from mock_venue.control.player import Entry, Player, read_script
from mock_venue.control.reading import BadInput, decode, lines
from mock_venue.exchange.account import AccountSpec
from mock_venue.exchange.instruments import DEFAULT_SYMBOLS
from mock_venue.exchange.path import Constant, Move, PricePath, Recorded, Walk, check_move
from mock_venue.recording import Data, Source
from mock_venue.script.errors import VenueScriptError
from mock_venue.timers import loop_call_later
from mock_venue.venue import Venue

PRICE_INTERVAL_MS = 250
ACCOUNTS_MAX = 10_000


class PriceLine(Move, frozen=True, kw_only=True):
    """A line of a price file: one step of one symbol."""

    symbol: str


def read_accounts(path: Path) -> tuple[AccountSpec, ...]:
    """Read accounts, a JSON object a line. Raises BadInput with path, line and reason."""
    accounts: list[AccountSpec] = []
    for number, text in lines(path):
        try:
            account = decode(text, AccountSpec)
            for field in ("name", "key"):
                if any(getattr(one, field) == getattr(account, field) for one in accounts):
                    raise BadInput(f"{field} {getattr(account, field)!r} is there already")
        except BadInput as error:
            raise BadInput(f"{path}:{number}: {error}") from None
        if len(accounts) >= ACCOUNTS_MAX:
            raise BadInput(f"{path}:{number}: more than {ACCOUNTS_MAX} accounts")
        accounts.append(account)
    if not accounts:
        raise BadInput(f"{path}: there is no account in it")
    return tuple(accounts)


def read_path(name: str) -> PricePath:
    """`constant`, `walk`, or the name of a file of `PriceLine`s: each symbol's steps in turn.

    Raises BadInput with path, line and reason.
    """
    if name == "constant":
        return Constant()
    if name == "walk":
        return Walk()
    specs = {spec.symbol: spec for spec in DEFAULT_SYMBOLS}
    collected: dict[str, list[Move]] = {}
    for number, text in lines(Path(name)):
        try:
            step = decode(text, PriceLine)
            if step.symbol not in specs:
                raise BadInput(f"symbol must be one of {', '.join(specs)}, was {step.symbol!r}")
            collected.setdefault(step.symbol, []).append(check_move(step, specs[step.symbol]))
        except ValueError as error:
            raise BadInput(f"{name}:{number}: {error}") from None
    if not collected:
        raise BadInput(f"{name}: there is no step in it")
    return Recorded({symbol: tuple(steps) for symbol, steps in collected.items()})


def make_config(accounts: Path | None, prices: str | None, auto: bool, seed: int) -> VenueConfig:
    """The configuration that the command line asks for. Raises BadInput."""
    path = read_path(prices if prices is not None else ("walk" if auto else "constant"))
    try:
        return VenueConfig(
            accounts=read_accounts(accounts) if accounts is not None else (AccountSpec(),),
            matching="auto" if auto else "scripted",
            price_path=path,
            price_interval_ms=PRICE_INTERVAL_MS if prices is not None or auto else None,
            seed=seed,
            stream_pace="binance",
        )
    except BadInput:
        raise
    except ValueError as error:
        raise BadInput(str(error)) from None


class Standalone:
    """A venue with a script player, a control API and the history they show."""

    def __init__(self, config: VenueConfig, now_ns: Callable[[], int] = time.time_ns) -> None:
        self._now_ns = now_ns
        self.history = History()
        self.venue = Venue(config, now_ns, self._record)
        self.rules = Rules(self.venue)
        self.player = Player(self.venue, self.rules, self._record, loop_call_later)
        self.api = ControlApi(self.venue, self.rules, self.player, self.history)
        self.venue.mount(PREFIX, self.api.serve)

    async def start(self, port: int) -> None:
        """Listen. Raises OSError where the port cannot be had."""
        await self.venue.start(port)

    def play_file(self, path: Path, script: list[tuple[int, Entry]]) -> None:
        """Play a script. Raises BadInput where what is to be done at once cannot be."""
        for number, entry in script:
            try:
                self.player.play([entry])
            except VenueScriptError as error:
                raise BadInput(f"{path}:{number}: {error}") from None

    def _record(self, source: Source, kind: str, data: Data) -> None:
        self.history.add(self._now_ns(), source, kind, data)
        if kind in self.player.kinds:
            self.player.on_event(source, kind, data)


async def run(
    config: VenueConfig, port: int, script_file: Path | None, say: Callable[[str], None]
) -> None:
    """Run a venue until SIGINT or SIGTERM. Raises BadInput."""
    script = read_script(script_file) if script_file is not None else []
    standalone = Standalone(config)
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    try:
        try:
            await standalone.start(port)
        except OSError as error:
            reason = os.strerror(error.errno) if error.errno else str(error)
            raise BadInput(f"port {port}: {reason}") from None
        if script_file is not None:
            standalone.play_file(script_file, script)
        say(welcome(config, standalone.venue.port))
        await ended.wait()
    finally:
        await standalone.venue.close()


def welcome(config: VenueConfig, port: int) -> str:
    """What a user needs to point a client at the venue."""
    host = f"127.0.0.1:{port}"
    account = config.accounts[0]
    secret = account.secret or f"(the private key: {PRIVATE_KEY_FILE})"
    others = f" (and {len(config.accounts) - 1} more)" if len(config.accounts) > 1 else ""
    clients = "\n".join(f"# {name}\n{text}" for name, text in instructions(host, account).items())
    return f"""\
Mock Binance USD-M futures venue on http://{host} · matching {config.matching}, seed {config.seed}
  REST           http://{host}/fapi/...
  user stream    ws://{host}/private/ws?listenKey=...
  market streams ws://{host}/stream, ws://{host}/ws
  WebSocket API  ws://{host}/ws-fapi/v1
  control        http://{host}{PREFIX} (acts, faults, state, ledger, snapshot; a page)
  account        key {account.key}, secret {secret}{others}

Clients of it, in Python:

{clients}
Ctrl-C ends it."""
