"""Reading the tables of a rulebook, one module for each noun; `comity.policy.parse` is the door."""
