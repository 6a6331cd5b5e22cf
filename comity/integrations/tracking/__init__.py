"""Tracking news of aggregators: taken in, read, asked for; and a carrier that only plays."""
