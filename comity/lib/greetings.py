"""Is a text a greeting and nothing else? "Hi" is no answer where a rulebook says so."""

import re

#: Of the larger marketplaces' languages; a word that could be an answer ("ok", "yes") is not among them.
_GREETINGS = (
    "hi", "hello", "hey", "hallo", "hola", "olá", "ola", "oi", "bonjour", "salut", "ciao", "salve", "servus", "moin",
    "hej", "привет", "здравствуйте", "добрый", "день", "merhaba", "selam", "xin", "chào", "chao", "halo", "hai",
    "selamat", "pagi", "siang", "sore", "malam", "sawasdee", "สวัสดี", "สวัสดีครับ", "สวัสดีค่ะ",
    "ครับ", "ค่ะ", "안녕하세요", "안녕", "こんにちは",
    "もしもし", "你好", "您好", "亲", "哈喽", "嗨", "在吗", "مرحبا", "السلام", "عليكم", "سلام", "שלום", "नमस्ते", "good",
    "morning", "afternoon", "evening", "day", "buenos", "buenas", "días", "dias", "tardes", "noches", "bom", "boa",
    "dia", "tarde", "noite", "guten", "tag", "morgen", "dear", "sir", "madam", "friend", "there", "thanks", "thank",
    "you",
)  # fmt: skip
_WORDS = frozenset(_GREETINGS)
_MOST_CHARS = 60
#: What stands between words: spaces, and signs that are no letters or marks of any script.
_SPLIT = re.compile(r"[\s!-/:-@\[-`{-~¡¿。，！？、…～·]+")


def is_greeting(text: str) -> bool:
    """Whether `text` has words and all of them only greet."""
    if len(text) > _MOST_CHARS:
        return False
    words = [word.lower() for word in _SPLIT.split(text) if word]
    return bool(words) and all(word in _WORDS for word in words)
