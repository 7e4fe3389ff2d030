"""A page is only a way if a meta refresh leads on within five seconds, and it shows nothing of its own."""

import gzip

import pytest

from crawler.crawl.middlewares.refresh import read_refresh
from crawler.items import Answer

URL = "https://a.gov.vn/tin/bai-1"


def refresh(html: str, header: str | None = None, coding: str | None = None) -> str | None:
    body = html.encode()
    return read_refresh(Answer(URL, gzip.compress(body, mtime=0) if coding else body, "text/html", coding), header)


@pytest.mark.parametrize(
    ("tag", "target"),
    [
        ('<meta http-equiv="refresh" content="0; url=/moi">', "/moi"),
        ("<META HTTP-EQUIV=REFRESH CONTENT=0;URL=/moi>", "/moi"),
        ('<meta http-equiv="refresh" content="0">', "/tin/bai-1"),
        ('<meta http-equiv="refresh" content=" 1.5 ">', "/tin/bai-1"),
        ("<meta http-equiv='Refresh' content='5;URL=\"/moi\"'>", "/moi"),
        ("<meta content=\"1, url = '/moi' thua\" http-equiv=refresh>", "/moi"),
        ('<meta http-equiv="refresh" content="  0.5 ; url=bai-2">', "/tin/bai-2"),
        ('<meta http-equiv="refresh" content="0 /moi">', "/moi"),
        ('<meta http-equiv="refresh" content="0;/moi">', "/moi"),
        ('<meta http-equiv="refresh" content=".0; url=/moi">', "/moi"),
        ('<meta http-equiv="&#114;efresh" content="0;&#x20;url=&quot;/moi?a=1&amp;b=2&quot;">', "/moi?a=1&b=2"),
        ('<meta http-equiv="refresh" content="0; url=/tin tức/bài">', "/tin%20t%E1%BB%A9c/b%C3%A0i"),
        ('<meta http-equiv="refresh" content="0; url=\\moi\\x">', "/moi/x"),
        ('<base href="/goc/"><meta http-equiv="refresh" content="0; url=moi">', "/goc/moi"),
        ('<meta http-equiv="refresh" content="0;&#10;url=/mo&#10;i">', "/moi"),
        ('<meta http-equiv="refresh" content="abc"><meta http-equiv="refresh" content="0; url=/moi">', "/moi"),
        ('</head><body><meta http-equiv="refresh" content="0; url=/moi">', "/moi"),
    ],
)
def test_a_meta_refresh_is_read_as_browsers_do(tag: str, target: str) -> None:
    assert refresh(f"<html><head><title>Chuyển</title>{tag}") == f"https://a.gov.vn{target}"
    assert (
        refresh(f"{tag}<body>Đang chuyển trang, <a href=/moi>bấm vào đây</a> nếu chờ lâu.", coding="gzip") is not None
    )


def test_a_page_too_dear_to_parse_is_left_to_its_reader() -> None:
    tag = '<meta http-equiv="refresh" content="0; url=/moi">'
    assert refresh(tag) is not None
    assert refresh(f"{tag}<p {' '.join(f'a{number}' for number in range(5_000))}>") is None
    assert refresh(f"<noscript>x{tag}") is None


@pytest.mark.parametrize(
    "html",
    [
        '<meta http-equiv="refresh" content="6; url=/moi">',
        f'<meta http-equiv="refresh" content="{"9" * 4301}; url=/moi">',
        '<meta http-equiv="refresh" content="٣; url=/moi">',
        '<meta http-equiv="refresh" content="600">',
        '<meta http-equiv="refresh" content="0; url=">',
        '<meta http-equiv="refresh" content="url=/moi">',
        '<meta http-equiv="refresh" content="-1; url=/moi">',
        '<meta http-equiv="refresh" content="0; url=javascript:x()">',
        '<meta http-equiv="refresh" content="0; url=mailto:a@b.vn">',
        '<meta name="refresh" content="0; url=/moi">',
        '<!-- <meta http-equiv="refresh" content="0; url=/moi"> -->',
        '<noscript><meta http-equiv="refresh" content="0; url=/moi"></noscript>',
        '<head><noscript><p>Bật JavaScript</p><meta http-equiv="refresh" content="0; url=/moi"></noscript></head>',
        """<script>document.write('<meta http-equiv="refresh" content="0; url=/moi">')</script>""",
        '<textarea><meta http-equiv="refresh" content="0; url=/moi"></textarea>',
        '<template><meta http-equiv="refresh" content="0; url=/moi"></template>',
        "<script>location.href='/moi' // refresh</script>",
    ],
)
def test_what_leads_nowhere_at_once_is_no_way(html: str) -> None:
    assert refresh(f"<html><head>{html}</head><body></body></html>") is None


@pytest.mark.parametrize(
    "body",
    [
        "<p>" + "Nội dung của bài viết này dài hơn một lời nhắn về đường đi. " * 4 + "</p>",
        "<form action=/dang-nhap><input name=a></form>",
        "<iframe src=/trang></iframe>",
        "<img src=1><img src=2><img src=3>",
    ],
)
def test_a_page_with_content_of_its_own_is_a_page(body: str) -> None:
    assert refresh(f'<meta http-equiv="refresh" content="0; url=/moi"><body>{body}') is None
    assert refresh(f"<body>{body}", "0; url=/moi") is None


def test_the_header_leads_as_the_element_does() -> None:
    assert refresh("<html></html>", "0; url=/moi") == "https://a.gov.vn/moi"
    assert refresh("<html></html>", "30; url=/moi") is None
    assert refresh("x" * 40_000, "0; url=/moi") is None
