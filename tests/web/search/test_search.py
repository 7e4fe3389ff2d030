"""The search page and its forms: what they find, what they show, and that no question breaks them."""

import random
import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from urllib.parse import quote, urlencode

import pytest

from crawler.attachments.harvest import Bounds, harvest_texts
from crawler.items import AttachmentRef, FileRole
from crawler.replica.content import scans
from crawler.replica.content.documents import write_docx, write_pdf
from crawler.search import counts
from crawler.web.search.question import parse_day
from tests.support.attachments.tools import NEEDS_OCR
from tests.support.pages.search_pages import ATOM, CARD, cards, found, read_feed, read_pages, search
from tests.support.texts.spoilt import NEWS, SPOILT
from tests.support.web_archive import FILLERS, NEW, OLD, STORE, Maker, Site, article, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("search")) as opened:
        yield opened


@pytest.mark.parametrize(
    "query",
    [
        "le dinh loi",
        "Lê Đình Lợi",
        "le  dinh loi ",
        "dat dai",
        "hoà giải",
        "hòa giải",
        "25-NQ/TW",
        '"đất đai"',
        unicodedata.normalize("NFD", "đất đai"),
    ],
)
def test_search_finds_with_and_without_marks(site: Site, query: str) -> None:
    assert 1 in found(site, query)


def test_search_marks_the_hit_in_a_snippet(site: Site) -> None:
    assert "đồng chí <mark>Lê Đình Lợi</mark>" in site.get("/search?q=le+dinh+loi").text.replace("Đồng", "đồng")


def test_search_pages_by_key_until_every_hit_was_shown_once(site: Site) -> None:
    seen = [number for page in read_pages(site, "/search?q=thong+bao") for number in cards(page)]
    assert len(seen) == len(set(seen)) == FILLERS
    assert seen == sorted(seen, reverse=True)


def test_search_without_words_lists_all_articles(site: Site) -> None:
    assert len(found(site, "")) == 20


def test_search_filters_by_portal_and_period(site: Site) -> None:
    assert found(site, "", "&since=2024-05-01&until=2024-05-31") == [1]
    assert found(site, "hội nghị", "&since=01/06/2024") == []
    assert found(site, "hội nghị", "&since=1/5/2024&until=2.5.2024") == [1]
    assert found(site, "hội nghị", "&portal=huyen") == [1]
    assert found(site, "hội nghị", "&portal=other") == []


def test_search_tells_which_filter_it_did_not_understand(site: Site) -> None:
    assert "Không hiểu giá trị của: Từ ngày" in site.get("/search?q=a&since=hôm+qua").text


def test_zero_hits_offer_the_search_without_marks_and_filters(site: Site) -> None:
    page = site.get(f"/search?q={quote('hòa xyzzy')}&since=2020-01-01").text
    assert "Không tìm thấy bài nào" in page
    assert "Tìm lại không dùng bộ lọc" in page
    assert 'href="/search?q=h%C3%B2a&amp;since=2020-01-01"' in page
    wrong_tone = site.get(f"/search?q={quote('hỏa giải')}&since=2020-01-01").text
    assert 'href="/search?q=hoa+giai&amp;since=2020-01-01"' in wrong_tone


def test_count_stops_at_the_limit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counts, "COUNT_LIMIT", 30)
    # A page that an earlier test asked for may be kept.
    assert "30+ bài" in site.get("/search?q=bao+thong").text
    assert "30+ articles" in site.get("/search?q=bao+thong&lang=en").text


NASTY = [
    "%00",
    "a%00b",
    quote("x" * 10_000),
    quote("đ" * 10_000),
    quote("😀" * 3000),
    "%ED%A0%80",
    "%ED%BF%BF%ED%A0%80",
    "%FF%FE",
    quote('"'),
    quote('a" OR ('),
    "AND",
    "OR",
    "NOT",
    "NEAR(",
    "*",
    quote("a*"),
    quote("^a"),
    quote("title:"),
    quote("{a b}:c"),
    quote("25-NQ/TW"),
    quote("03/6/2013"),
    quote("18.500"),
    "-",
    quote("- - -x"),
    quote("</script><script>alert(1)</script>"),
    quote("{{ 7*7 }}{% if %}"),
    quote("' or 1=1 --"),
    quote("\u202e\u0301\u0301"),
    quote("%s%n"),
    "%",
    "%zz",
    "+",
    "%E2%80%8B",
]


