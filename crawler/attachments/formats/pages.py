"""Join the pages of a file to one text in the archive's normal form. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate

from crawler.language.legacy.decoding import Run, decode_legacy, decode_runs, looks_legacy, restore_runs
from crawler.language.legacy.tcvn3 import SOFT_HYPHEN
from crawler.language.legacy.twice import restore_twice_encoded
from crawler.language.legacy.viqr import decode_viqr
from crawler.language.legacy.windows import SIGNS
from crawler.language.text import normalize_text

# The text of a file is cut after this many characters: 500 pages.
MAX_CHARACTERS = 1_000_000
# This many letters of runs are decoded, white space included.
_MOST_LETTERS = 5 * MAX_CHARACTERS
_PAGE_BREAK = "\n\n"
_FORM_FEED = "\f"
# Hyphens that only keep a line together: they are in numbers of documents, and are searched as the usual one. And
# signs of Windows that came as bytes.
_SHOWN = {0x2010: "-", 0x2011: "-", **SIGNS}
_THREE_HYPHENS = "-\u2010\u2011"
_GUESSED = "legacy-letters"


@dataclass(frozen=True, slots=True)
class JoinedText:
    """The text of a file, "" if it has none, and whether it was cut.

    `starts` are the places in the text where each page begins; an empty page begins where the next one does. `doubts`
    are of legacy letters that the file has lost, and that were guessed.
    """

    text: str
    is_cut: bool
    starts: tuple[int, ...]
    doubts: tuple[str, ...] = ()


def join_pages(pages: Iterable[str]) -> JoinedText:
    r"""Join pages with a blank line between them. Decode legacy letters; normalise hyphens and lines; drop empty lines.

    Letters that were encoded twice are restored.

    >>> join_pages(["Số:  12\r\n\n QĐ ", "", "Điều 1"]).text
    'Số: 12\nQĐ\n\nĐiều 1'
    >>> join_pages(["một", "", "hai"]).starts
    (0, 5, 5)
    """
    read: list[str] = []
    size = 0
    is_cut = False
    for page in pages:
        if is_cut := size > MAX_CHARACTERS:
            break
        read.append(page.replace(_FORM_FEED, "\n"))
        size += len(" ".join(page.split()))
    # The pages are judged together: one page may have too few words.
    sent = restore_twice_encoded(_FORM_FEED.join(read))
    shown = decode_legacy(sent)
    decoded = decode_viqr(shown).translate(_SHOWN).split(_FORM_FEED) if read else []
    texts = ["\n".join(line for line in map(normalize_text, page.splitlines()) if line) for page in decoded]
    whole = _PAGE_BREAK.join(text for text in texts if text)
    kept = whole if len(whole) <= MAX_CHARACTERS else whole[:MAX_CHARACTERS].rstrip("\n")
    starts = accumulate((len(text) + len(_PAGE_BREAK) if text else 0 for text in texts[:-1]), initial=0)
    places = tuple(min(start, len(kept)) for start in starts if texts)
    return JoinedText(kept, is_cut or kept != whole, places, doubt_guesses(sent, shown))


def join_runs(pages: Iterable[Iterable[Run]]) -> JoinedText:
    """Join pages of runs as `join_pages`, their legacy letters decoded by font. Give all pages of a file together."""
    runs = list(_bound(_part(pages)))
    shown = restore_runs(runs)
    joined = join_pages(shown.split(_FORM_FEED)[:-1])
    return replace(joined, doubts=joined.doubts or doubt_guesses("".join(run.text for run in runs), shown))


def doubt_guesses(sent: str, shown: str) -> tuple[str, ...]:
    """Return the doubt of a decoded text that has a "ư" for which nothing stood, neither U+00AD nor a hyphen; else ().

    Other words lost theirs too and look like words: "mười" as "mời".
    """
    if shown == sent or SOFT_HYPHEN in sent:
        return ()
    made = shown.count("ư") - sent.count("ư")
    hyphens = sum(sent.count(hyphen) - shown.count(hyphen) for hyphen in _THREE_HYPHENS)
    return (_GUESSED,) if made > max(hyphens, 0) and looks_legacy(sent) == "tcvn3" else ()


def decode_page(runs: Iterable[Run]) -> str:
    """Return the text of a page from its runs, their legacy letters decoded."""
    return decode_runs(_bound(_part([runs]))).partition(_FORM_FEED)[0]


def _part(pages: Iterable[Iterable[Run]]) -> Iterator[Run]:
    for page in pages:
        yield from (Run(run.text.replace(_FORM_FEED, "\n"), run.font) for run in page)
        yield Run(_FORM_FEED)


def _bound(runs: Iterable[Run]) -> Iterator[Run]:
    size = 0
    for run in runs:
        yield run
        size += len(run.text)
        if size > _MOST_LETTERS:
            yield Run(_FORM_FEED)
            return


def count_letters(text: str) -> int:
    """Count the letters and digits of a text.

    >>> count_letters("Số: 12 ...")
    4
    """
    return sum(char.isalnum() for char in text)
