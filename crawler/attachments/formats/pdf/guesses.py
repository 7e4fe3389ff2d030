"""Letters that PDFium guesses: the file does not say what they are, so it gives the numbers of their glyphs."""

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.attachments.formats.pdf.lines import read_sign, spell
from crawler.attachments.judgement import is_believable
from crawler.language.legacy.decoding import decode_legacy
from crawler.language.quality.text_quality import count_words

# A font lasts for a word at least.
_SAMPLED_EVERY = 4
_LAST_SPACE = 0x20
# Of the words of a page. Formulas have a few such glyphs.
_MANY = 0.02


def has_wrong_guesses(letters: pypdfium2.PdfTextPage) -> bool:
    """Return whether many letters of a page are guessed, and their words can be no words.

    Most guesses are right: fonts with the usual codes need not say what they are.
    """
    places = range(letters.count_chars())
    if not any(_is_guessed(letters, place) for place in places[::_SAMPLED_EVERY]):
        return False
    words = [word for word in _words(letters) if any(_is_guessed(letters, place) for place in word)]
    text = " ".join(spell(read_sign(letters, place) for place in word) for word in words)
    if len(words) <= _MANY * count_words(letters.get_text_range()):
        return False
    # Small letters become capitals, which are believed as abbreviations.
    return not all(is_believable(decode_legacy(one)) for one in (text, text.lower()))


def _words(letters: pypdfium2.PdfTextPage) -> list[list[int]]:
    words: list[list[int]] = [[]]
    for place in range(letters.count_chars()):
        if pdfium.FPDFText_GetUnicode(letters, place) > _LAST_SPACE:
            words[-1].append(place)
        elif words[-1]:
            words.append([])
    return words


def _is_guessed(letters: pypdfium2.PdfTextPage, place: int) -> bool:
    return bool(pdfium.FPDFText_HasUnicodeMapError(letters, place) == 1)
