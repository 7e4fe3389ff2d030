"""What a run asks of its archive: plain values in, plain values out, so that a question can cross a process."""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from crawler.archive.articles.revisions import file_sha256
from crawler.archive.controls.controls import due_controls
from crawler.archive.frontier import file_looks, frontier, listing_memory, listings, rechecks
from crawler.archive.frontier.facts import ArchiveFacts
from crawler.archive.frontier.menu import menu_address
from crawler.archive.frontier.night_queue import Left, NightAllowance, NightQueue
from crawler.archive.frontier.plain_hosts import is_plain_host
from crawler.archive.verdicts.evidence import find_many
from crawler.archive.verdicts.portal_identity import find_change
from crawler.archive.verdicts.silence import find_silence
from crawler.archive.verdicts.suspect_readings import count_aside, find_mass_edit
from crawler.archive.warc import captures
from crawler.archive.warc.answers import read_answer, read_validators
from crawler.errors import WarcError
from crawler.items import Answer, Capture, Link, PortalIdentity
from crawler.profile import Profile
from crawler.sentences import Sentence, say

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class RunIdentity:
    """The run that asks. `night` is its date in the portal's zone, `full` whether it rechecks every article."""

    profile: Profile
    crawl_id: int
    night: str
    full: bool


class Reader(Protocol):
    """Runs a question of a run, in a transaction that has withheld rows in place."""

    def __call__(self, question: Callable[[], T], /) -> "Future[T]":
        """Run a question."""


