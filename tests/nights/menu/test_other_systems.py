"""A crawl of what is no portal of the CMS ends at its home page, and says so; with articles held it is suspect."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from crawler.replica import Replica
from tests.support.crawling import Ended, command, crawl, rows

NUKEVIET = (
    '<!DOCTYPE html><html><head><title>UBND xã</title><meta name="generator" content="NukeViet v4.5">'
    '</head><body><nav><a href="/tin-tuc">Tin</a><a href="/thong-bao">Thông báo</a><a href="/van-ban">Văn bản</a></nav>'
    "<p>Cổng thông tin điện tử</p></body></html>"
)
LOGIN = '<html><body><form><input name="u"><input type="password" name="p">Đăng nhập</form></body></html>'


@contextmanager
def serve(page: str, port: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Serve one page at every address but robots.txt; give the port and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            found = self.path != "/robots.txt"
            self.send_response(200 if found else 404)
            body = page.encode() if found else b""
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def crawl_page(folder: Path, page: str, *more: str) -> tuple[Ended, list[str]]:
    profile = folder / "xa.toml"
    with serve(page) as (port, asked):
        lines = ['name="xa"', 'title="Xã"', 'cms="vnpt"', f'base_url="http://127.0.0.1:{port}/"', *more]
        lines += ["[pace]", "delay_seconds=0", "[limits]", "disk_reserve_bytes=0"]
        profile.write_text("\n".join(lines), encoding="utf-8")
        return command("crawl", "--portal", profile, "--archive", folder / "archive.db"), asked


@pytest.mark.parametrize(
    ("page", "said", "kind"),
    [
        (NUKEVIET, "this is NukeViet, not vnpt: its page names its generator, 'NukeViet v4.5'", "another-cms"),
        (LOGIN, "this is no portal of vnpt: its home page is a login", "no-portal"),
    ],
)
def test_with_nothing_held_the_operator_is_told_at_once(tmp_path: Path, page: str, said: str, kind: str) -> None:
    ended, asked = crawl_page(tmp_path, page)
    assert ended.code == 2
    assert said in ended.err.splitlines()[-1]
    assert asked == ["/robots.txt", "/"]
    archive = tmp_path / "archive.db"
    (run,) = rows(archive, "select * from crawls")
    assert (run["outcome"], run["reason"], run["reason_kind"]) == ("failed", said, kind)
    assert [row[0] for row in rows(archive, "select status from captures where url like '%/'")] == [200]
    rebuilt = tmp_path / "rebuilt.db"
    assert command("rebuild", "--archive", archive, "--into", rebuilt).code == 0
    assert [tuple(row) for row in rows(rebuilt, "select * from crawls")] == [tuple(run)]


def test_where_listings_are_named_a_login_at_the_home_page_is_no_end(tmp_path: Path) -> None:
    ended, asked = crawl_page(tmp_path, LOGIN, 'listings=["/tin-tuc"]')
    assert ended.code == 2
    assert "/tin-tuc" in asked


def test_with_articles_held_the_night_is_suspect_and_no_removal_counts(tmp_path: Path) -> None:
    with Replica(seed=5, articles=8) as portal:
        assert crawl(portal, tmp_path, extra={"PORTAL_ARCHIVE_NOW": "2025-06-02T01:30:00+07:00"}).code == 0
        port = int(portal.hosts.pages.rpartition(":")[2])
    archive, profile = tmp_path / "archive.db", tmp_path / "replica.toml"
    with serve(NUKEVIET, port) as (_, asked):
        clock = {"PORTAL_ARCHIVE_NOW": "2025-06-03T01:30:00+07:00"}
        ended = command("crawl", "--portal", profile, "--archive", archive, extra=clock)
    assert ended.code == 4
    assert asked == ["/robots.txt", "/"]
    run = rows(archive, "select * from crawls order by id desc")[0]
    assert (run["outcome"], run["reason_kind"]) == ("suspect", "another-cms")
    assert rows(archive, "select 1 from articles where state <> 'live'") == []
