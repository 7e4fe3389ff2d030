"""The text of an entry of the menu is found in skins that mark it by no known name; other pages give none."""

import pytest

from crawler.extract.answer import read_page
from crawler.items import Answer, PageReading, Purpose
from tests.support.build import BASE, STORE, make_profile

AT = f"{BASE}/gioi-thieu"
LONG = (
    "Xã nằm ở phía đông bắc của thị xã, có diện tích tự nhiên 68,4 km2, dân số hơn năm nghìn người, chủ yếu là đồng "
    "bào các dân tộc Mông, Dao và Giáy, sinh sống ở mười bốn thôn bản."
)
PICTURE = f'<p><img src="{STORE}/lci/tru-so.jpg"></p><p style="text-align:center"><em>Trụ sở xã</em></p>'
TEXT = f"<p>{LONG}</p>{PICTURE}<p>Hết.</p>"
MENU = "".join(f'<li><a href="/{slug}">{slug}</a></li>' for slug in ("tin-tuc", "van-hoa", "du-lich", "gioi-thieu"))


def read(main: str) -> PageReading:
    page = (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><title>Trang</title></head><body>'
        f'<div class="top"><img src="/logo.png" width="300" height="90"><ul>{MENU}</ul></div>{main}'
        '<div class="bottom"><p>Bản quyền thuộc về xã. Điện thoại: 0214 123 456</p></div></body></html>'
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    return read_page(answer, Purpose.MENU, asked=AT, listing=AT, page=1, profile=make_profile())[0]


@pytest.mark.parametrize(
    "main",
    [
        f'<main><section class="intro"><h1>Giới thiệu chung</h1><div class="rte">{TEXT}</div></section></main>',
        f'<div class="row"><div class="col-3"><ul>{MENU}</ul></div><div class="col-9"><h3>Giới thiệu chung</h3>{TEXT}'
        "</div></div>",
        f'<article><header><h2>Giới thiệu chung</h2></header><div class="x-body">{TEXT}</div></article>',
        f'<div id="w1"><div><div><h4 class="cap">Giới thiệu chung</h4></div><div><div>{TEXT}</div></div></div></div>',
    ],
)
def test_a_text_in_an_unknown_skin_is_read_with_its_heading_and_pictures(main: str) -> None:
    article = read(main).article
    assert article is not None
    assert (article.title, article.body) == ("Giới thiệu chung", f"{LONG}\n\nHết.")
    assert [(one.url, one.caption) for one in article.images] == [(f"{STORE}/lci/tru-so.jpg", "Trụ sở xã")]


def test_a_text_without_a_heading_has_the_title_of_the_menu() -> None:
    article = read(f'<div class="a"><div class="b">{TEXT}</div></div>').article
    assert article is not None
    assert (article.title, article.body) == ("gioi-thieu", f"{LONG}\n\nHết.")


@pytest.mark.parametrize(
    "main",
    [
        "<div><p>Nội dung đang được cập nhật.</p></div>",
        f'<div><h1>Góp ý</h1><p>{LONG}</p><form><input type="text" name="q"><textarea></textarea></form></div>',
        f'<div class="DocumentList"><table><tr><td>{LONG}</td></tr></table></div>',
        "<div>" + "".join(f'<p>Trang <a href="/x-{n}.aspx">{LONG}</a></p>' for n in range(9)) + "</div>",
        f"<div><p>Không tìm thấy trang yêu cầu. {LONG[:40]}</p></div>",
    ],
)
def test_a_short_message_a_form_and_lists_of_links_are_none(main: str) -> None:
    reading = read(main)
    assert reading.article is None
    assert reading.refusal is not None


def test_the_article_without_a_header_in_a_module_of_lists_has_the_title_of_the_menu() -> None:
    frame = f'<div class="ArticleDetailControl"><div class="ArticleContent">{TEXT}</div></div>'
    article = read(f'<div class="ArticleInMenu">{frame}</div>').article
    assert article is not None
    assert article.title == "gioi-thieu"
