"""Parse what a person types into the search box: its parts, its faults, and its FTS5 query. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby, islice, product
from typing import Literal

from crawler.language.normal_form import compose, decompose
from crawler.language.text import (
    DOCUMENT_PATTERN,
    MARKS,
    SIGNS_ONLY,
    Y_OR_I,
    contains_marks,
    fold,
    mark_tones,
    normalize_text,
)

SEARCH_FIELDS = ("title", "summary", "body", "captions", "byline", "files")
TONED_SUFFIX = "_toned"  # of the column with mark_tones() of the field
MATCH_NOTHING = '""'
MAX_QUERY_CHARACTERS, MAX_QUERY_ITEMS, MAX_PHRASE_TOKENS, MAX_SPELLINGS = 2000, 48, 24, 12
MIN_PREFIX_LETTERS = 3  # two letters took three seconds with a million articles (measured)

# Field names before a colon: also in the singular, and in Vietnamese without marks.
_FIELD_NAMES = {
    **{field: field for field in SEARCH_FIELDS},
    "caption": "captions", "file": "files", "tieude": "title", "tomtat": "summary", "noidung": "body",
    "chuthich": "captions", "tacgia": "byline", "tep": "files",
}  # fmt: skip
_QUOTES = '"“”„«»'
_OPERATORS = ("AND", "OR")
_QUERY_ITEM = re.compile(
    rf"(?P<minus>(?<!\S)-(?=[^\s-]))?[(^+*]*(?:(?P<field>(?i:{'|'.join(_FIELD_NAMES)})):\s?(?=\S))?"
    rf"(?:[{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]|(?P<document>{DOCUMENT_PATTERN})|(?P<chunk>[^\s{_QUOTES}]+))"
)
_TOKEN = rf"[^\W_](?:[^\W_]|[{MARKS}])*"
_DAY, _YEAR = "[0-9]{1,2}", "[0-9]{4}"
_UNIT = re.compile(
    rf"(?<![\w/.,-])(?P<date>{_DAY}(?P<join>[/.-]){_DAY}(?P=join){_YEAR}|{_DAY}/{_YEAR}|{_DAY}/{_DAY})(?![\w/])"
    r"|(?<![\w.,])(?P<grouped>[0-9]{1,3}(?:[.,][0-9]{3})+(?![0-9])[^\W\d_]*)"
    rf"|(?P<token>{_TOKEN})"
)
_LONG_NUMBER = re.compile(r"([1-9][0-9]{3,11})([^\W\d_]*)")
_LETTERS_DIGITS = re.compile(r"([^\W\d_]{2,})([0-9]\w*)")
# Vietnamese syllables without marks, and syllables of highland names that end in k (Đắk Lắk).
_SYLLABLE = re.compile(
    "(?:b|ch?|d|gh?|gi|h|kh?|l|m|n|ngh?|nh|p|ph|qu|r|s|th?|tr|v|x)?"
    "(?:a(?:ch?|i|k|m|ng?|nh|o|p|t|u|y)?|e(?:ch?|k|m|ng?|nh|o|p|t|u)?|"
    "i(?:a|ch?|k|m|nh?|p|t|u|e(?:c|m|ng?|p|t|u))?|oo(?:c|ng)|y(?:n|nh|t|e(?:m|ng?|t|u))?|"
    "o(?:a(?:ch?|i|m|ng?|nh|o|p|t|y)?|c|e(?:n|o|t)?|i|k|m|ng?|p|t)?|"
    "u(?:a(?:ng?|t|y)?|c|e(?:ch|nh)?|i|k|m|ng?|o(?:c|i|m|ng?|p|t|u)?|p|t|u|y(?:a|ch|nh?|p|t|u|en|et)?)?)"
)

_Spelling = tuple[str, ...]

FaultKind = Literal[
    "unclosed-quote", "empty-phrase", "short-prefix", "stray-star", "only-excluded", "empty-field", "unknown-field",
    "loose-or", "not-operator", "cut",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A word, phrase, prefix or document number of a query: as typed, and as an FTS5 query."""

    typed: str
    fts: str
    is_excluded: bool
    is_word: bool


@dataclass(frozen=True, slots=True)
class QueryFault:
    """A fault of a query, and the piece with the fault. The rest of the query is searched all the same."""

    kind: FaultKind
    piece: str


@dataclass(frozen=True, slots=True)
class _Item:
    kind: Literal["word", "prefix", "phrase", "document"]
    text: str
    fields: tuple[str, ...]
    is_excluded: bool
    typed: str


