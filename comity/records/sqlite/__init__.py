"""Django's SQLite backend, with one line for the writers of a process (`base`)."""
