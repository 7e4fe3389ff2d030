"""What texts of files mention: document numbers, sums, dates, and where."""

import random
import unicodedata

import pytest

from crawler.language.mentions import MOST_OF_A_KIND, find_mentions
from crawler.language.text import find_document_numbers


def values(text: str, kind: str) -> list[str | None]:
    return [one.value for one in find_mentions(text) if one.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12.000.000 đồng", ["12000000 VND"]),
        ("12,000,000 VNĐ và 500,000đ", ["12000000 VND", "500000 VND"]),
        ("1,5 tỷ đồng; 1.500 triệu đồng", ["1500000000 VND"]),
        ("2 tỷ 500 triệu đồng", ["2500000000 VND"]),
        ("7 nghìn tỷ đồng, 3 TRIỆU ĐỒNG", ["7000000000000 VND", "3000000 VND"]),
        ("20.000 USD, 1.5 triệu đô la Mỹ", ["20000 USD", "1500000 USD"]),
        ("100 euro, 2.000 EUR, 5 đôla", ["100 EUR", "2000 EUR", "5 USD"]),
        ("20 triệu đô la Úc, 5 đô la Hồng Kông, 3.000 đồng yên, 7 đồng nhân dân tệ", []),
        ("12.000.000,50 đồng", ["12000000.5 VND"]),
        ("hỗ trợ 500\nđồng/kg", ["500 VND"]),
        ("từ 5-7 triệu đồng, 5 – 9 triệu đồng", ["5000000 VND", "7000000 VND", "9000000 VND"]),
        ("1,500 tỷ đồng", [None]),
        ("12 500 000 đồng", [None]),
        ("5 tỷ 3 tỷ đồng", [None]),
        ("Hàng 12\t500.000 đồng", ["500000 VND"]),
        ("5 tỷ\t200 triệu đồng", ["200000000 VND"]),
        ("5 triệu người, 3 tỷ, 12 đồng chí, 2 đồng hồ, 5 Đồng Tháp, -3.000 đồng, 5 đường, 12đồng2", []),
        ("9" * 400 + " đồng", [None]),
        ("(Bằng chữ: Một tỷ hai trăm ba mươi tư triệu đồng chẵn)", ["1234000000 VND"]),
        ("HAI MƯƠI MỐT NGHÌN ĐỒNG, năm trăm linh năm nghìn\nđồng", ["21000 VND", "505000 VND"]),
        (
            "ba nghìn tỷ đồng; một triệu rưỡi đồng; mười lăm triệu đồng",
            ["3000000000000 VND", "1500000 VND", "15000000 VND"],
        ),
        ("1.200.000 đồng (một triệu, hai trăm nghìn đồng)", ["1200000 VND"]),
        ("hai nghìn đồng chí, năm đồng, hai ba triệu đồng, triệu đồng, một trăm đồng bào, mươi nghìn đồng", []),
        ("Đơn vị tính: triệu đồng\nSTT Nội dung 2024\nTổng cộng 1.234,5 2.000\n1 Chi 34,5", ["1234500000 VND"]),
        ("Đơn vị: đồng\nTỔNG SỐ: 12.500.000", ["12500000 VND"]),
        ("Đơn vị tính: triệu đồng\nSố hộ Kinh phí\nTổng cộng 120 34,5", []),
        ("Đơn vị: triệu đồng/ha; Tổng cộng 12; Đơn vị: người, tổng số 12.000; tổng cộng 1.500", []),
        ("Đơn vị: tỷ đồng Tổng số 15%", []),
    ],
)
def test_sums(text: str, expected: list[str | None]) -> None:
    assert values(text, "sum") == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3/6/2024, 03-06-2023, 3.6.2022 và 2021-06-03", ["2024-06-03", "2023-06-03", "2022-06-03", "2021-06-03"]),
        ("Lào Cai, ngày 03 tháng 6 năm 2024", ["2024-06-03"]),
        ("NGÀY 3\nTHÁNG 6\nNĂM 2024", ["2024-06-03"]),
        ("từ 1/6/2024-5/6/2024, 7‑8‑2024", ["2024-06-01", "2024-06-05", "2024-08-07"]),
        ("30/2/2024, 3/13/2024, 3/6, 3/6/24, tháng 6 năm 2024, 12/3/6/2024, 3/6/20245, 1/1/0999, 12/2023/TT-BTC", []),
        ("ngày 31 tháng 4 năm 2024; 1.2.3.2024; 10.0.0.2024", []),
    ],
)
def test_dates(text: str, expected: list[str | None]) -> None:
    assert values(text, "date") == expected


