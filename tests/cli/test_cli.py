"""The commands as a person runs them: exit codes, errors in one line, no traceback, nothing lost."""

import os
import re
import signal
import sqlite3
import sys
from pathlib import Path

import pytest

from crawler.cli.demo import tell_first_pages
from crawler.replica import Replica
from tests.support.crawling import command, crawl, rows, run, start, tables, value, write_profile

PROFILE = 'name = "x"\ntitle = "X"\ncms = "vnpt"\nbase_url = "http://127.0.0.1:9/"\n'


def _refused(ended: object, code: int) -> str:
    """Check that a command was refused with this code. Return its one line."""
    assert getattr(ended, "code") == code, ended  # noqa: B009
    err = str(getattr(ended, "err"))  # noqa: B009
    assert "Traceback" not in err
    lines = [line for line in err.splitlines() if line.startswith("portal-archive: ")]
    assert len(lines) == 1, err
    return lines[0]


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ("colour = 1\n", "colour"),
        ("[pace]\nspeed = 1\n", "pace.speed"),
        ("[pace]\ndelay_seconds = 'slow'\n", "pace.delay_seconds"),
        ("[pace]\nconcurrency = 17\n", "pace.concurrency"),
        ("listings = '/tin-tuc'\n", "listings"),
        ('robots = "record"\n', "robots_reason"),
        ("[schedule]\ncron = 'daily'\n", "schedule.cron"),
        ("= broken\n", "not TOML"),
    ],
)
def test_a_bad_profile_is_refused_by_key(tmp_path: Path, extra: str, named: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(PROFILE + extra, encoding="utf-8")
    line = _refused(command("crawl", "--portal", path, "--archive", tmp_path / "archive.db"), 2)
    assert "bad.toml" in line
    assert named in line
    assert not (tmp_path / "archive.db").exists()


def test_an_unknown_portal_names_the_known_ones(tmp_path: Path) -> None:
    assert "sapa" in _refused(command("crawl", "--portal", "nowhere", "--archive", tmp_path / "archive.db"), 2)


@pytest.mark.parametrize(
    "words",
    [
        [], ["crawl"], ["fly"], ["crawl", "--portal", "sapa", "--speed", "9"], ["rebuild"],
        ["crawl", "--portal", "sapa", "--archive", "a.toml"], ["status", "--archive", "a.toml"],
    ],
)  # fmt: skip
def test_wrong_use_is_exit_code_2(words: list[str]) -> None:
    assert "--help` shows the usage" in _refused(command(*words), 2)


def test_an_archive_that_cannot_be_written_is_reported_in_one_line(tmp_path: Path) -> None:
    profile = tmp_path / "p.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder.db").mkdir()
    for archive in (tmp_path / "file" / "archive.db", tmp_path / "folder.db"):
        assert str(archive) in _refused(command("crawl", "--portal", profile, "--archive", archive), 1)
    assert (tmp_path / "file").read_text() == "in the way"


@pytest.mark.parametrize(
    "words",
    [
        ["serve"], ["status"], ["verify"], ["export"], ["texts"], ["notify", "--dry-run"], ["backup", "--to", "x"],
        ["backup", "--drill", "--to", "x"], ["withhold", "1", "--reason", "x", "--by", "y"],
    ],
)  # fmt: skip
def test_a_missing_archive_is_reported_in_one_line(tmp_path: Path, words: list[str]) -> None:
    assert "there is no archive yet" in _refused(command(*words, "--archive", tmp_path / "none.db"), 1)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["crawl", "--portal", "sapa"], ["serve"], ["status"], ["verify"]])
def test_a_database_of_a_newer_schema_is_left_untouched(tmp_path: Path, words: list[str]) -> None:
    archive = tmp_path / "archive.db"
    connection = sqlite3.connect(archive)
    connection.executescript(
        """create table _sqlite_migrations (id integer primary key, migration_set text, name text, applied_at text);
           insert into _sqlite_migrations (migration_set, name, applied_at)
           values ('portal-archive', 'm9999_later', '');"""
    )
    connection.close()
    before = archive.read_bytes()
    assert "newer schema" in _refused(command(*words, "--archive", archive), 2)
    assert archive.read_bytes() == before


def test_a_database_without_an_archive_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database at all, but long enough to be taken for one" * 40)
    profile = tmp_path / "p.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("create table bookmarks (url)")
    connection.close()
    for archive in (tmp_path / "text.db", tmp_path / "other.db"):
        before = archive.read_bytes()
        assert archive.name in _refused(command("crawl", "--portal", profile, "--archive", archive), 1)
        assert archive.read_bytes() == before


