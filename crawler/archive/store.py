"""The entry for every write of a run or rebuild but that of pages (`readings`): portals, crawls, files, errors.

Every function works inside the caller's transaction and is deterministic: the same calls in the same order make the
same rows, ids included. A rebuild depends on this.
"""

import sqlite3
from urllib.parse import urlsplit

from crawler.archive.articles import files
from crawler.archive.articles.derived import put_utc_offset
from crawler.archive.articles.file_events import FileName
from crawler.archive.articles.moves import carry_over
from crawler.archive.controls.controls import forget_pages
from crawler.archive.frontier import file_looks, frontier, listings
from crawler.archive.history.lineage import floor_of
from crawler.archive.readings import attempt_of, put_refusal
from crawler.archive.verdicts import removals, removals_1
from crawler.archive.verdicts.nights import night_of, night_of_run
from crawler.archive.verdicts.rules import rules_of
from crawler.archive.warc.captures import capture_by_record
from crawler.archive.warc.ledger import (
    CrawlFinished,
    CrawlStarted,
    Failed,
    FileRead,
    ListingWalked,
    PageRead,
    PageReread,
    RunEntry,
)
from crawler.errors import ArchiveUnusableError, Fault, PortalMovedError, fault_of
from crawler.items import FileReading, FileRole, Outcome, Refusal
from crawler.profile import DEFAULT_PORTS, Profile, restore_profile
from crawler.sentences import REASONS, parse_joined, say, to_columns


def put_portal(connection: sqlite3.Connection, profile: Profile, *, profile_json: str, rules: int) -> None:
    """Store a portal, or update its row from its profile. By rules 2, a portal that moved keeps its articles.

    Raises:
        PortalMovedError: if the archive has another base_url for the portal, and `moved_from` does not name it.
    """
    check_portal(connection, profile)
    if rules > 1:
        carry_over(connection, profile)
    connection.execute(
        """insert into portals (name, title, base_url, timezone, cms, rights_notice, rights_source, profile)
           values (?, ?, ?, ?, ?, ?, ?, ?)
           on conflict (name) do update set title = excluded.title, base_url = excluded.base_url,
             timezone = excluded.timezone, cms = excluded.cms, rights_notice = excluded.rights_notice,
             rights_source = excluded.rights_source, profile = excluded.profile""",
        (
            profile.name, profile.title, profile.base_url, profile.timezone, profile.cms, profile.rights.notice,
            profile.rights.source, profile_json,
        ),
    )  # fmt: skip


def check_portal(connection: sqlite3.Connection, profile: Profile) -> None:
    """Refuse a profile whose base_url differs from the archive's. Read-only.

    Raises:
        PortalMovedError: as `put_portal`.
    """
    row = connection.execute("select base_url from portals where name = ?", (profile.name,)).fetchone()
    if row is None or _site(row["base_url"]) == _site(profile.base_url):
        return
    if _site(row["base_url"])[1:] not in {_site(address)[1:] for address in profile.moved_from}:
        raise PortalMovedError(
            f"portal {profile.name!r}: the archive holds {row['base_url']}, the profile says {profile.base_url}; "
            f'if the portal moved, add moved_from = ["{row["base_url"]}"] to the profile'
        )


