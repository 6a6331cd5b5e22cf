"""The rulebooks that come with Comity, and their worked cases."""
