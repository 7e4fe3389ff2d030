"""The pages of authors: joined spellings are said, persons without evidence stay apart."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.web_archive import NEW, Maker, Site, article
from tests.support.withholding import act

BYLINES = (
    "Sùng Seo Quý", "Sùng Seo Quý.", "SÙNG SEO QUÝ", "Sung Seo Quy", "Bài, ảnh: S.S. Quý",
    "Sùng Seo Qúy (Trung tâm VH <b>)",
    "Lê Hương (Phòng Nội vụ)", "Lê Hương (Đài truyền thanh)", None,
)  # fmt: skip


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    archive = tmp_path / "archive.db"
    maker = Maker(archive)
    for number, byline in enumerate(BYLINES, 1):
        maker.article(article(f"Tin {number}", f"Nội dung {number}.", byline=byline), f"{NEW}{number}")
    maker.writer.finish("complete")
    maker.writer.close()
    site = Site(archive)
    yield site
    site.close()


def test_a_person_has_one_page_which_says_what_was_joined(site: Site) -> None:
    for name in ("Sùng Seo Quý", "sùng seo quí", "Sung Seo Quy", "S.S. Quý"):
        page = site.get("/author?lang=en&name=" + name).text
        assert '<h1 lang="vi"><bdi>Sùng Seo Quý</bdi></h1>' in page, name
        assert "6 articles" in page
        spellings = page.partition('id="spellings"')[2].partition("</section>")[0]
        for spelled in ("SÙNG SEO QUÝ", "Sung Seo Quy", "S.S. Quý", "Sùng Seo Qúy", "Trung tâm VH &lt;b&gt;"):
            assert f"<bdi>{spelled}</bdi>" in spellings or f'<bdi lang="vi">{spelled}</bdi>' in spellings, spelled
        assert "initials" in spellings
        assert "Tin 7" not in page


def test_one_name_of_two_units_is_two_persons(site: Site) -> None:
    page = site.get("/author?name=Lê+Hương").text
    assert "có thể là của 2 người" in page
    assert "Phòng Nội vụ" in page
    assert "Tin 8" not in page
    page = site.get("/author?name=Lê+Hương&unit=Đài+truyền+thanh").text
    assert "Tin 8" in page
    assert "Tin 7" not in page


def test_unknown_names_and_the_list(site: Site) -> None:
    assert site.get("/author?name=Nobody").status_code == 404
    assert site.get("/author").status_code == 404
    page = site.get("/authors").text
    assert "3 người." in page
    assert "6 bài" in page
    assert "4 cách viết" in page


def test_an_article_leads_to_its_author(site: Site) -> None:
    assert 'href="/author?name=S.S.+Qu%C3%BD"' in site.get("/article/5").text


def test_a_withheld_byline_is_gone_at_once(site: Site) -> None:
    archive = Path(str(site.datasette.get_database("archive").path))
    assert "Lê Hương" in site.get("/authors").text
    for article_id in ("7", "8"):
        act(archive, "withhold", article_id, at=datetime(2026, 9, 2, tzinfo=UTC))
    assert "Lê Hương" not in site.get("/authors").text
    assert site.get("/author?name=Lê+Hương&unit=Phòng+Nội+vụ").status_code == 404


def test_units_are_counted_by_sql_as_bylines_name_them(site: Site) -> None:
    rows = site.get("/archive/units_of_bylines.json?_shape=array").json()
    found = {row["unit"]: (row["names"], row["articles"]) for row in rows}
    assert found["Phòng Nội vụ"] == found["Đài truyền thanh"] == found["Trung tâm VH <b>"] == (1, 1)
    assert found[None][1] == 5
    assert rows[0]["unit"] is None


def test_sql_reads_the_persons_of_whatever_it_is_given(site: Site) -> None:
    asked = ", ".join(f"byline_persons({value})" for value in ("'Lê An (Đài truyền thanh)'", "null", "7", "x'c3'"))
    (row,) = site.get(f"/archive.json?sql=select+{quote(asked)}&_shape=arrays").json()["rows"]
    assert [json.loads(value) for value in row] == [[{"name": "Lê An", "unit": "Đài truyền thanh"}], [], [], []]
