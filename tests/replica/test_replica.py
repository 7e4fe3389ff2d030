"""The replica portal keeps what it promises: it is the ground on which every other test crawls."""

from __future__ import annotations

import gzip
import hashlib
import html
import http.client
import json
import re
import signal
import socket
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from urllib.parse import quote, unquote, urlencode, urlsplit

import pytest
from PIL import Image

from crawler.replica import FAULT_KINDS, ArticleTruth, Replica, Truth
from crawler.replica.content.documents import write_document
from crawler.replica.content.nights import FATES

LOAD = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str:
        return {key.lower(): value for key, value in self.headers}.get(name.lower(), "")


def ask(url: str, method: str = "GET", body: str | None = None, **headers: str) -> Answer:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    target = quote(parts.path, safe="/%:[]!$&'()*+,;=@~") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target or "/", body=body, headers=named)
        response = connection.getresponse()
        return Answer(response.status, response.getheaders(), response.read())
    finally:
        connection.close()


def read_script(page: str) -> dict[str, str]:
    """What a browser would send: the $.ajax data of the page, variables resolved, `page` left out."""
    data = re.search(r"data: \{(.*?)\}", page, re.DOTALL)
    assert data
    declared = dict(re.findall(r"var (\w+) = ['\"]?(.*?)['\"]?;", page))
    fields = {}
    for line in data[1].strip().splitlines():
        name, value = (part.strip().strip("'\"") for part in line.strip().rstrip(",").split(":", 1))
        fields[name] = declared.get(value, value) if value.isidentifier() else value
    del fields["page"]
    return fields


def links(page: str) -> list[str]:
    return [html.unescape(one).strip() for one in re.findall(r"""href=["']([^"']*)["']""", page)]


def ids(page: str) -> list[str]:
    """The article numbers that a page's links name, new ids as N…, old ones as O…, in order, each once."""
    found: dict[str, None] = {}
    for link in links(page):
        path = urlsplit(link).path
        if match := re.fullmatch(r"/1227/\d+/\d+/(\d+)/[^/]+/[^/]+", path):
            found["O" + match[1]] = None
        elif match := re.fullmatch(r"/[^/]+/[^/]*-(\d+)", path):
            found["N" + match[1]] = None
    return list(found)


def names(article: ArticleTruth) -> set[str]:
    return {"N" + article.source_id, "O" + urlsplit(article.old_url).path.split("/")[4]}


def turn_page(portal: Replica, slug: str, fields: dict[str, str], page: int, **headers: str) -> Answer:
    sent = {
        "Referer": f"{portal.base_url}{slug}",
        "Content_Type": "application/x-www-form-urlencoded; charset=UTF-8",
        **headers,
    }
    return ask(portal.base_url[:-1] + LOAD, "POST", urlencode({**fields, "page": page}), **sent)


@pytest.fixture(scope="module")
def portal() -> Iterator[Replica]:
    with Replica(seed=1, articles=240) as running:
        yield running


@pytest.fixture(scope="module")
def truth(portal: Replica) -> Truth:
    return portal.truth()


@pytest.fixture
def small() -> Iterator[Replica]:
    with Replica(seed=3, articles=40) as running:
        yield running


def fated(portal: Replica, fate: str) -> ArticleTruth:
    return next(one for one in portal.truth().articles if one.fate == fate)


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


def test_same_seed_gives_same_truth_and_another_seed_another() -> None:
    def bodies(seed: int) -> list[str]:
        with Replica(seed=seed, articles=30) as portal:
            return [one.body for one in portal.truth().articles]

    assert bodies(5) == bodies(5)
    assert bodies(5) != bodies(6)


def test_digests_of_truth_are_those_of_served_bytes(truth: Truth) -> None:
    some = truth.articles[::3]
    told = [(one.url, one.sha256) for article in some for one in article.images]
    told += [(one.url, one.sha256) for article in some for one in article.attachments]
    had = [(url, digest) for url, digest in told if digest]
    assert len(had) > 60
    for url, digest in had:
        assert hashlib.sha256(ask(url).body).hexdigest() == digest, url


