"""The journal's log for others: served read-only as C2SP tlog-tiles, and followed by a witness."""
