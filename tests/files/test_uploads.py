"""Files from strangers: judged by what they hold, pictures drawn anew, everything else refused with a reason."""

import io
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from comity.files.uploads import MAX_SIDE, Unsafe, clean_name, made_safe

MB = 1_000_000


def picture(kind: str = "JPEG", size: tuple[int, int] = (60, 40), **more: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, kind, **more)
    return out.getvalue()


def huge_png() -> bytes:
    """A PNG of 30,000 by 30,000 pixels, a few kilobytes long: its rows are one compressed run of zeros."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = (30_000).to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes(1 + 30_000 // 8) * 300)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zip_bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("zeros", bytes(50 * MB))
    return out.getvalue()


def test_a_picture_loses_where_and_with_what_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6  # the maker, and "turn me"
    exif.get_ifd(0x8825)[1] = "N"  # where on earth
    given = picture(exif=exif)
    assert b"SecretCamera" in given
    safe = made_safe("DSC1.JPG", given, max_bytes=MB)
    assert b"SecretCamera" not in safe.data
    with Image.open(io.BytesIO(safe.data)) as drawn:
        assert not dict(drawn.getexif())
        assert drawn.size == (40, 60), "turned as its camera said"
    assert (safe.name, safe.kind, safe.width, safe.height) == ("DSC1.jpg", "image/jpeg", 40, 60)


@pytest.mark.parametrize(("kind", "ending", "media"), [("PNG", "png", "image/png"), ("WEBP", "webp", "image/webp"), ("GIF", "png", "image/png")])  # fmt: skip
def test_other_pictures(kind: str, ending: str, media: str) -> None:
    safe = made_safe(f"a.{kind.lower()}", picture(kind), max_bytes=MB)
    assert (safe.name, safe.kind) == (f"a.{ending}", media)


def test_what_is_hidden_behind_a_picture_is_gone() -> None:
    safe = made_safe("a.jpg", picture() + b"<script>alert(1)</script>" + zip_bomb(), max_bytes=MB)
    assert b"script" not in safe.data
    assert b"PK" not in safe.data


def test_a_large_picture_is_made_smaller() -> None:
    safe = made_safe("wide.png", picture("PNG", (5_000, 10)), max_bytes=MB)
    assert (safe.width, safe.height) == (MAX_SIDE, 8)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("empty.png", b"", "empty"),
        ("large.png", picture("PNG"), "too_large"),
        ("page.png", b"<html><script>alert(1)</script></html>", "lies"),
        ("page.html", b"<html><script>alert(1)</script></html>", "unknown"),
        ("picture.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "unknown"),
        ("bill.pdf", picture(), "lies"),
        ("bill.pdf", b"not a bill at all", "lies"),
        ("archive.zip", zip_bomb(), "unknown"),
        ("archive.pdf", zip_bomb(), "lies"),
        ("program.exe", b"MZ" + bytes(200), "unknown"),
        ("cut.jpg", picture()[:200], "broken"),
        ("bomb.png", huge_png(), "too_many_pixels"),
        ("noise", bytes(range(256)), "unknown"),
    ],
)
def test_what_is_not_taken_and_why(name: str, data: bytes, reason: str) -> None:
    with pytest.raises(Unsafe) as refused:
        made_safe(name, data, max_bytes=100 if reason == "too_large" else MB)
    assert refused.value.reason == reason


def test_documents_pass_as_they_are() -> None:
    pdf = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
    assert made_safe("bill.pdf", pdf, max_bytes=MB).kind == "application/pdf"
    assert made_safe("notes.txt", "你好, مرحبا\n".encode(), max_bytes=MB).kind == "text/plain"


@given(st.text(max_size=300))
def test_names_are_harmless(name: str) -> None:
    clean = clean_name(name)
    assert 1 <= len(clean) <= 120
    assert not set(clean) & set("/\\\x00\n\r\u202e")


@given(st.binary(max_size=400), st.sampled_from(["a.jpg", "a.pdf", "a.txt", "a", "a.mp4"]))
def test_any_bytes_are_taken_or_refused(data: bytes, name: str) -> None:
    try:
        safe = made_safe(name, data, max_bytes=MB)
    except Unsafe:
        return
    assert safe.kind in {
        "text/plain",
        "application/pdf",
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "video/webm",
        "video/quicktime",
    }
