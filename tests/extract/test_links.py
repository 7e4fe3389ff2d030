"""Discovery: article links anywhere, the menu's categories, feeds, requisites, and the CMS itself."""

import pytest

from crawler.addresses import classify
from crawler.errors import BadFileError
from crawler.extract import (
    decode_html,
    parse_page,
    read_article,
    read_feed,
    read_feed_addresses,
    read_identity,
    read_links,
    read_menu,
    read_requisites,
    read_stylesheet,
    recognise_cms,
)
from crawler.extract.page import decode_body
from crawler.profile import parse_profile

PROFILE = parse_profile('name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')
URL = "https://sapa.laocai.gov.vn/tin-tuc/bai-viet-123456"
HOST = "https://sapa.laocai.gov.vn"


def page(body: str, head: str = "") -> object:
    return parse_page(f"<html><head>{head}</head><body>{body}</body></html>", URL)


def test_links_give_each_article_once_with_the_date_after_it() -> None:
    parsed = parse_page(
        '<div class="ArticleDetailControl"><div class="ArticleHeader">B</div><div '
        'class="ArticleContent">Xem <a href="/a/b-100001">tại đây</a> (02/02/2002)</div></div>'
        '<ul><li><a href="/a/c-100002?fbclid=1" title="Tin số hai đầy đủ">Tin số hai...</a>\n (19/01/2022)</li>'
        '<li><a href="/a/c-100002"><img src=x></a><a href="/a/d-100003">Ba</a><span>(03/04/2021)</span></li>'
        '<li><a href="/a/e-100004">Bốn</a></li><li>(05/05/2005)</li></ul><a '
        'href="/1/2/3/4/a/cu">Cũ</a><a href="https://x.vn/a/b-1">X</a>',
        URL,
    )
    found = [
        (link.address.source_id, link.title, link.date and (link.date.on.isoformat(), link.date.source))
        for link in read_links(parsed, PROFILE)
    ]
    assert found == [
        ("100001", None, None),
        ("100002", "Tin số hai đầy đủ", ("2022-01-19", "box")),
        ("100003", "Ba", ("2021-04-03", "box")),
        ("100004", "Bốn", None),
        ("4", "Cũ", None),
    ]


@pytest.mark.parametrize(
    "frame",
    [
        "<nav>{}</nav>",
        '<div id="MainMenu">{}</div>',
        '<div class="UIMenu_Default">{}</div>',
        '<div class="header-top">{}</div>',
        "<p>{}</p>",
    ],
)
def test_menu_gives_categories_in_order(frame: str) -> None:
    links = (
        '<a href="/">Trang chủ</a><a href="/tin-tuc">Tin tức</a><a href="/tin-tuc"><i></i></a><a '
        'href="/van-ban-12">Văn bản</a>'
        '<a href="/dang-nhap">Đăng nhập</a><a href="/thanh-vien/dang-xuat">Thoát</a>'
        '<a href="/a/b-123456">Bài</a><a href="#">x</a>'
    )
    found = [(link.address.url, link.title) for link in read_menu(parse_page(frame.format(links), URL), PROFILE)]
    assert found == [(f"{HOST}/tin-tuc", "Tin tức"), (f"{HOST}/van-ban-12", "Văn bản")]


def test_listing_module_with_menu_in_its_name_is_no_menu() -> None:
    html = (
        '<div class="UIArticleInMenu_Default"><a href="/mot">1</a><a href="/hai">2</a></div><ul '
        'class="menu"><a href="/ba">3</a><a href="/bon">4</a></ul>'
    )
    assert [link.title for link in read_menu(parse_page(html, URL), PROFILE)] == ["3", "4"]


def test_requisites_are_layout_from_own_hosts_only() -> None:
    parsed = parse_page(
        '<head><link rel="stylesheet" href="/a.css?v=1"><link rel="shortcut icon" '
        'href="/f.ico"><link rel="preload" as="image" href="/p.png">'
        '<link rel="stylesheet" href="https://fonts.googleapis.com/x.css"><style>@import "b.css"; '
        '.x{background:url(/bg.jpg)}</style><script src="/s.js"></script></head>'
        '<body background="/body.gif"><img src="/logo.png"><div style="background-image:url(\'/top '
        'banner.png\')"></div><input type=image src="/go.gif">'
        '<a href="/a/b-100001"><img src="/thumb.jpg"></a><div class="ArticleDetailControl"><div '
        'class="ArticleHeader">x</div>'
        '<img class="ImgDetailImage" src="/lead.jpg"><div class="ArticleContent"><img '
        'src="/in.jpg"></div></div><img src="data:image/gif;base64,x"></body>',
        URL,
    )
    names = (
        "a.css?v=1",
        "f.ico",
        "p.png",
        "tin-tuc/b.css",
        "bg.jpg",
        "logo.png",
        "body.gif",
        "top%20banner.png",
        "go.gif",
    )
    assert read_requisites(parsed, PROFILE) == tuple(f"{HOST}/{name}" for name in names)


