"""What a rulebook says, and whether it is good."""
