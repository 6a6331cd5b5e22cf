"""Who is asking: people and programs."""
