"""`python -m harness.setup`: make sure that the servers the harness starts are there.

Says what it does, one line a step. Exit codes: 0 ready, 4 something is missing.
"""

import sys

from harness.exit_codes import ExitCode
from harness.setup import MissingBinary, set_up_servers


def main() -> ExitCode:
    """Find or fetch every server; return the exit code."""
    try:
        set_up_servers(lambda line: print(f"setup: {line}", flush=True))
    except MissingBinary as error:
        print(f"setup: {error}", file=sys.stderr)
        return ExitCode.USAGE
    return ExitCode.PASS


if __name__ == "__main__":
    sys.exit(main())
