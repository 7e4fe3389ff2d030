"""Differences that make no revision: counters, a line that changes all the time, a summary that comes and goes."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from crawler.items import Article, ImageRef
from tests.support.build import (
    STORE,
    Clock,
    Night,
    article,
    article_page,
    image_ref,
    link,
    listing,
    new_address,
    old_address,
    picture,
)

AT = new_address(1)
TEXT = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng.\n\n{}\n\nHết."


def look(night: Night, clock: Clock, said: Article) -> str:
    """Look at the article a day later; give what that changed."""
    clock.go_on(days=1)
    return night.put(said, AT)[1]


def changes(night: Night, clock: Clock, lines: Sequence[str], **more: Any) -> list[str]:
    """Look at an article whose one line changes; give what each look changed."""
    return [look(night, clock, article(body=TEXT.format(line), **more)) for line in lines]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Hôm nay: 214", "Hôm nay: 230"),
        ("Lượt xem: 14", "Lượt xem: 1.015"),
        ("Số lượt đọc 99", "Số lượt đọc 100"),
        ("Đang truy cập: 3 | Hôm nay: 14 | Tổng: 1.208.333", "Đang truy cập: 9 | Hôm nay: 20 | Tổng: 1.208.340"),
        ("Đang online: 3\n\nTrong tuần: 99\n\nTất cả: 1.000", "Đang online: 4\n\nTrong tuần: 100\n\nTất cả: 1.001"),
        ("1.204 lượt xem", "1.310 lượt xem"),
        ("Cập nhật lúc 10:32", "Cập nhật lúc 11:05"),
        ("Nội dung chính (Lượt xem: 14)", "Nội dung chính (Lượt xem: 15)"),
        ("Đang xem: 3", ""),
        ("Đã có 1.204 lượt truy cập trang này", "Đã có 1.310 lượt truy cập trang này"),
        ("Bài viết đã được xem 123 lần", "Bài viết đã được xem 125 lần"),
        ("Đang có 12 khách truy cập", "Đang có 9 khách truy cập"),
        ("Đang truy cập: 3\n\nLượt khách: 1.000", "Đang truy cập: 4\n\nLượt khách: 1.002"),
    ],
)
def test_counters_with_known_labels_make_no_revision_and_confirm_it(
    night: Night, clock: Clock, first: str, second: str
) -> None:
    body = TEXT.format(second) if second else TEXT.replace("{}\n\n", "")
    night.put(article(body=TEXT.format(first)), AT)
    assert look(night, clock, article(body=body)) == "unchanged"
    assert night.rows("select number, confirmed_at, body from revisions") == [
        (1, "2026-09-02T18:30:00Z", TEXT.format(first))
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Lễ hội mùa xuân (214 lượt xem)", "Lễ hội mùa xuân (230 lượt xem)"),
        ("Lễ hội mùa xuân - Lượt xem: 14", "Lễ hội mùa xuân - Lượt xem: 15"),
        ("Lễ hội mùa xuân (đã xem 14 lần)", "Lễ hội mùa xuân (đã xem 15 lần)"),
        ("Lễ hội mùa xuân | 14 views", "Lễ hội mùa xuân | 15 views"),
    ],
)
def test_a_counter_in_the_heading_makes_no_revision(night: Night, clock: Clock, first: str, second: str) -> None:
    night.put(article(first), AT)
    assert look(night, clock, article(second)) == "unchanged"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("214", "230"),
        ("Tổng số: 214", "Tổng số: 230"),
        ("Ngày 30/11", "Ngày 01/12"),
        ("500 triệu đồng", "700 triệu đồng"),
        ("Hôm nay 214 hộ đã nhận tiền", "Hôm nay 230 hộ đã nhận tiền"),
        ("Cổng thông tin đạt 214 lượt truy cập", "Cổng thông tin đạt 230 lượt truy cập"),
        ("Trong tháng: 12 vụ", "Trong tháng: 14 vụ"),
        ("Lượt khách: 12.000", "Lượt khách: 15.000"),
        ("Khách: 120", "Khách: 130"),
        ("Số người tham quan: 300", "Số người tham quan: 350"),
        ("Lượt bình chọn: 230", "Lượt bình chọn: 250"),
        ("Sa Pa (1.204 lượt tham quan)", "Sa Pa (1.304 lượt tham quan)"),
    ],
)
def test_a_changed_figure_is_an_edit(night: Night, clock: Clock, first: str, second: str) -> None:
    assert changes(night, clock, [first, second]) == ["new", "changed"]


def test_a_row_of_a_table_is_an_edit_whatever_its_label(night: Night, clock: Clock) -> None:
    def said(number: int) -> Article:
        row = f"Hôm nay: {number}"
        return article(body=TEXT.format(row), rows=(row,))

    night.put(said(214), AT)
    assert look(night, clock, said(214)) == "unchanged"
    assert [look(night, clock, said(number)) for number in range(215, 225)] == ["changed"] * 10


def test_a_counter_beside_an_edit_hides_nothing(night: Night, clock: Clock) -> None:
    night.put(article(body=TEXT.format("Hôm nay: 214")), AT)
    edited = TEXT.format("Hôm nay: 230").replace("Hết.", "Hết và chào.")
    assert look(night, clock, article(body=edited)) == "changed"
    assert night.value("select body from articles") == edited


BANNERS = [f"Chào mừng {what}" for what in ("Đại hội", "Quốc khánh", "năm mới", "Hội nghị", "lễ hội", "ngày Tết")]


def test_a_line_that_changed_on_four_of_five_looks_makes_no_more_revisions(night: Night, clock: Clock) -> None:
    said = changes(night, clock, BANNERS * 2)
    assert said == ["new", *["changed"] * 4, *["unchanged"] * 7]
    assert night.rows("select max(number), max(confirmed_at) from revisions") == [(5, "2026-09-13T18:30:00Z")]
    assert night.value("select seen_at < confirmed_at from revisions where number = 5") == 1


def test_a_volatile_line_hides_no_edit_of_another(night: Night, clock: Clock) -> None:
    changes(night, clock, BANNERS)
    edited = TEXT.replace("Hết.", "Hết và chào.")
    assert look(night, clock, article(body=edited.format("Mừng Đảng"))) == "changed"
    # Its place is known by the other neighbour now.
    assert look(night, clock, article(body=edited.format("Mừng Xuân"))) == "unchanged"


def test_a_volatile_line_that_stays_as_it_is_becomes_an_edit(night: Night, clock: Clock) -> None:
    changes(night, clock, BANNERS)
    said = changes(night, clock, ["Mừng Đảng"] * 6)
    assert said[:2] == ["unchanged"] * 2
    assert "changed" in said
    assert night.value("select body from articles") == TEXT.format("Mừng Đảng")


def test_a_line_that_changes_on_some_looks_is_an_edit_each_time(night: Night, clock: Clock) -> None:
    lines = [BANNERS[look // 2] for look in range(12)]
    assert changes(night, clock, lines) == ["new", *["unchanged", "changed"] * 5, "unchanged"]


def test_a_line_that_comes_and_goes_all_the_time_is_volatile(night: Night, clock: Clock) -> None:
    shown, hidden = article(body=TEXT.format("Tin nóng: bão số 5")), article(body=TEXT.replace("{}\n\n", ""))
    said = [look(night, clock, one) for one in (shown, hidden) * 5]
    assert said == ["new", *["changed"] * 4, *["unchanged"] * 5]


@pytest.mark.parametrize(
    "lines",
    [
        [f"Tính đến ngày {day}/11, xã đã hỗ trợ cho các hộ nghèo trong vùng." for day in range(1, 12)],
        [f"Đã chi {number} triệu đồng" for number in range(500, 511)],
        [
            " ".join(["Đoàn công tác đã đến thăm và tặng quà các gia đình chính sách trong xã."] * n)
            for n in range(3, 14)
        ],
    ],
)
def test_a_sentence_that_is_edited_every_day_is_an_edit_every_day(night: Night, clock: Clock, lines: list[str]) -> None:
    assert changes(night, clock, lines) == ["new", *["changed"] * 10]


@pytest.mark.parametrize(
    "line",
    [
        "Bài này được {} người đọc",
        "Trang thông tin này đã có {} lượt khách ghé thăm kể từ ngày thành lập xã",
        "Quý vị là vị khách thứ {} của trang thông tin điện tử xã",
        "Có {} bạn đọc đang xem trang này cùng với bạn",
    ],
)
def test_a_counter_in_a_sentence_is_known_after_four_changes(night: Night, clock: Clock, line: str) -> None:
    said = changes(night, clock, [line.format(f"1.{number}") for number in range(204, 215)])
    assert said == ["new", *["changed"] * 4, *["unchanged"] * 6]


@pytest.mark.parametrize(
    "line",
    [
        "Tính đến nay, xã đã đón {} lượt khách tham quan các bản du lịch",
        "Trạm y tế đã khám cho {} lượt người trong đợt này",
        "Đã có {} lượt truy cập, và 12 thôn đã nhận {} triệu đồng",
    ],
)
def test_a_figure_beside_words_of_counters_is_an_edit_every_day(night: Night, clock: Clock, line: str) -> None:
    said = changes(night, clock, [line.format(number, number) for number in range(204, 215)])
    assert said == ["new", *["changed"] * 10]


def test_two_lines_at_once_are_an_edit_each_time(night: Night, clock: Clock) -> None:
    said = [look(night, clock, article(body=f"{banner}\n\nThân.\n\n{banner} nhé")) for banner in BANNERS * 2]
    assert said == ["new", *["changed"] * 11]


@pytest.mark.parametrize("held", [True, False])
def test_a_rotating_picture_becomes_known(night: Night, clock: Clock, held: bool) -> None:
    def said(number: int) -> Article:
        banner = image_ref(f"banner-{number % 3}.png")
        return article(images=(image_ref("a.png", "Ảnh"), banner, image_ref("b.png")))

    if held:
        for name, colour in (("a", "red"), ("b", "blue"), ("banner-0", "green"), ("banner-1", "black")):
            night.put_file(f"{STORE}/lci/{name}.png", picture(colour))
    assert [look(night, clock, said(number)) for number in range(9)] == ["new", *["changed"] * 4, *["unchanged"] * 4]
    urls = night.rows("select url from article_images where article_id = 1 order by position")
    digests = night.rows("select image_sha256 is null from article_images where article_id = 1 order by position")
    assert urls[1] == (f"{STORE}/lci/banner-1.png",)
    assert digests == [(int(not held),)] * 3


def test_a_rotating_picture_hides_no_other_picture(night: Night, clock: Clock) -> None:
    def said(number: int, other: str) -> Article:
        return article(images=(image_ref(f"banner-{number}.png"), image_ref("x.png"), image_ref(other)))

    for number in range(7):
        look(night, clock, said(number, "a.png"))
    assert look(night, clock, said(8, "b.png")) == "changed"


def test_new_bytes_of_a_picture_in_many_articles_are_no_edit_of_each(night: Night) -> None:
    logo, photo = f"{STORE}/lci/logo.png", f"{STORE}/lci/a.png"
    night.put_file(logo, picture("red"))
    night.put_file(photo, picture("blue"))
    said = article(images=(ImageRef(logo), ImageRef(photo)))
    for number in range(1, 22):
        night.put(replace(said, title=f"Tin {number}"), new_address(number, f"tin-{number}"))
    night.put_file(logo, picture("green"))
    assert night.put(replace(said, title="Tin 1"), new_address(1, "tin-1")) == (1, "unchanged")
    assert night.value("select max(number) from revisions") == 1
    only = replace(said, title="Tin 50", images=(image_ref("rieng.png"),))
    night.put_file(f"{STORE}/lci/rieng.png", picture("white"))
    article_id, _ = night.put(only, new_address(50, "tin-50"))
    night.put_file(f"{STORE}/lci/rieng.png", picture("yellow"))
    night.put(only, new_address(50, "tin-50"))
    assert night.value("select max(number) from revisions where article_id = ?", article_id) == 2


def test_a_summary_that_comes_and_goes_is_known_after_its_first_return(night: Night, clock: Clock) -> None:
    with_it, without = article(summary="Tóm tắt."), article()
    said = [look(night, clock, one) for one in (with_it, without) * 5]
    assert said == ["new", "changed", "changed", *["unchanged"] * 7]
    assert night.value("select summary from articles") == "Tóm tắt."
    assert look(night, clock, article(summary="Tóm tắt khác.")) == "changed"


def test_a_summary_that_stays_away_is_gone_in_the_end(night: Night, clock: Clock) -> None:
    for one in (article(summary="Tóm tắt."), article(), article(summary="Tóm tắt.")):
        look(night, clock, one)
    assert [look(night, clock, article()) for _ in range(6)] == [*["unchanged"] * 5, "changed"]
    assert night.value("select summary from articles") is None


def test_a_summary_that_a_listing_still_shows_is_not_gone(night: Night, clock: Clock) -> None:
    night.put(article(summary="Tóm tắt."), AT)
    night.put_listing(listing(link(AT, summary="Tóm tắt.")))
    assert look(night, clock, article()) == "unchanged"


def test_an_edit_while_the_summary_is_away_keeps_it(night: Night, clock: Clock) -> None:
    for one in (article(summary="Tóm tắt."), article(), article(summary="Tóm tắt.")):
        look(night, clock, one)
    assert look(night, clock, article(body="Sửa.")) == "changed"
    assert night.rows("select summary, body from articles") == [("Tóm tắt.", "Sửa.")]


def test_runs_by_the_old_rules_count_every_difference(night: Night, clock: Clock) -> None:
    night.writer.connection.execute("update crawls set rules = 1")
    assert changes(night, clock, ["Hôm nay: 214", "Hôm nay: 230"]) == ["new", "changed"]
    assert night.rows("select * from last_looks") == []


def test_a_counter_in_a_heading_that_the_text_repeats_is_no_edit(night: Night, clock: Clock) -> None:
    body = "Lễ hội mùa xuân\n\nSáng nay, thị xã khai mạc lễ hội ở trung tâm."
    pages = [article_page(title, body) for title in ("Lễ hội mùa xuân", "Lễ hội mùa xuân (214 lượt xem)")]
    for page in (*pages, pages[0]):
        assert night.read(AT.url, page) == 1
        clock.go_on(days=1)
    assert night.value("select count(*) from revisions") == 1


def test_a_counter_does_not_part_the_two_addresses_of_an_article(night: Night) -> None:
    night.put(article(body=TEXT.format("Hôm nay: 214")), AT)
    assert night.put(article(body=TEXT.format("Hôm nay: 215")), old_address(9)) == (1, "unchanged")
