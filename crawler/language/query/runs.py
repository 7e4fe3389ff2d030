"""Runs: words that a person typed side by side, with everything that a text can have in their place."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate, chain, combinations, islice, pairwise, product

from crawler.language.query.abbreviations import find_expansions
from crawler.language.query.amounts import Spelling
from crawler.language.query.forms import DOCUMENT_SIGNS, Piece, Span, cut_document, cut_pieces, join_names
from crawler.language.query.items import Item
from crawler.language.text import contains_marks, fold

MAX_PHRASE_TOKENS, MAX_SPELLINGS, MAX_PHRASES = 24, 12, 24
MAX_EXPANSIONS = 4  # of abbreviations, in a query
_COUNTED = frozenset(("quy", "qui", "khoa", "ky", "ki", "lan", "thu"))
# Before the number of a document "số" may be. Without marks, the first word of two for each kind.
_DOCUMENTS = {
    "dinh": ("quyet", "nghi", "quy"), "quyet": ("nghi",), "tu": ("thong",), "bao": ("thong",), "van": ("cong",),
    "hoach": ("ke",), "thi": ("chi",), "cao": ("bao",), "trinh": ("to",), "dan": ("huong",), "luan": ("ket",),
}  # fmt: skip
_SHORT_DOCUMENTS = {
    "qd": "quyết định", "nq": "nghị quyết", "nd": "nghị định", "tb": "thông báo", "kh": "kế hoạch", "cv": "công văn",
}  # fmt: skip
_YEAR = "(?:19|20)[0-9]{2}"
_ROMAN = (
    "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x",
    "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx",
)  # fmt: skip


@dataclass(frozen=True)
class Run:
    """Pieces side by side, other forms of some of them, and the fields they are searched for in.

    `is_exact` says that they must be side by side (a quoted phrase). `prefix` is set for a prefix alone.
    `expansions` are the spans for abbreviations, and for names that have one; `joins` those for neighbours written as
    one word, of which a phrase has one at most.
    """

    pieces: tuple[Piece, ...]
    spans: tuple[Span, ...]
    fields: tuple[str, ...]
    is_exact: bool
    prefix: str = ""
    expansions: tuple[Span, ...] = ()
    joins: tuple[Span, ...] = ()

    @property
    def expanded(self) -> int:
        """The number of abbreviations among its words, or of names that have one."""
        return len({span.start for span in self.expansions})

    @property
    def typed(self) -> Spelling:
        """The tokens as typed."""
        return tuple(token for piece in self.pieces for token in piece.typed)

    @property
    def size(self) -> int:
        """The number of words, 1 if they are one piece, which nothing can part."""
        return len(self.typed) if len(self.pieces) > 1 else 1

    @property
    def is_mixed(self) -> bool:
        """Whether some of its words are typed with marks, and others without."""
        return _are_mixed(self.typed)

    @cached_property
    def phrases(self) -> tuple[Spelling, ...]:
        """The phrases that a text can have for it, the typed one first."""
        return tuple(dict.fromkeys(tuple(t for part in parts for t in part) for parts in self.divisions))

    @cached_property
    def divisions(self) -> tuple[tuple[Spelling, ...], ...]:
        """The same phrases, each divided into its pieces; the typed one first."""
        own = islice(product(*(piece.spellings for piece in self.pieces)), MAX_SPELLINGS)
        found = dict[tuple[Spelling, ...], None]()
        for parts in chain(own, self._replace()):
            found[parts] = None
            if len(found) == MAX_PHRASES:
                break
        return tuple(found)

    @cached_property
    def loose_divisions(self) -> tuple[tuple[Spelling, ...], ...]:
        """The divisions, those with and without marks without any: the index then looks up half as many words."""
        return tuple(
            tuple(tuple(map(fold, part)) for part in parts) if _are_mixed(chain.from_iterable(parts)) else parts
            for parts in self.divisions
        )

    def _replace(self) -> Iterator[tuple[Spelling, ...]]:
        """Yield the typed pieces with spans in their place: several abbreviations, then one span, two, and so on."""
        typed = [piece.typed for piece in self.pieces]
        for chosen in self._choose_spans():
            spans = sorted(chosen, key=lambda span: span.start)
            if all(a.end <= b.start for a, b in pairwise(spans)):
                yield tuple(_put(typed, spans))

    def _choose_spans(self) -> Iterator[tuple[Span, ...]]:
        first = {span.start: span for span in reversed(self.expansions)}
        for size in range(2, len(first) + 1):
            yield from combinations(first.values(), size)
        joins = set(self.joins)
        others = [span for span in self.spans if span not in joins]
        for size in range(1, MAX_EXPANSIONS + 1):
            yield from combinations(others, size)
            # Each two neighbours could be one word: several of these in one phrase would be most of the forms.
            for chosen in combinations(others, size - 1):
                yield from ((*chosen, join) for join in self.joins)


def _are_mixed(tokens: Iterable[str]) -> bool:
    return len({contains_marks(token) for token in tokens if not token.isdigit()}) > 1


def _put(typed: Sequence[Spelling], spans: Sequence[Span]) -> Iterator[Spelling]:
    place = 0
    for span in spans:
        yield from typed[place : span.start]
        yield span.tokens
        place = span.end
    yield from typed[place:]


def make_run(items: Sequence[Item], *, expansions: int = 0) -> Run:
    """Make the run of some items side by side, or the exact one of a single item.

    Args:
        items: plain ones, or one of any kind.
        expansions: the most abbreviations to expand, or names to abbreviate.
    """
    first = items[0]
    if first.kind == "prefix":
        return Run((Piece(((fold(first.text),),)),), (), first.fields, is_exact=True, prefix=fold(first.text))
    is_exact = first.is_quoted
    pieces = tuple(_cut_items(items, is_exact=is_exact))
    pieces = pieces[:MAX_PHRASE_TOKENS] if is_exact else pieces
    expanded = list(_find_expansions(pieces, expansions))
    numbers, joins = () if is_exact else _find_numbers(pieces), tuple(_find_joins(pieces))
    others = (*joins, *_find_years(pieces), *_find_ordinals(pieces), *numbers)
    spans = [*expanded, *sorted(others, key=lambda span: span.start)]
    return Run(pieces, tuple(spans), first.fields, is_exact, expansions=tuple(expanded), joins=joins)


def _cut_items(items: Sequence[Item], *, is_exact: bool) -> Iterator[Piece]:
    """Cut items into pieces; those of one item without blanks stay together, and so do those of a sum or measure."""
    side_by_side: list[Item] = []
    for item in items:
        if item.kind == "document":
            yield from _cut_plain(side_by_side, is_exact=is_exact)
            side_by_side = []
            yield cut_document(item.text)
        else:
            side_by_side.append(item)
    yield from _cut_plain(side_by_side, is_exact=is_exact)


def _cut_plain(items: Sequence[Item], *, is_exact: bool) -> Iterator[Piece]:
    text = " ".join(item.text for item in items)
    end, together = 0, list[Piece]()
    for piece, start, stop in cut_pieces(text):
        if together and (is_exact or " " in text[end:start]):
            yield _unite(together)
            together = []
        if len(together) < MAX_PHRASE_TOKENS:
            together.append(piece)
        end = stop
    if together:
        yield _unite(together)


def _unite(pieces: Sequence[Piece]) -> Piece:
    """Make one piece of several that are written together without a blank."""
    if len(pieces) == 1:
        return pieces[0]
    choices = islice(product(*(piece.spellings for piece in pieces)), MAX_SPELLINGS)
    spelled = [tuple(token for part in parts for token in part) for parts in choices]
    typed = [piece.typed for piece in pieces]
    joined = [tuple(t for part in _put(typed, [span]) for t in part) for span in _find_joins(pieces)]
    return Piece(tuple(dict.fromkeys([*spelled, *joined])))


def _find_joins(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Find neighbours that a text can have as one name (Sa Pa, H Mông), or as one word with a number (Covid 19)."""
    for place, (one, other) in enumerate(pairwise(pieces)):
        if name := join_names(one.typed[-1], other.typed[0]):
            yield Span(place, place + 2, (*one.typed[:-1], name, *other.typed[1:]))


