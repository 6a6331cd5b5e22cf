"""The log as files that anyone may fetch (C2SP tlog-tiles), its keys, and the door by which witnesses hand in theirs.

GET  /journal/checkpoint                        the newest signed head, with what witnesses signed of it
GET  /journal/tile/LEVEL/PATH                   hashes
GET  /journal/tile/entries/PATH                 entries
GET  /journal/verify.py                         the script that checks case files and receipts
GET  /journal/keys                              the keys that sign or signed, one a line: VERIFIER FROM-SIZE
POST /journal/cosignatures                      a checkpoint's note with the line of a witness that is known here
"""

from importlib import resources

from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from comity.actions.seal import cosigning, proving
from comity.lib.tlog import notes, tiles
from comity.records import seal as rows
from comity.records.models import SealKey

_FOR_EVER, _SHORTLY = "public, max-age=31536000, immutable", "public, max-age=2"
#: What hands in a cosignature is a note of a few lines.
MAX_BODY_BYTES = 16_384


@require_GET
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint."""
    newest = proving.head()
    if newest is None:
        return _text("nothing is sealed yet\n", status=404)
    return _text(proving.noted(newest), cached=_SHORTLY)


@require_GET
def tile(request: HttpRequest, level: int, name: str) -> HttpResponse:
    """The hashes of a tile, or as many of them as are asked for."""
    newest = proving.head()
    if (asked := _asked(name)) is None or newest is None or level > tiles.MAX_LEVEL:
        return _text("there is no such tile\n", status=404)
    number, width = asked
    if width > tiles.width_of(level, number, newest.size):
        return _text("the tile does not go so far\n", status=404)
    return _bytes(b"".join(rows.tile(level, number)[:width]))


@require_GET
def entries(request: HttpRequest, name: str) -> HttpResponse:
    """A bundle of entries, or as many of them as are asked for."""
    newest = proving.head()
    if (asked := _asked(name)) is None or newest is None:
        return _text("there is no such bundle\n", status=404)
    number, width = asked
    if width > tiles.width_of(0, number, newest.size):
        return _text("the bundle does not go so far\n", status=404)
    begin = number * tiles.WIDTH
    return _bytes(tiles.bundle(rows.entries(begin, begin + width)))


@require_GET
def keys(request: HttpRequest) -> HttpResponse:
    """The keys that sign or signed checkpoints, oldest first, each with the size of the log where it begins."""
    lines = [
        f"{verifier} {size}{' lost' if lost else ''}\n"
        for verifier, size, lost in SealKey.objects.order_by("pk").values_list("verifier", "from_size", "lost")
    ]
    return _text("".join(lines), cached=_SHORTLY)


@require_GET
def script(request: HttpRequest) -> HttpResponse:
    """The script that checks case files and receipts, as it stands in every case file."""
    return _text(resources.files("comity.lib.casefile").joinpath("verify.py").read_text(), cached=_SHORTLY)


@csrf_exempt
@require_POST
def cosignatures(request: HttpRequest) -> HttpResponse:
    """Keep what a witness that is known here signed of a checkpoint of ours."""
    try:
        body = request.read(MAX_BODY_BYTES + 1)
        if len(body) > MAX_BODY_BYTES:
            return _text(f"a note has at most {MAX_BODY_BYTES} bytes\n", status=413)
        kept = cosigning.keep(body.decode())
    except (notes.BadNote, UnicodeDecodeError) as wrong:
        said = str(wrong) if isinstance(wrong, notes.BadNote) else "a note is text in UTF-8"
        return _text(f"{said}\n", status=400)
    except cosigning.Unknown as unknown:
        return _text(f"{unknown}\n", status=404)
    return _text("".join(f"{name}\n" for name in kept), status=200)


def _asked(name: str) -> tuple[int, int] | None:
    try:
        return tiles.read_path(name)
    except ValueError:
        return None


def _text(text: str, *, status: int = 200, cached: str = "no-store") -> HttpResponse:
    return HttpResponse(
        text, content_type="text/plain; charset=utf-8", status=status, headers={"Cache-Control": cached}
    )


def _bytes(data: bytes) -> HttpResponse:
    return HttpResponse(data, content_type="application/octet-stream", headers={"Cache-Control": _FOR_EVER})


urlpatterns = [
    path("checkpoint", checkpoint),
    path("keys", keys),
    path("verify.py", script),
    path("cosignatures", cosignatures),
    path("tile/entries/<path:name>", entries),
    path("tile/<int:level>/<path:name>", tile),
]
