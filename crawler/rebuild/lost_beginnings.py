"""Runs whose beginning is lost: which run a capture is of, and what is known of its beginning otherwise."""

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping

from crawler.archive.verdicts.rules import RULES
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import CrawlStarted, Entry
from crawler.archive.warc.record_to_capture import UNKNOWN_CRAWL
from crawler.errors import WarcError
from crawler.items import Capture

_PROFILE = re.compile(rb"^profile: *(\{.*\})\r?$", re.MULTILINE)
_NAME_END = re.compile(r"-[0-9]+(-copy[0-9]+)?-[0-9]+\.warc\.gz$")  # behind the portal's name in a file's


class LostBeginnings:
    """Knows the run of each capture of the file that is read, by what is left of its first records."""

    def __init__(self, connection: sqlite3.Connection, profiles: Mapping[str, str]) -> None:
        self._connection = connection
        self._profiles = profiles
        self._current = UNKNOWN_CRAWL
        self._profile: str | None = None
        self._last_profiles: dict[str, str] = {}
        self._last_rules: int | None = None

    def begin_file(self, crawl_id: int | None) -> None:
        """Begin a file. Without a run that is known, its captures are of the last one."""
        self._current = crawl_id or self._current
        self._profile = None

    def note_info(self, record: WarcRecord) -> None:
        """Note the profile of a warcinfo record."""
        found = _PROFILE.search(record.block)
        self._profile = found[1].decode("utf-8", "replace") if found else None

    def note_started(self, entry: CrawlStarted) -> None:
        """Note that a run began."""
        self._current, self._last_rules = entry.crawl_id, entry.rules
        named: dict[str, str] = {}
        note_profiles(named, [entry])
        self._last_profiles |= named

    def crawl_of(self, capture: Capture) -> int:
        """Return the run of a capture.

        Raises:
            WarcError: if nothing tells it.
        """
        if capture.crawl_id != UNKNOWN_CRAWL:
            self._current = capture.crawl_id
        if self._current == UNKNOWN_CRAWL:
            raise WarcError("no record tells which run it is of")
        return self._current

    def begin_again(self, capture: Capture) -> CrawlStarted | None:
        """Return the beginning of a capture's run as far as it is known; None if the run has a row.

        Raises:
            WarcError: if the portal's profile is not known.
        """
        if self._connection.execute("select 1 from crawls where id = ?", (capture.crawl_id,)).fetchone():
            return None
        portal = _NAME_END.sub("", capture.warc_file)
        profile = self._profile or self._last_profiles.get(portal) or self._stored(portal)
        profile = profile or self._profiles.get(portal)
        if profile is None:
            raise WarcError(f"it is of run {capture.crawl_id}, whose beginning is lost with the profile")
        rules = self._last_rules or RULES
        return CrawlStarted(capture.crawl_id, capture.fetched_at, profile, full=False, rules=rules)

    def _stored(self, portal: str) -> str | None:
        row = self._connection.execute("select profile from portals where name = ?", (portal,)).fetchone()
        return str(row[0]) if row else None


def note_profiles(profiles: dict[str, str], entries: Iterable[Entry]) -> None:
    """Note the first profile that the runs of a ledger record name for each portal."""
    for entry in entries:
        if isinstance(entry, CrawlStarted):
            try:
                profiles.setdefault(str(json.loads(entry.profile)["name"]), entry.profile)
            except (ValueError, KeyError, TypeError):
                continue  # the entry itself cannot be replayed, which is named then
