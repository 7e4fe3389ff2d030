"""A host that passes to another body: the nights say so, nothing of it is taken, nothing is called removed."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import urlopen

from crawler.addresses import classify
from crawler.archive.database import open_for_writing
from crawler.archive.verdicts.portal_identity import find_change
from crawler.items import PortalIdentity
from crawler.profile import parse_profile
from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows, value, write_profile

COMMUNE = """<!DOCTYPE html><html lang="vi"><head><meta charset="utf-8">
<title>Trang thông tin điện tử xã Mới - tỉnh Khác</title></head><body>
<nav id="menu"><ul><li><a href="/">Trang chủ</a></li><li><a href="/chinh-quyen-xa">Chính quyền xã</a></li>
<li><a href="/nong-thon-moi">Nông thôn mới</a></li><li><a href="/tin-xa">Tin xã</a></li>
<li><a href="/lich-cong-tac">Lịch công tác</a></li></ul></nav>
<script>var site_id = "9911";</script>
<div class="UIArticleInMenu_Default"><ul class="ArticleList"><li class="row"><h2 class="Title">
<a href="/tin-xa/tin-cua-xa-moi-7700001">Tin của xã mới</a></h2></li></ul></div></body></html>"""


class _Commune(BaseHTTPRequestHandler):
    """Answers every address with the home page of another portal."""

    asked: list[str] = []
    home = COMMUNE

    def do_GET(self) -> None:
        self.asked.append(self.path)
        body = self.home.encode() if self.path != "/robots.txt" else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def _commune(port: int, home: str = COMMUNE) -> Iterator[list[str]]:
    _Commune.asked, _Commune.home = [], home
    server = ThreadingHTTPServer(("127.0.0.1", port), _Commune)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield _Commune.asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def keep_first_night(portal: Replica, folder: Path) -> Path:
    """Crawl the portal on its last night under its host's name; give the profile of the nights that follow."""
    assert crawl(portal, folder, extra={"PORTAL_ARCHIVE_NOW": "2025-06-02T18:30:00Z"}).code == 0
    return write_profile(portal, folder)


