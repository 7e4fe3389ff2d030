"""That nothing of a portal's text gets out of its place, on our pages and on Datasette's."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.support.web_archive import HOSTILE, Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("headers")) as opened:
        yield opened


OWN = [
    "/",
    "/search?q=alert",
    "/search",
    "/article/2",
    "/article/2?lang=en",
    "/capture/6",
    "/go?url=%3Cscript%3E",
    "/capture/5?part=page",
    "/timegate/https://x.vn/%3Cscript%3E%22?a=<script>",
    "/timemap/link/https://x.vn/'><script>",
]
TABLES = [
    "/archive",
    "/archive/articles",
    "/archive/articles/2",
    "/archive/revisions?article_id=2",
    "/archive/article_images",
    "/archive/article_attachments",
    "/archive/categories",
    "/archive/crawl_errors",
    "/archive/images",
    "/archive/crawls",
    "/archive/errors_by_kind",
    "/archive/full_text_search?q=alert",
    "/archive/articles?_facet=title",
    "/archive/portals",
]


def without_data(page: str) -> str:
    """Take out the blocks of data for search engines, each a JSON text that nothing in it can end."""
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    for block in blocks:
        json.loads(block)
        assert "<" not in block
    return re.sub(r'<script type="application/ld\+json">.*?</script>', "", page, flags=re.DOTALL)


@pytest.mark.parametrize("path", OWN)
def test_own_pages_hold_no_script_and_no_foreign_markup(site: Site, path: str) -> None:
    response = site.get(path)
    page = without_data(response.text)
    assert "<script" not in page
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", re.sub(r'"[^"]*"', '""', page))
    assert "<img src=x" not in page
    assert 'href="javascript' not in page.lower()
    assert 'href="data:' not in page.lower()
    assert "evil.example" not in page
    assert not re.search("(?:'|&#39;|&#x27;)49", page)
    policy = response.headers["content-security-policy"]
    assert "script-src 'none'" in policy or policy.startswith("sandbox")


@pytest.mark.parametrize("path", TABLES)
def test_datasettes_pages_escape_the_portals_text_and_load_nothing_from_elsewhere(site: Site, path: str) -> None:
    response = site.get(path)
    assert response.status_code == 200
    assert "<img src=x" not in response.text
    assert "<script>alert" not in response.text
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'" in policy
    scripts = policy.partition("script-src ")[2].partition(";")[0]
    assert "unsafe-inline" not in scripts
    nonce = re.search("'nonce-([^']{20,})'", scripts)
    assert nonce is not None
    assert set(re.findall(r"<script\b([^>]*)", response.text)) != set()
    for script in re.findall(r"<script\b[^>]*", response.text):
        assert f'nonce="{nonce[1]}"' in script
    assert nonce[1] not in site.get(path).text


@pytest.mark.parametrize(
    "path", [*OWN, *TABLES, "/archive/articles.json", "/-/portal-archive/site.css", "/archive/articles.csv"]
)
def test_every_answer_carries_nosniff_and_a_policy(site: Site, path: str) -> None:
    headers = site.get(path).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"]
    assert headers["referrer-policy"]


def test_portal_text_reaches_json_unchanged(site: Site) -> None:
    row = json.loads(site.get("/archive/articles/2.json?_shape=array").text)[0]
    assert row["byline"] == HOSTILE


def test_links_to_the_portal_say_nothing_of_the_visitor(site: Site) -> None:
    page = site.get("/article/2").text + site.get("/article/1").text
    for link in re.findall(r"<a [^>]*href=\"https?://[^>]*>", page):
        assert set(re.search(r'rel="([^"]*)"', link)[1].split()) >= {"noopener", "nofollow", "noreferrer"}  # type: ignore[index]


def test_direction_controls_do_not_reach_the_windows_title(site: Site) -> None:
    title = re.search("<title>(.*?)</title>", site.get("/article/2").text, re.DOTALL)
    assert title is not None
    assert "\u202e" not in title[1]


def test_frame_ancestors_are_refused_on_our_pages(site: Site) -> None:
    assert "frame-ancestors 'none'" in site.get("/").headers["content-security-policy"]


def test_static_files_come_from_the_package_only(site: Site) -> None:
    assert site.get("/-/portal-archive/site.css").headers["content-type"].startswith("text/css")
    assert site.get("/-/portal-archive/no-such.css").status_code == 404
    assert site.get("/-/portal-archive/..%2fplugin.css").status_code in (302, 404)