def test_each_value_once_with_its_place_in_the_text_as_it_is() -> None:
    text = (
        "Tiêu đề\n\n  Theo  Quyết định 12/QĐ‑\n  UBND\u200b ngày 3/6/2024\n\n"
        + unicodedata.normalize("NFD", "số 7/2023/NĐ-CP, Âu 5/QĐ-TTg")
        + "; 12/QĐ-UBND ngày 03/06/2024: 2\u00a0triệu đồng"
    )
    found = find_mentions(text)
    assert [(one.kind, one.value, text[one.start : one.end]) for one in found] == [
        ("document", "12/QĐ-UBND", "12/QĐ‑\n  UBND"),
        ("date", "2024-06-03", "3/6/2024"),
        ("document", "7/2023/NĐ-CP", "7/2023/NĐ-CP"),
        ("document", "5/QĐ-TTg", "5/QĐ-TTg"),
        ("sum", "2000000 VND", "2\u00a0triệu đồng"),
    ]


def test_a_number_does_not_reach_over_a_blank_line() -> None:
    assert find_mentions("12/QĐ-\n\nUBND") == ()


def test_a_register_gives_its_first_ones() -> None:
    text = "\n".join(f"{number}/QĐ-UBND" for number in range(1, MOST_OF_A_KIND + 50))
    found = find_mentions(text)
    assert len(found) == MOST_OF_A_KIND
    assert found[-1].value == f"{MOST_OF_A_KIND}/QĐ-UBND"


def test_documents_are_those_of_articles_in_texts_of_any_characters() -> None:
    generator = random.Random(5)
    pieces = [
        *"128 /-–‑.,\u200b\u0300\u00a0",
        "QĐ",
        "UBND",
        "\n",
        "số ",
        "12/",
        "-NQ",
        "/TW",
        "2023/",
        unicodedata.normalize("NFD", "ỐƯ"),
    ]
    found = 0
    for _ in range(5_000):
        text = "".join(generator.choices(pieces, k=generator.randrange(3, 9)))
        if "\n" in text.strip() and any(not line.strip() for line in text.strip().split("\n")):
            continue
        own = find_mentions(text)
        assert [one.value for one in own if one.kind == "document"] == list(find_document_numbers(text)), repr(text)
        for one in own:
            assert 0 <= one.start < one.end <= len(text)
        found += bool(own)
    assert found > 40


def test_long_runs_of_numbers_take_no_long() -> None:
    """Each would take minutes if the search were quadratic."""
    for piece in ("1 ", "1 tỷ ", "1.000", "12/", "1-", "9", "1/QĐ", "ngày 1 tháng ", "a\u0301 "):
        assert len(find_mentions(piece * (200_000 // len(piece)))) <= MOST_OF_A_KIND, piece


def test_a_total_in_a_workbook_has_groups_parted_by_commas() -> None:
    table = "Đơn vị: triệu đồng\nXã Tả Van 500\nTổng cộng "
    row = "500000000 VND"
    assert [one.value for one in find_mentions(table + "12,500", is_sheet=True)] == [row, "12500000000 VND"]
    assert [one.value for one in find_mentions(table + "12,500.75", is_sheet=True)] == [row, "12500750000 VND"]
    # Of a document, or of a cell with three places or typed by hand, it can be read in two ways.
    for text, is_sheet in ((table + "12,500", False), (table + "12.500", True)):
        assert [one.value for one in find_mentions(text, is_sheet=is_sheet)] == [row]
    assert [one.value for one in find_mentions(table + "12.500")] == [row, "12500000000 VND"]


def test_cells_are_mentioned_where_the_text_has_their_value_first() -> None:
    text = "Đơn vị tính: triệu đồng\nNội dung Kinh phí\nCầu treo 900\nĐường 1.200\nTổng 2.100\n\nCấp 900 triệu đồng."
    found = [(one.value, text[one.start : one.end]) for one in find_mentions(text)]
    assert found == [("900000000 VND", "900"), ("1200000000 VND", "1.200"), ("2100000000 VND", "2.100")]


def test_what_tracked_changes_took_out_mentions_nothing() -> None:
    text = "Cấp 12 triệu đồng\n[-Cấp 900 triệu đồng theo 5/QĐ-UBND\nngày 3/6/2024-]\ntheo 7/QĐ-UBND"
    found = find_mentions(text)
    assert [(one.kind, text[one.start : one.end]) for one in found] == [
        ("sum", "12 triệu đồng"),
        ("document", "7/QĐ-UBND"),
    ]
