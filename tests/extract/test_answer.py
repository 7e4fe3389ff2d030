"""What a page writes in the place of a number, a date, an address or a character set fails no reading of it."""

import unicodedata
from collections.abc import Callable

import pytest

from crawler.extract.answer import name_other_home, read_file, read_page
from crawler.extract.identity.surroundings import Surroundings
from crawler.items import Answer, FileRole, PageReading, Purpose
from crawler.language.numbers import LARGEST
from crawler.profile import parse_profile
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni

PROFILE = parse_profile('name="sapa"\ntitle="Sa Pa"\ncms="vnpt"\nbase_url="https://sapa.laocai.gov.vn/"')
URL = "https://sapa.laocai.gov.vn/tin-tuc/bai-viet-123456"
LISTING = "https://sapa.laocai.gov.vn/tin-tuc"
DIGITS = "1" * 4301
ODD_NUMBERS = ("²", "٣", "①", DIGITS, "9" * 30)
DEEP = "[" * 100_000


def read(html: bytes, purpose: Purpose, *, page: int | None = None, header: str | None = "text/html") -> PageReading:
    """Read a page as a crawl does."""
    url = LISTING if purpose is Purpose.LISTING else URL
    listing = url if purpose is Purpose.LISTING else None
    answer = Answer(url, html, header, None)
    return read_page(answer, purpose, asked=url, listing=listing, page=page, profile=PROFILE)[0]


def write_article(inside: str, *, head: str = "") -> str:
    return (
        f'<html><head>{head}</head><body><a href="/tin-tuc/b-100001">Trước</a><div class="ArticleDetailControl">'
        f'<div class="ArticleHeader">Bài viết</div><div class="ArticleContent"><p>Nội dung là đây.</p>{inside}</div>'
        "</div></body></html>"
    )


def write_listing(script: str = "", *, pager: str = "") -> str:
    rows = "".join(f'<li class="row"><h2 class="Title"><a href="/x/bai-10000{n}">Bài {n}</a></h2></li>' for n in (1, 2))
    return (
        f'<div class="UIArticleInMenu_Default"><ul class="ArticleList">{rows}</ul><ul class="pagination">{pager}</ul>'
        f"</div><script>{script}</script>"
    )


def assert_read(inside: str, *, head: str = "") -> None:
    """Assert that an article with such an inside is found, and that no other reading of its page fails."""
    html = write_article(inside, head=head).encode()
    article = read(html, Purpose.ARTICLE).article
    assert article is not None
    assert article.body.startswith("Nội dung là đây.")
    assert read(html, Purpose.PROBE).article == article
    for purpose, page in ((Purpose.HOME, None), (Purpose.MENU, None), (Purpose.LISTING, 1), (Purpose.LISTING, 2)):
        refusal = read(html, purpose, page=page).refusal
        assert refusal is None or refusal.kind in ("not-a-listing", "unreadable", "listing")


def pager_of(max_page: str = "3", number: str = "0", keyword: str = "") -> str:
    return (
        f"var maxPage = {max_page}; function go(page) {{ $.ajax({{type: 'POST', "
        f"url: '/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle', "
        f"data: {{article_category_id: '5', page: page, num_of_text: '{number}', keyword: '{keyword}'}}}}); }}"
    )


@pytest.mark.parametrize(
    ("descriptor", "shown"),
    [("1.2.3x", "a.jpg"), (f"{DIGITS}w", "a.jpg"), (".x", "a.jpg"), ("², /b.jpg 2x", "b.jpg"), ("…w", "a.jpg")],
)
def test_srcset_with_a_descriptor_that_is_no_number_names_its_picture(descriptor: str, shown: str) -> None:
    html = write_article(f'<img srcset="/a.jpg {descriptor}">')
    article = read(html.encode(), Purpose.ARTICLE).article
    assert article is not None
    assert [image.url for image in article.images] == [f"https://sapa.laocai.gov.vn/{shown}"]


