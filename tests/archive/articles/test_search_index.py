"""The search index: what a query finds, what it gives back, and that no string breaks it."""

import random
import sqlite3
import unicodedata
from collections.abc import Iterator
from contextlib import closing
from datetime import date

import pytest

from crawler.archive.articles.search_index import (
    SearchRow,
    index_articles,
    make_sort_key,
    needs_reindex,
    read_index_version,
    reindex_all,
    unindex_articles,
)
from crawler.language.query.expressions import build_fts_query
from crawler.language.query.items import MAX_QUERY_CHARACTERS
from crawler.language.text import FOLD_VERSION
from crawler.search.counts import count_hits
from crawler.search.hits import SearchPage, search_articles
from crawler.search.sql import NO_FILTERS, Filters
from tests.support.search_index import find, open_index, put


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as connection:
        yield connection


TRAPS = [
    # marks
    ("Lê Đình Lợi", "le dinh loi", True),
    ("Lê Đình Lợi", "LÊ ĐÌNH LỢI", True),
    ("LÊ ĐÌNH LỢI", "Lê Đình Lợi", True),
    ("Lê Đình Lợi", "Lê Đinh Lợi", False),
    ("hòa giải ở cơ sở", "hoà giải", True),
    ("hoà giải ở cơ sở", "hòa giải", True),
    ("hoá chất", "hòa", False),
    ("hoá chất", "hoa", True),
    ("cơn bão số 3", "bão", True),
    ("thông báo", "bão", False),
    ("thông báo", "bao", True),
    ("sạt lở đất", "sạt lở", True),
    ("sát lớp", "sạt lở", False),
    ("Thị uỷ Sa Pa", "Thị ủy", True),
    ("Thị ủy Sa Pa", "thị uỷ", True),
    ("nhân dân", "dan", True),
    ("nhân dân", "dàn", False),
    ("đan lát", "dan", True),
    ("dan díu", "đan", False),
    ("Quyết định của QÐND", "QĐND", True),
    (unicodedata.normalize("NFC", "Nguyễn Huệ"), unicodedata.normalize("NFD", "Nguyễn Huệ"), True),
    ("nguyễn", "nguyen", True),
    # i and y
    ("Liệt sỹ", "liệt sĩ", True),
    ("liệt sĩ", "liet sy", True),
    ("lý luận", "lí luận", True),
    ("Lí do", "ly do", True),
    ("quy định", "qui định", True),
    ("quí vị", "quy vi", True),
    ("kỹ thuật", "kĩ thuật", True),
    ("Công ty Mỹ Lý", '"công ti mĩ lí"', True),
    ("tùy tiện", "tì tiện", False),
    # document numbers
    ("thực hiện quyết 25-NQ/TW và", "25-NQ/TW", True),
    ("thực hiện quyết 25- NQ/TW và", "25-NQ/TW", True),
    ("thực hiện quyết 25-NQ/TW và", "25 - NQ/TW", True),
    ("quyết 25-NQ/TW", "25-nq/tw", True),
    ("số 25, theo NQ của TW", "25-NQ/TW", False),
    ("số 1234/QĐ-UBND", "1234/QĐ-UBND", True),
    ("số 1234/QĐ-UBND", "1234/QD-UBND", True),
    ("số 1234/QĐ-UBND", "QĐ-UBND", True),
    ("số 1234/QĐ-UBND", "234/QĐ-UBND", False),
    ("số 05/KH-UBND", "5/KH-UBND", True),
    ("12/2023/TT-BTC", "12/2023/TT-BTC", True),
    # dates and numbers
    ("ngày 03/6/2013", "3/6/2013", True),
    ("ngày 3/6/2013", "03-06-2013", True),
    ("ngày 03-06-2013", "03/6/2013", True),
    ("ngày 3 tháng 6 năm 2013", "03/06/2013", True),
    ("ngày 13/6/2013", "3/6/2013", False),
    ("Sáng ngày 30/11", "30/11", True),
    ("tháng 06/2013", "6/2013", True),
    ("ngày 31/02/2013", "31/02/2013", True),
    ("trên 18.500 lượt", "18500", True),
    ("trên 18500 lượt", "18.500", True),
    ("trên 18,500 lượt", "18.500", True),
    ("trên 18.500 lượt", "500", True),
    ("cấp 4.000ha rừng", "4000ha", True),
    ("cấp 1.234.567 đồng", "1234567", True),
    ("phòng chống Covid-19", "covid19", True),
    ("phòng chống Covid19", "covid-19", True),
    ("Quốc lộ 4D", "quốc lộ 4d", True),
    # joined names
    ("thị xã Sa Pa", "Sapa", True),
    ("du lịch Sapa", "Sa Pa", True),
    ("du lịch Sapa", '"Sa Pa"', True),
    ("tỉnh Đắk Lắk", "Daklak", True),
    ("tỉnh Daklak", "Đắk Lắk", True),
    ("tỉnh Lào Cai", "laocai", True),
    ("Điện Biên Phủ", "dienbienphu", True),
    ("khu vui chơi hoàn thành", "ho an", False),
    ("thịxã Sa Pa", "thi xa", True),
    # phrases, operators, punctuation
    ("hội nông dân thị xã", '"nông dân"', True),
    ("dân vận và nông thôn", '"nông dân"', False),
    ("hội nông dân thị xã", "“nong dan”", True),
    ("bàn chấp hành đảng bộ", '"ban chấp hành"', True),
    ("Sa Pa", '"Sa Pa', True),
    ("Sa Pa", 'Sa" Pa', True),
    ("Sa Pa", "Sa AND Pa", True),
    ("Sa Pa", "AND Sa Pa OR", True),
    ("Sa Pa", "Tả Van OR Sa Pa", False),
    ("Sa Pa", 'bão OR "Sa Pa"', True),
    ("near Sa Pa", "NEAR(Sa Pa)", True),
    ("Sa Pa", "^Sa + (Pa) *", True),
    ("Sa Pa", "Sa 🎉 Pa", True),
    ("Sa Pa đón khách", "sapa,", True),
    ("truyền thông", "truy*", True),
    ("truyền thông", "tr*", False),
    ("bão và mưa", "bão -mưa", False),
    ("bão và nắng", "bão -mưa", True),
    ("bão và nắng", 'bão -"mưa to" -tuyết', True),
    ("bão và nắng", "-mưa", False),
    ("bão và nắng", "body:bão", True),
    ("bão và nắng", "title:bão", False),
    ("bão và nắng", "bão -title:nắng", True),
    ("tin:bão", "tin:bão", True),
    ("", "*", False),
    ("Sa Pa", "", False),
]


