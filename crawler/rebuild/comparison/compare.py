"""Read the capture of every revision again with today's reader, and compare it with the rows. Read-only."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from crawler.archive.articles import revisions
from crawler.archive.articles.articles import article_at
from crawler.archive.rereading.another_reading import page_date, reread_content
from crawler.archive.rereading.outdated import FIRST_READER, HeldRevision
from crawler.archive.warc.answers import find_holder
from crawler.archive.warc.captures import as_capture
from crawler.archive.withheld.open_whole import open_whole
from crawler.archive.withholdings import read_active
from crawler.errors import PortalArchiveError
from crawler.items import Article, Capture, Purpose
from crawler.profile import Profile, restore_profile
from crawler.rebuild.comparison.differences import Comparison, Differing, compare_contents
from crawler.rebuild.readers.pool import open_asker
from crawler.rebuild.readers.reading import Asker, AskHere, CapturedPageQuestion, Pending, Reading

Watch = Callable[[int], None]

# The number of captures whose readings are requested ahead of their turn.
_AHEAD = 200


@dataclass(frozen=True, slots=True)
class RereadRevision:
    """A revision with today's reading of its capture. `is_outdated`: an older reader made the stored revision."""

    held: HeldRevision
    portal: str
    reading: Reading
    is_outdated: bool

    @property
    def article(self) -> Article | None:
        """The article that is read now; None if the page is refused or cannot be read."""
        page = self.reading.page
        if page is None or page.refusal is not None or page.article is None or not page.article.title.strip():
            return None
        return page.article

    @property
    def why_not(self) -> str:
        """Why there is no article, in words."""
        page = self.reading.page
        if page is None:
            return f"cannot be read: {self.reading.error}"
        if page.refusal is not None:
            return f"refused ({page.refusal.kind}: {page.refusal.message})"
        return "read without a title"


def compare(
    archive: Path, *, processes: int | None = None, watch: Watch | None = None
) -> tuple[Comparison, list[HeldRevision]]:
    """Compare every revision with another reading of its capture.

    `processes` as for `open_asker`. `watch` is called with the bytes of each captured record that is done.

    Returns:
        What differs. And the revisions whose new reading can be stored: those that are read differently now, or that
        an older reader read.

    Raises:
        ArchiveUnusableError: if the database or the WARC files cannot be read.
    """
    found, better = Comparison(), []
    folder = archive.absolute().parent / "warc"
    with closing(open_whole(archive)) as connection, open_asker(folder, processes) as asker:
        hidden = {int(one.what) for one in read_active(connection) if one.kind == "article"}
        for one in reread_all(connection, folder, asker=asker):
            differing = list(_compare(connection, one))
            found.revisions += 1
            if watch is not None:
                watch(one.held.capture.warc_length)
            found.unread += one.article is None
            found.differences += [_without_values(each) if each.article_id in hidden else each for each in differing]
            if one.article is not None and (differing or one.is_outdated):
                better.append(one.held)
    return found, better


def compared_bytes(archive: Path) -> int:
    """Return the bytes of all records that a comparison reads.

    Raises:
        ArchiveUnusableError: if the database cannot be read.
    """
    with closing(open_whole(archive)) as connection:
        (count,) = connection.execute(
            """select coalesce(sum(c.warc_length), 0) from captures c
               join (select distinct article_id, capture_id from revisions) r on r.capture_id = c.id"""
        ).fetchone()
    return int(count)


def reread_all(connection: sqlite3.Connection, folder: Path, *, asker: Asker | None) -> Iterator[RereadRevision]:
    """Read the capture of every revision again, ordered by article and number. Each capture is read once."""
    waiting: deque[tuple[sqlite3.Row, HeldRevision, Pending]] = deque()
    rows = connection.execute(
        """select r.article_id, min(r.number) as number, min(coalesce(r.reader, 1)) as reader, r.capture_id, a.portal,
             p.profile from revisions r join articles a on a.id = r.article_id join portals p on p.name = a.portal
           group by r.article_id, r.capture_id order by r.article_id, 2"""
    )
    for row in rows:
        found = connection.execute("select * from captures where id = ?", (row["capture_id"],)).fetchone()
        held = HeldRevision(row["article_id"], row["number"], as_capture(found))
        waiting.append(
            (row, held, ask_again(connection, folder, capture=held.capture, profile=row["profile"], asker=asker))
        )
        if asker is None or len(waiting) > _AHEAD:
            yield _finish(waiting.popleft())
    while waiting:
        yield _finish(waiting.popleft())


def _finish(asked: tuple[sqlite3.Row, HeldRevision, Pending]) -> RereadRevision:
    row, held, pending = asked
    reading = pending.result()
    return RereadRevision(held, row["portal"], reading, is_outdated=row["reader"] < (reading.reader or FIRST_READER))


@dataclass(frozen=True, slots=True)
class _Failed:
    error: str

    def result(self) -> Reading:
        return Reading(error=self.error)


def ask_again(
    connection: sqlite3.Connection, folder: Path, *, capture: Capture, profile: str, asker: Asker | None
) -> Pending:
    """Ask for another reading of an article's capture. A capture that cannot be read gives a reading with the error."""
    try:
        holder = find_holder(connection, folder, capture=capture)
    except PortalArchiveError as error:
        return _Failed(str(error))
    question = CapturedPageQuestion(capture, holder, profile, Purpose.ARTICLE.value, capture.url)
    return (asker or AskHere(folder)).ask(question)


def _compare(connection: sqlite3.Connection, one: RereadRevision) -> Iterator[Differing]:
    held, capture = one.held, one.held.capture
    where = held.article_id, held.number, capture.id, capture.url
    if one.article is None:
        yield Differing(*where, "page", None, one.why_not)
        return
    read = reread_content(
        connection, _profile(connection, one.portal), article_id=held.article_id, number=held.number,
        article=one.article,
    )  # fmt: skip
    before = revisions.read_content(connection, held.article_id, number=held.number)
    for name, old, new in compare_contents(before, read):
        yield Differing(*where, name, old, new)
    if (shown := _find_better_date(connection, one, article=one.article)) is not None:
        yield Differing(*where, "published_on", before.published_on, shown)
    for address in one.reading.addresses:
        other = article_at(connection, one.portal, url=address.url)
        if other not in (None, held.article_id):
            yield Differing(*where, "addresses", None, f"{address.url}, of article {other}")


def _find_better_date(connection: sqlite3.Connection, one: RereadRevision, *, article: Article) -> str | None:
    """Return the date on the page, if the article's date comes from elsewhere and this is its current revision."""
    row = connection.execute(
        "select published_on, published_from from articles where id = ? and capture_id = ?",
        (one.held.article_id, one.held.capture.id),
    ).fetchone()
    if row is None or row["published_from"] == "page":
        return None
    on = page_date(connection, _profile(connection, one.portal), article=article, capture=one.held.capture)
    return on if on != row["published_on"] else None


def _without_values(one: Differing) -> Differing:
    return Differing(one.article_id, one.revision, one.capture_id, one.url, one.field, None, None)


def _profile(connection: sqlite3.Connection, portal: str) -> Profile:
    row = connection.execute("select profile from portals where name = ?", (portal,)).fetchone()
    return restore_profile(row["profile"])
