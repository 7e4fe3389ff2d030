"""What has changed in an archive since the index read it: by a digest of each article's row and what hangs on it."""

import sqlite3
from dataclasses import dataclass
from hashlib import blake2b

from crawler.union.ids import id_range, make_public_digest

# What the index copies of an article, except long texts: `content_sha256` stands for these, and for a file's text
# what is known of its reading.
_SEEN_SQL = """select a.id, a.sort_key, a.portal, a.url, a.source_id, a.category_id, a.published_on, a.published_at,
    a.published_from, a.first_seen_at, a.last_seen_at, a.changed_at, a.removed_at, a.state, a.listed, a.revision,
    a.word_count, a.content_sha256, a.title, length(a.body), a.captions,
    (select group_concat(u.url, char(10)) from (select url from article_urls where article_id = a.id order by url) u),
    (select group_concat(i.url || ' ' || coalesce(i.image_sha256, '') || (m.thumbnail is null), char(10)) from
     revision_images i left join images m on m.sha256 = i.image_sha256
     where i.article_id = a.id and i.number = a.revision),
    (select group_concat(r.url || ' ' || coalesce(r.attachment_sha256, '') || coalesce(r.label, ''), char(10))
     from revision_attachments r where r.article_id = a.id and r.number = a.revision),
    (select group_concat(r.position || ' ' || x.version || ' ' || x.characters || coalesce(x.tool, '') ||
     coalesce(x.doubts, '') || (x.text is null) || x.is_ocr, char(10))
     from revision_attachments r join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
     where r.article_id = a.id and r.number = a.revision),
    (select count(*) || ' ' || coalesce(total(s.dong), 0) from revision_sums s
     where s.article_id = a.id and s.number = a.revision)
    from articles a"""

# The attachments whose texts are there, of current revisions.
_TEXTS_SQL = """select a.id, r.attachment_sha256 from articles a
    join revision_attachments r on r.article_id = a.id and r.number = a.revision
    join attachment_texts x on x.attachment_sha256 = r.attachment_sha256 where x.text is not null {}"""


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of articles in one archive: to be deleted from the index, written again, and added. `digests` are by id."""

    gone: tuple[int, ...]
    changed: tuple[int, ...]
    new: tuple[int, ...]
    digests: dict[int, bytes]


def find_changes(archive: sqlite3.Connection, index: sqlite3.Connection, *, number: int) -> Changes:
    """Compare an archive with what the index has of it under its number. Read-only."""
    first, last = id_range(number)
    rows = index.execute(
        "select article_id - ?, digest from union_rows where article_id between ? and ?", (first, first, last)
    )
    held = {int(row[0]): bytes(row[1]) for row in rows}
    digests = {int(row[0]): _digest(tuple(row)) for row in archive.execute(_SEEN_SQL)}
    return Changes(
        gone=tuple(held.keys() - digests.keys()),
        changed=tuple(sorted(key for key, digest in digests.items() if held.get(key, digest) != digest)),
        new=tuple(sorted(digests.keys() - held.keys(), reverse=True)),
        digests=digests,
    )


def find_withdrawn(archive: sqlite3.Connection, index: sqlite3.Connection, *, number: int) -> list[int]:
    """Return public ids of articles that the archive does not show any more, or not with the text of each attachment.

    It reads so few columns that it also serves where a version is unknown, or other rows are damaged. Read-only.
    """
    span = id_range(number)
    shown = {span[0] + row[0] for row in archive.execute("select id from articles")}
    files = {
        (span[0] + own_id, make_public_digest(span[0] + own_id, sha256))
        for own_id, sha256 in archive.execute(_TEXTS_SQL.format(""))
    }
    held = {row[0] for row in index.execute("select article_id from union_rows where article_id between ? and ?", span)}
    read = {tuple(row) for row in index.execute(_TEXTS_SQL.format("and a.id between ? and ?"), span)}
    return sorted((held - shown) | {article_id for article_id, _ in read - files})


def _digest(row: tuple[object, ...]) -> bytes:
    return blake2b(repr(row).encode("utf-8", "backslashreplace"), digest_size=16).digest()
