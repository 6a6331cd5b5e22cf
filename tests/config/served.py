"""An application that the real server serves in tests: it answers with the body that came, without Django."""

from collections.abc import Iterable
from typing import Any

from comity.config.front import Front


def echo(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer with the body."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"got ", environ["wsgi.input"].read()]


application = Front(echo, threads=1, largest=1_000)
