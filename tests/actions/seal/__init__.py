"""The seal of the journal."""
