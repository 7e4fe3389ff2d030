"""The site's own pages, asked in this process: what they show, and that no question breaks them."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from crawler.web.plugin import register_routes
from tests.support.build import Clock, Night
from tests.support.web_archive import Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("pages")) as opened:
        yield opened


def test_datasettes_own_index_stays_reachable(site: Site) -> None:
    assert "Custom SQL query" in site.get("/archive").text
    assert site.get("/-/databases.json").json()[0]["name"] == "archive"
    assert len(site.get("/-/databases.json").json()) == 1


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
        "/capture/9223372036854775808",
        "/capture/1/raw",
        "/article/1/diff/a..b",
        "/article/1/revision/9999999999",
        "/article/99999999999999999999/history",
        "/image/abc/articles",
        "/khong-co",
        "/a/b/c.html",
        "/archive/khong",
        "/archive/articles/999999",
        "/-/khong",
    ],
)
def test_unknown_is_a_404_page(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.status_code == 404
    assert "Không tìm thấy trang này" in response.text


def test_an_unknown_address_is_told_in_english_or_as_data_where_asked_so(site: Site) -> None:
    assert "There is nothing at this address" in site.get("/khong-co?lang=en").text
    assert site.get("/archive/khong.json").json()["status"] == 404


def test_a_fault_of_ours_is_told_in_the_visitor_s_language(archive: Path, clock: Clock) -> None:
    with Night(archive, clock):
        pass
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute("alter table articles rename column state to was")
    with closing(Site(archive)) as site:
        page = site.get("/removed")
    assert (page.status_code, "Hiện chưa mở được trang này" in page.text) == (500, True)
    assert "no such column" not in page.text


def test_english_is_carried_in_every_link_and_no_cookie_is_set(site: Site) -> None:
    response = site.get("/search?q=thong+bao&lang=en")
    assert '<html lang="en">' in response.text
    assert "set-cookie" not in response.headers
    for link in re.findall(r'href="(/(?:article|search)[^"]*)"', response.text):
        assert "lang=en" in link or "Tiếng Việt" in response.text.split(link)[1][:80], link
    assert '<html lang="vi">' in site.get("/search?lang=xx").text


def test_every_address_of_the_site_is_documented(site: Site) -> None:
    documented = Path(__file__).parents[2].joinpath("docs", "site.md").read_text(encoding="utf-8")
    routes = [pattern for pattern, _ in register_routes(site.datasette)]
    addresses = [re.sub(r"\(\?P<(\w+)>[^()]*\)", lambda part: part[1].upper(), route) for route in routes]
    plain = [address.removesuffix("$").replace("\\.", ".") for address in addresses]
    wanted = [address for address in plain if "(" not in address]
    assert len(wanted) >= 30
    assert [address for address in wanted if not re.search(f"`{re.escape(address)}[`?]", documented)] == []


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
    known = r"localhost/|huyen\.example|good\.example|storage-vnportal"
    assert not re.search(rf'(?:src|href)="(?:https?:)?//(?!{known})', page)
