"""The feed of one article: its edits, its removal and return, and how it left the listings."""

import re
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.archive.past.returns import RevisionNote
from crawler.items import EventKind
from crawler.locale import say_stored, show_moment
from crawler.web.article.history_queries import ArticleHistory, read_history
from crawler.web.article.queries import ArticlePage
from crawler.web.article.timeline import Happening
from crawler.web.article.views import list_article_happenings
from crawler.web.follow.atom import AtomEntry, name_forever
from crawler.web.follow.listing import EntryList
from crawler.web.follow.news import say_note
from crawler.web.request import SiteRequest, make_absolute

_KEY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}Z)_([0-9]{1,6})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class PastKey:
    """The place of something that happened to an article: its time, and its number among those of that time."""

    at: str
    number: int

    def __str__(self) -> str:
        """Write it as in addresses."""
        return f"{self.at}_{self.number}"


def list_past(request: SiteRequest, article: ArticlePage) -> EntryList[PastKey]:
    """List what happened to an article, the latest first."""

    def all_of(connection: sqlite3.Connection) -> dict[PastKey, AtomEntry]:
        history = read_history(connection, article.card.id, timezone=article.card.timezone)
        found: dict[PastKey, AtomEntry] = {}
        for one in list_article_happenings(article, history):
            number = sum(key.at == one.at for key in found)
            found[PastKey(one.at, number)] = _make_entry(request, article, history=history, one=one)
        return dict(sorted(found.items(), reverse=True))

    def older(connection: sqlite3.Connection, place: PastKey | None, *, limit: int) -> list[PastKey]:
        return [key for key in all_of(connection) if place is None or key < place][:limit]

    def newer(connection: sqlite3.Connection, place: PastKey, *, limit: int) -> list[PastKey]:
        return [key for key in reversed(all_of(connection)) if key > place][:limit]

    def read(connection: sqlite3.Connection, keys: Sequence[PastKey]) -> list[AtomEntry]:
        entries = all_of(connection)
        return [entries[key] for key in keys if key in entries]

    return EntryList(older, newer, read, parse_key)


def parse_key(text: str) -> PastKey | None:
    """Parse a place in the list; None if it is not valid."""
    match = _KEY.fullmatch(text)
    return PastKey(match[1], int(match[2])) if match else None


def _make_entry(request: SiteRequest, article: ArticlePage, *, history: ArticleHistory, one: Happening) -> AtomEntry:
    card = article.card
    page = f"/article/{card.id}/history"
    parts: list[str] = []
    named: tuple[object, ...] = (one.kind, card.portal, card.id, one.at, one.detail or "")
    if one.kind == "back" and one.version:
        parts += say_note(request, RevisionNote(came_back=True))
    if one.version and one.before:
        parts += say_note(request, one.version.note)
        page = f"/article/{card.id}/diff/{one.before.number}..{one.version.number}"
        named = (card.portal, card.id, one.version.number, one.version.seen_at)
        after, before = (
            show_moment(at, request.language, card.timezone) for at in (one.before.confirmed_at, one.version.seen_at)
        )
        parts.append(request.say("bound_revised", after=after, before=before))
        classes = ", ".join(request.say(f"class_{name}") for name in one.version.classes)
        parts += [f"{request.say('diff_classes')}: {classes}."] if classes else []
    elif one.detail_kind:
        parts.append(say_stored(one.detail, one.detail_args, kind=one.detail_kind, language=request.language) or "")
    return AtomEntry(
        id=name_forever("change" if one.version and one.before else "happening", *named),
        title=f"{_say_what(request, one)}: {card.title}",
        updated=_updated(history, one),
        published=None,
        page=make_absolute(request, request.link(page)),
        via=card.url,
        summary=" ".join(part for part in parts if part),
        author="",
        category=card.category or "",
    )


def _say_what(request: SiteRequest, one: Happening) -> str:
    if one.kind == EventKind.REVISED:
        return request.say("event_revised", number=one.version.number) if one.version else request.say("event_changed")
    return request.say("event_removed") if one.kind == "away" and one.is_removal else request.say(f"event_{one.kind}")


def _updated(history: ArticleHistory, one: Happening) -> str:
    """Return when what an entry says came to be known: an absence becomes a removal on a later night."""
    if one.absence is None or not one.is_removal:
        return one.at
    judged = [event.at for event in history.events if event.kind == EventKind.REMOVED and event.at >= one.at]
    return min(judged, default=one.at)
