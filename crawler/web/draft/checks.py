"""Look claims up: quotations, documents, sums, dates and numbers. A number alone, found anywhere, proves nothing."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from crawler.language.claims.claims import Claim
from crawler.language.claims.matching import DIFFERENCES, drop_notes, find_near, find_passage
from crawler.language.claims.quantities import Quantity, find_quantities
from crawler.language.claims.rounding import is_rounded
from crawler.language.text import locate_document_numbers
from crawler.web.draft.sources import (
    DraftSource,
    Library,
    SourcePart,
    find_citing,
    find_citing_in_past,
    find_holding,
    find_in_past,
    find_near_in_past,
    find_near_words,
    find_numbers,
    find_with_sum,
    in_time,
    read_older,
    read_source,
    split_words,
)
from crawler.web.draft.verdicts import Cited, ClaimState, Verdict, cite, decide

_Fits = Callable[[Quantity, Quantity], bool]
# A quotation of fewer words is in many texts.
SHORT_WORDS = 3
_MOST_POINTED = 12
_MOST_READ = 40
# The articles that the words of a sentence point to hold this many pieces of it.
_LEAST_PIECES, _SENTENCE_PIECE = 2, 3


def check_quotation(connection: sqlite3.Connection, library: Library, *, claim: Claim) -> Verdict:
    """Look a quotation up in the current texts, then in those that were replaced; else find what comes nearest.

    Of a line of speech the longest beginning that is found counts, up to who says it.
    """
    verdict = _check_quoted(connection, library, claim=replace(claim, text=drop_notes(claim.text)))
    for text in claim.shorter:
        if verdict.state not in (ClaimState.NEAR, ClaimState.NOT_FOUND):
            break
        shorter = _check_quoted(connection, library, claim=replace(claim, text=drop_notes(text)))
        verdict = (
            replace(shorter, claim=replace(claim, text=text)) if shorter.state != ClaimState.NOT_FOUND else verdict
        )
    return verdict if verdict.claim.text != drop_notes(claim.text) else replace(verdict, claim=claim)


def _check_quoted(connection: sqlite3.Connection, library: Library, *, claim: Claim) -> Verdict:
    words = split_words(claim.text)
    note = "short" if len(words) < SHORT_WORDS else None
    longest = max(claim.text.replace("...", "…").split("…"), key=len)
    held = [*_pointed(library), *find_holding(connection, longest)]
    found = list(_find_quoted(library, _read_current(connection, library, ids=held), quotation=claim.text))
    near = [] if found else find_near_words(connection, claim.text)
    if not found:
        candidates = list(dict.fromkeys([*held, *near]))[:_MOST_READ]
        older = [one for article_id in candidates for one in read_older(connection, library, article_id=article_id)]
        pasts = find_in_past(connection, library, words=split_words(longest))
        older += _read_versions(connection, library, past=pasts)
        others = [*_read_current(connection, library, ids=near), *older]
        found = list(_find_quoted(library, others, quotation=claim.text))
    if not found:
        nearest = _find_nearest(
            library, claim, sources=_read_current(connection, library, ids=[*held[:_MOST_POINTED], *near])
        )
        if nearest.state == ClaimState.NOT_FOUND:
            past = find_near_in_past(connection, library, text=longest)
            nearest = _find_nearest(library, claim, sources=[*older, *_read_versions(connection, library, past=past)])
        return nearest
    verdict = decide(claim, [_with_shared(one, claim) for one in found], note=note)
    if note is None:
        _point(library, verdict.cited, by="quotation")
    return verdict


def _with_shared(cited: Cited, claim: Claim) -> Cited:
    """Count the words of the draft's sentence that are around a quotation: they tell who says it."""
    around = f"{cited.excerpt.before} {cited.excerpt.behind}" if cited.excerpt else ""
    shared = set(split_words(claim.sentence.replace(claim.text, " "))) & set(split_words(around))
    return replace(cited, shared=len(shared))


def _read_versions(
    connection: sqlite3.Connection, library: Library, *, past: Iterable[tuple[int, int]]
) -> list[DraftSource]:
    found = (read_source(connection, library, article_id=one, number=number) for one, number in past)
    return [source for source in found if source is not None]


def _parts(library: Library, sources: Iterable[DraftSource]) -> Iterator[tuple[DraftSource, SourcePart]]:
    return in_time(library, ((source, part) for source in sources for part in source.parts))


def _find_quoted(library: Library, sources: Iterable[DraftSource], *, quotation: str) -> Iterator[Cited]:
    for source, part in _parts(library, sources):
        span = find_passage(part.text, quotation)
        if span is not None:
            yield cite(source, part, span=span)


