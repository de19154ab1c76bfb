"""The programs that the harness starts but does not contain: where they are, how to get them."""

from harness.setup.missing import MissingBinary
from harness.setup.servers import set_up_servers
from harness.setup.toxiproxy import install_toxiproxy, toxiproxy_server
from harness.setup.valkey import valkey_server

__all__ = [
    "MissingBinary",
    "install_toxiproxy",
    "set_up_servers",
    "toxiproxy_server",
    "valkey_server",
]
