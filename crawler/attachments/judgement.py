"""Judge what was read of a file: `quality` and `doubts` of a reading. Pure.

A reader adds the doubts that only it can have, such as a table that gave too few cells. `judge` adds those that the
text itself shows.
"""

from collections.abc import Mapping
from dataclasses import replace

from crawler.archive.attachment_texts import DOUBTS, TextReading
from crawler.language.quality.text_quality import SAMPLE_CHARACTERS, TextMeasures, agreement, coverage, measure_text

# The shares of wrong words and of lost marks from which a text is doubtful. News in Vietnamese and manuals in English,
# French and German had under a tenth; undecoded letters and pictures read in a wrong language over half (measured).
_MOST_ODD, _MOST_LOST = 0.2, 0.25
# With fewer different wrong words a small text has a strange name or two, or an abbreviation in each row.
_FEWEST_ODD = 3
# A page with at least this many words is judged by itself.
_WORDS_OF_A_PAGE = 30
_MOST_ODD_OF_A_PAGE = 0.4
# A page of text has 2000 letters; a page with a heading and a signature alone has 40. Slides whose pictures gave
# nothing may have a heading alone, since all that they hold is read by its structure: of 45 short presentations of
# public collections only those with less than this, on an average slide, lacked words. Sheets, and the files of an
# archive, may be as small as their authors like; the reader of PDF files knows which of their pages show pictures.
_FEWEST_LETTERS = {"ocr": 20, "pptx": 2, "ppt": 2}
# A cell of a workbook may be one letter, and its reader splits no words.
_OF_CELLS = frozenset(("xls", "xlsx", "sheetml"))
# Two readers that differ in more of their words than this read something different. They may differ in headers, notes
# and numbers of lists.
_LEAST_AGREEMENT = 0.8
# The codes of fields and links may be a tenth of the words that a reader gives (measured).
_NEARLY_BEST = 0.15
# A reader may pass over merged and empty cells, never over most of what the file's structure promises.
_LEAST_KEPT = 0.9
# A new reader leaves out codes of fields, and joins some words; a text that lost a table or a page lost more.
_LEAST_WORTH = 0.9
# Numbers are not words that can be right or wrong: a table that lost its numbers is found by its digits.
_LEAST_DIGITS = 0.8
_FEWEST_DIGITS = 40


def judge(reading: TextReading) -> TextReading:
    """Return a reading with the quality of its text and all its doubts, in the order of `DOUBTS`.

    >>> judge(TextReading("Céng hoµ x· héi chñ nghÜa ViÖt Nam, §éc lËp", "doc")).doubts
    ('garbled',)
    """
    if reading.text is None:
        return replace(reading, quality=None, doubts=())
    whole = measure_text(reading.text)
    found = {*reading.doubts, *_doubts_of_text(whole), *_doubts_of_pages(reading)}
    found -= {"garbled-pages"} if "garbled" in found else set()
    found -= {"letters-apart"} if reading.method in _OF_CELLS else set()
    return replace(reading, quality=whole.quality, doubts=tuple(code for code in DOUBTS if code in found))


def doubt_structure(*, promised: int, found: int) -> tuple[str, ...]:
    """Return the doubt of a text that has less than the file's structure promises: cells, paragraphs, files within.

    >>> doubt_structure(promised=200, found=12), doubt_structure(promised=200, found=198)
    (('structure',), ())
    """
    return ("structure",) if found < _LEAST_KEPT * promised else ()


def choose_reading(texts: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the reader whose text of a file is the best, and the doubt if no other reader confirms it.

    Args:
        texts: the text of each reader, at least one, the most exact reader first: it is taken unless another text is
            plainly better. A less exact one may have more words: the codes of fields.
    """
    worth = {reader: measure_text(text).worth for reader, text in texts.items()}
    most = max(worth.values())
    best = next(reader for reader in texts if worth[reader] >= most - _NEARLY_BEST * abs(most))
    others = [text for reader, text in texts.items() if reader != best]
    is_confirmed = not others or any(
        agreement(texts[best], text) >= _LEAST_AGREEMENT or coverage(text, texts[best]) >= _LEAST_KEPT
        for text in others
    )
    return best, () if is_confirmed else ("readers-differ",)


def is_worse(text: str | None, held: str) -> bool:
    """Return whether a new text of a file is worse than the held one: fewer right words less wrong ones, or numbers.

    No text is worse than one that has as many right words as wrong ones.

    >>> is_worse(None, "Kế hoạch"), is_worse("Kế hoạch năm 2024", "Kế hoạch"), is_worse("Kế hoạch", "Kế hoạch")
    (True, False, False)
    """
    if text == held:
        return False
    old = _worth_of(held)
    if text is None:
        return old >= 0
    new = _worth_of(text)
    if new > max(old, 0) / _LEAST_WORTH:
        return False
    if new < (_LEAST_WORTH if old > 0 else 1) * old:
        return True
    digits, held_digits = (sum(map(str.isdigit, one)) for one in (text, held))
    if held_digits >= _FEWEST_DIGITS and digits < _LEAST_DIGITS * held_digits:
        return True
    # Without right words in both, a longer text is better.
    return old <= 0 and new == old and sum(map(str.isalnum, text)) < sum(map(str.isalnum, held))


def _worth_of(text: str) -> float:
    """Return how good a text is. Of a long one only the beginning is measured, and counts for all of it."""
    return measure_text(text).worth * max(len(text) / SAMPLE_CHARACTERS, 1)


def is_believable(text: str) -> bool:
    """Return whether the words of a text show no sign of wrong letters. A text of a few words is believed."""
    return not _doubts_of_text(measure_text(text))


def _doubts_of_text(measures: TextMeasures) -> set[str]:
    odd = min(round(measures.odd_share * measures.words), measures.wrong_forms)
    if measures.quality is None:
        return {"garbled"} if measures.has_unknown or measures.words == odd >= _FEWEST_ODD else set()
    is_garbled = measures.has_unknown or (measures.odd_share > _MOST_ODD and odd >= _FEWEST_ODD)
    found = {"garbled"} if is_garbled else set()
    found |= {"marks-lost"} if measures.lost_share > _MOST_LOST else set()
    return found | ({"letters-apart"} if measures.is_apart or measures.is_columned else set())


def _doubts_of_pages(reading: TextReading) -> set[str]:
    """Return the doubts of single pages, and of pages that are not there."""
    assert reading.text is not None
    found: set[str] = set()
    pages = [measure_text(page) for page in _cut_pages(reading.text, reading.page_starts)]
    if any(
        page.words >= _WORDS_OF_A_PAGE and page.odd_share > _MOST_ODD_OF_A_PAGE and page.wrong_forms >= _FEWEST_ODD
        for page in pages
    ):
        found.add("garbled-pages")
    letters = sum(page.letters for page in pages)
    if reading.pages_read and letters < _FEWEST_LETTERS.get(reading.method or "", 0) * reading.pages_read:
        found.add("few-letters")
    if reading.pages and (reading.pages_read or 0) < reading.pages:
        found.add("pages-unread")
    return found


def _cut_pages(text: str, starts: tuple[int, ...]) -> list[str]:
    """Cut a text into its pages; without known pages, at its blank lines."""
    if not starts:
        return text.split("\n\n")
    return [text[start:end] for start, end in zip(starts, (*starts[1:], len(text)), strict=True)]
