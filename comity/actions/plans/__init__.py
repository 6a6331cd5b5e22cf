"""Improvement plans: asked for by a level, written by the seller, looked at by an agent, checked by their standard."""