def _find_nearest(library: Library, claim: Claim, *, sources: Iterable[DraftSource]) -> Verdict:
    found = [
        (near, source, part)
        for source, part in _parts(library, sources)
        if (near := find_near(part.text, claim.text)) is not None
    ]
    if not found:
        return Verdict(claim, ClaimState.NOT_FOUND)
    near, source, part = min(found, key=lambda one: (DIFFERENCES.index(one[0].difference), -one[0].share))
    return Verdict(claim, ClaimState.NEAR, near=near, near_in=cite(source, part, span=(near.start, near.end)))


def check_document(connection: sqlite3.Connection, library: Library, *, claim: Claim) -> Verdict:
    """Look the number of a document up: in articles and their files, then in versions that were replaced."""
    number = claim.number or ""
    ids = find_citing(connection, number) or find_citing_in_past(connection, library, number=number)
    found = list(_find_cited(library, _read_current(connection, library, ids=ids), number=number))
    if not any(one.state == ClaimState.PUBLISHED for one in found):
        older = [one for article_id in ids for one in read_older(connection, library, article_id=article_id)]
        older += [
            one
            for article_id in find_citing_in_past(connection, library, number=number)
            for one in read_older(connection, library, article_id=article_id)
        ]
        found += _find_cited(library, older, number=number)
    if not found:
        return Verdict(claim, ClaimState.NOT_FOUND)
    verdict = decide(claim, found)
    _point(library, verdict.cited, by="document")
    return verdict


def _find_cited(library: Library, sources: Iterable[DraftSource], *, number: str) -> Iterator[Cited]:
    for source, part in _parts(library, sources):
        places = locate_document_numbers(part.text.shown)
        span = next(((start, end) for named, start, end in places if named == number), None)
        if span is not None:
            yield cite(source, part, span=span)


def check_quantity(connection: sqlite3.Connection, library: Library, *, claim: Claim) -> Verdict:
    """Look a sum, date or number up, with its unit and the words around it.

    Only in the articles that the draft's quotations, links and documents point to, and the words of its sentence. Of a
    range of days, the worse of both verdicts is that of the range.
    """
    if claim.days:
        ends = [check_quantity(connection, library, claim=day) for day in reversed(claim.days)]
        return replace(max(ends, key=lambda one: list(ClaimState).index(one.state)), claim=claim)
    meant = _pointed(library)
    words = claim.sentence.replace(claim.text, " ")
    near = find_near_words(connection, words, least=_LEAST_PIECES, piece_words=_SENTENCE_PIECE)
    current = _read_current(connection, library, ids=meant)
    found = list(_find_counted(library, current, claim=claim)) or list(
        _find_counted(library, _read_all_older(connection, library, sources=current), claim=claim)
    )
    if found:
        verdict = decide(claim, found)
        return replace(verdict, by=library.pointed[verdict.cited[0].source.article_id])
    found = _find_by_words(connection, library, claim=claim, near=near)
    if not found:  # the sentence may be in no current text
        past = [one for one, _ in find_near_in_past(connection, library, text=words)]
        found = _find_by_words(connection, library, claim=claim, near=[*near, *past])
    if found:
        return replace(decide(claim, found), by="words")
    other = _find_other_value(connection, library, claim=claim, ids=[*meant, *near])
    return other if other.state != ClaimState.NOT_FOUND else _find_day(library, claim, sources=current)


def _find_by_words(connection: sqlite3.Connection, library: Library, *, claim: Claim, near: list[int]) -> list[Cited]:
    """Find a number in articles to which only the words of its sentence point, or its unit and nearly all these words.

    Offices write the same sentence every year with other numbers: if it has several, the article must have another one,
    or no other article may say as much of the sentence with another value.
    """
    asked = claim.quantity
    assert asked is not None
    current = _read_current(connection, library, ids=near)
    held = _read_current(connection, library, ids=find_holding(connection, claim.text))
    ways: tuple[tuple[Iterable[DraftSource], _Fits], ...] = (
        (current, Quantity.share_context),
        (held, Quantity.share_sentence),
        (_read_all_older(connection, library, sources=current), Quantity.share_context),
    )
    others = [one for one in find_quantities(claim.sentence) if not one.is_same(asked)]
    rivals = [
        (source.article_id, len(asked.context & one.context))
        for source, part in _parts(library, dict.fromkeys([*current, *held]))
        for one in find_numbers(library, part)
        if asked.is_of_kind(one) and not asked.is_same(one)
    ]
    for sources, fits in ways:
        found = [
            one
            for one in _find_counted(library, sources, claim=claim, fits=fits)
            if not others
            or _has_one(connection, library, source=one.source, others=others)
            or one.shared
            > max((shared for article_id, shared in rivals if article_id != one.source.article_id), default=0)
        ]
        if found:
            return found
    return _find_reworded(connection, library, claim=claim, rivals=rivals)


