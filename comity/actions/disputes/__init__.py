"""Disputes: the verbs, a module for each noun. `cases` says how one stands, `moves` of the policy what may be done."""
