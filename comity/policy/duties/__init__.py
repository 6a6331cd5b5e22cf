"""Who must do what by when, and what became of it."""