def test_pictures_and_documents_are_real(truth: Truth) -> None:
    kinds: set[str | None] = set()
    for image in (image for one in truth.articles for image in one.images if image.sha256):
        if len(kinds) == 3:
            break
        with Image.open(BytesIO(ask(image.url).body)) as picture:
            picture.verify()
            kinds.add(picture.format)
    assert kinds == {"JPEG", "PNG", "WEBP"}
    assert write_document("k", "pdf").startswith(b"%PDF-1.4")
    for kind, part in (("docx", "word/document.xml"), ("xlsx", "xl/worksheets/sheet1.xml")):
        with zipfile.ZipFile(BytesIO(write_document("k", kind))) as package:
            assert package.testzip() is None
            assert "huyện" in package.read(part).decode() or "STT" in package.read(part).decode()


def test_pdf_maps_its_codes_to_vietnamese_letters() -> None:
    body = write_document("k", "pdf").decode("latin-1")
    mapping = {code: chr(int(char, 16)) for code, char in re.findall(r"<(..)> <(....)>", body)}
    shown = re.findall(r"<([0-9a-f]*)> Tj", body)
    text = "\n".join("".join(mapping[line[at : at + 2]] for at in range(0, len(line), 2)) for line in shown)
    assert "huyện" in text
    start = int(body.rsplit("startxref\n", 1)[1].split("\n")[0])
    assert body[start:].startswith("xref")


def test_truth_body_stands_on_the_page(truth: Truth) -> None:
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
    wanted = (
        "MsoNormal",
        "<o:p>",
        "ImgDetailImage",
        "<blockquote>",
        "youtube.com",
        "link-download",
        "view-gallery",
    )
    for mark in (
        *wanted,
        "viewer.html?file=",
        'type="application/pdf"',
        "docs.google.com",
        "officeapps",
        "(Ảnh trên)",
    ):
        assert mark in pages, mark
    assert any(unicodedata.normalize("NFC", part) != part for part in pages.split("\n"))
    assert "hoà" in pages
    assert "hòa" in pages


@pytest.mark.parametrize("listing", range(6))
def test_pager_gives_every_row_of_the_listing(portal: Replica, truth: Truth, listing: int) -> None:
    told = truth.listings[listing]
    page = ask(told.url).text
    assert f"maxPage = parseInt({told.pages})" in page
    fields = read_script(page)
    rows = ids(page[page.index('id="divArticle"') : page.index("maxPage")])
    for number in range(2, told.pages + 1):
        rows += ids(turn_page(portal, told.slug, fields, number).text)
    wanted = [names(truth.article(key)) for key in told.keys]
    assert set(rows) == {one for one in rows if any(one in pair for pair in wanted)}
    assert all(any(name in rows for name in pair) for pair in wanted)


def test_page_past_the_end_has_no_links(portal: Replica, truth: Truth) -> None:
    for told in truth.listings:
        fields = read_script(ask(told.url).text)
        assert not links(turn_page(portal, told.slug, fields, told.pages + 1).text)


@pytest.mark.parametrize("slug", ["tin-tuc-su-kien", "kinh-te-xa-hoi", "thong-bao"])
def test_pager_refuses_anything_but_its_own_form(portal: Replica, slug: str) -> None:
    fields = read_script(ask(portal.base_url + slug).text)
    assert links(turn_page(portal, slug, fields, 2).text)
    shortened = {name: value for name, value in fields.items() if name != "no"}
    wrong = {**fields, "show_post_date": "maybe"}
    refused = [
        turn_page(portal, slug, shortened, 2),
        turn_page(portal, slug, wrong, 2),
        turn_page(portal, slug, {**fields, "extra": "1"}, 2),
        turn_page(portal, slug, fields, 2, Referer=portal.base_url),
        ask(
            portal.base_url[:-1] + LOAD,
            "POST",
            json.dumps({**fields, "page": 2}),
            Content_Type="application/json",
            Referer=portal.base_url + slug,
        ),
    ]
    for answer in refused:
        assert answer.status == 500 or not links(answer.text)
    assert refused[-1].status == 500


def test_listings_differ_in_field_names(portal: Replica, truth: Truth) -> None:
    fields = [read_script(ask(told.url).text) for told in truth.listings]
    assert {"lang" in one for one in fields} == {True, False}
    assert {"categoryIds" in one for one in fields} == {True, False}
    assert {"is_authenticated" in one for one in fields} == {True, False}
    assert "-5" in {one["no"] for one in fields}


def test_pinned_article_heads_every_page(portal: Replica) -> None:
    slug = "van-hoa-du-lich"
    page = ask(portal.base_url + slug).text
    first = ids(page[page.index('id="divArticle"') :])[0]
    assert ids(turn_page(portal, slug, read_script(page), 2).text)[0] == first


