"""FTS5 queries of what a person typed: for all hits, and for each tier of them. Valid for every string."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache, partial
from itertools import groupby
from typing import Literal

from crawler.language.query.amounts import Spelling
from crawler.language.query.items import SEARCH_FIELDS, Clause, Item, is_operator, read_clauses, read_items
from crawler.language.query.pairs import IN_NO_TEXT
from crawler.language.query.runs import MAX_EXPANSIONS, Run, make_run
from crawler.language.text import contains_marks, fold, mark_tones

TONED_SUFFIX = "_toned"  # of the column with mark_tones() of the field
MATCH_NOTHING = '""'
_IN_NO_TEXT = f'"{IN_NO_TEXT}"'
# The tiers: phrase in the title, in the article, in its files; two phrases near each other; all words near each other;
# all words anywhere in the article, and in its files.
IN_TITLE, IN_ARTICLE, IN_FILES, NEAR_PHRASES, NEAR_WORDS, SCATTERED, SCATTERED_IN_FILES = range(1, 8)
_TITLE, _ARTICLE = ("title",), tuple(field for field in SEARCH_FIELDS if field != "files")
_MOST_SPLIT_TOKENS, _SPLIT_DISTANCE, _MOST_NEAR = 8, 12, 24
_MOST_NEAR_TOKENS = 24

# Letters that no folded column has, and the i that `mark_tones` writes for a final y.
_QUALITY, _FINAL_I = re.compile("[ăâđêôơư]"), re.compile(r"[uhklmst]i(?!\w)")

_Form = Literal["toned", "phrase", "split", "halves", "near", "span", "words"]


@dataclass(frozen=True, slots=True)
class QueryPart:
    """A word, phrase, prefix or document number of a query: as typed, and as an FTS5 query."""

    typed: str
    fts: str
    is_excluded: bool
    is_word: bool


@dataclass(frozen=True)
class Step:
    """A step of an ordered search, of a tier. Its FTS5 queries are written when first asked for: few pages need all.

    If marks are typed for some words only, the tiers of phrases come twice: first with each word as typed.
    """

    tier: int
    write_fts: Callable[[], str] = field(repr=False, compare=False)
    write_own: Callable[[], str] = field(repr=False, compare=False)
    write_apart: Callable[[], str] = field(default=str, repr=False, compare=False)
    write_wider: Callable[[], str] = field(default=str, repr=False, compare=False)
    write_halves: Callable[[], str] = field(default=str, repr=False, compare=False)
    write_beyond: Callable[[], str] = field(default=str, repr=False, compare=False)

    @cached_property
    def fts(self) -> str:
        """Finds the hits that no step before finds; that of words apart those near each other too: `bound_tier`."""
        return self.write_fts()

    @cached_property
    def own(self) -> str:
        """Finds them and hits of steps before. It costs less, and serves a caller that knows those."""
        return self.write_own()

    @cached_property
    def apart(self) -> str:
        """Finds what has all words, but not near each other as here; in the step of words apart: nowhere near."""
        return self.write_apart()

    @cached_property
    def wider(self) -> str:
        """Finds all that two phrases near each other find, and words near each other, and more. "" in other steps."""
        return self.write_wider()

    @cached_property
    def halves(self) -> str:
        """Finds one half of the words as a phrase: all that two phrases near each other find has it. "" elsewhere."""
        return self.write_halves()

    @cached_property
    def beyond(self) -> str:
        """Finds what has all words and is not found by `wider`. "" in other steps."""
        return self.write_beyond()


# A page searches the index a dozen times for the same words, once for each year.
@lru_cache(256)
def build_fts_query(text: str) -> str:
    """Make an FTS5 query of what a person typed. Valid for every string; at worst it matches nothing.

    All words must be found. A word with marks matches that word (with either place of the tone mark), a word without
    marks every spelling. Syntax: "phrases"; `-word` (alone it matches nothing); `title:word`, also caption, byline,
    file, summary, body; `word*` with at least three letters, in every spelling; upper-case OR; document numbers,
    dates, sums, measures, joined names (Sapa, Sa Pa), abbreviations (UBND). Text beyond 2,000 characters or 48 words is
    ignored.

    >>> build_fts_query("title:bão"), build_fts_query("*")
    ('{title_toned} : "bao⁴"', '""')
    """
    query = _read_query(text)
    return query.write(query.express(SEARCH_FIELDS, "words"))


@lru_cache(256)
def build_phrase_query(text: str) -> str:
    """Make the FTS5 query of the tiers of phrases together: words typed side by side must be side by side.

    >>> build_phrase_query("title:bão"), build_phrase_query("")
    ('{title_toned} : "bao⁴"', '""')
    """
    query = _read_query(text)
    return query.write(query.express(SEARCH_FIELDS, "phrase"))


@lru_cache(256)
def build_steps(text: str) -> tuple[Step, ...]:
    """Make the steps of a search in order of tiers. () if the text has no words. Together they find the same hits.

    >>> [step.tier for step in build_steps("bão")], [step.tier for step in build_steps("sạt lở")]
    ([1, 2, 3], [1, 2, 3, 5, 6, 7])
    >>> [step.tier for step in build_steps("Má Tra")], build_steps("*")
    ([1, 2, 3, 1, 2, 3, 5, 6, 7], ())
    """
    query = _read_query(text)
    return tuple(query.write_steps()) if query.wanted else ()


def build_step_query(text: str, step: int) -> str:
    """Make the query of a step, counted from 1. It matches nothing if there is none.

    Step 0 is `build_phrase_query`; step -1 are all words in an article that has them nowhere near each other.

    >>> build_step_query("title:bão", 0), build_step_query("bão", 4)
    ('{title_toned} : "bao⁴"', '""')
    """
    steps = build_steps(text)
    if step == 0:
        return build_phrase_query(text)
    if step == -1:
        return next((one.apart for one in steps if one.tier == SCATTERED), MATCH_NOTHING)
    return steps[step - 1].fts if 0 < step <= len(steps) else MATCH_NOTHING


def is_one_run(text: str) -> bool:
    """Return whether a query is words side by side in any field, all typed with marks or all without, or one phrase.

    The place where its phrase is found then gives the tier of a hit.

    >>> [is_one_run(text) for text in ("sạt lở", '"sạt lở" -mưa', "Má Tra", "title:bão", "bão OR lũ", "bão*")]
    [True, True, False, False, False, False]
    """
    wanted = _read_query(text).wanted
    runs = wanted[0].runs if len(wanted) == 1 else ()
    return len(runs) == 1 and not (runs[0].is_mixed or runs[0].prefix) and runs[0].fields == SEARCH_FIELDS


def split_query(text: str) -> tuple[QueryPart, ...]:
    """Return the parts that `build_fts_query` finds in a query, without the operators.

    >>> [(part.typed, part.is_excluded) for part in split_query('bão -"mưa to" title:sapa')]
    [('bão', False), ('-"mưa to"', True), ('title:sapa', False)]
    """
    items = read_items(text)
    return tuple(
        QueryPart(item.typed, _express_words(make_run([item]), SEARCH_FIELDS), item.is_excluded, item.kind == "word")
        for item in items
        if len(items) == 1 or not is_operator(item)
    )


def contains_prefix(text: str) -> bool:
    """Return whether a query has a prefix. A prefix costs more than a word: the index must collect all matching words.

    >>> contains_prefix("bão truy*"), contains_prefix("bão tr*")
    (True, False)
    """
    return any(item.kind == "prefix" for item in read_items(text))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Runs of which one must be found. `is_loose` if it is one whose words may be apart."""

    runs: tuple[Run, ...]
    is_loose: bool

    @property
    def size(self) -> int:
        """The number of words of a loose run, else 1."""
        return self.runs[0].size if self.is_loose else 1


