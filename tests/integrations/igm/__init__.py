"""Complaints by the open network."""
