"""The venue from outside its process: acts by name, an HTTP API, script files, a command line."""
