"""Vietnamese text: normal form, folding, tones, document numbers, slugs; sizes for people. Pure.

Two forms of a text go into the search index, and both keep its tokens (as SQLite's `unicode61` tokenizer
cuts them) one for one, so that `highlight()` over the text itself marks the right words:
`fold()` (hoà, hóa → hoa) and `mark_tones()` (hoà = hòa → hoa²).
"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache

from crawler.language.normal_form import compose, decompose

# Raise it when fold() or mark_tones() gives another result for any text. An index filled by the old function would keep
# entries that nobody can delete, so `archive.articles.search_index` refills it.
FOLD_VERSION = 1

# The combining marks that continue a token in unicode61 (bit mask of sqlite3Fts5UnicodeIsdiacritic, from U+0300 on).
# Any other combining mark separates two tokens, and is kept.
MARKS = "".join(chr(0x300 + bit) for bit in range(50) if 0x361F808029FDF >> bit & 1)
_D_WITH_STROKE = "đĐðÐɖƉ"  # pages use the Icelandic and the African letter in place of Đ
_LATIN = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_LATIN_WORD = re.compile(f"[{_LATIN}][{_LATIN}{MARKS}]*")
_MARKED = re.compile(f"[{MARKS}{_D_WITH_STROKE}]")
# huyền, hỏi, ngã, sắc, nặng; the level tone (1) has no sign. Superscripts are token characters that nobody types:
# with "a5" for "á", a search for the paper size A5 would find "châu Á".
_TONES = {"\u0300": "²", "\u0309": "³", "\u0303": "⁴", "\u0301": "⁵", "\u0323": "⁶"}
Y_OR_I = re.compile("(qu|[hklmst])[iy]")

_NOT_TEXT = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ud800-\udfff]"
)


def normalize_text(text: str) -> str:
    r"""Return one paragraph in the archive's normal form. All other letters stay.

    NFC; NBSP, line breaks and other white space as a space, runs of it as one, none at the ends; zero-width
    and control characters, soft hyphens, byte order marks and lone surrogates dropped.

    >>> normalize_text("\u00a0\u00a0Hội\u200b  nghị\n")
    'Hội nghị'
    """
    if text.isprintable() and "  " not in text:  # most texts; all white space but U+0020 is unprintable
        return compose(text.strip(" "))
    flat = text.replace("\n", " ")
    if flat.isprintable():  # paragraphs in normal form: half of the time of cutting them into words
        while "  " in flat:
            flat = flat.replace("  ", " ")
        return compose(flat.strip(" "))
    return " ".join(compose(_NOT_TEXT.sub("", text)).split())


def join_surrogates(text: str) -> str:
    r"""Return a text whose letters beyond U+FFFF are written as two halves, as escapes in scripts and JSON do.

    A half without the other becomes U+FFFD: no file and no database stores it.

    >>> join_surrogates("\ud83d\ude00 \ud83d")
    '😀 \ufffd'
    """
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _make_fold_table() -> dict[int, str | None]:
    # Only the old alphabets: their letters are equal in all versions of Unicode, so in Python and SQLite.
    table: dict[int, str | None] = {}
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x300), *range(0x370, 0x588), *range(0x1E00, 0x2000)):
        plain = "".join(mark for mark in decompose(chr(code)) if mark not in MARKS)
        folded = (plain if len(plain) == 1 else chr(code)).lower()
        if len(folded) == 1 and folded != chr(code):
            table[code] = folded
    return table | {ord(letter): "d" for letter in _D_WITH_STROKE} | {ord(mark): None for mark in MARKS}


_FOLD_TABLE = _make_fold_table()
# The extractor folds the same short line about six times; whole texts would only fill the cache.
_MAX_LINE = 400
_MOST_PIECES = 65_536


class _Pieces(dict[str, str]):
    """What a function makes of the pieces of texts, each made once. It is emptied when it is full.

    Looking a word up in a dictionary takes a third of the time of a cached function (measured on news).
    """

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, piece: str) -> str:
        if len(self) >= _MOST_PIECES:
            self.clear()
        made = self[piece] = self._make(piece)
        return made

    def make_all(self, lines: list[list[str]]) -> str:
        """Apply the function to the pieces of a text (`_cut`)."""
        made = self.__getitem__
        return "\n".join([" ".join(map(made, pieces)) for pieces in lines])


def fold(text: str) -> str:
    """Remove the marks, đ → d, lower case; equal for NFC and NFD. Keeps the tokens one for one.

    >>> fold("Lê Đình Lợi"), fold("25-NQ/TW")
    ('le dinh loi', '25-nq/tw')
    """
    if text.isascii():
        return text.lower()
    return _fold_line(text) if len(text) <= _MAX_LINE else _FOLDED.make_all(_cut(text))


def _cut(text: str) -> list[list[str]]:
    """Cut a text into lines, and these at their spaces."""
    return [line.split(" ") for line in text.split("\n")]


# A word is looked up faster than it is translated (measured on news: 35 and 110 µs per 2 kB).
_FOLDED = _Pieces(lambda word: word.translate(_FOLD_TABLE))


@lru_cache(2048)
def _fold_line(line: str) -> str:
    return _FOLDED.make_all(_cut(line))


def _mark_word_tones(match: re.Match[str]) -> str:
    letters, tones = [], []
    for letter in decompose(match[0]):
        if letter in _TONES:
            tones.append(_TONES[letter])
        else:
            letters.append("đ" if letter in _D_WITH_STROKE else letter)
    word = compose("".join(letters)).lower()
    if Y_OR_I.fullmatch(word):
        word = word[:-1] + "i"
    return word + "".join(tones)


_TONED = _Pieces(lambda piece: _LATIN_WORD.sub(_mark_word_tones, piece))


def mark_tones(text: str) -> str:
    """Move the tone of every word to its end, as a superscript number; lower case. Keeps the tokens one for one.

    Letters keep their quality (ă â ê ô ơ ư đ). The old and the new place of a tone mark give the same result, and so
    do i and y at the end of a syllable after qu h k l m s t (lý, lí).

    >>> mark_tones("Hoà hòa bão dân dan Lý lí")
    'hoa² hoa² bao⁴ dân dan li⁵ li⁵'
    """
    return _TONED.make_all(_cut(text))


FORMS = ("folded", "toned")


def fold_and_mark(text: str, forms: Collection[str] = FORMS) -> tuple[str, str]:
    """Return `fold` and `mark_tones` of a text, "" for another form. Cutting it into words is half of the work of each.

    >>> fold_and_mark("Hoà bình"), fold_and_mark("Hoà bình", ["toned"])
    (('hoa binh', 'hoa² binh²'), ('', 'hoa² binh²'))
    """
    lines = _cut(text)
    return _FOLDED.make_all(lines) if "folded" in forms else "", _TONED.make_all(lines) if "toned" in forms else ""


def contains_marks(word: str) -> bool:
    """Return whether a word has any mark, or đ.

    >>> contains_marks("hoà"), contains_marks("Đ"), contains_marks("hoa")
    (True, True, False)
    """
    return not word.isascii() and _MARKED.search(decompose(word)) is not None


# What parts the signs of a number: every dash that stands for a hyphen (also one that does not break, or a minus sign),
# and every slash.
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_SLASHES = "/\u2044\u2215\uff0f"
SEPARATORS = _DASHES + _SLASHES
# A space is allowed on one side of a separator ("25- NQ/TW"; a line may end there). With spaces on both sides it is a
# dash between words.
_SIGN_JOIN = rf"(?:\s?[{SEPARATORS}]|[{SEPARATORS}]\s)"
_SIGN = r"(?:[A-ZĐÐĂÂÊÔƠƯ][a-zđ]{0,2}){1,12}[0-9]{0,2}"
DOCUMENT_PATTERN = (
    rf"(?<![{SEPARATORS}\w.,])[0-9]{{1,6}}[a-z]?"
    rf"(?:[{_SLASHES}][0-9]{{4}}(?:{_SIGN_JOIN}{_SIGN})+|(?:{_SIGN_JOIN}{_SIGN}){{2,}})(?!\w)"
)
# Forms leave room for the number, and typists part its signs: "Số: 12 /QĐ - UBND". Behind a slash with a sign, one dash
# with spaces on both sides is part of the number; so it is between a number and a sign of the Party ("25 - NQ/TW").
_LONG_SIGN = rf"(?=[A-ZĐÐ]{{2}}){_SIGN}"
_SLASH, _DASH = rf"\s?[{_SLASHES}]\s?", rf"\s?[{_DASHES}]\s?"
_SPACED_DOCUMENT = (
    rf"(?<![{SEPARATORS}\w.,])(?:[0-9]{{1,6}}[a-z]?(?:{_SLASH}[0-9]{{4}})?{_SLASH}{_LONG_SIGN}{_DASH}{_LONG_SIGN}"
    rf"|[0-9]{{1,3}}{_DASH}(?:NQ|CT|KL|QĐ|QC|HD|TB|BC|KH|CV|TTr|CTr|ĐA){_SLASH}{_SIGN})(?:{_SIGN_JOIN}{_SIGN})*(?!\w)"
)
# `number` as in "1234/QĐ-UBND", "12/2023/TT-BTC"; with a single sign ("số 105/BC") only after "số".
DOCUMENT_NUMBER = re.compile(
    rf"(?P<number>{_SPACED_DOCUMENT}|{DOCUMENT_PATTERN})"
    rf"|\b[Ss]ố:?\s?(?!{_SPACED_DOCUMENT})(?P<short>[0-9]{{1,6}}(?:{_SIGN_JOIN}|{_SLASH}){_SIGN})(?!\w|{_SIGN_JOIN}{_SIGN})"
)
# What each of them has: a digit, and after it a separator with a sign. Most texts have dates alone ("30/11", "3-6").
_SEPARATOR = re.compile(f"[{SEPARATORS}]")
_MAY_BE_DOCUMENT = re.compile(rf"[0-9][a-z]?(?:{_SLASH}[0-9]{{4}})?\s?[{SEPARATORS}]\s?[A-ZĐÐĂÂÊÔƠƯ]")
# A number begins with a digit, or with "số", at most this many letters before that digit.
_DOCUMENT_START = re.compile("[0-9Ss]")
_DOCUMENT_LEAD = len("Số: 123456")
# "QĐ-UBND" alone.
SIGNS_ONLY = re.compile(rf"{_SIGN}(?:[{SEPARATORS}]{_SIGN})+")
# For `str.translate`: every dash as a hyphen, every slash as one, place by place.
HYPHENS = dict.fromkeys(map(ord, _DASHES), "-")
SLASHES = dict.fromkeys(map(ord, _SLASHES), "/")
_IN_ONE_SPELLING = HYPHENS | SLASHES | {9: "", 32: "", 0xD0: "Đ"}


def find_document_numbers(text: str) -> tuple[str, ...]:
    """Find the numbers of official documents, each once, in order, without inner spaces.

    >>> find_document_numbers("Nghị quyết số 25- NQ/TW và Quyết định 1234/QĐ-UBND ngày 3/6/2013")
    ('25-NQ/TW', '1234/QĐ-UBND')
    """
    if _SEPARATOR.search(text) is None:
        return ()
    return tuple(dict.fromkeys(number for number, _, _ in locate_document_numbers(normalize_text(text))))


def locate_document_numbers(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield each document number in a text of normal form (`normalize_text`), with its start and end there.

    Tabs may be in place of spaces.
    """
    end = 0
    for near in _MAY_BE_DOCUMENT.finditer(text):
        for start in _DOCUMENT_START.finditer(text, max(end, near.start() - _DOCUMENT_LEAD), near.end()):
            match = DOCUMENT_NUMBER.match(text, start.start())
            if match is not None:
                group, end = "number" if match["number"] else "short", match.end()
                yield match[group].translate(_IN_ONE_SPELLING), match.start(group), match.end(group)
                break


