"""The words that one came for are marked in an article, in its title, summary, body and byline."""

import re
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from markupsafe import Markup

from crawler.web.formatting import mark_html, read_visible, show_html
from tests.support.web_archive import Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("marks")) as opened:
        yield opened


def marks(page: str) -> list[str]:
    return re.findall("<mark>([^<]*)</mark>", page.partition("<article")[2].partition("</article>")[0])


def test_the_words_of_a_search_are_marked_as_typed_without_marks(site: Site) -> None:
    assert marks(site.get("/article/1?q=hoa+giai").text) == ["hòa giải"]
    page = site.get("/article/1?q=dat+dai").text
    assert marks(page) == ["đất đai"]
    assert "Đang đánh dấu “dat dai”" in page
    assert marks(site.get("/article/1/revision/1?q=25-NQ/TW").text) == ["25-NQ/TW"]
    assert marks(site.get("/article/1").text) == []


def test_words_apart_or_nowhere_are_told(site: Site) -> None:
    page = site.get("/article/1?q=dat+khong-he-co").text
    assert "từng từ được đánh dấu riêng" in page
    assert marks(page) == ["đất"]
    assert "những từ này có thể nằm trong tệp đính kèm" in site.get("/article/1?q=khong-he-co").text


def test_search_results_carry_the_words_and_the_article_names_its_own_address(site: Site) -> None:
    assert 'href="/article/1?q=dat+dai"' in site.get("/search?q=dat+dai").text
    page = site.get("/article/1?q=dat+dai").text
    assert re.findall(r'<link rel="canonical" href="http://[^/"]+([^"]*)"', page) == ["/article/1"]
    assert '<meta name="robots" content="noindex, follow">' in page
    assert "robots" not in site.get("/article/1").text
    assert "/article/1?q=dat+dai&amp;lang=en" in page


def test_each_search_is_cached_by_itself(site: Site) -> None:
    plain, marked = site.get("/article/1"), site.get("/article/1?q=dat+dai")
    assert plain.headers["etag"] != marked.headers["etag"]
    assert site.get("/article/1?q=dat+dai", if_none_match=plain.headers["etag"]).status_code == 200
    assert site.get("/article/1?q=dat+dai", if_none_match=marked.headers["etag"]).status_code == 304


@pytest.mark.parametrize("typed", ["\x00", '"', "*", "<script>alert(1)</script>", "a" * 5000, "\x01a\x02", "OR", "x=3"])
def test_no_search_breaks_an_article(site: Site, typed: str) -> None:
    for number in (1, 2, 3, 4):
        page = site.get(f"/article/{number}?q={quote(typed)}")
        assert page.status_code == 200
        assert "<script>alert(1)" not in page.text


def test_words_are_marked_through_tags_and_never_in_them() -> None:
    html = "<p>M<b>á <i>Tra</i></b> &amp; <a href='https://x.vn/?a=1&amp;q=tra'>Má&nbsp;Tra</a><br>tra</p>"
    shown = show_html(html, picture=lambda _: None, link=lambda url: url)
    text = read_visible(shown)
    spans = [found.span() for found in re.finditer("(?i)tra|&", text)]
    marked = mark_html(shown, spans)
    assert re.sub("</?mark>", "", marked).replace("\u00a0", "&nbsp;") == shown.replace("\u00a0", "&nbsp;")
    assert re.findall("<mark>([^<]*)</mark>", marked) == ["Tra", "&amp;", "Tra", "tra"]


def test_marking_nothing_changes_nothing() -> None:
    html = Markup("<p>a &lt;b&gt;</p> c")
    assert mark_html(html, []) == html
    assert mark_html(Markup(""), [(0, 3)]) == ""