@dataclass(frozen=True, slots=True)
class _Query:
    wanted: tuple[_Wanted, ...]
    excluded: tuple[Run, ...]

    def express(self, fields: Sequence[str], form: _Form) -> str:
        """Write what must be found, in these fields; a part with fields of its own stays in those."""
        return " AND ".join(_express_wanted(one, fields, form=form) for one in self.wanted)

    def write(self, wanted: str, *above: str) -> str:
        """Write a query: what must be found, without the hits of other queries and without what is excluded."""
        if not wanted:
            return MATCH_NOTHING
        without = [*(f"({one})" for one in above), *(_express_words(run, SEARCH_FIELDS) for run in self.excluded)]
        return f"({wanted}) NOT {_any_of(without)}" if without else wanted

    def write_steps(self) -> Iterator[Step]:
        write, all_fields = self.write, partial(lru_cache(None)(self.express), SEARCH_FIELDS)
        if self._is_mixed:
            yield from self._write_phrase_steps("toned", list)
        phrase = partial(all_fields, "phrase")
        yield from self._write_phrase_steps("phrase", lambda: [all_fields("toned")] if self._is_mixed else [])
        sizes = [one.size for one in self.wanted]
        if max(sizes) < 2:
            return
        words, all_words = partial(self.express, _ARTICLE, "words"), partial(all_fields, "words")
        near, nears = partial(all_fields, "near"), list[Callable[[], str]]()
        if any(2 < size <= _MOST_SPLIT_TOKENS for size in sizes):
            split, span = partial(all_fields, "split"), partial(all_fields, "span")
            yield Step(
                NEAR_PHRASES,
                lambda: write(split(), phrase()),
                lambda: write(split()),
                lambda: write(all_words(), split()),
                write_wider=lambda: write(span()),
                write_halves=lambda: write(all_fields("halves")),
                write_beyond=lambda: write(all_words(), span()),
            )
            nears.append(split)
        closer: list[Callable[[], str]] = [*nears, phrase]
        yield Step(
            NEAR_WORDS,
            lambda: write(near(), " OR ".join(one() for one in closer)),
            lambda: write(near()),
            lambda: write(all_words(), near()),
        )
        yield Step(
            SCATTERED,
            lambda: write(words(), phrase()),
            lambda: write(words()),
            lambda: write(all_words(), near(), *(one() for one in nears)),
        )
        yield Step(SCATTERED_IN_FILES, lambda: write(all_words(), words(), phrase()), lambda: write(all_words()))

    @property
    def _is_mixed(self) -> bool:
        return any(run.is_mixed for one in self.wanted for run in one.runs)

    def _write_phrase_steps(self, form: _Form, above: Callable[[], list[str]]) -> Iterator[Step]:
        write, express = self.write, partial(lru_cache(None)(self.express), form=form)
        title, article, last = (partial(express, fields) for fields in (_TITLE, _ARTICLE, SEARCH_FIELDS))

        def marked() -> str:
            # The article's text too, which has its title: its words are then marked.
            return f"({title()}) AND ({article()})"

        yield Step(IN_TITLE, lambda: write(marked(), *above()), lambda: write(marked()))
        yield Step(IN_ARTICLE, lambda: write(article(), title(), *above()), lambda: write(article()))
        yield Step(IN_FILES, lambda: write(last(), article(), *above()), lambda: write(last()))


