"""Whole crawls over several nights of the replica: every event once and on its night, and none that did not happen."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from crawler.archive.controls.controls import MOST_CONTROLS
from crawler.archive.database import open_for_reading
from crawler.archive.frontier.frontier import read_due
from crawler.archive.frontier.rechecks import read_due_rechecks
from crawler.profile import Relook
from crawler.replica import Replica
from crawler.replica.truth import ArticleTruth
from tests.support.crawling import Ended, command, crawl, rows, tables, value

pytestmark = pytest.mark.slow

FIRST = date(2025, 6, 2)
NIGHTS = 6
QUIET = NIGHTS + 8
LISTINGS = 6

GONE_FROM_2 = [("unlisted", 2), ("missed", 2), ("missed", 3), ("missed", 4), ("removed", 4)]

# What befalls an article, as a crawl that looks at everything every night sees it.
FATES: dict[str, list[tuple[str, int]]] = {
    "edited": [("revised", 2)],
    "a-b-a": [("revised", 2), ("revised", 3)],
    "retitled": [("revised", 2)],
    "recaptioned": [("revised", 2)],
    "same-address-other-picture": [("revised", 2)],
    "same-address-other-document": [("revised", 3)],
    "byline-added": [("revised", 3)],
    "edited-every-night": [("revised", night) for night in range(2, NIGHTS + 1)],
    "gone-404": GONE_FROM_2,
    "gone-410": GONE_FROM_2,
    "soft-404": GONE_FROM_2,
    # This portal answers 404 for what names nothing: a redirect to the home page is an answer that cannot be read.
    "redirect-home": [("unlisted", 2)],
    "gone-late": [(kind, night + 1) for kind, night in GONE_FROM_2],
    "away-one-night": [("unlisted", 2), ("missed", 2), ("listed", 3), ("returned", 3)],
    "away-three-nights": [*GONE_FROM_2, ("listed", 5), ("returned", 5)],
    "back-changed": [
        ("unlisted", 3), ("missed", 3), ("missed", 4), ("listed", 5), ("revised", 5), ("returned", 5),
    ],
    "unlisted": [("unlisted", 2)],
    "relisted": [("unlisted", 2), ("listed", 3)],
    "moved": [],
    "renumbered": [],
}  # fmt: skip
STATES = {"gone-404": "removed", "gone-410": "removed", "soft-404": "removed"} | {"gone-late": "removed"}


@dataclass(frozen=True)
class Story:
    """Some nights of a portal in an archive: how each ended, and what the portal says of its articles."""

    archive: Path
    ended: list[Ended]
    met: dict[int, set[str]]
    articles: tuple[ArticleTruth, ...]

    def article_id(self, key: int) -> int:
        """Give the one row that the article is in, under whatever address it was met."""
        found = {
            row["article_id"]
            for url in self.met[key]
            for row in rows(self.archive, "select article_id from article_urls where url = ?", url)
        }
        assert len(found) == 1, (self.met[key], found)
        return int(found.pop())

    def events(self, article_id: int) -> list[tuple[str, int]]:
        """Give kind and night of an article's events."""
        told = rows(
            self.archive,
            "select kind, date(at, '+7 hours') as night from article_events where article_id = ? order by id",
            article_id,
        )
        return [(row["kind"], (date.fromisoformat(row["night"]) - FIRST).days + 1) for row in told]


def crawl_night(portal: Replica, folder: Path, night: int, *arguments: str) -> Ended:
    """Crawl at one o'clock of a night at the portal."""
    now = f"{FIRST + timedelta(days=night - 1)}T01:00:00+07:00"
    portal.forget_requests()
    return crawl(portal, folder, *arguments, extra={"PORTAL_ARCHIVE_NOW": now})


