"""The exchange: a state machine without sockets and without a clock of its own."""
