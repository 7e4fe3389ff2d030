"""What a draft claims, found in time that grows with its length."""

import time

import pytest

from crawler.language.claims.claims import find_claims
from crawler.language.claims.quantities import find_quantities
from crawler.language.numbers import SPELLED


def found(text: str) -> list[tuple[str, str]]:
    return [(one.kind, one.text) for one in find_claims(text)]


@pytest.mark.parametrize("marks", ["“”", '""', "«»", "‘’", "„“", "''", "「」"])
def test_every_kind_of_quotation_mark_quotes(marks: str) -> None:
    assert found(f"Ông nói: {marks[0]}Bà con được đền bù đủ{marks[1]}, rồi đi.") == [
        ("quotation", "Bà con được đền bù đủ")
    ]


@pytest.mark.parametrize("dash", ["-", "–", "—", "―", "‒", "−"])
def test_speech_behind_a_dash_is_a_quotation_up_to_who_says_it(dash: str) -> None:
    for end in (", bà Lý nói.", f" {dash} ông Páo, trưởng thôn, chia sẻ.", ". Ông Giàng A Páo cho biết."):
        (said,) = find_claims(f"{dash} Chúng tôi chưa nhận được tiền đền bù{end}")
        assert said.kind == "quotation"
        assert "Chúng tôi chưa nhận được tiền đền bù" in (said.text, *said.shorter)


def test_what_quotes_nothing_is_no_quotation() -> None:
    for text in ("người H’Mông, H'Mông và Ea H’Leo", '“ ” "" «»', "- gạo\n- muối, mắm\n", "một “mở ra không đóng"):
        assert [kind for kind, _ in found(text) if kind == "quotation"] == []


def test_a_speech_of_several_paragraphs_closes_only_at_its_end() -> None:
    text = "“Đoạn một của lời nói\n“Đoạn hai của lời nói”"
    assert found(text) == [("quotation", "Đoạn một của lời nói"), ("quotation", "Đoạn hai của lời nói")]
    for marks in ("“”", "«»"):
        whole = "Đoạn một của lời nói.\nĐoạn hai, “có trích” bên trong".replace("“", marks[0]).replace("”", marks[1])
        assert found(f"Ông viết: {marks[0]}{whole}{marks[1]}, rồi đi. Còn {marks[0]}bà{marks[1]}?") == [
            ("quotation", whole),
            ("quotation", "bà"),
        ]


def test_sums_numbers_dates_documents_and_links_are_each_one_claim() -> None:
    text = (
        "Ngày 20/10/2026 chi 2 tỷ 500 triệu đồng (một tỷ hai trăm triệu đồng), 1.200 USD cho 64 hộ và 47,2%; "
        "Thông tư 12/2023/TT-BTC, Quyết định 5/QĐ−UBND; xem a.gov.vn/tin/ngay-20-10-2026-5, cao 1.500m."
    )
    assert found(text) == [
        ("date", "20/10/2026"), ("sum", "2 tỷ 500 triệu đồng"), ("sum", "một tỷ hai trăm triệu đồng"),
        ("sum", "1.200 USD"), ("number", "64 hộ"), ("number", "47,2%"), ("document", "12/2023/TT-BTC"),
        ("document", "5/QĐ−UBND"), ("link", "a.gov.vn/tin/ngay-20-10-2026-5"), ("number", "1.500m"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1.500 triệu đồng", "1,5 tỷ đồng", True),
        ("1.500 triệu", "1,5 tỉ VNĐ", True),
        ("1.500.000.000đ", "1,5 tỷ", True),
        ("10km", "10 km", True),
        ("3 m²", "3m2", True),
        ("47,2%", "47,2 %", True),
        ("64 hộ", "64 người", False),
        ("2 tỷ rưỡi", "2,5 tỷ đồng", True),
        ("0,556 tỷ đồng", "556 triệu đồng", True),
        ("0,125 ha", "0,125ha", True),
        ("0,125 ha", "125 ha", False),
        ("1,2 ha", "12.000 m2", True),
        ("3,5 km", "3.500 mét", True),
        ("2,5 tấn", "25 tạ", True),
        ("2,5 tấn", "2,5 tạ", False),
        ("2 tỷ rưỡi đồng", "2 tỷ", False),
        ("$1.2 triệu", "1,2 triệu USD", True),
        ("$1.2 triệu", "1,2 triệu đồng", False),
        ("VNĐ 5.000.000", "5 triệu đồng", True),
        ("10-15 triệu đồng", "từ 10 đến 15 triệu đồng", True),
        ("15 triệu đồng", "từ 10 đến 15 triệu đồng", True),
        ("12 triệu đồng", "từ 10 đến 15 triệu đồng", False),
        ("10-15 triệu đồng", "15 triệu đồng", False),
        ("5 000 000 đồng", "0 đồng", False),
        ("5 triệu đô la Úc", "5 triệu USD", False),
        ("1,5 tỷ đồng", "1,5 tỷ USD", False),
        ("5 triệu cây", "5 triệu đồng", False),
        ("1,500 tỷ", "1,5 tỷ", False),  # in two ways
        ("3/6/2024", "ngày 3 tháng 6 năm 2024", True),
        ("3/6/2024", "03-06-2024", True),
        ("3/6/2024", "3/6", False),
        ("ngày 30-4", "30/4", True),
        ("trước 30-4, đã", "30 tháng 4", True),
        ("trước 3-4 tuần", "3/4", False),
        ("7 giờ 30", "7h30", True),
        ("17:00", "17 giờ", True),
        ("7 giờ 30", "7h", False),
        ("một nửa số hộ", "50% số hộ", True),
        ("ba nghìn du khách", "3.000 khách", True),
        ("35 công nhân", "35 công ty", False),
        ("35 giáo viên", "ba mươi lăm giáo viên", True),
        ("ba phần tư diện tích", "75%", True),
        ("1/2 số hộ", "một nửa số hộ", True),
        ("ngày 1/2", "1 tháng 2", True),
    ],
)
def test_numbers_are_equal_by_value_and_unit(one: str, other: str, same: bool) -> None:
    pair = [next(c.quantity for c in find_claims(f"Nay {text} xong") if c.quantity) for text in (one, other)]
    assert pair[0] is not None
    assert pair[1] is not None
    assert pair[0].is_same(pair[1]) is same


