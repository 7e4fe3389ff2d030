"""What search engines are told: what they may ask for, and the addresses of all articles but the withheld ones."""

import shutil
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest

from crawler.web.data import sitemap
from tests.support.build import Clock, Night, article_page, new_address, read_rows
from tests.support.web_archive import Site
from tests.support.withholding import LONG, SECRET, act, make_nights

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
HERE = "http://localhost"


def listed(site: Site, path: str, name: str = "loc") -> list[str]:
    answer = site.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/xml; charset=utf-8")
    return [one.text or "" for one in ElementTree.fromstring(answer.text).iter(f"{SPACE}{name}")]


def test_sitemaps_name_every_article_by_blocks(archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    make_nights(archive, clock, first=1, last=2)
    monkeypatch.setattr(sitemap, "BLOCK", 2)
    monkeypatch.delenv("PORTAL_ARCHIVE_SITE", raising=False)
    held = read_rows(archive, "select id, coalesce(changed_at, first_seen_at) from articles order by id")
    with closing(Site(archive)) as site:
        blocks = [address.removeprefix(HERE) for address in listed(site, "/sitemap.xml")]
        found = [address for block in blocks for address in listed(site, block)]
        assert found == [f"{HERE}/article/{number}" for number, _ in held]
        assert [at for block in blocks for at in listed(site, block, "lastmod")] == [at for _, at in held]
        assert len(blocks) > 2
        assert all(site.get(address.removeprefix(HERE)).status_code == 200 for address in found)
        assert site.get("/sitemap-9999.xml").status_code == 404
        assert site.get("/sitemap-999999999.xml").status_code == 404


def test_numbers_that_jumped_make_no_sitemap_without_an_article(archive: Path, clock: Clock) -> None:
    make_nights(archive, clock, first=1, last=1)
    shutil.rmtree(archive.parent / ".history")  # as in a copy of the folder: the next run's numbers jump
    with Night(archive, clock) as night:
        night.read(new_address(4242, "moi").url, article_page("Bài mới", LONG))
    held = read_rows(archive, "select id from articles order by id")
    assert held[-1][0] - held[0][0] > 2 * sitemap.BLOCK
    with closing(Site(archive)) as site:
        blocks = [address.removeprefix(HERE) for address in listed(site, "/sitemap.xml")]
        assert len(blocks) == 2
        assert [one for block in blocks for one in listed(site, block)] == [f"{HERE}/article/{row[0]}" for row in held]


def test_a_withheld_article_is_in_no_sitemap(archive: Path, clock: Clock) -> None:
    make_nights(archive, clock, first=1, last=1)
    ((secret,),) = read_rows(archive, "select id from articles where url = ?", SECRET.url)
    with closing(Site(archive)) as site:
        assert f"{HERE}/article/{secret}" in listed(site, "/sitemap-0.xml")
        act(archive, "withhold", SECRET.url, at=clock() + timedelta(hours=1))
        rest = listed(site, "/sitemap-0.xml")
    assert rest
    assert f"{HERE}/article/{secret}" not in rest


def test_an_empty_archive_has_an_empty_sitemap(archive: Path, clock: Clock) -> None:
    with Night(archive, clock):
        pass
    with closing(Site(archive)) as site:
        assert listed(site, "/sitemap.xml") == [f"{HERE}/sitemap-0.xml"]
        assert listed(site, "/sitemap-0.xml") == []


def test_robots_close_queries_and_name_the_sitemap(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_nights(archive, clock, first=1, last=1)
    monkeypatch.setenv("PORTAL_ARCHIVE_SITE", "https://luu-tru.example.vn/kho/")
    with closing(Site(archive)) as site:
        lines = site.get("/robots.txt").text.splitlines()
    assert lines[0] == "User-agent: *"
    assert "Sitemap: https://luu-tru.example.vn/kho/sitemap.xml" in lines
    closed = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow: ")]
    for path in ("/archive/articles?_facet=portal", "/search?q=a", "/search.csv?q=a", "/capture/1", "/-/versions"):
        assert any(path.startswith(one) for one in closed), path
    for path in ("/", "/article/1", "/article/1/history", "/changes", "/removed", "/image/00", "/sitemap.xml"):
        assert not any(path.startswith(one) for one in closed), path
