"""Texts from outside, made such that a database can hold them and a digest can be made of them."""

import unicodedata

#: Controls, formats and spaces; and letters and signs that are drawn as nothing.
_UNSEEN_KINDS = {"Cc", "Cf", "Zs", "Zl", "Zp"}
_UNSEEN = {"\u115f", "\u1160", "\u2800", "\u3164", "\uffa0"}


def clean(text: str) -> str:
    """Return a text without NUL, which PostgreSQL refuses, and without halves of pairs, which no encoding has."""
    return text.replace("\x00", "").encode(errors="ignore").decode()


def is_blank(text: str) -> bool:
    """Whether a text shows nothing: nobody is answered by it."""
    return all(sign in _UNSEEN or unicodedata.category(sign) in _UNSEEN_KINDS for sign in text)
