"""What share of a portal is held: pictures, files, rows of lists, entries of the menu; and what is not kept.

All is counted from the tables, by the current revisions of the articles. What is withheld is not counted.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.addresses import classify_on, may_be_page, spell_plainly
from crawler.archive.database import open_for_reading
from crawler.errors import ArchiveUnusableError, say_archive_fault
from crawler.locale import say

# How long a reader waits for a locked database, in seconds.
_BUSY_SECONDS = 5.0

_FILES = """select max(r.{kind}_sha256 is not null) as held, min(f.error) as error from revision_{kind}s r
  join articles a on a.id = r.article_id and a.revision = r.number
  left join files f on f.portal = a.portal and f.url = r.url and f.role = '{kind}'
  where a.portal = :portal group by r.url"""
_ROWS = """select u.article_id is not null as held, coalesce(f.reason, f.state) as why from (
    select distinct portal, url from listing_rows where portal = :portal and listed and listing <> :home) l
  left join article_urls u on u.portal = l.portal and u.url = l.url
  left join frontier f on f.portal = l.portal and f.url = l.url"""
_UNKNOWN_ROWS = """select coalesce(sum(w.rows_unknown), 0) from listing_walks w join crawls c on c.id = w.crawl_id
  where c.portal = :portal and w.crawl_id = (
    select max(o.crawl_id) from listing_walks o join crawls n on n.id = o.crawl_id
    where n.portal = c.portal and o.url = w.url)"""
_ENTRY = """select exists (select 1 from article_urls where portal = :portal and url = :url) as is_article,
  (select max(w.whole) from listing_walks w join crawls c on c.id = w.crawl_id
    where c.portal = :portal and w.url = :url) as is_whole,
  (select status from captures where url = :url order by id desc limit 1) as status,
  (select e.kind from crawl_errors e join crawls c on c.id = e.crawl_id
    where c.portal = :portal and e.url = :url order by e.id desc limit 1) as error"""
# What was asked for in the last run with a home page, and the single pages that the menu names.
_ASKED = """select url from captures where crawl_id = :crawl and method = 'GET'
  union select url from crawl_errors where crawl_id = :crawl
  union select url from listing_rows where portal = :portal and listing = :home and listed order by url"""


@dataclass(frozen=True, slots=True)
class HeldShare:
    """How much of one kind of thing is held. `rest` counts what is not, by its reason."""

    total: int
    held: int
    rest: Mapping[str, int]

    @property
    def share(self) -> float | None:
        """The share that is held, from 0 to 1; None if there is nothing."""
        return round(self.held / self.total, 4) if self.total else None

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        return {"total": self.total, "held": self.held, "share": self.share, "rest": dict(self.rest)}


@dataclass(frozen=True, slots=True)
class PortalCoverage:
    """The coverage of one portal. `unkept` counts what is in its articles and is not kept, by kind."""

    portal: str
    parts: Mapping[str, HeldShare]
    unkept: Mapping[str, int]

    def lines(self, language: str) -> list[str]:
        """Return it for a person, a line for each part."""
        rows = [self._line(name, part, language=language) for name, part in self.parts.items()]
        words = "; ".join(f"{say(f'unkept_{kind}', language)}: {count}" for kind, count in self.unkept.items())
        return [*rows, say("coverage_unkept", language, portal=self.portal, counted=words)] if words else rows

    def as_json(self) -> dict[str, Any]:
        """Return it for a program."""
        parts = {name: part.as_json() for name, part in self.parts.items()}
        return {"portal": self.portal, **parts, "unkept": dict(self.unkept)}

    def _line(self, name: str, part: HeldShare, *, language: str) -> str:
        what = say(f"coverage_{name}", language)
        if part.share is None:
            return say("coverage_none", language, portal=self.portal, what=what)
        rest = "; ".join(f"{kind}: {count}" for kind, count in part.rest.items())
        # Rounded down: what lacks one of a thousand is not whole.
        percent = int(1000 * part.held / part.total) / 10
        row = say(
            "coverage_part", language, portal=self.portal, what=what, percent=percent, held=part.held, total=part.total
        )  # fmt: skip
        return f"{row}  ({rest})" if rest else row


def read_coverage(archive: Path) -> tuple[PortalCoverage, ...]:
    """Read the coverage of each portal of an archive, by name. Reads whole tables.

    Raises:
        ArchiveUnusableError: if there is no archive, or it cannot be read.
    """
    with closing(open_for_reading(archive, busy_seconds=_BUSY_SECONDS)) as connection:
        try:
            portals = connection.execute("select name, base_url from portals order by name").fetchall()
            return tuple(_read(connection, row["name"], base_url=row["base_url"]) for row in portals)
        except sqlite3.Error as error:
            raise ArchiveUnusableError(f"{archive}: cannot be read: {say_archive_fault(error)}") from error


def _read(connection: sqlite3.Connection, portal: str, *, base_url: str) -> PortalCoverage:
    parts = {
        "pictures": _read_files(connection, portal, kind="image"),
        "files": _read_files(connection, portal, kind="attachment"),
        "rows": _read_rows(connection, portal, home=f"{base_url.rstrip('/')}/"),
        "menu": _read_menu(connection, portal, base_url=base_url),
    }
    rows = connection.execute(
        """select u.kind, count(*) from unkept u join articles a on a.id = u.article_id
           where a.portal = ? group by u.kind order by count(*) desc, u.kind""",
        (portal,),
    )
    return PortalCoverage(portal, parts, {row[0]: row[1] for row in rows.fetchall()})


def _count(found: Iterable[tuple[bool, str]]) -> HeldShare:
    rows = list(found)
    rest = Counter(why for is_held, why in rows if not is_held)
    ordered = dict(sorted(rest.items(), key=lambda item: (-item[1], item[0])))
    return HeldShare(len(rows), sum(is_held for is_held, _ in rows), ordered)


def _read_files(connection: sqlite3.Connection, portal: str, *, kind: str) -> HeldShare:
    """Count distinct addresses. One that answers a web page is not a file."""
    rows = connection.execute(_FILES.format(kind=kind), {"portal": portal}).fetchall()
    return _count(
        (bool(row["held"]), row["error"] or "not-asked") for row in rows if row["held"] or row["error"] != "a-page"
    )


def _read_rows(connection: sqlite3.Connection, portal: str, *, home: str) -> HeldShare:
    """Count the articles that lists name. The entries of the menu are counted apart."""
    rows = connection.execute(_ROWS, {"portal": portal, "home": home}).fetchall()
    (unknown,) = connection.execute(_UNKNOWN_ROWS, {"portal": portal}).fetchone()
    found = [(bool(row["held"]), row["why"] or "not-asked") for row in rows]
    return _count([*found, *[(False, "unknown-form")] * unknown])


def _read_menu(connection: sqlite3.Connection, portal: str, *, base_url: str) -> HeldShare:
    """Judge each entry of the menu of the last home page, and those below them: a list read whole once, or an article.

    Each counts once, in any case of letters that the menu and the pages use.
    """
    row = connection.execute(
        "select menu, crawl_id from portal_identities where portal = ? order by crawl_id desc limit 1", (portal,)
    ).fetchone()
    if row is None:
        return _count(())
    origin = base_url.rstrip("/")
    urls = [f"{origin}/{slug}" for slug in json.loads(row["menu"])]
    asked = connection.execute(_ASKED, {"portal": portal, "crawl": row["crawl_id"], "home": f"{origin}/"})
    found = (classify_on(one["url"], base_url) for one in asked.fetchall())
    urls += [address.url for address in found if address is not None and may_be_page(address)]
    entries: dict[str, tuple[bool, str]] = {}
    for url in dict.fromkeys(urls):
        judged, before = _judge_entry(connection, portal, url=url), entries.get(spell_plainly(url))
        entries[spell_plainly(url)] = judged if before is None or judged[0] else before
    return _count(entries.values())


def _judge_entry(connection: sqlite3.Connection, portal: str, *, url: str) -> tuple[bool, str]:
    row = connection.execute(_ENTRY, {"portal": portal, "url": url}).fetchone()
    if row["is_article"] or row["is_whole"]:
        return True, ""
    if row["is_whole"] is not None:
        return False, "list-in-part"
    if row["error"] is not None:
        return False, row["error"]
    if row["status"] is None:
        return False, "not-asked"
    return False, "no-list" if row["status"] == 200 else f"http-{row['status']}"
