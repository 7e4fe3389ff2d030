# ruff: noqa: S608 - conditions of ours
"""When files are asked for again: held ones by age, missing ones after growing waits. And what a night lacks of files.

Only runs by rules 2 have rows here. Each row is written from a ledger entry, so a rebuild gives the same plan.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlsplit
from zlib import crc32

from crawler.addresses import is_allowed_host, todays_address
from crawler.archive.frontier.frontier import Attempt
from crawler.items import FileRole
from crawler.language.dates import local_date, parse_iso
from crawler.profile import Profile
from crawler.sentences import Sentence, say

# Days between two looks at a held file. An attachment is most often replaced soon after it was published.
YOUNG_DAYS, YOUNG_EVERY_DAYS, ATTACHMENT_EVERY_DAYS, IMAGE_EVERY_DAYS = 30, 7, 90, 730
# A missing file is tried on the next night, then after 2, 4, 8, ... nights, at most after this many.
LONGEST_WAIT_DAYS = 30
# Each this many looks at a held file is unconditional: a server may say 304 wrongly.
PLAIN_EVERY_LOOKS = 4

# A night is incomplete if at least this many first-wanted files are missing, and more than this share of them.
LEAST_MISSING, MISSING_SHARE = 10, 0.1
# This many files must fail before their host counts as down, if the failures could be the files' own.
LEAST_OF_DOWN_HOST = 3
# Failures that say something of the host, not of one file.
_HOST_KINDS = frozenset(("refused", "no-such-host", "host-down", "robots-not-now"))
# The answer is that there is no such file. This is not missing.
_ABSENT_KINDS = frozenset(("http-404", "http-410", "a-page"))
# The host answered, so it is not down.
_ANSWERED_KINDS = frozenset(
    ("a-page", "not-a-file", "not-an-image", "empty", "bad-encoding", "too-large", "robots", "placeholder")
)
_NOT_ASKED_KINDS = frozenset(("foreign-host", "private-address"))

# The looks first: they are found by an index.
_LOOKS = "file_looks l indexed by {} cross join files f on f.portal = l.portal and f.url = l.url and f.role = l.role"
_DUE_LOOKS, _ASKED_LOOKS = _LOOKS.format("file_looks_due"), _LOOKS.format("file_looks_asked")
_NAMED = """exists (select 1 from {table} r join articles a on a.id = r.article_id and a.revision = r.number
  where r.url = l.url and a.portal = l.portal)"""
_IS_NAMED = f"({_NAMED.format(table='revision_images')} or {_NAMED.format(table='revision_attachments')})"


@dataclass(frozen=True, slots=True)
class FileLook:
    """A file to ask for. `is_conditional`: only if it changed since it was held."""

    url: str
    role: FileRole
    is_conditional: bool


@dataclass(frozen=True, slots=True)
class _Asked:
    """A file that was asked for tonight."""

    url: str
    host: str
    is_first: bool
    is_had: bool
    error: str | None
    failing_since: str | None


def put_had(connection: sqlite3.Connection, attempt: Attempt, *, url: str, role: str, is_repeat: bool) -> None:
    """Note that a file came, or was confirmed, and plan the next look. `is_repeat`: it was held before."""
    row = _read(connection, attempt.portal, url=url, role=role)
    had_on = row["had_on"] if row and row["had_on"] else attempt.night
    night = date.fromisoformat(attempt.night)
    every = _interval(role, (night - date.fromisoformat(had_on)).days)
    connection.execute(
        """insert into file_looks (portal, url, role, wanted_on, asked_on, had_on, checked_at, checked_on, due_on)
           values (:portal, :url, :role, :night, :night, :had, :at, :night, :due)
           on conflict (portal, url, role) do update set asked_on = :night, had_on = :had, checked_at = :at,
             checked_on = :night, looks = looks + :again, failing_since = null, fails = 0, due_on = :due""",
        {
            "portal": attempt.portal, "url": url, "role": role, "night": attempt.night, "at": attempt.at,
            "had": had_on, "again": int(is_repeat), "due": _turn(url, night, within=every) if every else None,
        },
    )  # fmt: skip


def put_failed(
    connection: sqlite3.Connection, attempt: Attempt, *, url: str, role: str, kind: str, is_repeat: bool
) -> int:
    """Note that a file could not be fetched, and plan the next try. Return on how many nights in a row it failed.

    0 means that it failed on this night before.
    """
    row = _read(connection, attempt.portal, url=url, role=role)
    again = row is not None and row["failing_since"] is not None and row["asked_on"] == attempt.night
    fails = (row["fails"] if row else 0) + (not again)
    wait = min(2 ** (fails - 1), LONGEST_WAIT_DAYS)
    night = date.fromisoformat(attempt.night)
    # Between half the wait and the wait, so that the files of one bad night do not come back together for ever.
    due = _turn(url, night + timedelta(days=wait // 2), within=wait - wait // 2)
    if kind == "a-page":
        due = _turn(url, night, within=IMAGE_EVERY_DAYS)
    connection.execute(
        """insert into file_looks (portal, url, role, wanted_on, asked_on, failing_since, fails, due_on)
           values (:portal, :url, :role, :night, :night, :night, :fails, :due)
           on conflict (portal, url, role) do update set asked_on = :night, looks = looks + :again,
             failing_since = coalesce(failing_since, :night), fails = :fails, due_on = :due""",
        {
            "portal": attempt.portal, "url": url, "role": role, "night": attempt.night, "fails": fails, "due": due,
            "again": int(is_repeat),
        },
    )  # fmt: skip
    return 0 if again else fails


def last_checked(connection: sqlite3.Connection, portal: str, *, url: str, role: str) -> str | None:
    """Return when an answer last gave or confirmed a file. None if none did."""
    row = _read(connection, portal, url=url, role=role)
    return row["checked_at"] if row else None


def plan_held_files(connection: sqlite3.Connection, profile: Profile, *, night: str) -> None:
    """Plan the files of an archive that has no plan yet: those of runs by rules 1. They are spread from tonight on."""
    portal, tonight = profile.name, date.fromisoformat(night)
    if connection.execute("select 1 from file_looks where portal = ? limit 1", (portal,)).fetchone():
        return
    yesterday = tonight - timedelta(days=1)
    rows = connection.execute(
        "select url, role, sha256, fetched_at from files where portal = ? and url not like 'data:%'", (portal,)
    ).fetchall()
    for url, role, sha256, at in rows:
        on = local_date(parse_iso(at), profile.zone)
        every = _interval(role, (tonight - on).days) if sha256 else LONGEST_WAIT_DAYS
        due = _turn(url, yesterday, within=every) if every else None
        had = (on.isoformat(), at, on.isoformat(), None, 0) if sha256 else (None, None, None, on.isoformat(), 1)
        connection.execute(
            """insert into file_looks (portal, url, role, wanted_on, asked_on, had_on, checked_at, checked_on,
                 failing_since, fails, due_on) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
            (portal, url, role, on.isoformat(), on.isoformat(), *had, due),
        )


