"""Sealing the journal: its lines go into a signed tree, and anyone is shown that a line is in it."""
