"""Whose account an account is: links between accounts, and what follows where enough of them join two."""
