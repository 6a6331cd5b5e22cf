"""The one Django app with tables: parties and their matters, the journal, and the dossiers read from them."""
