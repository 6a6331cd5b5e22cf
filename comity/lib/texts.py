"""Texts from outside, made such that a database can hold them and a digest can be made of them."""


def clean(text: str) -> str:
    """Return a text without NUL, which PostgreSQL refuses, and without halves of pairs, which no encoding has."""
    return text.replace("\x00", "").encode(errors="ignore").decode()
