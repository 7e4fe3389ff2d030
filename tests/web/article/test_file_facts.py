"""What the site shows of the numbers, sums and dates in the texts of files."""

from collections.abc import Iterator

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.extract.article.article import AttachmentRef
from crawler.items import FileRole
from tests.support.attachments.read_files import put_reading
from tests.support.web_archive import NEW, Maker, Site, article

FILE = "https://storage-vnportal.vnpt.vn/lci/2024/5/ke-hoach.pdf"
TEXT = (
    "Kế hoạch\n\nTheo 12/QĐ-UBND ngày 3/6/2024: 1,5 tỷ đồng, <b>1,500 tỷ đồng</b>\n\nĐơn vị tính: triệu đồng"
    "\nNội dung Kinh phí\nXây cầu 900\nLàm đường 1.250"
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose article 1 has a doubtful file of two pages, and article 2 names the same document."""
    archive = tmp_path_factory.mktemp("facts") / "archive.db"
    maker = Maker(archive)
    maker.file(FILE, b"%PDF-1.4 x", FileRole.ATTACHMENT, b"application/pdf")
    maker.article(article("Tin 1", "Tin ngắn.", attachments=(AttachmentRef(FILE, "Kế hoạch <i>"),)), f"{NEW}1")
    maker.article(article("Tin 2", "Theo Quyết định 12/QĐ-UBND."), f"{NEW}2")
    maker.writer.finish("complete")
    maker.writer.close()
    reading = TextReading(TEXT, "pdf", pages=2, pages_read=2, doubts=("readers-differ",), page_starts=(0, 10))
    put_reading(archive, reading)
    site = Site(archive)
    yield site
    site.close()


def digest_of(site: Site) -> str:
    return str(site.get("/archive/attachments.json?_shape=objects").json()["rows"][0]["sha256"])


def test_an_article_shows_the_documents_that_its_files_cite(site: Site) -> None:
    page = site.get("/article/1").text
    assert "Văn bản được nhắc tới trong tệp" in page
    link = f'href="/attachment/{digest_of(site)}/read?page=2&amp;q=%2212%2FQ%C4%90-UBND%22">trang 2'
    number = page.partition("<bdi>12/QĐ-UBND</bdi></a>")[2].partition("</li>")[0]
    assert f'<a class="meta" {link}' in number
    follow = 'href="/search.atom?q=%2212%2FQ%C4%90-UBND%22">theo dõi<span class="visually-hidden"> <bdi>12/QĐ-UBND<'
    assert follow in number
    assert "Kế hoạch &lt;i&gt;" in page
    related = page.partition('id="related"')[2]
    assert "nội dung tệp có thể bị đọc sai" in related
    assert "Văn bản được nhắc tới trong tệp" not in site.get("/article/2").text


def test_the_page_of_a_file_shows_all_that_its_text_mentions(site: Site) -> None:
    page = site.get(f"/attachment/{digest_of(site)}/articles?lang=en").text
    for said in (
        "12/QĐ-UBND",
        "3/6/2024",
        "1,5 tỷ đồng",
        "1,500 tỷ đồng",
        "page 2",
        "Sums of money",
        "900</bdi> (900 million",
    ):
        assert said in page, said
    assert "doubtful" in page


def test_the_query_of_a_document_names_articles_and_files(site: Site) -> None:
    rows = site.get("/archive/articles_citing_a_document.json?number=12/Q%C4%90-UBND&_shape=objects").json()["rows"]
    assert [
        (row["article_id"], row["place"], row["attachment_sha256"], row["page"], row["doubts"]) for row in rows
    ] == [(2, "body", None, None, None), (1, "attachment", digest_of(site), 2, '["readers-differ"]')]


def test_documents_cited_most_counts_files_too(site: Site) -> None:
    rows = site.get("/archive/documents_cited_most.json?_shape=objects").json()["rows"]
    assert rows == [{"number": "12/QĐ-UBND", "articles": 1, "in_titles": 0, "attachments": 1}]