def test_another_portal_under_the_same_name_is_refused_unless_it_moved(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        assert crawl(portal, tmp_path).code == 0
        former = portal.base_url
    with Replica(articles=20) as portal:
        assert "moved_from" in _refused(crawl(portal, tmp_path), 2)
        assert value(tmp_path / "archive.db", "select count(*) from crawls") == 1
        assert crawl(portal, tmp_path, moved_from=[former]).code == 0


def test_two_runs_on_one_archive_are_one_too_many(tmp_path: Path) -> None:
    from crawler.archive.lock import hold_archive

    with Replica(articles=20) as portal, hold_archive(tmp_path / "archive.db"):
        assert "another run" in _refused(crawl(portal, tmp_path), 5)


def test_rebuild_never_writes_over_a_database(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        assert crawl(portal, tmp_path).code == 0
    archive = tmp_path / "archive.db"
    _refused(command("rebuild", "--archive", archive, "--into", archive), 2)
    _refused(command("rebuild", "--archive", tmp_path / "elsewhere" / "a.db", "--into", tmp_path / "new.db"), 1)
    # The archive's database itself need not exist.
    kept = tables(archive)
    archive.rename(tmp_path / "kept.db")
    assert command("rebuild", "--archive", archive, "--into", tmp_path / "new.db").code == 0
    assert tables(tmp_path / "new.db") == kept


def test_verify_names_a_changed_byte(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        assert crawl(portal, tmp_path).code == 0
    connection = sqlite3.connect(tmp_path / "archive.db")
    connection.execute("update articles set title = title || '!' where id = 1")
    connection.commit()
    connection.close()
    ended = command("verify", "--archive", tmp_path / "archive.db", "--json")
    assert ended.code == 1
    assert "article 1" in ended.out


def test_the_clock_comes_from_the_environment(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        ended = crawl(portal, tmp_path, extra={"PORTAL_ARCHIVE_NOW": "2025-06-02T18:30:00Z"})
    assert ended.code == 0, ended.err
    row = rows(tmp_path / "archive.db", "select started_at, finished_at from crawls")[0]
    assert tuple(row) == ("2025-06-02T18:30:00Z", "2025-06-02T18:30:00Z")
    assert _refused(command("status", "--archive", tmp_path / "archive.db", extra={"PORTAL_ARCHIVE_NOW": "soon"}), 2)


def test_scrapy_itself_crawls_from_the_projects_root(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        profile = write_profile(portal, tmp_path)
        scrapy = [sys.executable, "-m", "scrapy", "crawl", "portal", "-a", f"portal={profile}"]
        ended = run([*scrapy, "-s", f"ARCHIVE={tmp_path / 'archive.db'}"])
    assert ended.code == 0, ended.err
    assert value(tmp_path / "archive.db", "select outcome from crawls") == "complete"


def test_the_demo_has_an_example_of_all_and_goes_on_another_night(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    assert command("demo", "--folder", folder, "--no-serve").code == 0
    nights = rows(folder / "archive.db", "select outcome, articles_new from crawls order by id")
    assert [row["outcome"] for row in nights][:1] == ["complete"]
    assert {row["outcome"] for row in nights} <= {"complete", "partial"}
    assert (len(nights), nights[0]["articles_new"]) == (6, 240)
    first, *_, last = tell_first_pages(folder / "archive.db", "http://127.0.0.1:8001")
    assert re.fullmatch(r"  an edited article, .*: http://127\.0\.0\.1:8001/article/\d+/diff/\d+\.\.\d+", first)
    assert last.endswith("/search?q=uy+ban+nhan+dan")
    shown = list(tell_first_pages(folder / "archive.db", ""))
    assert len({line.split(": ")[1] for line in shown}) == len(shown) == 6
    site, links = _serve_demo(folder)
    assert len(links) == 6
    assert all(link.startswith(site) for link in links), links
    assert value(folder / "archive.db", "select articles_new from crawls where id = 7") > 0


def _serve_demo(folder: Path) -> tuple[str, list[str]]:
    """Start the demo on a free port, and end it when it serves. Return its address, and those of its first pages."""
    with start("demo", "--folder", folder, "--port", "0") as process:
        assert process.stdout is not None
        lines = iter(process.stdout)
        assert "Look first at:\n" in lines
        links = []
        while not links or not links[-1].endswith("/"):
            links += re.findall(r"http://\S+", next(lines))
        process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=60)
        finally:
            process.kill()
    return links[-1], links[:-1]


def test_the_demo_does_not_crawl_into_another_archive(tmp_path: Path) -> None:
    (tmp_path / "archive.db").write_bytes(b"")
    assert "take another --folder" in _refused(command("demo", "--folder", tmp_path, "--no-serve"), 2)


def test_the_user_agent_names_the_project_and_a_contact(tmp_path: Path) -> None:
    with Replica(articles=20) as portal:
        assert crawl(portal, tmp_path, contact="archive@example.org").code == 0
        agents = {dict(logged.headers).get("User-Agent", "") for logged in portal.requests}
    assert len(agents) == 1
    assert re.search(r"portal-archive/\d.*archive@example\.org", agents.pop())


def test_a_read_only_folder_is_reported_in_one_line(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write anywhere; tested with a file in the way above")
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    profile = tmp_path / "p.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    assert str(folder) in _refused(command("crawl", "--portal", profile, "--archive", folder / "archive.db"), 1)
