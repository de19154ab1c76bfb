"""The key that a node trades with, of each type."""

from base64 import b64encode
from typing import get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from harness.world.credentials import KeyType, credentials
from harness.world.setup import Setup
from mock_venue.wire.api_keys import ApiKeys


def test_what_the_node_signs_with_belongs_to_the_account() -> None:
    keys = credentials("ED25519")
    private = load_pem_private_key(keys.secret.encode(), None)
    assert isinstance(private, Ed25519PrivateKey)
    key = ApiKeys((keys.account,)).find(keys.account.key)
    assert key is not None
    assert key.type == "ED25519"
    assert key.signed("a=1", b64encode(private.sign(b"a=1")).decode())
    assert credentials("ED25519").secret != keys.secret


@pytest.mark.parametrize("key_type", get_args(KeyType))
def test_a_session_on_the_websocket_api_is_a_capability(key_type: KeyType) -> None:
    needs = Setup(name="it", covers="test", key_type=key_type).needs_in_all()
    assert ("ws_api:user_stream" in needs) is (key_type == "ED25519")


def test_trading_on_the_websocket_api_is_a_capability_of_its_own() -> None:
    trading = {"use_ws_trading": True}
    setup = Setup(name="it", covers="test", key_type="ED25519", exec_client=trading)
    asked = {need for need in setup.needs_in_all() if need.startswith("ws_api:")}
    assert asked == {"ws_api:orders"}
