"""Public keys of accounts: what an API key of type RSA or Ed25519 is registered with."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

PublicKey = RSAPublicKey | Ed25519PublicKey


def read_public_key(pem: str) -> PublicKey:
    """Read an RSA or Ed25519 public key in PEM. Raises ValueError saying what else it was."""
    if "PRIVATE KEY" in pem:
        raise ValueError("must be the public key, was the private one")
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm):
        raise ValueError("must be PEM text (-----BEGIN PUBLIC KEY-----...)") from None
    if not isinstance(key, RSAPublicKey | Ed25519PublicKey):
        raise ValueError(f"must be an RSA or Ed25519 key, was {type(key).__name__}")
    return key
