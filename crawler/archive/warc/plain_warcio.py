"""The parts of warcio that the archive uses, imported without fsspec.

If fsspec is installed, warcio imports it to open remote files. The archive's files are local, and this import takes as
long as the work for twenty pages.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def _without(name: str) -> Iterator[None]:
    """Let imports of a module fail in the block, unless it is imported already: set None in `sys.modules`."""
    if name in sys.modules:
        yield
        return
    sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules[name]


with _without("fsspec"):
    from warcio.recordloader import ArcWarcRecord
    from warcio.statusandheaders import StatusAndHeaders, StatusAndHeadersParser, StatusAndHeadersParserException
    from warcio.warcwriter import WARCWriter

__all__ = [
    "ArcWarcRecord",
    "StatusAndHeaders",
    "StatusAndHeadersParser",
    "StatusAndHeadersParserException",
    "WARCWriter",
]
