"""Points, ledgers, ladders, measures."""