@lru_cache(256)
def _read_query(text: str) -> _Query:
    clauses = read_clauses(read_items(text))
    left = MAX_EXPANSIONS
    wanted: list[_Wanted] = []
    for clause in clauses.wanted:
        runs = tuple(_make_runs(clause, left))
        left -= sum(run.expanded for run in runs)
        wanted.append(_Wanted(runs, clause.is_run))
    return _Query(tuple(wanted), tuple(make_run([item]) for item in clauses.excluded))


def _make_runs(clause: Clause, most: int) -> Iterator[Run]:
    groups: Iterable[Sequence[Item]] = [clause.items] if clause.is_run else [[item] for item in clause.items]
    for items in groups:
        run = make_run(items, expansions=0 if items[0].is_quoted else most)
        most -= run.expanded
        yield run


def _express_wanted(one: _Wanted, fields: Sequence[str], *, form: _Form) -> str:
    if not one.is_loose:
        form = "toned" if form == "toned" else "phrase"
    return _any_of(_express(run, fields, form=form) for run in one.runs)


def _express(run: Run, fields: Sequence[str], *, form: _Form) -> str:
    fields = fields if run.fields == SEARCH_FIELDS else run.fields
    if run.prefix:
        return f'{_columns(fields)}"{run.prefix}" *'
    if form == "words":
        return _express_words(run, fields)
    if form == "toned" and run.is_mixed:
        return _any_of(_write_near([mark_tones(" ".join(one))], fields, suffix=TONED_SUFFIX) for one in run.phrases)
    phrases = [_render([one], fields) for one in run.phrases]
    size = run.size
    if form == "split" and 2 < size <= _MOST_SPLIT_TOKENS:
        return _any_of(_express_split(run, fields))
    if form == "halves" and 2 < size <= _MOST_SPLIT_TOKENS:
        return _any_of(_express_halves(run, fields))
    if form in ("near", "span") and 1 < size <= _MOST_NEAR_TOKENS:
        forms = run.loose_divisions if form == "span" else run.divisions
        divisions = [parts for parts in forms if len(parts) > 1][:_MOST_NEAR]
        distances = [_span(parts, size) if form == "span" else 2 * size + 4 for parts in divisions]
        return _any_of(
            _render(parts, fields, distance=distance) for parts, distance in zip(divisions, distances, strict=True)
        )
    return _any_of(phrases)


