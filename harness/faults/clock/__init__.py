"""Faults of the node's clock, by the page that its preloaded shim reads."""
