"""What stands in an article and is not kept is listed by kind and address; what is kept is not."""

import pytest

from crawler.extract.answer import read_page
from crawler.extract.marks.unkept import UNKEPT_KINDS
from crawler.items import Answer, Purpose
from tests.support.build import BASE, make_profile, new_address

AT = new_address(1).url


def unkept(content: str, *, after: str = "", frame: str = "ArticleDetailControl") -> tuple[tuple[str, str], ...]:
    page = (
        f'<html><head><meta charset="utf-8"></head><body><div class="{frame}"><div class="ArticleHeader">Tin</div>'
        f'<div class="ArticleContent"><p>Thân bài.</p>{content}</div>{after}</div></body></html>'
    )
    answer = Answer(AT, page.encode(), "text/html; charset=utf-8", None)
    return read_page(answer, Purpose.ARTICLE, asked=AT, listing=None, page=None, profile=make_profile())[0].unkept


CASES = [
    ('<a href="/ban-do.dgn">x</a>', "file-unknown", f"{BASE}/ban-do.dgn"),
    ('<a href="/kho/du-lieu.bin?v=2">x</a>', "file-unknown", f"{BASE}/kho/du-lieu.bin?v=2"),
    ('<a href="https://drive.google.com/file/d/1">x</a>', "file-foreign", "https://drive.google.com/file/d/1"),
    ('<a href="https://kho.vn/download.ashx?id=2">x</a>', "file-foreign", "https://kho.vn/download.ashx?id=2"),
    ('<a href="data:application/pdf;base64,AAAA">x</a>', "file-pasted", "data:application/pdf;base64"),
    ('<a href="/lon.jpg"><img src="/nho.jpg"></a>', "picture-linked", f"{BASE}/lon.jpg"),
    ('<img src="file:///C:/x.png">', "picture-local", "file:///C:/x.png"),
    ("<div style=\"background:url('/nen.jpg')\">x</div>", "picture-background", f"{BASE}/nen.jpg"),
    ('<iframe src="/khao-sat?id=1"></iframe>', "frame", f"{BASE}/khao-sat?id=1"),
    ('<iframe srcdoc="<p>x</p>"></iframe>', "frame", "about:srcdoc"),
    ('<iframe src="https://maps.google.com/x"></iframe>', "embed", "https://maps.google.com/x"),
    ('<iframe data-src="https://www.youtube.com/embed/1"></iframe>', "video", "https://www.youtube.com/embed/1"),
    ('<video><source src="/v.mp4"></video>', "video", f"{BASE}/v.mp4"),
    ('<a href="/v.mp4">xem</a>', "video", f"{BASE}/v.mp4"),
    ('<audio src="/a.mp3"></audio>', "audio", f"{BASE}/a.mp3"),
    ('<video poster="/p.jpg"></video>', "picture-poster", f"{BASE}/p.jpg"),
    ("<script>fetch('/api/x').then(show)</script>", "script", f"{BASE}/api/x"),
    ('<script>$.ajax({type: "GET", url: "/h.ashx?a=1"})</script>', "script", f"{BASE}/h.ashx?a=1"),
    ('<script>$.getJSON("/y.json", show)</script>', "script", f"{BASE}/y.json"),
    ('<script>var r = new XMLHttpRequest(); r.open("GET", "/z")</script>', "script", f"{BASE}/z"),
    ("<script>fetch(base + id)</script>", "script", ""),
]


@pytest.mark.parametrize(("html", "kind", "url"), CASES)
def test_what_is_not_kept_is_listed(html: str, kind: str, url: str) -> None:
    assert (kind, url) in unkept(html)
    assert (kind, url) in unkept(html, frame="x"), "without the frame of the CMS"


def test_every_kind_is_listed_by_some_case_and_files_beyond_the_most_asked_for() -> None:
    assert {kind for _, kind, _ in CASES} == set(UNKEPT_KINDS) - {"file"}
    links = "".join(f'<p><a href="/vbdownload/{number}">Số {number}</a></p>' for number in range(25))
    assert unkept(links) == tuple(("file", f"{BASE}/vbdownload/{number}") for number in range(20, 25))


@pytest.mark.parametrize(
    "html",
    [
        '<a href="/a.pdf">x</a><iframe src="/pdfjs/web/viewer.html?file=/a.pdf"></iframe>',
        '<a href="/lon.jpg"><img src="/lon.jpg"></a>',
        '<a href="/tin-tuc/bai-khac-12345">x</a><a href="https://bo.vn/">x</a><a href="/index.aspx?id=2">x</a>',
        "<script>var dem = 1;</script>",
        '<div style="display:none"><iframe src="https://theo-doi.vn/x"></iframe></div>',
        '<div class="fb-like"><iframe src="https://www.facebook.com/plugins/like.php"></iframe></div>',
    ],
)
def test_what_is_kept_or_no_part_of_the_article_is_not_listed(html: str) -> None:
    assert unkept(html) == ()


def test_what_stands_beside_the_article_is_not_listed() -> None:
    assert unkept("", after='<div class="UIMap_Default"><iframe src="https://maps.google.com/x"></iframe></div>') == ()


def test_a_page_of_many_is_bounded_and_lists_each_once() -> None:
    found = unkept("".join(f'<a href="/x{number // 2}.dgn">x</a>' for number in range(300)))
    assert len(found) == 60 == len(set(found))
