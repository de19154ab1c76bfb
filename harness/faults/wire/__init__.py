"""Faults of the exchange and its sockets, by the venue."""
