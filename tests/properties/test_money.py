"""What holds for every text that may say sums of money."""

from hypothesis import given
from hypothesis import strategies as some

from crawler.language.claims.quantities import find_quantities
from crawler.language.mentions import find_mentions
from crawler.language.money.sums import find_sums
from tests.support.hostile.examples import PROPERTY, TEXTS

_PIECES = (
    "5", "15", "1,5", "500", "1.500", "1,500", "500.000", "2.000.000", "1 200", "0", "0,5", "-", "–", "/", " ", "\t", "\n", ".", ",", "từ ", "đến ",
    "triệu", "tỷ", "tỉ", "nghìn", "trăm nghìn", "chục triệu", "tr", "tr5", "tr250", "k", "ng", " rưỡi", "đồng", "đ", "VNĐ ", "$", "USD", "€",
    "trăm", "năm", "một", "hai", "nửa ", "mươi", "lăm", "linh ", "tư ", "hỗ trợ ", "lương ", "Đơn vị tính: triệu đồng\n", "Tổng cộng", "ĐVT: 1.000 đ",
    "/người/tháng", "mỗi hộ", " và ", "m2", "%", "đồng bào", "²", "9" * 20,
)  # fmt: skip
MONEY = some.one_of(TEXTS, some.lists(some.sampled_from(_PIECES), max_size=9).map("".join))


@PROPERTY
@given(MONEY)
def test_a_sum_stands_in_its_text(text: str) -> None:
    for is_sheet in (False, True):
        for found in find_sums(text, is_sheet=is_sheet):
            assert 0 <= found.start < found.end <= len(text)
            assert found.end <= found.rate_end <= len(text)
            assert found.dong is None or found.dong >= 0
            assert any(letter.isalnum() for letter in text[found.start : found.end])


@PROPERTY
@given(MONEY)
def test_what_a_file_mentions_stands_in_its_text(text: str) -> None:
    for found in find_mentions(text):
        assert 0 <= found.start < found.end <= len(text)


@PROPERTY
@given(MONEY)
def test_the_numbers_of_a_draft_are_found_in_every_text(text: str) -> None:
    for found in find_quantities(text):
        assert 0 <= found.start < found.end <= len(text)
