"""Proof that the checkers see: planted bugs are caught, and what is right is not reported."""
