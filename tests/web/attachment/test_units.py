"""Wherever a place in a file is said, it is a page, sheet, slide or file, by what the file is made of."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading, unit_of
from crawler.extract.article.article import AttachmentRef
from crawler.items import FileRole
from tests.support.attachments.read_files import put_reading
from tests.support.web_archive import NEW, Maker, Site, article

FILE = "https://storage-vnportal.vnpt.vn/lci/2024/5/du-toan.xlsx"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site with an article that offers a workbook of two sheets."""
    archive: Path = tmp_path_factory.mktemp("units") / "archive.db"
    maker = Maker(archive)
    maker.file(FILE, b"PK\x03\x04 x", FileRole.ATTACHMENT, b"application/vnd.ms-excel")
    maker.article(article("Cầu", "Thân bài.", attachments=(AttachmentRef(FILE, "Dự toán"),)), f"{NEW}1")
    maker.writer.finish("complete")
    maker.writer.close()
    reading = TextReading("Bìa\n\nQuyết định 12/QĐ-UBND, tổng 4 tỷ đồng", "xlsx", pages=2, page_starts=(0, 5))
    put_reading(archive, reading)
    site = Site(archive)
    yield site
    site.close()


@pytest.mark.parametrize("place", ["/sums", "/search?q=quyet+dinh", "/search?sum_from=1000000", "/article/1"])
def test_a_place_in_a_workbook_is_a_sheet(site: Site, place: str) -> None:
    assert "trang tính 2" in site.get(place).text
    english = site.get(f"{place}{'&' if '?' in place else '?'}lang=en").text
    assert "sheet 2" in english
    assert "page 2" not in english


@pytest.mark.parametrize(
    ("method", "unit"),
    [("pdf+ocr", "page"), ("xls", "sheet"), ("ppt", "slide"), ("archive", "file"), ("docx", "section"), (None, "page")],
)
def test_the_unit_of_a_text_is_that_of_its_method(method: str | None, unit: str) -> None:
    assert unit_of(method) == unit