@pytest.mark.parametrize(("text", "query", "is_found"), TRAPS)
def test_search_finds_what_a_reader_means(
    connection: sqlite3.Connection, text: str, query: str, is_found: bool
) -> None:
    put(connection, 1, text)
    put(connection, 2, "văn bản khác")
    assert (find(connection, query) == [1]) is is_found


def test_title_filter_keeps_marks_and_phrases(connection: sqlite3.Connection) -> None:
    put(connection, 1, "nắng to", title="Bão số 3 vào Sa Pa")
    put(connection, 2, "bão số 3", title="Thông báo")
    assert find(connection, "title:bão") == [1]
    assert find(connection, "title:bao") == [2, 1]
    assert find(connection, 'TITLE:"bão số 3"') == [1]
    assert find(connection, "title:sapa") == [1]
    assert find(connection, "title:bão nắng") == [1]


def test_captions_and_byline_are_found(connection: sqlite3.Connection) -> None:
    put(connection, 1, "x", captions="Đồng chí Thào A Sinh\nẢnh hội nghị", byline="Hồng Hải (Trng tâm VH)")
    assert find(connection, "thào a sinh") == find(connection, "hồng hải") == find(connection, "byline:trng") == [1]


@pytest.mark.parametrize("sql", ["fold('Lê Đình Lợi')", "fts_query('Lê Đình Lợi')", "fts_query('le dinh loi')"])
def test_contract_queries_work_in_plain_sql(connection: sqlite3.Connection, sql: str) -> None:
    row = put(connection, 1, "đồng chí Lê Đình Lợi - Phó Ban")
    found = connection.execute(f"select rowid from articles_fts where articles_fts match {sql}").fetchall()
    assert found == [(row.sort_key,)]


