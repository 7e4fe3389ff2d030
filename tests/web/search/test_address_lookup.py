"""From pasted addresses to articles."""

import sqlite3
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from crawler.web.search.address_lookup import find_article
from tests.support.web_archive import NEW, OLD, ORIGIN, Site, open_site


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with open_site(tmp_path_factory.mktemp("finding")) as opened:
        yield opened


WRAPPED = quote(f"{NEW}?fbclid=IwAR0", safe="")


@pytest.mark.parametrize(
    "address",
    [
        NEW,
        OLD,
        f"{NEW}?fbclid=abc",
        f"{OLD}?fbclid=abc&utm_source=zalo",
        f"{NEW}/",
        NEW.replace("https", "http"),
        NEW.replace("https", "HTTPS"),
        NEW.removeprefix("https://"),
        f" {NEW}#x",
        f"{OLD}/?gidzl=1#binh-luan",
        NEW.replace("huyen", "HUYEN"),
        NEW.replace("://", "://www."),
        OLD.replace("https://", "http://www."),
        NEW.replace(".vn/", ".vn:443/"),
        f"{OLD}?gidzl=1&utm_source=x",
        NEW.replace("-tong", "-t%6fng"),
        f"<{NEW}>",
        f"“{NEW}”.",
        f"\u200b{NEW}\ufeff",
        f"https://l.facebook.com/l.php?u={WRAPPED}&h=AT0",
        f"https://zalo.me/share?a=1&url={WRAPPED}",
        # Moved into another category, or renamed: the portal's own number stays.
        NEW.replace("/tin-tuc/", "/thong-bao/"),
        NEW.replace("hoi-nghi-tong-ket", "hoi-nghi"),
    ],
)
def test_go_leads_from_any_address_to_the_article(site: Site, address: str) -> None:
    response = site.get(f"/go?url={quote(address, safe='')}")
    assert (response.status_code, response.headers.get("location")) == (302, "/article/1")


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


def test_no_way_to_an_article_looks_at_every_address(site: Site) -> None:
    """An address that nobody knows is tried in all its spellings, each by an index."""
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
