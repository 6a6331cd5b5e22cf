"""Files from strangers, made safe: judged by what they hold, never by their name, and pictures drawn anew.

A picture is decoded and encoded again, turned as its camera said, without place, camera or any other metadata; an
animation keeps its first frame. Documents and films pass as they are; pages never show them inline.
"""

import hashlib
import io
import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePath

import puremagic
from PIL import Image, ImageOps

MAX_PIXELS = 40_000_000
#: Pictures larger than this are made smaller, side by side in proportion, in pixels.
MAX_SIDE = 4_096
MAX_NAME_CHARS = 120
_QUALITY = 88

_PICTURES = {"JPEG": ("image/jpeg", ".jpg"), "MPO": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"),
             "GIF": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}  # fmt: skip
_OTHERS = {"application/pdf": (".pdf",), "video/mp4": (".mp4", ".m4v"), "video/quicktime": (".mov",),
           "video/webm": (".webm",), "text/plain": (".txt", ".log", ".csv", ".eml", ".md")}  # fmt: skip
_PICTURE_NAMES = frozenset({".jpg", ".jpeg", ".png", ".gif", ".webp", ".mpo"})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
#: What a person may send, for forms.
ACCEPTED = ",".join(sorted(_PICTURE_NAMES | {name for names in _OTHERS.values() for name in names}))


class Unsafe(ValueError):
    """A file that is not taken. `reason` is a code: empty, too_large, unknown, lies, broken, too_many_pixels."""

    def __init__(self, name: str, reason: str):
        super().__init__(f"{name}: {reason}")
        self.name, self.reason = name, reason


@dataclass(frozen=True, slots=True)
class SafeFile:
    """A file that may be kept and handed out: its name with a true ending, its media type, its bytes.

    width, height   in pixels, for a picture; 0 for anything else
    """

    name: str
    kind: str
    data: bytes
    width: int = 0
    height: int = 0

    @property
    def sha256(self) -> str:
        """Digest of the bytes as they are kept, hexadecimal."""
        return hashlib.sha256(self.data).hexdigest()


def made_safe(name: str, data: bytes, *, max_bytes: int) -> SafeFile:
    """Return the file as it may be kept. Raises Unsafe."""
    shown = clean_name(name)
    if not data:
        raise Unsafe(shown, "empty")
    if len(data) > max_bytes:
        raise Unsafe(shown, "too_large")
    ending = PurePath(shown).suffix.lower()
    kind = _kind_of(data)
    if kind == "picture":
        if ending in _all_others():
            raise Unsafe(shown, "lies")
        return _drawn_anew(shown, data)
    if kind not in _OTHERS:
        raise Unsafe(shown, "lies" if ending in _PICTURE_NAMES | _all_others() else "unknown")
    if ending not in _OTHERS[kind]:
        raise Unsafe(shown, "lies" if ending in _PICTURE_NAMES | _all_others() else "unknown")
    return SafeFile(shown, kind, data)


def clean_name(name: str) -> str:
    """Return a name without folders, control or direction signs, at most MAX_NAME_CHARS long; "file" for none."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    # A sign that turns the direction of writing would let gpj.exe look like exe.jpg.
    plain = "".join(sign for sign in last if unicodedata.category(sign) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    plain = " ".join(plain.split()).strip(". ") or "file"
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > MAX_NAME_CHARS:
        plain = f"{stem[: MAX_NAME_CHARS - len(ending) - 1]}.{ending}" if dot and len(ending) < 10 else plain
    return plain[:MAX_NAME_CHARS]


def _all_others() -> frozenset[str]:
    return frozenset(name for names in _OTHERS.values() for name in names)


def _kind_of(data: bytes) -> str:
    """Return "picture", a media type, or "" for what is not known, from the bytes alone."""
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")) or (
        data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    ):
        return "picture"
    if _is_text(data):
        return "text/plain"
    try:
        # What files are known by stands at their beginning.
        return str(puremagic.from_string(data[:4096], mime=True))
    except (puremagic.PureError, ValueError):
        return ""


def _is_text(data: bytes) -> bool:
    # A small PDF may consist of letters alone.
    if data.startswith(b"%PDF-"):
        return False
    try:
        return not _CONTROL.search(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return False


def _drawn_anew(name: str, data: bytes) -> SafeFile:
    """Decode a picture and encode it again. Its size is read from its head before a pixel is decoded."""
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "GIF", "WEBP")) as given:
            kind, ending = _PICTURES[given.format or ""]
            if given.width * given.height > MAX_PIXELS:
                raise Unsafe(name, "too_many_pixels")
            see_through = given.mode in ("RGBA", "LA", "PA") or "transparency" in given.info
            picture = ImageOps.exif_transpose(given).convert("RGBA" if see_through and ending != ".jpg" else "RGB")
    except Image.DecompressionBombError:
        raise Unsafe(name, "too_many_pixels") from None
    except Unsafe:
        raise
    except Exception as error:  # a decoder of strangers' bytes fails in many ways; all mean the same
        raise Unsafe(name, "broken") from error
    picture.thumbnail((MAX_SIDE, MAX_SIDE))
    out = io.BytesIO()
    picture.save(out, {".jpg": "JPEG", ".webp": "WEBP", ".png": "PNG"}[ending], quality=_QUALITY)
    stem = PurePath(name).stem or "picture"
    return SafeFile(stem + ending, kind, out.getvalue(), *picture.size)
