"""The outside: importers, and fakes that users can use too."""