# A page searches the index a dozen times for the same words, once for each year.
@lru_cache(256)
def build_fts_query(text: str) -> str:
    """Make an FTS5 query of what a person typed. Valid for every string; at worst it matches nothing.

    All words must be found. A word with marks matches that word (with either place of the tone mark), a word without
    marks every spelling. Syntax: "phrases"; `-word` (alone it matches nothing); `title:word`, also caption, byline,
    file, summary, body; `word*` with at least three letters, in every spelling; upper-case OR; document numbers,
    dates, digit groups, joined names (Sapa, Sa Pa). Text beyond 2,000 characters or 48 words is ignored.

    >>> build_fts_query("title:bão"), build_fts_query("*")
    ('{title_toned} : "bao⁴"', '""')
    """
    items = _read_some(text)
    groups: list[list[str]] = []
    excluded: list[str] = []
    operator = ""
    for place, item in enumerate(items):
        if len(items) > 1 and _is_operator(item):
            operator = item.text
            continue
        expression = _express(items, place)
        if item.is_excluded:
            excluded.append(expression)
        elif operator == "OR" and groups:
            groups[-1].append(expression)
        else:
            groups.append([expression])
        operator = ""
    wanted = " AND ".join(_any_of(group) for group in groups)
    return f"({wanted}) NOT {_any_of(excluded)}" if excluded and wanted else wanted or MATCH_NOTHING


def split_query(text: str) -> tuple[QueryPart, ...]:
    """Return the parts that `build_fts_query` finds in a query, without the operators.

    >>> [(part.typed, part.is_excluded) for part in split_query('bão -"mưa to" title:sapa')]
    [('bão', False), ('-"mưa to"', True), ('title:sapa', False)]
    """
    items = _read_some(text)
    return tuple(
        QueryPart(item.typed, _express([item], 0), item.is_excluded, item.kind == "word")
        for item in items
        if len(items) == 1 or not _is_operator(item)
    )


def contains_prefix(text: str) -> bool:
    """Return whether a query has a prefix. A prefix costs more than a word: the index must collect all matching words.

    >>> contains_prefix("bão truy*"), contains_prefix("bão tr*")
    (True, False)
    """
    return any(item.kind == "prefix" for item in _read_some(text))


def find_faults(text: str) -> tuple[QueryFault, ...]:
    """Find what a person probably did not mean in a query, in no order of importance. Empty for a query without fault.

    >>> [fault.kind for fault in find_faults('"sạt lở tr*')], find_faults("sạt lở")
    (['unclosed-quote', 'short-prefix'], ())
    """
    shown = normalize_text(text[:MAX_QUERY_CHARACTERS])
    faults: list[QueryFault] = []
    if sum(shown.count(quote) for quote in _QUOTES) % 2:
        last = max(shown.rfind(quote) for quote in _QUOTES)
        faults.append(QueryFault("unclosed-quote", shown[last:][:40]))
    faults += [QueryFault("empty-phrase", match[0]) for match in _EMPTY_PHRASE.finditer(shown)][:1]
    faults += [QueryFault("short-prefix", match[0]) for match in _STARRED.finditer(shown) if _is_short(match[1])][:3]
    faults += [QueryFault("stray-star", match[0]) for match in _LOOSE_STAR.finditer(shown)][:1]
    faults += [QueryFault("empty-field", match[0]) for match in _EMPTY_FIELD.finditer(shown)][:1]
    faults += [QueryFault("unknown-field", match[0]) for match in _FIELD.finditer(shown) if _is_unknown(match[1])][:3]
    faults += [QueryFault("not-operator", match[0]) for match in _NOT.finditer(shown)][:1]
    items = list(islice(_read_items(shown), MAX_QUERY_ITEMS + 1))
    if _has_loose_operator(items[:MAX_QUERY_ITEMS]):
        faults.append(QueryFault("loose-or", "OR"))
    if items and all(item.is_excluded for item in items):
        faults.append(QueryFault("only-excluded", items[0].typed))
    if len(text) > MAX_QUERY_CHARACTERS or len(items) > MAX_QUERY_ITEMS:
        faults.append(QueryFault("cut", ""))
    return tuple(faults)


_EMPTY_PHRASE = re.compile(rf"(?<![^\s:-])[{_QUOTES}]\s*[{_QUOTES}](?!\S)")
_STARRED = re.compile(rf"({_TOKEN})\*")
_LOOSE_STAR = re.compile(r"(?<!\S)\*+\S{0,20}")
_EMPTY_FIELD = re.compile(rf"(?<!\S)-?(?i:{'|'.join(_FIELD_NAMES)}):(?!\s?\S)")
_FIELD = re.compile(r"(?<!\S)-?([A-Za-z]{3,12}):(?=[^\s/])")
_NOT = re.compile(r"(?<=\S )NOT(?= \S)|(?<!\S)NEAR\s?\(")


