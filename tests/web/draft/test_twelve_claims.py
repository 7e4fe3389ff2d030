"""A draft with claims of every kind, in words and forms of its own: what is true of each is said, and nothing else."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.items import FileRole
from tests.support.attachments.read_files import put_reading
from tests.support.build import BASE, STORE, Clock, Night, article, file_ref, link, listing, new_address
from tests.support.texts.drafts import post, states
from tests.support.web_archive import Site, words_of

NIGHTS = 8
SUMMARY, ROAD, LAND, FISH = (new_address(700 + place, f"bai-{place}") for place in range(4))
VOW = "Chúng ta phải làm quyết liệt, làm đến nơi đến chốn, không để một hộ dân nào bị bỏ lại phía sau"
FILE_TEXT = "Hỗ trợ sửa chữa nhà văn hóa thôn Séo Mí Tỷ 320 triệu đồng, khởi công ngày 15/4/2026."


def build(archive: Path) -> Path:
    """ROAD changes its sum on night 3; LAND changes on night 2 and is removed from night 4 on."""
    clock = Clock()
    for night in range(1, NIGHTS + 1):
        with Night(archive, clock) as run:
            named = [SUMMARY, ROAD, FISH] + ([LAND] if night < 4 else [])
            run.put_listing(listing(*(link(one) for one in named), url=f"{BASE}/tin-tuc", title="Tin tức"))
            body = (
                f"Ông Lê Văn Hòa nhấn mạnh: “{VOW}”. Tổng kinh phí thực hiện chương trình nông thôn mới là 11,8 tỷ"
                " đồng, hỗ trợ 1.236 hộ nghèo tại xã Tả Van.\n\nTỷ lệ giải ngân vốn đầu tư công đạt 64,5%. Ngày"
                " 12/3/2026, UBND thị xã ban hành Quyết định số 1234/QĐ-UBND về việc phân bổ kinh phí."
            )
            run.put(article("Tổng kết", body, attachments=(file_ref("phu-luc.pdf", "Phụ lục"),)), SUMMARY)
            run.put_file(f"{STORE}/lci/phu-luc.pdf", b"%PDF-1.7 phu luc", FileRole.ATTACHMENT)
            road = "Dự án nâng cấp đường Tả Van – Bản Hồ có tổng mức đầu tư {} tỷ đồng, chiều dài 12,6 km."
            run.put(article("Đường Tả Van", road.format("47" if night < 3 else "52")), ROAD)
            run.put(article("Cá hồi", "Mô hình nuôi cá hồi ở Séo Mí Tỷ thu 3,5 tỷ đồng mỗi năm, có 45 hộ."), FISH)
            land = "Tổng diện tích đất thu hồi để mở rộng bến xe là {} m2 của {} hộ dân tại tổ dân phố số 4."
            if night < 4:
                run.put(article("Thu hồi đất", land.format(*(("3.450", 27) if night < 2 else ("2.980", 25)))), LAND)
            else:
                run.put_gone(LAND.url, 410)
            run.walked(f"{BASE}/tin-tuc")
        clock.go_on(days=1)
    put_reading(archive, TextReading(FILE_TEXT, "pdf", pages=1, pages_read=1, page_starts=(0,)))
    return archive


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    opened = Site(build(tmp_path_factory.mktemp("twelve") / "archive.db"))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("draft", "expected"),
    [
        ("Ông nói: «làm quyết liệt, làm đến nơi đến chốn [sic], không để một hộ dân nào».", ["published"]),
        ("Ông nói: “Chúng ta phải làm quyết liệt […] không để một hộ dân nào bị bỏ lại (nguyên văn)”.", ["published"]),
        ("Ông nói: “Tôi xin chịu hoàn toàn trách nhiệm về sai phạm này”.", ["missing"]),
        ("Ngày mười hai tháng ba năm 2026 có Quyết định 1234/qđ-ubnd.", ["published", "published"]),
        ("Thị xã ra quyết định 1234/qd-ubnd về phân bổ kinh phí.", ["published"]),
        ("Theo phụ lục, nhà văn hóa thôn Séo Mí Tỷ khởi công ngày 15 tháng tư năm 2026.", ["published"]),
        ("Nhà văn hóa thôn Séo Mí Tỷ được hỗ trợ 320 triệu đồng để sửa chữa.", ["published"]),
        ("Cá hồi ở Séo Mí Tỷ thu ba tỷ rưỡi mỗi năm, mô hình nuôi có 45 hộ.", ["published", "published"]),
        ("Dự án đường Tả Van - Bản Hồ có tổng mức đầu tư 47 tỷ đồng.", ["changed"]),
        ("Diện tích đất thu hồi để mở rộng bến xe từng là 3.450 m2 tại tổ dân phố số 4.", ["gone"]),
        (f"{LAND.url}?fbclid=1", ["gone"]),
        # What names something counts nothing.
        ("Năm 2025, theo khoản 2 Điều 5, tổ dân phố số 4 được xếp hạng 3.", []),
    ],
)
def test_a_claim_in_a_form_of_its_own(site: Site, draft: str, expected: list[str]) -> None:
    assert [said for _, said in states(post(site, draft).text)] == expected


ROUNDED = "Bản thảo làm tròn; con số trong kho:"
OTHER = "Không thấy giá trị này trong các bài đã xét. Chỗ nói gần như vậy có giá trị khác:"


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        ("Tổng kinh phí thực hiện chương trình nông thôn mới là gần 12 tỷ đồng.", ROUNDED),
        ("Tổng kinh phí thực hiện chương trình nông thôn mới là hơn 11 tỷ đồng.", ROUNDED),
        ("Chương trình hỗ trợ khoảng 1.200 hộ nghèo tại xã Tả Van.", ROUNDED),
        # The wrong way round, too far, and not rounded.
        ("Tổng kinh phí thực hiện chương trình nông thôn mới là hơn 12 tỷ đồng.", OTHER),
        ("Tổng kinh phí thực hiện chương trình nông thôn mới là gần 20 tỷ đồng.", OTHER),
        ("Tổng kinh phí thực hiện chương trình nông thôn mới là 12 tỷ đồng.", OTHER),
    ],
)
def test_a_rounded_number_is_told_from_a_wrong_one(site: Site, draft: str, said: str) -> None:
    page = post(site, draft).text
    assert [state for _, state in states(page)] == ["near"]
    assert said in words_of(page)


def test_a_link_to_an_article_that_is_gone_does_not_open_any_more(site: Site) -> None:
    assert "Bài vẫn mở được" not in words_of(post(site, LAND.url).text)
    assert "Bài vẫn mở được" in words_of(post(site, ROAD.url).text)