@pytest.mark.parametrize("number", ODD_NUMBERS)
def test_picture_whose_size_is_no_number_is_no_icon(number: str) -> None:
    for size in (f'width="{number}" height="{number}"', f'style="width:{number}px;height:{number}px"'):
        article = read(write_article(f'<img src="/a.jpg" {size}>').encode(), Purpose.ARTICLE).article
        assert article is not None
        assert [image.url for image in article.images] == ["https://sapa.laocai.gov.vn/a.jpg"]


@pytest.mark.parametrize("number", ODD_NUMBERS)
def test_other_numbers_of_a_page_may_be_of_any_form(number: str) -> None:
    svg = f"data:image/svg+xml,<svg width={number}0><path/><path/></svg>"
    assert_read(
        f'<table><tr><td colspan="{number}" rowspan="{number}">a</td></tr></table><ol start="{number}"><li value='
        f'"{number}">x</ol><font size="{number}">a</font><p style="font-size:{number}pt;margin:{number}px">x</p>'
        f"<style>a{{width:{number}px;margin:1e{number}px}}</style><p>Lượt xem: {number}</p><p>{number}</p>"
        f'<input type=hidden name=articleId value="{number}"><script>article_id="{number}"</script><img src="{svg}">'
        f'<a href="/x/y-{number}">Bài</a><a href="/?pageid={number}">Trang</a><a href="/{number}.pdf">Tệp</a>'
    )


@pytest.mark.parametrize(
    "address",
    ["http://[", "//[", "http://[::1", "http://a]b/", "http://a:b/", "http://a:99999/", "http://a:²/", "http://℀.vn/",
     "https://xn--a/", f"https://{'a' * 300}.vn/", "/viewer?file=http://[", "/viewer#http://[", "https://\u00ad/a.pdf",
     f"/2023/11/a{'9' * 18}.pdf", f"/2023/11/a{'0' * 18}.pdf", "https://a..b/"],
)  # fmt: skip
def test_addresses_that_are_none_lead_nowhere(address: str) -> None:
    tags = (
        '<a href="{}">Tệp</a><img src="{}"><iframe src="{}"></iframe><object type="application/pdf" data="{}"></object>'
        '<form action="{}"><input name="__VIEWSTATE"></form><p style="background:url({})">x</p>'
        '<div class="fb-share" data-href="{}">x</div><script src="{}"></script>'
    )
    links = (
        '<link rel="canonical" href="{}"><meta property="og:url" content="{}"><link rel="stylesheet" href="{}">'
        '<link rel="alternate" type="application/rss+xml" href="{}"><meta http-equiv="refresh" content="9;url={}">'
    )
    assert_read(tags.replace("{}", address), head=links.replace("{}", address))
    assert_read("<img src='a.jpg'><a href='b.pdf'>Tệp</a>", head=f'<base href="{address}">')


@pytest.mark.parametrize(
    ("stamp", "on"),
    [
        ("28/08/9999 09:35", "9999-08-28"), ("²/²/2024", None), ("٠١/٠١/2024", None), ("01/01/0001", None),
        ("31/12/9999 23:59", "9999-12-31"), ("31/12/9999 24:00 CH", "9999-12-31"), ("0001-01-01T00:00:00+14:00", None),
        ("9999-12-31T23:59:59-23:59", None), ("2024-01-01T00:00:00+99:99", None),
        ("2024-01-01T00:00:00.1" + DIGITS, "2024-01-01"), ("Fri, 31 Dec 9999 23:59:00 -0100", None),
        ("Fri, 28 Aug 2026 09:35:00 +99999999999999999999", None), ("1 Jan 99999 00:00 +0000", None),
        (f"Fri, 28 Aug 2026 09:35:00 +{DIGITS}", "2026-08-28"), (f"ngày {DIGITS} tháng 3 năm 2024", None),
    ],
)  # fmt: skip
def test_dates_out_of_range_are_not_read(stamp: str, on: str | None) -> None:
    json = f'<script type="application/ld+json">{{"@type":"NewsArticle","datePublished":"{stamp}"}}</script>'
    head = f'<meta property="article:published_time" content="{stamp}">{json}'
    assert_read(f'<time datetime="{stamp}">{stamp}</time><p>Hạn đến hết ngày {stamp}</p>', head=head)
    feed = f"<rss><channel><item><title>x</title><link>{URL}</link><pubDate>{stamp}</pubDate></item></channel></rss>"
    (link,) = read(feed.encode(), Purpose.FEED).links
    assert (link.date.on.isoformat() if link.date else None) == on
    row = write_listing().replace("</h2>", f'</h2><div class="Ngaydang">{stamp}</div>', 1)
    listing = read(row.encode(), Purpose.LISTING, page=1).listing
    assert listing is not None
    assert len(listing.rows) == 2


