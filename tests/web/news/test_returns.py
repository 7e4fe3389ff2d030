"""Wherever a return or a revision is shown, it is said that it came back changed, or is an older version again."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.language.dates import parse_iso
from crawler.operations.notices.digest import read_digest
from crawler.operations.notices.messages import make_digest_message
from tests.support.build import BASE, Clock, Night, article_page
from tests.support.web_archive import Site, words_of

PUT_BACK, CHANGED = "Trở lại như phiên bản 1", "Trở lại sau khi vắng mặt, đã khác"
ONE, TWO = f"{BASE}/tin-tuc/hop-dan-1001", f"{BASE}/tin-tuc/hoi-xuan-1002"


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose article 1 comes back changed, as it first was; article 2 comes back as it went."""
    path, clock = tmp_path_factory.mktemp("returns") / "archive.db", Clock()
    for body in ("A", "B", None, None, None, "A"):
        with Night(path, clock) as night:
            night.read(ONE, article_page("Họp dân", f"Họp ở xã {body}.")) if body else night.put_gone(ONE)
            night.read(TWO, article_page("Hội xuân", "Hội ở xã.")) if body else night.put_gone(TWO)
        clock.go_on(days=1)
    return path


@pytest.fixture(scope="module")
def site(archive: Path) -> Iterator[Site]:
    site = Site(archive)
    yield site
    site.close()


@pytest.mark.parametrize(
    "path", ["/", "/changes", "/changes.atom", "/article/1", "/article/1/history", "/article/1/history.atom",
     "/article/1/diff/2..3", "/article/1/diff/1..3", "/article/1/revision/3", "/article/1/revision/3/embed"]
)  # fmt: skip
def test_each_page_that_shows_the_revision_says_both(path: str, site: Site) -> None:
    page = site.get(path).text
    for words in (PUT_BACK, CHANGED):
        assert words in page, (path, words)


@pytest.mark.parametrize("path", ["/article/1/revision/1", "/article/1/revision/1/embed"])
def test_a_version_that_the_portal_went_back_to_is_said_to_be_as_the_latest(path: str, site: Site) -> None:
    said = words_of(site.get(path).text)
    assert "bản mới nhất (3) giống bản này" in said
    assert "bài đã bị sửa sau đó" not in said
    assert "giống bản này" not in words_of(site.get(path.replace("revision/1", "revision/2")).text)


def test_the_list_of_returns_says_which_came_back_changed(site: Site) -> None:
    said = words_of(site.get("/removed?which=returned").text)
    assert said.count(CHANGED) == 1
    assert CHANGED in said.partition("Họp dân")[2]
    assert 'href="/article/1/diff/2..3"' in site.get("/removed?which=returned").text


def test_the_history_says_it_at_the_version_and_at_the_return(site: Site) -> None:
    said = words_of(site.get("/article/1/history").text)
    assert said.count(CHANGED) == 3
    assert said.count(PUT_BACK) == 2
    assert CHANGED not in words_of(site.get("/article/2/history").text)


def test_the_digest_says_it_of_what_is_new(archive: Path) -> None:
    now = parse_iso("2026-09-06T20:00:00Z")
    for days, is_said in ((0, True), (30, False)):
        digest = read_digest(archive, "week", last=None, now=now + timedelta(days=days))
        body = make_digest_message(digest, language="vi", site=None).body if digest else ""
        assert (f"Họp dân [{PUT_BACK}; {CHANGED}]" in body) == is_said, body


def test_sql_and_json_say_which_version_came_back_changed_and_which_was_put_back(site: Site) -> None:
    rows = json.loads(site.get("/archive/returns_and_put_backs.json?_shape=array").text)
    told = [(row["article_id"], row["revision"], row["put_back_to"], row["came_back"]) for row in rows]
    assert told == [(1, 3, 1, 1)]
    blocks = {number: site.get(f"/article/1/revision/{number}").text for number in (2, 3)}
    described = {
        number: json.loads(re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[0])
        for number, page in blocks.items()
    }
    assert described[3]["creativeWorkStatus"] == [PUT_BACK, CHANGED]
    assert "creativeWorkStatus" not in described[2]
