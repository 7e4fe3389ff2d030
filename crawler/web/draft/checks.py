"""Look claims up: quotations, documents, sums, dates and numbers. A number alone, found anywhere, proves nothing."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace

from crawler.language.claims.claims import Claim
from crawler.language.claims.matching import DIFFERENCES, find_near, find_passage
from crawler.language.text import locate_document_numbers
from crawler.web.draft.sources import (
    Library,
    Source,
    cut_pieces,
    find_citing,
    find_citing_in_past,
    find_holding,
    find_in_past,
    find_near_words,
    read_older,
    read_source,
    split_words,
)
from crawler.web.draft.verdicts import Cited, State, Verdict, cite, decide

# A quotation of fewer words stands in many texts.
SHORT_WORDS = 3
_MOST_POINTED = 12
_MOST_READ = 40
# The articles that the words of a sentence point to hold so many pieces of it.
_LEAST_PIECES = 2


def check_quotation(connection: sqlite3.Connection, library: Library, *, claim: Claim) -> Verdict:
    """Look a quotation up in the current texts, then in those that were replaced; else find what comes nearest.

    Of a line of speech the longest beginning that is found counts, up to who says it.
    """
    verdict = _check_quoted(connection, library, claim=claim)
    for text in claim.shorter:
        if verdict.state not in (State.NEAR, State.NOT_FOUND):
            break
        shorter = _check_quoted(connection, library, claim=replace(claim, text=text))
        verdict = shorter if shorter.state != State.NOT_FOUND else verdict
    return verdict


def _check_quoted(connection: sqlite3.Connection, library: Library, *, claim: Claim) -> Verdict:
    words = split_words(claim.text)
    note = "short" if len(words) < SHORT_WORDS else None
    longest = max(claim.text.replace("...", "…").split("…"), key=len)
    held = [*_pointed(library), *find_holding(connection, longest)]
    found = list(_find_quoted(_read_current(connection, library, ids=held), claim.text))
    near = [] if found else find_near_words(connection, claim.text)
    if not found:
        candidates = list(dict.fromkeys([*held, *near]))[:_MOST_READ]
        older = [one for article_id in candidates for one in read_older(connection, library, article_id=article_id)]
        pasts = find_in_past(connection, library, words=split_words(longest))
        older += [
            one
            for article_id, number in pasts
            if (one := read_source(connection, library, article_id=article_id, number=number)) is not None
        ]
        found = list(_find_quoted([*_read_current(connection, library, ids=near), *older], claim.text))
    if not found:
        return _find_nearest(claim, _read_current(connection, library, ids=[*held[:_MOST_POINTED], *near]))
    verdict = decide(claim, found, note=note)
    if note is None:
        _point(library, verdict.cited, by="quotation")
    return verdict


def _find_quoted(sources: Iterable[Source], quotation: str) -> Iterator[Cited]:
    for source in sources:
        for part in source.parts:
            span = find_passage(part.text, quotation)
            if span is not None:
                yield cite(source, part, span=span)
                break


def _find_nearest(claim: Claim, sources: Iterable[Source]) -> Verdict:
    found = [
        (near, source, part)
        for source in sources
        for part in source.parts
        if (near := find_near(part.text, claim.text)) is not None
    ]
    if not found:
        return Verdict(claim, State.NOT_FOUND)
    near, source, part = min(found, key=lambda one: (DIFFERENCES.index(one[0].difference), -one[0].share))
    return Verdict(claim, State.NEAR, near=near, near_in=cite(source, part, span=(near.start, near.end)))


def check_document(connection: sqlite3.Connection, library: Library, *, claim: Claim) -> Verdict:
    """Look the number of a document up: in articles and their files, then in versions that were replaced."""
    number = claim.number or ""
    ids = find_citing(connection, number) or find_citing_in_past(connection, library, number=number)
    found = list(_find_cited(_read_current(connection, library, ids=ids), number))
    if not any(one.state == State.PUBLISHED for one in found):
        older = [one for article_id in ids for one in read_older(connection, library, article_id=article_id)]
        older += [
            one
            for article_id in find_citing_in_past(connection, library, number=number)
            for one in read_older(connection, library, article_id=article_id)
        ]
        found += _find_cited(older, number)
    if not found:
        return Verdict(claim, State.NOT_FOUND)
    verdict = decide(claim, found)
    _point(library, verdict.cited, by="document")
    return verdict


def _find_cited(sources: Iterable[Source], number: str) -> Iterator[Cited]:
    for source in sources:
        spans = (
            (part, start, end)
            for part in source.parts
            for named, start, end in locate_document_numbers(part.text.shown)
            if named == number
        )
        first = next(spans, None)
        if first is not None:
            yield cite(source, first[0], span=first[1:])


def check_quantity(connection: sqlite3.Connection, library: Library, *, claim: Claim) -> Verdict:
    """Look a sum, date or number up, with its unit and the words around it.

    Only in the articles that the draft's quotations, links and documents point to, and the words of its sentence.
    """
    meant = _pointed(library)
    words = claim.sentence.replace(claim.text, " ")
    near = find_near_words(connection, words, least=min(_LEAST_PIECES, len(cut_pieces(words))))
    for ids in (meant, [one for one in near if one not in library.pointed]):
        current = _read_current(connection, library, ids=ids)
        found = list(_find_counted(current, claim))
        if not found:
            older = (one for source in current for one in read_older(connection, library, article_id=source.article_id))
            found = list(_find_counted(older, claim))
        if found:
            verdict = decide(claim, found)
            return replace(verdict, by=library.pointed.get(verdict.cited[0].source.article_id, "words"))
    return _find_other_value(claim, _read_current(connection, library, ids=[*meant, *near]))


def _find_counted(sources: Iterable[Source], claim: Claim) -> Iterator[Cited]:
    assert claim.quantity is not None
    for source in sources:
        year = int((source.published_on or "0")[:4])
        first = next(
            (
                (part, one)
                for part, quantities in source.quantities()
                for one in quantities
                if claim.quantity.is_same(one, year=year) and claim.quantity.share_context(one)
            ),
            None,
        )
        if first is not None:
            yield cite(source, first[0], span=(first[1].start, first[1].end))


def _find_other_value(claim: Claim, sources: Iterable[Source]) -> Verdict:
    """Find another value with the same unit among the same words: what the draft may mean."""
    asked = claim.quantity
    assert asked is not None
    found = [
        (len(asked.context & one.context), source, part, one)
        for source in sources
        for part, quantities in source.quantities()
        for one in quantities
        if (one.kind, one.unit) == (asked.kind, asked.unit)
    ]
    best = max(found, key=lambda one: one[0], default=None)
    if best is None or best[0] < max(2, min(4, len(asked.context) // 2)):
        return Verdict(claim, State.NOT_FOUND)
    _, source, part, one = best
    return Verdict(claim, State.NEAR, near_in=cite(source, part, span=(one.start, one.end)), note="other_value")


def _read_current(connection: sqlite3.Connection, library: Library, *, ids: Iterable[int]) -> list[Source]:
    found = (
        read_source(connection, library, article_id=article_id) for article_id in list(dict.fromkeys(ids))[:_MOST_READ]
    )
    return [source for source in found if source is not None]


def _pointed(library: Library) -> list[int]:
    return list(library.pointed)[:_MOST_POINTED]


def _point(library: Library, cited: Iterable[Cited], *, by: str) -> None:
    for one in cited:
        library.pointed.setdefault(one.source.article_id, by)