@pytest.mark.parametrize("query", NASTY)
def test_no_question_is_an_error(site: Site, query: str) -> None:
    for path in (
        f"/search?q={query}",
        f"/search?q={query}&portal={query[:300]}&since={query[:99]}&before={query[:99]}&lang={query[:9]}",
    ):
        response = site.get(path)
        assert response.status_code == 200
        assert "<script" not in response.text
        assert "49" not in re.sub(r"\?[0-9a-f]{8}", "", response.text) or "7*7" not in path


def test_random_strings_are_no_error(site: Site) -> None:
    dice = random.Random(7)
    letters = "ab đĐ\"()*:-+^{}'/.,\\\x00\x01\x1f\u0301\u202e\ufeff\U0001f600AND OR NEAR"
    for _ in range(150):
        text = "".join(dice.choice(letters) for _ in range(dice.randrange(1, 40)))
        assert site.get(f"/search?q={quote(text)}").status_code == 200


@pytest.mark.parametrize("before", ["0", "1", "-5", "99999999999999999999", "9223372036854775807", "x", "１２"])
def test_search_takes_any_before(site: Site, before: str) -> None:
    assert site.get(f"/search?q=a&before={quote(before)}").status_code == 200
    assert site.get(f"/search?before={quote(before)}").status_code == 200


@pytest.mark.parametrize(
    ("more", "ids"),
    [
        ("&pictures=1", [2, 1]),
        ("&changed=1", [3]),
        ("&removed=1", [4]),
        ("&removed=true&changed=on", []),
        ("&category=doc-hai", [2]),
        ("&category=2", [2]),
        ("&category=khong-co", []),
        ("&category=99999999999999999999", []),
        ("&byline=h%E1%BB%93ng+h%E1%BA%A3i", [1]),
        ("&byline=hong+hai&category=tin-tuc", [1]),
        ("&since=2024-05&until=2024-05", [1]),
        ("&since=2024&until=2024&pictures=1", [2, 1]),
    ],
)
def test_filters_narrow_the_search_without_words_too(site: Site, more: str, ids: list[int]) -> None:
    assert found(site, "", more) == ids
    assert found(site, "bài OR một OR onerror", more) == ids


@pytest.mark.parametrize("name", ["since", "until", "sort", "pictures", "changed", "removed", "byline"])
def test_an_invalid_filter_is_named_and_ignored(site: Site, name: str) -> None:
    response = site.get(search(q="hòa giải", **{name: "?!"}))
    assert response.status_code == 200
    assert "Không hiểu giá trị của" in response.text
    assert CARD.findall(response.text) == ["1"]


def test_filters_that_are_on_are_named_with_a_way_out_of_each(site: Site) -> None:
    page = site.get(search(q="một", since="2024-05-01", pictures=1)).text
    chips = re.search(r'<div class="chips">.*?</div>', page, re.DOTALL)
    assert chips is not None
    assert 'href="/search?q=m%E1%BB%99t&amp;pictures=1"' in chips[0]
    assert 'href="/search?q=m%E1%BB%99t&amp;since=2024-05-01"' in chips[0]
    assert "Từ ngày 01/05/2024" in chips[0]


@pytest.mark.parametrize("sort", ["date", "tier", "relevance"])
def test_each_order_pages_through_the_same(site: Site, sort: str) -> None:
    pages = list(read_pages(site, search(q="thong bao", sort=sort)))
    seen = [number for page in pages for number in cards(page)]
    assert len(seen) == len(set(seen)) == FILLERS
    assert f'<b aria-current="true">{"mới nhất" if sort == "date" else "sát cụm từ"} trước</b>' in pages[-1]


def test_bars_count_by_year_and_category_and_lead_there(site: Site) -> None:
    page = site.get(search(q="onerror OR thông")).text
    bars = re.findall(r'<li><a href="([^"]+)"[^>]*title="([^"]+)"', page)
    by_label = {title.partition(":")[0]: (href.replace("&amp;", "&"), title) for href, title in bars}
    href, title = by_label["2022"]
    assert title == f"2022: {FILLERS} bài"
    assert len(found_at(site, href)) == 20
    months = dict(re.findall(r'title="([0-9/]+): (\d+) bài"', site.get(href).text))
    assert months == {"01/2022": "31", "02/2022": "15"}
    href, title = by_label["Tin tức"]
    assert f"category={site_category(site, 'tin-tuc')}" in href
    assert 2 not in found_at(site, href)


