"""Starting the site: read-only, under one name, with one clear line where that cannot be."""

import contextlib
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote
from urllib.request import urlopen

import httpx
import pytest

from crawler.archive.database import open_for_writing
from crawler.errors import ArchiveUnusableError, SchemaTooNewError, WrongUseError
from crawler.export.data_dictionary import read_metadata
from crawler.web.serve import listen, make_datasette, serve
from tests.support.web_archive import Site, build_archive, open_site

ROOT = Path(__file__).parents[2]


@contextlib.contextmanager
def running(command: list[str], pattern: str) -> Iterator[str]:
    """Start a server as a child process; give the address that it prints."""
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    ) as child:
        try:
            assert child.stdout is not None
            lines: list[str] = []
            for line in child.stdout:
                lines.append(line)
                if match := re.search(pattern, line):
                    yield match[1]
                    break
            else:
                pytest.fail("".join(lines))
        finally:
            child.send_signal(signal.SIGINT)
            child.communicate(timeout=30)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_archive(tmp_path_factory.mktemp("serve"))


def test_datasette_alone_publishes_the_archive(archive: Path, tmp_path: Path) -> None:
    plain = archive.with_name("archive.db")
    if not plain.exists():
        plain.symlink_to(archive)
    command = [sys.executable, "-m", "datasette", str(plain), "-m", "datasette-metadata.json", "-p", "0"]
    with (
        running(command, r"running on (http://\S+)") as address,
        httpx.Client(base_url=address, trust_env=False) as client,
    ):
        assert "Kho lưu trữ" in client.get("/").text
        assert 'href="/article/1?q=' in client.get("/search", params={"q": "le dinh loi"}).text
        assert [row["id"] for row in client.get("/archive/articles.json?_search=le+dinh+loi&_shape=array").json()] == [
            1
        ]
        assert client.get("/capture/5").status_code == 200
        assert client.get("/archive/bylines.json").status_code == 200


def test_serve_publishes_under_the_name_archive_and_takes_long_questions(archive: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from crawler.web.serve import serve\n"
        "serve(Path(sys.argv[1]), '127.0.0.1', port=0, announce=lambda address: print('at', address, flush=True))"
    )
    with (
        running([sys.executable, "-c", code, str(archive)], r"at (http://\S+)") as address,
        httpx.Client(base_url=address, trust_env=False) as client,
    ):
        assert client.get("/archive/articles/1.json").status_code == 200
        for letter in ("😀", "đ"):
            # httpx refuses to send so long an address.
            with urlopen(f"{address}search?q={quote(letter * 10_000)}", timeout=30) as answer:
                assert answer.status == 200
        assert client.head("/article/1").status_code == 200
        for path in ("/archive/articles", "/search", "/article/1", "/archive"):
            assert client.post(path, data={"title": "x"}).status_code == 405


def test_database_is_never_opened_for_writing(archive: Path, tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        database = site.datasette.get_database("archive")
        with pytest.raises(ArchiveUnusableError, match="read-only"):
            database.connect(write=True)
        connection = database.connect()
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            connection.execute("delete from articles")
        assert site.get("/archive.json?sql=delete+from+articles").status_code == 400
        assert site.get("/archive.db").status_code == 403


def test_pages_open_while_a_crawl_is_writing(tmp_path: Path) -> None:
    with open_site(tmp_path) as site, contextlib.closing(open_for_writing(next(tmp_path.glob("*.db")))) as writer:
        writer.execute("begin immediate")
        writer.execute("update articles set title = 'Đang ghi' where id = 1")
        assert "Hội nghị tổng kết" in site.get("/article/1").text
        writer.execute("commit")
        assert "Đang ghi" in site.get("/article/1").text


def test_settings_keep_readers_from_hurting_each_other(tmp_path: Path) -> None:
    with open_site(tmp_path) as site:
        settings = site.get("/-/settings.json").json()
    for name in ("suggest_facets", "allow_csv_stream", "allow_download"):
        assert settings[name] is False


def test_a_query_that_is_too_slow_answers_503(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crawler.web.request.PAGE_LIMIT_MS", 0.001)
    with open_site(tmp_path) as site:
        response = site.get("/search?q=thong+bao")
    assert response.status_code == 503


def test_missing_archive_is_one_clear_line(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnusableError, match="no archive yet"):
        make_datasette(tmp_path / "archive.db")
    assert not list(tmp_path.iterdir())


def test_newer_schema_is_refused(tmp_path: Path) -> None:
    with contextlib.closing(open_for_writing(tmp_path / "archive.db")) as connection:
        connection.execute(
            "insert into _sqlite_migrations (migration_set, name, applied_at) values (?, 'm9999_later', '')",
            ("portal-archive",),
        )
    with pytest.raises(SchemaTooNewError, match="newer"):
        make_datasette(tmp_path / "archive.db")


def test_file_that_is_no_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"no database" * 100)
    with pytest.raises(ArchiveUnusableError):
        make_datasette(tmp_path / "archive.db")


def test_empty_archive_has_a_home(tmp_path: Path) -> None:
    open_for_writing(tmp_path / "archive.db").close()
    site = Site(tmp_path / "archive.db")
    try:
        assert "chưa có bài nào" in site.get("/").text
        assert site.get("/search?q=a").status_code == 200
    finally:
        site.close()


def test_a_public_address_that_is_none_is_refused_at_the_start(archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_SITE", "luu.example.org")
    with pytest.raises(WrongUseError, match="PORTAL_ARCHIVE_SITE: expected an address"):
        serve(archive, "127.0.0.1", port=0)


def test_port_in_use_is_one_clear_line() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(WrongUseError, match="cannot listen on"):
        listen("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(WrongUseError, match="cannot listen on"):
        listen("127.0.0.1", 99999)


def test_listening_socket_takes_connections_at_once() -> None:
    with listen("127.0.0.1", 0) as listener, socket.create_connection(listener.getsockname(), timeout=5) as caller:
        assert caller.getpeername() == listener.getsockname()


def test_metadata_is_found_in_the_checkout() -> None:
    assert read_metadata()["databases"]["archive"]["tables"]
