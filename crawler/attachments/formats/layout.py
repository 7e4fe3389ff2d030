"""From lines and pages as a file has them to a text in the archive's normal form. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from crawler.attachments.formats.tcvn3 import decode_tcvn3
from crawler.language.text import normalize_text

# So much of a file's text is kept; 500 pages.
MAX_CHARACTERS = 1_000_000
_PAGE_BREAK = "\n\n"


@dataclass(frozen=True, slots=True)
class Laid:
    """A text, "" if there is none, and whether it was cut."""

    text: str
    is_cut: bool


def lay_out(pages: Iterable[str]) -> Laid:
    r"""Put pages together: in Unicode, lines normalised, the empty ones left out, pages parted by a blank line.

    >>> lay_out(["Số:  12\r\n\n QĐ ", "", "Điều 1"]).text
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
            return Laid(_PAGE_BREAK.join(kept)[:MAX_CHARACTERS].rstrip("\n"), True)
    return Laid(_PAGE_BREAK.join(kept), False)


def count_letters(text: str) -> int:
    """Count the letters and digits of a text.

    >>> count_letters("Số: 12 ...")
    4

    """
    return sum(char.isalnum() for char in text)