@pytest.mark.parametrize(
    "json",
    [DEEP, DEEP + "]" * 100_000, '{"a":' * 50_000, '{"@type":' + "[" * 900 + "]" * 900 + "}", DIGITS, "1e" + DIGITS,
     '{"@type":"NewsArticle","url":' + DIGITS + "}", '{"@type":"NewsArticle","url":"\\ud800"}', "-" + DIGITS],
)  # fmt: skip
def test_json_of_any_depth_and_size_is_read(json: str) -> None:
    assert_read("", head=f'<script type="application/ld+json">{json}</script>')
    for purpose in (Purpose.ARTICLE, Purpose.HOME, Purpose.MENU, Purpose.LISTING):
        assert read(json.encode(), purpose, page=2).article is None
    reading = read_file(Answer(URL, json.encode(), None, None), FileRole.ATTACHMENT, asked=URL, profile=PROFILE)
    assert reading.refusal is not None or reading.size_bytes == len(json)


@pytest.mark.parametrize("number", ODD_NUMBERS)
def test_pager_whose_numbers_are_none_is_read_without_them(number: str) -> None:
    shown = f'<li class="page-item page-number" data-page="{number}"><a>x</a></li>'
    for script in (pager_of(max_page=f"'{number}'"), pager_of(max_page=f"parseInt({number})"), pager_of(number=number)):
        listing = read(write_listing(script, pager=shown).encode(), Purpose.LISTING, page=1).listing
        assert listing is not None
        assert listing.pager is not None
        assert len(listing.rows) == 2
        assert listing.pager.max_page in (None, 3)
    unread = read(write_listing(pager=shown).encode(), Purpose.LISTING, page=1).listing
    assert unread is not None
    assert not unread.has_unread_pages


def test_largest_number_of_pages_is_read() -> None:
    listing = read(write_listing(pager_of(max_page=str(LARGEST))).encode(), Purpose.LISTING, page=1).listing
    assert listing is not None
    assert listing.pager is not None
    assert listing.pager.max_page == LARGEST


@pytest.mark.parametrize(
    ("written", "sent"),
    [(r"\ud800", "\ufffd"), (r"a\udfffb", "a\ufffdb"), (r"\ud83d\ude00", "😀"), (r"\udc00\ud800", "\ufffd\ufffd")],
)
def test_halves_of_letters_in_a_pagers_data_are_not_sent(written: str, sent: str) -> None:
    listing = read(write_listing(pager_of(keyword=written)).encode(), Purpose.LISTING, page=1).listing
    assert listing is not None
    assert listing.pager is not None
    assert dict(listing.pager.fields)["keyword"] == sent


@pytest.mark.parametrize(
    "charset",
    ["idna", "zlib", "rot13", "punycode", "undefined", "hex", "bz2", "base64", "uu", "quopri", "unicode_escape",
     "raw_unicode_escape", "utf-7", "mbcs", "aliases", "a" * 5000],
)  # fmt: skip
def test_character_set_that_is_none_is_not_used(charset: str) -> None:
    plain = write_article("<p>caf\xe9 \\ud800 +2AA- caf\xe9 </p>" * 20).replace("Nội dung là đây", "Noi dung la day")
    legacy = plain.encode("windows-1258", "replace")
    named = legacy.replace(b"<head>", f'<head><meta charset="{charset}">'.encode())
    for body, header in (
        (legacy, f"text/html; charset={charset}"), (named, "text/html"), (named, f"text/html;charset={charset}"),
    ):  # fmt: skip
        article = read(body, Purpose.ARTICLE, header=header).article
        assert article is not None
        assert article.body.startswith("Noi dung la day.\n\ncafé \\ud800 +2AA- café")
        assert read(body, Purpose.HOME, header=header).refusal is None
        home = Answer(URL, body, header, None)
        assert name_other_home(home, PROFILE, around=Surroundings({}, [], "")) is None
    sheet = Answer(f"{URL}.css", b"a{background:url(/\xe9.png)}" * 9, f"text/css; charset={charset}", None)
    assert len(read_file(sheet, FileRole.REQUISITE, asked=sheet.url, profile=PROFILE).requisites) == 1


