"""A number that is written another way, or stands elsewhere, did not change; one that only looks alike did."""

import pytest

from crawler.archive.articles.derived import Wording, find_changed_numbers
from crawler.language.changes.diff import diff_texts
from crawler.language.changes.number_changes import find_number_changes
from tests.support.processes.cpu_time import is_linear, least_seconds


def numbers(before: str, after: str) -> list[tuple[str, str]]:
    return [(one.before, one.after) for one in find_number_changes(diff_texts(before, after))]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Hỗ trợ mỗi hộ 12 000 đồng.", "Hỗ trợ mỗi hộ 12.000 đồng."),
        ("Tổng kinh phí 12 500 000 đồng.", "Tổng kinh phí 12.500.000 đồng."),
        ("Xã có 1 234 học sinh.", "Xã có 1.234 học sinh."),
        ("Giá 1,500,000 đồng/m2.", "Giá 1.500.000 đồng/m²."),
        ("Giá thuê 50.000 đồng/1 ha.", "Giá thuê 50.000 đồng/ha."),
        ("Thu nhập 45 triệu đồng/người/năm.", "Thu nhập 45 triệu đồng mỗi người mỗi năm."),
        ("Đất rừng rộng 12.000 m2.", "Đất rừng rộng 1,2 ha."),
        ("Đất rộng 500 m².", "Đất rộng 500 mét vuông."),
        ("Đường dài 3.500 m.", "Đường dài 3,5 km."),
        ("Đường dài 3,5 km qua xã.", "Đường dài 3.5 km qua xã."),
        ("Thu 25 tạ ngô.", "Thu 2,5 tấn ngô."),
        ("Có mười hai hộ nghèo.", "Có 12 hộ nghèo."),
        ("Thời hạn 05 ngày làm việc.", "Thời hạn năm ngày làm việc."),
        ("Có hơn 1,2 vạn lượt khách.", "Có hơn 12.000 lượt khách."),
        ("Tỷ lệ đạt 47,20%.", "Tỷ lệ đạt 47.2 %."),
        ("Tăng 5-7%.", "Tăng 5% đến 7%."),
        ("Tăng từ 5 lên 7%.", "Tăng từ 5% lên 7%."),
        ("Số hộ nghèo giảm từ 120 xuống 90 hộ.", "Số hộ nghèo giảm từ 120 hộ xuống còn 90 hộ."),
        ("Hỗ trợ 10-15 triệu đồng/hộ.", "Hỗ trợ 10 - 15 triệu đồng/hộ."),
        ("Họp ngày 2024-06-03 tại xã.", "Họp ngày 03/6/2024 tại xã."),
        ("Họp sáng 3 tháng 6 năm 2024 tại xã.", "Họp sáng 3/6/2024 tại xã."),
        ("Hạn nộp: 30/6.", "Hạn nộp: 30/6/2026."),
        ("Dịp lễ 30/4 và 1/5, bến xe đông khách.", "Dịp lễ 30-4 và 1-5, bến xe đông khách."),
        ("Nghỉ lễ từ 30/4 đến 1/5.", "Nghỉ lễ từ 30–4 đến 1–5."),
        ("Ngày 1/5, xã họp.", "Ngày 1.5, xã họp."),
        ("Sáng 30/4, xã họp.", "Sáng 30-4, xã họp."),
        ("Từ tháng 6/2024, xã thu phí.", "Từ tháng 6-2024, xã thu phí."),
        ("Từ tháng 6/2024, xã thu phí.", "Từ tháng 6 năm 2024, xã thu phí."),
        ("Lúc 8 giờ 30 sáng 5/6, bão vào.", "Lúc 8h30 sáng 5/6, bão vào."),
        ("Gọi +84 912 345 678 ngay.", "Gọi 0912.345.678 ngay."),
        ("Theo Quyết định số 12/QĐ-UBND.", "Theo Quyết định số 12 /QĐ - UBND."),
        ("Quý III, lễ hội lần thứ năm.", "Quý 3, lễ hội lần thứ V."),
        ("Đêm lạnh -2,5 độ C.", "Đêm lạnh âm 2,5 độ C."),
        ("Bước 1: Nộp hồ sơ.\n\nBước 2: Trả lời.", "Bước 1: Chuẩn bị.\n\nBước 2: Nộp hồ sơ.\n\nBước 3: Trả lời."),
        ("a) 5 hộ được hỗ trợ\n\nb) 7 hộ vay vốn", "a) 7 hộ vay vốn\n\nb) 5 hộ được hỗ trợ"),
        ("- Thôn Má Tra: 12 hộ\n- Thôn Sín Chải: 15 hộ", "- Thôn Sín Chải: 15 hộ\n- Thôn Má Tra: 12 hộ"),
        (
            "Xã có 64 hộ nghèo. Huyện đã chi 5 tỷ đồng. Cầu dài 30 m.",
            "Cầu dài 30 m. Xã có 64 hộ nghèo. Huyện đã chi 5 tỷ đồng.",
        ),
        ("Xã họp. Cầu dài 30 m.\n\nHuyện về thăm.", "Xã họp.\n\nHuyện về thăm. Cầu dài 30 m."),
        ("Một người dân báo tin.", "Người dân báo tin."),
        (
            "Ông A, 45 tuổi, nhận 2 triệu. Bà B, 50 tuổi, nhận 3 triệu.",
            "Bà B, 50 tuổi, nhận 3 triệu. Ông A, 45 tuổi, nhận 2 triệu.",
        ),
        ("Đợt 1 cấp 2 tỷ, đợt 2 cấp 3 tỷ.", "Đợt 2 cấp 3 tỷ, đợt 1 cấp 2 tỷ."),
        ("1 Cầu treo Nậm Lốt 1.250 1.200", "1 Cầu treo Nậm Lốt 1 250 1 200"),
        ("Cầu dài.\n\nĐường hẹp.", "Cầu dài.\n\nTrang 2/5\n\nĐường hẹp."),
    ],
)
def test_another_way_to_write_or_another_place_is_no_change(before: str, after: str) -> None:
    assert numbers(before, after) == []
    assert numbers(after, before) == []


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("Sáng 30-4, xã họp.", "Sáng 29-4, xã họp.", [("30-4", "29-4")]),
        ("Uống mỗi ngày 2-3 lần.", "Uống mỗi ngày 2-4 lần.", [("3", "4")]),
        ("Nộp 12 500 000 đồng.", "Nộp 12 500 đồng.", [("12 500 000 đồng", "12 500 đồng")]),
        ("Diện tích 1.250 ha.", "Diện tích 1,25 ha.", [("1.250 ha", "1,25 ha")]),
        ("Diện tích 12 ha.", "Diện tích 12 km2.", [("12 ha", "12 km2")]),
        ("Có mười hai hộ nghèo.", "Có 15 hộ nghèo.", [("mười hai hộ", "15 hộ")]),
        ("Một người chết vì sạt lở.", "Hai người chết vì sạt lở.", [("Một người", "Hai người")]),
        ("Họp lúc 8h30 sáng.", "Họp lúc 9h30 sáng.", [("8h30", "9h30")]),
        ("Họp lúc 8 giờ 30 phút.", "Họp lúc 8 giờ.", [("8 giờ 30 phút", "8 giờ")]),
        ("Quý III thu 5 tỷ đồng.", "Quý IV thu 5 tỷ đồng.", [("III", "IV")]),
        (
            "Ông A, 45 tuổi, nhận 2 triệu. Bà B, 50 tuổi, nhận 3 triệu.",
            "Ông A, 45 tuổi, nhận 3 triệu. Bà B, 50 tuổi, nhận 2 triệu.",
            [("2 triệu", "3 triệu"), ("3 triệu", "2 triệu")],
        ),
        ("Đại hội lần thứ XIII.", "Đại hội lần thứ XIV.", [("XIII", "XIV")]),
        ("Hạn nộp: 30/6/2025.", "Hạn nộp: 30/6/2026.", [("30/6/2025", "30/6/2026")]),
        ("Từ tháng 6/2024, xã thu.", "Từ tháng 7/2024, xã thu.", [("6/2024", "7/2024")]),
        ("Hồ sơ gồm 02 (hai) bộ.", "Hồ sơ gồm 03 (ba) bộ.", [("02", "03")]),
        (
            "- Thôn Má Tra: 12 hộ\n- Thôn Sín Chải: 15 hộ",
            "- Thôn Sín Chải: 15 hộ\n- Thôn Má Tra: 14 hộ",
            [("12 hộ", "14 hộ")],
        ),
        ("Có 3 người chết.\n\nXã họp.", "Xã họp.\n\nCứu được 3 người ở bản.", [("3 người", ""), ("", "3 người")]),
    ],
)
def test_what_only_looks_alike_is_a_change(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert numbers(before, after) == expected


def said(summary: str | None, body: str, title: str = "Tin") -> Wording:
    return Wording(title, summary, body, "", "", None, None)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (said("Xã họp.", "Xã họp. Chi 5 tỷ đồng xây cầu."), said("Xã họp, chi 5 tỷ đồng.", "Xã họp."), []),
        (said(None, "Cầu dài 30 m.\n\nXã họp."), said("Cầu dài 30 m.", "Xã họp."), []),
        (said(None, "Xã họp.", "Chi 5 tỷ xây cầu"), said(None, "Xã họp. Kinh phí 5 tỷ đồng.", "Xây cầu"), []),
        (said("Cầu dài 30 m.", "Xã họp."), said(None, "Cầu dài 35 m.\n\nXã họp."), [("body", "", "35 m")]),
    ],
)
def test_a_number_that_moves_between_the_parts_of_an_article_did_not_change(
    before: Wording, after: Wording, expected: list[tuple[str, str, str]]
) -> None:
    assert [(part, one.before, one.after) for part, one in find_changed_numbers(before, after)] == expected


def test_numbers_of_many_passages_are_compared_in_linear_time() -> None:
    def seconds(count: int) -> float:
        before, after = (
            "\n\n".join(f"{name}{place} {verb} {place % 3 + 1} hộ" for place in range(count))
            for name, verb in (("a", "gửi"), ("b", "nhận"))
        )
        paragraphs = diff_texts(before, after)
        return least_seconds(lambda: find_number_changes(paragraphs))

    assert is_linear(seconds, 400)
