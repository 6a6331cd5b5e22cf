"""What everything else stands on: canonical JSON, hash chain, time, identifiers, money. Standard library only."""