def found_at(site: Site, path: str) -> list[int]:
    return cards(site.get(path).text)


def site_category(site: Site, slug: str) -> int:
    asked = urlencode({"sql": "select id from categories where slug = :s", "s": slug, "_shape": "arrayfirst"})
    return int(site.get(f"/archive.json?{asked}").json()[0])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ('"hòa giải', "Thiếu dấu ngoặc kép đóng"),
        ("tr*", "ít nhất ba chữ cái"),
        ("-mưa", "Chỉ có từ bị loại bỏ"),
        ("title:", "không có từ nào"),
        ("tilte:bão", "Không có trường"),
        ("bão OR", "OR cần một từ"),
        ("mưa NOT bão", "không phải là toán tử"),
        ("a " * 60, "quá dài"),
    ],
)
def test_errors_of_typing_are_named(site: Site, query: str, words: str) -> None:
    response = site.get(search(q=query))
    assert response.status_code == 200
    assert words in response.text
    assert words not in site.get(search(q="hòa giải")).text


def test_zero_hits_name_unknown_words_and_suggest_searches_with_hits(site: Site) -> None:
    page = site.get(search(q="hoà giaii xyzzyx")).text
    assert "Không tìm thấy trong kho:" in page
    assert "<bdi>xyzzyx</bdi>" in page
    assert 'href="/search?q=ho%C3%A0"' in page
    assert 'href="/search?q=ho%C3%A0+giai"' in page
    helped = page.partition('<ul class="help">')[2].partition("</ul>")[0]
    assert "Tìm kiếm chỉ xét bản mới nhất của mỗi bài." in helped
    assert '<a href="/draft">Soát bản thảo</a>' in helped


@pytest.mark.parametrize("sort", ["date", "tier"])
@pytest.mark.parametrize(
    "asked",
    [
        {"q": "thông báo"},
        {"q": "thông báo", "since": "2022-02-01", "until": "2022-02-05", "category": "tin-tuc", "portal": "huyen"},
        {"q": "một", "pictures": "1", "byline": "hong hai"},
        {"q": "'); drop table articles; --"},
        {"removed": "1"},
        {"byline": "hồng"},
    ],
)
def test_the_sql_of_a_page_gives_its_hits(site: Site, asked: dict[str, str], sort: str) -> None:
    page = site.get(search(**asked, sort=sort))
    link = re.search(r'href="(/archive\?[^"]+)"', page.text)
    if link is None:
        assert "Không tìm thấy" in page.text
        return
    address = link[1].replace("&amp;", "&")
    assert site.get(address).status_code == 200
    rows = site.get(address.replace("/archive?", "/archive.json?_shape=array&")).json()
    assert [row["id"] for row in rows] == cards(page.text)


@pytest.mark.parametrize(
    "address",
    [
        NEW,
        OLD,
        f"{NEW}?fbclid=IwAR0x&utm_source=zalo",
        NEW.replace("https", "http"),
        f"  {NEW.removeprefix('https://')} ",
        f"<{NEW}>",
        f"{OLD}?gidzl=1#binh-luan",
    ],
)
def test_an_address_of_the_portal_leads_to_its_article(site: Site, address: str) -> None:
    response = site.get(search(q=address))
    assert (response.status_code, response.headers.get("location")) == (302, "/article/1")


