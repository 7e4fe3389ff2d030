"""The offset of a portal's clock: a crawl measures it, the WARC files keep it."""

import contextlib
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.support.build import PROFILE_TOML
from tests.support.crawling import command, tables, value


@contextlib.contextmanager
def portal_ahead(seconds: float) -> Iterator[str]:
    """Serve a portal of a dozen pages whose clock is ahead of this machine's."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            rows = "".join(
                f'<li class="row"><h2 class="Title"><a href="/tin-tuc/bai-so-{n}">Bài số {n}</a></h2></li>'
                for n in range(100001, 100013)
            )
            pages = {
                "/": '<a href="/tin-tuc">Tin tức</a>',
                "/tin-tuc": f'<div class="UIArticleInMenu_Default"><ul class="ArticleList">{rows}</ul></div>',
            }
            found = pages.get(self.path, "")
            if self.path.startswith("/tin-tuc/"):
                found = (
                    '<div class="ArticleDetailControl"><div class="ArticleHeader">Bài</div>'
                    f'<div class="ArticleContent"><p>Thân bài của {self.path}.</p></div></div>'
                )
            body = f"<html><body>{found}</body></html>".encode()
            self.send_response_only(200 if found else 404)
            self.send_header("Date", formatdate(time.time() + seconds, usegmt=True))
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def crawl_ahead(folder: Path, ahead: float, now: str | None = None) -> Path:
    """Crawl a portal whose clock is ahead. Return the archive."""
    archive, profile = folder / "archive.db", folder / "p.toml"
    with portal_ahead(ahead) as address:
        text = PROFILE_TOML.replace("https://sapa.example.vn/", address)
        profile.write_text(f"{text}listings = ['/tin-tuc']\n[pace]\ndelay_seconds = 0\n", encoding="utf-8")
        extra = {"PORTAL_ARCHIVE_NOW": now} if now else {}
        ended = command("crawl", "--portal", profile, "--archive", archive, extra=extra)
    assert value(archive, "select count(*) from articles") == 12, ended.err
    return archive


@pytest.mark.parametrize(("ahead", "words"), [(7200, "2 hours behind"), (-1800, "30 minutes ahead of")])
def test_a_clock_that_is_off_is_reported_after_the_crawl(tmp_path: Path, ahead: float, words: str) -> None:
    archive = crawl_ahead(tmp_path, ahead)
    assert abs(value(archive, "select clock_offset_seconds from crawls") - ahead) <= 5
    ended = command("status", "--archive", archive)
    assert ended.code == 1
    (line,) = [line for line in ended.out.splitlines() if "clock" in line]
    assert words in line


def test_a_rebuild_knows_a_portals_clock(tmp_path: Path) -> None:
    archive = crawl_ahead(tmp_path, 0)
    assert abs(value(archive, "select clock_offset_seconds from crawls")) <= 5
    assert command("rebuild", "--archive", archive, "--into", tmp_path / "new.db").code == 0
    assert tables(tmp_path / "new.db") == tables(archive)


def test_a_portal_that_goes_by_the_machines_time_tells_nothing_in_a_rehearsal(tmp_path: Path) -> None:
    archive = crawl_ahead(tmp_path, 0, "2025-06-02T18:30:00Z")
    assert value(archive, "select clock_offset_seconds from crawls") is None
