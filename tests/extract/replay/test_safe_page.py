"""A captured page is made safe to show: its text and look stay, scripts and foreign addresses are removed."""

import pytest

from crawler.errors import BadFileError
from crawler.extract.page import parse_page
from crawler.extract.replay.safe_css import MAX_SHEET_CHARACTERS, show_declarations, show_sheet
from crawler.extract.replay.safe_page import LinkTarget, Targets, find_targets, show_page
from tests.support.web_archive import HOSTILE_TAGS

BASE = "https://x.vn/tin/bai-1"
TARGETS = Targets(
    sheet=lambda url: f"/style?{url}", file=lambda url: f"/file?{url}", link=lambda url: LinkTarget(f"/to?{url}", None)
)
NOTHING = Targets(sheet=lambda _: None, file=lambda _: None, link=lambda url: LinkTarget(None, f"dead: {url}"))


def show(html: str, targets: Targets = TARGETS) -> str:
    return show_page(parse_page(html, BASE), targets)


def sheet(css: str) -> str:
    return show_sheet(css, BASE, sheet=TARGETS.sheet, file=TARGETS.file)


def test_text_and_look_stay() -> None:
    page = show(
        '<!doctype html><html lang="vi"><head><title>Tin &amp; ảnh</title></head>'
        '<body class="trang" bgcolor="#eee"><h1 id="a" style="color: red">Đ &lt;1&gt;</h1>'
        '<table border="1"><tr><td colspan="2" nowrap>ô</td></tr></table></body></html>'
    )
    assert page == (
        '<!doctype html><html lang="vi"><head><title>Tin &amp; ảnh</title></head>'
        '<body class="trang" bgcolor="#eee"><h1 id="a" style="color: red">Đ &lt;1&gt;</h1>'
        '<table border="1"><tbody><tr><td colspan="2" nowrap="">ô</td></tr></tbody></table></body></html>'
    )


@pytest.mark.parametrize("hostile", HOSTILE_TAGS)
def test_nothing_runs_or_loads_or_links_elsewhere(hostile: str) -> None:
    page = show(f"<!doctype html><html><body>trước{hostile}", NOTHING)
    assert "trước" in page
    lowered = page.lower()
    for word in ("<script", "onerror=", "onload=", "javascript:", "<svg", "<iframe", "<meta", "<base", "<object"):
        assert word not in lowered.replace("&lt;", "").split("title=")[0], word
    # An address is only in a title or in text, never where a browser would follow it.
    for name in ("href", "src", "background", "action", "srcset", "poster", "ping", "formaction"):
        assert f' {name}="' not in lowered, name
    assert "expression" not in lowered
    assert "url(//" not in lowered.replace('"', "").replace("'", "")


def test_pictures_sheets_and_links_are_the_archives() -> None:
    page = show(
        "<head><base href='https://x.vn/goc/'><link rel=stylesheet href='kieu.css' media='screen'></head>"
        "<body background='nen.png'><img src='data:image/gif;base64,R0lGOD' data-src='anh 1.jpg' srcset='to.jpg 2x'>"
        "<a href='../bai-2?a=1&amp;b=2#c'>bài</a><a href='#muc'>mục</a>"
        "<p style='background:url(p.png)'>đoạn</p><iframe src='/xem.pdf'></iframe>"
    )
    assert '<link rel="stylesheet" href="/style?https://x.vn/goc/kieu.css" media="screen">' in page
    assert 'background="/file?https://x.vn/goc/nen.png"' in page
    assert 'src="/file?https://x.vn/goc/anh%201.jpg"' in page
    assert 'href="/to?https://x.vn/bai-2?a=1&amp;b=2" target="_top" rel="noreferrer"' in page
    assert '<a href="#muc">mục</a>' in page
    assert "url(&quot;/file?https://x.vn/goc/p.png&quot;)" in page
    assert '<a href="/to?https://x.vn/xem.pdf"' in page
    assert "srcset" not in page


def test_addresses_that_a_page_needs_are_found() -> None:
    page = parse_page("<style>@import 'a.css'; b{background:url(b.png)}</style><img src=c.png><a href=/d>d</a>", BASE)
    files, links = find_targets(page)
    assert files == ["https://x.vn/tin/a.css", "https://x.vn/tin/b.png", "https://x.vn/tin/c.png"]
    assert links == ["https://x.vn/d"]


def test_deep_page_is_shown_up_to_its_bound() -> None:
    assert "đáy" in show("<div>" * 400 + "đáy")
    with pytest.raises(BadFileError):
        show("<div>" * 90_000)


def test_sheet_keeps_its_rules_and_loads_from_the_archive_only() -> None:
    css = sheet(
        '@charset "utf-8"; @import "a.css" screen; @import url(//y.vn/b.css);'
        "@font-face{font-family:F;src:url(f.woff2) format('woff2')}"
        "@media (max-width: 9px) { .a > b:hover::after { content: '\"x'; background: u\\72l( 'p q.png' ) } }"
        ".c{background:image-set('d.png' 1x, url(e.png) 2x)} .d{background:url(data:image/gif;base64,R0lGOD)}"
    )
    assert '@import url("/style?https://x.vn/tin/a.css") screen;' in css
    assert '@import url("/style?https://y.vn/b.css");' in css
    assert 'src:url("/file?https://x.vn/tin/f.woff2") format("woff2")' in css
    assert 'background: url("/file?https://x.vn/tin/p%20q.png")' in css
    assert 'image-set(url("/file?https://x.vn/tin/d.png") 1x, url("/file?https://x.vn/tin/e.png") 2x)' in css
    assert 'url("data:image/gif;base64,R0lGOD")' in css
    assert ".a > b:hover::after" in css


def test_sheet_cannot_end_its_element_or_run() -> None:
    css = sheet(
        'a::after{content:"</style><script>alert(1)</script>"} b{width:expression(alert(1));-moz-binding:url(x)}'
    )
    assert "<" not in css
    assert "expression" not in css
    assert "-moz-binding" not in css
    # Quotes and brackets in an address do not end it.
    assert sheet("a{b:url('\\22)}c{d:url(//e)')}") == 'a{b:url("/file?https://x.vn/tin/%22)%7Dc%7Bd:url(/e)")}'


def test_too_large_sheet_is_empty_and_a_deep_one_is_kept() -> None:
    assert sheet("a{b:c}" * (MAX_SHEET_CHARACTERS // 6 + 1)) == ""
    assert sheet("(" * 20_000).count("(") == 20_000


def test_page_with_too_much_style_is_shown_without() -> None:
    rules = "a{b:c}" * 30_000
    within = show(f"<style>{rules}</style><p style='color:(red)'>chữ")
    assert within.count("a{b:c}") == 30_000
    assert "(red)" in within
    for style in (f"<style>{rules}</style>" * 3, f"<p style='b:({'x' * 1_000})'>" * 600):
        above = show(f"<style>q{{}}</style><p style='color:(red)'>chữ{style}")
        assert "chữ" in above
        assert "q{}" not in above
        assert "(red)" not in above


def test_declarations_without_an_address_stay_as_they_are() -> None:
    assert show_declarations("color:red", BASE, file=lambda _: None) == "color:red"
    assert show_declarations("background:url(x)", BASE, file=lambda _: None) == 'background:url("data:,")'
