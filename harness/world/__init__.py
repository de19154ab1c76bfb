"""The world a scenario plays on: venue, links, store and nodes. Each starts, stops and says so."""
