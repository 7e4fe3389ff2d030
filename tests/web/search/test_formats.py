"""The other forms of a search: JSON, CSV and feeds."""

import csv
import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from tests.support.pages.search_pages import ATOM, found, read_feed, search
from tests.support.web_archive import FILLERS, HOSTILE, NEW, Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("search")) as opened:
        yield opened


def test_the_sql_of_a_second_page_gives_its_hits(site: Site) -> None:
    first = site.get("/search.json?q=thong+bao").json()
    second = urlsplit(first["next"])
    asked = site.get(f"{second.path}?{second.query}").json()
    address = f"/archive.json?{urlencode({'sql': asked['sql'], '_shape': 'array', **asked['sql_parameters']})}"
    assert [row["id"] for row in site.get(address).json()] == [hit["id"] for hit in asked["hits"]]


def test_json_answers_the_same_page_by_page(site: Site) -> None:
    seen: list[int] = []
    path = "/search.json?q=thong+bao"
    while path:
        response = site.get(path)
        assert response.headers["content-type"].startswith("application/json")
        body = response.json()
        seen += [hit["id"] for hit in body["hits"]]
        path = body["next"] and f"{urlsplit(body['next']).path}?{urlsplit(body['next']).query}"
    assert (len(seen), body["count"], body["count_is_capped"]) == (FILLERS, FILLERS, False)
    assert body["by_time"][0] == {
        "since": "2022-01-01",
        "until": "2022-12-31",
        "count": FILLERS,
        "count_is_capped": False,
    }
    hit = site.get("/search.json?q=le+dinh+loi").json()["hits"][0]
    assert hit["page"].endswith("/article/1")
    assert (hit["id"], hit["url"], hit["found_in"], hit["published_on"]) == (1, NEW, "captions", "2024-05-02")
    assert "<mark>Lê Đình Lợi</mark>" in hit["snippet_html"]
    assert "\1" not in json.dumps(hit)
    faulty = site.get('/search.json?q="x&since=tomorrow').json()
    assert faulty["faults"] == [{"kind": "unclosed-quote", "piece": '"x'}]
    assert faulty["not_understood"] == ["since"]


def test_csv_holds_all_hits_and_no_formula(site: Site, tmp_path: Path) -> None:
    response = site.get("/search.csv?q=thong+bao")
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(StringIO(response.text)))
    assert [int(row["id"]) for row in rows][:3] == found(site, "thông báo")[:3]
    assert len(rows) == FILLERS
    assert site.get("/search.csv?q=thong+bao&bom=1").text.startswith("\ufeffid,")
    assert site.get("/search.csv?q=xyzzyx").text.count("\n") == 1
    assert next(csv.DictReader(StringIO(site.get("/search.csv?q=onerror").text)))["title"] == HOSTILE


def plain(text: str) -> str:
    return text.replace("\u202e", "")


def test_a_feed_names_the_newest_hits_for_good(site: Site) -> None:
    feed = read_feed(site, "/search.atom?q=thong+bao")
    entries = list(feed.iter(f"{ATOM}entry"))
    assert len(entries) == FILLERS
    pages = [entry.find(f"{ATOM}link").get("href") for entry in entries]  # type: ignore[union-attr]
    assert [int(str(page).rpartition("/")[2]) for page in pages][:20] == found(site, "thong bao")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == "http://localhost/search.atom?q=thong+bao"
    assert links["alternate"] == "http://localhost/search?q=thong+bao"
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert len(set(ids)) == FILLERS
    again = read_feed(site, "/search.atom?q=thong&category=tin-tuc&lang=en")
    assert {entry.findtext(f"{ATOM}id") for entry in again.iter(f"{ATOM}entry")} >= set(ids)
    assert again.findtext(f"{ATOM}id") != feed.findtext(f"{ATOM}id")


def test_a_feed_of_hostile_words_or_none_is_well_formed(site: Site) -> None:
    entry = next(read_feed(site, "/search.atom?q=onerror").iter(f"{ATOM}entry"))
    assert entry.findtext(f"{ATOM}title") == plain(HOSTILE)
    for query in ("", "xyzzyx", "<&>\"'", "\x00\x0b\ufffe", "]]>", '"'):
        read_feed(site, f"/search.atom?{urlencode({'q': query, 'byline': query, 'portal': query})}")


def test_a_feed_names_the_public_address_of_the_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_SITE", "https://luu-tru.example.vn/doc")
    feed = read_feed(site, "/search.atom?q=thong+bao")
    links = {link.get("rel"): link.get("href") for link in feed.findall(f"{ATOM}link")}
    assert links["self"] == "https://luu-tru.example.vn/doc/search.atom?q=thong+bao"


def test_the_page_names_its_feed_and_its_other_forms(site: Site) -> None:
    page = site.get(search(q="thong bao", since="2022-01-02")).text
    for form in ("atom", "json", "csv"):
        assert f"/search.{form}?" in page
    feed = re.search(r'<link rel="alternate" type="application/atom\+xml"[^>]* href="([^"]*search[^"]+)"', page)
    assert feed is not None
    assert dict(parse_qsl(urlsplit(feed[1].replace("&amp;", "&")).query)) == {"q": "thong bao", "since": "2022-01-02"}
