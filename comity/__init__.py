"""Comity: a marketplace's customer service, run by its rules, explained and provable."""

__version__ = "0.1.0"