def test_stylesheet_names_what_it_needs() -> None:
    css = (
        '@charset "utf-8"; @import "a.css"; @import url("/b.css") print; @media screen { .x { '
        "background: #fff url( 'i/c.png' ) no-repeat } }"
        " @font-face { src: local('x'), url(f.woff2?#iefix) format('woff2') } .d { background: "
        "url(data:image/png;base64,AA) }"
        " .e { background: url(https://evil.example/e.png) } /* url(no.png) */ .f { background: "
        "image-set(url(g.png) 1x) } .broken { url("
    )
    found = read_stylesheet(css, f"{HOST}/css/main.css", profile=PROFILE)
    assert [url.removeprefix(HOST) for url in found] == [
        "/css/a.css",
        "/b.css",
        "/css/i/c.png",
        "/css/f.woff2",
        "/css/g.png",
    ]


FEED = """﻿<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>x</title><link>/</link>
<item><title>S&amp;#417; k&amp;#7871;t &amp;amp; t&amp;#7893;ng k&amp;#7871;t</title><link>
https://sapa.laocai.gov.vn/a/b-100001?utm_source=rss </link>
<description>&amp;lt;img src="x.jpg"/&amp;gt;T&amp;#7889;t &#273;&#7865;p.</description><pubDate>Fri, 28
Aug 2026 09:35:00 +0700</pubDate></item>
<item><title><![CDATA[Hai]]></title><link>/a/c-100002</link><description>C&#7855;t...</description></item>
<item><title>Trang</title><link>https://x.vn/</link></item></channel></rss>"""


def test_feed_with_doubled_entities_is_read() -> None:
    links = read_feed(FEED.encode(), f"{HOST}/rss.aspx", profile=PROFILE)
    assert [(link.address.source_id, link.title, link.summary) for link in links] == [
        ("100001", "Sơ kết & tổng kết", "Tốt đẹp."),
        ("100002", "Hai", None),
    ]
    date = links[0].date
    assert date is not None
    assert (date.source, date.on.isoformat()) == ("rss", "2026-08-28")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"\xff\xfe\x00",
        b"<rss><item></rss>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><rss>&a;</rss>',
        b"<rss><channel/></rss>",
    ],
)
def test_broken_feed_gives_nothing(body: bytes) -> None:
    assert read_feed(body, f"{HOST}/rss.aspx", profile=PROFILE) == ()


def test_feed_that_costs_too_much_is_refused_and_a_text_that_does_is_left_out() -> None:
    with pytest.raises(BadFileError) as refused:
        read_feed(b"<rss>" + b"<a/>" * 250_001 + b"</rss>", f"{HOST}/rss.aspx", profile=PROFILE)
    assert refused.value.kind == "page_too_costly"
    item = FEED.replace("S&amp;#417; k&amp;#7871;t", "&lt;li&gt;&lt;h1&gt;" * 30_000)
    links = read_feed(item.encode(), f"{HOST}/rss.aspx", profile=PROFILE)
    assert [(link.address.source_id, link.title) for link in links] == [("100001", None), ("100002", "Hai")]


def test_feed_addresses_are_on_own_hosts() -> None:
    parsed = parse_page(
        '<link rel="alternate" type="application/rss+xml" href="/rss.aspx"><a '
        'href="/rss.aspx?c=1">RSS</a><a href="https://x.vn/rss">x</a>',
        URL,
    )
    assert read_feed_addresses(parsed, PROFILE) == (f"{HOST}/rss.aspx", f"{HOST}/rss.aspx?c=1")


@pytest.mark.parametrize(
    ("html", "cms"),
    [
        ('<div class="ArticleDetailControl" id="ctrl_1_2">', "vnpt"),
        ('<div class="UIMenu_Default"><img src="https://storage-vnportal.vnpt.vn/a/1/x.png">', "vnpt"),
        ('<meta name="generator" content="NukeViet v4.5">', "nukeviet"),
        ('<a href="/web/guest/home"><a href="/-/asset_publisher/x/content/y">', "liferay"),
        ('<script>var _spPageContextInfo={}</script><a href="/Pages/2024-5-1/x.aspx">', "sharepoint"),
        ('<a href="/tabid/12/default.aspx"><script src="/DesktopModules/x.js">', "dotnetnuke"),
        ('<div class="ModuleWrapper" modulerootid="12">', "modulewrapper"),
        ('<a href="/a-123456789012345678.htm"><img src="https://x.mediacdn.vn/a.jpg">', "vccorp"),
        ('<a href="https://storage-vnportal.vnpt.vn/a.pdf">', None),
        ("<p>Xin chào</p>", None),
    ],
)
def test_cms_is_recognised_by_its_signature(html: str, cms: str | None) -> None:
    assert recognise_cms(parse_page(html, URL)) == cms


def test_identity_names_the_portal() -> None:
    html = (
        "<title>Thị xã Sa Pa</title><img "
        'src="https://storage-vnportal.vnpt.vn/lci-ubnd-responsive/1227/a/x.png"><script>var '
        "o={site_id: 1227}</script>"
    )
    identity = read_identity(parse_page(html, URL))
    assert (identity.title, identity.site_ids, identity.tenants) == (
        "Thị xã Sa Pa",
        ("1227",),
        ("lci-ubnd-responsive/1227",),
    )