def ask_again_with_page(connection: sqlite3.Connection, portal: str, *, article_id: int, night: str) -> None:
    """Make the held files of an article due tonight, since its page changed."""
    for table in ("revision_images", "revision_attachments"):
        connection.execute(
            f"""update file_looks set due_on = :night where portal = :portal and had_on is not null
                  and checked_on < :night and (due_on is null or due_on > :night) and role <> 'requisite' and url in (
                    select r.url from {table} r join articles a on a.id = r.article_id and a.revision = r.number
                    where a.id = :article)""",
            {"portal": portal, "night": night, "article": article_id},
        )


def read_due_looks(
    connection: sqlite3.Connection, profile: Profile, *, night: str, full: bool, every_file: bool
) -> Iterator[FileLook]:
    """Yield the files to ask for: missing ones, then held ones, attachments first and the most overdue first.

    At most `relook.files_per_night` held files a night; the rest stays due. A `full` run leaves held files out, unless
    `every_file` takes all of both. A file on a host that the profile does not name is left out.
    """
    values = {"portal": profile.name, "night": night}
    is_due = "true" if every_file else "l.due_on <= :night"
    of_role = f"""select l.url, l.role, l.due_on from {_DUE_LOOKS} where l.portal = :portal and l.role = '{{role}}'
      and {is_due} and f.sha256 is null and {{is_named}}"""
    missing = connection.execute(
        f"""select url, role from (
              {of_role.format(role="attachment", is_named=_IS_NAMED)}
              union {of_role.format(role="image", is_named=_IS_NAMED)}
              union {of_role.format(role="requisite", is_named="true")}
              union select l.url, l.role, l.due_on from {_ASKED_LOOKS} where l.portal = :portal and l.asked_on = :night
                and f.sha256 is null and f.error not in ('http-404', 'http-410', 'a-page')
                and (l.role = 'requisite' or {_IS_NAMED}))
            order by role = 'requisite', due_on, url""",
        values,
    ).fetchall()
    for url, role in missing:
        if is_allowed_host(todays_address(url, profile), profile):
            yield FileLook(url, FileRole(role), is_conditional=False)
    repeated = connection.execute(
        f"""select count(*) from {_ASKED_LOOKS} where l.portal = ? and l.asked_on = ? and l.looks > 0
              and f.sha256 is not null""",
        (profile.name, night),
    ).fetchone()[0]
    most = -1 if every_file else 0 if full else max(0, profile.relook.files_per_night - repeated)
    held: list[sqlite3.Row] = []
    for role in (FileRole.ATTACHMENT, FileRole.IMAGE):
        # In the order of the index, so that no more is read than is asked for.
        held += connection.execute(
            f"""select l.url, l.role, l.looks, f.error from {_DUE_LOOKS} where l.portal = :portal
                  and l.role = :role and f.sha256 is not null and {is_due} and {_IS_NAMED}
                order by l.due_on, l.url limit :most""",
            {**values, "role": role.value, "most": most if most < 0 else most - len(held)},
        ).fetchall()
    for url, role, looks, error in held:
        if is_allowed_host(todays_address(url, profile), profile):
            is_plain = error is not None or looks % PLAIN_EVERY_LOOKS == PLAIN_EVERY_LOOKS - 1
            yield FileLook(url, FileRole(role), is_conditional=not is_plain)


