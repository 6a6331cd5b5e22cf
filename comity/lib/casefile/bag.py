"""A bag (BagIt, RFC 8493) with a description of what is in it (RO-Crate), as one archive: same content, same bytes."""

import hashlib
import io
import mimetypes
import zipfile
from collections.abc import Mapping
from datetime import datetime
from importlib import resources

from comity.lib import canonical, moments

_EPOCH = (1980, 1, 1, 0, 0, 0)
_READ = ("VERIFY.md", "verify.py")


def ending(media: str) -> str:
    """Return the ending of a file's name by its kind, such as .jpg; empty where none is known."""
    return mimetypes.guess_extension(media) or ""


def archive(name: str, payload: Mapping[str, bytes], *, made_at: datetime, says: str) -> bytes:
    """Return a bag of that name as an archive; `payload`: its files, by their names below data/."""
    data = {f"data/{each}": content for each, content in payload.items()}
    data["data/ro-crate-metadata.json"] = _crate(data, made_at, says)
    size = sum(map(len, data.values()))
    tags = {
        "bagit.txt": b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n",
        "bag-info.txt": (
            f"Bagging-Date: {made_at.date().isoformat()}\nExternal-Description: {says}\n"
            f"Payload-Oxum: {size}.{len(data)}\n"
        ).encode(),
        "manifest-sha256.txt": _manifest(data),
    } | {each: resources.files("comity.lib.casefile").joinpath(each).read_bytes() for each in _READ}
    tags["tagmanifest-sha256.txt"] = _manifest(tags)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        for each, content in sorted({**tags, **data}.items()):
            info = zipfile.ZipInfo(f"{name}/{each}", _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            file.writestr(info, content)
    return packed.getvalue()


def _manifest(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(files[each]).hexdigest()}  {each}\n" for each in sorted(files)).encode()


def _crate(files: Mapping[str, bytes], made_at: datetime, says: str) -> bytes:
    names = [each.removeprefix("data/") for each in sorted(files)]
    about: dict[str, object] = {
        "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }  # fmt: skip
    root: dict[str, object] = {
        "@id": "./", "@type": "Dataset", "name": says, "datePublished": moments.to_text(made_at),
        "description": "What was written down of a case, with proofs", "license": "private",
        "hasPart": [{"@id": each} for each in names],
    }  # fmt: skip
    parts = [{"@id": each, "@type": "File", "contentSize": str(len(files[f"data/{each}"]))} for each in names]
    return canonical.encode({"@context": "https://w3id.org/ro/crate/1.1/context", "@graph": [about, root, *parts]})
