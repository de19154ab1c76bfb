"""Faults of the store, by its server; `LinkDown` and `Latency` break the way to it."""