def tell(portal: Replica, folder: Path, *arguments: str) -> Story:
    ended, met = [], {}
    for night in range(1, NIGHTS + 1):
        portal.night = night
        ended.append(crawl_night(portal, folder, night, *arguments))
        for article in portal.truth().articles:
            met.setdefault(article.key, set()).update((article.url, article.old_url, *article.former_urls))
    return Story(folder / "archive.db", ended, met, portal.truth().articles)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """Six nights on which everything was looked at."""
    with Replica(articles=240) as portal:
        return tell(portal, tmp_path_factory.mktemp("full"), "--full", "--files")


@dataclass(frozen=True)
class Quiet:
    """A night on which nothing had changed: what was due before it, and what was asked of the portal."""

    night: date
    due: frozenset[str]
    retries: int
    asked: list[str]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Quiet]:
    """Six nights as a schedule runs them, then one by which every listing was walked whole again, and a quiet one.

    From the seventh night on the portal stands still, and until the thirteenth the machine is off.
    """
    folder = tmp_path_factory.mktemp("plain")
    with Replica(articles=240) as portal:
        story = tell(portal, folder)
        story.ended.append(crawl_night(portal, folder, QUIET - 1))
        night = FIRST + timedelta(days=QUIET - 1)
        connection = open_for_reading(story.archive)
        found = [entry.url for entry in read_due(connection, "replica", night=night.isoformat())]
        again = read_due_rechecks(connection, "replica", relook=Relook(), night=night.isoformat(), full=False)
        due = {*found, *(entry.url for entry in again)}
        connection.close()
        story.ended.append(crawl_night(portal, folder, QUIET))
        asked = [f"{request.server} {request.path}" for request in portal.requests]
    return story, Quiet(night, frozenset(due), len(found), asked)


def test_every_night_is_complete(full: Story, plain: tuple[Story, Quiet]) -> None:
    for story, excused in ((full, set[int]()), (plain[0], find_unread_while_listed(plain[0]))):
        unfinished = [
            f"{ended.out}\n{ended.err}"
            for crawl_id, ended in enumerate(story.ended, 1)
            if ended.code != (3 if crawl_id in excused else 0)
        ]
        assert not unfinished, "\n\n".join(unfinished)


def find_unread_while_listed(story: Story) -> set[int]:
    """Give the nights that are rightly partial: the article that leads home was looked at before its list was.

    Without --full, the turn for a look comes by the address, so by the replica's port.
    """
    home = [url for article in story.articles if article.fate == "redirect-home" for url in story.met[article.key]]
    marks = ", ".join("?" * len(home))
    sql = f"""select c.id from crawls c join crawl_errors e on e.crawl_id = c.id
      where c.outcome = 'partial' and json_array_length(c.reason_args) = 1
        and json_extract(c.reason_args, '$[0].kind', '$[0].args.count') = '["articles-failed",1]'
        and e.kind = 'redirected-away' and e.url in ({marks})"""
    return {row["id"] for row in rows(story.archive, sql, *home)}


def test_every_fate_makes_its_events_once_and_on_their_nights(full: Story) -> None:
    told = {a.fate: full.events(full.article_id(a.key)) for a in full.articles if a.fate}
    # Where the new address is read before the old one leads to it, there were two rows for a moment.
    assert told["renumbered"].count(("merged", 3)) <= 1
    told["renumbered"] = [event for event in told["renumbered"] if event != ("merged", 3)]
    wanted = {fate: [("found", 1), *events] for fate, events in FATES.items()}
    assert {fate: sorted(events) for fate, events in told.items()} == {f: sorted(e) for f, e in wanted.items()}


def test_no_other_article_has_any_event_but_that_it_was_found(full: Story, plain: tuple[Story, Quiet]) -> None:
    for story in (full, plain[0]):
        fated = [story.article_id(article.key) for article in story.articles if article.fate]
        others = [row["id"] for row in rows(story.archive, "select id from articles") if row["id"] not in fated]
        told = {article_id: [kind for kind, _ in story.events(article_id)] for article_id in others}
        assert len(others) > 200
        assert {article_id: kinds for article_id, kinds in told.items() if kinds != ["found"]} == {}


