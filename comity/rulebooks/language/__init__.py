"""The rulebook language: TOML to a Rulebook, every mistake with its line."""