def test_an_unknown_address_is_named_as_such(site: Site) -> None:
    response = site.get(search(q=f"{NEW}9"))
    assert response.status_code == 200
    assert "Không tìm thấy địa chỉ này trong kho" in response.text


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024-05-02", "2024-05-02", "2024-05-02"),
        ("2/5/2024", "2024-05-02", "2024-05-02"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("2/2024", "2024-02-01", "2024-02-29"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("31/2/2024", None, None),
        ("0000", None, None),
        ("9999-12-31", None, None),
        ("13/2024", None, None),
        ("２０２４", None, None),
    ],
)
def test_days_are_read_as_people_write_them(text: str, first: str | None, last: str | None) -> None:
    days = (parse_day(text, last=False), parse_day(text, last=True))
    assert tuple(day and day.isoformat() for day in days) == (first, last)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site whose article 1 offers a decision, article 2 a scan, and article 3 a file with wrong letters."""
    archive = tmp_path_factory.mktemp("library") / "archive.db"
    maker = Maker(archive)
    pdf, scan = f"{STORE}/2024/5/quyet-dinh.pdf", f"{STORE}/2024/5/b%E1%BA%A3n%20qu%C3%A9t.pdf"
    words = write_pdf(("Số: 4821/QĐ-UBND", 'Thu hồi đất của <b>hộ</b> ông "Giàng"'))
    maker.file(pdf, words, FileRole.ATTACHMENT, b"application/pdf")
    maker.file(scan, scans.write_scan(("CONG VAN SO 73915",)), FileRole.ATTACHMENT, b"application/pdf")
    spoilt = f"{STORE}/2024/5/sai-chu.docx"
    wrong = SPOILT["every letter the next one"][0](NEWS)
    maker.file(spoilt, write_docx(("Phụ lục 5566", wrong)), FileRole.ATTACHMENT, b"application/msword")
    for number, (url, label) in enumerate(((pdf, "Quyết định <i>"), (scan, None), (spoilt, "Phụ lục")), 1):
        said = article(f"Tin {number}", "Tin ngắn.", attachments=(AttachmentRef(url, label),))
        maker.article(said, f"{NEW}{number}")
    maker.writer.finish("complete")
    maker.writer.close()
    harvest_texts(archive, Bounds(None, lambda: False))
    site = Site(archive)
    yield site
    site.close()


def test_a_decision_that_is_only_in_a_file_is_found_there(library: Site) -> None:
    page = library.get(search(q="4821/QĐ-UBND")).text
    assert CARD.findall(page) == ["1"]
    assert "trong tệp đính kèm" in page
    assert re.search(
        r'<a href="/attachment/[0-9a-f]{64}/read\?q=4821[^"]*"><bdi lang="vi">Quyết định &lt;i&gt;</bdi></a>', page
    )
    assert "<mark>4821/QĐ-UBND</mark>" in page
    assert "<b>hộ" not in page
    hit = library.get("/search.json?q=thu+hoi+dat").json()["hits"][0]
    assert (hit["found_in"], hit["file"]["label"], hit["file"]["is_ocr"]) == ("files", "Quyết định <i>", False)
    assert (hit["file"]["doubts"], hit["file"]["page"]) == ([], None)
    assert "đáng ngờ" not in page


def test_a_doubtful_text_is_found_and_shown_as_doubtful_wherever_its_file_is(library: Site) -> None:
    hit = library.get("/search.json?q=5566").json()["hits"][0]
    assert (hit["id"], hit["file"]["doubts"]) == (3, ["garbled"])
    for address in (search(q="5566"), "/article/3", f"/attachment/{hit['file']['sha256']}/articles"):
        page = library.get(address).text
        assert "<strong>nội dung tệp có thể bị đọc sai</strong>: nhiều từ sai chữ</span>" in page
        english = library.get(f"{address}{'&' if '?' in address else '?'}lang=en").text
        assert "many of its words have wrong letters" in english
    (entry,) = read_feed(library, "/search.atom?q=5566").iter(f"{ATOM}entry")
    assert "[nội dung tệp có thể bị đọc sai: nhiều từ sai chữ]" in str(entry.findtext(f"{ATOM}summary"))
    (entry,) = read_feed(library, "/search.atom?q=4821/Q%C4%90-UBND").iter(f"{ATOM}entry")
    assert "đáng ngờ" not in str(entry.findtext(f"{ATOM}summary"))
    rows = library.get("/archive/doubtful_texts.json?doubt=garbled&_shape=objects").json()["rows"]
    assert [(row["attachment_sha256"], row["article_id"]) for row in rows] == [(hit["file"]["sha256"], 3)]


@NEEDS_OCR
def test_a_hit_in_a_scan_is_marked_as_recognised(library: Site) -> None:
    page = library.get(search(q="73915")).text
    assert CARD.findall(page) == ["2"]
    assert "nhận dạng từ bản quét" in page
    assert "bản quét.pdf" in page


@pytest.mark.parametrize("path", ["/search", "/search?q=thong+bao", "/search?q=xyzzyx", "/search?q=%22a&since=2024"])
def test_the_page_has_landmarks_labels_and_headings_in_order(site: Site, path: str) -> None:
    page = site.get(path).text
    assert page.count("<h1") == 1
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for name in re.findall(r'<(?:input|select)[^>]* id="([^"]+)"', page):
        assert f'for="{name}"' in page, name
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for name in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', page):
        assert name in ids
