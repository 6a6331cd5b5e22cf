"""Rates and counts over windows, held against limits."""
