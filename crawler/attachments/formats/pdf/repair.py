"""Give a damaged PDF file what a reader looks for first: its header, and the trailer that names its root."""

import re

from crawler.media.signatures import PDF

_HEADER_BYTES = 1024
_CATALOG = re.compile(
    rb"(?<![0-9])([0-9]{1,9})\s+([0-9]{1,5})\s+obj\b(?:(?!endobj).){0,4000}?/Type\s*/Catalog", re.DOTALL
)
_TRAILER = b"\ntrailer\n<< /Root %s %s R /Size 1 >>\nstartxref\n0\n%%%%EOF\n"


def repair_pdf(data: bytes) -> bytes | None:
    """Return a file with a header, and with a trailer after its end; None if it has no catalog outside of streams.

    A download that broke off has lost its trailer; programs that list objects again find everything by it.
    """
    catalogs: list[tuple[bytes, bytes]] = _CATALOG.findall(data)
    if not catalogs:
        return None
    header = b"" if PDF in data[:_HEADER_BYTES] else b"%PDF-1.7\n"
    return b"".join((header, data, _TRAILER % catalogs[-1]))
