"""Memento (RFC 7089): from an address and a time to the capture nearest to it, and lists of captures by time."""

import re
from collections.abc import Iterator

import pytest

from crawler.language.dates import parse_iso
from crawler.web.http_cache import format_http_date, parse_http_date
from tests.support.web_archive import NEW, OLD, ORIGIN, Maker, Site

HTML = (b"Content-Type", b"text/html")
QUERY = f"{ORIGIN}/tim?q=%C4%91%E1%BA%A5t&p=1"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Captures a minute apart from 18:01: 1 to 3 of one address, 4 of an address with a query, then others."""
    archive = tmp_path_factory.mktemp("memento") / "archive.db"
    maker = Maker(archive)
    for body in (b"<p>1", b"<p>2", b"<p>3"):
        maker.capture(NEW, body, HTML)
    maker.capture(QUERY, b"<p>4", HTML)
    maker.capture(NEW, b"<p>mat", HTML, status=404)
    maker.capture(OLD, b"<p>6", HTML)
    maker.post(NEW, b"a=1", b"<p>7")
    maker.capture(f"{ORIGIN}/chi-mat", b"<p>8", HTML, status=404)
    maker.capture(f'{ORIGIN}/"><script>', b"<p>9", HTML)
    maker.writer.finish("complete")
    maker.writer.close()
    opened = Site(archive)
    yield opened
    opened.close()


def when(minute: int, second: int = 0) -> str:
    return f"Thu, 27 Aug 2026 18:{minute:02}:{second:02} GMT"


def relations(header: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for address, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', header):
        for one in relation.split():
            found[one] = address
    return found


@pytest.mark.parametrize(
    ("asked", "capture"),
    [
        (when(1), 1),
        (when(1, 29), 1),
        (when(1, 31), 2),
        (when(3), 3),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1),
        (when(4, 1), 5),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 5),
        (None, 5),
    ],
)
def test_timegate_leads_to_the_nearest_capture(site: Site, asked: str | None, capture: int) -> None:
    response = site.get(f"/timegate/{NEW}", **({"accept_datetime": asked} if asked else {}))
    assert response.status_code == 302
    assert response.headers["location"].endswith(f"/capture/{capture}")
    assert "accept-datetime" in response.headers["vary"].lower()
    found = relations(response.headers["link"])
    assert found["original"] == NEW
    assert found["timemap"].endswith(f"/timemap/link/{NEW}")
    assert found["first"].endswith("/capture/1")
    assert found["last"].endswith("/capture/5")
    assert f'datetime="{when(5)}"' in response.headers["link"]
    assert "memento-datetime" not in response.headers


@pytest.mark.parametrize(
    "bad", ["yesterday", "2026-08-27T18:05:00Z", "Thu, 99 Aug 2026 18:05:00 GMT", "", "Thu, 31 Feb 2026 00:00:00 GMT"]
)
def test_an_invalid_time_answers_400(site: Site, bad: str) -> None:
    response = site.get(f"/timegate/{NEW}", accept_datetime=bad)
    assert response.status_code == 400
    assert "Accept-Datetime" in response.text


def test_query_and_encoding_of_the_address_count(site: Site) -> None:
    assert site.get(f"/timegate/{QUERY}").headers["location"].endswith("/capture/4")
    assert site.get(f"/timegate/{ORIGIN}/tim?q=khac").status_code == 404
    assert f'<{QUERY}>; rel="original"' in site.get(f"/timemap/link/{QUERY}").text


def test_old_and_new_address_of_an_article_keep_their_own_captures(site: Site) -> None:
    assert site.get(f"/timegate/{OLD}").headers["location"].endswith("/capture/6")
    assert "/capture/6" not in site.get(f"/timemap/link/{NEW}").text


def test_timemap_lists_every_capture_in_order(site: Site) -> None:
    response = site.get(f"/timemap/link/{NEW}")
    assert response.headers["content-type"].startswith("application/link-format")
    lines = response.text.strip().split(",\n")
    assert lines[0] == f'<{NEW}>; rel="original"'
    assert 'rel="timegate"' in lines[1]
    assert f'rel="self"; type="application/link-format"; from="{when(1)}"; until="{when(5)}"' in lines[2]
    assert [re.sub(r"^<http://[^/]+", "<", line) for line in lines[3:]] == [
        f'</capture/1>; rel="first memento"; datetime="{when(1)}"',
        f'</capture/2>; rel="memento"; datetime="{when(2)}"',
        f'</capture/3>; rel="memento"; datetime="{when(3)}"',
        f'</capture/5>; rel="last memento"; datetime="{when(5)}"',
    ]


def test_a_page_that_was_gone_is_a_memento_that_says_its_status(site: Site) -> None:
    page = site.get("/capture/5")
    assert "memento-datetime" in page.headers
    assert "Lúc đó cổng trả lời mã 404" in page.text
    assert "answered with status 404" in site.get("/capture/5?lang=en").text
    assert "Lúc đó cổng trả lời mã" not in site.get("/capture/3").text


def test_address_that_only_ever_failed_has_its_failures(site: Site) -> None:
    assert site.get(f"/timegate/{ORIGIN}/chi-mat").headers["location"].endswith("/capture/8")


@pytest.mark.parametrize("prefix", ["/timegate/", "/timemap/link/"])
def test_unknown_address_is_a_page(site: Site, prefix: str) -> None:
    for address in ("https://khac.example/", "x", "https://[", "https://%00", "%", "https://x.vn/" + "a" * 9000):
        response = site.get(prefix + address)
        assert response.status_code == 404
        assert "Chưa có bản chụp" in response.text


def test_capture_says_of_which_address_and_time_it_is(site: Site) -> None:
    headers = site.get("/capture/2").headers
    assert headers["memento-datetime"] == when(2)
    found = relations(headers["link"])
    assert found["original"] == NEW
    assert found["timegate"].endswith(f"/timegate/{NEW}")
    assert found["timemap"].endswith(f"/timemap/link/{NEW}")
    assert found["prev"].endswith("/capture/1")
    assert found["next"].endswith("/capture/3")
    assert found["first"].endswith("/capture/1")
    assert site.get("/capture/2?part=raw").headers["memento-datetime"] == when(2)


def test_address_of_a_portal_breaks_out_of_no_header(site: Site) -> None:
    headers = site.get("/capture/9").headers
    assert f'<{ORIGIN}/%22%3E%3Cscript%3E>; rel="original"' in headers["link"]
    assert "<script" not in site.get("/capture/9").text


def test_links_name_the_public_address_of_the_site(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_SITE", "https://kho.example/")
    assert site.get(f"/timegate/{NEW}").headers["location"] == "https://kho.example/capture/5"


def test_times_go_both_ways() -> None:
    for at in ("2026-08-27T18:05:09Z", "2000-02-29T00:00:00Z", "1999-12-31T23:59:59Z"):
        moment = parse_http_date(format_http_date(parse_iso(at)))
        assert moment is not None
        assert f"{moment:%Y-%m-%dT%H:%M:%SZ}" == at
