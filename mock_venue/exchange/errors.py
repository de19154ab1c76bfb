"""Refusals in Binance's words: code, text and HTTP status.

Source: developers.binance.com, USD-M futures, "Error Codes". A code may have several texts; the one
here is the text seen from the trading endpoints.
"""

import msgspec


class ExchangeError(Exception):
    """The exchange refuses a command or a request; its state has not changed."""

    def __init__(self, code: int, msg: str, status: int = 400) -> None:
        super().__init__(f"{code} {msg}")
        self.code = code
        self.msg = msg
        self.status = status


class Refusal(msgspec.Struct, frozen=True):
    """A kind of refusal. Call it with the values for the `%s` in its text to get the exception."""

    code: int
    text: str
    status: int = 400

    def __call__(self, *values: object) -> ExchangeError:
        """Return the exception, ready to be raised."""
        return ExchangeError(self.code, self.text % values, self.status)


# Requests
TOO_MANY_REQUESTS = Refusal(
    -1003,
    "Too many requests; current limit is %s requests per minute. Please use the websocket for live"
    " updates to avoid polling the API.",
    429,
)
TOO_MANY_FUNDING_REQUESTS = Refusal(
    -1003, "Too many requests; current limit is %s requests per 5 minutes.", 429
)
BANNED = Refusal(
    -1003,
    "Way too many requests; IP banned until %s. Please use the websocket for live updates to avoid"
    " bans.",
    418,
)
TOO_MANY_ORDERS = Refusal(-1015, "Too many new orders; current limit is %s orders per %s.", 429)
UNSUPPORTED_OPERATION = Refusal(-1020, "This operation is not supported.")
TIMESTAMP_OUTSIDE_WINDOW = Refusal(
    -1021, "Timestamp for this request is outside of the recvWindow."
)
TIMESTAMP_AHEAD = Refusal(
    -1021, "Timestamp for this request was 1000ms ahead of the server's time."
)
BAD_SIGNATURE = Refusal(-1022, "Signature for this request is not valid.")
START_AFTER_END = Refusal(-1023, "Start time is greater than end time.")
BODY_TOO_LARGE = Refusal(-1101, "Too many parameters sent for this endpoint.", 413)
DUPLICATE_PARAMETER = Refusal(-1101, "Duplicate values for a parameter detected.")
MALFORMED_REQUEST = Refusal(
    -1102, "A mandatory parameter was not sent, was empty/null, or malformed."
)
PARAMETER_MISSING = Refusal(
    -1102, "Mandatory parameter '%s' was not sent, was empty/null, or malformed."
)
PARAMETERS_MISSING = Refusal(-1102, "Param '%s' or '%s' must be sent, but both were empty/null!")
PARAMETER_EMPTY = Refusal(-1105, "Parameter '%s' was empty.")
PARAMETER_NOT_REQUIRED = Refusal(-1106, "Parameter '%s' sent when not required.")
BAD_PRECISION = Refusal(-1111, "Precision is over the maximum defined for this asset.")
BAD_TIME_IN_FORCE = Refusal(-1115, "Invalid timeInForce.")
BAD_ORDER_TYPE = Refusal(-1116, "Invalid orderType.")
BAD_SIDE = Refusal(-1117, "Invalid side.")
BAD_INTERVAL = Refusal(-1120, "Invalid interval.")
BAD_SYMBOL = Refusal(-1121, "Invalid symbol.")
UNKNOWN_LISTEN_KEY = Refusal(-1125, "This listenKey does not exist.")
MORE_THAN_HOURS = Refusal(-1127, "More than %s hours between startTime and endTime.")
BAD_COMBINATION = Refusal(-1128, "Combination of optional parameters invalid.")
BAD_PARAMETER = Refusal(-1130, "Data sent for parameter '%s' is not valid.")
BAD_RESPONSE_TYPE = Refusal(-1136, "Invalid newOrderRespType.")
BAD_KEY_FORMAT = Refusal(-2014, "API-key format invalid.", 401)
UNKNOWN_KEY = Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401)
KEY_TYPE_NOT_SUPPORTED = Refusal(-4056, "%s API key is not supported.")
UNKNOWN_PATH = Refusal(-5000, "Path %s, Method %s is invalid", 404)
UNKNOWN_METHOD = Refusal(-5000, "Method %s is invalid", 404)