def test_folded_query_of_a_code_finds_no_toned_word(connection: sqlite3.Connection) -> None:
    put(connection, 1, "châu Á, có ý kiến")
    for code in ("A5", "co2", "y5"):
        assert connection.execute("select 1 from articles_fts(fold(?))", (code,)).fetchall() == []


@pytest.mark.parametrize("query", ["phó ban", "pho ban", "lê dinh"])
def test_highlight_and_snippet_return_the_text_as_written(connection: sqlite3.Connection, query: str) -> None:
    text = "đồng chí Lê Đình Lợi - Phó Ban Dân vận Tỉnh ủy; hoà, hòa"
    put(connection, 1, text, title=text)
    sql = "select {} from articles_fts where articles_fts match fts_query(?)"
    for column in range(10):
        if column % 5 in (0, 2):
            for function in (
                f"highlight(articles_fts, {column}, '', '')",
                f"snippet(articles_fts, {column}, '', '', '…', 60)",
            ):
                assert connection.execute(sql.format(function), (query,)).fetchone() == (text,)
    marked = search_articles(connection, query).hits[0]
    assert marked.title.replace("\1", "").replace("\2", "") == text
    assert marked.snippet.replace("\1", "").replace("\2", "") == text


def test_marks_of_both_columns_are_united(connection: sqlite3.Connection) -> None:
    text = "Lê Đình Lợi và Le Định Lơi"
    put(connection, 1, text, title=text)
    hit = search_articles(connection, "lê dinh").hits[0]
    assert hit.title == "\1Lê\2 \1Đình\2 Lợi và Le \1Định\2 Lơi"
    assert hit.snippet == hit.title
    assert search_articles(connection, '"le dinh" đình').hits[0].title == "\1Lê Đình\2 Lợi và \1Le Định\2 Lơi"


def test_snippet_shows_the_stretch_with_most_words(connection: sqlite3.Connection) -> None:
    body = "Sa Pa. " + "trời nắng " * 60 + "\n\nbão đổ vào Sa Pa lúc rạng sáng " + "trời mưa " * 60
    put(connection, 1, body)
    snippet = search_articles(connection, "bão sa pa").hits[0].snippet
    assert "\1bão\2 đổ vào \1Sa\2 \1Pa\2 lúc rạng sáng" in snippet
    assert snippet.startswith("…nắng")
    assert snippet.endswith("…")
    assert len(snippet) < 260


def test_snippet_without_a_hit_in_the_text_is_its_beginning(connection: sqlite3.Connection) -> None:
    put(connection, 1, "Trời nắng. " * 100, title="Bão số 3")
    hit = search_articles(connection, "bão").hits[0]
    assert hit.title == "\1Bão\2 số 3"
    assert hit.snippet.startswith("Trời nắng. Trời")
    assert hit.snippet.endswith("…")


def test_index_and_unindex_leave_no_ghosts(connection: sqlite3.Connection) -> None:
    old = put(connection, 1, "hòa giải ở Sa Pa 25-NQ/TW", title="Bão", captions="Ảnh", byline="Hồng Hải")
    put(connection, 2, "khác")
    connection.execute("update articles set body = 'mưa đá', title = 'Tin', captions = null where id = 1")
    unindex_articles(connection, [old])
    index_articles(connection, [SearchRow(old.sort_key, "Tin", None, "mưa đá", None, old.byline)])
    for gone in ("hòa", "hoa", "giải", "sapa", "25-NQ/TW", "bão", "bao", "ảnh"):
        assert find(connection, gone) == []
    assert find(connection, "mưa đá") == find(connection, "hồng hải") == [1]
    connection.execute("create virtual table terms using fts5vocab(articles_fts, row)")
    words = {term for (term,) in connection.execute("select term from terms")}
    assert " ".join(sorted(words)) == "da hai hai³ hong hông² khac khac⁵ mua mưa tin đa⁵"


