"""Another article's page at an address is no revision and no sight of the article that has it."""

from pathlib import Path
from typing import Any

import pytest

from crawler.items import Address, Purpose
from tests.support.build import BASE, Clock, Night, listing_page, new_address, old_address, read_rows
from tests.support.pages.article_pages import next_night, text, whole_page

ONE = new_address(1000, "hoi-nghi-tong-ket")
TWO = new_address(2000, "le-hoi-mua-xuan")
NEW = new_address(3000, "khanh-thanh-cau")
TITLES = {ONE: "Hội nghị tổng kết", TWO: "Lễ hội mùa xuân", NEW: "Khánh thành cầu"}
SEEDS = {ONE: 1, TWO: 2, NEW: 3}


def canonical(at: Address) -> str:
    return f'<link rel="canonical" href="{at.url}">'


def number_of(at: Address) -> str:
    return f"<script>var articleId = {at.source_id};</script>"


def page_of(at: Address, *, head: str = "", body: str | None = None) -> str:
    return whole_page(TITLES[at], body or text(SEEDS[at]), head=head)


def look(archive: Path, clock: Clock, *pages: tuple[Address, str]) -> list[int | None]:
    """Fetch pages in one night; give the articles that they are of."""
    with next_night(archive, clock) as night:
        return [night.read(at.url, page) for at, page in pages]


def revisions(archive: Path) -> list[tuple[Any, ...]]:
    return read_rows(archive, "select article_id, count(*) from revisions group by 1 order by 1")


def refused(archive: Path) -> list[tuple[Any, ...]]:
    return read_rows(archive, "select url, kind, message from crawl_errors order by id")


MARKS = {"nothing": lambda _: "", "canonical": canonical, "number": number_of}


@pytest.mark.parametrize("mark", MARKS)
def test_two_articles_that_a_cache_swapped_are_not_edited(archive: Path, clock: Clock, mark: str) -> None:
    one, two = (page_of(at, head=MARKS[mark](at)) for at in (ONE, TWO))
    look(archive, clock, (ONE, one), (TWO, two))
    assert look(archive, clock, (ONE, two), (TWO, one)) == [None, None]
    said = "shows the article of {}, not its own"
    assert refused(archive) == [
        (ONE.url, "another-article", said.format(TWO.url)), (TWO.url, "another-article", said.format(ONE.url)),
    ]  # fmt: skip
    assert read_rows(archive, "select seen_on from articles") == [("2026-09-02",)] * 2
    assert look(archive, clock, (ONE, one), (TWO, two)) == [1, 2]
    assert revisions(archive) == [(1, 1), (2, 1)]
    assert read_rows(archive, "select seen_on from articles") == [("2026-09-04",)] * 2


@pytest.mark.parametrize("mark", MARKS)
def test_the_other_article_may_have_been_edited_meanwhile(archive: Path, clock: Clock, mark: str) -> None:
    one, two = (page_of(at, head=MARKS[mark](at)) for at in (ONE, TWO))
    look(archive, clock, (ONE, one), (TWO, two))
    edited = page_of(TWO, head=MARKS[mark](TWO), body=f"{text(2)}\n\nBổ sung vào chiều nay.")
    assert look(archive, clock, (ONE, edited)) == [None]


def test_two_articles_may_share_a_passage(archive: Path, clock: Clock) -> None:
    one, two = (page_of(at, body="\n\n".join(map(text, (*own, 9)))) for at, own in ((ONE, (1, 3)), (TWO, (2, 4))))
    look(archive, clock, (ONE, one), (TWO, two))
    edited = page_of(TWO, body="\n\n".join(("Bổ sung vào chiều nay.", *map(text, (2, 4, 9)))))
    assert look(archive, clock, (ONE, edited)) == [None]
    assert revisions(archive) == [(1, 1), (2, 1)]


@pytest.mark.parametrize("known", ["held", "listed", "listed in capitals"])
def test_the_newest_article_at_a_removed_ones_address_is_no_sight_of_it(
    archive: Path, clock: Clock, known: str
) -> None:
    look(archive, clock, (ONE, page_of(ONE)), (TWO, page_of(TWO)))
    newest = page_of(NEW)
    with next_night(archive, clock) as night:
        night.read(
            f"{BASE}/tin-tuc", listing_page([(NEW, TITLES[NEW], None), (TWO, TITLES[TWO], None)]), Purpose.LISTING
        )
        if known == "held":
            night.read(NEW.url, newest)
        assert night.read(ONE.url, newest) is None
        # Rechecks come first: the newest article may be fetched after them.
        assert night.read(NEW.url, newest) == 3
    for _ in range(9):
        assert look(archive, clock, (ONE, newest)) == [None]
    assert read_rows(archive, "select seen_on, revision, title from articles where id = 1") == [
        ("2026-09-02", 1, TITLES[ONE])
    ]


def test_a_new_address_that_shows_a_held_article_is_no_new_article(archive: Path, clock: Clock) -> None:
    look(archive, clock, (ONE, page_of(ONE)))
    assert look(archive, clock, (NEW, page_of(ONE))) == [None]
    assert look(archive, clock, (NEW, page_of(NEW))) == [2]
    assert revisions(archive) == [(1, 1), (2, 1)]