def test_an_article_is_as_its_fate_left_it(full: Story) -> None:
    for article in full.articles:
        if not article.fate:
            continue
        row = rows(full.archive, "select * from articles where id = ?", full.article_id(article.key))[0]
        wanted = (STATES.get(article.fate, "live"), int(article.listed), article.title)
        assert (row["state"], row["listed"], row["title"]) == wanted, article.fate
        first_miss = {"removed": "2025-06-03" if article.fate == "gone-late" else "2025-06-02"}
        assert (row["removed_at"] or "")[:10] == first_miss.get(row["state"], ""), article.fate
        if row["state"] == "live":
            assert row["body"] == article.body, article.fate


def test_versions_are_numbered_by_their_nights_and_none_is_overwritten(full: Story) -> None:
    ids = {article.fate: full.article_id(article.key) for article in full.articles if article.fate}
    counts = {
        fate: value(full.archive, "select count(*) from revisions where article_id = ?", article_id)
        for fate, article_id in ids.items()
    }
    assert counts == {fate: 1 + sum(kind == "revised" for kind, _ in events) for fate, events in FATES.items()}
    bodies = rows(full.archive, "select body from revisions where article_id = ? order by number", ids["a-b-a"])
    assert bodies[0]["body"] == bodies[2]["body"] != bodies[1]["body"]


def test_each_article_is_held_once(full: Story, plain: tuple[Story, Quiet]) -> None:
    for story in (full, plain[0]):
        held = [story.article_id(article.key) for article in story.articles if article.found_in or article.fate]
        assert len(held) == len(set(held))


def test_without_full_no_event_is_told_that_did_not_happen_nor_before_it_did(plain: tuple[Story, Quiet]) -> None:
    story, _ = plain
    for article in story.articles:
        if not article.fate:
            continue
        told = [event for event in story.events(story.article_id(article.key)) if event[0] not in ("found", "merged")]
        true = FATES[article.fate]
        assert Counter(kind for kind, _ in told) <= Counter(kind for kind, _ in true), article.fate
        for kind, night in told:
            assert night >= min(on for what, on in true if what == kind), (article.fate, kind, night)


def test_a_night_on_which_nothing_changed_costs_the_first_pages_and_the_looks_that_are_due(
    plain: tuple[Story, Quiet],
) -> None:
    story, quiet = plain
    crawl_id = value(story.archive, "select max(id) from crawls")
    walks = rows(story.archive, "select pages_read, whole from listing_walks where crawl_id = ?", crawl_id)
    assert len(walks) == LISTINGS
    assert sum(walk["whole"] for walk in walks) <= 2
    assert all(walk["whole"] or walk["pages_read"] <= 2 for walk in walks)
    # Where nothing is new on page 2 the walk ends. At the end of each walk its first page is read once more.
    listings = sum(walk["pages_read"] + 1 for walk in walks)
    articles = {urlsplit(url).path for url in quiet.due}
    files = {unquote(urlsplit(row["url"]).path) for row in rows(story.archive, "select url from files")}
    asked = Counter(line.partition(" ")[2].partition("?")[0] for line in quiet.asked if line.startswith("site "))
    # Files are counted below. How many of those that are due lie on this host depends on its port, by their turns.
    others = {path: count for path, count in asked.items() if path not in articles and unquote(path) not in files}
    controls = value(story.archive, "select count(*) from controls where crawl_id = ?", crawl_id)
    redirects = value(
        story.archive,
        "select count(*) from captures where crawl_id = ? and status in (301, 302, 303, 307, 308)",
        crawl_id,
    )
    of_files = value(
        story.archive, "select count(*) from captures where crawl_id = ? and url like '%/khong-co-tep-%'", crawl_id
    )
    # Besides the listings: home, robots.txt, the feed, three entries of the menu that are no list, the addresses that
    # name nothing (one more for each category with a miss, and for a host with a file that was replaced before), and
    # where redirects lead.
    assert sum(others.values()) <= listings + 6 + controls + of_files + redirects, sorted(others.items())
    assert 2 <= controls <= 2 * MOST_CONTROLS
    assert sum(asked[path] for path in articles) <= len(articles) + 2 * quiet.retries
    assert len(articles) < 60
    # Of the held files only so many are asked for again.
    again = value(
        story.archive, "select count(*) from file_looks where asked_on = ? and looks", quiet.night.isoformat()
    )
    assert 0 < again <= Relook().files_per_night
    held = {
        unquote(urlsplit(row["url"]).path)
        for row in rows(story.archive, "select url from files where sha256 is not null")
    }
    assert sum(unquote(line.partition(" ")[2]) in held for line in quiet.asked) <= again


