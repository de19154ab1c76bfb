"""Request signatures: HMAC-SHA256 in hex, RSASSA-PKCS1-v1_5 with SHA-256 and Ed25519 in base64.

Over REST the signed text is the raw query string followed by the raw body, with nothing between
them, both without their `signature` parameter. Over the WebSocket API it is all parameters but
`signature`, sorted by name. (Binance: "General Info", "Endpoint security type"; "WebSocket API
General Info". Of Ed25519 over REST the USD-M docs say nothing; Binance's own SDK signs so.)
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from mock_venue.exchange.keys import PublicKey

SECRETS_KEPT = 256


def signed_text(query: str, body: str) -> str:
    """Return what the client had to sign."""
    return _without_signature(query) + _without_signature(body)


def signed_parameters(params: Mapping[str, str]) -> str:
    """Return what the client of the WebSocket API had to sign."""
    return "&".join(f"{name}={params[name]}" for name in sorted(params) if name != "signature")


def encoded_parameters(params: Mapping[str, str]) -> str:
    """Return the same, percent-encoded."""
    return urlencode([(name, params[name]) for name in sorted(params) if name != "signature"])


def sign(secret: str, text: str) -> str:
    """Return the signature in lower-case hex."""
    keyed = _keyed(secret).copy()
    keyed.update(text.encode())
    return keyed.finalize().hex()


def is_signed_by(secret: str, text: str, signature: str) -> bool:
    """Whether the signature, in either case, is the secret's for this text."""
    expected = sign(secret, text).encode()
    return hmac.compare_digest(expected, signature.lower().encode("utf-8", "replace"))


def is_signed_for(key: PublicKey, text: str, signature: str) -> bool:
    """Whether the signature, in base64, is that of the key's private half for this text."""
    try:
        raw = base64.b64decode(signature.encode("utf-8", "replace"), validate=True)
        if isinstance(key, RSAPublicKey):
            key.verify(raw, text.encode(), PKCS1v15(), SHA256())
        else:
            key.verify(raw, text.encode())
    except (binascii.Error, InvalidSignature):
        return False
    return True


@lru_cache(SECRETS_KEPT)
def _keyed(secret: str) -> HMAC:
    """To copy: what the secret alone does to a signature is done once."""
    return HMAC(secret.encode(), SHA256())


def _without_signature(part: str) -> str:
    if "signature=" not in part:
        return part
    head, found, last = part.rpartition("&signature=")
    if found and "&" not in last and "signature=" not in head:
        return head
    return "&".join(item for item in part.split("&") if not item.startswith("signature="))
