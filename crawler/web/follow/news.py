"""The feeds of changes and of removals."""

import sqlite3
from collections.abc import Sequence

from crawler.archive.past.returns import RevisionNote
from crawler.language.changes.number_changes import NumberChange
from crawler.locale import show_moment
from crawler.web.article.json_ld import name_note
from crawler.web.follow.atom import AtomEntry, name_forever
from crawler.web.follow.listing import EntryList
from crawler.web.news import change_queries, removal_queries
from crawler.web.news.by_night import parse_key
from crawler.web.news.change_queries import Key, ListedChange
from crawler.web.news.changed_files import ReplacedFile, read_replaced_files
from crawler.web.news.kinds_of_changes import bind_kind, write_kind
from crawler.web.news.removal_queries import Gone
from crawler.web.request import SiteRequest, make_absolute

# A sentence that replaced another has its own end.
_ENDS = (".", "!", "?", "…")
_REMOVALS = f"""from {removal_queries.EVENTS} cross join articles a on a.id = e.article_id
    where {removal_queries.OF_INDEX} and e.kind = 'removed' and a.state = 'removed' and not exists (
      select 1 from article_events f where f.article_id = a.id and f.kind = 'removed' and f.id > e.id)
    and (:portal is null or a.portal = :portal)"""  # noqa: S608 - names of ours


def list_changes(request: SiteRequest, *, portal: str | None, kind: str | None) -> EntryList[Key]:
    """List the changes, of one portal and one class if these are named."""

    def older(connection: sqlite3.Connection, place: Key | None, *, limit: int) -> list[Key]:
        found = change_queries.read_changes(connection, limit=limit, before=place, portal=portal, kind=kind)
        return [change.key for change in found]

    def newer(connection: sqlite3.Connection, place: Key, *, limit: int) -> list[Key]:
        rows = connection.execute(
            f"""select r.seen_at, r.article_id, r.number from revisions r cross join articles a on a.id = r.article_id
               where r.number > 1 and (r.seen_at, r.article_id, r.number) > (:at, :id, :number)
                 and (:portal is null or a.portal = :portal) and {write_kind("r")}
               order by r.seen_at, r.article_id, r.number limit :limit""",  # noqa: S608 - conditions of ours
            {"at": place.at, "id": place.id, "number": place.number, "portal": portal, "limit": limit,
             **bind_kind(kind)},
        )  # fmt: skip
        return [Key(*row) for row in rows]

    def read(connection: sqlite3.Connection, keys: Sequence[Key]) -> list[AtomEntry]:
        if not keys:
            return []
        first = Key(keys[0].at, keys[0].id, keys[0].number + 1)
        found = change_queries.read_changes(connection, limit=len(keys), before=first, portal=portal, kind=kind)
        files = read_replaced_files(connection, found)
        return [
            entry_of_change(request, change, files=files.get(change.key, ()))
            for change in change_queries.add_numbers(connection, found)
        ]

    return EntryList(older, newer, read, parse_key)


def list_removals(request: SiteRequest, *, portal: str | None) -> EntryList[Key]:
    """List the articles that are removed for certain, the latest first."""

    def older(connection: sqlite3.Connection, place: Key | None, *, limit: int) -> list[Key]:
        bound = "and (e.at, e.id) < (:at, :id)" if place else ""
        sql = f"select e.at, e.id {_REMOVALS} {bound} order by e.at desc, e.id desc limit :limit"
        start = {"at": place.at, "id": place.id} if place else {}
        return [Key(*row) for row in connection.execute(sql, {"portal": portal, "limit": limit, **start})]

    def newer(connection: sqlite3.Connection, place: Key, *, limit: int) -> list[Key]:
        sql = f"select e.at, e.id {_REMOVALS} and (e.at, e.id) > (:at, :id) order by e.at, e.id limit :limit"
        values = {"portal": portal, "limit": limit, "at": place.at, "id": place.id}
        return [Key(*row) for row in connection.execute(sql, values)]

    def read(connection: sqlite3.Connection, keys: Sequence[Key]) -> list[AtomEntry]:
        found = removal_queries.read_removals(connection, [key.id for key in keys])
        return [_entry_of_removal(request, gone) for gone in found]

    return EntryList(older, newer, read, parse_key)


def say_note(request: SiteRequest, note: RevisionNote) -> list[str]:
    """Say that a revision is an older one put back, or came after an absence; [] if neither."""
    return [f"{words}." for words in name_note(request, note)]


def entry_of_change(request: SiteRequest, change: ListedChange, *, files: Sequence[ReplacedFile]) -> AtomEntry:
    """Make the entry of a change, with the numbers that changed in the article and in the files that were replaced."""
    classes = ", ".join(request.say(f"class_{name}") for name in change.classes)
    page = f"/article/{change.article_id}/diff/{change.number - 1}..{change.number}"
    bounds = request.say(
        "bound_revised",
        after=show_moment(change.confirmed_before, request.language, change.timezone),
        before=show_moment(change.seen_at, request.language, change.timezone),
    )
    parts = [*say_note(request, RevisionNote(change.put_back_to, change.came_back)), bounds]
    parts += [
        f"{request.say('diff_classes')}: {classes}." if classes else "",
        _end(_say_numbers(request, change.numbers)),
        *(_end(_say_file(request, file)) for file in files),
    ]
    return AtomEntry(
        id=name_forever("change", change.portal, change.article_id, change.number, change.seen_at),
        title=request.say("feed_change_title", title=change.title, number=change.number),
        updated=change.seen_at,
        published=None,
        page=make_absolute(request, request.link(page)),
        via=change.url,
        summary=" ".join(part for part in parts if part),
        author=change.byline or "",
        category=change.category or "",
    )


def _say_file(request: SiteRequest, file: ReplacedFile) -> str:
    doubt = request.say("changes_file_doubtful") if file.is_doubtful else ""
    named = f"{request.say('changes_file')} {file.name}"
    return " ".join(filter(None, (f"{named}." if file.numbers else named, doubt, _say_numbers(request, file.numbers))))


def _say_numbers(request: SiteRequest, numbers: Sequence[NumberChange]) -> str:
    none = request.say("number_none")
    return "; ".join(
        f"{request.say(f'number_{one.kind}')}: {one.before or none} → {one.after or none}" for one in numbers
    )


def _end(words: str) -> str:
    return words if words.endswith(_ENDS) or not words else f"{words}."


def _entry_of_removal(request: SiteRequest, gone: Gone) -> AtomEntry:
    zone, language = gone.timezone, request.language
    summary = request.say(
        "vanished_between",
        after=show_moment(gone.last_seen_at, language, zone),
        before=show_moment(gone.at, language, zone),
    )
    nights = len(gone.absence.misses) if gone.absence else 0
    evidence = request.say("evidence", count=nights)
    return AtomEntry(
        id=name_forever("removal", gone.portal, gone.article_id, gone.at),
        title=request.say("feed_removed_title", title=gone.title),
        updated=gone.judged_at or gone.at,
        published=None,
        page=make_absolute(request, request.link(f"/article/{gone.article_id}/history")),
        via=gone.url,
        summary=f"{summary} {evidence}." if nights else summary,
        author=gone.byline or "",
        category=gone.category or "",
    )
