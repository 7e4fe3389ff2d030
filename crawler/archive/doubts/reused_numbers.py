"""An article's number that the portal gave to another article.

It takes another slug, at least 80% other text, another first picture and another date (where both have them), on two
nights. Until then the reading is put aside. Then the new article has the new slug's addresses, and the old article
keeps its own addresses and its history. A heavy rewrite under the same slug is a revision.
"""

import sqlite3

from crawler.addresses import classify
from crawler.archive.articles.articles import article_at
from crawler.archive.articles.revisions import RevisionContent, files_differ
from crawler.archive.doubts.looks import PageLook, count_nights_before
from crawler.archive.doubts.other_articles import UNLIKE
from crawler.items import Address
from crawler.language.text import SLUG_LENGTH

KIND = "reused-number"
# The nights on which it must read so.
NIGHTS = 2


def find_new_addresses(connection: sqlite3.Connection, look: PageLook) -> tuple[Address, ...]:
    """Return the addresses of another article with the number of the held one. () if the page is of the held one."""
    if look.article_id is None or look.change is None or not look.change.fields:
        return ()
    rows = connection.execute(
        "select kind, source_id, title_slug from article_urls where article_id = ?", (look.article_id,)
    ).fetchall()
    numbers = {(row["kind"], row["source_id"]) for row in rows}
    slugs = {(row["title_slug"] or "")[:SLUG_LENGTH] for row in rows}
    claimed = (classify(url, look.profile) for url in look.marks.claims)
    found = {
        address.url: address
        for address in (*look.addresses, *claimed)
        if address is not None
        and (address.kind.value, address.source_id) in numbers
        and (address.title_slug or "")[:SLUG_LENGTH] not in slugs
        and article_at(connection, look.profile.name, url=address.url) is None
    }
    return tuple(found.values()) if found and _is_other(look, look.change.before) else ()


def is_certain(connection: sqlite3.Connection, look: PageLook) -> bool:
    """Return whether the page read so on enough nights, tonight included."""
    return count_nights_before(connection, look, kind=KIND) >= NIGHTS - 1


def _is_other(look: PageLook, before: RevisionContent) -> bool:
    """Return whether text, first picture and date differ; a picture and a date only where both have them."""
    if look.body_known > UNLIKE:
        return False
    images = look.change.after.images[:1] if look.change is not None else ()
    if before.images and images and not files_differ(before.images[:1], images):
        return False
    on = next((found.on.isoformat() for found in look.article.dates if found.source == "page"), None)
    return None in (on, before.published_on) or on != before.published_on
