"""Runs whose first records are lost: find the run of a capture, and what other records say about its beginning."""

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
_NAME_END = re.compile(r"-[0-9]+(-copy[0-9]+)?-[0-9]+\.warc\.gz$")  # after the portal's name in a file's name


class LostBeginnings:
    """Finds the run of each capture of the current file, by the remaining ones of its first records."""

    def __init__(self, connection: sqlite3.Connection, profiles: Mapping[str, str]) -> None:
        self._connection = connection
        self._profiles = profiles
        self._current = UNKNOWN_CRAWL
        self._profile: str | None = None
        self._last_profiles: dict[str, str] = {}
        self._last_rules: int | None = None

    def begin_file(self, crawl_id: int | None) -> None:
        """Begin a file. If its run is not known, its captures belong to the run of the previous file."""
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
            WarcError: if no record names the run.
        """
        if capture.crawl_id != UNKNOWN_CRAWL:
            self._current = capture.crawl_id
        if self._current == UNKNOWN_CRAWL:
            raise WarcError("no record tells which run it is of")
        return self._current

    def begin_again(self, capture: Capture) -> CrawlStarted | None:
        """Return a replacement for the lost beginning of a capture's run; None if the run has a row.

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
                continue  # the replay of the entry itself fails, and reports it
