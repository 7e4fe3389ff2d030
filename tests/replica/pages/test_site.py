"""Pages of articles, the menu, the feed and other pages."""

import html
import re
import unicodedata
from urllib.parse import urlsplit

import pytest

from crawler.replica import Replica, Truth
from tests.support.replica import ask, links


def test_both_addresses_give_the_same_article(truth: Truth) -> None:
    for article in truth.articles[::12]:
        new, old = ask(article.url).text, ask(article.old_url).text
        assert article.title in unicodedata.normalize("NFC", html.unescape(new))
        volatile = re.compile(r'value="[^"]{100,}"|<b>\d+</b>|Lượt xem: \d+')
        assert volatile.sub("", new) == volatile.sub("", old)


def test_tracker_on_address_changes_nothing(truth: Truth) -> None:
    assert ask(truth.articles[0].url + "?fbclid=IwAR1").status == 200


def test_counters_and_viewstate_differ_at_every_request(portal: Replica) -> None:
    first, second = ask(portal.base_url).text, ask(portal.base_url).text
    state = re.compile(r'id="__VIEWSTATE" value="([^"]+)"')
    assert state.findall(first) != state.findall(second)
    assert re.findall(r"Tất cả: <b>(\d+)", first) != re.findall(r"Tất cả: <b>(\d+)", second)
    assert "@@" not in first


def test_page_shows_the_body_of_the_truth(truth: Truth) -> None:
    def squeeze(text: str) -> str:
        return re.sub(r"\s+", "", unicodedata.normalize("NFC", text))

    for article in truth.articles[::5]:
        page = re.sub(r"<!--.*?-->|<script.*?</script>|<[^>]*>", "", ask(article.url).text, flags=re.DOTALL)
        shown = squeeze(html.unescape(page))
        for paragraph in article.body.split("\n\n"):
            assert squeeze(paragraph) in shown
        for image in article.images:
            assert squeeze(image.caption or "") in shown
        assert squeeze(article.byline or "") in shown
        assert article.body == unicodedata.normalize("NFC", article.body)
        assert "\xa0" not in article.body


def test_corpus_has_every_form_that_the_facts_name(truth: Truth) -> None:
    articles = truth.articles
    assert {one.published_from for one in articles} == {"page", "listing", "box", "rss", "file-name", None}
    assert {one.layout for one in articles} == {"standard", "plain", "word", "bare"}
    assert {len(one.source_id) for one in articles} >= {5, 6, 7}
    assert any(one.found_in == ("box",) for one in articles)
    assert any(one.found_in == ("related",) for one in articles)
    assert any(len(urlsplit(one.url).path.split("/")[2].rpartition("-")[0]) == 96 for one in articles)
    titles = [(one.category, one.title) for one in articles]
    assert len(set(titles)) < len(titles)
    assert all(one.found_in for one in articles)
    pages = "".join(ask(one.url).text for one in articles)
    wanted = ("MsoNormal", "<o:p>", "ImgDetailImage", "<blockquote>", "youtube.com", "link-download", "view-gallery")
    for mark in (*wanted, "viewer.html?file=", 'type="application/pdf"', "docs.google.com", "officeapps", "(Ảnh trên)"):
        assert mark in pages, mark
    assert any(unicodedata.normalize("NFC", part) != part for part in pages.split("\n"))
    assert "hoà" in pages
    assert "hòa" in pages


def test_feed_encodes_entities_twice(portal: Replica) -> None:
    assert 'href="/rss.aspx"' in ask(portal.base_url).text
    feed = ask(portal.base_url + "rss.aspx").text
    assert re.search(r"&amp;\w+;", feed)
    assert feed.count("<item>") == 30


def test_menu_names_listings_and_other_pages(portal: Replica, truth: Truth) -> None:
    menu = ask(truth.articles[0].url).text
    paths = {urlsplit(link).path for link in links(menu[menu.index("<nav") : menu.index("</nav>")])}
    assert paths >= {urlsplit(told.url).path for told in truth.listings} | {"/", "/gioi-thieu", "/lien-he"}


@pytest.mark.parametrize(
    "path", ["gioi-thieu", "lien-he", "?pageid=27205&p_cate=118", "?pageid=27218&p_steering=20417"]
)
def test_other_pages_have_no_article_part(portal: Replica, path: str) -> None:
    answer = ask(portal.base_url + path)
    assert answer.status == 200
    assert "ArticleDetailControl" not in answer.text
