"""Encoders: the exchange's state in Binance's JSON, keys in Binance's order."""
