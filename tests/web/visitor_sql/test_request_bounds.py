"""Requests that Datasette's pages cannot read, or would answer with a huge page."""

import gc
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.crawling import ROOT
from tests.support.hostile.requests import Asked, Visitor
from tests.support.web_archive import open_site

# Datasette makes the coroutines of its facets before it looks at all parameters.
pytestmark = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")


@pytest.fixture(scope="module")
def visitor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visitor]:
    with open_site(tmp_path_factory.mktemp("bounds")) as site:
        yield Visitor(site)
        gc.collect()


@pytest.mark.parametrize("cookie", [b"a=\xff", b"a,b=1", b"ds_actor=x; c/d=2", b"=;=;", b"a=1"])
@pytest.mark.parametrize("path", ["/", "/archive/portals", "/-/static/app.css"])
def test_a_cookie_of_another_site_is_no_failure(visitor: Visitor, path: str, cookie: bytes) -> None:
    answered = visitor.ask(Asked(path, headers=((b"cookie", cookie),)))
    assert (answered.status, answered.error) == (200, "")


@pytest.mark.parametrize(
    "query", ["_timelimit=x", "_through=1", "_through=x", "_sort=x", "_sort_desc=x", "_col=x", "_facet_date=x&_trace=1"]
)
@pytest.mark.parametrize("path", ["/archive/articles", "/archive/articles.json"])
def test_an_unknown_value_of_a_parameter_is_a_wrong_request(visitor: Visitor, path: str, query: str) -> None:
    answered = visitor.ask(Asked(path, query))
    assert answered.status == 400
    assert b"object" not in answered.body
    assert b"invalid literal" not in answered.body


@pytest.mark.parametrize("path", ["/archive.csv", "/archive.json", "/archive"])
def test_a_query_that_takes_too_long_is_the_visitors_mistake(visitor: Visitor, path: str) -> None:
    endless = "with recursive a(x) as (select 1 union all select x + 1 from a) select count(*) from a"
    assert visitor.ask(Asked(path, f"_timelimit=200&sql={quote(endless)}")).status == 400


def test_a_file_name_that_is_too_long_tells_no_folder_of_the_server(visitor: Visitor) -> None:
    answered = visitor.ask(Asked("/-/static/" + "a" * 5000))
    assert answered.status == 400
    assert str(ROOT).encode() not in answered.body
    assert b"site-packages" not in answered.body


@pytest.mark.parametrize(
    "query",
    [
        "&".join(["_facet=title"] * 11),
        "&".join(["_facet_date=published_on"] * 11),
        "a=b&" * 101,
        "_where=" + "1+" * 10_000,
    ],
)
@pytest.mark.parametrize(
    "path", ["/archive/articles", "/archive", "/archive.json", "/%61rchive/articles", "/archive/articles.csv"]
)
def test_a_query_that_makes_a_table_page_huge_is_refused(visitor: Visitor, path: str, query: str) -> None:
    answered = visitor.ask(Asked(path, query))
    assert answered.status == 400
    assert len(answered.body) < 200


def test_what_an_analyst_asks_is_within_the_bounds(visitor: Visitor) -> None:
    facets = "&".join(f"_facet={name}" for name in ("portal", "state", "category_id", "listed", "published_from"))
    columns = "&".join(f"_col={name}" for name in ("title", "url", "published_on", "state"))
    assert visitor.ask(Asked("/archive/articles", f"{facets}&{columns}")).status == 200
    assert visitor.ask(Asked("/search", "q=" + "%E1%BA%AF" * 10_000)).status == 200


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PROPFIND", "get"])
@pytest.mark.parametrize("path", ["/-/settings.json", "/", "/archive/articles"])
def test_methods_that_write_are_refused_everywhere(visitor: Visitor, path: str, method: str) -> None:
    assert visitor.ask(Asked(path, method=method)).status == 405


def test_a_failure_of_the_site_itself_shows_no_reason(
    visitor: Visitor, caplog: pytest.LogCaptureFixture, tmp_path_factory: pytest.TempPathFactory
) -> None:
    with open_site(tmp_path_factory.mktemp("broken")) as site:
        site.datasette.get_database("archive").execute_fn = None  # as a fault in our code
        answered = Visitor(site).ask(Asked("/article/1"))
    assert answered.status == 500
    assert b"NoneType" not in answered.body
    assert "NoneType" in caplog.text


def test_a_visitor_who_leaves_a_form_half_sent_is_no_failure(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    scope = {
        "type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/draft",
        "raw_path": b"/draft", "query_string": b"", "headers": [(b"host", b"localhost")], "root_path": "",
        "client": ("127.0.0.1", 9), "server": ("127.0.0.1", 8001), "asgi": {"version": "3.0"},
    }  # fmt: skip
    messages = iter([{"type": "http.request", "body": b"a=b", "more_body": True}, {"type": "http.disconnect"}])
    sent = []

    async def receive() -> dict[str, object]:
        return next(messages)

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    with open_site(tmp_path) as site:
        site.loop.run_until_complete(site.datasette.app()(scope, receive, send))
    assert sent == []
    assert "Traceback" not in capfd.readouterr().err + caplog.text
