"""The summary of a run: one block with counts and reasons. It holds no text of the portal."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from crawler.errors import ArchiveUnusableError, say_archive_fault
from crawler.items import Outcome
from crawler.language.dates import parse_iso, to_iso_utc
from crawler.locale import say_stored
from crawler.sentences import REASONS, parse_joined, to_columns

_COUNTS = (
    "requests", "articles_new", "articles_changed", "articles_unchanged", "articles_removed", "images_new", "errors",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RunSummary:
    """The result of a run. Times are ISO 8601 in UTC with Z; `bytes` counts the answers' bodies as sent."""

    portal: str
    crawl_id: int
    outcome: Outcome
    reason: str | None
    reason_kind: str | None
    began_at: str
    ended_at: str
    duration_seconds: int
    requests: int
    articles_new: int
    articles_changed: int
    articles_unchanged: int
    articles_removed: int
    images_new: int
    errors: int
    errors_by_kind: Mapping[str, int]
    bytes: int
    next_planned_at: str | None

    def as_json(self) -> dict[str, Any]:
        """Return the fields for a program."""
        return asdict(self)

    def _said(self) -> str | None:
        """Return the reason in words for a person: one article is no "1 articles"."""
        prose, kind, args = to_columns(parse_joined(self.reason, REASONS))
        return say_stored(prose, args, kind=kind, language="en")

    def text(self, zone: ZoneInfo) -> str:
        """Return the block for a person, with times in the portal's zone."""
        kinds = ", ".join(f"{count} {kind}" for kind, count in self.errors_by_kind.items())
        following = _in_zone(self.next_planned_at, zone) if self.next_planned_at else "never, by its plan"
        lines = [
            ("outcome", f"{self.outcome}: {self._said()}" if self.reason else self.outcome),
            ("began", _in_zone(self.began_at, zone)),
            ("ended", f"{_in_zone(self.ended_at, zone)}, after {_in_words(self.duration_seconds)}"),
            ("requests", str(self.requests)),
            (
                "articles",
                f"{self.articles_new} new, {self.articles_changed} changed, {self.articles_unchanged} unchanged, "
                f"{self.articles_removed} removed",
            ),
            ("images", f"{self.images_new} new"),
            ("errors", f"{self.errors}: {kinds}" if kinds else str(self.errors)),
            ("bytes", f"{self.bytes:,}"),
            ("next", following),
        ]
        return "\n".join(
            [f"summary of crawl {self.crawl_id} of {self.portal}", *(f"  {name:<9} {said}" for name, said in lines)]
        )


def read_summary(
    archive: Path, crawl_id: int, *, payload_bytes: int, next_planned: datetime | None, now: datetime
) -> RunSummary:
    """Make the summary of a run from its row and its failures. A run that was not closed ends `now`.

    Raises:
        ArchiveUnusableError: if the archive cannot be read.
    """
    try:
        # Not by `open_for_reading`, whose check of the schema imports what a crawl's own process never needs: the run
        # has just written this file.
        with closing(sqlite3.connect(f"{archive.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            row = connection.execute("select * from crawls where id = ?", (crawl_id,)).fetchone()
            kinds = connection.execute(
                "select kind, count(*) from crawl_errors where crawl_id = ? group by kind order by 2 desc, 1",
                (crawl_id,),
            ).fetchall()
    except sqlite3.Error as error:
        raise ArchiveUnusableError(f"{archive}: cannot be read: {say_archive_fault(error)}") from error
    ended_at = row["finished_at"] or to_iso_utc(now)
    seconds = round((parse_iso(ended_at) - parse_iso(row["started_at"])).total_seconds())
    counts: dict[str, Any] = {name: row[name] for name in _COUNTS}
    return RunSummary(
        portal=row["portal"],
        crawl_id=crawl_id,
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        reason_kind=row["reason_kind"],
        began_at=row["started_at"],
        ended_at=ended_at,
        duration_seconds=max(0, seconds),
        errors_by_kind=dict(kinds),
        bytes=payload_bytes,
        next_planned_at=to_iso_utc(next_planned) if next_planned else None,
        **counts,
    )


def _in_zone(at: str, zone: ZoneInfo) -> str:
    return parse_iso(at).astimezone(zone).isoformat(sep=" ", timespec="seconds")


def _in_words(seconds: int) -> str:
    """Write a duration.

    >>> _in_words(4), _in_words(3723)
    ('4 s', '1 h 2 min 3 s')
    """
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = [(hours, "h"), (minutes, "min"), (left, "s")]
    return " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
