"""Every backup and drill is noted, with what became of it; the commands say it by their exit codes."""

import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveLockedError, BackupError
from crawler.operations.backup.journaled import drill
from crawler.operations.journal.backups import (
    Backup,
    Drill,
    first_good,
    last_backup,
    last_drill,
    last_good,
    last_good_drill,
)
from crawler.operations.journal.database import read_journal
from crawler.replica import Replica
from tests.support.build import make_archive
from tests.support.crawling import ROOT, command, crawl, environment, start, value, write_profile
from tests.support.operations import NOW, backup, damage, names

AT = {"PORTAL_ARCHIVE_NOW": "2026-11-24T18:30:00Z"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "srv").mkdir()
    return make_archive(tmp_path / "srv")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "target"


def _backups(archive: Path) -> tuple[Backup | None, Backup | None, Backup | None]:
    with read_journal(archive) as journal:
        assert journal is not None
        return last_backup(journal), last_good(journal), first_good(journal)


def _drills(archive: Path) -> tuple[Drill | None, Drill | None]:
    with read_journal(archive) as journal:
        assert journal is not None
        return last_drill(journal), last_good_drill(journal)


def test_a_good_backup_is_noted_with_its_snapshot(archive: Path, place: Path) -> None:
    made = backup(archive, place)
    expected = Backup("2026-11-24T18:30:00Z", str(place), made.snapshot, made.size_bytes, ok=True, message=None)
    expected = replace(expected, held=made.held)
    assert made.held is not None
    assert _backups(archive) == (expected, expected, expected)


def test_a_failed_backup_is_noted_with_its_reason_and_is_no_good_one(archive: Path, place: Path) -> None:
    backup(archive, place)
    with pytest.raises(BackupError):
        backup(archive, place / "no" / "where", now=NOW + timedelta(days=1))
    last, good, _ = _backups(archive)
    assert last is not None
    assert (last.at, last.ok, last.snapshot) == ("2026-11-25T18:30:00Z", False, None)
    assert "is the disk mounted" in str(last.message)
    assert good is not None
    assert good.at == "2026-11-24T18:30:00Z"


def test_a_backup_that_lacks_a_file_is_noted_as_no_good_one(archive: Path, place: Path) -> None:
    next((archive.parent / "warc").glob("*.warc.gz")).unlink()
    made = backup(archive, place)
    last, good, _ = _backups(archive)
    assert last is not None
    assert (last.ok, last.snapshot) == (False, made.snapshot)
    assert "is missing" in str(last.message)
    assert good is None


def test_secrets_of_a_place_are_not_noted(archive: Path) -> None:
    with pytest.raises(BackupError):
        backup(archive, "ftp://me:s3cret@127.0.0.1:1/x")
    last, *_ = _backups(archive)
    assert last is not None
    assert last.target == "ftp://127.0.0.1:1/x"
    assert b"s3cret" not in (archive.parent / "operations.db").read_bytes()


def test_a_drill_restores_verifies_and_leaves_nothing(archive: Path, place: Path, tmp_path: Path) -> None:
    made = backup(archive, place)
    for folder in (None, tmp_path / "elsewhere"):
        done = drill(archive, str(place), now=NOW + timedelta(days=30), folder=folder)
        assert (done.ok, done.snapshot, done.at) == (True, made.snapshot, "2026-12-24T18:30:00Z")
        assert "all as it should be" in str(done.message)
        assert _drills(archive) == (done, done)
    assert list((tmp_path / "elsewhere").iterdir()) == []
    assert names(archive.parent, ".backup") == ["lock"]


def test_a_drill_of_a_damaged_backup_fails_and_is_noted(archive: Path, place: Path) -> None:
    backup(archive, place)
    good = drill(archive, str(place), now=NOW, folder=None)
    damage(next((place / "warc").glob("*.warc.gz")))
    done = drill(archive, str(place), now=NOW + timedelta(days=1), folder=None)
    assert not done.ok
    assert "are not the bytes that were shipped" in str(done.message)
    assert _drills(archive) == (done, good)
    assert names(archive.parent, ".backup") == ["lock"]


def test_a_drill_without_a_backup_fails_and_is_noted(archive: Path, place: Path) -> None:
    place.mkdir()
    done = drill(archive, str(place), now=NOW, folder=None)
    assert (done.ok, done.snapshot) == (False, None)
    assert _drills(archive) == (done, None)


def test_a_drill_beside_a_backup_does_not_begin(archive: Path, place: Path) -> None:
    backup(archive, place)
    with hold_lock(archive.parent / ".backup" / "lock", "taken"), pytest.raises(ArchiveLockedError):
        drill(archive, str(place), now=NOW, folder=None)
    with read_journal(archive) as journal:
        assert journal is not None
        assert last_drill(journal) is None


