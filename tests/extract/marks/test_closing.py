"""The closing parts of a page: there on whole pages, missing wherever a page is cut."""

from pathlib import Path

import pytest

from crawler.extract.marks.closing import has_closing_furniture, is_whole_fragment, is_whole_page
from crawler.replica import Replica
from tests.support.replica import ask

PAGES = Path(__file__).parents[3] / "tests" / "pages"

TEXT = "<p>Ủy ban nhân dân thị xã thông báo lịch tiếp công dân tháng 5.</p>\n"


@pytest.mark.parametrize(
    "page",
    [
        f"<html><body>{TEXT}</body></html>",
        f"<HTML><BODY>{TEXT}</BODY></HTML>\n\n",
        f"<html><body>{TEXT}</body >",
        f"{TEXT}</html>",
        f"<html><body>{TEXT}</body></html><!-- page generated in 0.2 s -->",
        f"<html><body>{TEXT}</body></html><script>var a = '{'x' * 9000}';</script>",
        f"<html><body>{TEXT}</body></html><div>Hôm nay: 214</div><img src='/dem.gif'>",
        f"<html><body>{TEXT}<html><body>dán từ Word</body></html>{TEXT}</body></html>",
        f"<body><form id='Form'><input name='__VIEWSTATE' value='x'>{TEXT}</form>",
        f"<body>{TEXT}<footer><p>Bản quyền thuộc UBND thị x",
        f"<body>{TEXT}<div class='row' id='footer'>Bản quyền",
        f'<body>{TEXT}<div class="site-footer-wrapper clearfix">Bản quyền',
        f"<body>{TEXT}<div class=chantrang>Bản quyền",
        f"<body><article>{TEXT}<footer>Nguồn: Báo</footer></article><footer>Bản quyền",
    ],
)
def test_a_page_with_its_end_or_its_footer_is_whole(page: str) -> None:
    assert has_closing_furniture(page)


@pytest.mark.parametrize(
    "page",
    [
        "",
        TEXT,
        f"<html><body>{TEXT}",
        f"<html><body>{TEXT}</bod",
        f"<html><body>{TEXT}<!-- </body></html> -->",
        f"<html><body>{TEXT}<!-- </body></html>",
        f"<html><body>{TEXT}<script>document.write('</body></html>')</script>",
        f"<html><body>{TEXT}<script>document.write('</body></html>')",
        f"<html><body>{TEXT}<html><body>dán từ Word</body></html>{TEXT}",
        f"<html><body>{TEXT}</body></html>{TEXT * 9}",
        f"<body><form id='Form'><input name='__VIEWSTATE' value='x'><form></form>{TEXT}",
        f"<html><head><style>.footer {{ color: red }}</style></head><body>{TEXT}",
        f"<body><div class='card'><div class='card-footer'>1</div></div>{TEXT}",
        f"<body><div class='modal-footer'></div><a class='footer'>cuối trang</a>{TEXT}",
        f"<body><article>{TEXT}<footer>Nguồn: Báo</footer>{TEXT}",
    ],
)
def test_a_page_without_its_end_is_not(page: str) -> None:
    assert not has_closing_furniture(page)


def test_every_page_of_the_collection_is_whole_and_none_that_is_cut() -> None:
    pages = [path.read_text(encoding="utf-8") for path in PAGES.glob("*/page.html")]
    whole = [page for page in pages if "<body" in page.lower()]
    assert len(whole) > 20
    for page in whole:
        assert has_closing_furniture(page)
        assert is_whole_page(page)
        for share in range(5, 95, 5):
            assert not has_closing_furniture(page[: len(page) * share // 100])


def test_every_page_of_the_replica_is_whole_and_none_that_is_cut() -> None:
    with Replica(articles=12) as portal:
        pages = [ask(portal.base_url + path).body.decode() for path in ("", "thong-bao")]
    for page in pages:
        assert has_closing_furniture(page)
        assert not any(has_closing_furniture(page[: len(page) * share // 100]) for share in range(5, 95, 5))


ROWS = '<li class="row"><h2><a href="/a/b-1">Họp dân</a></h2><p>Ngày 8/5<br>tổ họp</p></li>'


WHOLE = ["", " \n", "không có dữ liệu", ROWS, f"<ul>{ROWS}{ROWS}</ul>", "<li>a<li>b", '{"d": ""}', "<p>a < b</p>"]
CUT = ["<", "<li", f"{ROWS}<li class=", f"<ul>{ROWS}", "<li><h2><a href='/a'>Họp", "<!-- x", "<script>a()", '{"d": "']


@pytest.mark.parametrize("fragment", [*WHOLE, "<!-- x -->", f"{ROWS}<script>a()</script>", "</div></div>"])
def test_a_fragment_that_closes_what_it_opens_is_whole(fragment: str) -> None:
    assert is_whole_fragment(fragment)


@pytest.mark.parametrize("fragment", [*CUT, f"{ROWS}</l", "<table><tr><td>"])
def test_a_fragment_that_is_cut_inside_an_element_is_not(fragment: str) -> None:
    assert not is_whole_fragment(fragment)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("User-agent: *\nDisallow: /x", True),
        ("", True),
        ('{"a": [1]}', True),
        ('{"a": [1', False),
        ('<?xml version="1.0"?>\n<rss version="2.0"><channel></channel></rss>\n', True),
        ('<?xml version="1.0"?>\n<rss version="2.0"><channel><item>', False),
        ("<rss><channel></channel>", False),
        ("<feed></feed>", True),
        ('<?xml version="1.0"?><!DOCTYPE html><html><body></body></html>', True),
        ('<?xml version="1.0"?><!DOCTYPE html><html><body>', False),
        ("<h1>Not Found</h1>", False),
    ],
)
def test_the_end_of_a_text_is_that_of_its_format(text: str, whole: bool) -> None:
    assert is_whole_page(text) is whole


WAY = "<meta http-equiv='refresh' content=\"0; url='/trang-chu'\">"


@pytest.mark.parametrize(
    ("page", "whole"),
    [
        (WAY, True),
        (f"<html><head>{WAY}", True),
        ("<meta http-equiv=refresh content=0;/vi>", True),
        ("<meta content=0 http-equiv=refresh>", True),
        ("<html><head><META CONTENT=1;URL=/vi HTTP-EQUIV=Refresh></head>Xin chờ <a href='/vi'>ở đây</a>", True),
        (f"<html><head>{WAY}</head><body><div>Xin ch", False),
        ("<meta http-equiv='refresh' content=\"0; url='/trang-c", False),
        (f"{WAY}<p>{'Ủy ban nhân dân thị xã thông báo. ' * 9}</p>", False),
        ("<html><head><meta http-equiv='refresh' content='300'><title>Tin</title>", False),
    ],
)
def test_a_page_that_is_only_a_way_to_another_one_needs_no_end(page: str, whole: bool) -> None:
    assert is_whole_page(page) is whole
