"""The page of sums from a size on: what it finds, in which order, and where it leads."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlencode

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.archive.database import open_for_reading
from crawler.attachments.harvest import Bounds, harvest_texts
from crawler.extract.article.article import AttachmentRef
from crawler.items import FileRole
from crawler.replica.content.documents import write_pdf
from crawler.web.news.sums import FoundSum, SumQuestion, read_sums
from tests.support.attachments.read_files import put_reading
from tests.support.build import STORE, Clock, Night, file_ref, new_address
from tests.support.build import article as text_of
from tests.support.web_archive import NEW, Maker, Site, article

FILE = "https://storage-vnportal.vnpt.vn/lci/2024/5/du-toan.pdf"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with sums in articles (one in two versions) and in a file of two pages."""
    archive = tmp_path_factory.mktemp("sums") / "archive.db"
    maker = Maker(archive)
    maker.file(FILE, b"%PDF-1.4 x", FileRole.ATTACHMENT, b"application/pdf")
    maker.article(article("Cầu", "Vốn 7 tỷ đồng.", attachments=(AttachmentRef(FILE, "Dự toán"),)), f"{NEW}1")
    maker.article(article("Cầu", "Vốn 9 tỷ đồng.", attachments=(AttachmentRef(FILE, "Dự toán"),)), f"{NEW}1")
    body = "Hỗ trợ 2 tỷ đồng/xã/năm, 30 triệu USD, 1,500 tỷ đồng và 500 triệu đồng."
    maker.article(article("Đường <b>", body), f"{NEW}2")
    for number in range(3, 26):
        day = date(2026, 8, 20) if number == 25 else None
        maker.article(article(f"Tin {number}", f"Chi {number} nghìn tỷ đồng.", on=day), f"{NEW}{number}")
    maker.writer.finish("complete")
    maker.writer.close()
    reading = TextReading("Bìa\n\nTổng 4 tỷ đồng", "pdf", pages=2, doubts=("readers-differ",), page_starts=(0, 5))
    put_reading(archive, reading)
    site = Site(archive)
    yield site
    site.close()


def test_no_level_of_headings_is_left_out(site: Site) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])[ >]", site.get("/sums").text)]
    assert 3 in levels
    assert all(after <= before + 1 for before, after in pairwise(levels))


def headings(page: str) -> list[str]:
    return re.findall(r"<h3>(.*?)</h3>", page, re.DOTALL)


def test_the_largest_come_first_page_by_page_and_none_twice(site: Site) -> None:
    first = site.get("/sums").text
    (following,) = re.findall(r'rel="next" href="([^"]+)"', first)
    second = site.get(following.replace("&amp;", "&")).text
    found = [*headings(first), *headings(second)]
    assert found[:2] == ["25.000 tỷ đồng", "24.000 tỷ đồng"]
    assert found[-4:] == ["3.000 tỷ đồng", "9 tỷ đồng", "7 tỷ đồng", "4 tỷ đồng"]
    assert len(found) == len(set(found)) == 26
    assert "25 khoản trong bài, 1 khoản trong tệp" in first


def test_a_sum_leads_to_its_article_version_or_file(site: Site) -> None:
    page = site.get("/sums?from=1+t%E1%BB%B7&to=9,5+t%E1%BB%89").text
    assert 'href="/article/1#:~:text=9%20t%E1%BB%B7%20%C4%91%E1%BB%93ng"' in page
    assert 'href="/article/1/revision/1#:~:text=7%20' in page
    assert "chỉ có đến phiên bản 1, nay không còn" in page
    assert "có từ phiên bản 2" in page
    found = re.search(r'href="(/attachment/[0-9a-f]{64}/read\?page=2&amp;q=[^"]+)"><bdi>du-toan.pdf', page)
    assert found is not None
    assert "<mark>4 tỷ đồng</mark>" in site.get(found[1].replace("&amp;", "&")).text
    assert "nội dung tệp có thể bị đọc sai" in page
    assert "Vốn <mark>9 tỷ đồng</mark>" in page


def test_the_page_leads_to_a_search_from_the_same_size(site: Site) -> None:
    page = site.get("/sums?from=500+trieu&to=3+ty").text
    assert 'href="/search?sum_from=500000000&amp;sum_to=3000000000"' in page
    assert site.get("/search?sum_from=500000000&sum_to=3000000000&q=duong").status_code == 200


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "cau"}, ["9 tỷ đồng", "7 tỷ đồng", "4 tỷ đồng"]),  # of its file, too
        ({"q": "bia tong"}, ["9 tỷ đồng", "7 tỷ đồng", "4 tỷ đồng"]),  # words of its file
        ({"q": "cau", "to": "8 tỷ"}, ["7 tỷ đồng", "4 tỷ đồng"]),
        ({"q": "tong cau"}, []),
        ({"q": '"tin 3" OR "tin 4"'}, ["4.000 tỷ đồng", "3.000 tỷ đồng"]),
        ({"q": "?!"}, []),
        ({"since": "2026-08-01", "until": "2026-08-31"}, ["25.000 tỷ đồng"]),
        ({"since": "8/2026", "q": "chi"}, ["25.000 tỷ đồng"]),
        ({"since": "9/2026"}, []),
    ],
)
def test_sums_are_found_by_words_and_days_of_their_articles(
    site: Site, asked: dict[str, str], found: list[str]
) -> None:
    page = site.get(f"/sums?{urlencode(asked)}").text
    assert headings(page) == found
    articles = sum(one != "4 tỷ đồng" for one in found)
    assert f"{articles} khoản trong bài, {len(found) - articles} khoản trong tệp" in page


