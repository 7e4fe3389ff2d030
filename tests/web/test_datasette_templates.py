"""Datasette's own pages in the site's look: mended where a keyboard or screen reader needs it, whole otherwise."""

import re
from collections.abc import Iterator
from pathlib import Path

import datasette
import pytest
from datasette.app import Datasette

from crawler.web.datasette_templates import PATCHES
from tests.support.web_archive import Site, build_archive, open_site

TEMPLATES = Path(datasette.__file__).parent / "templates"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("templates")) as opened:
        yield opened


@pytest.mark.parametrize(
    ("template", "words"), [(name, words) for name, mends in PATCHES.items() for words, _ in mends]
)
def test_every_mend_finds_its_words_in_this_datasette(template: str, words: str) -> None:
    assert words in (TEMPLATES / template).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "path", ["/archive", "/archive/articles", "/archive/articles/1", "/archive?sql=select+1", "/-/versions"]
)
def test_page_names_its_language_and_parts(site: Site, path: str) -> None:
    page = site.get(path).text
    assert '<html lang="en">' in page
    assert '<main id="main"' in page
    assert 'class="skip" href="#main"' in page
    assert 'lang="vi">Tìm kiếm</a>' in page


def test_what_is_filled_in_has_a_name(site: Site) -> None:
    for path in ("/archive/articles?title__contains=a", "/archive?sql=select+1"):
        page = site.get(path).text
        fields = re.findall(r'<(?:select|input type="text"|textarea)[^>]*>', page)
        assert fields
        assert all("aria-label=" in field for field in fields), fields


def test_columns_are_explained_beside_their_rows_and_can_be_counted_without_a_mouse(site: Site) -> None:
    page = site.get("/archive/articles").text
    described = page.partition('<dl class="column-descriptions">')[2].partition("</dl>")[0]
    assert "Permanent number of the article" in described
    address = re.search(r'<dt>state <a class="facet-by" href="([^"#]*)#facet-state"', described)
    assert address is not None
    counted = site.get(address[1].replace("&amp;", "&")).text
    assert 'id="facet-state"' in counted
    assert "_facet=state" in address[1]


def test_a_canned_query_is_titled_by_its_name(site: Site) -> None:
    assert (
        "<title>Văn bản được nhắc đến nhiều nhất / Most cited documents – archive</title>"
        in site.get("/archive/documents_cited_most").text
    )
    assert "<title>archive: select 1</title>" in site.get("/archive?sql=select+1").text


def test_datasettes_functions_stay_whole(site: Site) -> None:
    page = site.get("/archive/articles?_facet=state&title__contains=a").text
    for part in (
        'name="_filter_column_1"',
        'name="_search"',
        "View and edit SQL",
        ">json</a>",
        ">CSV</a>",
        'id="export"',
    ):
        assert part in page, part
    assert "table.js" in page
    assert "codemirror" in site.get("/archive?sql=select+1").text


def test_the_words_of_tables_and_queries_are_in_both_languages(site: Site) -> None:
    table = site.get("/archive/articles?_size=1&title__contains=a").text
    for words in (
        '<span lang="vi">dòng</span> / rows', '<span lang="vi">Tìm</span> / Search:', ">chứa / contains<",
        'value="Lọc / Apply"', '<span lang="vi">Trang sau</span> / Next page', 'value="Xuất CSV / Export CSV"',
        '<span lang="vi">Trang chủ</span> / home', '<span lang="vi">Xem và sửa SQL</span> / View and edit SQL',
    ):  # fmt: skip
        assert words in table, words
    query = site.get("/archive?sql=select+1").text
    assert '<span lang="vi">Truy vấn SQL</span> / SQL query: 1 <span lang="vi">dòng</span>' in query
    assert 'value="Chạy SQL / Run SQL"' in query
    database = site.get("/archive").text
    assert "Kho lưu trữ cổng thông tin: bảng và câu truy vấn / Portal archive: tables and queries" in database
    assert '<span lang="vi">Các cổng trong bảng portals' in database
    assert '<span lang="vi">Các truy vấn có sẵn</span> / Queries' in database
    assert '<span lang="vi">dòng</span> / row' in database


def test_an_answer_without_rows_says_so_in_both_languages_and_names_its_parameters(site: Site) -> None:
    bare = site.get("/archive?sql=select+1+where+0").text
    assert '<span lang="vi">Không có dòng nào</span> / No rows' in bare
    assert "An empty parameter may find nothing" not in bare
    assert "An empty parameter may find nothing" in site.get("/archive/articles_citing_a_document").text


def test_operators_own_template_comes_first(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    archive.symlink_to(build_archive(tmp_path))
    (tmp_path / "own").mkdir()
    own = '{% extends "default:table.html" %}{% block title %}của tôi{% endblock %}'
    (tmp_path / "own" / "table.html").write_text(own, encoding="utf-8")
    (tmp_path / "own" / "site").mkdir()
    (tmp_path / "own" / "site" / "search.html").write_text("Trang của tôi", encoding="utf-8")
    opened = Site(archive)
    plain = Datasette([str(archive)], template_dir=str(tmp_path / "own"))
    try:
        answer = opened.loop.run_until_complete(plain.client.get("/archive/articles"))
        assert "<title>của tôi</title>" in answer.text
        assert opened.loop.run_until_complete(plain.client.get("/search")).text == "Trang của tôi"
    finally:
        plain.executor.shutdown()
        for database in plain.databases.values():
            database.close()
        opened.close()