def find_file_gaps(connection: sqlite3.Connection, profile: Profile, *, night: str) -> tuple[Sentence, ...]:
    """Say what makes a night incomplete: many first-wanted files that are missing, and file hosts that are down."""
    asked = _read_asked(connection, profile.name, night=night)
    return (*_find_missing(connection, asked), *_find_down_hosts(connection, profile, asked=asked))


def _read(connection: sqlite3.Connection, portal: str, *, url: str, role: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "select * from file_looks where portal = ? and url = ? and role = ?", (portal, url, role)
    ).fetchone()
    return row


def _interval(role: str, age_days: int) -> int | None:
    """Return after how many days a held file is asked for again. None: never."""
    if role == FileRole.ATTACHMENT:
        return YOUNG_EVERY_DAYS if age_days < YOUNG_DAYS else ATTACHMENT_EVERY_DAYS
    return IMAGE_EVERY_DAYS if role == FileRole.IMAGE else None


def _turn(url: str, after: date, *, within: int) -> str:
    """Return the day of a file's turn in the days after `after`: the one that its address falls on.

    >>> days = {_turn(f"http://a/{n}", date(2025, 6, 1), within=7) for n in range(99)}
    >>> min(days), max(days), len(days)
    ('2025-06-02', '2025-06-08', 7)
    """
    first = after.toordinal() + 1
    return date.fromordinal(first + (-first - crc32(url.encode())) % within).isoformat()


