"""What a draft says in words of its own: numbers that were published, edited out, taken down, or never said so."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.build import BASE, Clock, Night, article, link, listing, new_address
from tests.support.texts.drafts import post, states
from tests.support.web_archive import Site

NIGHTS = 6
BRIDGE, SCHOOL, GONE, FUND, TABLE, PUMP, *YEARS = (new_address(500 + place, f"bai-{place}") for place in range(10))
YEARLY = "Xã đã hỗ trợ {} triệu đồng cho {} hộ nghèo sửa nhà ở trong năm."
HEAD = "<p>Đơn vị tính: triệu đồng</p><table><tr><td>Nội dung</td><td>Kinh phí</td><td>Số hộ</td></tr>"
ROWS = (
    "<tr><td>Kè suối Mường Hoa đoạn qua Lao Chải</td><td>{}</td><td>35</td></tr>"
    "<tr><td>Nhà văn hóa</td><td>640</td><td>20</td></tr>"
)


def build(archive: Path) -> Path:
    """BRIDGE changes its sums on night 3, SCHOOL drops a sentence, GONE is removed from 3 on, TABLE changes a cell.

    PUMP says another number on nights 3 and 4.
    """
    clock = Clock()
    for night in range(1, NIGHTS + 1):
        with Night(archive, clock) as run:
            named = [BRIDGE, SCHOOL, FUND, TABLE, PUMP, *YEARS] + ([GONE] if night < 3 else [])
            run.put_listing(listing(*(link(one) for one in named), url=f"{BASE}/tin-tuc", title="Tin tức"))
            sums = ("1,5 tỷ", "64") if night < 3 else ("1,8 tỷ", "47")
            plan = "Kinh phí xây dựng cầu treo Nậm Cang là {} đồng, hỗ trợ cho {} hộ nghèo của thôn Nậm Than."
            run.put(article("Xây cầu treo Nậm Cang", plan.format(*sums)), BRIDGE)
            more = " Dự toán sửa chữa mái trường mầm non Hoa Ban là 375 triệu đồng." if night < 3 else ""
            run.put(article("Trường Hoa Ban", f"Đoàn công tác đã khảo sát trường mầm non Hoa Ban.{more}"), SCHOOL)
            run.put(article("Quỹ khuyến học", "Quỹ khuyến học Sa Pa nhận 2.350 triệu đồng từ các nhà hảo tâm."), FUND)
            cell = "1.250" if night < 3 else "1.475"
            table = f"{HEAD}{ROWS.format(cell)}</table>"
            body = (
                f"Đơn vị tính: triệu đồng\n\nNội dung Kinh phí Số hộ\n\nKè suối Mường Hoa đoạn qua Lao Chải {cell} 35"
            )
            run.put(article("Phân bổ vốn", f"{body}\n\nNhà văn hóa 640 20", body_html=table), TABLE)
            for place, one in enumerate(YEARS):
                run.put(article(f"Hỗ trợ năm {2020 + place}", YEARLY.format(100 * (place + 1), 10 + place)), one)
            families = "1.324" if night in (3, 4) else "1.234"
            pump = f"Nước của trạm bơm Séo Mý Tỷ tưới ruộng ở ba bản, {families} hộ hưởng lợi."
            run.put(article("Trạm bơm", pump), PUMP)
            if night < 3:
                run.put(article("Bãi rác", "Khu xử lý rác thải Tả Phìn tiêu tốn 7,25 tỷ đồng mỗi lần nâng cấp."), GONE)
            else:
                run.put_gone(GONE.url, 410)
            run.walked(f"{BASE}/tin-tuc")
        clock.go_on(days=1)
    return archive


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    opened = Site(build(tmp_path_factory.mktemp("reworded") / "archive.db"))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("draft", "state"),
    [
        # As now.
        ("Theo xã, số tiền dành cho cầu treo Nậm Cang nay là 1,8 tỷ đồng.", "published"),
        ("Cây cầu treo ở Nậm Cang ngốn hết 1.800 triệu đồng, người dân cho biết.", "published"),
        ("Các nhà hảo tâm góp 2,35 tỷ đồng vào quỹ khuyến học của Sa Pa.", "published"),
        ("Kè suối Mường Hoa được bố trí 1.475 triệu đồng, theo bảng phân bổ.", "published"),
        ("Đoạn kè suối Mường Hoa tốn 1,475 triệu đồng", "near"),  # can be read in two ways
        # Put back.
        (
            "Chủ tịch kể rằng trạm ấy, nơi Mý Tỷ, giúp được ruộng của 1.234 hộ, lợi lâu dài, theo lời nhiều người già.",
            "published",
        ),
        # Edited out, said in other words.
        ("Hồi đầu tháng, xã thông báo chi 1,5 tỷ đồng dựng cầu treo bắc qua Nậm Cang.", "changed"),
        ("Cầu treo Nậm Cang, công trình ngốn 1.500 triệu đồng, vẫn dang dở.", "changed"),
        ("Mái của trường mầm non Hoa Ban cần tới 375 triệu đồng để sửa.", "changed"),
        ("Sửa mái cho trường Hoa Ban hết 0,375 tỷ đồng, ông hiệu trưởng nói.", "changed"),
        ("Riêng kè suối Mường Hoa được rót 1,25 tỷ đồng.", "changed"),
        # Taken down.
        ("Mỗi lần nâng cấp, khu rác thải ở Tả Phìn ngốn 7,25 tỷ đồng ngân sách.", "gone"),
        ("Khu xử lý rác Tả Phìn cần 7.250 triệu đồng.", "gone"),
        # The number is held, but of something else; or the sentence, but with other numbers.
        ("Doanh nghiệp vận tải nộp phạt 375 triệu đồng vì chở quá tải.", "missing"),
        ("Giá một căn biệt thự ven hồ là 1,5 tỷ đồng.", "missing"),
        ("Một hộ nghèo ở xã được cho vay 300 triệu đồng để buôn bán.", "missing"),
    ],
)
def test_a_number_in_a_sentence_of_other_words(site: Site, draft: str, state: str) -> None:
    assert [said for _, said in states(post(site, draft).text)][:1] == [state]


def test_a_sentence_that_several_years_say_is_never_found_by_its_sum_alone(site: Site) -> None:
    found = states(post(site, "Năm nay xã hỗ trợ hộ nghèo sửa nhà ở 1,5 tỷ đồng.").text)
    assert found == [("1,5 tỷ đồng", "near")]
