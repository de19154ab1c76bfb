"""Faults of the node's process, by signals and by starting it again."""
