"""The core: what follows from a fact, by the rules in force. No clock, no database, no settings, no random, no I/O."""
