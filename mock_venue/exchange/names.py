"""Client order ids that the exchange makes where a client sends none."""

_BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def make_client_order_id(order_id: int) -> str:
    """A client order id like those Binance makes: 22 letters and digits, unique to the order."""
    # The multiplier is odd, so different ids stay different modulo the power of two.
    number = (order_id * 0x9E3779B97F4A7C15F39CC0605CEDC835) % 2**128
    text = ""
    for _ in range(22):
        number, digit = divmod(number, 62)
        text += _BASE62[digit]
    return text