@pytest.mark.parametrize(
    ("body", "header", "text"),
    [
        ("Hội nghị".encode(), "text/html; charset=iso-8859-1", "Hội nghị"),
        (b"\xef\xbb\xbf" + "Hội".encode(), None, "Hội"),
        ("Hội".encode("utf-16"), "text/html", "Hội"),
        (b'<meta charset="windows-1258">T\xf4i', None, '<meta charset="windows-1258">Tôi'),
        (
            "Hội nghị ở bản. ".encode() * 9 + b"\xff",
            "text/html; charset=windows-1252",
            "Hội nghị ở bản. " * 9 + "\ufffd",
        ),
        ("Xã góp ý, S&#7889;".encode("cp1252"), "text/html; charset=utf-8", "Xã góp ý, S&#7889;"),
        (b"", "nonsense; charset=???", ""),
    ],
)
def test_bytes_are_decoded_even_if_the_header_is_wrong(body: bytes, header: str | None, text: str) -> None:
    assert decode_html(body, header) == text
    assert decode_body(body, header) == (text, text.encode())


def test_base_element_moves_relative_addresses() -> None:
    html = (
        '<base href="/goc/"><div class="ArticleDetailControl"><div '
        'class="ArticleHeader">x</div><div class="ArticleContent"><img src="a.jpg"></div></div>'
    )
    address = classify(URL, PROFILE)
    assert address is not None
    assert read_article(parse_page(html, URL), PROFILE, address=address).images[0].url == f"{HOST}/goc/a.jpg"


def test_body_html_is_safe_to_show() -> None:
    html = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">x</div><div '
        'class="ArticleContent"><p onclick="x()" style="text-align:center;position:fixed">a'
        '<script>alert(1)</script><a href="javascript:x">b</a><a href="/t.pdf">c</a></p><iframe '
        'src="/x"></iframe><form><input></form><img src="data:x" data-src="/l.jpg" onerror="x">'
        "<svg><script>1</script></svg><span hidden>ẩn</span></div></div>"
    )
    address = classify(URL, PROFILE)
    assert address is not None
    shown = read_article(parse_page(html, URL), PROFILE, address=address).body_html
    assert f'src="{HOST}/l.jpg"' in shown
    assert f'href="{HOST}/t.pdf"' in shown
    assert "text-align:center" in shown
    for evil in ("script", "onclick", "onerror", "iframe", "form", "input", "position", "ẩn", "svg"):
        assert evil not in shown


def test_reference_is_joined_to_its_own_page() -> None:
    # Joined addresses are cached: those that depend on the page must not be confused.
    for folder in ("mot", "hai"):
        parsed = parse_page(
            '<a href="b-100001">x</a><a href="?a=1">y</a><a href="/a/c-100002">z</a>'
            '<img src="i.png"><img src="/j.png">',
            f"{HOST}/{folder}/x-100003",
        )
        assert [link.address.url for link in read_links(parsed, PROFILE)] == [
            f"{HOST}/{folder}/b-100001",
            f"{HOST}/{folder}/x-100003",
            f"{HOST}/a/c-100002",
        ]
        assert read_requisites(parsed, PROFILE) == (f"{HOST}/{folder}/i.png", f"{HOST}/j.png")


@pytest.mark.parametrize(
    ("reference", "joined"),
    [
        ("/a b.jpg", f"{HOST}/a%20b.jpg"),
        ("//sapa.laocai.gov.vn/x.jpg", f"{HOST}/x.jpg"),
        ("HTTPS://SAPA.laocai.gov.vn/x.jpg#a", f"{HOST}/x.jpg"),
        (r"\\anh\\x.jpg", None),
        ("/a/../x.jpg", f"{HOST}/x.jpg"),
        ("https://sapa.laocai.gov.vn:99999/x.jpg", None),
        ("javascript:x", None),
        ("x.jpg", f"{HOST}/tin-tuc/x.jpg"),
    ],
)
def test_picture_address_is_absolute_and_encoded(reference: str, joined: str | None) -> None:
    parsed = parse_page(f'<img src="{reference}">', URL)
    assert read_requisites(parsed, PROFILE) == ((joined,) if joined else ())


def test_body_html_has_no_furniture_with_class_and_id() -> None:
    # Two selectors match such an element: it was removed from the tree twice. Without a doctype classes match without
    # case: the content appeared once for each spelling of its name.
    html = (
        '<div class="ArticleDetailControl"><div class="ArticleHeader">x</div><div class="ArticleContent"><p>a</p><div '
        'class="tool" id="ctrl_1_2" style="color:red" hidden><span class="share" id="s">Chia sẻ</span></div>'
        "<p>b</p></div></div>"
    )
    address = classify(URL, PROFILE)
    assert address is not None
    for _ in range(50):
        assert read_article(parse_page(html, URL), PROFILE, address=address).body_html == "<p>a</p><p>b</p>"
