"""A search by size of sums: what it finds, that both of its ways find the same, and where it is said."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.archive.database import open_for_reading
from crawler.extract.article.article import AttachmentRef
from crawler.items import FileRole
from crawler.search.sql import Filters, write_listing, write_source
from tests.support.attachments.read_files import put_reading
from tests.support.web_archive import NEW, Maker, Site, article

FILE = "https://storage-vnportal.vnpt.vn/lci/2024/5/du-toan.pdf"
IN_FILE, CHANGED, RATE, SMALL, OTHER = range(1, 6)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    archive = tmp_path_factory.mktemp("sum-filter") / "archive.db"
    maker = Maker(archive)
    maker.file(FILE, b"%PDF-1.4 x", FileRole.ATTACHMENT, b"application/pdf")
    maker.article(article("Cầu Móng", "Xem tệp.", attachments=(AttachmentRef(FILE, "Dự toán"),)), f"{NEW}1")
    maker.article(article("Cầu Treo", "Vốn 7 tỷ đồng."), f"{NEW}2")
    maker.article(article("Cầu Treo", "Vốn 9 tỷ đồng."), f"{NEW}2")
    maker.article(article("Cầu mức", "Hỗ trợ 2 tỷ đồng/xã."), f"{NEW}3")
    maker.article(article("Cầu nhỏ", "Chi 500 triệu đồng, vay 30 triệu USD."), f"{NEW}4")
    maker.article(article("Đường", "Chi 12 tỷ đồng."), f"{NEW}5")
    maker.writer.finish("complete")
    maker.writer.close()
    reading = TextReading("Bìa\n\nTổng 4 tỷ đồng", "pdf", pages=2, page_starts=(0, 5))
    put_reading(archive, reading)
    site = Site(archive)
    yield site
    site.close()


def found(site: Site, **parameters: object) -> list[int]:
    answer = site.get(f"/search.json?{urlencode(parameters)}").json()
    ids = [int(hit["id"]) for hit in answer["hits"]]
    assert answer["count"] == len(ids)
    return sorted(ids)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"sum_from": "1 tỷ"}, [IN_FILE, CHANGED, OTHER]),
        ({"sum_from": "1 ty", "q": "cau"}, [IN_FILE, CHANGED]),
        ({"sum_from": "8 tỷ", "sum_to": "10 tỷ"}, [CHANGED]),
        ({"sum_from": "6 tỷ", "sum_to": "8 tỷ"}, []),  # of an old version
        ({"sum_to": "3.000 triệu"}, [SMALL]),
        ({"sum_from": "1 tỷ", "q": '"cầu treo"'}, [CHANGED]),
        ({"sum_from": "1 tỷ", "q": "cầu", "sort": "date"}, [IN_FILE, CHANGED]),
    ],
)
def test_articles_that_say_such_a_sum_now_themselves_or_in_a_file(
    site: Site, bounds: dict[str, str], expected: list[int]
) -> None:
    assert found(site, **bounds) == expected


@pytest.mark.parametrize("text", ["", "cầu"])
def test_frequent_and_rare_sizes_are_found_alike(site: Site, text: str) -> None:
    (archive,) = (Path(one.path) for one in site.datasette.databases.values() if one.name == "archive")
    filters = Filters(least_sum=10**9)
    source = write_source(text, filters) if text else write_listing(filters)
    with closing(open_for_reading(archive)) as connection:
        ways = [
            connection.execute(f"select a.id from {sql} order by 1", source.parameters).fetchall()
            for sql in (source.sql, source.sql.replace("20000 <=", "1 <="))
        ]
    assert ways[0] == ways[1] != []


def test_the_size_stands_in_the_page_its_feed_and_its_hits(site: Site) -> None:
    page = site.get(f"/search?{urlencode({'q': 'cầu', 'sum_from': '1,5 tỷ'})}").text
    assert "<bdi>Số tiền từ 1,5 tỷ đồng</bdi>" in page
    assert 'value="1,5 tỷ đồng"' in page
    assert "Vốn <mark>9 tỷ đồng</mark>" in page
    assert "Tổng <mark>4 tỷ đồng</mark>" in page
    assert "trong tệp đính kèm, trang 2" in page
    feed = site.get(f"/search.atom?{urlencode({'q': 'cầu', 'sum_from': '1500000000'})}").text
    assert "Tìm kiếm: cầu (Số tiền từ 1,5 tỷ đồng)" in feed
    assert "Cầu nhỏ" not in feed
    english = site.get(f"/search?{urlencode({'sum_to': '1 tỷ', 'lang': 'en'})}").text
    assert "Sum up to 1 billion đồng" in english
    assert 'value="1 tỷ đồng"' in english


def test_words_that_may_bound_a_sum_are_offered_as_its_size(site: Site) -> None:
    page = site.get(f"/search?{urlencode({'q': 'cầu trên 1 tỷ'})}").text
    assert 'href="/search?q=c%E1%BA%A7u&amp;sum_from=1000000000"><bdi>cầu</bdi>, số tiền từ 1 tỷ đồng</a>' in page
    assert "sum_from=" not in site.get(f"/search?{urlencode({'q': 'trên 1 tỷ người'})}").text.partition("<form")[0]
    refused = site.get(f"/search?{urlencode({'sum_from': 'nhiều'})}").text
    assert "Không hiểu giá trị của: Số tiền từ." in refused