def test_a_host_that_shows_another_portal_is_suspect_and_left_alone(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        profile = keep_first_night(portal, tmp_path)
        port = urlsplit(portal.base_url).port or 0
    held = value(archive, "select count(*) from articles")
    with _commune(port) as asked:
        for day in (3, 4, 5, 6):
            ended = command(
                "crawl", "--portal", profile, "--archive", archive, "--full",
                extra={"PORTAL_ARCHIVE_NOW": f"2025-06-0{day}T18:30:00Z"},
            )  # fmt: skip
            assert ended.code == 4, ended.err
        assert set(asked) == {"/robots.txt", "/"}
    night = rows(archive, "select outcome, reason from crawls order by id desc limit 1")[0]
    assert night["outcome"] == "suspect"
    assert "another portal" in night["reason"]
    assert "xã Mới" in night["reason"]
    assert value(archive, "select count(*) from articles where state = 'live'") == held
    assert value(archive, "select count(*) from article_events where kind <> 'found'") == 0


def test_a_commune_with_the_menu_of_its_predecessor_is_told_by_its_articles(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        profile = keep_first_night(portal, tmp_path)
        port = urlsplit(portal.base_url).port or 0
        with urlopen(portal.base_url) as answer:
            home = answer.read().decode()
    # The articles' numbers count up across the tenant: another site of it has none of them.
    two_levels = re.compile(r'(?<=href=")\s*(?:https?://[^/"]+)?(/[^/"]+/[^"]+)')
    home = two_levels.sub(lambda link: re.sub(r"\d{5,7}(?=\D|$)", lambda found: "7" + found[0], link[1]), home)
    home = re.sub(r"<title>.*?</title>", "<title>Trang thông tin điện tử xã Mới</title>", home, flags=re.DOTALL)
    now = {"PORTAL_ARCHIVE_NOW": "2025-06-03T18:30:00Z"}
    with _commune(port, home) as asked:
        ended = command("crawl", "--portal", profile, "--archive", archive, "--full", extra=now)
        assert ended.code == 4, ended.err
        assert set(asked) == {"/robots.txt", "/"}
    assert "that its home page names is known" in str(value(archive, "select reason from crawls order by id desc"))


def test_a_host_that_is_gone_fails_in_words_and_nothing_is_called_removed(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    with Replica(articles=40) as portal:
        profile = keep_first_night(portal, tmp_path)
    for day in (3, 4, 5, 6):
        now = {"PORTAL_ARCHIVE_NOW": f"2025-06-0{day}T18:30:00Z"}
        ended = command("crawl", "--portal", profile, "--archive", archive, "--full", extra=now)
        assert ended.code == 1, ended.err
    assert value(archive, "select count(*) from articles where state <> 'live'") == 0
    assert value(archive, "select outcome from crawls order by id desc limit 1") == "failed"


def test_one_sign_is_a_redesign_and_two_are_another_portal(tmp_path: Path) -> None:
    text = 'name = "x"\ntitle = "X"\ncms = "vnpt"\nbase_url = "https://x.vn/"\n'
    connection = open_for_writing(tmp_path / "archive.db")
    before = PortalIdentity("Thị xã Sa Pa", ("1227",), ("lci-ubnd-responsive/1227",), ("tin-tuc", "du-lich", "van-ban"))
    connection.execute(
        "insert into portals (name, title, base_url, timezone, cms, profile) values ('x', 'X', '', '', '', '')"
    )
    connection.execute("insert into crawls (id, portal, started_at, outcome) values (1, 'x', '', 'complete')")
    connection.execute(
        """insert into captures values (1, 'r', 1, 'https://x.vn/', 'GET', null, '', 200, null, '', '', 0, 0,
             'response', null, null)"""
    )
    connection.execute(
        """insert into portal_identities values ('x', 1, 'X', 'Thị xã Sa Pa', '["1227"]',
             '["lci-ubnd-responsive/1227"]', '["tin-tuc", "du-lich", "van-ban"]', 1)"""
    )
    profile = parse_profile(text)

    def change(*named: str, **differing: object) -> str | None:
        fields = {name: getattr(before, name) for name in ("title", "site_ids", "tenants", "menu")}
        identity = PortalIdentity(**{**fields, **differing})  # type: ignore[arg-type]
        addresses = [address for url in named if (address := classify(f"https://x.vn/{url}", profile)) is not None]
        found = find_change(connection, profile, identity=identity, named=addresses, crawl_id=2)
        return found and str(found)

    unknown = ("tin-tuc/bai-100001", "tin-tuc/bai-100002", "tin-tuc/bai-100003")
    connection.execute(
        """insert into frontier (portal, url, kind, state, priority, found_at, found_in)
           values ('x', 'https://x.vn/tin-tuc/bai-100004', 'article', 'pending', 0, '', 1)"""
    )

    assert change() is None
    assert change(title="THỊ XÃ SA PA") is None
    assert change(title="Phường Sa Pa") is None
    assert change(site_ids=()) is None
    assert change(*unknown) is None
    assert "none of the 3" in (change(*unknown, title="Phường Sa Pa") or "")
    assert change(*unknown[:2], title="Phường Sa Pa") is None
    assert change(*unknown, "tin-tuc/bai-100004", title="Phường Sa Pa") is None
    assert "site id" in (change(title="Phường Sa Pa", site_ids=("88",)) or "")
    assert "menu" in (change(menu=("a", "b", "c"), tenants=("khac/9",)) or "")
    # The operator confirmed it: the same body with a new look.
    profile = parse_profile(text.replace('title = "X"', 'title = "Phường Sa Pa"'))
    assert change(title="Phường Sa Pa", site_ids=("88",)) is None
    connection.close()
