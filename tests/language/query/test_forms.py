"""The forms of a text that a query finds."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from crawler.language.query.expressions import build_fts_query, build_phrase_query
from tests.support.search_index import open_index, put

# Each of a row finds each other one.
EQUAL = [
    ("H'Mông", "Hmông", "H’Mông"),
    ("M'Nông", "Mnông"),
    ("huyện Cư M'gar", "huyện Cư Mgar"),
    ("m2 đất", "m² đất"),
    ("100 m2", "100m²", "100m2", "100 m²"),
    ("10km", "10 km"),
    ("1,5km", "1,5 km"),
    ("1.500m3 gỗ", "1500 m³ gỗ"),
    ("khí CO2", "khí CO₂"),
    ("2018-08-15", "15/8/2018", "15-08-2018", "ngày 15 tháng 8 năm 2018"),
    ("tháng 6/2024", "tháng 6 năm 2024", "06/2024"),
    ("dịp lễ 30-4", "dịp lễ 30/4"),
    ("30-4", "30/4"),
    ("ngày 30-4", "ngày 30/4", "ngày 30 tháng 4", "ngày 30/04"),
    ("1175/TBUBND", "1175/TB-UBND", "1175/TB\u2011UBND", "1175/TB UBND", "1175 /TB- UBND"),
    ("1234/QĐUBND", "1234/QĐ\u2013UBND"),
    ("12/2023/TT-BTC", "12/2023/TTBTC"),
    ("1,5 tỷ", "1.500 triệu", "1,5 tỉ", "1500 triệu", "1 tỷ 500 triệu", "1.500.000.000"),
    ("2 tỷ đồng", "2.000 triệu đồng", "2.000.000.000 đồng"),
    ("12 triệu", "12.000.000"),
    ("1,5 tỷ đồng", "1500 triệu đồng", "1.500.000.000đ", "1.500.000.000 đ", "1.500.000.000 VNĐ", "1500000000 đồng"),
    ("500.000đ", "500.000 đồng", "500.000 VNĐ"),
    ("1000 tỷ", "1.000 tỷ", "1 nghìn tỷ", "1 ngàn tỉ"),
    ("2,5 nghìn tỷ đồng", "2.500 tỷ đồng"),
    ("20.000 đồng", "20 nghìn đồng", "20 ngàn đồng", "20000 đồng"),
    ("35°C", "35 độ C", "35oC", "35ºC"),
    ("UBND Tả Van", "Ủy ban nhân dân Tả Van", "Uỷ ban nhân dân Tả Van"),
    ("họp HĐND, UBND", "họp Hội đồng nhân dân, Ủy ban nhân dân"),
    ("công tác GPMB", "công tác giải phóng mặt bằng"),
    ("Sở GD&ĐT", "Sở Giáo dục và Đào tạo", "Sở GDĐT", "Sở GD và ĐT", "Sở Giáo dục & Đào tạo"),
    ("Sở NN&PTNT", "Sở Nông nghiệp và Phát triển nông thôn", "Sở NN và PTNT", "Sở Nông nghiệp & PTNT", "Sở NNPTNT"),
    ("Sở TN&MT", "Sở Tài nguyên và Môi trường", "Sở Tài nguyên - Môi trường", "Sở TN-MT"),
    ("Sở LĐTB&XH", "Sở Lao động - Thương binh và Xã hội", "Sở LĐ-TB&XH", "Sở LĐTBXH"),
    ("theo NQ số 05", "theo Nghị quyết số 05"),
    ("nghị quyết 25-NQ/TW", "nghị quyết số 25-NQ/TW", "nghị quyết số 25–NQ/TW"),
    ("thông báo 15", "thông báo số 15"),
    ("trường TH&THCS", "trường TH và THCS", "trường tiểu học và trung học cơ sở"),
    ("tháng 12-2023", "tháng 12/2023", "tháng 12 năm 2023"),
    ("lúc 8h sáng", "lúc 08h sáng"),
    ("QL4D", "QL 4D", "quốc lộ 4D"),
    ("TX Sa Pa", "thị xã Sa Pa"),
    ("đ/c Giàng A Sử", "đồng chí Giàng A Sử"),
    ("Đề án 6", "Đề án 06"),
    ("0214.3871.234", "02143871234", "0214 3871234", "0214 3871 234", "0214.3.871.234"),
    ("0912 345 678", "0912345678", "091.234.5678"),
    ("lúc 7h30", "lúc 07h30", "lúc 7 giờ 30", "lúc 07 giờ 30", "lúc 7g30"),
    ("khóa XVI", "khoá 16"),
    ("kỳ họp thứ nhất quý III", "kỳ họp thứ nhất quý 3"),
    ("quý III/2018", "quý 3/2018", "quý III năm 2018", "quý 3 năm 2018"),
    ("Đại hội XIII", "Đại hội 13"),
    ("kỳ họp thứ V", "kỳ họp thứ 5"),
]
# The first of a row finds the others.
FOUND = [
    ("QĐ 1234", "Quyết định số 1234/QĐ-UBND"), ("nq 05", "nghị quyết 05"), ("qd 1234", "quyết định 1234"),
    ("lúc 8h", "lúc 8 giờ"), ("số 1234/QĐ-UBND", "Quyết định 1234/QĐ—UBND"), ("So: 1234/QD-UBND", "QĐ 1234/QĐ-UBND"),
    ("QĐ số 1234", "quyết định 1234/QĐ-UBND"), ("QĐ số 1234", "Quyết định số 1234"),
    ("số 15/2024/NĐ-CP", "Nghị định 15/2024/NĐ-CP"),
]  # fmt: skip
APART = [
    ("ngày 30 tháng 4 năm 2025", "30 tháng 5"),
    ("cử 2-3 lần", "2 tháng 3"),
    ("chi 2,9 tỷ", "ngày 2 tháng 9"),
    ("2 tỷ", "2 triệu"),
    ("1,5 tỷ", "15 tỷ"),
    ("500 triệu", "1.500.000.000"),
    ("m2", "m3"),
    ("15/8/2018", "15/8/2019"),
    ("hộ đông nhân dân", "HĐND"),
    ("1175/TB-UBND", "175/TB-UBND"),
    ("nhà 1234/5 đường Cầu Mây", "số 1234/5"),
    ("Đề án 06", "Đề án 60"),
    ("0214.3871.234", "0214.3871.235"),
    ("7h30", "17h30"),
    ("quý III", "quý 2"),
    ("huyện III", "huyện 3"),
    ("bão 3 ngày", "bão số 3"),
    ("1.500.000 đồng", "500 nghìn đồng"),
    ("chi hội XIII", "chi hội 13"),
]


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as connection:
        yield connection


def is_found(connection: sqlite3.Connection, text: str) -> bool:
    sql = "select 1 from articles_fts where articles_fts match ?"
    return connection.execute(sql, (build_phrase_query(text),)).fetchone() is not None


@pytest.mark.parametrize(
    "typed",
    ["1234QĐUBND", "1234qdubnd", "1234QĐ-UBND", "Số:1234/QĐ-UBND", "So:1234/QD-UBND", "số1234/QĐ-UBND",
     "so1234/qd-ubnd", "Số:1234QĐUBND", "quyết định số:1234/QĐ-UBND", "title:1234QĐUBND"],
)  # fmt: skip
def test_a_documents_number_is_found_in_each_way_that_it_is_glued(typed: str) -> None:
    with closing(open_index()) as connection:
        put(connection, 1, "Ngày 3/6.", title="Quyết định 1234/QĐ-UBND")
        put(connection, 2, "Quyết định 1235/QĐ-UBND, tổng số 1234 hộ.", title="Quyết định")
        sql = "select rowid from articles_fts where articles_fts match ?"
        assert len(connection.execute(sql, (build_fts_query(typed),)).fetchall()) == 1
        assert is_found(connection, typed)


@pytest.mark.parametrize("forms", EQUAL)
def test_forms_of_one_thing_find_each_other(forms: tuple[str, ...]) -> None:
    for text in forms:
        with closing(open_index()) as connection:
            put(connection, 1, f"Nói: {text} nhé.")
            missed = [form for form in forms if not is_found(connection, form)]
            assert missed == [], text


@pytest.mark.parametrize(("query", "text"), FOUND)
def test_a_short_name_finds_the_long_one(connection: sqlite3.Connection, query: str, text: str) -> None:
    put(connection, 1, f"Theo {text} nhé.")
    assert is_found(connection, query)


@pytest.mark.parametrize(("text", "query"), APART)
def test_other_things_are_not_found(connection: sqlite3.Connection, text: str, query: str) -> None:
    put(connection, 1, text)
    assert not is_found(connection, query)


def test_at_most_four_abbreviations_are_expanded(connection: sqlite3.Connection) -> None:
    query = build_phrase_query("UBND, HĐND, MTTQ, BHXH, BHYT")
    assert "bao³ hiêm³ xa⁴ hôi⁶" in query
    assert "bao³ hiêm³ y tê⁵" not in query


def test_a_quoted_abbreviation_is_not_expanded() -> None:
    assert "uy ban" not in build_phrase_query('"UBND"')
    assert "uy ban" in build_phrase_query("title:UBND")
    assert "uy ban" not in build_phrase_query("xã -UBND")
