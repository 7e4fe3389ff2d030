"""Vietnamese text: normal form, folding, tones, document numbers, slugs, search queries. Pure.

Two forms of a text go into the search index, and both keep its tokens (as SQLite's `unicode61` tokenizer
cuts them) one for one, so that `highlight()` over the text itself marks the right words:
`fold()` (hoà, hóa → hoa) and `mark_tones()` (hoà = hòa → hoa²).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby, islice, product
from typing import Literal

# Raise it whenever fold() or mark_tones() gives another result for any text: an index filled by the old one
# would keep ghosts, so `archive.search` fills it anew.
FOLD_VERSION = 1

# The combining marks that unicode61 lets continue a token (bit mask of sqlite3Fts5UnicodeIsdiacritic, from
# U+0300 on). Any other combining mark parts two tokens, and stays where it is.
_MARKS = "".join(chr(0x300 + bit) for bit in range(50) if 0x361F808029FDF >> bit & 1)
_D_WITH_STROKE = "đĐðÐɖƉ"  # the Icelandic and the African letter are seen in place of Đ
_LATIN = "0-9A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_LATIN_WORD = re.compile(f"[{_LATIN}][{_LATIN}{_MARKS}]*")
_MARKED = re.compile(f"[{_MARKS}{_D_WITH_STROKE}]")
# huyền, hỏi, ngã, sắc, nặng; level tone (1) has no sign. Superscripts, as they are token characters
# that no word is typed with: with "a5" for "á", a search for the paper size A5 would find "châu Á".
_TONES = {"\u0300": "²", "\u0309": "³", "\u0303": "⁴", "\u0301": "⁵", "\u0323": "⁶"}
_Y_OR_I = re.compile("(qu|[hklmst])[iy]")

_NOT_TEXT = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f-\u0084\u0086-\u009f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufeff\ud800-\udfff]"
)


def normalize_text(text: str) -> str:
    r"""Give one paragraph in the archive's normal form; letter for letter otherwise.

    NFC; NBSP, line breaks and other white space as a space, runs of it as one, none at the ends; zero-width
    and control characters, soft hyphens, byte order marks and lone surrogates dropped.

    >>> normalize_text("\u00a0\u00a0Hội\u200b  nghị\n")
    'Hội nghị'

    """
    if text.isprintable() and "  " not in text:  # as most are: every white space but the plain one is unprintable
        return unicodedata.normalize("NFC", text.strip(" "))
    return " ".join(unicodedata.normalize("NFC", _NOT_TEXT.sub("", text)).split())


def _make_fold_table() -> dict[int, str | None]:
    # Only the old alphabets, on whose letters all versions of Unicode, so Python and SQLite, agree.
    table: dict[int, str | None] = {}
    for code in (*range(0x41, 0x5B), *range(0xC0, 0x300), *range(0x370, 0x588), *range(0x1E00, 0x2000)):
        plain = "".join(mark for mark in unicodedata.normalize("NFD", chr(code)) if mark not in _MARKS)
        folded = (plain if len(plain) == 1 else chr(code)).lower()
        if len(folded) == 1 and folded != chr(code):
            table[code] = folded
    return table | {ord(letter): "d" for letter in _D_WITH_STROKE} | {ord(mark): None for mark in _MARKS}


_FOLD_TABLE = _make_fold_table()
# The extractor asks the same short line half a dozen questions; whole texts would only crowd the cache.
_MAX_LINE = 400


@lru_cache(65536)
def _fold_word(word: str) -> str:
    return word.translate(_FOLD_TABLE)


def fold(text: str) -> str:
    """Take the marks off, đ → d, lower case; NFC and NFD alike. Keeps the tokens one for one.

    >>> fold("Lê Đình Lợi"), fold("25-NQ/TW")
    ('le dinh loi', '25-nq/tw')

    """
    if text.isascii():
        return text.lower()
    return _fold_line(text) if len(text) <= _MAX_LINE else _fold_words(text)


def _fold_words(text: str) -> str:
    # A cache by word beats translating the whole (measured on news text: 69 and 110 µs per 2 kB).
    return " ".join([_fold_word(word) for word in text.split(" ")])


@lru_cache(2048)
def _fold_line(line: str) -> str:
    return _fold_words(line)


def _mark_word_tones(match: re.Match[str]) -> str:
    letters, tones = [], []
    for letter in unicodedata.normalize("NFD", match[0]):
        if letter in _TONES:
            tones.append(_TONES[letter])
        else:
            letters.append("đ" if letter in _D_WITH_STROKE else letter)
    word = unicodedata.normalize("NFC", "".join(letters)).lower()
    if _Y_OR_I.fullmatch(word):
        word = word[:-1] + "i"
    return word + "".join(tones)


@lru_cache(65536)
def _mark_piece_tones(piece: str) -> str:
    return _LATIN_WORD.sub(_mark_word_tones, piece)


def mark_tones(text: str) -> str:
    """Move every word's tone to its end, as a superscript number; lower case. Keeps the tokens one for one.

    Letters keep their quality (ă â ê ô ơ ư đ). Old and new places of the tone mark become equal, and so do
    i and y at the end of a syllable after qu h k l m s t (lý, lí).

    >>> mark_tones("Hoà hòa bão dân dan Lý lí")
    'hoa² hoa² bao⁴ dân dan li⁵ li⁵'

    """
    return " ".join([_mark_piece_tones(piece) for piece in text.split(" ")])


def contains_marks(word: str) -> bool:
    """Tell if a word is written with any mark, or with đ.

    >>> contains_marks("hoà"), contains_marks("Đ"), contains_marks("hoa")
    (True, True, False)

    """
    return not word.isascii() and _MARKED.search(unicodedata.normalize("NFD", word)) is not None


# A space is tolerated on one side of a separator ("25- NQ/TW"); on both sides it is a dash of prose.
_SIGN_JOIN = r"(?:\s?[-–/]|[-–/]\s)"
_SIGN = r"(?:[A-ZĐÐĂÂÊÔƠƯ][a-zđ]{0,2}){1,12}[0-9]{0,2}"
_DOCUMENT = (
    r"(?<![\w/.,–-])[0-9]{1,6}[a-z]?"
    rf"(?:/[0-9]{{4}}(?:{_SIGN_JOIN}{_SIGN})+|(?:{_SIGN_JOIN}{_SIGN}){{2,}})(?!\w)"
)
# `number` as in "1234/QĐ-UBND", "12/2023/TT-BTC"; with a single sign ("số 105/BC") only after "số".
DOCUMENT_NUMBER = re.compile(
    rf"(?P<number>{_DOCUMENT})|\b[Ss]ố:?\s?(?P<short>[0-9]{{1,6}}{_SIGN_JOIN}{_SIGN})(?!\w|{_SIGN_JOIN}{_SIGN})"
)
_SIGNS_ONLY = re.compile(rf"{_SIGN}(?:[-–/]{_SIGN})+")


def find_document_numbers(text: str) -> tuple[str, ...]:
    """Find the numbers of official documents, each once, in order, without stray spaces.

    >>> find_document_numbers("Nghị quyết số 25- NQ/TW và Quyết định 1234/QĐ-UBND ngày 3/6/2013")
    ('25-NQ/TW', '1234/QĐ-UBND')

    """
    found = (match["number"] or match["short"] for match in DOCUMENT_NUMBER.finditer(normalize_text(text)))
    return tuple(dict.fromkeys(number.translate({32: None, 0x2013: "-", 0xD0: "Đ"}) for number in found))


SLUG_LENGTH = 96  # measured on 9 of 9 cut addresses
_NOT_SLUG = re.compile("[^a-z0-9]+")


def slugify(title: str) -> str:
    """Make an address slug of a title as the CMS does: cut at exactly 96 characters, mid-word.

    For comparing with addresses, never for making them. The CMS leaves a double hyphen for some runs of
    punctuation; for which is unknown, here every run is one hyphen. `matches_slug` allows for that.

    >>> slugify("Sa Pa: 10 năm “Dân vận khéo”")
    'sa-pa-10-nam-dan-van-kheo'

    """
    return _NOT_SLUG.sub("-", fold(title)).strip("-")[:SLUG_LENGTH]


def matches_slug(title: str, slug: str) -> bool:
    """Tell if an address slug can be that of a title, whatever its hyphen runs; a cut one is a beginning.

    >>> matches_slug("Luật, pháp lệnh", "luat--phap-lenh"), matches_slug("Luật", "luat--phap-lenh")
    (True, False)

    """
    whole, beginning = (_NOT_SLUG.sub("-", fold(part)).strip("-") for part in (title, slug))
    return whole.startswith(beginning) if len(slug) >= SLUG_LENGTH else whole == beginning


# --- the query builder ---

SEARCH_FIELDS = ("title", "summary", "body", "captions", "byline")
TONED_SUFFIX = "_toned"  # of the column that holds mark_tones() of the field
MATCH_NOTHING = '""'
MAX_QUERY_CHARACTERS, MAX_QUERY_ITEMS, MAX_PHRASE_TOKENS, MAX_SPELLINGS = 2000, 48, 24, 12
MIN_PREFIX_LETTERS = 3  # two cost three seconds at a million articles (measured)

_QUOTES = '"“”„«»'
_QUERY_ITEM = re.compile(
    rf"(?P<minus>(?<!\S)-(?=[^\s-]))?[(^+*]*(?:(?P<field>(?i:{'|'.join(SEARCH_FIELDS)})):(?=\S))?"
    rf"(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]|(?P<document>{_DOCUMENT})|(?P<chunk>[^\s{_QUOTES}]+))"
)
_TOKEN = rf"[^\W_](?:[^\W_]|[{_MARKS}])*"
_DAY, _YEAR = "[0-9]{1,2}", "[0-9]{4}"
_UNIT = re.compile(
    rf"(?<![\w/.,-])(?P<date>{_DAY}(?P<join>[/.-]){_DAY}(?P=join){_YEAR}|{_DAY}/{_YEAR}|{_DAY}/{_DAY})(?![\w/])"
    r"|(?<![\w.,])(?P<grouped>[0-9]{1,3}(?:[.,][0-9]{3})+(?![0-9])[^\W\d_]*)"
    rf"|(?P<token>{_TOKEN})"
)
_LONG_NUMBER = re.compile(r"([1-9][0-9]{3,11})([^\W\d_]*)")
_LETTERS_DIGITS = re.compile(r"([^\W\d_]{2,})([0-9]\w*)")
# Vietnamese syllables without their marks, and those in -k of highland names (Đắk Lắk).
_SYLLABLE = re.compile(
    "(?:b|ch?|d|gh?|gi|h|kh?|l|m|n|ngh?|nh|p|ph|qu|r|s|th?|tr|v|x)?"
    "(?:a(?:ch?|i|k|m|ng?|nh|o|p|t|u|y)?|e(?:ch?|k|m|ng?|nh|o|p|t|u)?|"
    "i(?:a|ch?|k|m|nh?|p|t|u|e(?:c|m|ng?|p|t|u))?|oo(?:c|ng)|y(?:n|nh|t|e(?:m|ng?|t|u))?|"
    "o(?:a(?:ch?|i|m|ng?|nh|o|p|t|y)?|c|e(?:n|o|t)?|i|k|m|ng?|p|t)?|"
    "u(?:a(?:ng?|t|y)?|c|e(?:ch|nh)?|i|k|m|ng?|o(?:c|i|m|ng?|p|t|u)?|p|t|u|y(?:a|ch|nh?|p|t|u|en|et)?)?)"
)

_Spelling = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Item:
    kind: Literal["word", "prefix", "phrase", "document"]
    text: str
    fields: tuple[str, ...]
    is_excluded: bool


def build_fts_query(text: str) -> str:
    """Make an FTS5 query of what a person typed; valid for every string, in the worst case matching nothing.

    All words must be found. A word typed with marks is found as typed (wherever the tone mark is put), one
    without in every spelling. Understood: "phrases"; `-word` (a query of nothing else matches nothing);
    `title:word`; `word*` from three letters on, in every spelling; upper-case OR; document numbers, dates,
    digit groups, joined names (Sapa, Sa Pa). What is beyond 2,000 characters or 48 words is ignored.

    >>> build_fts_query("title:bão"), build_fts_query("*")
    ('{title_toned} : "bao⁴"', '""')

    """
    items = list(islice(_read_items(normalize_text(text[:MAX_QUERY_CHARACTERS])), MAX_QUERY_ITEMS))
    groups: list[list[str]] = []
    excluded: list[str] = []
    operator = ""
    for place, item in enumerate(items):
        if len(items) > 1 and item.kind == "word" and item.text in ("AND", "OR"):
            operator = item.text
            continue
        spellings = [*_spell(item), *_join_neighbours(items, place)]
        expression = _any_of(_render(spelling, item) for spelling in spellings)
        if item.is_excluded:
            excluded.append(expression)
        elif operator == "OR" and groups:
            groups[-1].append(expression)
        else:
            groups.append([expression])
        operator = ""
    wanted = " AND ".join(_any_of(group) for group in groups)
    if excluded and wanted:
        return f"({wanted}) NOT {_any_of(excluded)}"
    return wanted or MATCH_NOTHING


def _any_of(expressions: Iterable[str]) -> str:
    found = list(dict.fromkeys(expressions))
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _read_items(text: str) -> Iterator[_Item]:
    """Cut a query into its words, phrases and document numbers; what holds no token is left out."""
    for match in _QUERY_ITEM.finditer(text):
        content = (match["phrase"] or match["document"] or match["chunk"] or "").strip(" .,;:!?()[]")
        tokens = re.findall(_TOKEN, content)
        fields = (match["field"].lower(),) if match["field"] else SEARCH_FIELDS
        is_excluded = match["minus"] is not None
        if match["document"] or _SIGNS_ONLY.fullmatch(content):
            yield _Item("document", content, fields, is_excluded)
        elif match["phrase"] is None and len(tokens) == 1:
            is_prefix = content.endswith("*") and len(fold(tokens[0])) >= MIN_PREFIX_LETTERS
            yield _Item("prefix" if is_prefix else "word", tokens[0], fields, is_excluded)
        elif tokens:
            yield _Item("phrase", content, fields, is_excluded)


def _spell(item: _Item) -> list[_Spelling]:
    """Give the spellings under which an item may stand in a text, each as tokens; the typed one first."""
    if item.kind == "prefix":
        return [(fold(item.text),)]
    if item.kind == "document":  # QĐ and QD, 05 and 5
        number, *signs = re.findall(_TOKEN, fold(item.text))
        return [(form, *signs) for form in _spell_day(number)]
    units = [_spell_unit(unit) for unit in islice(_UNIT.finditer(item.text), MAX_PHRASE_TOKENS)]
    choices = islice(product(*units), MAX_SPELLINGS)
    spellings = [tuple(token for unit in choice for token in unit) for choice in choices]
    typed = spellings[0]
    places = range(len(typed) - 1) if len(typed) <= 4 else range(0)
    joins = [(place, _join(typed[place], typed[place + 1])) for place in places]  # "Sa Pa" = Sapa
    return spellings + [(*typed[:place], name, *typed[place + 2 :]) for place, name in joins if name]


def _spell_unit(unit: re.Match[str]) -> list[_Spelling]:
    if token := unit["token"]:
        return _spell_token(token)
    if grouped := unit["grouped"]:
        groups = re.split("[.,]", grouped)
        return [tuple(groups), ("".join(groups),)]
    return _spell_date(tuple(re.split("[/.-]", unit["date"])))


def _spell_date(numbers: _Spelling) -> list[_Spelling]:
    """Spell day/month/year, day/month or month/year with and without zeros, and in words (ngày 3 tháng 6)."""
    has_year = len(numbers[-1]) == 4
    words = ("", "thang", "nam")[-len(numbers) :] if has_year else ("", "thang")
    by_word = dict(zip(words, numbers, strict=True))
    try:
        date(int(by_word.get("nam", 2000)), int(by_word["thang"]), int(by_word.get("", 1)))
    except ValueError:
        return [numbers]
    forms = list(product(*map(_spell_day, numbers)))
    return forms + [tuple(t for pair in zip(words, form, strict=True) for t in pair if t) for form in forms]


def _spell_day(number: str) -> list[str]:
    if re.fullmatch("0[0-9]", number):
        return [number, number[1]]
    return [number, f"0{number}"] if re.fullmatch("[0-9]", number) else [number]


def _spell_token(token: str) -> list[_Spelling]:
    plain = fold(token)
    if match := _LONG_NUMBER.fullmatch(token):
        return [(token,), tuple(f"{int(match[1]):,}{match[2]}".split(","))]
    if match := _LETTERS_DIGITS.fullmatch(token):
        return [(token,), (match[1], match[2])]
    if _Y_OR_I.fullmatch(plain):
        swapped = unicodedata.normalize("NFD", token.lower()).translate({ord("i"): "y", ord("y"): "i"})
        return [(token,), (unicodedata.normalize("NFC", swapped),)]
    return [(token,), *_split_name(token)]


def _split_name(word: str) -> list[_Spelling]:
    """Split what is no Vietnamese syllable into two, or else three, that are: Sapa, Daklak, Dienbienphu."""
    if not 4 <= len(word) <= 20 or _is_syllable(word):
        return []
    cuts = [(word[:cut], word[cut:]) for cut in range(1, len(word)) if _is_syllable(word[:cut])]
    pairs: list[_Spelling] = [cut for cut in cuts if _is_syllable(cut[1])]
    triples: list[_Spelling] = [(first, *pair) for first, rest in cuts for pair in _split_name(rest) if len(pair) == 2]
    return pairs or triples[:4]


def _is_syllable(word: str) -> bool:
    return _SYLLABLE.fullmatch(fold(word)) is not None


def _join(first: str, second: str) -> str:
    """Give two tokens as one, where that can only be the same name written together; else nothing."""
    joined = fold(first + second)
    if second.isdigit():
        return joined if len(first) > 1 and first.isalpha() else ""
    return joined if _is_syllable(first) and _is_syllable(second) and not _is_syllable(joined) else ""


def _join_neighbours(items: list[_Item], place: int) -> list[_Spelling]:
    """Join a plain word with the one before and the one after it."""
    pairs = [items[left : left + 2] for left in (place - 1, place) if 0 <= left < len(items) - 1]
    plain = [(a, b) for a, b in pairs if a.kind == b.kind == "word" and a.fields == b.fields]
    names = [_join(a.text, b.text) for a, b in plain if not (a.is_excluded or b.is_excluded)]
    return [(name,) for name in names if name]


def _render(tokens: _Spelling, item: _Item) -> str:
    """Write tokens as an FTS5 phrase: in the toned columns where they have marks, else in the folded ones."""
    columns = f"{{{' '.join(item.fields)}}}"
    toned_columns = f"{{{' '.join(field + TONED_SUFFIX for field in item.fields)}}}"
    if item.kind == "prefix":
        return f'{columns} : "{tokens[0]}" *'
    runs = [list(run) for _, run in groupby(tokens, lambda token: contains_marks(token) or token.isdigit())]
    marked = [" ".join(run) for run in runs if any(map(contains_marks, run))]
    exact = [f'{toned_columns} : "{mark_tones(run)}"' for run in marked]
    if exact and len(runs) == 1:
        return exact[0]
    folded = f'{columns} : "{fold(" ".join(tokens))}"'
    return f"({' AND '.join([folded, *exact])})" if exact else folded