def test_shifting_listing_moves_rows_down() -> None:
    with Replica(seed=1, articles=200, shifting=True) as portal:
        page = ask(portal.base_url + "tin-tuc-su-kien").text
        before = ids(page[page.index('id="divArticle"') : page.index("maxPage")])
        second = ids(turn_page(portal, "tin-tuc-su-kien", read_script(page), 2).text)
        third = ids(turn_page(portal, "tin-tuc-su-kien", read_script(page), 3).text)
        assert second[-1] in third
        again = ask(portal.base_url + "tin-tuc-su-kien").text
        after = ids(again[again.index('id="divArticle"') : again.index("maxPage")])
        assert after[2:] == before[:-2]
        top = portal.truth().listings[0].keys[0]
        assert after[0] in names(portal.truth().article(top))


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
def test_pages_that_are_no_articles_have_no_article_part(portal: Replica, path: str) -> None:
    answer = ask(portal.base_url + path)
    assert answer.status == 200
    assert "ArticleDetailControl" not in answer.text


def test_night_two_brings_newcomers_on_top() -> None:
    with Replica(seed=1, articles=120) as portal:
        before = {one.key for one in portal.truth().articles}
        portal.night = 2
        truth = portal.truth()
        fresh = [one for one in truth.articles if one.key not in before]
        assert len(fresh) == 3
        for article in fresh:
            assert article.posted_on == truth.today
            assert ask(article.url).status == 200


def test_every_fate_befalls_an_article_of_a_full_portal(truth: Truth) -> None:
    assert {one.fate for one in truth.articles if one.fate} == {fate.name for fate in FATES}


def test_nights_change_what_the_fates_say() -> None:
    with Replica(seed=1, articles=240) as portal:
        keys = {one.fate: one.key for one in portal.truth().articles if one.fate}
        nights: dict[int, Truth] = {}
        for night in range(1, 6):
            portal.night = night
            nights[night] = portal.truth()

        def told(fate: str, night: int) -> ArticleTruth:
            return nights[night].article(keys[fate])

        assert told("a-b-a", 1).body != told("a-b-a", 2).body
        assert told("a-b-a", 1).body == told("a-b-a", 3).body
        assert len({told("edited-every-night", night).body for night in nights}) == 5
        assert told("retitled", 2).url != told("retitled", 1).url
        assert told("retitled", 2).source_id == told("retitled", 1).source_id
        assert told("recaptioned", 2).images != told("recaptioned", 1).images
        before, after = (
            told("same-address-other-picture", 1).images,
            told("same-address-other-picture", 2).images,
        )
        assert [one.url for one in before] == [one.url for one in after]
        assert before != after
        for fate in ("gone-404", "gone-410", "soft-404", "redirect-home"):
            assert told(fate, 2).state == fate
            assert not told(fate, 2).listed
        for fate, night in (("away-one-night", 3), ("away-three-nights", 5), ("back-changed", 5)):
            assert told(fate, night - 1).state != "live"
            assert told(fate, night).state == "live"
        assert told("unlisted", 2).state == "live"
        assert not told("unlisted", 2).listed
        assert told("relisted", 3).listed
        assert told("moved", 3).category != told("moved", 1).category
        assert told("renumbered", 3).source_id != told("renumbered", 1).source_id
        for fate in ("moved", "renumbered"):
            answer = ask(told(fate, 1).url)
            assert answer.status == 301
            assert told(fate, 3).url.endswith(answer.header("Location"))
            assert told(fate, 1).url in told(fate, 3).former_urls
            assert ask(told(fate, 3).url).status == 200


@pytest.mark.parametrize(
    ("fate", "status"), [("gone-404", 404), ("gone-410", 410), ("soft-404", 200), ("redirect-home", 302)]
)
def test_vanished_article_answers_as_told(fate: str, status: int) -> None:
    with Replica(seed=1, articles=160, night=2) as portal:
        for url in (fated(portal, fate).url, fated(portal, fate).old_url):
            answer = ask(url)
            assert answer.status == status
            assert "ArticleDetailControl" not in answer.text


def test_status_fault_strikes_only_its_path_and_only_so_often(small: Replica) -> None:
    small.faults.set("/thong-bao", "503-retry-after", times=2, retry_after=7)
    answer = ask(small.base_url + "thong-bao")
    assert (answer.status, answer.header("Retry-After")) == (503, "7")
    assert ask(small.base_url + "thong-bao?x=1").status == 503
    assert ask(small.base_url + "thong-bao").status == 200
    assert ask(small.base_url + "kinh-te-xa-hoi").status == 200