def test_two_articles_that_are_swapped_on_their_first_night_wait(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        rows = [(at, TITLES[at], None) for at in (ONE, TWO)]
        night.read(f"{BASE}/tin-tuc", listing_page(rows), Purpose.LISTING)
        assert [night.read(ONE.url, page_of(TWO)), night.read(TWO.url, page_of(ONE))] == [None, None]
    assert look(archive, clock, (ONE, page_of(ONE)), (TWO, page_of(TWO))) == [1, 2]
    assert revisions(archive) == [(1, 1), (2, 1)]


def test_a_listed_title_that_is_not_the_slug_is_a_new_article(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        night.read(f"{BASE}/tin-tuc", listing_page([(ONE, "Đổi tên bài", None)]), Purpose.LISTING)
        assert night.read(ONE.url, whole_page("Đổi tên bài", text(1))) == 1


def test_a_copy_of_an_article_in_another_category_is_an_article_and_follows_its_edits(
    archive: Path, clock: Clock
) -> None:
    copy = new_address(1001, "hoi-nghi-tong-ket", category="thong-bao")
    assert look(archive, clock, (ONE, page_of(ONE)), (copy, page_of(ONE))) == [1, 2]
    edited = page_of(ONE, body=text(9))
    assert look(archive, clock, (ONE, edited), (copy, page_of(ONE))) == [1, 2]
    assert look(archive, clock, (ONE, edited), (copy, edited)) == [1, 2]
    assert revisions(archive) == [(1, 2), (2, 2)]


@pytest.mark.parametrize("wrong", [TWO, ONE])
def test_an_address_that_a_template_writes_into_every_page_hides_no_edit(
    archive: Path, clock: Clock, wrong: Address
) -> None:
    def pages(seed: int) -> list[tuple[Address, str]]:
        return [(at, page_of(at, head=canonical(wrong), body=text(SEEDS[at] + seed))) for at in (ONE, TWO, NEW)]

    look(archive, clock, *pages(0))
    assert look(archive, clock, *pages(10)) == [1, 2, 3]
    assert revisions(archive) == [(1, 2), (2, 2), (3, 2)]


def test_a_template_that_changes_beside_an_edit_hides_none(archive: Path, clock: Clock) -> None:
    look(archive, clock, *((at, page_of(at, head=canonical(at))) for at in (ONE, TWO)))
    edited = text(1).replace(text(1).split("\n\n")[0], "Đoạn đầu đã sửa.")
    assert look(archive, clock, (ONE, page_of(ONE, head=canonical(TWO), body=edited))) == [1]
    assert revisions(archive) == [(1, 2), (2, 1)]


def test_a_heavy_rewrite_is_an_edit_on_its_night(archive: Path, clock: Clock) -> None:
    look(archive, clock, (ONE, page_of(ONE, head=canonical(ONE))), (TWO, page_of(TWO)))
    assert look(archive, clock, (ONE, page_of(ONE, head=canonical(ONE), body=text(9)))) == [1]
    retitled = whole_page("Bế mạc hội thao", text(11), head=canonical(ONE))
    assert look(archive, clock, (ONE, retitled)) == [1]
    assert revisions(archive) == [(1, 3), (2, 1)]
    assert refused(archive) == []


def test_a_rewrite_that_the_listing_shows_at_its_address_is_an_edit(archive: Path, clock: Clock) -> None:
    look(archive, clock, (ONE, page_of(ONE)), (TWO, page_of(TWO)))
    with next_night(archive, clock) as night:
        night.read(f"{BASE}/tin-tuc", listing_page([(ONE, "Bế mạc hội thao", None)]), Purpose.LISTING)
        assert night.read(ONE.url, whole_page("Bế mạc hội thao", text(11))) == 1
    assert revisions(archive) == [(1, 2), (2, 1)]


def test_notices_of_one_title_are_edited_each_for_itself(archive: Path, clock: Clock) -> None:
    title = "Thông báo tuyển dụng"
    first, second = new_address(1000, "thong-bao-tuyen-dung"), new_address(2000, "thong-bao-tuyen-dung")
    look(archive, clock, (first, whole_page(title, text(1))), (second, whole_page(title, text(2))))
    edited = f"{text(1)}\n\nGia hạn nộp hồ sơ."
    assert look(archive, clock, (first, whole_page(title, edited))) == [1]
    # The cache shows one at the other's address.
    assert look(archive, clock, (second, whole_page(title, edited))) == [None]
    assert revisions(archive) == [(1, 2), (2, 1)]


def test_short_notices_with_one_body_are_told_apart_by_their_files(archive: Path, clock: Clock) -> None:
    def notice(file: str, body: str = "Có văn bản kèm theo.") -> str:
        return whole_page("Thông báo", body, file=f"https://storage.example.vn/lci/{file}.pdf")

    first, second = new_address(1000, "thong-bao"), new_address(2000, "thong-bao")
    look(archive, clock, (first, notice("mot", "Nội dung thông báo.")), (second, notice("hai")))
    assert look(archive, clock, (first, notice("mot"))) == [1]
    assert look(archive, clock, (first, notice("hai"))) == [None]
    assert revisions(archive) == [(1, 2), (2, 1)]


def test_one_article_under_its_old_and_new_address_stays_one(archive: Path, clock: Clock) -> None:
    old = old_address(9, "hoi-nghi-tong-ket")
    page = page_of(ONE, head=canonical(ONE))
    assert look(archive, clock, (old, page), (ONE, page)) == [1, 1]
    edited = page_of(ONE, head=canonical(ONE), body=text(9))
    assert look(archive, clock, (ONE, edited), (old, edited)) == [1, 1]
    assert revisions(archive) == [(1, 2)]


def test_runs_by_the_old_rules_take_the_other_page_as_an_edit(night: Night) -> None:
    night.writer.connection.execute("update crawls set rules = 1")
    night.read(ONE.url, page_of(ONE))
    night.read(TWO.url, page_of(TWO))
    assert night.read(ONE.url, page_of(TWO)) == 1
    assert night.value("select count(*) from revisions where article_id = 1") == 2
