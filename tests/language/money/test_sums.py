"""Sums of money in texts: every written form, rates with their unit, and what is no sum."""

import pytest

from crawler.language.money.sums import find_sums


def found(text: str) -> list[tuple[int | None, str | None]]:
    return [(one.dong, one.per) for one in find_sums(text)]


@pytest.mark.parametrize(
    ("text", "dong"),
    [
        ("12 triệu đồng", 12_000_000),
        ("1.500.000 đ", 1_500_000),
        ("1.500.000đ", 1_500_000),
        ("1.500.000 VND", 1_500_000),
        ("1,500,000 VNĐ", 1_500_000),
        ("1.500 triệu đồng", 1_500_000_000),
        ("1,5 tỷ đồng", 1_500_000_000),
        ("1,5 tỉ đồng", 1_500_000_000),
        ("2,3 nghìn tỷ đồng", 2_300_000_000_000),
        ("12 ngàn tỉ đồng", 12_000_000_000_000),
        ("150 trđ", 150_000_000),
        ("150trđ", 150_000_000),
        ("150 tr.đ", 150_000_000),
        ("150 tr.đồng", 150_000_000),
        ("30 ngđ", 30_000),
        ("5 tỷ đ", 5_000_000_000),
        ("500 nghìn đ", 500_000),
        ("1 tỷ 200 triệu đồng", 1_200_000_000),
        ("1 tỷ rưỡi đồng", 1_500_000_000),
        ("1.500.000,- đồng", 1_500_000),
        ("12.345,67 đồng", 12_346),
        ("(Bằng chữ: Một tỷ hai trăm triệu đồng)", 1_200_000_000),
        ("tổng vốn đầu tư 1,5 tỷ.", 1_500_000_000),
        ("kinh phí hơn 3 tỉ cho xã", 3_000_000_000),
        ("Quyên góp được 250 triệu", 250_000_000),
        ("VNĐ 5.000.000", 5_000_000),
        ("mức thu VND 1,5 tỷ", 1_500_000_000),
        ("vốn 5 triệu rưỡi", 5_500_000),
        ("vốn 1 tỷ rưỡi", 1_500_000_000),
        ("hỗ trợ mỗi hộ 5tr.", 5_000_000),
        ("hỗ trợ 1,5tr", 1_500_000),
        ("5 trăm nghìn đồng", 500_000),
        ("2 chục triệu đồng", 20_000_000),
        ("vốn 3 trăm tỷ", 300_000_000_000),
        ("mỗi suất quà 500k", 500_000),
        ("phạt 1tr250", 1_250_000),
        ("phạt 500k", 500_000),
        ("500k đồng", 500_000),
        ("500kđ", 500_000),
        ("kinh phí nửa tỷ", 500_000_000),
        ("chi nửa tỷ đồng", 500_000_000),
        ("hơn nửa triệu đồng", 500_000),
        ("ủng hộ ba trăm triệu.", 300_000_000),
        ("đầu tư một tỷ hai trăm triệu cho thôn", 1_200_000_000),
        ("quỹ hai tỷ rưỡi", 2_500_000_000),
    ],
)
def test_one_sum_in_each_written_form(text: str, dong: int) -> None:
    assert found(text) == [(dong, None)]


