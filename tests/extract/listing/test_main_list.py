"""The main list of a page is found even under a bad name, and a side box never takes its place."""

import pytest

from crawler.errors import NotAListingError
from crawler.extract import parse_page, read_listing
from crawler.profile import parse_profile

PROFILE = parse_profile('name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')
URL = "https://sapa.laocai.gov.vn/tin-tuc"
MENU = '<nav id="mainmenu"><a href="/tin-tuc">Tin tức</a><a href="/thong-bao">Thông báo</a></nav>'
FOOTER = '<div class="footer"><p>Chịu trách nhiệm: ban biên tập</p></div>'
WORDS = "Thị xã nằm ở phía tây của tỉnh, có mười sáu đơn vị hành chính, "
TEXT = f'<div class="StaticHtml"><h2>Giới thiệu chung</h2><p>{WORDS * 4}</p></div>'
SHORT = '<div class="StaticHtml"><h2>Liên hệ</h2><p>Số 12 đường Trần Phú.</p></div>'
POSTBACK = "<div class=\"pager\"><a href=\"javascript:__doPostBack('ctrl_1$pager$ctl02','')\">2</a></div>"
PAGER = '<ul class="pagination"><li class="page-item page-number" data-page="2"><a>2</a></li></ul>'


def rows(count: int, category: str, start: int = 0) -> str:
    return "".join(
        f'<li><a href="/{category}/bai-so-{n}-{400000 + n}">Bài số {n}</a> <span class="date">(03/04/2021)</span></li>'
        for n in range(start, start + count)
    )


def read(body: str, url: str = URL) -> tuple[int, set[str | None]]:
    listing = read_listing(parse_page(f"<html><body>{MENU}{body}{FOOTER}</body></html>", url), PROFILE)
    return len(listing.rows), {row.address.category_slug for row in listing.rows}


@pytest.mark.parametrize(
    "side",
    [
        # The side column of the replica and of the portals.
        f'<div class="col-md-3 side-col"><div class="side-box"><ul class="news-list">{rows(5, "a")}</ul>{POSTBACK}'
        "</div></div>",
        f'<div class="right-col"><div class="UIListNews_Default">{rows(5, "a")}</div></div>',
        f'<div class="left-sidebar"><div class="UIArticleInMenu_Hot"><ul class="ArticleList">{rows(3, "a")}</ul></div>'
        "</div>",
        f'<aside><ul class="list-news">{rows(5, "a")}</ul></aside>',
        f'<div class="side"><ul>{rows(5, "a")}</ul></div>',
        f'<div class="widget-right-side"><ul>{rows(5, "a")}</ul></div>',
        # Only the words above the list show that it is a side list.
        f'<div class="x"><h3>Tin khác</h3><ul class="news-list">{rows(5, "a")}</ul></div>',
        f'<div class="UIListNews_Default"><div class="title">TIN MỚI NHẤT</div><ul>{rows(9, "a")}</ul></div>',
        f'<div class="x"><div class="t"><h3>Xem nhiều</h3></div><div class="y"><ul class="list-news">{rows(5, "a")}'
        "</ul></div></div>",
        f'<div class="x"><h3>Tin đọc nhiều nhất:</h3><ul class="list-news">{rows(5, "a")}</ul></div>',
    ],
)
@pytest.mark.parametrize("text", [TEXT, SHORT])
def test_page_with_a_side_list_only_is_no_listing(side: str, text: str) -> None:
    with pytest.raises(NotAListingError):
        read(f'<div class="col-md-9">{text}</div>{side}', "https://sapa.laocai.gov.vn/gioi-thieu")


@pytest.mark.parametrize(
    "side",
    [
        f'<div class="box"><ul class="news-list">{rows(5, "a")}</ul></div>',
        f'<div class="col-md-3"><ul class="news-list">{rows(5, "a")}</ul></div>',
        f'<div class="col-4"><ul>{rows(5, "a")}</ul></div>',
        f'<div class="right-content"><ul class="news-list">{rows(12, "a")}</ul></div>',
    ],
)
def test_list_in_a_box_beside_a_long_text_is_no_listing(side: str) -> None:
    with pytest.raises(NotAListingError, match=r"a text with lists beside it|neither rows nor a pager"):
        read(f'<div class="col-md-9">{TEXT}</div>{side}', "https://sapa.laocai.gov.vn/gioi-thieu")
    assert read(side)[0] in (5, 12)


def test_links_within_sentences_are_no_list() -> None:
    text = "".join(f'<p>{WORDS}xem <a href="/a/bai-{n}-40000{n}">bài này</a> để biết.</p>' for n in range(5))
    with pytest.raises(NotAListingError):
        read(f"<div>{text}</div>")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        # A list with the CMS's own pager is the main list in any place.
        (f'<div class="right-col"><div class="UIListNews_X"><ul>{rows(3, "a")}</ul>{PAGER}</div></div>', (3, {"a"})),
        # So is a list of the page's own category, beside a text of any length or under any words.
        (f'{TEXT}<div class="col-right"><ul class="news-list">{rows(4, "tin-tuc")}</ul></div>', (4, {"tin-tuc"})),
        (f'<div><h3>Các tin khác</h3><ul class="list-news">{rows(4, "tin-tuc")}</ul></div>', (4, {"tin-tuc"})),
        # Without a better list, a long list in a side column or a short one in a box is the main list.
        (f'<div class="right-content"><ul class="news-list">{rows(10, "a")}</ul></div>', (10, {"a"})),
        (f'<div class="col-md-4"><div class="box"><ul class="news-list">{rows(3, "a")}</ul></div></div>', (3, {"a"})),
        (f'<div class="zz"><div class="yy">{rows(3, "a")}</div></div>', (3, {"a"})),
        # With a better list it is not: an unknown skin beside a known side list.
        (
            f'<div class="side-col"><ul class="news-list">{rows(9, "a")}</ul></div><div class="zz"><ul>'
            f"{rows(4, 'b', 50)}</ul></div>",
            (4, {"b"}),
        ),
        (
            f'<div class="side-col"><ul class="news-list">{rows(3, "tin-tuc")}</ul></div><div class="zz"><ul>'
            f"{rows(6, 'tin-tuc', 50)}</ul></div>",
            (6, {"tin-tuc"}),
        ),
        (
            f'<div class="UIArticleInMenu_Hot side-box">{rows(3, "a")}</div><div class="zz"><div '
            f'class="UIListNews_Default">{rows(5, "b", 50)}</div></div>',
            (5, {"b"}),
        ),
        # A wrapper of the whole page is not a side column, even with such a name.
        (
            f'<div class="header-fixed left-col"><div class="UIListNews_Default">{rows(3, "a")}</div>{FOOTER}</div>',
            (3, {"a"}),
        ),
        # An intro above the list does not make the page a text.
        (f'{TEXT}<div class="UIArticleInMenu_Default"><ul>{rows(3, "a")}</ul></div>', (3, {"a"})),
    ],
)
def test_main_list_is_found(body: str, found: tuple[int, set[str]]) -> None:
    assert read(body) == found


def test_category_named_as_a_side_box_is_a_listing() -> None:
    body = f'<div class="zz"><h1>Tin nổi bật</h1><ul class="list-news">{rows(3, "a")}</ul></div>'
    assert read(body, "https://sapa.laocai.gov.vn/tin-noi-bat") == (3, {"a"})
    with pytest.raises(NotAListingError):
        read(body)