def test_share_of_a_fault_strikes_always_the_same(small: Replica) -> None:
    urls = [one.url for one in small.truth().articles]
    small.faults.set("@articles", "500", share=0.6)
    first = [ask(url).status for url in urls]
    assert first == [ask(url).status for url in urls]
    assert 0.4 < first.count(500) / len(urls) < 0.8
    small.faults.clear()
    assert {ask(url).status for url in urls} == {200}


def test_redirect_faults_lead_where_nobody_should_go(small: Replica) -> None:
    where = {}
    for kind in (
        "redirect-home",
        "redirect-elsewhere",
        "redirect-loop",
        "redirect-private",
        "redirect-metadata",
    ):
        small.faults.set("/thong-bao", kind)
        where[kind] = ask(small.base_url + "thong-bao").header("Location")
    assert where["redirect-home"] == "/"
    assert small.elsewhere_host in where["redirect-elsewhere"]
    assert where["redirect-loop"] == "/thong-bao"
    assert where["redirect-private"].startswith("http://10.")
    assert where["redirect-metadata"].startswith("http://169.254.169.254/")


def test_bodies_of_faults_are_broken_as_named(small: Replica) -> None:
    url = small.base_url + "thong-bao"
    small.faults.set("/thong-bao", "truncate")
    with pytest.raises(http.client.IncompleteRead):
        ask(url)
    small.faults.set("/thong-bao", "reset")
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        ask(url)
    small.faults.set("/thong-bao", "empty")
    assert ask(url).body == b""
    small.faults.set("/thong-bao", "soft404")
    assert "đã bị xóa" in ask(url).text
    small.faults.set("/thong-bao", "wrong-length")
    assert not ask(url).body.rstrip().endswith(b"</html>")
    small.faults.set("/thong-bao", "wrong-charset")
    assert "iso-8859-1" in ask(url).header("Content-Type")
    small.faults.set("/thong-bao", "bad-header")
    assert b"ArticleInMenu" in ask(url).body
    small.faults.set("/thong-bao", "not-an-image")
    assert ask(url).header("Content-Type") == "image/jpeg"


def test_hanging_answer_ends_with_the_portal() -> None:
    portal = Replica(articles=12)
    portal.start()
    portal.faults.set("/thong-bao", "hang")
    with socket.create_connection(("127.0.0.1", urlsplit(portal.base_url).port or 0)) as client:
        client.sendall(b"GET /thong-bao HTTP/1.1\r\nHost: x\r\n\r\n")
        client.settimeout(0.05)
        with pytest.raises(TimeoutError):
            client.recv(1)
        portal.stop()
        client.settimeout(5)
        assert client.recv(1) == b""


def test_endless_body_and_bomb_are_larger_than_any_page(small: Replica) -> None:
    parts = urlsplit(small.base_url)
    for kind in ("huge", "gzip-bomb"):
        small.faults.set("/thong-bao", kind)
        connection = http.client.HTTPConnection(parts.netloc, timeout=10)
        connection.request("GET", "/thong-bao")
        response = connection.getresponse()
        if kind == "huge":
            assert len(response.read(3_000_000)) == 3_000_000
        else:
            packed = response.read()
            assert len(packed) < 1_000_000
            with gzip.GzipFile(fileobj=BytesIO(packed)) as bomb:
                assert len(bomb.read(50_000_000)) == 50_000_000
        connection.close()


def test_slow_answer_comes_in_drips(small: Replica) -> None:
    small.faults.set("/thong-bao", "slow")
    with socket.create_connection(("127.0.0.1", urlsplit(small.base_url).port or 0)) as client:
        client.sendall(b"GET /thong-bao HTTP/1.1\r\nHost: x\r\n\r\n")
        first = client.recv(65536)
        assert b"Content-Length" in first
        assert b"</html>" not in first


def test_every_kind_of_fault_is_known_and_others_refused(small: Replica) -> None:
    for kind in FAULT_KINDS:
        small.faults.set("/nowhere", kind)
        small.faults.set_spelled(f"^/a=b.*={kind},times=2,share=0.5")
    with pytest.raises(ValueError, match="no fault of kind"):
        small.faults.set("/x", "gremlin")
    with pytest.raises(ValueError, match="expected PATTERN=KIND"):
        small.faults.set_spelled("/x=gremlin")