# Orders
UNKNOWN_ORDER = Refusal(-2011, "Unknown order sent.")
NO_SUCH_ORDER = Refusal(-2013, "Order does not exist.")
WOULD_TRIGGER = Refusal(-2021, "Order would immediately trigger.")
REDUCE_ONLY_REJECTED = Refusal(-2022, "ReduceOnly Order is rejected.")
BALANCE_INSUFFICIENT = Refusal(-2018, "Balance is insufficient.")
MARGIN_INSUFFICIENT = Refusal(-2019, "Margin is insufficient.")
POSITION_INSUFFICIENT = Refusal(-2024, "Position is not sufficient.")
TOO_MANY_OPEN_ORDERS = Refusal(-2025, "Reach max open order limit.")
PRICE_ABOVE_CAP = Refusal(-4016, "Limit price can't be higher than %s")
PRICE_BELOW_FLOOR = Refusal(-4024, "Limit price can't be lower than %s")
PRICE_ABOVE_TRIGGER_CAP = Refusal(-4183, "Limit price can't be higher than %s.")
PRICE_BELOW_TRIGGER_FLOOR = Refusal(-4184, "Limit price can't be lower than %s.")
POSITION_TOO_LARGE = Refusal(-2027, "Exceeded the maximum allowable position at current leverage.")
LEVERAGE_TOO_LOW = Refusal(
    -2028, "Leverage is smaller than permitted: insufficient margin balance."
)
PRICE_NOT_POSITIVE = Refusal(-4001, "Price less than 0.")
PRICE_TOO_HIGH = Refusal(-4002, "Price greater than max price.")
QUANTITY_NOT_POSITIVE = Refusal(-4003, "Quantity less than zero.")
QUANTITY_TOO_LOW = Refusal(-4004, "Quantity less than min quantity.")
QUANTITY_TOO_HIGH = Refusal(-4005, "Quantity greater than max quantity.")
TRIGGER_PRICE_NOT_POSITIVE = Refusal(-4006, "Stop price less than zero.")
TRIGGER_PRICE_TOO_HIGH = Refusal(-4007, "Stop price greater than max price.")
PRICE_TOO_LOW = Refusal(-4013, "Price less than min price.")
PRICE_OFF_TICK = Refusal(-4014, "Price not increased by tick size.")
BAD_CLIENT_ORDER_ID = Refusal(-4015, "Client order id is not valid.")
QUANTITY_OFF_STEP = Refusal(-4023, "Qty not increased by step size.")
BAD_BATCH_SIZE = Refusal(-4082, "Invalid number of batch place orders: %s")
TOO_MANY_CANCELS = Refusal(-4032, "Exceed maximum cancel order size.")
TOO_MANY_ALGO_ORDERS = Refusal(-4045, "Reach max stop order limit.")
POSITION_MODE_UNCHANGED = Refusal(-4059, "No need to change position side.")
BAD_POSITION_SIDE = Refusal(-4060, "Invalid position side.")
POSITION_SIDE_MISMATCH = Refusal(-4061, "Order's position side does not match user's setting.")
DUPLICATE_CLIENT_ORDER_ID = Refusal(-4116, "ClientOrderId is duplicated.")
ALGO_ORDER_TRIGGERING = Refusal(-4117, "Stop order is triggering.")
REDUCE_ONLY_FAILED = Refusal(
    -4118, "ReduceOnly Order Failed. Please check your existing position and open orders."
)
SYMBOL_NOT_OPENING = Refusal(-4140, "Invalid symbol status for opening position.")
SYMBOL_CLOSED = Refusal(-4141, "Symbol is closed.")
USE_ALGO_ENDPOINT = Refusal(
    -4120,
    "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
)
CLOSE_POSITION_EXISTS = Refusal(
    -4130,
    "An open stop or take profit order with GTE and closePosition in the direction is existing.",
)
MARKET_TOO_FAR = Refusal(
    -4131, "The counterparty's best price does not meet the PERCENT_PRICE filter limit."
)
BAD_TYPE_FOR_CLOSE_POSITION = Refusal(
    -4136, "Target strategy invalid for orderType '%s',closePosition 'true'."
)
QUANTITY_WITH_CLOSE_POSITION = Refusal(
    -4137, "Quantity must be zero with closePosition equals true."
)
REDUCE_ONLY_WITH_CLOSE_POSITION = Refusal(
    -4138, "Reduce only must be true with closePosition equals true."
)
NOTIONAL_TOO_LOW = Refusal(
    -4164, "Order's notional must be no smaller than %s (unless you choose reduce only)."
)
GTE_WITHOUT_POSITION = Refusal(
    -4509, "Time in Force (TIF) GTE can only be used with open positions."
)
FOK_NOT_FILLED = Refusal(
    -5021,
    "Due to the order could not be filled immediately, the FOK order has been rejected."
    " The order will not be recorded in the order history",
)
GTX_WOULD_TAKE = Refusal(
    -5022,
    "Due to the order could not be executed as maker, the Post Only order will be rejected."
    " The order will not be recorded in the order history",
)
SYMBOL_NOT_TRADING = Refusal(
    -5024, "Symbol is not in trading status. Order amendment is not permitted."
)
LIMIT_ORDER_ONLY = Refusal(-5025, "Only limit order is supported.")
TOO_MANY_AMENDMENTS = Refusal(-5026, "Exceed maximum modify order limit.")
AMENDED_NOTIONAL_TOO_LOW = Refusal(-5029, "Order's notional must be no smaller than %s")
BAD_PRICE_MATCH = Refusal(-5037, "Invalid price match")
PRICE_MATCH_NOT_SUPPORTED = Refusal(
    -5038, "Price match only supports order type: LIMIT, STOP AND TAKE_PROFIT"
)
BAD_SELF_TRADE_PREVENTION = Refusal(-5039, "Invalid self trade prevention mode")
BAD_GOOD_TILL_DATE = Refusal(
    -5040,
    "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller"
    " than 253402300799000 (UTC 9999-12-31 23:59:59)",
)
NOT_REDUCE_ONLY = Refusal(-5047, "The original order is not a reduce-only order")
NO_DEPTH_TO_MATCH = Refusal(-5041, "No depth matches this BBO order")
NOTHING_TO_AMEND = Refusal(-5027, "No need to modify the order.")

