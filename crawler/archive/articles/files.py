"""Files under their addresses: the bytes that are held, and what other bytes mean for the articles that name them.

A file that comes late completes the current revision of its articles; other bytes make a new revision of each. Nothing
is overwritten: revisions keep the digests that they had.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace

from crawler.archive.articles import revisions
from crawler.archive.articles.articles import reindex
from crawler.archive.articles.changes import SHARED_ARTICLES
from crawler.archive.articles.file_events import FileEventKind, FileName, put_file_event
from crawler.archive.articles.revisions import FileRow
from crawler.archive.articles.search_index import read_search_row
from crawler.archive.events import put_event
from crawler.archive.frontier import file_looks, frontier
from crawler.archive.frontier.frontier import GAP_NIGHTS, Attempt, put_error
from crawler.items import Capture, EventKind, FileReading, FileRole, FrontierState, Purpose, Refusal
from crawler.sentences import say

_TABLES = {
    FileRole.IMAGE: ("revision_images", "image_sha256"),
    FileRole.ATTACHMENT: ("revision_attachments", "attachment_sha256"),
}
# The answer is that the address gives no such file (any more).
_GONE_KINDS = frozenset(("http-404", "http-410", "not-a-file", "not-an-image", "a-page", "empty"))


def put_file(
    connection: sqlite3.Connection, attempt: Attempt, *, file: FileName, reading: FileReading, capture: Capture,
    rules: int,
) -> None:  # fmt: skip
    """Store an examined file under the address that pages give it, and tell the articles that name it.

    A cut file is a failure, unless the run before got the same bytes: then it is as the portal has it.
    """
    known = _read_known(connection, attempt.portal, file=file)
    if _is_cut(file, reading, known=known, rules=rules) and not _came_before(connection, capture, rules=rules):
        fail_file(connection, attempt, file=file, refusal=Refusal("truncated", say("file-lacks-end")), rules=rules)
        return
    if reading.undrawn:
        _note_undrawn(connection, attempt, url=file.url, reading=reading)
    _put_bytes(connection, attempt, role=file.role, reading=reading, capture=capture)
    _put_address(connection, attempt, file=file, reading=reading, capture=capture, rules=rules)
    frontier.set_state(connection, attempt, urls={file.url, capture.url}, state=FrontierState.DONE)
    if rules < 2:
        return
    before = known["sha256"] if known else None
    checked_at = file_looks.last_checked(connection, attempt.portal, url=file.url, role=file.role)
    file_looks.put_had(connection, attempt, url=file.url, role=file.role, is_repeat=before is not None)
    if known and before and known["error"] in _GONE_KINDS:
        _note(connection, attempt, file=file, kind=FileEventKind.RETURNED, before=before, after=reading.sha256)
    if file.role != FileRole.REQUISITE:
        _follow(
            connection, attempt, file=file, before=before, after=reading.sha256, checked_at=checked_at, capture=capture
        )


def put_pasted(
    connection: sqlite3.Connection, attempt: Attempt, *, pasted: Iterable[tuple[str, FileReading]], capture: Capture
) -> None:
    """Store the pictures that were pasted into a page, under the archive's addresses for them.

    The address names the bytes, so what is known of it stays as it is. They are never asked for.
    """
    for url, reading in pasted:
        if _read_known(connection, attempt.portal, file=FileName(url, FileRole.IMAGE)) is not None:
            continue
        refusal = reading.refusal
        if reading.undrawn:
            _note_undrawn(connection, attempt, url=url, reading=reading)
        if refusal is None:
            _put_bytes(connection, attempt, role=FileRole.IMAGE, reading=reading, capture=capture)
        else:
            put_error(connection, attempt, url=url, refusal=refusal)
        connection.execute(
            "insert into files (portal, url, role, sha256, capture_id, fetched_at, error) values (?, ?, ?, ?, ?, ?, ?)",
            (
                attempt.portal, url, FileRole.IMAGE, reading.sha256 if refusal is None else None, capture.id,
                capture.fetched_at, refusal.kind if refusal is not None else None,
            ),
        )  # fmt: skip


def fail_file(
    connection: sqlite3.Connection, attempt: Attempt, *, file: FileName, refusal: Refusal, rules: int
) -> None:
    """Record a file that could not be fetched: each kind of failure once, and a gap. Held bytes stay."""
    known = _read_known(connection, attempt.portal, file=file)
    frontier.set_state(connection, attempt, urls=[file.url], state=FrontierState.DEAD, reason=refusal.kind)
    held = known["sha256"] if known else None
    is_new = not known or known["error"] != refusal.kind
    if rules < 2:
        is_new = is_new and not held
    else:
        fails = file_looks.put_failed(
            connection, attempt, url=file.url, role=file.role, kind=refusal.kind, is_repeat=held is not None
        )
        if fails == GAP_NIGHTS and not is_new and refusal.kind != "a-page":
            put_error(connection, attempt, url=file.url, refusal=Refusal("file-gap", say("file-gap", nights=fails)))
        if held and is_new and refusal.kind in _GONE_KINDS and known and known["error"] not in _GONE_KINDS:
            _note(connection, attempt, file=file, kind=FileEventKind.GONE, before=held, after=None)
    if not is_new:
        return
    if refusal.kind != "a-page" or held:
        put_error(connection, attempt, url=file.url, refusal=refusal)
    if held:
        connection.execute(
            "update files set error = ? where portal = ? and url = ? and role = ?",
            (refusal.kind, attempt.portal, file.url, file.role),
        )
        return
    connection.execute(
        """insert into files (portal, url, role, capture_id, fetched_at, error) values (?, ?, ?, ?, ?, ?)
           on conflict (portal, url, role) do update set error = excluded.error, fetched_at = excluded.fetched_at""",
        (attempt.portal, file.url, file.role, attempt.capture_id, attempt.at, refusal.kind),
    )


def _put_bytes(
    connection: sqlite3.Connection, attempt: Attempt, *, role: str, reading: FileReading, capture: Capture
) -> None:
    if role == FileRole.IMAGE:
        connection.execute(
            "insert into images values (?, ?, ?, ?, ?, ?, ?) on conflict (sha256) do nothing",
            (
                reading.sha256, reading.media_type, reading.width, reading.height, reading.size_bytes,
                reading.thumbnail, capture.id,
            ),
        )  # fmt: skip
    elif role == FileRole.ATTACHMENT:
        connection.execute(
            "insert into attachments values (?, ?, ?, ?) on conflict (sha256) do nothing",
            (reading.sha256, reading.media_type, reading.size_bytes, capture.id),
        )
    elif role == FileRole.REQUISITE:
        frontier.add_found(
            connection, attempt.portal, urls=reading.requisites, purpose=Purpose.REQUISITE, capture_id=capture.id,
            at=capture.fetched_at,
        )  # fmt: skip


def _note_undrawn(connection: sqlite3.Connection, attempt: Attempt, *, url: str, reading: FileReading) -> None:
    """Record once that a picture is held without a thumbnail, since to decode it costs too much."""
    if connection.execute("select 1 from images where sha256 = ?", (reading.sha256,)).fetchone() is None:
        size = say("picture-too-large", width=reading.width or 0, height=reading.height or 0)
        put_error(connection, attempt, url=url, refusal=Refusal("picture-too-large", size))


def _is_cut(file: FileName, reading: FileReading, *, known: sqlite3.Row | None, rules: int) -> bool:
    """Whether a file without the end of its format is to be doubted: fewer bytes than are held, or any other picture.

    An attachment that never came otherwise counts as the portal has it: it is worth more than a picture.
    """
    if not reading.lacks_end or rules < 2:
        return False
    if rules > 4 and file.role == FileRole.IMAGE:
        return known is None or known["sha256"] != reading.sha256
    return known is not None and (known["held_bytes"] or 0) > reading.size_bytes


def _came_before(connection: sqlite3.Connection, capture: Capture, *, rules: int) -> bool:
    """Return whether an earlier run got the same bytes from the same address; by rules 5, the last that got any."""
    if rules > 4:
        last = connection.execute(
            """select payload_sha256 from captures where url = ? and crawl_id < ? and status in (200, 304)
               order by id desc limit 1""",
            (capture.url, capture.crawl_id),
        ).fetchone()
        return last is not None and last["payload_sha256"] == capture.payload_sha256
    row = connection.execute(
        "select 1 from captures where url = ? and payload_sha256 = ? and crawl_id < ? limit 1",
        (capture.url, capture.payload_sha256, capture.crawl_id),
    ).fetchone()
    return row is not None


def _put_address(
    connection: sqlite3.Connection, attempt: Attempt, *, file: FileName, reading: FileReading, capture: Capture,
    rules: int,
) -> None:  # fmt: skip
    if rules > 1 and capture.status == 304:
        # It confirms the bytes of the capture that the row names.
        connection.execute(
            "update files set error = null where portal = ? and url = ? and role = ?",
            (attempt.portal, file.url, file.role),
        )
        return
    name = reading.name if rules > 1 else None
    connection.execute(
        """insert into files (portal, url, role, sha256, capture_id, fetched_at, name) values (?, ?, ?, ?, ?, ?, ?)
           on conflict (portal, url, role) do update set sha256 = excluded.sha256, capture_id = excluded.capture_id,
             fetched_at = excluded.fetched_at, error = null, name = excluded.name""",
        (attempt.portal, file.url, file.role, reading.sha256, capture.id, capture.fetched_at, name),
    )


def _read_known(connection: sqlite3.Connection, portal: str, *, file: FileName) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        """select f.sha256, f.error, coalesce(a.size_bytes, i.size_bytes) as held_bytes from files f
           left join attachments a on f.role = 'attachment' and a.sha256 = f.sha256
           left join images i on f.role = 'image' and i.sha256 = f.sha256
           where f.portal = ? and f.url = ? and f.role = ?""",
        (portal, file.url, file.role),
    ).fetchone()
    return row


def _follow(
    connection: sqlite3.Connection, attempt: Attempt, *, file: FileName, before: str | None, after: str,
    checked_at: str | None, capture: Capture,
) -> None:  # fmt: skip
    """Complete the revisions that lack the file. If its bytes changed, revise the articles that name it.

    `checked_at` is when the former bytes were last seen.
    """
    uses = _read_uses(connection, attempt.portal, file=file)
    for article_id, sha256 in uses.items():
        if sha256 is None:
            _complete(connection, article_id, file=file, sha256=after, capture=capture)
    if before is None or before == after:
        return
    other = [article_id for article_id, sha256 in uses.items() if sha256 not in (None, after)]
    kind = FileEventKind.REPLACED
    if file.role == FileRole.IMAGE and len(other) > SHARED_ARTICLES:
        kind = FileEventKind.REPLACED_IN_MANY
    else:
        for article_id in other:
            _revise(connection, article_id, file=file, sha256=after, checked_at=checked_at, capture=capture)
    _note(connection, attempt, file=file, kind=kind, before=before, after=after, articles=len(other))


def _read_uses(connection: sqlite3.Connection, portal: str, *, file: FileName) -> dict[int, str | None]:
    """Return the articles whose current revision names a file, with the digest that it has there."""
    table, column = _TABLES[FileRole(file.role)]
    rows = connection.execute(
        f"""select r.article_id, min(r.{column}) from {table} r
            join articles a on a.id = r.article_id and a.revision = r.number
            where r.url = ? and a.portal = ? group by r.article_id order by r.article_id""",  # noqa: S608 - ours
        (file.url, portal),
    )
    return {row[0]: row[1] for row in rows.fetchall()}


def _complete(
    connection: sqlite3.Connection, article_id: int, *, file: FileName, sha256: str, capture: Capture
) -> None:
    """Fill in the digest of a file in the current revision, with one event a run."""
    indexed = read_search_row(connection, article_id)
    table, column = _TABLES[FileRole(file.role)]
    connection.execute(
        f"""update {table} set {column} = ? where article_id = ? and url = ? and {column} is null
            and number = (select revision from articles where id = ?)""",  # noqa: S608 - ours
        (sha256, article_id, file.url, article_id),
    )
    told = connection.execute(
        """select 1 from article_events e join captures c on c.id = e.capture_id
           where e.article_id = ? and e.kind = ? and c.crawl_id = ?""",
        (article_id, EventKind.COMPLETED, capture.crawl_id),
    ).fetchone()
    if told is None:
        put_event(connection, article_id, kind=EventKind.COMPLETED, at=capture.fetched_at, capture_id=capture.id)
    reindex(connection, article_id, indexed=indexed)


def _revise(
    connection: sqlite3.Connection, article_id: int, *, file: FileName, sha256: str, checked_at: str | None,
    capture: Capture,
) -> None:  # fmt: skip
    """Make a revision with the other bytes. Its capture is still that of the page; the event's is that of the file.

    Later looks at the page did not see the file, so they confirm the revision before it no longer.
    """
    indexed = read_search_row(connection, article_id)
    row = connection.execute(
        """select a.revision, a.capture_id, r.reader from articles a
           join revisions r on r.article_id = a.id and r.number = a.revision where a.id = ?""",
        (article_id,),
    ).fetchone()
    before = revisions.current_content(connection, article_id)
    if file.role == FileRole.IMAGE:
        after = replace(before, images=_with_bytes(before.images, file.url, sha256=sha256))
    else:
        after = replace(before, attachments=_with_bytes(before.attachments, file.url, sha256=sha256))
    page = replace(capture, id=row["capture_id"])
    number = int(row["revision"]) + 1
    revisions.keep_text(connection, article_id, number=row["revision"])
    revisions.insert_revision(
        connection, article_id, number=number, content=after, before=before, capture=page, reader=row["reader"]
    )
    connection.execute(
        """update revision_rows set confirmed_at = max(seen_at, min(confirmed_at, ?))
           where article_id = ? and number = ?""",
        (checked_at or capture.fetched_at, article_id, number - 1),
    )
    connection.execute(
        "update articles set revision = ?, changed_at = ?, last_crawl_id = ? where id = ?",
        (number, capture.fetched_at, capture.crawl_id, article_id),
    )
    revisions.share_text(connection, article_id)
    put_event(
        connection, article_id, kind=EventKind.REVISED, at=capture.fetched_at, capture_id=capture.id,
        detail=say("fields-changed", fields=revisions.changed_fields(before, after)),
    )  # fmt: skip
    reindex(connection, article_id, indexed=indexed)


def _with_bytes(rows: tuple[FileRow, ...], url: str, *, sha256: str) -> tuple[FileRow, ...]:
    return tuple(replace(row, sha256=sha256) if row.url == url else row for row in rows)


def _note(
    connection: sqlite3.Connection, attempt: Attempt, *, file: FileName, kind: FileEventKind, before: str | None,
    after: str | None, articles: int | None = None,
) -> None:  # fmt: skip
    if articles is None:
        articles = 0 if file.role == FileRole.REQUISITE else len(_read_uses(connection, attempt.portal, file=file))
    put_file_event(connection, attempt, file=file, kind=kind, before=before, after=after, articles=articles)
