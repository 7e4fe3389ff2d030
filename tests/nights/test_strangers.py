"""Nights on which something came in place of pages: it is named, and no removal, edit or end of a list comes of it."""

from pathlib import Path

import pytest

from crawler.replica import Replica
from crawler.replica.server.page_faults import STRANGER_KINDS
from crawler.replica.truth import ArticleTruth
from tests.support.crawling import command as run_command
from tests.support.crawling import crawl, rows, tables, value
from tests.support.replica import set_on_article

FIRST = "2025-06-02T01:00:00+07:00"
# The kinds in crawl_errors of the replica's faults that are named otherwise.
NAMES = {
    "block-f5": "blocked", "block-cdn": "blocked", "block-vn": "blocked", "block-bare": "blocked",
    "block-unknown": "not-the-portal", "db-error": "database-error", "login-page": "login", "json-error": "not-a-page",
    "empty-page": "empty",
    "login-redirect": "robots",  # the replica's robots.txt forbids its login page
}  # fmt: skip


def night(portal: Replica, folder: Path, number: int, *arguments: str) -> int:
    """Crawl at one o'clock of a night of a portal that stands still."""
    portal.forget_requests()
    now = f"2025-06-{number + 1:02}T01:00:00+07:00"
    return crawl(portal, folder, *arguments, extra={"PORTAL_ARCHIVE_NOW": now}).code


def test_what_comes_in_place_of_articles_for_three_nights_removes_none_and_is_named(tmp_path: Path) -> None:
    """Each kind stands at one article, and the portal's other answers are as ever."""
    archive = tmp_path / "archive.db"
    with Replica(articles=60) as portal:
        assert night(portal, tmp_path, 1) == 0
        live = [one for one in portal.truth().articles if one.listed and one.state == "live" and not one.fate]
        spoilt = dict(zip(STRANGER_KINDS, live, strict=False))
        assert len(spoilt) == len(STRANGER_KINDS)
        for kind, one in spoilt.items():
            for url in (one.url, one.old_url, *one.former_urls):
                portal.faults.set("/" + url.removeprefix(portal.base_url), kind)
        codes = [night(portal, tmp_path, number, "--full") for number in (2, 3, 4)]
    assert codes == [3, 3, 3]
    held = {row["url"]: row["article_id"] for row in rows(archive, "select url, article_id from article_urls")}
    for kind, one in spoilt.items():
        article_id = next(held[url] for url in (one.url, one.old_url, *one.former_urls) if url in held)
        found = rows(archive, "select state, revision from articles where id = ?", article_id)[0]
        assert tuple(found) == ("live", 1), kind
        kinds = {row["kind"] for row in rows(archive, "select kind from unread_looks where article_id = ?", article_id)}
        assert kinds == {NAMES.get(kind, kind)}, kind
        events = rows(archive, "select kind from article_events where article_id = ? and kind <> 'found'", article_id)
        assert events == [], kind


def test_a_404_with_a_block_page_or_with_the_article_is_no_absence(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    kinds = {"block-404": "blocked", "challenge-404": "challenge", "maintenance-404": "maintenance"}
    with Replica(articles=60) as portal:
        assert night(portal, tmp_path, 1) == 0
        live = [one for one in portal.truth().articles if one.listed and one.state == "live" and not one.fate]
        spoilt = dict(zip((*kinds, "whole-404", "404"), live, strict=False))
        for kind, one in spoilt.items():
            for url in (one.url, one.old_url, *one.former_urls):
                portal.faults.set("/" + url.removeprefix(portal.base_url), kind)
        codes = [night(portal, tmp_path, number, "--full") for number in (2, 3)]
    assert codes == [3, 3]
    held = {row["url"]: row["article_id"] for row in rows(archive, "select url, article_id from article_urls")}
    for kind, one in spoilt.items():
        article_id = next(held[url] for url in (one.url, one.old_url, *one.former_urls) if url in held)
        looks = "select kind from {} where article_id = ?"
        unread = {row["kind"] for row in rows(archive, looks.format("unread_looks"), article_id)}
        missed = {row["kind"] for row in rows(archive, looks.format("misses"), article_id)}
        found = (unread, missed, value(archive, "select state from articles where id = ?", article_id))
        if kind == "404":
            assert found == (set(), {"http-404"}, "suspect")
        else:
            assert found == ({kinds[kind]} if kind in kinds else set(), set(), "live"), kind
    again = run_command("rebuild", "--archive", archive, "--into", tmp_path / "new.db")
    assert again.code == 0, again.err
    assert tables(tmp_path / "new.db") == tables(archive)


@pytest.mark.parametrize(
    ("fault", "end_by", "code"),
    [
        ("past-end-message", "proved", 0),
        ("past-end-empty", "unproved", 3),
        ("pager-blocked-from-3", None, 3),
        pytest.param(None, "proved", 0, marks=pytest.mark.slow),
        pytest.param("past-end-404", "proved", 0, marks=pytest.mark.slow),
        pytest.param("past-end-500", "unproved", 3, marks=pytest.mark.slow),
        pytest.param("pager-json-from-3", None, 3, marks=pytest.mark.slow),
    ],
)
def test_an_end_that_is_not_announced_is_proved_or_said_once(
    tmp_path: Path, fault: str | None, end_by: str | None, code: int
) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=120) as portal:
        portal.faults.set("@listings", "no-page-count")
        if fault is not None:
            portal.faults.set("@pager", fault)
        codes = [night(portal, tmp_path, 1), night(portal, tmp_path, 2)]
    longest = rows(archive, "select * from listing_walks where crawl_id = 1 order by rows_seen desc limit 1")[0]
    assert (longest["end_by"], longest["whole"], longest["pages_announced"]) == (end_by, end_by == "proved", None)
    # What is missing is missing each night; that an end cannot be proved is said once.
    assert codes == [code, 0 if end_by == "unproved" else code]
    assert value(archive, "select count(*) from article_events where kind = 'unlisted'") == 0
    again = run_command("rebuild", "--archive", archive, "--into", tmp_path / "new.db")
    assert again.code == 0, again.err
    assert tables(tmp_path / "new.db") == tables(archive)


