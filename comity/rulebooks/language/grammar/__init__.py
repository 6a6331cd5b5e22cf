"""Reading the tables of a rulebook, one module for each noun; `language.parse` is the door."""
