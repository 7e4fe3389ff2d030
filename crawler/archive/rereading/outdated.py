"""When a held revision must be read again: an older reader read it, and a page seems to change it.

A better reader makes no revision. Before a page that differs is compared with a revision of an older reader, the
revision's own capture is read again: like is compared with like. Every function works inside the caller's transaction.
"""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crawler.archive.articles.articles import preview_article
from crawler.archive.rereading.another_reading import apply_reread
from crawler.archive.verdicts.rules import rules_of
from crawler.archive.warc.captures import as_capture, capture_by_record
from crawler.archive.warc.ledger import PageRead, PageReread
from crawler.items import Address, AddressKind, Article, Capture, PageReading, Purpose
from crawler.language.facts import make_title_key
from crawler.language.text import SLUG_LENGTH
from crawler.profile import Profile

# The version of a reader that is not named.
FIRST_READER = 1

# Reads a held capture again; None if it cannot be read.
Reread = Callable[[Capture], PageReading | None]


@dataclass(frozen=True, slots=True)
class HeldRevision:
    """A revision, and the capture that it was read from."""

    article_id: int
    number: int
    capture: Capture


def find_outdated(
    connection: sqlite3.Connection, profile: Profile, *, entry: PageRead, reading: PageReading,
    addresses: Sequence[Address],
) -> HeldRevision | None:  # fmt: skip
    """Find the held revision that an older reader read, and that a page seems to change. Read-only.

    None without an article, or if the reader of the page read the revision, too, or if nothing differs.
    """
    article, reader = reading.article, entry.reader or FIRST_READER
    if article is None or reading.refusal is not None or entry.purpose != Purpose.ARTICLE or reader == FIRST_READER:
        return None
    held = _find_held(connection, profile.name, addresses=addresses)
    if held is None:
        # Its other address joins it by its content, which today's reader may read otherwise.
        twin = _find_twin(connection, profile.name, article=article, addresses=addresses, reader=reader)
        return _revision_of(connection, twin) if twin is not None else None
    if (held["reader"] or FIRST_READER) >= reader:
        return None
    capture = capture_by_record(connection, entry.capture)
    change = preview_article(
        connection, profile, article=article, article_id=held["id"], capture=capture,
        rules=rules_of(connection, capture.crawl_id),
    )  # fmt: skip
    if not change.fields:
        return None
    return _revision_of(connection, held)


def _revision_of(connection: sqlite3.Connection, held: sqlite3.Row) -> HeldRevision:
    row = connection.execute("select * from captures where id = ?", (held["capture_id"],)).fetchone()
    return HeldRevision(held["id"], held["revision"], as_capture(row))


def bring_up_to_date(
    connection: sqlite3.Connection, profile: Profile, *, entry: PageRead, reading: PageReading,
    addresses: Sequence[Address], reread: Reread,
) -> PageReread | None:  # fmt: skip
    """Before a page is applied, let today's reader read the held revision again, if an older one read it.

    Return the ledger entry of what was stored; None if nothing was. If the held capture cannot be read, or today's
    reader refuses it, nothing is stored, and the page is compared with the older reading.
    """
    outdated = find_outdated(connection, profile, entry=entry, reading=reading, addresses=addresses)
    if outdated is None or entry.reader is None:
        return None
    again = reread(outdated.capture)
    if again is None:
        return None
    made = PageReread(outdated.capture.record_id, outdated.article_id, outdated.number, entry.reader)
    return made if apply_reread(connection, profile, entry=made, reading=again) else None


def _find_held(connection: sqlite3.Connection, portal: str, *, addresses: Sequence[Address]) -> sqlite3.Row | None:
    """Find the held article with one of the addresses, else with one of their numbers, as `match_article` does."""
    of_article = """select a.id, a.revision, r.reader, r.capture_id from article_urls u
        join articles a on a.id = u.article_id
        join revisions r on r.article_id = a.id and r.number = a.revision where u.portal = ? and """
    found: sqlite3.Row | None = None
    for address in addresses:
        found = found or connection.execute(f"{of_article} u.url = ?", (portal, address.url)).fetchone()
    for address in addresses:
        if found is None and address.kind is AddressKind.ARTICLE:
            found = connection.execute(
                f"{of_article} u.kind = ? and u.source_id = ? order by u.rowid desc limit 1",
                (portal, address.kind.value, address.source_id),
            ).fetchone()
    return found


def _find_twin(
    connection: sqlite3.Connection, portal: str, *, article: Article, addresses: Sequence[Address], reader: int
) -> sqlite3.Row | None:
    """Find the only article of an older reader with the title and the slug of a page whose addresses are all new."""
    slugs = {address.title_slug[:SLUG_LENGTH] for address in addresses if address.title_slug}
    rows = connection.execute(
        """select distinct a.id, a.revision, r.reader, r.capture_id, substr(u.title_slug, 1, ?) as slug
           from article_facts f join articles a on a.id = f.article_id
           join revisions r on r.article_id = a.id and r.number = a.revision
           join article_urls u on u.article_id = a.id
           where f.title_key = ? and f.portal = ? and coalesce(r.reader, ?) < ?""",
        (SLUG_LENGTH, make_title_key(article.title), portal, FIRST_READER, reader),
    ).fetchall()
    found = {row["id"]: row for row in rows if row["slug"] in slugs}
    return next(iter(found.values())) if len(found) == 1 else None
