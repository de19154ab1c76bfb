"""The node's side: what runs inside the node's process.

Imports the standard library, msgspec and nautilus_trader only, so that it runs in an environment
that holds nothing else.
"""