class RunQueries:
    """Answers what a run asks. Each question sees all earlier writes, also uncommitted ones."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, *, run: RunIdentity, read: Reader) -> None:
        self._connection = connection
        self._folder = folder
        self._run = run
        self._read = read
        self.unnoted = 0  # links of this run for which the frontier had no room; its writer counts them
        self._queue = NightQueue(connection, run.profile, night=run.night, full=run.full, crawl_id=run.crawl_id)

    def known_files(self, wanted: Sequence[tuple[str, str]]) -> "Future[set[tuple[str, str]]]":
        """Return those of the wanted files, each an address and a role, that are held or were asked for before.

        `due_files` says when they are asked for again.
        """
        return self._read(lambda: {(url, role) for url, role in wanted if self._is_known(url, role)})

    def due_files(self, *, every_file: bool) -> list[file_looks.FileLook]:
        """Return the files to ask for again tonight; with `every_file` all of them."""
        return self._ask(self._due_files, every_file=every_file)

    def file_validators(self, url: str, role: str) -> dict[str, str]:
        """Return the headers that ask for a held file only if it changed. {} if its last answer was not that file."""
        return self._ask(self._file_validators, url, role)

    def held_file(self, url: str, role: str) -> str | None:
        """Return the digest of the file that is held under an address. None if none is."""
        return self._ask(file_sha256, self._connection, self._portal, url=url, role=role)

    def runs_with(self, url: str, payload_sha256: str) -> int:
        """Return how many runs before this one got a payload from an address."""
        return self._ask(
            captures.count_runs_with, self._connection, url, payload_sha256=payload_sha256, before=self._run.crawl_id
        )

    def answer(self, capture: Capture) -> Answer | None:
        """Read a capture's answer back from the WARC. None if its record is missing or damaged."""
        return self._ask(self._answer, capture)

    def due(self, allowance: NightAllowance | None = None) -> list[frontier.FrontierEntry]:
        """Return the next part of what is to be fetched, as far as it is allowed; without an allowance, all of it."""
        return self._ask(self._queue.take, allowance) if allowance is not None else self._ask(self._due)

    def left(self) -> Left:
        """Return what is due and was not tried in this run."""
        return self._ask(self._queue.count_left)

    def controls(self) -> list[str]:
        """Return addresses to recheck as a control, if most rechecks found nothing or a removal may become certain."""
        return self._ask(self._controls)

    def doubtful_listings(self) -> dict[str, frozenset[str]]:
        """Return the listings to look through before a removal becomes certain, and the addresses to look for."""
        run = self._run
        return self._ask(
            rechecks.read_doubtful_listings, self._connection, run.profile, night=run.night, crawl_id=run.crawl_id,
        )  # fmt: skip

    def lists_left(self, asked: Collection[str]) -> list[str]:
        """Return the lists of the last days that are not among the asked addresses, since they left the menu."""
        run = self._run
        return self._ask(
            listing_memory.read_left, self._connection, run.profile, night=run.night, asked=asked
        )  # fmt: skip

    def absence_controls(self) -> list[str]:
        """Return addresses that name nothing, to be asked now: in categories with misses of this run."""
        run = self._run
        return self._ask(due_controls, self._connection, run.profile, crawl_id=run.crawl_id)

    def portal_change(self, identity: PortalIdentity, links: Iterable[Link]) -> Sentence | None:
        """Say in what way a home page with these links differs from the last good night, if it is another portal's."""
        run = self._run
        return self._ask(
            find_change, self._connection, run.profile, identity=identity, named=[link.address for link in links],
            crawl_id=run.crawl_id,
        )  # fmt: skip

    def holds_articles(self) -> bool:
        """Return whether any article of the portal is held."""
        sql = "select 1 from articles where portal = ? limit 1"
        return self._read(lambda: self._connection.execute(sql, (self._portal,)).fetchone()).result() is not None

    def known_entries(self) -> frozenset[str]:
        """Return the addresses of the menu that named articles before, or are held as articles."""
        sql = """with recursive named (listing) as (
                select min(listing) from listing_rows where portal = :portal union all
                select (select min(listing) from listing_rows where portal = :portal and listing > named.listing)
                from named where listing is not null)
              select listing from named where listing is not null
              union select url from listing_rows where portal = :portal and listing = :menu"""
        values = {"portal": self._portal, "menu": menu_address(self._run.profile)}
        found = self._read(lambda: self._connection.execute(sql, values).fetchall()).result()
        return frozenset(url for (url,) in found)

    def listing_memory(self, listing: str) -> listing_memory.Memory:
        """Return what the archive knows of a listing before its walk."""
        profile, night = self._run.profile, self._run.night
        every_days = profile.relook.walk_listings_every_days
        return self._ask(
            listing_memory.read_memory, self._connection, profile, listing=listing, night=night, every_days=every_days
        )

    def known_rows(self, listing: str, among: Sequence[str] | None = None) -> frozenset[str]:
        """Return the addresses that a listing names, and named before this run: those among some, or all."""
        return self._ask(
            listings.read_known, self._connection, self._portal, listing=listing, crawl_id=self._run.crawl_id,
            among=among,
        )  # fmt: skip

    def facts(self) -> ArchiveFacts:
        """Return all that the judgement of the run needs; ask when the run is at its end."""
        return self._ask(self._facts)

    @property
    def _portal(self) -> str:
        return self._run.profile.name

    def _ask(self, question: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return self._read(lambda: question(*args, **kwargs)).result()

    def _is_known(self, url: str, role: str) -> bool:
        sql = "select 1 from files where portal = ? and url = ? and role = ?"
        return self._connection.execute(sql, (self._portal, url, role)).fetchone() is not None

    def _answer(self, capture: Capture) -> Answer | None:
        try:
            return read_answer(self._connection, self._folder, capture=capture)
        except WarcError:
            return None  # `verify` names the record

    def _due_files(self, *, every_file: bool) -> list[file_looks.FileLook]:
        run = self._run
        due = file_looks.read_due_looks(
            self._connection, run.profile, night=run.night, full=run.full, every_file=every_file
        )
        return list(due)

    def _file_validators(self, url: str, role: str) -> dict[str, str]:
        row = self._connection.execute(
            "select capture_id from files where portal = ? and url = ? and role = ?", (self._portal, url, role)
        ).fetchone()
        last = captures.last_whole(self._connection, url)
        if row is None or last is None or last.id != row["capture_id"]:
            return {}
        if is_plain_host(self._connection, self._portal, url=url):
            return {}
        return read_validators(self._connection, self._folder, url=url)

    def _due(self) -> list[frontier.FrontierEntry]:
        run, connection = self._run, self._connection
        found = frontier.read_due(connection, self._portal, night=run.night)
        again = rechecks.read_due_rechecks(
            connection, self._portal, relook=run.profile.relook, night=run.night, full=run.full
        )
        return list({entry.url: entry for entry in (*again, *found)}.values())

    def _controls(self) -> list[str]:
        night, nights = self._run.night, self._run.profile.removal.nights
        controls = rechecks.read_controls(self._connection, self._portal, night=night)
        witnesses = rechecks.read_witnesses(self._connection, self._portal, night=night, nights=nights)
        return list(dict.fromkeys((*controls, *witnesses)))

    def _facts(self) -> ArchiveFacts:
        connection, portal, night, crawl_id = self._connection, self._portal, self._run.night, self._run.crawl_id
        count, newest = connection.execute(
            """select (select count(*) from (select 1 from articles where portal = :portal limit :enough)),
                 max(first_seen_at)
               from articles indexed by articles_first_seen where portal = :portal and first_seen_on >= (
                 select first_seen_on from articles indexed by articles_first_seen where portal = :portal
                 order by first_seen_on desc limit 1)""",
            {"portal": portal, "enough": max(1, self._run.profile.expect.articles or 0)},
        ).fetchone()
        silence = find_silence(connection, portal, night=night)
        edits = find_mass_edit(connection, portal, crawl_id=crawl_id, night=night)
        many = find_many(connection, portal, night=night)
        return ArchiveFacts(
            rechecks=rechecks.count_rechecks(connection, portal, night=night),
            missing_articles=frontier.count_missing_listed(connection, portal),
            held_articles=count,
            newest_seen_at=newest,
            new_gaps=frontier.count_new_gaps(connection, portal, crawl_id=crawl_id),
            put_aside=count_aside(connection, portal, night=night),
            unlike_before=(
                *listings.find_collapses(connection, crawl_id),
                *([silence] if silence else []),
                *([many.why] if many else []),
                *([edits] if edits else []),
            ),
            changed_keys=self._changed_keys(),
            file_gaps=file_looks.find_file_gaps(connection, self._run.profile, night=night),
            unnoted=self.unnoted,
        )

    def _changed_keys(self) -> tuple[Sentence, ...]:
        found = self._connection.execute(
            """select distinct message_args ->> 'host' from crawl_errors
               where crawl_id = ? and kind = 'tls-pin-changed' order by 1""",
            (self._run.crawl_id,),
        )
        return tuple(say("key-changed", host=host) for (host,) in found)
