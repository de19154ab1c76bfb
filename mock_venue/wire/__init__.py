"""Binance's dialect on one loopback port: REST and WebSockets."""
