"""Client order ids that the exchange makes where a client sends none."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_PAIRS = [low + high for high in _BASE62 for low in _BASE62]


def make_client_order_id(order_id: int) -> str:
    """A client order id like those Binance makes: 22 letters and digits, unique to the order."""
    # The multiplier is odd, so different ids stay different modulo the power of two.
    number = (order_id * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128
    pairs = []
    for _ in range(11):
        number, pair = divmod(number, 62**2)
        pairs.append(_PAIRS[pair])
    return "".join(pairs)
