"""Whether a rulebook is good: worked cases, proofs, differences."""
