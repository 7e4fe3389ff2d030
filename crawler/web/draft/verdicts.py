"""What is said of a claim: its state, and where the archive has it. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from crawler.items import ArticleState
from crawler.language.claims.claims import Claim
from crawler.language.claims.matching import Near
from crawler.web.draft.sources import DraftSource, SourcePart

_MOST_CITED = 3
_AROUND = 160
_SENTENCE_END = re.compile(r"[.!?…](?=\s)")


class ClaimState(StrEnum):
    """What became of a claim, the best first.

    `waiting`: as last seen, but the article did not answer lately. `near`: something like it is published. `foreign`:
    a link to another host. `unchecked`: there was no time left.
    """

    PUBLISHED = "published"
    WAITING = "waiting"
    CHANGED = "changed"
    GONE = "gone"
    NEAR = "near"
    NOT_FOUND = "missing"
    FOREIGN = "foreign"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage with the words around it."""

    before: str
    passage: str
    behind: str


@dataclass(frozen=True, slots=True)
class Cited:
    """Where the archive has a claim: the version, the part of it, and the words around.

    `shared` counts the words around a number or quotation that are around it in the draft too.
    """

    state: ClaimState
    source: DraftSource
    part: SourcePart | None = None
    excerpt: Excerpt | None = None
    shared: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a claim. `by` is the kind of claim that points to the article in which a number was looked for.

    `near` is the nearest passage, of `near_in`. `address` is the page of what a link names, if that is not an article.
    `note` is the key of a further sentence.
    """

    claim: Claim
    state: ClaimState
    cited: tuple[Cited, ...] = ()
    more: int = 0
    by: str | None = None
    near: Near | None = None
    near_in: Cited | None = None
    address: str | None = None
    note: str | None = None


def judge(source: DraftSource) -> ClaimState:
    """Return the state of what a version says."""
    if source.state == ArticleState.REMOVED:
        return ClaimState.GONE
    if not source.is_current:
        return ClaimState.CHANGED
    if source.state != ArticleState.LIVE or source.standing.unread_since is not None:
        return ClaimState.WAITING
    return ClaimState.PUBLISHED


def cite(source: DraftSource, part: SourcePart | None = None, *, span: tuple[int, int] | None = None) -> Cited:
    """Make the citation of a place in a version."""
    excerpt = cut_excerpt(part.text.shown, span) if part is not None and span is not None else None
    return Cited(judge(source), source, part, excerpt)


def decide(claim: Claim, found: Iterable[Cited], *, note: str | None = None) -> Verdict:
    """Make the verdict on a claim of the places where it was found, of which there must be one; the best first.

    Of equal states those come first that have most of the draft's words around them: they tell who says a quotation.
    """

    def rank(one: Cited) -> tuple[int, int]:
        return order.index(one.state), -one.shared

    order = list(ClaimState)
    best: dict[int, Cited] = {}
    for one in found:
        held = best.get(one.source.article_id)
        if held is None or rank(one) < rank(held):
            best[one.source.article_id] = one
    ranked = sorted(best.values(), key=rank)
    return Verdict(claim, ranked[0].state, tuple(ranked[:_MOST_CITED]), len(ranked[_MOST_CITED:]), note=note)


def cut_excerpt(text: str, span: tuple[int, int]) -> Excerpt:
    """Cut the sentence around a passage out of a text, or as much of it as fits."""
    start, end = span
    before, behind = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    cuts = [match.end() for match in _SENTENCE_END.finditer(before)]
    if cuts:
        before = before[cuts[-1] :].lstrip()
    elif start > _AROUND:
        before = f"…{before.partition(' ')[2]}"
    cut = _SENTENCE_END.search(behind)
    if cut:
        behind = behind[: cut.end()]
    elif end + _AROUND < len(text):
        behind = f"{behind.rpartition(' ')[0]}…"
    return Excerpt(before, text[start:end], behind)
