"""The site's own pages, asked in this process: what they show, and that no question breaks them."""

import random
import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from web_archive import FILLERS, NEW, OLD, ORIGIN, SHA, Site, open_site

from crawler.web.wording import WORDS

CARD = re.compile(r'<h3 lang="vi"><a href="/article/(\d+)')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("pages")) as opened:
        yield opened


def found(site: Site, query: str, more: str = "") -> list[int]:
    response = site.get(f"/search?q={quote(query)}{more}")
    assert response.status_code == 200
    return [int(number) for number in CARD.findall(response.text)]


def test_home_shows_search_box_latest_articles_counts_and_last_crawl(site: Site) -> None:
    page = site.get("/").text
    assert 'name="q"' in page
    assert len(CARD.findall(page)) == 12
    assert f"<b>{FILLERS + 4}</b> bài" in page
    assert "chưa đủ" in page
    assert "một trang &lt;b&gt;thiếu&lt;/b&gt;" in page


def test_home_orders_articles_by_date_newest_first(site: Site) -> None:
    # The undated one stands at the day it was first seen.
    assert [int(number) for number in CARD.findall(site.get("/").text)][:4] == [3, 2, 1, 4]


def test_datasettes_own_index_stays_reachable(site: Site) -> None:
    assert "Custom SQL query" in site.get("/archive").text
    assert site.get("/-/databases.json").json()[0]["name"] == "archive"
    assert len(site.get("/-/databases.json").json()) == 1


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
    assert "đồng chí <mark>Lê</mark> <mark>Đình</mark> <mark>Lợi</mark>" in site.get(
        "/search?q=le+dinh+loi"
    ).text.replace("Đồng", "đồng")


def test_search_pages_by_key_until_every_hit_was_shown_once(site: Site) -> None:
    path, seen = "/search?q=thong+bao", []
    while path:
        page = site.get(path).text
        seen += [int(number) for number in CARD.findall(page)]
        link = re.search(r'rel="next" href="([^"]+)"', page)
        path = link[1].replace("&amp;", "&") if link else ""
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
    assert "q=hoa+xyzzy" in page
    assert "Tìm lại không dùng bộ lọc" in page


def test_count_stops_at_the_limit(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.archive.search.COUNT_LIMIT", 10)
    monkeypatch.setattr("crawler.web.pages.COUNT_LIMIT", 10)
    assert "10+ bài" in site.get("/search?q=thong+bao").text
    assert "10+ articles" in site.get("/search?q=thong+bao&lang=en").text


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


def test_article_shows_everything_from_the_archive(site: Site) -> None:
    page = site.get("/article/1").text
    for words in (
        "Hội nghị tổng kết công tác hòa giải",
        "Tóm tắt ngắn.",
        "Đồng chí Lê Đình Lợi phát biểu",
        "Báo Lào Cai",
        "02/05/2024",
        "Quyết định",
        "Tin tức",
        NEW,
        OLD,
        "/capture/5",
        "Nội dung thuộc &lt;b&gt;cơ quan&lt;/b&gt;",
        "chưa lưu được tệp",
        "Chưa lưu được ảnh này",
        f"/image/{SHA['png']}",
        f"/image/{SHA['svg']}",
        f"/attachment/{SHA['pdf']}",
        "28/08/2026 01:05",
    ):
        assert words in page, words
    assert not re.search(r'src="(?!/)', page)
    # The byline stands in the body already, and in the record below.
    assert page.count("Hồng Hải") == 2


def test_article_says_where_an_inferred_date_came_from(site: Site) -> None:
    assert "suy ra từ tên tệp" in site.get("/article/4").text
    assert "inferred from a file name" in site.get("/article/4?lang=en").text
    assert "Không rõ ngày đăng" in site.get("/article/3").text


def test_article_shows_state_and_revisions(site: Site) -> None:
    assert "Đã bị gỡ khỏi cổng" in site.get("/article/4").text
    assert "2, mới nhất" in site.get("/article/3").text


def test_redirected_article_answers_301(site: Site) -> None:
    response = site.get("/article/900?lang=en")
    assert (response.status_code, response.headers["location"]) == (301, "/article/1?lang=en")


@pytest.mark.parametrize(
    "path",
    [
        "/article/999999",
        "/article/x",
        "/article/",
        "/article/1e5",
        "/article/99999999999999999999",
        "/image/abc",
        f"/image/{'0' * 64}",
        f"/attachment/{'0' * 64}",
        "/capture/999999",
        "/capture/-1",
    ],
)
def test_unknown_is_a_404_page(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.status_code == 404
    assert "Không có gì ở địa chỉ này" in response.text


@pytest.mark.parametrize(
    "address",
    [
        NEW,
        OLD,
        f"{NEW}?fbclid=abc",
        f"{NEW}/",
        NEW.replace("https", "http"),
        NEW.removeprefix("https://"),
        f" {NEW}#x",
        NEW.replace("huyen", "HUYEN"),
        f"{OLD}?gidzl=1&utm_source=x",
        NEW.replace("-tong", "-t%6fng"),
    ],
)
def test_go_leads_from_any_address_to_the_article(site: Site, address: str) -> None:
    response = site.get(f"/go?url={quote(address, safe='')}")
    assert (response.status_code, response.headers.get("location")) == (302, "/article/1")


@pytest.mark.parametrize(
    "address",
    ["", "x", "//", "https://", "https://[", "javascript:alert(1)", f"{ORIGIN}/", "\x00", "a" * 9000, f"{NEW}9"],
)
def test_go_answers_404_for_anything_else(site: Site, address: str) -> None:
    response = site.get(f"/go?url={quote(address, safe='')}")
    assert response.status_code == 404
    assert 'href="javascript' not in response.text


def test_english_is_carried_in_every_link_and_no_cookie_is_set(site: Site) -> None:
    response = site.get("/search?q=thong+bao&lang=en")
    assert '<html lang="en">' in response.text
    assert "set-cookie" not in response.headers
    for link in re.findall(r'href="(/(?:article|search)[^"]*)"', response.text):
        assert "lang=en" in link or "Tiếng Việt" in response.text.split(link)[1][:80], link
    assert '<html lang="vi">' in site.get("/search?lang=xx").text


def test_every_word_of_the_site_is_in_both_languages() -> None:
    for key, (vietnamese, english) in WORDS.items():
        assert vietnamese.strip(), key
        assert english.strip(), key
        assert set(re.findall("{[a-z]+}", vietnamese)) == set(re.findall("{[a-z]+}", english)), key


@pytest.mark.parametrize("path", ["/", "/search?q=thong+bao", "/article/1", "/article/2", "/capture/5", "/article/0"])
def test_pages_have_landmarks_language_and_one_heading(site: Site, path: str) -> None:
    page = site.get(path).text
    assert page.count("<h1") == 1
    for part in (
        '<html lang="vi">',
        '<main id="main"',
        'class="skip" href="#main"',
        "<nav aria-label",
        "<footer",
        'name="viewport"',
    ):
        assert part in page
    assert not re.search(r'(?:src|href)="(?:https?:)?//(?!huyen\.example|good\.example|storage-vnportal)', page)