def _find_years(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Find years after other words, before which a text can have "năm"."""
    is_marked = any(contains_marks(token) for piece in pieces for token in piece.typed)
    for place, piece in enumerate(pieces):
        if place and re.fullmatch(_YEAR, piece.typed[0]) and len(piece.typed) == 1:
            yield Span(place, place + 1, ("năm" if is_marked else "nam", *piece.typed))


def _find_ordinals(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Find what is counted in Roman numbers as well: quý III, khóa 16, Đại hội XIII; also with a year: quý III/2018."""
    tokens = [fold(piece.typed[-1]) for piece in pieces]
    for place, piece in enumerate(pieces[1:], start=1):
        number, *year = piece.typed
        is_counted = tokens[place - 1] in _COUNTED or tokens[max(place - 2, 0) : place] == ["dai", "hoi"]
        if not (is_counted and number.isascii() and len(year) < 2 and all(re.fullmatch(_YEAR, one) for one in year)):
            continue
        forms = _write_ordinal(number.lstrip("0").lower())
        yield from (Span(place, place + 1, (form, *year)) for form in forms)
        if year:
            word = "năm" if any(contains_marks(token) for piece in pieces for token in piece.typed) else "nam"
            yield from (Span(place, place + 1, (form, word, *year)) for form in (number, *forms))
        elif tokens[place + 1 : place + 2] == ["nam"] and re.fullmatch(_YEAR, "".join(tokens[place + 2 : place + 3])):
            yield from (Span(place, place + 3, (form, tokens[place + 2])) for form in (number, *forms))


def _is_document(spelling: Spelling) -> bool:
    return spelling[0].isdigit() and not set(spelling[1:3]).isdisjoint(DOCUMENT_SIGNS)


def _find_numbers(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Find numbers of documents, before which a text can have "số": nghị quyết (số) 05, NQ (số) 05, (số) 5/NQ-TW."""
    tokens = [fold(piece.typed[-1]) for piece in pieces]
    for place, piece in enumerate(pieces[1:], start=1):
        is_said = tokens[place - 1] == "so"
        kind = place - 1 - is_said
        if kind >= 0 and (kind_in_full := _SHORT_DOCUMENTS.get(tokens[kind])) and piece.typed[0].isdigit():
            is_marked = contains_marks(pieces[kind].typed[-1])
            name = (kind_in_full if is_marked else fold(kind_in_full)).split()
            yield Span(kind, place + 1, (*name, "số" if is_marked else "so", *piece.typed))
            yield Span(kind, place + 1, (*name, *piece.typed))
        elif is_said and (number := next(filter(_is_document, piece.spellings), None)):
            yield Span(place - 1, place + 1, number)
    for place, piece in enumerate(pieces[2:], start=2):
        is_said = place > 2 and tokens[place - 1] == "so"
        kind = place - 1 - is_said
        if piece.typed[0][0].isdigit() and tokens[kind - 1] in _DOCUMENTS.get(tokens[kind], ()):
            if is_said:
                yield Span(place - 1, place + 1, piece.typed)
            else:
                is_marked = any(contains_marks(one) for other in pieces[kind - 1 : place] for one in other.typed)
                yield Span(place, place + 1, ("số" if is_marked else "so", *piece.typed))


def _write_ordinal(number: str) -> list[str]:
    if number in _ROMAN:
        value = _ROMAN.index(number) + 1
        return [str(value), *([f"0{value}"] if value < 10 else [])]
    return [_ROMAN[int(number) - 1]] if re.fullmatch("[1-9]|1[0-9]|20", number) else []


def _find_expansions(pieces: Sequence[Piece], most: int) -> Iterator[Span]:
    ends = list(accumulate(len(piece.typed) for piece in pieces))
    starts = [0, *ends]
    tokens = [token for piece in pieces for token in piece.typed]
    fitting = [one for one in find_expansions(tokens) if one.start in starts and one.end in ends]
    spans = [Span(starts.index(one.start), ends.index(one.end) + 1, one.tokens) for one in fitting]
    numbered = (form for one in spans for form in _join_number(pieces, one))
    found = [*spans, *numbered, *_expand_numbered(pieces)]
    first = list(dict.fromkeys(span.start for span in found))[:most]
    yield from (span for span in found if span.start in first)


def _join_number(pieces: Sequence[Piece], span: Span) -> Iterator[Span]:
    """Join an abbreviation with the number after it: quốc lộ 4D and QL 4D as QL4D."""
    short = span.tokens if len(span.tokens) == 1 else pieces[span.start].typed
    if len(short) == 1 and span.end < len(pieces) and min(span.end - span.start, len(span.tokens)) == 1:
        typed = pieces[span.end].typed
        if len(typed) == 1 and typed[0][0].isdigit():
            yield Span(span.start, span.end + 1, (short[0] + typed[0],))


def _expand_numbered(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Expand an abbreviation that is together with a number: QL4D as quốc lộ 4D."""
    for place, piece in enumerate(pieces):
        match = re.fullmatch(r"([^\W\d_]{2,})([0-9]\w*)", piece.typed[0])
        if match and len(piece.typed) == 1:
            names = find_expansions((match[1],))
            yield from (Span(place, place + 1, (*name.tokens, match[2])) for name in names)
