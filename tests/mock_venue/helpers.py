"""What the venue's tests share: a clock to turn by hand, a record, a signing client, a core."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlencode

import aiohttp
import msgspec
from yarl import URL

from mock_venue import AccountSpec, Venue, VenueConfig
from mock_venue.control.kinds import KINDS, check_fields
from mock_venue.exchange.commands import CancelOrder, Command, FillOrder, OrderRef, PlaceOrder
from mock_venue.exchange.events import ExchangeEvent
from mock_venue.exchange.exchange import Exchange
from mock_venue.exchange.instruments import DEFAULT_SYMBOLS
from mock_venue.exchange.order import Order
from mock_venue.recording import Data, made
from mock_venue.timers import CallLater, loop_call_later
from mock_venue.wire.known import API_METHODS
from mock_venue.wire.routes import ROUTES
from mock_venue.wire.signing import sign, signed_parameters
from mock_venue.wire.ws_api import PATH as WS_API
from tests.mock_venue.keys import Credentials

START_MS = 1_795_000_000_000
NAMED = {
    *((path, method) for method, path in ROUTES),
    *((WS_API, method) for method in API_METHODS),
}
DEADLINE_SECS = 5.0
SYMBOL = "BTCUSDT"


class Clock:
    """Venue time that moves only when told to."""

    def __init__(self) -> None:
        self.ms = START_MS

    def now_ns(self) -> int:
        return self.ms * 1_000_000


class Log:
    """What a venue recorded; each event must survive JSON."""

    def __init__(self) -> None:
        self.events: list[tuple[str, str, dict[str, Any]]] = []
        self._waiters: list[tuple[asyncio.Future[dict[str, Any]], str, dict[str, Any]]] = []

    def record(self, source: str, kind: str, late: Data) -> None:
        data = made(late)
        text = msgspec.json.encode(data)
        # A script can wait for whatever is recorded, but for what is not there.
        told: dict[str, Any] = msgspec.json.decode(text)
        if KINDS[kind].source != source:
            raise AssertionError(f"{kind} is recorded from {source}")
        if (told.get("path"), told.get("method")) in NAMED or "method" not in told:
            check_fields(kind, told)
        self.events.append((source, kind, data))
        for future, awaited, fields in self._waiters:
            if not future.done() and kind == awaited and _has(data, fields):
                future.set_result(data)

    def of(self, kind: str, **fields: Any) -> list[dict[str, Any]]:
        return [data for _, other, data in self.events if other == kind and _has(data, fields)]

    async def wait(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The first such event, recorded already or within the deadline."""
        for data in self.of(kind, **fields):
            return data
        future: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._waiters.append((future, kind, fields))
        return await asyncio.wait_for(future, DEADLINE_SECS)


def _has(data: dict[str, Any], fields: dict[str, Any]) -> bool:
    return all(data.get(name) == value for name, value in fields.items())


