"""The names by which the decorators and the plugin know each other."""

MARK = "scenario"
KNOWN_BUG_ATTRIBUTE = "__known_bug__"