def _find_reworded(
    connection: sqlite3.Connection, library: Library, *, claim: Claim, rivals: Sequence[tuple[int, int]]
) -> list[Cited]:
    """Find a number by its value, current or replaced, where a sentence in other words has enough of the same words.

    No other article may say as much of the sentence with another value: `rivals` are ids and shared words.
    """
    assert claim.quantity is not None
    valued = [
        *find_with_sum(connection, claim.quantity),
        *find_in_past(connection, library, words=split_words(claim.text)),
    ]
    # What an old version has may have been put back.
    current = _read_current(connection, library, ids=[article_id for article_id, _ in valued])
    versions = dict.fromkeys([*current, *_read_versions(connection, library, past=dict.fromkeys(valued))])
    found = _find_counted(library, versions, claim=claim, fits=Quantity.share_topic)
    return [
        one
        for one in found
        if one.shared > max((shared for article_id, shared in rivals if article_id != one.source.article_id), default=0)
    ]


def _has_one(
    connection: sqlite3.Connection, library: Library, *, source: DraftSource, others: Sequence[Quantity]
) -> bool:
    """Whether any version of an article has one of some numbers."""
    current = _read_current(connection, library, ids=[source.article_id])
    versions = [*current, *_read_all_older(connection, library, sources=current)]
    held = [one for _, part in _parts(library, versions) for one in find_numbers(library, part)]
    return any(other.is_same(one) for other in others for one in held)


def _read_all_older(
    connection: sqlite3.Connection, library: Library, *, sources: Iterable[DraftSource]
) -> Iterator[DraftSource]:
    return (
        one for source in sources for one in read_older(connection, library, article_id=source.article_id)
    )  # fmt: skip


def _find_counted(
    library: Library, sources: Iterable[DraftSource], *, claim: Claim, fits: _Fits = Quantity.share_context
) -> Iterator[Cited]:
    assert claim.quantity is not None
    for source, part in _parts(library, sources):
        year = int((source.published_on or "0")[:4])
        for one in find_numbers(library, part):
            if claim.quantity.is_same(one, year=year) and fits(claim.quantity, one):
                shared = len(claim.quantity.context & one.context)
                yield replace(cite(source, part, span=(one.start, one.end)), shared=shared)
                break


def _find_other_value(connection: sqlite3.Connection, library: Library, *, claim: Claim, ids: Iterable[int]) -> Verdict:
    """Find another value with the same unit among the same words: what the draft may mean.

    Of articles that say the same sentence, the one that has another number of it is meant.
    """
    asked = claim.quantity
    assert asked is not None
    found = [
        (len(asked.context & one.context), source, part, one)
        for source, part in _parts(library, _read_current(connection, library, ids=ids))
        for one in find_numbers(library, part)
        if asked.is_of_kind(one) and not asked.is_same(one)
    ]
    most = max((one[0] for one in found), default=0)
    if most < max(2, min(4, len(asked.context) // 2)):
        return Verdict(claim, ClaimState.NOT_FOUND)
    others = [one for one in find_quantities(claim.sentence) if not one.is_same(asked)]
    best = [one for one in found if one[0] == most]
    before = claim.sentence.partition(claim.text)[0]
    rounded = [one for one in best if is_rounded(before, said=asked.measured, exact=one[3].measured)]
    meant = (one for one in rounded or best if _has_one(connection, library, source=one[1], others=others))
    _, source, part, one = next(meant, (rounded or best)[0])
    note = "rounded" if rounded else "other_value"
    return Verdict(claim, ClaimState.NEAR, near_in=cite(source, part, span=(one.start, one.end)), note=note)


def _find_day(library: Library, claim: Claim, *, sources: Iterable[DraftSource]) -> Verdict:
    """Find a day in articles that the draft means, with any words around it: it may be that of another event."""
    is_day = claim.quantity is not None and claim.quantity.kind == "date"
    found = _find_counted(library, sources if is_day else (), claim=claim, fits=lambda _asked, _held: True)
    elsewhere = next(found, None)
    if elsewhere is None:
        return Verdict(claim, ClaimState.NOT_FOUND)
    return Verdict(claim, ClaimState.NEAR, near_in=elsewhere, note="other_day")


def _read_current(connection: sqlite3.Connection, library: Library, *, ids: Iterable[int]) -> list[DraftSource]:
    found = (
        read_source(connection, library, article_id=article_id) for article_id in list(dict.fromkeys(ids))[:_MOST_READ]
    )
    return [source for source in found if source is not None]


def _pointed(library: Library) -> list[int]:
    return list(library.pointed)[:_MOST_POINTED]


def _point(library: Library, cited: Iterable[Cited], *, by: str) -> None:
    for one in cited:
        library.pointed.setdefault(one.source.article_id, by)
