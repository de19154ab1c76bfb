"""Faults of the network, by Toxiproxy."""
