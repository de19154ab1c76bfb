"""Client order ids that the exchange makes where a client sends none."""

from hashlib import blake2b
from string import ascii_letters, digits

LENGTH = 22

_CHARACTERS = (digits + ascii_letters).encode()
_OF_BYTE = bytes(_CHARACTERS[byte % len(_CHARACTERS)] for byte in range(256))


def make_client_order_id(order_id: int) -> str:
    """A client order id like those Binance makes: 22 letters and digits, of this order alone."""
    digest = blake2b(str(order_id).encode(), digest_size=LENGTH).digest()
    return digest.translate(_OF_BYTE).decode()