def test_words_and_days_stay_on_the_next_page_and_in_the_links(site: Site) -> None:
    page = site.get("/sums?q=chi&from=1+t%E1%BB%B7").text
    (following,) = re.findall(r'rel="next" href="([^"]+)">([^<]+)', page)
    assert following[1] == "Các khoản nhỏ hơn"
    second = site.get(following[0].replace("&amp;", "&")).text
    assert headings(second) == ["5.000 tỷ đồng", "4.000 tỷ đồng", "3.000 tỷ đồng"]
    assert "Về khoản lớn nhất" in second
    assert 'href="/sums?from=10000000000&amp;q=chi"' in page
    assert 'href="/search?sum_from=1000000000&amp;q=chi"' in page
    assert "Bài đăng từ ngày" in site.get("/sums?since=hôm+qua").text.partition("Không hiểu giá trị của")[2]


def test_a_cut_sentence_has_an_ellipsis() -> None:
    assert FoundSum(1, "2 tỷ", "vốn gồm 2 tỷ cho xã", None, "body").cut == ("…vốn gồm ", "2 tỷ", " cho xã…")
    assert FoundSum(1, "2 tỷ", "Vốn 2 tỷ.", None, "body").cut == ("Vốn ", "2 tỷ", ".")


def test_rates_and_what_is_not_certain_are_no_totals(site: Site) -> None:
    assert len(headings(site.get("/sums?from=500+tri%E1%BB%87u&to=2+t%E1%BB%B7").text)) == 1
    page = site.get("/sums?from=500+tri%E1%BB%87u&to=2+t%E1%BB%B7&rates=1").text
    assert headings(page)[0].startswith("2 tỷ đồng")
    assert "xã/năm" in headings(page)[0]
    assert "30 triệu USD" not in "".join(headings(page))
    assert "Đường &lt;b&gt;" in page


def test_a_size_that_cannot_be_read_is_refused_on_the_page(site: Site) -> None:
    page = site.get("/sums?from=nhiều&to=1,500+tỷ&before=x.y&lang=en").text
    assert "Sums of 1 billion đồng and more" in page
    assert "Write, for instance" in page


def test_the_index_finds_them(site: Site) -> None:
    path = Path(str(site.datasette.get_database("archive").path))
    with closing(open_for_reading(path)) as connection:
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        read_sums(connection, SumQuestion(1, 2**62, with_rates=False, before=None))
        connection.set_trace_callback(None)
        for table, index in (("revision_sums", "revision_sums_dong"), ("attachment_facts", "attachment_facts_dong")):
            sql = next(one for one in statements if f"from {table} s" in one)
            plan = [row[3] for row in connection.execute(f"explain query plan {sql}")]
            assert index in plan[0], plan
            assert not any("TEMP B-TREE FOR GROUP" in one for one in plan), plan


def test_the_canned_query_leads_to_articles_and_files(site: Site) -> None:
    rows = site.get("/archive/sums_above.json?dong=4000000000&rates=&_shape=array").json()
    assert len(rows) == 26
    assert rows[-1]["place"] == "attachment"
    assert (rows[-1]["page"], rows[-1]["article_id"], rows[-1]["title"]) == (2, 1, "Cầu")


def test_a_sum_of_a_file_that_was_replaced_says_so(tmp_path: Path) -> None:
    """A replaced table of sums was listed beside the new one as if both stood there now."""
    archive, clock = tmp_path / "archive.db", Clock()
    for total in ("2.450.000.000", "3.150.000.000"):
        with Night(archive, clock) as night:
            pdf = write_pdf((f"Xây cầu Má Tra: {total} đồng",))
            night.put_file(f"{STORE}/lci/du-toan.pdf", pdf, FileRole.ATTACHMENT)
            night.put(text_of("Dự toán", "Kèm tệp.", attachments=(file_ref("du-toan.pdf"),)), new_address(1))
            night.walked()
        clock.go_on(days=1)
    harvest_texts(archive, Bounds(None, lambda: False))
    site = Site(archive)
    try:
        now, past = site.get("/sums").text.partition("2,45 tỷ đồng")[::2]
        assert "3,15 tỷ đồng" in now
        assert "không còn tệp này" not in now
        assert "bản hiện nay không còn tệp này; phiên bản 1 là bản cuối có tệp" in past
        assert 'href="/article/1/revision/1"' in past
        rows = site.get("/archive/sums_above.json?_shape=objects").json()["rows"]
        assert [(row["dong"], row["is_current"]) for row in rows] == [(3_150_000_000, 1), (2_450_000_000, 0)]
    finally:
        site.close()
