"""What is said when a program is not there."""


class MissingBinary(RuntimeError):
    """A program the harness starts is not on this machine; the message says how to get it."""
