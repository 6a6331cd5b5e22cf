"""What both sides of a trade see."""