SLUG_LENGTH = 96  # in 9 of 9 cut addresses that were measured
_NOT_SLUG = re.compile("[^a-z0-9]+")


def slugify(title: str) -> str:
    """Make the slug of a title as the CMS does: cut at exactly 96 characters, mid-word.

    Use it to compare with addresses, never to make them. The CMS writes a double hyphen for some runs of punctuation,
    nobody knows for which; here every run is one hyphen. `matches_slug` allows both.

    >>> slugify("Sa Pa: 10 năm “Dân vận khéo”")
    'sa-pa-10-nam-dan-van-kheo'
    """
    return _NOT_SLUG.sub("-", fold(title)).strip("-")[:SLUG_LENGTH]


def matches_slug(title: str, slug: str) -> bool:
    """Return whether a slug can be that of a title. The length of hyphen runs does not count; a cut slug is a prefix.

    >>> matches_slug("Luật, pháp lệnh", "luat--phap-lenh"), matches_slug("Luật", "luat--phap-lenh")
    (True, False)
    """
    whole, beginning = (_NOT_SLUG.sub("-", fold(part)).strip("-") for part in (title, slug))
    return whole.startswith(beginning) if len(slug) >= SLUG_LENGTH else whole == beginning


def show_bytes(count: float) -> str:
    """Format a size for people.

    >>> show_bytes(512), show_bytes(3_400_000), show_bytes(2.5e12)
    ('512 bytes', '3.4 MB', '2.5 TB')
    """
    for unit, size in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count:.0f} bytes"


def show_count(number: int, noun: str) -> str:
    """Show a number of things in English, with a plural in -s.

    >>> show_count(1, "row"), show_count(0, "row")
    ('1 row', '0 rows')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"
