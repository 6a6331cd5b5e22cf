"""What may be wrong with a history."""


class BadFile(ValueError):
    """A file cannot be used; the message says which, why, and what to do."""
