"""Entries of the menu that are one article: what the menu names, what an older reader knew, what is said once."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from crawler.items import Purpose
from tests.support.build import BASE, Clock, Night, OtherReader, make_profile, read_rows

ENTRY = f"{BASE}/gioi-thieu"
OTHERS = [f"{BASE}/{slug}" for slug in ("tin-tuc", "thong-bao", "van-ban")]
WORDS = "Xã Tả Phìn được thành lập năm 1956, nằm ở phía đông bắc của huyện."


def page(main: str, *, menu: tuple[str, ...] = (ENTRY, *OTHERS)) -> str:
    links = "".join(f'<li><a href="{url}">{url.rpartition("/")[2]}</a></li>' for url in menu)
    return (
        f"<html><head><title>Cổng</title></head><body><nav><ul>{links}</ul></nav><div class='main'>{main}</div>"
        "<div class='footer'><p>Bản quyền</p></div></body></html>"
    )


def frame(words: str = WORDS, title: str = "Giới thiệu") -> str:
    return (
        f'<div class="ArticleDetailControl"><div class="ArticleHeader">{title}</div>'
        f'<div class="ArticleContent"><p>{words}</p></div></div>'
    )


LIST = (
    '<div class="UIArticleInMenu_Default"><ul class="ArticleList"><li class="row">'
    '<h2 class="Title">{}</h2></li></ul></div>'
)
FORM = '<form><label>Họ tên</label><input name="a"><label>Nội dung</label><textarea name="b"></textarea></form>'


def test_an_entry_is_listed_while_the_menu_names_it(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", page(""), Purpose.HOME)
        article_id = night.read(ENTRY, page(frame()), Purpose.MENU)
        assert night.rows("select url, listed, source_id from articles where id = ?", article_id) == [(ENTRY, 1, None)]
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", page("", menu=tuple(OTHERS)), Purpose.HOME)
        night.walked(OTHERS[0])
        night.read(ENTRY, page(frame()), Purpose.ARTICLE)
    assert read_rows(archive, "select listed, state from articles") == [(0, "live")]
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", page(""), Purpose.HOME)
        night.read(ENTRY, page(frame()), Purpose.MENU)
    assert read_rows(archive, "select listed from articles") == [(1,)]
    kinds = [row[0] for row in read_rows(archive, "select kind from article_events order by id")]
    assert kinds == ["found", "unlisted", "listed"]


def test_a_menu_without_entries_says_nothing(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", page(""), Purpose.HOME)
        night.read(ENTRY, page(frame()), Purpose.MENU)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", "<html><body><p>Đang bảo trì</p></body></html>", Purpose.HOME)
        night.walked(OTHERS[0])
    assert read_rows(archive, "select listed from articles") == [(1,)]


@pytest.mark.parametrize(
    ("main", "kind"),
    [
        (LIST.format('<a href="/tin-tuc/mot-tin-100001">Một tin của xã</a>'), "listing"),
        (FORM, "neither-list-nor-article"),
    ],
)
def test_what_comes_in_the_place_of_a_held_entry_is_a_failure_and_no_absence(
    archive: Path, clock: Clock, main: str, kind: str
) -> None:
    with Night(archive, clock) as night:
        night.read(ENTRY, page(frame()), Purpose.MENU)
    for _ in range(3):
        clock.go_on(days=1)
        with Night(archive, clock) as night:
            night.read(ENTRY, page(main), Purpose.MENU)
    assert read_rows(archive, "select state, revision from articles") == [("live", 1)]
    assert read_rows(archive, "select kind from crawl_errors") == [(kind,)] * 3
    assert read_rows(archive, "select distinct kind from unread_looks") == [(kind,)]
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.read(ENTRY, page(frame()), Purpose.MENU)
    assert read_rows(archive, "select state, revision, unread_since from articles") == [("live", 1, None)]


def test_what_is_neither_is_said_again_only_when_it_changes(archive: Path, clock: Clock) -> None:
    pages = (FORM, FORM, "<p>Không tìm thấy trang bạn yêu cầu.</p>", FORM)
    for main in pages:
        with Night(archive, clock) as night:
            night.read(ENTRY, page(main), Purpose.MENU)
        clock.go_on(days=1)
    kinds = [row[0] for row in read_rows(archive, "select kind from crawl_errors order by rowid")]
    assert kinds == ["neither-list-nor-article", "soft-404", "neither-list-nor-article"]
    assert read_rows(archive, "select count(*) from frontier where kind = 'article'") == [(0,)]


def test_an_entry_of_an_older_reader_is_no_article(archive: Path, clock: Clock) -> None:
    as_before: OtherReader = lambda _, read: read  # noqa: E731 - the reader of that time
    with Night(archive, clock) as night:
        assert night.read(ENTRY, page(frame()), Purpose.MENU, by=as_before) is None
        night.read(f"{BASE}/lien-he", page(FORM), Purpose.MENU, by=as_before)
    assert read_rows(archive, "select 1 from articles union all select 1 from crawl_errors") == []


def test_two_entries_of_one_text_at_different_paths_are_two_articles(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        one = night.read(ENTRY, page(frame()), Purpose.MENU)
        other = night.read(f"{BASE}/gioi-thieu/chung", page(frame()), Purpose.MENU)
        again = night.read(f"{BASE}/Gioi-Thieu?menu=3", page(frame()), Purpose.MENU)
    assert one != other
    assert again == one
    assert read_rows(archive, "select url from articles order by id") == [(ENTRY,), (f"{ENTRY}/chung",)]


def test_an_article_at_an_address_with_an_id_stays_apart_from_an_entry_of_its_text(archive: Path, clock: Clock) -> None:
    numbered = f"{ENTRY}/gioi-thieu-200001"
    with Night(archive, clock) as night:
        one = night.read(ENTRY, page(frame()), Purpose.MENU)
        assert night.read(numbered, page(frame())) != one
    assert read_rows(archive, "select url from articles order by id") == [(ENTRY,), (numbered,)]


def test_a_portal_that_moves_keeps_its_entries(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", page(""), Purpose.HOME)
        night.read(ENTRY, page(frame()), Purpose.MENU)
    clock.go_on(days=1)
    new = "https://xa.example.vn"
    profile = replace(make_profile(), base_url=f"{new}/", moved_from=(f"{BASE}/",))
    with Night(archive, clock, profile) as night:
        moved = page(frame(), menu=(f"{new}/gioi-thieu", *(url.replace(BASE, new) for url in OTHERS)))
        night.read(f"{new}/", moved, Purpose.HOME)
        night.read(f"{new}/gioi-thieu", moved, Purpose.MENU)
    assert read_rows(archive, "select url, listed, revision from articles") == [(f"{new}/gioi-thieu", 1, 1)]