def _site(base_url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port (None: a default one) of a base_url."""
    parts = urlsplit(base_url.lower())
    return parts.scheme, parts.hostname or "", None if parts.port in DEFAULT_PORTS.values() else parts.port


def begin_crawl(connection: sqlite3.Connection, entry: CrawlStarted, *, portal: str) -> None:
    """Open the row of a run, with outcome `running`."""
    connection.execute(
        "insert into crawls (id, portal, started_at, outcome, full, rules) values (?, ?, ?, 'running', ?, ?)",
        (entry.crawl_id, portal, entry.at, int(entry.full), entry.rules),
    )
    put_utc_offset(connection, portal, at=entry.at)
    if entry.rules > 1:
        profile = restore_profile(entry.profile)
        file_looks.plan_held_files(connection, profile, night=night_of(profile, entry.at))


def finish_crawl(connection: sqlite3.Connection, entry: CrawlFinished, *, profile: Profile | None = None) -> None:
    """Close the row of a run: its outcome, its reason, and counts of its rows.

    If the entry has a night and the profile is given, the misses of that night are judged first.
    """
    is_sound = entry.ill is None and entry.outcome in (Outcome.COMPLETE, Outcome.PARTIAL)
    forget_pages(connection, entry.crawl_id)
    if not is_sound and rules_of(connection, entry.crawl_id) > 1:
        listings.keep_listed(connection, entry.crawl_id)
    removed = 0
    if profile is not None and entry.night is not None:
        removed = _judge_night(connection, entry, profile=profile, night=entry.night)
    connection.execute(
        """update crawls set reason = ?, reason_kind = ?, reason_args = ?, articles_removed = ?,
             clock_offset_seconds = ? where id = ?""",
        (*to_columns(entry.reason), removed, entry.clock_offset_seconds, entry.crawl_id),
    )
    _count_rows(connection, entry)


def _judge_night(connection: sqlite3.Connection, entry: CrawlFinished, *, profile: Profile, night: str) -> int:
    """Settle what the listings of a night showed, and judge its misses. Return how many articles are removed now."""
    rules, nights = rules_of(connection, entry.crawl_id), profile.removal.nights
    listings.settle(connection, profile.name, crawl_id=entry.crawl_id, at=entry.at, night=night)
    listings.count_held(connection, profile.name, crawl_id=entry.crawl_id)
    if rules == 1:
        return removals_1.judge_misses(connection, profile.name, night=night, nights=nights, ill=entry.ill)
    return removals.judge_misses(connection, profile.name, night=night, nights=nights, ill=entry.ill, rules=rules)


def _count_rows(connection: sqlite3.Connection, entry: CrawlFinished) -> None:
    """Put the end of a run, and the counts of the rows that it wrote, into its own row."""
    connection.execute(
        """update crawls set finished_at = :at, outcome = :outcome, in_ledger = 1,
             articles_new = (select count(distinct e.article_id) from article_events e
               join captures c on c.id = e.capture_id where c.crawl_id = crawls.id and e.kind = 'found'),
             articles_changed = (select count(distinct e.article_id) from article_events e
               join captures c on c.id = e.capture_id where c.crawl_id = crawls.id and e.kind = 'revised'
               and not exists (select 1 from article_events f join captures g on g.id = f.capture_id
                 where f.article_id = e.article_id and f.kind = 'found' and g.crawl_id = crawls.id)),
             images_new = (select count(*) from images i join captures c on c.id = i.capture_id
               where c.crawl_id = crawls.id),
             errors = (select count(*) from crawl_errors where crawl_id = crawls.id)
           where id = :crawl_id""",
        {"at": entry.at, "outcome": entry.outcome, "crawl_id": entry.crawl_id},
    )
    connection.execute(
        """update crawls set articles_unchanged = max(0, (select count(*) from articles
             where last_crawl_id = crawls.id) - articles_new - articles_changed) where id = ?""",
        (entry.crawl_id,),
    )


def unfinished_crawls(connection: sqlite3.Connection, now: str) -> list[CrawlFinished]:
    """Return the closing entries that the ledger lacks: of runs that died, and of runs that could no longer write."""
    rows = connection.execute("select id, finished_at, outcome, reason from crawls where not in_ledger order by id")
    return [
        CrawlFinished(row["id"], row["finished_at"], row["outcome"], parse_joined(row["reason"], REASONS), None, None)
        if row["finished_at"]
        else CrawlFinished(row["id"], now, Outcome.INTERRUPTED, (say("run-died"),), None, None)
        for row in rows.fetchall()
    ]


def fail_crawl(connection: sqlite3.Connection, crawl_id: int, *, at: str, error: BaseException) -> None:
    """Mark a run's row as failed when the ledger cannot be written any more, because of an error."""
    reason = str(say("no-space")) if fault_of(error) is Fault.FULL else str(error) or type(error).__name__
    connection.execute(
        """update crawls set finished_at = ?, outcome = 'failed', reason = ?, reason_kind = ?, reason_args = ?
           where id = ?""",
        (at, *to_columns(parse_joined(reason, REASONS)), crawl_id),
    )


def next_crawl_id(connection: sqlite3.Connection) -> int:
    """Return the id of the next run: one more than the highest, or than the one that ids jumped over."""
    (highest,) = connection.execute("select coalesce(max(id), 0) from crawls").fetchone()
    return max(int(highest), floor_of(connection, "crawl")) + 1


def apply_file(connection: sqlite3.Connection, profile: Profile, *, entry: FileRead, reading: FileReading) -> None:
    """Store an examined file under the address that pages give it."""
    capture = capture_by_record(connection, entry.capture)
    attempt = attempt_of(connection, profile, capture=capture)
    rules, file = rules_of(connection, capture.crawl_id), FileName(entry.asked, entry.role)
    refusal = reading.refusal
    if rules > 1 and capture.status == 304 and capture.record_type == "response":
        # It confirms an answer that the archive does not hold.
        refusal = Refusal("http-304", say("unasked-304"))
    if refusal is not None:
        files.fail_file(connection, attempt, file=file, refusal=refusal, rules=rules)
    else:
        files.put_file(connection, attempt, file=file, reading=reading, capture=capture, rules=rules)


def apply_failure(connection: sqlite3.Connection, profile: Profile, *, entry: Failed) -> None:
    """Record a failed request: a file once, an article in the frontier for another try."""
    refusal = Refusal(entry.kind, entry.message)
    capture = capture_by_record(connection, entry.capture) if entry.capture else None
    night = night_of_run(connection, profile, crawl_id=entry.crawl_id, at=entry.at)
    attempt = frontier.Attempt(profile.name, entry.at, night, entry.crawl_id, capture)
    if entry.attempted:
        connection.execute("update crawls set requests = requests + 1 where id = ?", (entry.crawl_id,))
    if entry.role in set(FileRole):
        rules = rules_of(connection, entry.crawl_id)
        files.fail_file(connection, attempt, file=FileName(entry.url, entry.role), refusal=refusal, rules=rules)
    else:
        put_refusal(connection, attempt, url=entry.url, refusal=refusal)


def put_listing_walk(connection: sqlite3.Connection, portal: str, *, entry: ListingWalked) -> None:
    """Store how far a listing was read in a run. After a whole reading, unlist what it no longer names."""
    connection.execute(
        """insert or replace into listing_walks (crawl_id, url, pages_announced, pages_read, rows_seen, whole, to_end,
             end_by, rows_unknown, cut_at, resumed_at, missing, missing_kind, missing_args)
           values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
        (
            entry.crawl_id, entry.url, entry.pages_announced, entry.pages_read, entry.rows_seen, int(entry.whole),
            int(entry.to_end), entry.end_by, entry.rows_unknown, entry.cut_at, entry.resumed_at,
            *to_columns(entry.missing),
        ),
    )  # fmt: skip
    if entry.whole:
        listings.unlist(connection, portal, listing=entry.url, crawl_id=entry.crawl_id)


def entry_portal(connection: sqlite3.Connection, entry: RunEntry) -> str:
    """Return the portal of an entry's run.

    Raises:
        ArchiveUnusableError: if the ledger does not have the beginning of that run.
    """
    if isinstance(entry, (PageRead, PageReread, FileRead)):
        crawl_id = capture_by_record(connection, entry.capture).crawl_id
    else:
        crawl_id = entry.crawl_id
    row = connection.execute("select portal from crawls where id = ?", (crawl_id,)).fetchone()
    if row is None:
        raise ArchiveUnusableError(f"the ledger names crawl {crawl_id}, which never began")
    return str(row["portal"])
