"""The status of archives, journals, profiles and clocks that cannot be used or are wrong."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.lock import hold_archive
from crawler.errors import ArchiveUnusableError, SchemaTooNewError
from crawler.operations.health.status import read_status, read_status_or_problem
from crawler.operations.journal.database import write_journal
from crawler.operations.journal.plans import put_faults
from tests.support.archives.rows import change
from tests.support.build import Clock, Night
from tests.support.crawling import command
from tests.support.operations import PLANNED, add_run, only, other_portal


def test_an_archive_without_a_portal_says_so(archive: Path) -> None:
    from crawler.archive.database import open_for_writing

    open_for_writing(archive).close()
    assert "run a crawl" in only(read_status(archive, PLANNED), "not-crawled").sentence_en


def test_a_missing_archive_is_reported_and_not_created(archive: Path) -> None:
    with pytest.raises(ArchiveUnusableError, match="run a crawl first"):
        read_status(archive, PLANNED)
    assert not archive.exists()
    assert only(read_status_or_problem(archive, PLANNED), "archive")
    assert not archive.exists()


def test_a_run_from_the_future_is_the_clocks_fault_until_the_next_run(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    add_run(archive, Clock(PLANNED + timedelta(days=2000)))
    now = PLANNED + timedelta(hours=23)
    assert "yet to come" in only(read_status(archive, now), "clock").sentence_en
    # It does not count for the nights that come.
    later = read_status(archive, now + timedelta(days=3))
    assert {problem.kind for problem in later.problems} == {"clock", "night-missed"}
    add_run(archive, Clock(now + timedelta(hours=1)))
    assert read_status(archive, now + timedelta(hours=2)).problems == ()


@pytest.mark.parametrize(
    ("offset", "words"), [(3600, "60 minutes behind"), (-900, "15 minutes ahead of"), (86400 * 3, "3 days behind")]
)
def test_a_clock_that_is_off_by_the_portals_answers_is_reported(
    archive: Path, clock: Clock, offset: int, words: str
) -> None:
    add_run(archive, clock, offset=offset)
    assert words in only(read_status(archive, clock()), "clock").sentence_en


def test_a_clock_is_right_if_one_portal_agrees_or_it_was_set(archive: Path, clock: Clock) -> None:
    add_run(archive, clock, offset=3600)
    add_run(archive, clock, offset=3, profile=other_portal())
    assert read_status(archive, clock()).problems == ()
    clock.go_on(hours=1)
    add_run(archive, clock, offset=-599)
    assert read_status(archive, clock()).problems == ()


def test_a_profile_that_cannot_be_used_is_reported(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    with write_journal(archive) as journal:
        put_faults(journal, {"sapa": "sapa.toml: key `pace`: unknown"}, now=clock())
    problem = only(read_status(archive, clock()), "profile-fault")
    assert "key `pace`: unknown" in problem.sentence_en


def test_a_stored_profile_of_another_version_is_reported_and_hides_no_other_portal(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    add_run(archive, clock, "partial", "because", profile=other_portal())
    change(archive, "update portals set profile = '{}' where name = 'sapa'")
    kinds = {(problem.kind, problem.subject) for problem in read_status(archive, clock()).problems}
    assert kinds == {("profile-fault", "sapa"), ("partial", "khac")}


def test_a_damaged_journal_is_reported_and_the_rest_is_judged(archive: Path, clock: Clock) -> None:
    add_run(archive, clock, "partial", "because")
    (archive.parent / "operations.db").write_bytes(b"no database at all" * 100)
    assert {problem.kind for problem in read_status(archive, clock()).problems} == {"partial", "journal"}


def test_a_damaged_database_is_one_problem_without_a_path(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    content = archive.read_bytes()
    archive.write_bytes(content[:4096] + b"\xff" * 4096 * 6 + content[4096 * 7 :])
    with pytest.raises(ArchiveUnusableError):
        read_status(archive, clock())
    problem = only(read_status_or_problem(archive, clock()), "archive")
    assert str(archive.parent) not in problem.sentence_en + problem.sentence_vi


def test_the_command_gives_a_program_json_even_then(archive: Path) -> None:
    archive.write_bytes(b"no database" * 1000)
    ended = command("status", "--archive", archive, "--json")
    assert ended.code == 1
    assert "the database is damaged, or is no archive" in json.loads(ended.out)["problems"][0]["sentence_en"]
    assert ended.err.count("\n") == 1


def test_a_newer_schema_is_distinguished(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    change(archive, "update _sqlite_migrations set name = 'm9999_later' where name like 'm0001%'")
    with pytest.raises(SchemaTooNewError):
        read_status(archive, clock())
    assert "newer version" in only(read_status_or_problem(archive, clock()), "archive").sentence_en


def test_a_locked_database_is_reported_soon(archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    add_run(archive, clock)
    monkeypatch.setattr("crawler.operations.health.status.BUSY_SECONDS", 0.1)
    connection = sqlite3.connect(archive, isolation_level=None)
    connection.execute("pragma journal_mode = delete")
    connection.execute("begin exclusive")
    assert "another program holds it" in only(read_status_or_problem(archive, clock()), "archive").sentence_en
    connection.close()


def test_it_is_judged_while_a_crawl_writes(archive: Path, night: Night, clock: Clock) -> None:
    night.capture("https://sapa.example.vn/x")  # in a transaction that is still open
    assert read_status(archive, clock()).problems == ()


def test_reading_the_status_takes_no_lock(archive: Path, clock: Clock) -> None:
    add_run(archive, clock)
    read_status(archive, clock())
    with hold_archive(archive):
        assert read_status(archive, clock()).problems == ()
