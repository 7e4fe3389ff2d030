"""Thirty nights on which every kind of fault is drawn, and what an archive may say after each of them."""

import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from sqlite3 import Row
from urllib.parse import unquote, urlsplit

from crawler.replica import FAULT_KINDS, ArticleTruth, Replica, Truth
from crawler.replica.server.edit_faults import EDIT_KINDS
from crawler.replica.server.faults import STATUSES
from crawler.replica.server.file_faults import FILE_KINDS
from crawler.replica.server.page_faults import STRANGER_KINDS
from crawler.replica.server.way_faults import WAY_KINDS
from crawler.replica.server.wire_faults import WIRE_READABLE, WIRE_UNREADABLE
from tests.support.crawling import rows, run, value, write_profile
from tests.support.nights_harness import FIRST_PLANNED

NIGHTS, CALM = 30, frozenset({1, 27, 28, 29, 30})
# Half of a category is off the portal on these nights, of another one from its night on.
AWAY, PURGED, LISTED_BUT_ABSENT = range(8, 11), 13, range(16, 20)
# This many articles of a category are one event, if they are half of it; certain after this many nights.
AT_ONCE, MANY_NIGHTS = 5, 7
# A night ends within seconds where a head or a body does not come.
QUICK = {
    "DOWNLOAD_HEAD_SECONDS": 0.6, "DOWNLOAD_IDLE_SECONDS": 0.6, "DOWNLOAD_RATE_SECONDS": 1, "RETRY_TIMES": 1,
    "LOG_LEVEL": "ERROR",
}  # fmt: skip
ABSENT = {"404", "410", "soft404"}
# These change what a page says, and each change is a revision until its place is known.
DECORATED = {"own-counter", "banner", "summary-flicker", "with-download", "many-pictures"}
# A placeholder on one address alone cannot be told from another file.
OTHER_FILE = {"file-replaced", "file-replaced-bare", "file-replaced-304", "file-named", "file-placeholder", "large"}
PAGER_ONLY = {kind for kind in FAULT_KINDS if kind.startswith(("past-end-", "pager-"))} | {"no-page-count"}
# These show another text at an article's address. A crawl that does not hold the article cannot notice that.
OF_HELD = {*EDIT_KINDS, "reused-number"}
READABLE = {
    *WIRE_READABLE, *WAY_KINDS, *DECORATED, "counter", "heading-counter", "buddhist-date", "slow", "bad-header",
    "wrong-charset", "conditional-500", "429-retry-after", "503-retry-after", "file-fails-conditionally",
} - {"nowhere-location", "script-wall"}  # fmt: skip
UNREADABLE = {
    *STRANGER_KINDS, *WIRE_UNREADABLE, *STATUSES, "redirect-elsewhere", "redirect-loop", "redirect-private",
    "redirect-metadata", "redirect-home", "hang", "slow-head", "drip", "truncate", "reset", "empty", "huge",
    "gzip-bomb", "large", "odd-404", "304", "cut-page", "next-article", "newest-article", "nowhere-location",
    "script-wall",
} - ABSENT  # fmt: skip

FILES_NOW = """select url, image_sha256 from article_images where article_id = ?
    union all select url, attachment_sha256 from article_attachments where article_id = ?"""
EVERY_FILE = """select url, image_sha256 from revision_images where image_sha256 is not null
    union select url, attachment_sha256 from revision_attachments where attachment_sha256 is not null"""


@dataclass(frozen=True)
class Drawn:
    """A fault of one night: its kind, the sort of its target, and the article or address that has it."""

    kind: str
    where: str
    target: int | str


def deal(seed: int) -> dict[int, list[str]]:
    """Deal all kinds to the nights that are not calm, each once, two more a night; every fifth can be read whole."""
    rng = Random(f"wild/{seed}")
    gentle = [night for night in range(1, NIGHTS + 1) if night not in CALM and night % 5 == 0]
    rough = [night for night in range(1, NIGHTS + 1) if night not in CALM and night % 5]
    readable = rng.sample(sorted(READABLE), 6 * len(gentle))
    others = rng.sample([kind for kind in FAULT_KINDS if kind not in readable], len(FAULT_KINDS) - len(readable))
    dealt = {night: readable[place :: len(gentle)] for place, night in enumerate(gentle)}
    dealt |= {night: others[place :: len(rough)] for place, night in enumerate(rough)}
    more = {night: sorted(READABLE) if night in gentle else FAULT_KINDS for night in dealt}
    return {night: [*dealt[night], *rng.sample(more[night], 2)] for night in sorted(dealt)}


