"""Runs: words that a person typed side by side, with everything that a text can have in their place."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, chain, combinations, islice, pairwise, product

from crawler.language.query.abbreviations import find_expansions
from crawler.language.query.forms import Piece, Span, Spelling, cut_document, cut_pieces, join_names
from crawler.language.query.items import Item
from crawler.language.text import contains_marks, fold

MAX_PHRASE_TOKENS, MAX_SPELLINGS, MAX_PHRASES = 24, 12, 24
MAX_EXPANSIONS = 4  # of abbreviations, in a query
_COUNTED = frozenset(("quy", "qui", "khoa", "ky", "ki", "lan"))
_ROMAN = (
    "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x",
    "xi", "xii", "xiii", "xiv", "xv", "xvi", "xvii", "xviii", "xix", "xx",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Run:
    """Pieces side by side, other forms of some of them, and the fields they are searched for in.

    `is_exact` says that they must stand side by side (a quoted phrase). `prefix` is set for a prefix alone. `expanded`
    is the number of spans that are of abbreviations.
    """

    pieces: tuple[Piece, ...]
    spans: tuple[Span, ...]
    fields: tuple[str, ...]
    is_exact: bool
    prefix: str = ""
    expanded: int = 0

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
        return len({contains_marks(token) for token in self.typed if not token.isdigit()}) > 1

    def phrases(self) -> tuple[Spelling, ...]:
        """Return the phrases that a text can have for it, the typed one first."""
        return tuple(dict.fromkeys(tuple(t for part in parts for t in part) for parts in self.divisions()))

    def divisions(self) -> tuple[tuple[Spelling, ...], ...]:
        """Return the same phrases, each divided into its pieces; the typed one first."""
        own = islice(product(*(piece.spellings for piece in self.pieces)), MAX_SPELLINGS)
        return tuple(dict.fromkeys(islice(chain(own, self._replace()), MAX_PHRASES)))

    def _replace(self) -> Iterator[tuple[Spelling, ...]]:
        """Yield the typed pieces with spans in their place: one, then two, and so on."""
        typed = [piece.typed for piece in self.pieces]
        for size in range(1, min(len(self.spans), MAX_EXPANSIONS) + 1):
            for chosen in combinations(self.spans, size):
                if all(a.end <= b.start for a, b in pairwise(chosen)):
                    yield tuple(_put(typed, chosen))


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
    others = (*_find_joins(pieces), *_find_years(pieces), *_find_ordinals(pieces))
    spans = sorted([*expanded, *others], key=lambda span: span.start)
    return Run(pieces, tuple(spans), first.fields, is_exact, expanded=len(expanded))


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
    """Make one piece of several that stand together without a blank."""
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
    """Find years behind other words, before which a text can have "năm"."""
    is_marked = any(contains_marks(token) for piece in pieces for token in piece.typed)
    for place, piece in enumerate(pieces):
        if place and re.fullmatch("(?:19|20)[0-9]{2}", piece.typed[0]) and len(piece.typed) == 1:
            yield Span(place, place + 1, ("năm" if is_marked else "nam", *piece.typed))


def _find_ordinals(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Find what is counted in Roman numbers as well: quý III, khóa 16."""
    for place, (one, other) in enumerate(pairwise(pieces), start=1):
        if fold(one.typed[-1]) in _COUNTED and len(other.typed) == 1 and other.typed[0].isascii():
            number = other.typed[0].lstrip("0").lower()
            yield from (Span(place, place + 1, (form,)) for form in _write_ordinal(number))


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
    yield from islice(chain(spans, numbered, _expand_numbered(pieces)), most)


def _join_number(pieces: Sequence[Piece], span: Span) -> Iterator[Span]:
    """Join an abbreviation with the number behind it: quốc lộ 4D and QL 4D as QL4D."""
    short = span.tokens if len(span.tokens) == 1 else pieces[span.start].typed
    if len(short) == 1 and span.end < len(pieces) and min(span.end - span.start, len(span.tokens)) == 1:
        typed = pieces[span.end].typed
        if len(typed) == 1 and typed[0][0].isdigit():
            yield Span(span.start, span.end + 1, (short[0] + typed[0],))


def _expand_numbered(pieces: Sequence[Piece]) -> Iterator[Span]:
    """Expand an abbreviation that stands together with a number: QL4D as quốc lộ 4D."""
    for place, piece in enumerate(pieces):
        match = re.fullmatch(r"([^\W\d_]{2,})([0-9]\w*)", piece.typed[0])
        if match and len(piece.typed) == 1:
            names = find_expansions((match[1],))
            yield from (Span(place, place + 1, (*name.tokens, match[2])) for name in names)