def test_articles_are_asked_plainly_and_a_304_to_that_confirms_nothing(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40, page_etags=True) as portal:
        assert night(portal, tmp_path, 1) == 0
        assert night(portal, tmp_path, 2, "--full") == 0
        names = {name.lower() for one in portal.requests if one.server == "site" for name, _ in one.headers}
        assert not names & {"if-none-match", "if-modified-since"}
        one = next(a for a in portal.truth().articles if a.listed and a.state == "live" and not a.fate)
        set_on_article(portal, one, "304")
        assert night(portal, tmp_path, 3, "--full") == 3
    assert {row["kind"] for row in rows(archive, "select kind from unread_looks")} == {"http-304"}


def test_a_host_that_fails_on_conditional_requests_is_asked_plainly_from_then_on(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"

    def conditional(portal: Replica) -> int:
        return sum(
            name.lower() in ("if-none-match", "if-modified-since")
            for one in portal.requests if one.server == "files" for name, _ in one.headers
        )  # fmt: skip

    with Replica(articles=40) as portal:
        assert night(portal, tmp_path, 1) == 0
        portal.faults.set("@files", "conditional-500")
        assert night(portal, tmp_path, 2, "--full", "--files") == 0
        assert conditional(portal) > 0
        assert night(portal, tmp_path, 3, "--full", "--files") == 0
        assert conditional(portal) == 0
        hosts = [tuple(row) for row in rows(archive, "select host, status from plain_hosts")]
        assert (portal.files_host, 500) in hosts
    assert value(archive, "select count(*) from crawl_errors where kind = 'http-500'") == 0


def test_absence_is_what_the_portal_answers_for_what_names_nothing(tmp_path: Path) -> None:
    """Of four articles that answer in an odd way, two are gone: made-up addresses of their categories answer so."""
    archive = tmp_path / "archive.db"
    with Replica(articles=60) as portal:
        assert night(portal, tmp_path, 1) == 0
        by_slug: dict[str, list[ArticleTruth]] = {}
        for one in portal.truth().articles:
            if one.listed and one.state == "live" and not one.fate:
                by_slug.setdefault(one.url.removeprefix(portal.base_url).partition("/")[0], []).append(one)
        first, second, third, *_ = sorted(by_slug, key=lambda slug: -len(by_slug[slug]))
        cases = [
            (by_slug[first][0], "redirect-home", True), (by_slug[first][1], "odd-404", False),
            (by_slug[second][0], "odd-404", True), (by_slug[third][0], "redirect-home", False),
        ]  # fmt: skip
        for slug, kind in ((first, "redirect-home"), (second, "odd-404")):
            portal.faults.set(f"^/{slug}/khong-co-bai-viet-nay", kind)
            portal.faults.set(f"^/1227/.*/{slug}/khong-co-bai-viet-nay", kind)
        for one, kind, _ in cases:
            for url in (one.url, one.old_url, *one.former_urls):
                portal.faults.set("/" + url.removeprefix(portal.base_url), kind)
        night(portal, tmp_path, 2, "--full")
        made_up = {one.path for one in portal.requests if "khong-co-bai-viet-nay" in one.path}
        night(portal, tmp_path, 3, "--full")
    assert 3 <= len(made_up) <= 5
    held = {row["url"]: row["article_id"] for row in rows(archive, "select url, article_id from article_urls")}
    for one, kind, is_gone in cases:
        article_id = next(held[url] for url in (one.url, one.old_url, *one.former_urls) if url in held)
        missed = value(
            archive, "select count(*) from misses where article_id = ? and control_id is not null", article_id
        )
        unread = value(archive, "select count(*) from unread_looks where article_id = ?", article_id)
        assert (missed, unread) == ((2, 0) if is_gone else (0, 2)), (one.url, kind)
    again = run_command("rebuild", "--archive", archive, "--into", tmp_path / "new.db")
    assert again.code == 0, again.err
    assert tables(tmp_path / "new.db") == tables(archive)
