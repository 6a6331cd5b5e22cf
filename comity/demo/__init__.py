"""A marketplace that never was."""
