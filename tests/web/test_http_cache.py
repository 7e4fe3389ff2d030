"""Conditional requests: 304 without making the page, and never after a change."""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.web import http_cache, withheld_guard
from crawler.web.request import SiteRequest
from crawler.web.security_headers import SITE_POLICY
from tests.support.past_archive import EDITED, GONE, open_past
from tests.support.web_archive import SHA, Site, open_site

PAGES = [
    "/",
    "/changes",
    "/removed",
    f"/article/{EDITED}",
    f"/article/{EDITED}/history",
    f"/article/{EDITED}/diff/1..2",
    f"/article/{EDITED}/revision/1",
    "/search?q=bai",
    "/feed.atom",
    "/changes.atom",
    "/removed.atom",
]


@pytest.fixture
def past(tmp_path: Path) -> Iterator[Site]:
    with open_past(tmp_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An archive that was last written an hour ago."""
    with open_past(tmp_path_factory.mktemp("quiet")) as opened:
        hour_ago = time.time() - 3600
        for path in Path(opened.datasette.get_database("archive").path).parent.glob("archive.db*"):
            os.utime(path, (hour_ago, hour_ago))
        yield opened


def write(site: Site, sql: str) -> None:
    connection = open_for_writing(Path(site.datasette.get_database("archive").path))
    connection.execute(sql)
    connection.close()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_held_is_not_sent_again(quiet: Site, path: str) -> None:
    first = quiet.get(path)
    again = quiet.get(path, if_none_match=f'"x", {first.headers["etag"]}')
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    # A browser takes these over into the page that it holds.
    assert again.headers["content-security-policy"] == first.headers["content-security-policy"]
    assert again.headers["cache-control"] == first.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_that_is_held_by_time_is_not_sent_again(quiet: Site, path: str) -> None:
    first = quiet.get(path)
    assert quiet.get(path, if_modified_since=first.headers["last-modified"]).status_code == 304
    assert quiet.get(path, if_modified_since=formatdate(0, usegmt=True)).status_code == 200
    assert quiet.get(path, if_modified_since="yesterday").status_code == 200
    # A tag, where one is sent, says more than the time (RFC 9110, 13.2.2).
    held = {"if_modified_since": first.headers["last-modified"], "if_none_match": '"other"'}
    assert quiet.get(path, **held).status_code == 200


def test_a_page_that_is_held_costs_no_look_into_the_database(quiet: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = quiet.get("/changes").headers["etag"]

    async def refuse(*_: object) -> None:
        raise sqlite3.OperationalError("asked")

    monkeypatch.setattr(quiet.datasette.get_database("archive"), "execute_fn", refuse)
    assert quiet.get("/changes", if_none_match=tag).status_code == 304


def test_what_the_archive_learns_makes_a_page_new(past: Site) -> None:
    tag = past.get(f"/article/{GONE}").headers["etag"]
    write(past, f"update articles set title = 'Tên mới' where id = {GONE}")
    answer = past.get(f"/article/{GONE}", if_none_match=tag)
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag
    assert "last-modified" not in answer.headers


def test_pages_differ_by_question_language_host_and_hour(past: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    tags = {
        past.get("/changes").headers["etag"],
        past.get("/changes?lang=en").headers["etag"],
        past.get("/changes?class=number").headers["etag"],
        past.get("/changes", host="other").headers["etag"],
    }
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", "2030-01-01T00:00:00Z")
    tags.add(past.get("/changes").headers["etag"])
    monkeypatch.setenv("PORTAL_ARCHIVE_SITE", "https://luu.example.org")
    tags.add(past.get("/changes").headers["etag"])
    assert len(tags) == 6


@pytest.mark.parametrize("path", ["/article/999", "/go?url=x", "/article/x"])
def test_what_is_not_there_carries_no_validators(quiet: Site, path: str) -> None:
    answer = quiet.get(path, if_modified_since=formatdate(time.time(), usegmt=True), if_none_match="*")
    assert answer.status_code == 404
    assert "etag" not in answer.headers


def test_a_tag_of_another_page_holds_nothing(quiet: Site) -> None:
    tag = quiet.get("/changes").headers["etag"]
    assert quiet.get("/removed", if_none_match=tag).status_code == 200
    for nonsense in ('W/"', tag.replace("-0", "-99"), tag.replace("-0", "-x"), tag.replace("-0", "")):
        assert quiet.get("/changes", if_none_match=nonsense).status_code == 200


def test_pictures_keep_their_own_tags(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        first = site.get(f"/image/{SHA['png']}")
        assert first.headers["etag"] == f'"{SHA["png"]}"'
        assert "immutable" in first.headers["cache-control"]
        assert site.get("/article/1").headers["content-security-policy"] == SITE_POLICY


@pytest.mark.parametrize("path", ["/", "/dashboard"])
def test_a_page_with_figures_from_before_the_last_write_is_not_held(past: Site, path: str) -> None:
    assert "etag" in past.get(path).headers
    write(past, f"delete from article_urls where article_id = {GONE}")
    soon = past.get(path)
    assert "etag" not in soon.headers
    assert soon.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/dashboard"])
def test_a_page_with_figures_of_the_archive_as_it_is_is_held(
    past: Site, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    past.get(path)
    write(past, f"delete from article_urls where article_id = {GONE}")
    monkeypatch.setattr("crawler.web.http_cache.STALE_SECONDS", 0.0)
    assert "etag" in past.get(path).headers


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the pages that are made, and not kept from an earlier visitor."""
    paths: list[str] = []
    find = withheld_guard.find_notice

    def noted(connection: sqlite3.Connection, request: SiteRequest) -> object:
        paths.append(request.http.path)
        return find(connection, request)

    monkeypatch.setattr(withheld_guard, "find_notice", noted)
    return paths


def test_visitors_who_ask_the_same_wait_for_one_page(quiet: Site, made: list[str]) -> None:
    async def ask() -> list[str]:
        paths = [f"/article/{EDITED}?n=together"] * 8
        return [answer.text for answer in await asyncio.gather(*(quiet.datasette.client.get(path) for path in paths))]

    assert len(set(asyncio.run(ask()))) == 1
    assert len(made) == 1


def test_what_no_visitor_may_hold_is_made_for_each(quiet: Site, made: list[str]) -> None:
    for _ in range(2):
        assert quiet.get("/article/999999").status_code == 404
    assert len(made) == 2


def test_a_kept_page_ends_with_a_change_and_with_its_time(
    past: Site, made: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def settle(ago: float) -> None:
        for path in Path(past.datasette.get_database("archive").path).parent.glob("*.db*"):
            os.utime(path, (time.time() - ago,) * 2)

    path = f"/article/{EDITED}"
    settle(3600)
    assert "Đổi hẳn" not in past.get(path).text
    write(past, f"update articles set title = 'Đổi hẳn' where id = {EDITED}")
    settle(1800)
    assert "Đổi hẳn" in past.get(path).text
    assert past.get(path).status_code == 200
    assert len(made) == 2
    monkeypatch.setattr(http_cache, "_KEPT_SECONDS", -1.0)
    assert "Đổi hẳn" in past.get(path).text
    assert len(made) == 3
