"""What people see of an article that is absent or cannot be read: on its page, in `/removed`, in the citation."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.web.article.standing import Standing
from tests.support.build import Clock
from tests.support.portals.absences import Portal
from tests.support.web_archive import Site, words_of

ABSENT = Standing(
    "suspect", "2026-09-01T18:30:00Z", "2026-09-02T18:30:00Z", 2, listed=True, unread_since=None,
    named_at="2026-09-01T18:30:00Z", timezone="Asia/Ho_Chi_Minh",
)  # fmt: skip
SEEN, SINCE = "02/09/2026 01:30", "03/09/2026 01:30"


@contextmanager
def published(archive: Path) -> Iterator[Site]:
    site = Site(archive)
    try:
        yield site
    finally:
        site.close()


@pytest.mark.parametrize(
    ("standing", "said"),
    [
        (ABSENT, "in 2 looks; a listing of the portal still named it when last read, 2 Sep 2026"),
        (replace(ABSENT, listed=False, absent_looks=1), "in 1 look; no listing of the portal names it."),
        (replace(ABSENT, state="removed", listed=False), "no listing of the portal names it."),
        (replace(ABSENT, unread_since="2026-10-02T18:30:00Z"), "It cannot be read since 3 Oct 2026"),
        (replace(ABSENT, state="live", absent_since=None, unread_since="2026-10-02T18:30:00Z"), "cannot be read since"),
    ],
)
def test_it_says_last_seen_absent_since_how_many_looks_and_listed_or_not(standing: Standing, said: str) -> None:
    assert said in (standing.say_in("en") or "")
    assert "{" not in (standing.say_in("vi") or "{")


def test_of_an_article_that_answers_nothing_is_said() -> None:
    assert replace(ABSENT, state="live").say_in("vi") is None


@pytest.mark.parametrize(
    ("is_listed", "named"), [(True, "danh sách tin trên cổng vẫn dẫn tới bài"), (False, "không danh sách tin nào")]
)
def test_page_list_and_citation_say_the_same(archive: Path, clock: Clock, *, is_listed: bool, named: str) -> None:
    portal = Portal(archive, clock, tin_tuc=6)
    portal.gone = portal.at("tin_tuc", 0)
    portal.listed = set(portal.gone) if is_listed else set()
    portal.nights(2)
    said = f"Lần cuối còn thấy {SEEN}; vắng mặt từ {SINCE}, qua 2 lần xem lại; {named}"
    with published(archive) as site:
        for path in ("/article/1", "/removed?which=checking"):
            assert said in words_of(site.get(path).text), path
        assert said in site.get("/article/1/revision/1/cite?form=text").text
        assert "absent since" in site.get("/article/1/revision/1/cite?form=bibtex").text
        assert "absent since" in words_of(site.get("/article/1?lang=en").text)
        assert "vắng mặt từ" not in words_of(site.get("/article/2").text)


def test_a_listing_named_it_when_it_was_last_read(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=6)
    portal.gone, portal.unwalked = portal.at("tin_tuc", 0), {"tin_tuc"}
    portal.nights(2)
    with published(archive) as site:
        said = words_of(site.get("/article/1").text)
    assert f"danh sách tin trên cổng vẫn dẫn tới bài khi đọc lần cuối, {SEEN}." in said


def test_a_page_that_could_not_be_read_of_late_says_so(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=4)
    portal.mute = portal.at("tin_tuc", 0)
    portal.nights(2)
    with published(archive) as site:
        said = words_of(site.get("/article/1").text)
        assert f"Còn trên cổng, kiểm tra lần cuối {SEEN}" in said
        assert f"Lần cuối còn thấy {SEEN}; không đọc được từ {SINCE}." in said
        assert "không đọc được" not in words_of(site.get("/article/2").text)
        assert 'href="/article/1"' not in site.get("/removed?which=checking").text


def test_what_cannot_be_read_for_weeks_is_being_checked_and_not_removed(archive: Path, clock: Clock) -> None:
    portal = Portal(archive, clock, tin_tuc=4)
    portal.mute = portal.at("tin_tuc", 0)
    portal.nights(31)
    with published(archive) as site:
        for path in ("/article/1", "/removed?which=checking"):
            assert f"không đọc được từ {SINCE}" in words_of(site.get(path).text), path
        assert f"không đọc được từ {SINCE}" in site.get("/article/1/revision/1/cite?form=text").text
        assert 'href="/article/1"' not in site.get("/removed").text
