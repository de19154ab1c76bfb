"""`python -m mock_venue`: the venue on its own."""

import argparse
import gc
import logging
import os
import sys
from pathlib import Path
from typing import NoReturn

import msgspec
import uvloop

from mock_venue.control.reading import BadInput
from mock_venue.control.standalone import make_config, run

DEFAULT_PORT = 8866
PORT_MAX = 65_535
ALLOCATIONS_A_COLLECTION = 100_000
USAGE = 4
"""The exit code of bad input."""


class _Parser(argparse.ArgumentParser):
    """Bad input is one line and exit code 4."""

    def error(self, message: str) -> NoReturn:
        raise BadInput(message)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; its exit code."""
    try:
        given = _parser().parse_args(arguments)
        config = msgspec.structs.replace(
            make_config(given.accounts, given.prices, given.auto, given.seed),
            rate_limits_enforced=given.rate_limits,
            path_key_silent=given.path_key_silent,
            events_required=given.events_required,
        )
        logging.basicConfig(format="%(levelname)s %(name)s: %(message)s")
        _collect_rarely()
        uvloop.run(run(config, given.port, given.script, _say))
    except BadInput as error:
        print(f"mock_venue: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:  # before the venue listens for it
        pass
    return 0


def _collect_rarely() -> None:
    """Nothing that a request leaves behind is a cycle, and looking for cycles in a large ledger
    holds every client up.
    """
    gc.freeze()
    gc.set_threshold(ALLOCATIONS_A_COLLECTION)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m mock_venue",
        description="A mock Binance USD-M futures exchange on one loopback port.",
        epilog="Exit codes: 0 ended by a signal, 4 bad input. See docs/venue.md.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--port", type=_port, default=DEFAULT_PORT, help="0: a free one (default: %(default)s)"
    )
    parser.add_argument("--script", type=Path, metavar="FILE", help="what happens, and when")
    parser.add_argument("--accounts", type=Path, metavar="FILE", help="accounts, one a line")
    parser.add_argument(
        "--prices",
        metavar="PATH",
        help="constant, walk or a FILE (default: walk with --auto, else prices stand still)",
    )
    parser.add_argument(
        "--auto", action="store_true", help="resting orders fill against the price path"
    )
    parser.add_argument("--seed", type=_seed, default=1, help="of walk and book (default: 1)")
    parser.add_argument(
        "--rate-limits",
        action="store_true",
        help="refuse what is over Binance's limits (429), and ban who goes on (418)",
    )
    parser.add_argument(
        "--path-key-silent",
        action="store_true",
        help="a user stream whose listen key is in the URL's path hears nothing",
    )
    parser.add_argument(
        "--events-required",
        action="store_true",
        help="a user stream without events= in its URL hears nothing",
    )
    return parser


def _port(text: str) -> int:
    return _whole(text, 0, PORT_MAX)


def _seed(text: str) -> int:
    return _whole(text, 1, 2**63 - 1)


def _whole(text: str, lowest: int, highest: int) -> int:
    if not (text.isascii() and text.isdecimal() and lowest <= int(text) <= highest):
        raise argparse.ArgumentTypeError(f"must be {lowest} to {highest}, was {text!r}")
    return int(text)


def _say(text: str) -> None:
    """Print. Raises BadInput where nobody takes it."""
    try:
        print(text, flush=True)
    except OSError as error:
        # What is still in the buffer would be tried again at the end, with a traceback.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise BadInput(f"stdout: {error.strerror}") from None


if __name__ == "__main__":
    sys.exit(main())
