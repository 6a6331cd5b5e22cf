"""Reviews: what a rulebook says of them, how they count, and where each stands."""