class Socket:
    """A WebSocket client that expects frames."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.raw = socket

    async def next(self) -> Any:
        message = await self.raw.receive(DEADLINE_SECS)
        assert message.type is aiohttp.WSMsgType.TEXT, message
        return msgspec.json.decode(message.data)

    async def names(self, count: int) -> list[tuple[str, str | None]]:
        """Event and execution type of the next frames."""
        frames = [await self.next() for _ in range(count)]
        return [(frame["e"], frame.get("o", {}).get("x")) for frame in frames]

    async def send(self, message: Any) -> None:
        await self.raw.send_str(msgspec.json.encode(message).decode())

    async def closed(self) -> aiohttp.WSMsgType:
        """Wait for the end, frames before it aside."""
        while True:
            message = await self.raw.receive(DEADLINE_SECS)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return message.type


class Api:
    """A client of the WebSocket API."""

    def __init__(self, world: "World", socket: Socket) -> None:
        self.socket = socket
        self._world = world
        self._last_id = 0

    def signed(self, **params: Any) -> dict[str, Any]:
        """The parameters with key, time and signature."""
        params.setdefault("apiKey", self._world.account.key)
        params.setdefault("timestamp", self._world.clock.ms)
        text = signed_parameters({name: str(value) for name, value in params.items()})
        return {**params, "signature": self._world.sign(text)}

    async def send(self, method: str, params: dict[str, Any]) -> int:
        """Send a request as it is; returns its id."""
        self._last_id += 1
        await self.socket.send({"id": self._last_id, "method": method, "params": params})
        return self._last_id

    async def call(self, method: str, **params: Any) -> dict[str, Any]:
        """The response to a signed request."""
        sent = await self.send(method, self.signed(**params))
        response = await self.socket.next()
        assert response["id"] == sent
        return dict(response)

    async def place(self, **params: Any) -> dict[str, Any]:
        """`order.place` of a LIMIT order on BTCUSDT that rests."""
        order = {"side": "BUY", "quantity": "0.010", "price": "49000.0", "timeInForce": "GTC"}
        return await self.call("order.place", symbol=SYMBOL, type="LIMIT", **{**order, **params})


class World:
    """A running venue with one client."""

    def __init__(self, config: VenueConfig, call_later: CallLater = loop_call_later) -> None:
        self.clock = Clock()
        self.log = Log()
        self.venue = Venue(config, self.clock.now_ns, self.log.record, call_later)
        self.account: AccountSpec = config.accounts[0]
        self.sign: Callable[[str], str] = lambda text: sign(self.account.secret, text)
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        await self.venue.start()
        # A new connection for each request: aiohttp repeats a GET whose kept connection dies.
        self._session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(force_close=True))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        assert self._session is not None
        await self._session.close()
        await asyncio.wait_for(self.venue.close(), DEADLINE_SECS)

    def query(self, **params: Any) -> str:
        """The signed query string of a request made now."""
        params.setdefault("timestamp", self.clock.ms)
        query = urlencode(params)
        return f"{query}&signature={quote(self.sign(query), safe='')}"

    async def raw(
        self, method: str, path: str, query: str = "", body: str = "", key: str | None = None
    ) -> tuple[int, bytes, dict[str, str]]:
        assert self._session is not None
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        headers["X-MBX-APIKEY"] = self.account.key if key is None else key
        # `encoded` keeps the query as it was signed.
        url = URL(
            f"http://127.0.0.1:{self.venue.port}{path}" + (f"?{query}" if query else ""),
            encoded=True,
        )
        async with self._session.request(
            method, url, data=body or None, headers=headers
        ) as response:
            lower = {name.lower(): value for name, value in response.headers.items()}
            return response.status, await response.read(), lower

    async def call(self, method: str, path: str, **params: Any) -> tuple[int, Any]:
        """A signed request; status and decoded reply."""
        status, body, _ = await self.raw(method, path, self.query(**params))
        return status, msgspec.json.decode(body)

    async def get(self, path: str, **params: Any) -> Any:
        """The reply of a signed GET that must succeed."""
        status, reply = await self.call("GET", path, **params)
        assert status == 200, reply
        return reply

    def become(self, credentials: Credentials) -> None:
        """Ask with another account's key from now on."""
        self.account, self.sign = credentials.account, credentials.sign

    async def limit(
        self, side: str = "BUY", quantity: str = "0.010", price: str = "49000.0", **params: Any
    ) -> tuple[int, Any]:
        """POST a LIMIT order on BTCUSDT; it rests unless told else."""
        params.setdefault("timeInForce", "GTC")
        return await self.call(
            "POST",
            "/fapi/v1/order",
            symbol=SYMBOL,
            side=side,
            type="LIMIT",
            quantity=quantity,
            price=price,
            **params,
        )

    async def market(self, side: str = "BUY", quantity: str = "0.010", **params: Any) -> Any:
        """POST a MARKET order, on BTCUSDT unless told, that must succeed."""
        status, reply = await self.call(
            "POST",
            "/fapi/v1/order",
            **{"symbol": SYMBOL, **params},
            side=side,
            type="MARKET",
            quantity=quantity,
        )
        assert status == 200, reply
        return reply

    async def listen_key(self) -> str:
        _, body, _ = await self.raw("POST", "/fapi/v1/listenKey")
        return str(msgspec.json.decode(body)["listenKey"])

    async def connect(self, path: str) -> Socket:
        assert self._session is not None
        return Socket(await self._session.ws_connect(f"ws://127.0.0.1:{self.venue.port}{path}"))

    async def api(self, query: str = "") -> Api:
        """A connection to the WebSocket API."""
        return Api(self, await self.connect(f"/ws-fapi/v1{query}"))

    async def user_stream(self) -> Socket:
        return await self.connect(f"/private/ws?listenKey={await self.listen_key()}")


Play = Callable[..., World]


def refusal(reply: tuple[int, Any]) -> tuple[int, int]:
    """Status and code of an error reply."""
    return reply[0], reply[1]["code"]


class Core:
    """An exchange with one account, and commands in short."""

    def __init__(self, account: AccountSpec | None = None) -> None:
        self.account = AccountSpec() if account is None else account
        self.exchange = Exchange(
            symbols=DEFAULT_SYMBOLS,
            accounts=(self.account,),
            maker_fee=Decimal("0.0002"),
            taker_fee=Decimal("0.0005"),
            bnb_price=Decimal(600),
            leverage=20,
            first_order_id=2**53 + 1,
            first_trade_id=1,
            now_ms=START_MS,
        )
        self.now_ms = START_MS

    def do(self, command: Command) -> list[ExchangeEvent]:
        return self.exchange.apply(command, self.now_ms)

    def place(self, side: str = "BUY", quantity: str = "0.010", **fields: Any) -> Order:
        """Place an order on BTCUSDT and return it as it is then: LIMIT at 49000 unless told."""
        events = self.do(self.order_to(side, quantity, **fields))
        placed = getattr(events[0], "order", None)
        assert isinstance(placed, Order)
        return self.order(placed.order_id)

    def order_to(self, side: str, quantity: str, **fields: Any) -> PlaceOrder:
        """The command that `place` gives."""
        fields.setdefault("type", "LIMIT")
        if fields["type"] == "LIMIT" and "price_match" not in fields:
            fields["price"] = Decimal(fields.get("price", "49000"))
        return PlaceOrder(
            account=self.account.name,
            symbol=SYMBOL,
            side="BUY" if side == "BUY" else "SELL",
            quantity=Decimal(quantity),
            **fields,
        )

    def cancel(self, order_id: int) -> None:
        """Cancel an order on BTCUSDT."""
        reference = OrderRef(order_id=order_id)
        self.do(CancelOrder(account=self.account.name, symbol=SYMBOL, ref=reference))

    def fill(self, order_id: int) -> None:
        """Fill what remains of a resting order at its price."""
        order = self.order(order_id)
        self.do(FillOrder(order_id=order_id, quantity=order.remaining, price=order.price))

    def order(self, order_id: int) -> Order:
        found = self.exchange.ledger.order(order_id)
        assert found is not None
        return found