def _span(parts: Sequence[Spelling], size: int) -> int:
    """Return a distance that holds for the parts in two phrases near each other, or for parts near each other."""
    return max(2 * size + 4, sum(map(len, parts)) + _SPLIT_DISTANCE)


def _express_split(run: Run, fields: Sequence[str]) -> list[str]:
    """Write the pairs of phrases near each other into which each form of a run can be split."""
    pairs = [
        (tuple(t for part in parts[:place] for t in part), tuple(t for part in parts[place:] for t in part))
        for parts in run.divisions
        for place in range(1, len(parts))
    ]
    return [_render(pair, fields, distance=_SPLIT_DISTANCE) for pair in dict.fromkeys(pairs)][:_MOST_NEAR]


def _express_halves(run: Run, fields: Sequence[str]) -> Iterator[str]:
    """Write the halves of each form of a run, both with the piece in the middle: wherever it is split, one is whole."""
    for parts in run.loose_divisions:
        middle = len(parts) // 2
        for half in (parts[: middle + 1], parts[middle:]):
            yield _render([tuple(t for part in half for t in part)], fields)


def _express_words(run: Run, fields: Sequence[str]) -> str:
    """Write that each piece is found, or what is in its place. Of an exact run: the phrase."""
    fields = fields if run.fields == SEARCH_FIELDS else run.fields
    if run.prefix:
        return f'{_columns(fields)}"{run.prefix}" *'
    if run.is_exact:
        return _any_of(_render([one], fields) for one in run.phrases)
    pieces = []
    for place, piece in enumerate(run.pieces):
        others = [span.tokens for span in run.spans if span.start <= place < span.end]
        pieces.append(_any_of(_render([tokens], fields) for tokens in (*piece.spellings, *others)))
    return " AND ".join(pieces) if len(pieces) == 1 else f"({' AND '.join(pieces)})"


def _render(parts: Sequence[Spelling], fields: Sequence[str], *, distance: int = 0) -> str:
    """Write phrases near each other: in the toned columns if they have marks, else in the folded ones.

    With both kinds of words, the folded phrases must be found, and each run of words with marks in the toned columns.
    """
    tokens = [token for part in parts for token in part]
    runs = [list(run) for _, run in groupby(tokens, lambda token: _has_marks(token) or token.isdigit())]
    marked = [run for run in runs if any(map(_has_marks, run))]
    if marked and len(runs) == 1:
        toned = [_mark_tones(" ".join(part)) for part in parts]
        return _write_near(toned, fields, suffix=TONED_SUFFIX, distance=distance)
    folded = _write_near([_fold(" ".join(part)) for part in parts], fields, distance=distance)
    if distance:  # a run of words with marks can lie in two of the parts
        marked = [[token] for run in marked for token in run if _has_marks(token)]
    exact = [_write_near([_mark_tones(" ".join(run))], fields, suffix=TONED_SUFFIX) for run in marked]
    exact = list(dict.fromkeys(exact))
    if distance and len(exact) > 1:
        # FTS5 compares places wherever it stops at them: only where all the words are, which NOT keeps together.
        return f"((({' AND '.join(exact)}) NOT {_IN_NO_TEXT}) AND {folded})"
    return f"({' AND '.join([folded, *exact])})" if exact else folded


# A query says the same few words in a hundred places.
_has_marks, _fold, _mark_tones = lru_cache(1024)(contains_marks), lru_cache(1024)(fold), lru_cache(1024)(mark_tones)


def _write_near(phrases: Sequence[str], fields: Sequence[str], *, suffix: str = "", distance: int = 0) -> str:
    """Write phrases near each other, or one phrase, in the columns of some fields.

    In all fields the filter of columns is left out where it changes nothing: FTS5 takes twice as long with it. A toned
    column says an unmarked word where the folded one does, but for y at the end; a folded column has no ă, â, đ, ê, ô.
    """
    quoted = " ".join(f'"{phrase}"' for phrase in phrases)
    near = f"NEAR({quoted}, {distance})" if len(phrases) > 1 else quoted
    is_elsewhere = all(map(_QUALITY.search, phrases)) if suffix else not any(map(_FINAL_I.search, phrases))
    return near if is_elsewhere and len(fields) == len(SEARCH_FIELDS) else f"{_columns(fields, suffix)}{near}"


def _columns(fields: Sequence[str], suffix: str = "") -> str:
    return f"{{{' '.join(field + suffix for field in fields)}}} : "


def _any_of(expressions: Iterable[str]) -> str:
    found = list(dict.fromkeys(expressions))
    return found[0] if len(found) == 1 else f"({' OR '.join(found)})"
