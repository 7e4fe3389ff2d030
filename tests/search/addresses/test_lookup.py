"""From pasted addresses to what they name, at each entry point."""

import sqlite3
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from crawler.search.addresses.lookup import find_article
from crawler.withholding.targets import find_target
from tests.support.web_archive import NEW, OLD, ORIGIN, SPELLINGS, Maker, Site, build_archive


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The archive of `build_archive`, in which both addresses of article 1 were captured."""
    archive = build_archive(tmp_path_factory.mktemp("lookup"))
    maker = Maker(archive)
    maker.capture(NEW, b"<p>1", (b"Content-Type", b"text/html"))
    maker.writer.finish("complete")
    maker.writer.close()
    opened = Site(archive)
    yield opened
    opened.close()


def is_captured(site: Site, path: str) -> bool:
    """Whether `/timegate` leads from a path to the capture of one of the article's two addresses."""
    location = site.get(f"/timegate/{path}").headers["location"]
    original = site.get(location.replace("http://localhost", "")).headers["link"].partition(">")[0].lstrip("<")
    return original in (OLD, NEW)


@pytest.mark.parametrize("address", SPELLINGS)
def test_every_entry_point_understands_every_spelling(site: Site, address: str) -> None:
    """The site's four addresses for an address, and what `withhold` and `release` take."""
    encoded = quote(address, safe="")
    for entry in ("go?url", "search?q"):
        response = site.get(f"/{entry}={encoded}")
        assert (response.status_code, response.headers.get("location")) == (302, "/article/1"), entry
    assert is_captured(site, encoded)
    assert 'rel="first last memento"' in site.get(f"/timemap/link/{encoded}").text
    connection = sqlite3.connect(site.datasette.get_database("archive").path)
    try:
        assert find_target(connection, address).what == "1"
    finally:
        connection.close()


@pytest.mark.parametrize("address", SPELLINGS)
def test_an_address_in_the_path_needs_no_encoding(site: Site, address: str) -> None:
    path = quote(address, safe="/:?&=,%")
    if "#" not in address:
        assert is_captured(site, path)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "//",
        "https://",
        "https://[",
        "https://x.vn:99999999/",
        "javascript:alert(1)",
        f"{ORIGIN}/",
        "\x00",
        "a" * 9000,
        f"{NEW}9",
        NEW.replace("huyen.", "khac."),
        NEW.replace("huyen.", "m.khac."),
        NEW.replace(".vn/", ".vn:5000/"),
        f"{NEW}?amp=1".replace("100001", "109999"),
        f"{ORIGIN.replace('://', '://m.')}/article/1",
        "https://l.facebook.com/l.php?u=https%3A%2F%2F%5B",
        f"https://evil.example/?u={quote(ORIGIN)}",
    ],
)
def test_go_answers_404_for_anything_else(site: Site, address: str) -> None:
    response = site.get(f"/go?url={quote(address, safe='')}")
    assert response.status_code == 404
    assert 'href="javascript' not in response.text


def test_go_keeps_the_language(site: Site) -> None:
    assert site.get(f"/go?url={quote(NEW)}&lang=en").headers["location"] == "/article/1?lang=en"


def test_no_lookup_scans_every_address(site: Site) -> None:
    """All spellings of an unknown address are looked up, each by an index."""
    plans: list[str] = []

    def find(connection: sqlite3.Connection) -> None:
        statements: list[str] = []
        connection.set_trace_callback(statements.append)
        assert find_article(connection, f"{ORIGIN}/tin-tuc/khong-co-bai-nay-999999") is None
        assert find_article(connection, "https://nowhere.example.vn/a?b=c") is None
        connection.set_trace_callback(None)
        for statement in statements:
            if "from article_urls" in statement:
                plans.extend(row[3] for row in connection.execute(f"explain query plan {statement}"))

    site.loop.run_until_complete(site.datasette.get_database("archive").execute_fn(find))
    assert [plan for plan in plans if "article_urls" in plan] != []
    assert not [plan for plan in plans if "SCAN article_urls" in plan]
