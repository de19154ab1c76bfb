"""The error of a script."""


class VenueScriptError(ValueError):
    """An act or a rule cannot be: one line that says which, what was given and what may be."""