def _is_short(word: str) -> bool:
    return len(fold(word)) < MIN_PREFIX_LETTERS


def _is_unknown(field: str) -> bool:
    return field.lower() not in _FIELD_NAMES


def _is_operator(item: _Item) -> bool:
    return item.kind == "word" and item.text in _OPERATORS and not item.is_excluded


def _has_loose_operator(items: Sequence[_Item]) -> bool:
    """Return whether an OR has no word on one of its sides."""
    last = len(items) - 1
    places = [place for place, item in enumerate(items) if last and _is_operator(item) and item.text == "OR"]
    return any(
        place in (0, last)
        or any(_is_operator(items[beside]) or items[beside].is_excluded for beside in (place - 1, place + 1))
        for place in places
    )


def _read_some(text: str) -> list[_Item]:
    return list(islice(_read_items(normalize_text(text[:MAX_QUERY_CHARACTERS])), MAX_QUERY_ITEMS))


def _express(items: list[_Item], place: int) -> str:
    item = items[place]
    return _any_of(_render(spelling, item) for spelling in [*_spell(item), *_join_neighbours(items, place)])


def _any_of(expressions: Iterable[str]) -> str:
    found = list(dict.fromkeys(expressions))
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"


def _read_items(text: str) -> Iterator[_Item]:
    """Split a query into its words, phrases and document numbers. Pieces without a token are left out."""
    for match in _QUERY_ITEM.finditer(text):
        content = (match["phrase"] or match["document"] or match["chunk"] or "").strip(" .,;:!?()[]")
        tokens = re.findall(_TOKEN, content)
        fields = (_FIELD_NAMES[match["field"].lower()],) if match["field"] else SEARCH_FIELDS
        is_excluded, typed = match["minus"] is not None, match[0]
        if match["document"] or SIGNS_ONLY.fullmatch(content):
            yield _Item("document", content, fields, is_excluded, typed)
        elif match["phrase"] is None and len(tokens) == 1:
            is_prefix = content.endswith("*") and len(fold(tokens[0])) >= MIN_PREFIX_LETTERS
            yield _Item("prefix" if is_prefix else "word", tokens[0], fields, is_excluded, typed)
        elif tokens:
            yield _Item("phrase", content, fields, is_excluded, typed)


def _spell(item: _Item) -> list[_Spelling]:
    """Return the spellings that a text can have for an item, each as tokens; the typed one first."""
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
    if Y_OR_I.fullmatch(plain):
        swapped = decompose(token.lower()).translate({ord("i"): "y", ord("y"): "i"})
        return [(token,), (compose(swapped),)]
    return [(token,), *_split_name(token)]


def _split_name(word: str) -> list[_Spelling]:
    """Split a word that is not a Vietnamese syllable into two syllables, else three: Sapa, Daklak, Dienbienphu."""
    if not 4 <= len(word) <= 20 or _is_syllable(word):
        return []
    cuts = [(word[:cut], word[cut:]) for cut in range(1, len(word)) if _is_syllable(word[:cut])]
    pairs: list[_Spelling] = [cut for cut in cuts if _is_syllable(cut[1])]
    triples: list[_Spelling] = [(first, *pair) for first, rest in cuts for pair in _split_name(rest) if len(pair) == 2]
    return pairs or triples[:4]


def _is_syllable(word: str) -> bool:
    return _SYLLABLE.fullmatch(fold(word)) is not None


def _join(first: str, second: str) -> str:
    """Join two tokens if the result can only be the same name written together; else return ""."""
    joined = fold(first + second)
    if second.isdigit():
        return joined if len(first) > 1 and first.isalpha() else ""
    return joined if _is_syllable(first) and _is_syllable(second) and not _is_syllable(joined) else ""


def _join_neighbours(items: Sequence[_Item], place: int) -> list[_Spelling]:
    """Join a plain word with the one before and the one after it."""
    pairs = [items[left : left + 2] for left in (place - 1, place) if 0 <= left < len(items) - 1]
    plain = [(a, b) for a, b in pairs if a.kind == b.kind == "word" and a.fields == b.fields]
    names = [_join(a.text, b.text) for a, b in plain if not (a.is_excluded or b.is_excluded)]
    return [(name,) for name in names if name]


def _render(tokens: _Spelling, item: _Item) -> str:
    """Write tokens as an FTS5 phrase: for the toned columns if they have marks, else for the folded ones."""
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
