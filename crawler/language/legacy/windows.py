"""Decode Vietnamese Windows (code page 1258), and return what was read by it to its bytes. Pure.

Python's codec gives one sign for all bytes without a letter. Here they are control characters, as in browsers, so that
one such byte does not hide the legacy letters of its line.
"""

import re

from crawler.language.normal_form import compose
from crawler.language.syllables import is_syllable

VIETNAMESE, WESTERN = "cp1258", "cp1252"
# The beginning of a text is enough to find its code page.
_SAMPLE_BYTES = 64 * 1024
# Letters that Vietnamese Windows has, as numbers of HTML: Ă Đ Ơ Ư. Who writes them so has none for them.
_NUMBERED = re.compile(rb"&#(?:25[89]|27[23]|41[67]|43[12]|x0*(?:10[23]|11[01]|1a[01]|1af|1b0));", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def _letter(byte: int, codec: str) -> str:
    return bytes([byte]).decode(codec, "ignore") or chr(byte)


_LETTERS = {byte: _letter(byte, VIETNAMESE) for byte in range(0x80, 0x100)}
# Dashes, quotes and other signs are at the same bytes in all code pages of Windows; the letters of legacy texts are
# those of Latin-1.
_LETTERS_OF_BYTES = {
    _letter(byte, VIETNAMESE): _letter(byte, WESTERN if byte < 0xA0 else "latin-1") for byte in range(0x100)
}
# What a text has in place of the signs of Windows, if a program took its bytes for Latin-1.
SIGNS = {byte: bytes([byte]).decode(WESTERN, "replace") for byte in range(0x80, 0xA0) if byte != 0x85}


def find_code_page(data: bytes) -> str:
    r"""Return the code page of Windows in which a text is: of the two, the one that gives more syllables.

    Word saves a page in the Western code page, and writes as numbers what it lacks.

    >>> find_code_page(b"x\xe3 S\xe9o M\xfd T&#7927;"), find_code_page(b"K\xea\xec hoa\xf2ch")
    ('cp1252', 'cp1258')
    """
    sample = data[:_SAMPLE_BYTES]
    if _NUMBERED.search(sample):
        return WESTERN
    western = count_syllables(sample.decode(WESTERN, "replace"))
    return WESTERN if western > count_syllables(decode_vietnamese_windows(sample)) else VIETNAMESE


def decode_vietnamese_windows(data: bytes) -> str:
    r"""Decode bytes. The tones stay apart from their vowels.

    >>> ascii(decode_vietnamese_windows(b"hoa\xf2ch \x9e"))
    "'hoa\\u0323ch \\x9e'"
    """
    return data.decode("latin-1").translate(_LETTERS)


def as_letters_of_bytes(text: str) -> str | None:
    """Return a text that was read as Vietnamese Windows with the Western letters of its bytes; None if it was not.

    >>> as_letters_of_bytes("được"), as_letters_of_bytes("ngày")
    (None, 'ngày')
    """
    try:
        return "".join([_LETTERS_OF_BYTES[letter] for letter in text])
    except KeyError:
        return None


def count_syllables(text: str) -> int:
    """Count the words with marks that are syllables of Vietnamese.

    >>> count_syllables("Kế hoạch năm 2024, café")
    3
    """
    return sum(not word.isascii() and _is_written(word) for word in _WORD.findall(compose(text)))


def _is_written(word: str) -> bool:
    # A capital in the middle is a byte of something else.
    return is_syllable(word) and (word[1:].islower() or word.isupper() or len(word) == 1)