@pytest.mark.parametrize("which", ["full", "plain"])
def test_a_rebuild_repeats_the_nights_row_for_row(
    which: str, full: Story, plain: tuple[Story, Quiet], tmp_path: Path
) -> None:
    archive = full.archive if which == "full" else plain[0].archive
    ended = command("rebuild", "--archive", archive, "--into", tmp_path / "new.db")
    assert ended.code == 0, ended.err
    assert tables(archive) == tables(tmp_path / "new.db")
    verified = command("verify", "--archive", archive)
    assert verified.code == 0, verified.out


def states(archive: Path) -> dict[str, int]:
    return {row[0]: row[1] for row in rows(archive, "select state, count(*) from articles group by state")}


def kinds(archive: Path) -> set[str]:
    return {row[0] for row in rows(archive, "select distinct kind from article_events")}


def last_crawl(archive: Path) -> tuple[str, str]:
    row = rows(archive, "select outcome, reason from crawls order by id desc limit 1")[0]
    return row["outcome"], row["reason"] or ""


def test_a_night_on_which_most_pages_answer_503_is_partial_and_removes_nobody(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=120) as portal:
        assert crawl_night(portal, tmp_path, 1).code == 0
        held = states(archive)
        portal.night = 2
        portal.faults.set("@articles", "503", share=0.6)
        assert crawl_night(portal, tmp_path, 2, "--full").code == 3
        assert last_crawl(archive)[0] == "partial"
        assert "listed articles could not be had" in last_crawl(archive)[1]
        assert set(states(archive)) == {"live"}
        assert states(archive)["live"] >= held["live"]
        assert not {"missed", "removed"} & kinds(archive)
        portal.faults.clear()
        assert crawl_night(portal, tmp_path, 3, "--full").code == 0
        truth = portal.truth().articles
    assert last_crawl(archive) == ("complete", "")
    gone = [article for article in truth if article.state not in ("live", "redirect-home")]
    assert states(archive).get("suspect") == len(gone) > 0
    assert "removed" not in states(archive)


def test_a_night_on_which_every_page_says_not_found_is_suspect_and_counts_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=120) as portal:
        assert crawl_night(portal, tmp_path, 1).code == 0
        before = rows(archive, "select id, title, body, revision, removed_at, listed from articles")
        portal.faults.set("@articles", "soft404")
        assert crawl_night(portal, tmp_path, 2, "--full").code == 4
        assert last_crawl(archive)[0] == "suspect"
        assert "found nothing" in last_crawl(archive)[1]
        assert set(states(archive)) == {"live"}
        assert kinds(archive) == {"found"}
        assert value(archive, "select count(*) from misses where counted") == 0
        portal.faults.clear()
        assert crawl_night(portal, tmp_path, 3, "--full").code == 0
    assert last_crawl(archive) == ("complete", "")
    assert kinds(archive) == {"found"}
    assert rows(archive, "select id, title, body, revision, removed_at, listed from articles") == before
    assert command("verify", "--archive", archive).code == 0
