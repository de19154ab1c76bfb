"""How clients are pointed at the venue: Python to paste, the same that the conformance tests run.

Base URLs differ from what a client needs for the real exchange, and two things of ccxt that it
takes from elsewhere there: currencies (from the spot exchange) and the meaning of error codes (from
the host name).
"""

from mock_venue.exchange.account import AccountSpec

PRIVATE_KEY_FILE = "private_key.pem"


def instructions(host: str, account: AccountSpec) -> dict[str, str]:
    """By client, what makes it a client of the venue at `host` ("127.0.0.1:8866").

    An account with a public key finds its private one, PKCS#8 in PEM, in `PRIVATE_KEY_FILE`.
    """
    hmac = account.public_key is None
    secret = repr(account.secret) if hmac else f'open("{PRIVATE_KEY_FILE}").read()'
    key = f"key, secret = {account.key!r}, {secret}"
    signing = "secret" if hmac else "private_key=secret"
    return {
        "NautilusTrader": f"""\
from nautilus_trader.adapters.binance import (
    BinanceAccountType, BinanceDataClientConfig, BinanceExecClientConfig)
from nautilus_trader.config import InstrumentProviderConfig
{key}
shared = dict(api_key=key, api_secret=secret, account_type=BinanceAccountType.USDT_FUTURES,
              base_url_http="http://{host}",
              instrument_provider=InstrumentProviderConfig(load_all=True))
data_client = BinanceDataClientConfig(base_url_ws="ws://{host}", **shared)
exec_client = BinanceExecClientConfig(base_url_ws="ws://{host}/ws-fapi/v1",
                                      base_url_ws_stream="ws://{host}/private", **shared)
""",
        "ccxt": f"""\
import ccxt.pro
{key}
exchange = ccxt.pro.binanceusdm({{"apiKey": key, "secret": secret,
                                 "options": {{"fetchCurrencies": False}}}})
urls = exchange.urls["api"]
urls.update({{name: "http://{host}/" + url.split("/", 3)[3]
             for name, url in urls.items() if isinstance(url, str)}})
urls["ws"]["linear"] = "ws://{host}/ws"
urls["ws"]["ws-api"]["linear"] = "ws://{host}/ws-fapi/v1"
# The errors of USD-M futures, which ccxt picks by Binance's host name.
exchange.exceptions["exact"].update(exchange.exceptions["linear"]["exact"])
""",
        "python-binance": f"""\
from binance import AsyncClient, BinanceSocketManager
{key}
class Client(AsyncClient):
    FUTURES_URL, FUTURES_DATA_URL = "http://{host}/fapi", "http://{host}/futures/data"
    WS_FUTURES_URL = "ws://{host}/ws-fapi/v1"
class SocketManager(BinanceSocketManager):
    FSTREAM_URL = "ws://{host}/"
async def connect():  # not by Client.create(), which asks the spot exchange
    client = Client(key, {signing})
    return client, SocketManager(client)
""",
        "binance-sdk-derivatives-trading-usds-futures": f"""\
from binance_common.configuration import (
    ConfigurationRestAPI, ConfigurationWebSocketAPI, ConfigurationWebSocketStreams)
from binance_sdk_derivatives_trading_usds_futures import DerivativesTradingUsdsFutures
{key}
sdk = DerivativesTradingUsdsFutures(
    config_rest_api=ConfigurationRestAPI(key, {signing}, base_path="http://{host}"),
    config_ws_api=ConfigurationWebSocketAPI(key, {signing}, stream_url="ws://{host}/ws-fapi/v1"),
    config_ws_streams=ConfigurationWebSocketStreams(stream_url="ws://{host}"))
""",
    }
