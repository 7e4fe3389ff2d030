"""Replay what a run read of pages. The ledger decides to which article a page belongs, not today's reader."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from crawler.archive.articles.merges import known_id
from crawler.archive.readings import apply_page
from crawler.archive.rereading.outdated import bring_up_to_date
from crawler.archive.verdicts.rules import rules_of
from crawler.archive.warc.captures import capture_by_record
from crawler.archive.warc.ledger import FileRead, PageRead
from crawler.items import Address, Capture, PageReading, Purpose, Refusal
from crawler.profile import Profile
from crawler.rebuild.former_rows import FormerRows
from crawler.rebuild.promises import Promises
from crawler.rebuild.readers.reading import Asker, Reading, make_reread
from crawler.rebuild.report import ReadOtherwise
from crawler.sentences import say


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a replay knows besides the records: ids from later entries, and the current rows of the archive."""

    promises: Promises = field(default_factory=Promises)
    former: FormerRows | None = None


@dataclass(frozen=True, slots=True)
class _Accepted:
    """The reading of a page that is stored, the addresses that led to the page, and the version of the reader."""

    page: PageReading
    addresses: tuple[Address, ...]
    reader: int | None

    @property
    def has_article(self) -> bool:
        """True if it can be stored as an article: with a title and an address."""
        return self.page.article is not None and bool(self.page.article.title.strip()) and bool(self.addresses)


class PageReplay:
    """Applies entries of pages. `otherwise` are the pages that are read differently from their entries."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, *, evidence: Evidence, asker: Asker) -> None:
        self._connection = connection
        self._folder = folder
        self._asker = asker
        self._evidence = evidence
        self.otherwise: list[ReadOtherwise] = []

    def apply(self, entry: PageRead, reading: Reading, *, profile: Profile) -> None:
        """Store a page. If today's reader refuses an article's page, keep its former reading, and report it."""
        if entry.article_id is None and reading.page is None:
            self.note(entry, "page", said=f"cannot be read: {reading.error}")
            return
        read = _Accepted(reading.page or _unread(reading.error), reading.addresses, reading.reader)
        if entry.article_id is not None and (why := self._find_refusal(entry, read)) is not None:
            read, kept = self._keep(entry, read, article_id=entry.article_id, profile=profile)
            self.note(entry, "page", said=f"{why}; {kept}")
        elif not read.has_article and entry.purpose == Purpose.ARTICLE:
            read = replace(read, page=replace(read.page, article=None))
        promises = self._evidence.promises
        # The start of a run may adopt records of an older version, and the database has rows of that version.
        bring_up_to_date(
            self._connection, profile, entry=replace(entry, reader=read.reader), reading=read.page,
            addresses=read.addresses,
            reread=lambda capture: self._reread(capture, profile),
        )  # fmt: skip
        applied = apply_page(
            self._connection, profile, entry=replace(entry, reader=read.reader), reading=read.page,
            addresses=read.addresses, floor=promises.floor, promised_id=promises.later.get(entry.asked),
        )  # fmt: skip
        if None not in (entry.article_id, applied.article_id) and applied.article_id != entry.article_id:
            self.note(entry, "article", said=f"is read as article {applied.article_id} now; the id leads there")

    def _reread(self, capture: Capture, profile: Profile) -> PageReading | None:
        return make_reread(self._connection, self._folder, profile=profile, asker=self._asker)(capture)

    def note(self, entry: PageRead | FileRead, what: str, *, said: str) -> None:
        """Report a page or a file."""
        capture = capture_by_record(self._connection, entry.capture)
        article_id = entry.article_id if isinstance(entry, PageRead) else None
        self.otherwise.append(ReadOtherwise(article_id, entry.asked, capture.id, what, said))

    def _find_refusal(self, entry: PageRead, read: _Accepted) -> str | None:
        """Return why today's reader refuses an article's page; None if it does not refuse it.

        By rules 1, every page with an article's parts is an article.
        """
        refusal = read.page.refusal
        if read.has_article:
            capture = capture_by_record(self._connection, entry.capture)
            if refusal is None or rules_of(self._connection, capture.crawl_id) == 1:
                return None
        if refusal is None:
            return "was an article's page, and has no title or no article's address by today's reader"
        return f"was an article's page, and today's reader refuses it ({refusal.kind}: {refusal.message})"

    def _keep(self, entry: PageRead, read: _Accepted, *, article_id: int, profile: Profile) -> tuple[_Accepted, str]:
        """Find a reading for a refused page: from the archive's rows, else what today's reader found in it.

        Returns:
            The reading, and what became of the page, for the report.
        """
        former = self._evidence.former
        found = former.find(entry.capture, article_id, asked=entry.asked, profile=profile) if former else None
        if found is not None:
            page = replace(read.page, article=found.article, refusal=None)
            return _Accepted(page, found.addresses, found.reader), "kept as the archive's rows have it"
        if read.has_article:
            return replace(read, page=replace(read.page, refusal=None)), "kept as it is read even so"
        refusal = read.page.refusal or _unread("no title, or no article's address").refusal
        lost = _Accepted(replace(read.page, article=None, refusal=refusal), (), read.reader)
        if known_id(self._connection, article_id) is not None:
            return lost, "kept as a look at the article; what was read before stays"
        return lost, "lost, since the archive has no rows to keep it from; the capture stays"


def find_lost(
    connection: sqlite3.Connection, promises: Promises, *, told: Iterable[ReadOtherwise]
) -> list[ReadOtherwise]:
    """Return the articles that the ledger names and the database lacks. Leave out those with a page in `told`."""
    missing = promises.named - {one.article_id for one in told if one.field == "page"}
    missing.difference_update(row[0] for row in connection.execute("select id from articles"))
    missing.difference_update(row[0] for row in connection.execute("select id from article_redirects"))
    return [ReadOtherwise(one, None, None, "article", "lost: no page of it is read as one") for one in sorted(missing)]


def _unread(error: str | None) -> PageReading:
    return PageReading(refusal=Refusal("another-layout", say("other", text=error or "")))
