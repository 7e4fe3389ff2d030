"""Pages nested thousands of elements deep: read quickly up to the limit, and refused beyond it."""

import pytest

from crawler.addresses import classify
from crawler.errors import NotAListingError, NotAnArticleError
from crawler.extract import (
    parse_page,
    read_article,
    read_feed_addresses,
    read_fragment,
    read_links,
    read_listing,
    read_menu,
    read_requisites,
    read_stylesheet,
)
from crawler.extract.page import MAX_DEPTH, find_too_deep
from crawler.profile import parse_profile

PROFILE = parse_profile('name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')
URL = "https://sapa.laocai.gov.vn/tin-tuc/bai-viet-123456"
HEAD = '<a href="/tin-tuc/b-100001">Trước</a><div class="ArticleDetailControl"><div class="ArticleHeader">Tên</div>'


@pytest.mark.parametrize(
    "opened",
    ["<div>", "<DIV class='x'>", "<font>", "<b><i>", "<table><tr><td>", "<ul><li>", "<div><img src=/a.jpg>", "<x-y>"],
)
@pytest.mark.parametrize("closed", ["", "</div>"])
def test_page_nested_too_deep_is_refused_and_its_beginning_read(opened: str, closed: str) -> None:
    html = f'{HEAD}<div class="ArticleContent">{opened * 60_000}chữ{closed * 60_000}</div></div>'
    page = parse_page(html, URL)
    address = classify(URL, PROFILE)
    assert page.is_cut
    assert address is not None
    with pytest.raises(NotAnArticleError) as caught:
        read_article(page, PROFILE, address=address)
    assert caught.value.kind == "another-layout"
    with pytest.raises(NotAListingError):
        read_listing(page, PROFILE)
    assert [link.address.source_id for link in read_links(page, PROFILE)] == ["100001"]
    read_menu(page, PROFILE)
    read_requisites(page, PROFILE)
    read_feed_addresses(page, PROFILE)
    assert [row.address.source_id for row in read_fragment(html, URL, profile=PROFILE).rows] == ["100001"]


@pytest.mark.parametrize("opened", ["<div>", "<font>", "<blockquote>", "<table><tr><td>"])
def test_article_nested_almost_too_deep_is_read(opened: str) -> None:
    html = f'{HEAD}<div class="ArticleContent">{opened * (MAX_DEPTH - 10)}chữ{"<br>" * 3000}</div></div>'
    page = parse_page(html, URL)
    address = classify(URL, PROFILE)
    assert not page.is_cut
    assert address is not None
    assert read_article(page, PROFILE, address=address).body == "chữ"


@pytest.mark.parametrize(
    "html",
    [
        "<div></div>" * 9_000,
        "<ul>" + "<li>x" * 9_000,
        "<p>x" * 9_000,
        "<table>" + "<tr><td>x" * 9_000,
        "<svg>" + "<path d='x'/>" * 9_000,
        "<a name=x>y" * 9_000,
        "<!-- " + "<div>" * 9_000 + "-->",
        "<script>document.write('" + "<div>" * 9_000 + "')</script>",
        "<div><br><img><input></div>" * 9_000,
    ],
)
def test_long_page_of_sound_nesting_is_not_cut(html: str) -> None:
    assert find_too_deep(html) is None


@pytest.mark.parametrize("text", ["<!--", "<script>", "<", "<a", "</", "<title>", "<div ", "<b x x"])
def test_any_text_is_measured(text: str) -> None:
    place = find_too_deep(text * 100_000)
    # The depth found is never less than the real one: an unclosed tag can be counted. The place is that of a tag.
    assert place is None or (place >= MAX_DEPTH and (text * 100_000)[place] == "<")


@pytest.mark.parametrize("opened", ["a{b:(", "{", "a{x:f(", "@media a{"])
def test_style_sheet_nested_too_deep_gives_nothing(opened: str) -> None:
    assert read_stylesheet(opened * 5_000, "https://sapa.laocai.gov.vn/a.css", profile=PROFILE) == ()
