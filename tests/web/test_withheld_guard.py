"""What is withheld answers 451 on every route, in a running site, and is nowhere to be found."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.items import FileRole, ImageRef
from crawler.web.plugin import UNGUARDED, register_routes
from crawler.web.serve import make_datasette
from crawler.web.withheld_guard import Notice
from crawler.withholding.act import Intent, carry_out
from tests.support.web_archive import NEW, OLD, PNG, SHA, STORE, Maker, Site, article, build_archive

TITLE = "Hội nghị tổng kết công tác hòa giải"
REASON = "Lộ <b>số căn cước</b> của một công dân"
AT = datetime(2026, 9, 1, tzinfo=UTC)


def act(archive: Path, do: str, what: str) -> None:
    wish = Intent(do, what, REASON, "Ban biên tập")
    carry_out(archive, wish, clock=lambda: AT, warcinfo_fields=(("software", "test"),))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return build_archive(tmp_path)


@pytest.fixture
def site(archive: Path) -> Iterator[Site]:
    """A site that was up before anything was withheld."""
    opened = Site(archive)
    assert opened.get("/article/1").status_code == 200
    yield opened
    opened.close()


OWN = [
    "/article/1", "/article/1?lang=en", "/article/1/history", "/article/1/history.atom",
    "/article/1/diff/1..1", "/article/1/revision/1",
    "/article/1/revision/1/cite", "/article/900", f"/image/{SHA['svg']}", f"/thumbnail/{SHA['svg']}",
    f"/image/{SHA['svg']}?size=thumbnail", f"/attachment/{SHA['pdf']}", f"/attachment/{SHA['pdf'].upper()}",
    f"/attachment/{SHA['pdf']}/read", f"/attachment/{SHA['pdf'].upper()}/read?q=tep&page=2",
    f"/attachment/{SHA['pdf']}/page/1", f"/attachment/{SHA['pdf']}/diff/{SHA['pdf'].upper()}",
    f"/go?url={quote(NEW)}", f"/go?url={quote(OLD)}%3Ffbclid=1", f"/timegate/{NEW}", "/go?url=http://x.example/article/1",
    "/timegate/http://x.example/article/1/history", f"/timemap/link/{OLD}",
    f"/search?q={quote(NEW)}", "/capture/5", "/capture/5?part=raw", "/capture/5?part=headers", "/capture/5?part=page",
]  # fmt: skip


def test_every_route_to_a_withheld_article_answers_451_with_date_and_reason(archive: Path, site: Site) -> None:
    before = {path: site.get(path).status_code for path in OWN}
    act(archive, "withhold", OLD)
    for path in OWN:
        answer = site.get(path)
        assert answer.status_code == 451, (path, answer.status_code)
        assert ("1 Sep 2026" if "lang=en" in path else "01/09/2026") in answer.text
        assert "&lt;b&gt;số căn cước" in answer.text
        assert "<b>số" not in answer.text
        assert TITLE not in answer.text
        assert answer.headers["cache-control"] == "no-store"
    act(archive, "release", "1")
    assert {path: site.get(path).status_code for path in OWN} == before


def test_a_withheld_article_is_found_by_no_page_query_feed_or_table(archive: Path, site: Site) -> None:
    act(archive, "withhold", "1")
    sql = quote("select * from articles_fts where articles_fts match fts_query('hoa giai')")
    pages = [
        "/", "/search?q=hoa+giai", "/search.json?q=hoa+giai", "/search.csv?q=hoa+giai", "/search.atom?q=hoa+giai",
        "/feed.atom", "/changes", "/removed", "/changes.atom", "/removed.atom", "/feed.atom?format=html",
        "/search.atom?q=hoa+giai&format=html", "/changes.atom?format=html", "/removed.atom?format=html",
        f"/archive.json?sql={sql}",
        "/archive/articles.json?_search=hoa+giai", "/archive/articles.csv?_stream=1&_size=max", "/archive/articles/1",
        "/archive/article_urls.json?_size=max", "/archive/captures.json?_size=max", "/archive/frontier.json?_size=max",
        "/archive/revisions.csv?_stream=1", "/archive/withholdings.json", "/archive/article_facts.json?_size=max",
    ]  # fmt: skip
    for path in pages:
        text = site.get(path).text
        for word in (TITLE, "hoi-nghi-tong-ket", "Lê Đình Lợi", SHA["svg"], SHA["pdf"]):
            assert word not in text, (path, word)
    kept = site.get("/archive/withholdings.json?_shape=array").json()
    assert [(row["kind"], row["what"], row["by"], row["released_at"]) for row in kept] == [
        ("article", "1", "Ban biên tập", None)
    ]


def test_a_number_that_no_table_can_hold_answers_404(archive: Path, site: Site) -> None:
    act(archive, "withhold", "1")
    for path in (
        "/capture/9223372036854775808",
        "/article/9223372036854775808",
        f"/capture/{'9' * 64}",
        "/capture/12ab",
    ):
        assert site.get(path).status_code == 404, path


def test_a_withheld_picture_answers_451_also_who_holds_it_and_leaves_its_place_empty(archive: Path, site: Site) -> None:
    act(archive, "withhold", f"image:{SHA['png']}")
    for path in (f"/image/{SHA['png']}", f"/thumbnail/{SHA['png']}", "/capture/1"):
        for tag in ("", f'"{SHA["png"]}"', f'"{SHA["png"]}-thumbnail"', "*"):
            assert site.get(path, if_none_match=tag).status_code == 451
    for number in (1, 2):
        page = site.get(f"/article/{number}")
        assert page.status_code == 200
        assert SHA["png"] not in page.text
        assert "a.png" not in page.text


def test_a_captured_page_that_names_a_withheld_article_answers_451(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    maker = Maker(archive)
    maker.file(f"{STORE}/a.png", PNG, FileRole.IMAGE, b"image/png")
    maker.article(article(TITLE, "Thân bài.", images=(ImageRef(f"{STORE}/a.png"),)), NEW)
    by_address = f"<html><body><a href='{NEW.partition('.vn')[2]}'>Xem</a></body></html>"
    by_title = "<html><body><b>HỘI NGHỊ</b> t&#7893;ng kết công tác\n hoà giải</body></html>"
    others = "<html><body><a href='/tin-tuc/hoi-nghi-tong-ket-1000011'>Hội nghị tổng kết</a></body></html>"
    for body in (by_address, by_title, others):
        headers = (b"Content-Type", b"text/html; charset=utf-8")
        maker.capture(f"https://huyen.example.gov.vn/{len(body)}", body.encode(), headers)
    maker.capture("https://huyen.example.gov.vn/cu", b"", (b"Location", NEW.encode()), status=301)
    maker.writer.finish("complete")
    maker.writer.close()
    act(archive, "withhold", "1")
    site = Site(archive)
    try:
        for part in ("", "?part=raw", "?part=headers", "?part=page"):
            assert [site.get(f"/capture/{number}{part}").status_code for number in range(1, 7)] == [
                451, 451, 451, 451, 200, 451,
            ]  # fmt: skip
        for suffix in ("", "-wal", "-shm"):
            (tmp_path / f"withheld.db{suffix}").unlink(missing_ok=True)
        assert [site.get(path).status_code for path in ("/article/1", "/capture/3", "/capture/5")] == [451, 451, 451]
    finally:
        site.close()


def test_the_site_publishes_no_withheld_database(archive: Path) -> None:
    act(archive, "withhold", "1")
    published = make_datasette(archive)
    assert [name for name, one in published.databases.items() if not one.is_memory] == ["archive"]
    published.executor.shutdown()
    published.get_database("archive").close()


SAMPLES = {
    "name": "site.css", "sha256": "0" * 64, "id": "1", "number": "1", "first": "1", "second": "2", "url": NEW,
    "page": "threads", "block": "0", "other": "1" * 64,
}  # fmt: skip


def path_of(pattern: str) -> str:
    """Write a path that a route matches."""
    path = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", lambda found: SAMPLES[found[1]], pattern)
    path = path.replace(r"(?:\.json)?", "").replace("(?s:.*)", "x")
    path = path.replace("(?:article|image|thumbnail|attachment|capture)", "article")
    path = path.rstrip("$").replace("\\", "")
    assert re.match(pattern, path), (pattern, path)
    return path


def test_every_route_is_guarded_but_three(archive: Path, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """If everything is withheld, only the site's own files and the answers to monitors are not."""
    act(archive, "withhold", "1")
    monkeypatch.setattr("crawler.web.withheld_guard.find_notice", lambda *_: Notice(1, REASON, "ai đó", "2026-09-01"))
    routes = register_routes(site.datasette)
    open_routes = [pattern for pattern, _ in routes if site.get(path_of(pattern)).status_code != 451]
    assert open_routes == [pattern for pattern, _ in UNGUARDED]
    assert open_routes[1:3] == ["/health$", "/metrics$"]
    databases, hidden = open_routes[3:]
    assert site.get(path_of(databases)).json()[0]["path"] == archive.name
    assert site.get(path_of(hidden)).status_code == 404
    assert len(routes) > 30
