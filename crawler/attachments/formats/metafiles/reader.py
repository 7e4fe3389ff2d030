"""Read the words of the metafiles that a document shows: pasted tables, charts of other programs, drawings. Pure."""

import re
import zlib
from collections import Counter
from collections.abc import Iterable

from crawler.attachments.formats.metafiles.emf import is_emf, read_emf
from crawler.attachments.formats.metafiles.pieces import join_pieces
from crawler.attachments.formats.metafiles.wmf import is_wmf, read_wmf
from crawler.language.legacy.decoding import Run

SUFFIXES = (".emf", ".wmf", ".emz", ".wmz")
_GZIP, _WITH_GZIP_HEAD = b"\x1f\x8b", 31
# Of one, and of all of a document: each second reads some 5 MiB.
_MOST_BYTES, _MOST_BYTES_OF_ALL = 20 * 1024**2, 40 * 1024**2
# The picture of a table that is read as a table says so large a part of its words again.
_SAID = 0.8
_WORD = re.compile(r"\w+")


def read_metafiles(pictures: Iterable[bytes], *, said: str) -> list[Run]:
    """Return the words that metafiles draw, a line for each line; [] if there are none.

    Args:
        pictures: the metafiles in their order; others are passed over.
        said: what the document says beside them. A metafile that says the same is left out: it is how an object looks
            in programs that cannot open it. Of two metafiles, one is left out only if the other has the same words:
            charts beside each other may differ in one.
    """
    runs: list[Run] = []
    left = _MOST_BYTES_OF_ALL
    known = _count_words(said)
    drawn: set[frozenset[tuple[str, int]]] = set()
    for picture in pictures:
        left -= len(picture)
        lines = _read(picture) if left > 0 else []
        words = _count_words("".join(run.text for run in lines))
        key = frozenset(words.items())
        if words and key not in drawn and (words & known).total() < _SAID * words.total():
            runs += [Run("\n"), *lines]
            drawn.add(key)
    return runs


def _count_words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def _read(data: bytes) -> list[Run]:
    if data.startswith(_GZIP):
        data = unpack_metafile(data, mode=_WITH_GZIP_HEAD)
    if is_emf(data):
        return join_pieces(read_emf(data[:_MOST_BYTES]))
    return join_pieces(read_wmf(data[:_MOST_BYTES])) if is_wmf(data) else []


def unpack_metafile(data: bytes, *, mode: int = zlib.MAX_WBITS) -> bytes:
    """Return a packed metafile as far as it can be unpacked and is not too large; `mode` is that of zlib."""
    try:
        return zlib.decompressobj(mode).decompress(data, _MOST_BYTES)
    except zlib.error:
        return b""
