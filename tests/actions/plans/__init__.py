"""Improvement plans: verbs, silences, what they come to."""
