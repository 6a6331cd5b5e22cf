"""Pages as PDF, for printing and for files that leave the house. Needs the extra `pdf` (WeasyPrint, and Pango).

Nothing is fetched while a page is set: neither from the network nor from the disk.
"""


class NoPdf(RuntimeError):
    """PDF cannot be made here: the extra is not installed, or the libraries that it needs."""


def pdf_of(html: str) -> bytes:
    """Return a whole HTML page, with its styles in it, as PDF. What it refers to is left out. Raises NoPdf."""
    try:
        from weasyprint import HTML
        from weasyprint.urls import URLFetcher
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise NoPdf(
            "PDF needs the extra: pip install comity[pdf], and the system's Pango (Debian: libpangoft2-1.0-0)"
        ) from error
    made: bytes = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=())).write_pdf(pdf_tags=True)
    return made