def test_character_set_of_the_text_counts_where_the_headers_is_none() -> None:
    html = write_article("<p>привет</p>", head='<meta charset="windows-1251">').replace("Nội dung là đây", "x")
    article = read(html.encode("windows-1251", "replace"), Purpose.ARTICLE, header="text/html; charset=zlib").article
    assert article is not None
    assert article.body == "x.\n\nпривет"


WORDS = "Thực hiện sự chỉ đạo của Uỷ ban nhân dân tỉnh, người dân được hỗ trợ trước ngày 5 tháng 6"


def part_tone(letter: str) -> str:
    """Write a letter as Windows-1258 does: its tone is a sign of its own."""
    parts = unicodedata.normalize("NFD", letter)
    tones = "".join(part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323")
    return unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones)) + tones


def entities(text: str) -> str:
    return "".join(letter if letter.isascii() else f"&#{ord(letter)};" for letter in text)


@pytest.mark.parametrize(
    "encode", [to_tcvn3, to_vni, lambda text: entities(to_tcvn3(text)), lambda text: entities(to_vni(text))]
)
@pytest.mark.parametrize("charset", ["utf-8", "windows-1252", "windows-1258"])
def test_legacy_letters_in_a_page_are_decoded_and_its_unicode_stays(encode: Callable[[str], str], charset: str) -> None:
    html = write_article(f"<p>{encode(WORDS)}</p><p>{encode('Người ký')}</p>", head=f'<meta charset="{charset}">')
    # What the charset has no letter for comes as entities.
    body = html.encode("utf-8" if charset == "utf-8" else "latin-1", "xmlcharrefreplace")
    article = read(body, Purpose.ARTICLE, header=f"text/html; charset={charset}").article
    assert article is not None
    assert article.body.splitlines()[2:] == [WORDS, "", "Người ký"]


def test_short_legacy_texts_of_a_page_are_decoded_by_their_fonts() -> None:
    inside = (
        f'<p><font face=".VnTime">{to_tcvn3("được")}</font> Sapa®</p><p style="font-family:VNI-Times">{to_vni("người")}'
        f"<b>{to_vni(' đã ký')}</b></p><p style='font-family:&quot;.VnTimeH&quot;'>{to_tcvn3('cộng hoà')}</p>"
    )
    article = read(write_article(inside).encode(), Purpose.ARTICLE).article
    assert article is not None
    assert article.body.splitlines()[2:] == ["được Sapa®", "", "người đã ký", "", "CỘNG HOÀ"]


@pytest.mark.parametrize("charset", ["utf-8", "UTF8", "utf-8;"])
def test_windows_1258_that_says_utf_8_is_read(charset: str) -> None:
    body = "".join(map(part_tone, write_article(f"<p>{WORDS}</p>")))
    article = read(body.encode("cp1258"), Purpose.ARTICLE, header=f"text/html; charset={charset}").article
    assert article is not None
    assert article.body.splitlines()[2:] == [WORDS]


def test_a_page_with_signs_of_its_own_is_not_decoded() -> None:
    inside = (
        "<p>© 2007 «Hội nghị», Windows®, 5 µm, 3×4, Köln, façade, señor, naïve, Åland, Straße; Điều 1§ a¹ b² c³</p>"
    )
    article = read(write_article(inside).encode(), Purpose.ARTICLE).article
    assert article is not None
    assert article.body.splitlines()[2] == inside[3:-4]