def test_an_article_that_moves_in_time_moves_in_the_index(connection: sqlite3.Connection) -> None:
    old = put(connection, 1, "bão", on=date(2020, 1, 1))
    put(connection, 2, "bão", on=date(2021, 1, 1))
    assert find(connection, "bão") == [2, 1]
    key = make_sort_key(date(2022, 1, 1), 1)
    unindex_articles(connection, [old])
    connection.execute("update articles set sort_key = ? where id = 1", (key,))
    index_articles(connection, [SearchRow(key, "", None, "bão", None, None)])
    assert find(connection, "bão") == [1, 2]


def test_reindex_all_fills_the_index_anew_and_notes_its_version(connection: sqlite3.Connection) -> None:
    assert read_index_version(connection) is None
    for number in range(1, 1203):
        put(connection, number, f"tin {number} hòa giải")
    connection.execute("delete from articles where id = 7")
    assert needs_reindex(connection)
    assert reindex_all(connection) == 1201
    assert read_index_version(connection) == FOLD_VERSION
    assert not needs_reindex(connection)
    tally = count_hits(connection, "hoà giải", filters=NO_FILTERS)
    assert (tally.count, tally.is_capped) == (1000, True)
    assert find(connection, "7 tin") == []
    assert find(connection, "1202 tin") == [1202]


def test_reindex_all_is_undone_with_its_transaction(connection: sqlite3.Connection) -> None:
    put(connection, 1, "bão")
    connection.commit()
    reindex_all(connection)
    connection.rollback()
    assert needs_reindex(connection)
    assert find(connection, "bão") == [1]


def read_all(connection: sqlite3.Connection, **options) -> list[SearchPage]:
    pages = [search_articles(connection, "bão", **options)]
    while (before := pages[-1].next_before) is not None:
        pages.append(search_articles(connection, "bão", before=before, **options))
    return pages


def test_pages_follow_each_other_without_gap_or_repeat(connection: sqlite3.Connection) -> None:
    for number in range(1, 46):
        put(connection, number, "bão", on=date(2026, 1, 1 + number % 9))
    pages = read_all(connection)
    assert [len(page.hits) for page in pages] == [20, 20, 5]
    assert count_hits(connection, "bão", filters=NO_FILTERS).count == 45
    keys = [hit.sort_key for page in pages for hit in page.hits]
    assert keys == sorted(set(keys), reverse=True)
    assert [len(page.hits) for page in read_all(connection, limit=45)] == [45]


def test_filters_by_portal_and_days(connection: sqlite3.Connection) -> None:
    for number in range(1, 11):
        put(connection, number, "bão", on=date(2026, 1, number), portal="sapa" if number % 2 else "laocai")
    days = Filters(since=date(2026, 1, 3), until=date(2026, 1, 6))
    page = search_articles(connection, "bão", filters=days)
    assert [hit.published_on for hit in page.hits] == [f"2026-01-0{day}" for day in (6, 5, 4, 3)]
    late = Filters(portal="sapa", since=date(2026, 1, 3))
    page = search_articles(connection, "bão", filters=late, limit=2)
    assert [hit.article_id for hit in page.hits] == [9, 7]
    assert count_hits(connection, "bão", filters=late).count == 4
    page = search_articles(connection, "bão", filters=late, before=page.next_before)
    assert [hit.article_id for hit in page.hits] == [5, 3]
    assert search_articles(connection, "bão", filters=Filters(portal="none")) == SearchPage((), None)
    nowhere = Filters(since=date(2027, 1, 1), until=date(2026, 1, 1))
    assert count_hits(connection, "bão", filters=nowhere).count == 0
    assert search_articles(connection, "bão", before=-(2**70)).hits == ()
    assert len(search_articles(connection, "bão", before=2**70, limit=-5).hits) == 1