def _read_asked(connection: sqlite3.Connection, portal: str, *, night: str) -> list[_Asked]:
    rows = connection.execute(
        f"""select l.url, l.wanted_on = :night as is_first, l.failing_since is null as is_had, f.error, l.failing_since
           from {_ASKED_LOOKS} where l.portal = :portal and l.asked_on = :night
             and l.role <> 'requisite' order by l.url, l.role""",
        {"portal": portal, "night": night},
    ).fetchall()
    return [_Asked(row[0], urlsplit(row[0]).netloc, bool(row[1]), bool(row[2]), row[3], row[4]) for row in rows]


def _find_missing(connection: sqlite3.Connection, asked: Sequence[_Asked]) -> Iterator[Sentence]:
    first = [file for file in asked if file.is_first]
    missing = [file for file in first if not file.is_had and file.error not in _ABSENT_KINDS]
    if len(missing) < LEAST_MISSING or len(missing) <= len(first) * MISSING_SHARE:
        return
    off_host = [file for file in missing if file.error == "foreign-host"]
    led_to = _read_hosts_led_to(connection) if off_host else {}
    foreign = Counter(led_to.get(file.url, file.host) for file in off_host)
    others = Counter(file.host for file in missing if file.error != "foreign-host")
    for hosts in sorted((others, foreign), key=lambda one: -one.total()):
        # The smaller cause is said only if it would be enough by itself.
        if hosts and (hosts.total() * 2 >= len(missing) or hosts.total() >= LEAST_MISSING):
            host, count = min(hosts.items(), key=lambda item: (-item[1], item[0]))
            if hosts is foreign:
                yield say("files-on-unnamed-host", count=count, total=len(first), host=host)
            else:
                yield say("files-missing", count=hosts.total(), total=len(first), host=host)


def _read_hosts_led_to(connection: sqlite3.Connection) -> dict[str, str]:
    """Return, by the address of a file, the host that a redirect led to and that was not asked."""
    rows = connection.execute(
        """select url, message_args ->> 'host' from crawl_errors
           where kind = 'foreign-host' and message_kind = 'page-off-host' order by id"""
    )
    return {row[0]: row[1] for row in rows.fetchall() if row[1]}


def _find_down_hosts(
    connection: sqlite3.Connection, profile: Profile, *, asked: Sequence[_Asked]
) -> Iterator[Sentence]:
    """Yield a sentence for each file host of which every try of tonight failed. The portal's own host answers pages."""
    own = urlsplit(profile.base_url).netloc.lower()
    by_host: dict[str, list[_Asked]] = {}
    for file in asked:
        if file.host.lower() != own and file.error not in _NOT_ASKED_KINDS:
            by_host.setdefault(file.host, []).append(file)
    for host, files in sorted(by_host.items()):
        if any(file.is_had or _is_answer(file.error) for file in files):
            continue
        well_on = _last_well(connection, profile.name, host=host)
        # A file that already failed while its host was well says nothing about the host.
        signs = [file for file in files if well_on is None or (file.failing_since or "") > well_on]
        if len(signs) >= LEAST_OF_DOWN_HOST or any(_is_of_host(file.error) for file in signs):
            yield say("file-host-down", host=host, count=len(files))


def _is_answer(kind: str | None) -> bool:
    if kind is None:
        return True
    return kind in _ANSWERED_KINDS or (kind.startswith("http-") and not kind.startswith("http-5"))


def _is_of_host(kind: str | None) -> bool:
    return kind is not None and (kind in _HOST_KINDS or kind.startswith(("tls", "certificate")))


def _last_well(connection: sqlite3.Connection, portal: str, *, host: str) -> str | None:
    """Return the last night on which a file of a host came."""
    found = [
        connection.execute(
            "select max(checked_on) from file_looks where portal = ? and url >= ? and url < ?",
            (portal, f"{scheme}://{host}/", f"{scheme}://{host}0"),
        ).fetchone()[0]
        for scheme in ("http", "https")
    ]
    return max((on for on in found if on), default=None)
