"""Which routine question is this, and how sure are we? Always able to say "not sure". No Django, no database."""
