"""Scenarios: what is done to a world, as data.

A scenario file imports what it needs from `harness.scenario.api`.
"""
