"""Request signatures: HMAC-SHA256 over query string plus body.

The signed text is the raw query string followed by the raw body, with nothing between them, both
without their `signature` parameter. (Binance: "General Info", "Endpoint security type".)
"""

import hashlib
import hmac


def signed_text(query: str, body: str) -> str:
    """Return what the client had to sign."""
    return _without_signature(query) + _without_signature(body)


def sign(secret: str, text: str) -> str:
    """Return the signature in lower-case hex."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def is_signed_by(secret: str, text: str, signature: str) -> bool:
    """Whether the signature, in either case, is the secret's for this text."""
    expected = sign(secret, text).encode()
    return hmac.compare_digest(expected, signature.lower().encode("utf-8", "replace"))


def _without_signature(part: str) -> str:
    return "&".join(item for item in part.split("&") if not item.startswith("signature="))
