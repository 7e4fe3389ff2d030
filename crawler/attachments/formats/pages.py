"""Join the pages of a file to one text in the archive's normal form. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from crawler.attachments.formats.tcvn3 import decode_tcvn3
from crawler.language.text import normalize_text

# The text of a file is cut after this many characters: 500 pages.
MAX_CHARACTERS = 1_000_000
_PAGE_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class JoinedText:
    """The text of a file, "" if it has none, and whether it was cut."""

    text: str
    is_cut: bool


def join_pages(pages: Iterable[str]) -> JoinedText:
    r"""Join pages with a blank line between them. Decode TCVN3, normalise each line, and drop empty lines.

    >>> join_pages(["Số:  12\r\n\n QĐ ", "", "Điều 1"]).text
    'Số: 12\nQĐ\n\nĐiều 1'
    """
    kept: list[str] = []
    size = 0
    for page in pages:
        text = "\n".join(line for line in map(normalize_text, decode_tcvn3(page).splitlines()) if line)
        if not text:
            continue
        kept.append(text)
        size += len(text) + len(_PAGE_BREAK)
        if size - len(_PAGE_BREAK) > MAX_CHARACTERS:
            return JoinedText(_PAGE_BREAK.join(kept)[:MAX_CHARACTERS].rstrip("\n"), True)
    return JoinedText(_PAGE_BREAK.join(kept), False)


def count_letters(text: str) -> int:
    """Count the letters and digits of a text.

    >>> count_letters("Số: 12 ...")
    4
    """
    return sum(char.isalnum() for char in text)
