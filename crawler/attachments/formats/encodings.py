"""Decode text files whose encoding nobody states: by their marks, by their pattern of zeros, by valid UTF-8. Pure."""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.language.legacy.windows import count_syllables, decode_vietnamese_windows, find_code_page

# The marks of UTF-32 begin with those of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
_BAD = "\ufffd"
_MARK = "\ufeff"
# Vietnamese Windows, with combining tone marks; it reads legacy letters so that they can be recognised later.
_WINDOWS = "cp1258"
# Code pages of the character sets of fonts, as Windows numbers them; those of Western letters are left out.
FONT_CODECS = {
    77: "mac-roman", 128: "cp932", 129: "cp949", 134: "gbk", 136: "cp950", 161: "cp1253", 162: "cp1254", 163: "cp1258",
    177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_SAMPLE_BYTES = 64 * 1024
# Of the characters of a Vietnamese text in UTF-16, three quarters have a zero byte; a text in 8 bits has no zeros.
_LEAST_ZEROS = 0.3
_MOST_OTHER_ZEROS = 0.02
# A text with more valid letters than bad bytes is UTF-8 that was damaged. An 8-bit text has next to none.
_VALID_FOR_EACH_BAD = 1
# A line with more bad bytes than this, and fewer valid letters, is 8-bit text.
_BAD_OF_A_LINE = 2
# Control characters, except white space, the end-of-file sign and escapes.
_CONTROLS = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f\x7f]")
_MOST_CONTROLS = 0.1
_NAMES = re.compile(r"^[\w.:-]{1,40}$", re.ASCII)
_WESTERN = frozenset(("iso-8859-1", "latin-1", "latin1", "us-ascii", "ascii", "windows-1252", "cp1252"))


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A text; how it was decoded; how many bytes or letters of it were bad, each shown as U+FFFD or as a guess."""

    text: str
    encoding: str
    bad: int = 0


def decode_text(data: bytes, declared: str | None = None) -> DecodedText:
    r"""Decode a text. Its bytes decide before `declared`, which pages and servers often state wrong.

    Args:
        data: the file; a text without a mark may be UTF-8, UTF-16, UTF-32 or 8-bit.
        declared: the name of an encoding; it counts for bytes that are not UTF-8. An unknown one is passed over.

    >>> decode_text("Số".encode()).text, decode_text("Số 12".encode("utf-16-be")).encoding
    ('Số', 'utf-16-be')
    >>> decode_text("Tiếp dân".encode() + b"\xe1\xbb")
    DecodedText(text='Tiếp dân�', encoding='utf-8', bad=1)
    """
    # Programs write it before other encodings too.
    data = data.removeprefix(codecs.BOM_UTF8)
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_loosely(data[len(mark) :], encoding)
    wide = _find_wide(data)
    if wide is not None:
        return _decode_loosely(data, wide)
    try:
        return DecodedText(_clean(data.decode("utf-8")), "utf-8")
    except UnicodeDecodeError:
        return _decode_damaged(data, _known(declared))


def is_text(text: str) -> bool:
    """Return whether a decoded file can be a text: few control characters."""
    sample = text[:_SAMPLE_BYTES]
    return len(_CONTROLS.findall(sample)) <= _MOST_CONTROLS * len(sample)


def _known(declared: str | None) -> str | None:
    """Return the codec of a declared 8-bit encoding; None for UTF-8, Western letters and names of none."""
    if not declared or not _NAMES.match(declared) or declared.lower() in _WESTERN:
        return None
    try:
        info = codecs.lookup(declared)
        "".encode(info.name)
    except (LookupError, TypeError, ValueError):
        return None
    return None if info.name.startswith(("utf-", "idna", "punycode")) else info.name


def _find_wide(data: bytes) -> str | None:
    """Return the encoding of a text in 2 or 4 bytes a letter without its mark, by where its zeros are."""
    sample = data[: _SAMPLE_BYTES - _SAMPLE_BYTES % 4]
    if len(sample) < 4 or 0 not in sample:
        return None
    zeros = [sample[place::4].count(0) / max(1, len(sample[place::4])) for place in range(4)]
    if min(zeros[2], zeros[3]) > 1 - _MOST_OTHER_ZEROS and zeros[0] < _LEAST_ZEROS:
        return "utf-32-le"
    if min(zeros[0], zeros[1]) > 1 - _MOST_OTHER_ZEROS and zeros[3] < _LEAST_ZEROS:
        return "utf-32-be"
    even, odd = (zeros[0] + zeros[2]) / 2, (zeros[1] + zeros[3]) / 2
    if odd > _LEAST_ZEROS and even < _MOST_OTHER_ZEROS:
        return "utf-16-le" if _is_valid(sample, "utf-16-le") else None
    if even > _LEAST_ZEROS and odd < _MOST_OTHER_ZEROS:
        return "utf-16-be" if _is_valid(sample, "utf-16-be") else None
    return None


def _is_valid(sample: bytes, encoding: str) -> bool:
    text = sample.decode(encoding, "replace")
    odd = sum(unicodedata.category(letter) in ("Cn", "Co", "Cs") or letter == _BAD for letter in text)
    return odd <= _MOST_OTHER_ZEROS * len(text) + 1 and is_text(text)


def _decode_loosely(data: bytes, encoding: str) -> DecodedText:
    text = data.decode(encoding, "replace")
    return DecodedText(_clean(text), encoding, text.count(_BAD))


def _decode_damaged(data: bytes, declared: str | None) -> DecodedText:
    """Decode bytes that are not all UTF-8: a damaged text, an 8-bit text, or lines of both."""
    whole = data.decode("utf-8", "replace")
    valid, bad = _count(whole)
    if not valid:
        return DecodedText(_clean(_decode_narrow(data, declared)), declared or _WINDOWS)
    is_damaged = valid >= _VALID_FOR_EACH_BAD * bad
    lines = list(_decode_lines(data, declared, is_damaged=is_damaged))
    if not is_damaged and not any(is_utf_8 for _, is_utf_8 in lines):
        return DecodedText(_clean(_decode_narrow(data, declared)), declared or _WINDOWS)
    return DecodedText(_clean("".join(text for text, _ in lines)), "utf-8", bad)


def _decode_lines(data: bytes, declared: str | None, *, is_damaged: bool) -> Iterator[tuple[str, bool]]:
    """Decode line by line: a file can be joined of parts in several encodings. Say of each line if it is UTF-8."""
    for line in data.splitlines(keepends=True):
        text = line.decode("utf-8", "replace")
        valid, bad = _count(text)
        # In a damaged text, a line of few letters may be all bad.
        most = max(_VALID_FOR_EACH_BAD * bad, 1) if not is_damaged or bad > _BAD_OF_A_LINE else 0
        narrow = _decode_narrow(line, declared) if bad and valid < most else None
        # One bad byte within a letter makes three, as many as a name has letters.
        if narrow is not None and count_syllables(text) <= count_syllables(narrow):
            yield narrow, False
        else:
            yield text, valid > bad or narrow is not None


def _count(text: str) -> tuple[int, int]:
    """Count the letters beyond ASCII, and the bad ones."""
    bad = text.count(_BAD)
    return sum(letter > "\x7f" for letter in text) - bad, bad


def _decode_narrow(data: bytes, declared: str | None) -> str:
    codec = declared or find_code_page(data)
    # Not composed: legacy letters that were read as Windows-1258 are recognised by its loose tones.
    return decode_vietnamese_windows(data) if codec == _WINDOWS else data.decode(codec, "replace")


def _clean(text: str) -> str:
    """Return a text without marks within it (of joined files), zeros, and the end-of-file sign of DOS."""
    return text.replace(_MARK, "").replace("\x00", "").replace("\x1a", "")