def test_the_commands_take_their_place_from_the_environment(archive: Path, place: Path, tmp_path: Path) -> None:
    extra = {**AT, "PORTAL_ARCHIVE_BACKUP": str(place)}
    done = command("backup", "--archive", archive, extra=extra)
    assert (done.code, done.err) == (0, "")
    assert "archive-20261124T183000Z-00001" in done.out
    assert command("backup", "--drill", "--archive", archive, extra=extra).code == 0
    restored = command("restore", "--into", tmp_path / "new", extra=extra)
    assert (restored.code, restored.err) == (0, "")
    assert "all as it should be" in restored.out
    assert command("verify", "--archive", tmp_path / "new" / "archive.db").code == 0


def test_append_only_comes_from_the_environment_too(archive: Path, place: Path) -> None:
    extra = {"PORTAL_ARCHIVE_BACKUP": str(place), "PORTAL_ARCHIVE_BACKUP_APPEND_ONLY": "1"}
    for day in range(10, 20):
        code = command("backup", "--archive", archive, extra={**extra, "PORTAL_ARCHIVE_NOW": f"2026-11-{day}T01:00Z"})
        assert code.code == 0
    assert len(names(place)) == 20
    wrong = command("backup", "--archive", archive, extra={**extra, "PORTAL_ARCHIVE_BACKUP_APPEND_ONLY": "maybe"})
    assert (wrong.code, len(wrong.err.splitlines())) == (2, 1)


def test_wrong_use_and_failure_are_told_in_one_line(archive: Path, place: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    for code, words in (
        (2, ["backup", "--archive", archive]),
        (2, ["backup", "--archive", archive, "--to", archive.parent]),
        (2, ["backup", "--archive", archive, "--to", "nope://x"]),
        (1, ["backup", "--archive", archive, "--to", file]),
        (1, ["backup", "--archive", tmp_path / "none.db", "--to", place]),
        (2, ["restore", "--into", tmp_path / "new"]),
        (1, ["restore", "--from", tmp_path / "none", "--into", tmp_path / "new"]),
        (2, ["restore", "--from", archive.parent, "--into", archive]),
        (2, ["restore", "--from", archive.parent, "--into", tmp_path / "new", "--at", "noon"]),
    ):
        ended = command(*words)
        assert (ended.code, ended.out, len(ended.err.splitlines())) == (code, "", 1), words


def test_a_backup_that_lacks_a_file_ends_with_1_and_names_it(archive: Path, place: Path, tmp_path: Path) -> None:
    file = next((archive.parent / "warc").glob("*.warc.gz"))
    file.unlink()
    ended = command("backup", "--archive", archive, "--to", place)
    assert ended.code == 1
    assert file.name in ended.err
    restored = command("restore", "--from", place, "--into", tmp_path / "new")
    assert restored.code == 1
    assert file.name in restored.out


def test_a_second_backup_ends_with_5(archive: Path, place: Path) -> None:
    with hold_lock(archive.parent / ".backup" / "lock", "taken"):
        ended = command("backup", "--archive", archive, "--to", place)
    assert (ended.code, len(ended.err.splitlines())) == (5, 1)


def test_a_backup_made_beside_a_crawl_is_whole_and_crawls_on(tmp_path: Path, place: Path) -> None:
    """The crawl keeps its lock and its pace; the restored archive takes up where the backup caught it."""
    (tmp_path / "srv").mkdir()
    archive = tmp_path / "srv" / "archive.db"
    with Replica(articles=60) as portal:
        profile = write_profile(portal, tmp_path / "srv", pace={"delay_seconds": 0.02, "concurrency": 1})
        running = start("crawl", "--portal", profile, "--archive", archive)
        made = []
        try:
            while running.poll() is None and not list(tmp_path.glob("srv/warc/*.open")):
                pass  # the database is complete once the night's first file is begun
            while running.poll() is None and len(made) < 4:
                made.append(command("backup", "--archive", archive, "--to", place))
                assert made[-1].code == 0, made
        finally:
            running.communicate(timeout=240)
        assert running.returncode == 0
        assert made
        restored = command("restore", "--from", place, "--into", tmp_path / "new")
        assert restored.code == 0, restored
        assert crawl(portal, tmp_path / "new").code == 0
    held = "select count(*) from articles"
    assert value(tmp_path / "new" / "archive.db", held) == value(archive, held) == 60
    assert command("verify", "--archive", tmp_path / "new" / "archive.db").code == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_killed_backup_harms_nothing_and_the_next_one_is_whole(number: int, archive: Path, place: Path) -> None:
    for _ in range(3):
        running = subprocess.Popen(
            [sys.executable, "-m", "crawler", "backup", "--archive", archive, "--to", place],
            cwd=ROOT, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        # It has begun once its folder is there.
        while running.poll() is None and not (archive.parent / ".backup" / "lock").exists():
            pass
        running.send_signal(number)
        running.wait(timeout=60)
    assert command("verify", "--archive", archive).code == 0
    assert command("backup", "--archive", archive, "--to", place).code == 0
    assert names(archive.parent, ".backup") == ["lock"]
    assert command("backup", "--drill", "--archive", archive, "--to", place).code == 0