def test_files_and_asked_pages_answer_304() -> None:
    with Replica(articles=20, page_etags=True) as portal:
        image = next(one for article in portal.truth().articles for one in article.images if one.sha256)
        first = ask(image.url)
        assert ask(image.url, If_None_Match=first.header("ETag")).status == 304
        assert ask(image.url, If_Modified_Since=first.header("Last-Modified")).status == 304
        page = ask(portal.base_url + "gioi-thieu")
        assert ask(portal.base_url + "gioi-thieu", If_None_Match=page.header("ETag")).status == 304


def test_pages_come_gzipped_chunked_and_with_repeated_headers(truth: Truth) -> None:
    answers = [ask(one.url, Accept_Encoding="gzip") for one in truth.articles[:24]]
    assert all("ArticleDetailControl" in gzip.decompress(one.body).decode() for one in answers)
    assert {one.header("Transfer-Encoding") for one in answers} == {"", "chunked"}
    assert {"charset" in one.header("Content-Type") for one in answers} == {True, False}
    assert [name for name, _ in answers[0].headers].count("Set-Cookie") == 2


def test_file_names_are_as_bad_as_on_the_portal(truth: Truth) -> None:
    urls = [one.url for article in truth.articles for one in article.images]
    urls += [one.url for article in truth.articles for one in article.attachments]
    decoded = [unquote(url) for url in urls]
    for mark in (" ", "(", "[", "..", "Ả"):
        assert any(mark in url.split("//", 1)[1] for url in decoded), mark
    assert any(re.search(r"/20\d\d/\d{1,2}/[^/]*\d{18}\.\w+$", url) for url in decoded)
    pages = "".join(ask(one.url).text for one in truth.articles[:60])
    assert re.search(r'src="http://[^"]* [^"]*"', pages)
    assert re.search(r'src="http://[^"]*%20[^"]*"', pages)


def test_trap_stands_on_every_page_and_logs_who_comes(small: Replica) -> None:
    for path in ("", "thong-bao", "lien-he"):
        assert f"http://{small.elsewhere_host}/" in ask(small.base_url + path).text
    stray = ask(small.base_url + "tin-tuc-su-kien/lien-ket-ngoai-trang-999001")
    assert small.elsewhere_host in stray.header("Location")
    assert not [one for one in small.requests if one.server == "elsewhere"]
    ask(stray.header("Location"))
    assert [one.host for one in small.requests if one.server == "elsewhere"] == [small.elsewhere_host]


def test_log_keeps_method_body_and_status(small: Replica) -> None:
    small.forget_requests()
    ask(small.base_url[:-1] + LOAD, "POST", "{}", Content_Type="application/json")
    (entry,) = small.requests
    assert (entry.server, entry.method, entry.path, entry.body, entry.status) == (
        "site",
        "POST",
        LOAD,
        b"{}",
        500,
    )


def test_profile_is_toml_with_overrides(small: Replica) -> None:
    profile = tomllib.loads(small.profile_toml())
    assert profile["base_url"] == small.base_url
    assert profile["asset_hosts"] == [small.files_host]
    assert profile["pace"]["delay_seconds"] == 0
    assert "/luat--phap-lenh" in profile["listings"]
    other = tomllib.loads(small.profile_toml(name="xa", listings=None, pace={"concurrency": 2}))
    assert "listings" not in other
    assert other["pace"] == {"delay_seconds": 0, "concurrency": 2}


def test_portal_runs_as_a_process_that_can_be_steered() -> None:
    command = [sys.executable, "-m", "crawler.replica", "--articles", "40", "--fault", "/lien-he=503"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            base = process.stdout.readline().strip()
            assert ask(base + "lien-he").status == 503
            assert ask(base + "_replica/clear", "POST").status == 200
            assert ask(base + "lien-he").status == 200
            assert ask(base + "_replica/fault?path=/lien-he&kind=410", "POST").status == 200
            assert ask(base + "lien-he").status == 410
            assert ask(base + "_replica/fault?path=/x&kind=gremlin", "POST").status == 400
            assert ask(base + "_replica/night?n=2", "POST").status == 200
            assert json.loads(ask(base + "_replica/truth").body)["night"] == 2
            assert [one["status"] for one in json.loads(ask(base + "_replica/requests").body)] == [
                503,
                200,
                410,
            ]
            assert tomllib.loads(ask(base + "_replica/profile").text)["base_url"] == base
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_small_portal_stands_too() -> None:
    with Replica(articles=1) as portal:
        assert ask(portal.base_url).status == 200
        assert ask(portal.truth().articles[0].url).status == 200