@dataclass
class Wild:
    """The nights so far: the random choices, the portal's answers, and every promise that the archive broke."""

    portal: Replica
    folder: Path
    seed: int
    drawn: dict[int, list[Drawn]] = field(default_factory=dict)
    broken: dict[str, list[object]] = field(default_factory=lambda: defaultdict(list))
    addresses: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    said: dict[int, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))
    absent_on: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    unlisted_on: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    files: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    spoilt_files: set[str] = field(default_factory=set)
    in_a_row: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    at_once: set[int] = field(default_factory=set)
    decorated: dict[int, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def archive(self) -> Path:
        """The archive's path."""
        return self.folder / "archive.db"

    def run(self, night: int, kinds: list[str]) -> None:
        """Crawl everything on a night with these kinds, and judge what the archive says then."""
        self.portal.faults.clear()
        self.portal.night = 1 + (night - 1) // 3
        self._purge(night)
        truth = self.portal.truth()
        self._note_truth(night, truth)
        self.drawn[night] = self._draw(night, kinds, truth=truth)
        for one in self.drawn[night]:
            if one.kind in ABSENT and isinstance(one.target, int):
                self.absent_on[one.target].add(night)
        now = FIRST_PLANNED + timedelta(days=night - 1, minutes=1)
        settings = {"ARCHIVE": self.archive, "FULL": 1, "FILES": 1, **QUICK}
        profile = write_profile(self.portal, self.folder)
        line = [sys.executable, "-m", "scrapy", "crawl", "portal", "-a", f"portal={profile}"]
        line += [part for name, of in settings.items() for part in ("-s", f"{name}={of}")]
        ended = run(line, extra={"PORTAL_ARCHIVE_NOW": now.isoformat()})
        if "Traceback" in ended.err:
            self.broken["traceback"].append((night, ended.err[-1500:]))
        self._judge(night, truth)

    def _purge(self, night: int) -> None:
        by_size = Counter(one.category for one in self.portal.truth().articles)
        largest = sorted(by_size, key=lambda slug: (-by_size[slug], slug))
        before = {one.key: one.category for one in self.portal.truth().articles if one.state == "live"}
        if night == AWAY[0]:
            self.portal.withdraw(f"/{largest[0]}/", share=0.75)
        elif night == AWAY[-1] + 1:
            self.portal.bring_back()
        elif night == PURGED:
            self.portal.withdraw(f"/{largest[1]}/", share=0.75)
        gone = {one.key for one in self.portal.truth().articles if one.state != "live"} & before.keys()
        of_category = Counter(before[key] for key in gone)
        whole = Counter(before.values())
        self.at_once |= {
            key for key in gone if (count := of_category[before[key]]) >= AT_ONCE and 2 * count >= whole[before[key]]
        }

    def _note_truth(self, night: int, truth: Truth) -> None:
        for one in truth.articles:
            self.addresses[one.key] |= {one.url, one.old_url, *one.former_urls}
            if (text := (one.title, one.body)) not in self.said[one.key][-1:]:
                self.said[one.key].append(text)
            is_absent = one.state.startswith(("gone", "soft"))
            self.in_a_row[one.key] = self.in_a_row[one.key] + 1 if is_absent else 0
            if is_absent:
                self.absent_on[one.key].add(night)
            if not one.listed:
                self.unlisted_on[one.key].add(night)
            for file in (*one.images, *one.attachments):
                if file.sha256:
                    self.files[_path(file.url)].add(file.sha256)

    def _draw(self, night: int, kinds: list[str], *, truth: Truth) -> list[Drawn]:
        rng = Random(f"wild/{self.seed}/{night}")
        live = [one for one in truth.articles if one.listed and one.state == "live" and one.found_in]
        held = [one for one in live if self._ids(one.key)]
        files = sorted({_path(file.url) for one in live for file in (*one.images, *one.attachments) if file.sha256})
        drawn = [self._put(kind, rng, live=held if kind in OF_HELD else live, files=files) for kind in kinds]
        if night in LISTED_BUT_ABSENT:
            steady = next(one for one in live if not one.fate)
            drawn.append(self._on_article("404", steady))
        return drawn

    def _put(self, kind: str, rng: Random, *, live: list[ArticleTruth], files: list[str]) -> Drawn:
        """Put a fault where its kind belongs, else on an article, a listing, the pager or a file."""
        where = rng.choices(("article", "listing", "pager", "file"), (60, 15, 5, 20))[0]
        if kind in PAGER_ONLY:
            where = "pager"
        elif kind in OF_HELD or kind == "with-download":
            where = "article"
        elif kind in FILE_KINDS:
            where = "file"
        if where == "article":
            return self._on_article(kind, rng.choice(live))
        if where == "file":
            path = rng.choice(files)
            self._set(path, kind)
            if kind in OTHER_FILE or kind in WAY_KINDS or kind in EDIT_KINDS:
                self.spoilt_files.add(path)
            return Drawn(kind, where, path)
        if where == "listing":
            path = "/" + rng.choice(self.portal.truth().listings).slug
            self._set(path, kind)
            return Drawn(kind, where, path)
        if kind in PAGER_ONLY:
            self.portal.faults.set("@listings", "no-page-count")
        self.portal.faults.set("@listings" if kind == "no-page-count" else "@pager", kind)
        return Drawn(kind, where, "@pager")

    def _on_article(self, kind: str, one: ArticleTruth) -> Drawn:
        for url in {one.url, one.old_url, *one.former_urls}:
            self._set(_path(url), kind)
        if kind == "reused-number":
            self.portal.faults.set(rf"^/[^?]*-{one.source_id}(\?|$)", kind)
        return Drawn(kind, "article", one.key)

    def _set(self, path: str, kind: str) -> None:
        self.portal.faults.set(path, kind, times=1 if kind.endswith("-retry-after") else None)

    def _ids(self, key: int) -> list[int]:
        if not self.archive.exists():
            return []
        marks = ", ".join("?" * len(self.addresses[key]))
        sql = f"select distinct article_id from article_urls where url in ({marks})"
        return [row[0] for row in rows(self.archive, sql, *self.addresses[key])]

    def _judge(self, night: int, truth: Truth) -> None:
        """Compare the archive with the portal, for each article of this night."""
        crawl = rows(self.archive, "select started_at, outcome, reason from crawls order by id desc limit 1")[0]
        on = {one.target: one.kind for one in self.drawn[night] if one.where == "article"}
        unread = []
        for one in truth.articles:
            ids, kind = self._ids(one.key), on.get(one.key)
            if kind in DECORATED:
                self.decorated[one.key] += 1
            if len(ids) > 1 and not one.former_urls:
                self.broken["stored twice"].append((night, one.key, ids))
            kept = rows(self.archive, "select * from articles where id = ?", ids[0])[0] if ids else None
            if kept is not None:
                self._judge_article(night, one, kept=kept, kind=kind)
            # A file that changed makes a revision without a look at the page.
            if kept is not None and kept["last_seen_at"] >= crawl["started_at"]:
                self._judge_read(night, one, kept=kept, kind=kind)
            elif one.state == "live" and one.found_in:
                unread.append((one, kind, bool(ids)))
        self._judge_night(night, crawl, unread=unread)

    def _judge_night(self, night: int, crawl: Row, *, unread: list[tuple[ArticleTruth, str | None, bool]]) -> None:
        drawn = self.drawn[night]
        are_links_whole = not any(one.where != "article" for one in drawn)
        for one, kind, is_held in unread:
            if kind in READABLE or (kind is None and (is_held or are_links_whole)):
                self.broken["unread and readable"].append((night, one.key, kind, crawl["outcome"], one.found_in))
        missing = [(one.key, kind) for one, kind, is_held in unread if one.listed and not (kind in ABSENT and is_held)]
        if crawl["outcome"] == "complete" and missing:
            self.broken["complete with an article unread"].append((night, missing))
        pending = any(
            night in nights and len(nights) <= MANY_NIGHTS for nights in (self.absent_on[key] for key in self.at_once)
        )
        well = ("complete", "suspect") if pending else ("complete",)
        if {one.kind for one in drawn} <= READABLE and crawl["outcome"] not in well:
            self.broken["partial although all can be read"].append((night, crawl["outcome"], crawl["reason"]))

    def _judge_read(self, night: int, one: ArticleTruth, *, kept: Row, kind: str | None) -> None:
        if kind in UNREADABLE:
            self.broken["read what says nothing"].append((night, one.key, kind))
        if kind not in DECORATED and (kept["title"], kept["body"]) != (one.title, one.body):
            self.broken["another text than the page's"].append((night, one.key, kind, one.fate))

    def _judge_article(self, night: int, one: ArticleTruth, *, kept: Row, kind: str | None) -> None:
        absences, unlistings = len(self.absent_on[one.key]), len(self.unlisted_on[one.key])
        number, state = kept["revision"], kept["state"]
        nights = MANY_NIGHTS if one.key in self.at_once else 3
        # An article that is absent on the night on which many vanish is one of them; a listed one needs longer.
        of_many = value(self.archive, "select max(many) from misses where article_id = ?", kept["id"])
        is_due = self.in_a_row[one.key] >= (MANY_NIGHTS if of_many else nights) and not kept["listed"]
        if is_due and state != "removed":
            self.broken["removal not seen"].append((night, one.key, kind, one.fate, absences))
        if state == "removed" and absences < nights:
            self.broken["false removal"].append((night, one.key, kind, one.fate))
        taken_off = "select count(*) from article_events where kind = 'unlisted' and article_id = ?"
        if not unlistings and value(self.archive, taken_off, kept["id"]):
            self.broken["false unlisting"].append((night, one.key, kind, one.fate))
        if number > len(self.said[one.key]) + 2 * self.decorated[one.key] + self._file_versions(one):
            self.broken["false revision"].append((night, one.key, kind, one.fate, number, len(self.said[one.key])))

    def judge_end(self, truth: Truth) -> None:
        """Compare with the portal after calm nights: articles and files must agree; gone ones are removed."""
        for one in truth.articles:
            ids = self._ids(one.key)
            if not ids:
                if one.state == "live" and one.found_in:
                    self.broken["lost"].append((one.key, one.fate))
                continue
            state = value(self.archive, "select state from articles where id = ?", ids[0])
            if (state == "removed") != one.state.startswith(("gone", "soft")):
                self.broken["state at the end"].append((one.key, one.fate, one.state, state))
            if one.state == "live" and one.found_in:
                self._judge_files(one, ids[0])
        for url, sha256 in rows(self.archive, EVERY_FILE):
            path = _path(url)
            if path in self.files and path not in self.spoilt_files and sha256 not in self.files[path]:
                self.broken["what is no file"].append((url, sha256))

    def _judge_files(self, one: ArticleTruth, article_id: int) -> None:
        held = {_path(url): sha256 for url, sha256 in rows(self.archive, FILES_NOW, article_id, article_id)}
        for file in (*one.images, *one.attachments):
            if file.sha256 and held.get(_path(file.url)) != file.sha256:
                kinds = [(n, d.kind) for n, drawn in self.drawn.items() for d in drawn if d.target == _path(file.url)]
                self.broken["another file"].append((one.key, one.fate, file.url, held.get(_path(file.url)), kinds))

    def _file_versions(self, one: ArticleTruth) -> int:
        """Return how often the article's files may have changed, captions and bylines too."""
        paths = {_path(file.url) for file in (*one.images, *one.attachments)}
        changes = sum(max(len(self.files[path]) - 1, 0) for path in paths)
        named = one.fate in ("recaptioned", "byline-added", "moved", "renumbered")
        return changes + named + 2 * len(paths & self.spoilt_files)


def wild(seed: int, folder: Path, *, articles: int) -> Wild:
    """Run the thirty nights of a seed."""
    dealt = deal(seed)
    with Replica(seed=seed, articles=articles) as portal:
        nights = Wild(portal, folder, seed)
        for night in range(1, NIGHTS + 1):
            nights.run(night, dealt.get(night, []))
        nights.judge_end(portal.truth())
    return nights


def _path(url: str) -> str:
    return unquote(urlsplit(url).path)