# Account and market data
BAD_DEPTH_LIMIT = Refusal(-4021, "'%s' is not valid depth limit.")
BAD_LEVERAGE = Refusal(-4028, "Leverage %s is not valid")
MARGIN_TYPE_UNCHANGED = Refusal(-4046, "No need to change margin type.")
MARGIN_TYPE_OPEN_ORDERS = Refusal(
    -4047, "Margin type cannot be changed if there exists open orders."
)
POSITION_MODE_OPEN_ORDERS = Refusal(
    -4067, "Position side cannot be changed if there exists open orders."
)
POSITION_MODE_POSITION = Refusal(-4068, "Position side cannot be changed if there exists position.")
MARGIN_TYPE_POSITION = Refusal(-4048, "Margin type cannot be changed if there exists position.")
MARGIN_NOT_ISOLATED = Refusal(-4049, "Add margin only support for isolated position.")
CROSS_BALANCE_INSUFFICIENT = Refusal(-4050, "Cross balance insufficient.")
ISOLATED_BALANCE_INSUFFICIENT = Refusal(-4051, "Isolated balance insufficient.")
NO_POSITION_TO_MARGIN = Refusal(-4054, "Cannot add position margin: position is 0.")
AMOUNT_NOT_POSITIVE = Refusal(-4055, "Amount must be positive.")
ISOLATED_LEVERAGE_REDUCED = Refusal(
    -4161, "Leverage reduction is not supported in Isolated Margin Mode with open positions."
)
INTERVAL_TOO_LONG = Refusal(-4165, "Maximum time interval is %s days")
MULTI_ASSETS_ISOLATED = Refusal(
    -4167,
    "Unable to adjust to Multi-Assets mode with symbols of USDⓈ-M Futures under isolated-margin"
    " mode.",
)
ISOLATED_MULTI_ASSETS = Refusal(
    -4168, "Unable to adjust to isolated-margin mode under the Multi-Assets mode."
)
MULTI_ASSETS_MARGIN = Refusal(
    -4169,
    "Unable to adjust Multi-Assets Mode with insufficient margin balance in USDⓈ-M Futures.",
)
MULTI_ASSETS_OPEN_ORDERS = Refusal(
    -4170, "Unable to adjust Multi-Assets Mode with open orders in USDⓈ-M Futures."
)
MULTI_ASSETS_UNCHANGED = Refusal(
    -4171,
    "Adjusted asset mode is currently set and does not need to be adjusted repeatedly.",
)
MULTI_ASSETS_NEGATIVE = Refusal(
    -4172,
    "Unable to adjust Multi-Assets Mode with a negative wallet balance of margin available asset in"
    " USDⓈ-M Futures account.",
)