NASTY = (
    "", " ", "*", "**", "-", "--", "-*", '"', '""', '" "', '"""', "AND", "OR", "NOT", "NEAR", "NEAR(",
    "AND OR NOT", "OR OR", "a OR", "OR a", "-a OR b", "a OR -b", "a NOT b", "NEAR(a b, 3)", "^", "^a",
    "a^", ":", "title:", "title:*", "title:-a", "-title:", '-title:"', "title:title:a", "{title}:a",
    "a:b", "+", "a+b", "(", ")", "((((", "a)", "'", "''", "; drop table articles; --", "\x00", "a\x00b",
    "\ud800", "a\udfffb", "🎉", "👨‍👩‍👧", "\u0301", "\u0301a", "-\u0301", "ſ", "İ", "\\", "%", "_", "a_b",
    "25-NQ/TW", "-25-NQ/TW", "03/6/2013", "99/99/9999", "00/00/0000", "18.500", "0.000", "9" * 5000,
    "a" * 10_000, "a " * 5000, "a-" * 5000, '"' * 5000, "(" * 5000, "OR " * 3000, "-a " * 3000,
    "3/6/2013 " * 1200, "18.500-" * 1400, '"ly ly ly ly ly ly ly ly"', "sapa " * 2000, "Sa Pa " * 1700,
    "a*" * 5000, "abc* " * 2000, "đ" * 10_000, "1/QĐ-UBND " * 1000, "A/" * 5000, "1-" + "Ab" * 4000,
    "सा पा", "中文 搜索", "\ufeff\u200b", "x\u0305y",
)  # fmt: skip


@pytest.mark.parametrize("number", range(len(NASTY)))
def test_no_string_breaks_the_search(connection: sqlite3.Connection, number: int) -> None:
    put(connection, 1, "a b 25-NQ/TW ngày 3/6/2013 Sa Pa")
    for text in (NASTY[number], f"{NASTY[number]} bão -{NASTY[number]}"):
        for filters in (NO_FILTERS, Filters(portal="sapa"), Filters(portal="sapa", byline=NASTY[number])):
            found = search_articles(connection, text, filters=filters)
            assert len(found.hits) <= 1
            assert count_hits(connection, text, filters=filters).count >= len(found.hits)


def test_random_strings_never_break_the_search(connection: sqlite3.Connection) -> None:
    put(connection, 1, "a b 25-NQ/TW ngày 3/6/2013 Sa Pa")
    generator = random.Random(2013)
    pieces = [
        *"\"“”«*^:()-+{},.;/\\' \t\n\x00\ud800🎉_&|~!?@#$%",
        *("AND", "OR", "NOT", "NEAR(", "title:", "body:", "-", "25-NQ/TW", "3/6/2013", "30/11", "6/2013", "18.500"),
        *(
            "Sa",
            "Pa",
            "sapa",
            "daklak",
            "ly",
            "quý",
            "hoà",
            "đ",
            "\u0301",
            "x\u0305",
            "abc*",
            "a*",
            "²",
            "中",
            "covid19",
        ),
        *(" ", " ", " "),
    ]
    for _ in range(3000):
        text = "".join(generator.choices(pieces, k=generator.randrange(1, 16)))
        query = build_fts_query(text)
        assert connection.execute("select count(*) from articles_fts(?)", (query,)).fetchone(), repr(text)


def test_a_query_is_read_up_to_its_limit(connection: sqlite3.Connection) -> None:
    put(connection, 1, "bão " * 900)
    assert find(connection, "bão " * 900) == [1]
    assert find(connection, "bão" + " " * MAX_QUERY_CHARACTERS + "mưa") == [1]


@pytest.mark.parametrize("value", [None, 25, 1.5, b"S\xe1\xba\xa1t", b"\xff\xfe", "\x00"])
def test_sql_functions_take_any_value(connection: sqlite3.Connection, value: object) -> None:
    folded, query = connection.execute("select fold(?), fts_query(?)", (value, value)).fetchone()
    assert (folded is None) == (value is None)
    connection.execute("select count(*) from articles_fts(?)", (query,)).fetchone()


def test_search_reads_through_rows_of_any_shape(connection: sqlite3.Connection) -> None:
    put(connection, 1, "bão")
    connection.row_factory = sqlite3.Row
    assert find(connection, "bão") == [1]
    assert reindex_all(connection) == 1
    assert not needs_reindex(connection)
