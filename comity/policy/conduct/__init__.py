"""Behaviour that is not allowed."""