@pytest.mark.parametrize(
    ("text", "dong", "per"),
    [
        ("500.000 đồng/người/tháng", 500_000, "người/tháng"),
        ("20 triệu đồng/ hộ", 20_000_000, "hộ"),
        ("30 triệu đồng/01 ha", 30_000_000, "01 ha"),
        ("1,2 triệu đồng/m²", 1_200_000, "m²"),
        ("300.000 đ/học sinh/năm", 300_000, "học sinh/năm"),
        ("5 triệu đồng mỗi hộ", 5_000_000, "hộ"),
        ("45 triệu đồng mỗi người mỗi năm", 45_000_000, "người/năm"),
        ("5 triệu đồng một tháng", 5_000_000, "tháng"),
        ("2 triệu đồng cho mỗi cháu", 2_000_000, "cháu"),
    ],
)
def test_a_rate_keeps_its_unit(text: str, dong: int, per: str) -> None:
    assert found(text) == [(dong, per)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("từ 1,2 tỷ đến 1,5 tỷ đồng", [1_200_000_000, 1_500_000_000]),
        ("5 triệu - 7 triệu đồng", [5_000_000, 7_000_000]),
        ("phạt 10-15 triệu đồng", [10_000_000, 15_000_000]),
        ("lương 15-20tr/tháng", [15_000_000, 20_000_000]),
        ("quà từ 200 đến 500k", [200_000, 500_000]),
        ("phạt 2-4tr5", [4_500_000]),
        ("phạt từ 10 đến 15 triệu đồng", [10_000_000, 15_000_000]),
        ("từ 1 tỷ 200 triệu đến 1 tỷ 500 triệu đồng", [1_200_000_000, 1_500_000_000]),
        ("từ 500.000 đến 1 triệu đồng", [500_000, 1_000_000]),
        ("từ 200.000 – 500.000 đồng", [200_000, 500_000]),
        ("Mục 3 - 15 triệu đồng; năm 2023-15 triệu đồng", [15_000_000, 15_000_000]),
        ("từ 10-15.000 đồng", [15_000]),
        ("ĐVT: 1.000 đồng\nXây cầu\t900\nTổng cộng\t1.250.000", [1_250_000_000]),
        ("Đơn vị tính: trđ\nTổng cộng: 12,5", [12_500_000]),
        ("3 triệu 500 nghìn đồng và 2 tỷ đồng", [3_500_000, 2_000_000_000]),
        ("Trả 2’000’000 đồng", []),
    ],
)
def test_ranges_and_units_of_tables(text: str, expected: list[int]) -> None:
    assert [one.dong for one in find_sums(text)] == expected


@pytest.mark.parametrize(
    "text", ["1,500 tỷ đồng", "12 500 000 đồng", "5 tỷ 3 tỷ đồng", "20.000 USD", "1,5 triệu euro", "tài trợ $1.2 triệu"]
)
def test_what_has_no_certain_value_in_dong(text: str) -> None:
    assert found(text) == [(None, None)]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("tài trợ $5,000", ["5000 USD"]),
        ("US$1.2 triệu", ["1200000 USD"]),
        ("vốn vay USD 1.2 triệu", ["1200000 USD"]),
        ("€20.000 và 300 $", ["20000 EUR", "300 USD"]),
        ("chi 100 USD 5.000.000 đồng", ["100 USD", "5000000 VND"]),
        ("10-15 triệu USD", ["10000000 USD", "15000000 USD"]),
        ("S$500; tỷ giá USD 25.300 đồng; giá USD 15 ngày qua", ["25300 VND"]),
    ],
)
def test_a_currency_before_the_number_is_that_of_the_sum(text: str, values: list[str]) -> None:
    assert sorted(one.value or "" for one in find_sums(text)) == sorted(values)


def test_both_ends_of_a_range_are_rates_and_the_first_is_said_by_the_whole() -> None:
    text = "phạt 10-15 triệu đồng/hộ"
    low, high = find_sums(text)
    assert (low.per, high.per) == ("hộ", "hộ")
    assert (text[low.start : low.end], text[low.start : low.said_end]) == ("10", "10-15 triệu đồng")


@pytest.mark.parametrize(
    "text",
    [
        "1.500",
        "8 tỷ người",
        "hai tỷ người",
        "dân số một triệu.",
        "kinh phí trong năm tỷ lệ cao",
        "đầu tư trồng ba trăm triệu cây",
        "chiếm nửa tỷ lệ",
        "bán kính 500k",
        "đầu tư đường 5k",
        "xem tr. 5",
        "hỗ trợ tại nhà 5tr2x",
        "dân số đạt 8 tỷ.",
        "vốn rừng 3 triệu ha",
        "hỗ trợ 2 triệu cây giống",
        "đầu tư trồng 5 triệu cây; sản lượng 3 triệu, tăng",
        "Hỗ trợ trồng rừng, sản lượng đạt 3 triệu.",
        "12 đồng chí",
        "5 đồng hồ",
        "-3.000 đồng",
        "5 đường",
        "số 12/QĐ-UBND",
        "0214.3871.234",
        "ngày 5/6/2024",
    ],
)
def test_no_sum(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "piece",
    ["ĐVT: 1.000 đồng ", "vốn 1 tỷ ", "1 tỷ đến ", "một triệu ", "5 đồng/người/", "Tổng cộng ", "12 5 ", "7., "],
)
def test_long_runs_take_linear_time(piece: str) -> None:
    """Each would take minutes if the search were quadratic."""
    assert len(list(find_sums(f"{piece * (200_000 // len(piece))} đồng"))) <= 200_000