HOSTILE = {
    "open": "“" * 30_000, "pairs": "«“" * 15_000, "apostrophes": "‘a’a" * 7_500, "straight": '"' * 30_000,
    "points": "1." * 15_000 + "1/a", "dashes": "- A b c d\n" * 3_000, "hosts": "a." * 15_000,
    "documents": "1/QĐ-" * 6_000, "days": "ngày 1 tháng " * 2_300, "digits": "1" * 30_000, "many": "“a b” " * 5_000,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_drafts_are_read_in_time(name: str) -> None:
    began = time.process_time()
    find_claims(HOSTILE[name])
    assert time.process_time() - began < 5


def test_every_spelling_of_a_measure_is_read_as_the_measure() -> None:
    for spelled, unit in SPELLED.items():
        (one,) = find_quantities(f"Rộng 12 {spelled}, ở bản")
        assert (spelled, one.unit) == (spelled, unit)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("tăng từ 1.234 lên 1.324 hộ", [("1234", "hộ"), ("1324", "hộ")]),
        ("giảm từ 15 xuống còn 12,5%", [("15", "%"), ("25/2", "%")]),
        ("sửa từ 2,45 thành 3,15 tỷ đồng", [("2450000000", "đồng"), ("3150000000", "đồng")]),
        ("từ 7 giờ 30 đến 17 giờ", [("15/2", "giờ"), ("17", "giờ")]),
    ],
)
def test_a_number_has_the_unit_behind_the_one_it_leads_to(text: str, pairs: list[tuple[str, str]]) -> None:
    """The first was a number of "lên", or of "đến"."""
    found = [one.quantity for one in find_claims(text)]
    assert [(str(one.value), one.unit) for one in found if one] == pairs


@pytest.mark.parametrize(
    ("text", "number"), [("25 NQ/TW", "25-NQ/TW"), ("118/KH UBND", "118/KH-UBND"), ("7/2026/TT BTC", "7/2026/TT-BTC")]
)
def test_a_document_typed_with_a_blank_for_its_dash_is_one_claim(text: str, number: str) -> None:
    assert [(one.kind, one.text, one.number) for one in find_claims(f"Theo {text} về đất đai")] == [
        ("document", text, number)
    ]


def test_a_clause_with_no_words_of_its_own_is_about_its_sentence() -> None:
    claims = find_claims("Cầu Nậm Than dự toán 3,15 tỷ đồng; trước đó là 2,45 tỷ đồng.")
    assert [len(one.quantity.context) > 1 for one in claims if one.quantity] == [True, True]
