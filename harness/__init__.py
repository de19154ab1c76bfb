"""nautilus-chaos: simulation and chaos testing for NautilusTrader on Binance USD-M futures."""
