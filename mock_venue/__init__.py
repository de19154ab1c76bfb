"""A mock Binance USD-M futures exchange. It knows nothing of who uses it."""

from mock_venue.config import VenueConfig
from mock_venue.exchange.account import AccountSpec
from mock_venue.exchange.instruments import SymbolSpec
from mock_venue.script import rules
from mock_venue.script.errors import VenueScriptError
from mock_venue.venue import Venue

__all__ = ["AccountSpec", "SymbolSpec", "Venue", "VenueConfig", "VenueScriptError", "rules"]
