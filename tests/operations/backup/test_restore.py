"""A restored archive equals the original: complete, verified, and ready for its next night."""

import json
import os
import shutil
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.archive.database import open_for_reading
from crawler.archive.warc.reader import serial_of, warc_files
from crawler.errors import ArchiveUnusableError, BackupError, WrongUseError
from crawler.operations.backup.restore import database_path, read_moment, restore
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import TABLES, all_rows
from tests.support.build import FIRST_NIGHT, Clock, Night, make_archive, read_rows, small_portal
from tests.support.operations import NOW, backup, damage, names, small_disk
from tests.support.withholding import SECRET, act, make_nights
from tests.support.write_schema import SCHEMAS


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "srv").mkdir()
    return make_archive(tmp_path / "srv", nights=2)


@pytest.fixture
def place(archive: Path, tmp_path: Path) -> Path:
    """A target with one backup of the archive."""
    backup(archive, tmp_path / "target")
    return tmp_path / "target"


@pytest.fixture
def new(tmp_path: Path) -> Path:
    return tmp_path / "new" / "archive.db"


def _snapshot(place: Path, number: int) -> Path:
    """Give the compressed database of a snapshot, counted from the oldest."""
    return sorted((place / "snapshots").glob("*.db.gz"))[number]


def _play_night(archive: Path) -> dict[str, list[tuple[object, ...]]]:
    """Run the third night; give all rows but those that name records, whose ids are new each time."""
    clock = Clock(FIRST_NIGHT + timedelta(days=2))
    with Night(archive, clock, with_adoption=True) as night:
        small_portal(night, edition=3)
    return all_rows(archive, [table for table in TABLES if table != "captures"])


def test_a_restored_archive_has_equal_rows_and_files_and_proves_itself(archive: Path, place: Path, new: Path) -> None:
    restored = restore(str(place), new)
    assert restored.differences == []
    assert restored.verification.articles == 4
    assert (restored.fetched_files, restored.kept_files) == (2, 0)
    assert all_rows(new) == all_rows(archive)
    for path in (archive.parent / "warc").glob("*.warc.gz"):
        assert (new.parent / "warc" / path.name).read_bytes() == path.read_bytes()
    assert not list(new.parent.glob("*restoring*"))


def test_the_next_night_of_a_restored_archive_finds_the_same_under_ids_of_its_own(
    archive: Path, place: Path, new: Path
) -> None:
    restore(str(place), new)
    ours, others = _play_night(new), _play_night(archive)
    for name in ("articles", "article_urls", "revisions", "images", "frontier", "misses"):
        assert len(ours[name]) == len(others[name]), name
    (held,) = read_rows(new, "select max(id) from crawls where id < 100")[0]
    assert held == 2
    for table, column in (("captures", "id"), ("crawls", "id"), ("warc_files", "serial")):
        taken = {row[0] for row in read_rows(archive, f"select {column} from {table}")}
        after = {row[0] for row in read_rows(new, f"select {column} from {table}")}
        common = {row[0] for row in read_rows(new, f"select {column} from {table} where {column} < 100")}
        assert after - common, table
        assert min(after - common) > max(taken) + 90_000, table
        assert common < taken, table


def test_a_restore_of_a_night_under_way_is_adopted_by_the_next(tmp_path: Path, archive: Path, new: Path) -> None:
    night = Night(archive, Clock(FIRST_NIGHT + timedelta(days=2)))
    small_portal(night, edition=3)
    night.writer.commit().result()
    backup(archive, tmp_path / "target")
    night.writer.close()
    assert restore(str(tmp_path / "target"), new).differences == []
    (open_file,) = (new.parent / "warc").glob("*.open")
    with Night(new, Clock(FIRST_NIGHT + timedelta(days=3)), with_adoption=True) as later:
        small_portal(later, edition=4)
    assert not open_file.exists()
    # The backups of the restored archive continue those of the original.
    again = backup(new, tmp_path / "target", now=NOW + timedelta(days=1))
    assert again.problems == ()
    assert restore(str(tmp_path / "target"), tmp_path / "third.db").differences == []


def test_the_database_path_is_a_db_file_or_in_a_folder() -> None:
    assert database_path(Path("x/kho.db")) == Path("x/kho.db")
    assert database_path(Path("x/kho")) == Path("x/kho/archive.db")


def test_where_an_archive_lies_nothing_is_restored(archive: Path, place: Path) -> None:
    before = archive.read_bytes()
    with pytest.raises(WrongUseError, match="exists already"):
        restore(str(place), archive)
    with pytest.raises(WrongUseError, match="holds files already"):
        restore(str(place), archive.with_name("other.db"))
    with pytest.raises(WrongUseError, match="holds files already"):
        restore(str(place), place / "archive.db")
    assert archive.read_bytes() == before


def test_a_log_of_a_lost_database_is_not_played_into_the_restored_one(place: Path, new: Path) -> None:
    new.parent.mkdir()
    new.with_name("archive.db-wal").write_bytes(b"x")
    with pytest.raises(WrongUseError, match="left of another database"):
        restore(str(place), new)


def test_a_restore_that_was_cut_off_goes_on_with_what_is_right(place: Path, new: Path) -> None:
    restore(str(place), new)
    warc = new.parent / "warc"
    first, second = sorted(warc.glob("*.warc.gz"))
    # As a kill leaves it: the database waits, one file is right, one is not, one is half.
    for suffix in ("-wal", "-shm"):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
    new.rename(new.with_name("archive.db.restoring"))
    (new.parent / ".restoring.json").write_text("{}", encoding="utf-8")
    damage(second)
    (warc / "half.warc.gz.part").touch()
    kept = first.stat().st_ino
    restored = restore(str(place), new)
    assert restored.differences == []
    assert (restored.fetched_files, restored.kept_files) == (1, 1)
    assert first.stat().st_ino == kept
    lists = [f"{path.name}.sha256" for path in (first, second)]
    assert names(new.parent, "warc") == sorted([".lock", first.name, second.name, *lists])


def test_a_restore_that_was_cut_off_may_go_on_with_another_snapshot(archive: Path, place: Path, new: Path) -> None:
    night = Night(archive, Clock(FIRST_NIGHT + timedelta(days=2)))
    night.capture("https://sapa.example.vn/tin-tuc/mot-1")
    night.writer.commit().result()
    backup(archive, place, now=NOW + timedelta(days=1))
    night.writer.close()
    restore(str(place), new)
    for suffix in ("", "-wal", "-shm"):
        new.with_name(new.name + suffix).unlink(missing_ok=True)
    (new.parent / ".restoring.json").write_text("{}", encoding="utf-8")
    assert list((new.parent / "warc").glob("*.open"))
    assert restore(str(place), new, named=_snapshot(place, 0).name.removesuffix(".db.gz")).differences == []
    assert not list((new.parent / "warc").glob("*.open"))


def test_a_damaged_snapshot_is_said_and_the_one_before_is_offered(archive: Path, place: Path, new: Path) -> None:
    backup(archive, place, now=NOW + timedelta(days=1))
    before, newest = (_snapshot(place, number).name.removesuffix(".db.gz") for number in (0, 1))
    damage(_snapshot(place, 1))
    with pytest.raises(BackupError, match=f"snapshot {newest} is damaged.*--snapshot {before}"):
        restore(str(place), new)
    assert not new.exists()
    # The offer is good, in the same place.
    assert restore(str(place), new, named=before).differences == []


@pytest.mark.parametrize("how", ["gone", "folder", "broken", "another type", "other ids", "no series"])
def test_a_later_snapshot_without_a_manifest_that_can_be_read_is_said(
    how: str, archive: Path, place: Path, new: Path
) -> None:
    backup(archive, place, now=NOW + timedelta(days=1))
    before, newest = (_snapshot(place, number).name.removesuffix(".db.gz") for number in (0, 1))
    path = place / "snapshots" / f"{newest}.json"
    fields = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()
    if how == "folder":
        path.mkdir()
    elif how != "gone":
        fields["history"]["ids" if how == "other ids" else "series"] = None
        if how == "another type":
            fields["warc"][0]["size_bytes"] = "x"
        path.write_text("{" if how == "broken" else json.dumps(fields), encoding="utf-8")
        with pytest.raises(BackupError, match=f"{newest}.json is damaged.*--snapshot {before}"):
            restore(str(place), new)
    restored = restore(str(place), new, named=before)
    assert (restored.snapshot, restored.differences) == (before, [])
    assert any(newest in note and "nothing of it was restored" in note for note in restored.notes)


def test_a_damaged_withheld_database_is_said_and_the_snapshot_before_is_offered(tmp_path: Path, new: Path) -> None:
    (tmp_path / "srv").mkdir()
    archive, clock, place = tmp_path / "srv" / "archive.db", Clock(), tmp_path / "target"
    make_nights(archive, clock, first=1, last=1)
    backup(archive, place)
    act(archive, "withhold", SECRET.url, at=clock())
    backup(archive, place, now=NOW + timedelta(days=1))
    (path,) = (place / "snapshots").glob("*.withheld.db.gz")
    for content in (path.read_bytes()[:999], b"", b"x"):
        path.write_bytes(content)
        with pytest.raises(BackupError, match=r"withheld.db.gz is damaged or missing.*--snapshot archive-.*-00001"):
            restore(str(place), new)
    path.unlink()
    with pytest.raises(BackupError, match=r"withheld.db.gz is damaged or missing"):
        restore(str(place), new)
    assert not new.exists()


@pytest.mark.parametrize("how", ["cut", "gone", "longer"])
def test_a_snapshot_that_is_not_what_was_copied_is_refused(how: str, place: Path, new: Path) -> None:
    path = _snapshot(place, 0)
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-9] if how == "cut" else path.read_bytes() + b"x")
    with pytest.raises(BackupError, match=r"is damaged or missing.*there is no other before it"):
        restore(str(place), new)
    assert not new.exists()


def test_damaged_and_missing_warc_files_are_named_and_the_rest_is_restored(place: Path, new: Path) -> None:
    first, second = sorted((place / "warc").glob("*.warc.gz"))
    damage(first)
    second.unlink()
    restored = restore(str(place), new)
    assert any(first.name in line and "not the bytes" in line for line in restored.differences)
    assert any(second.name in line and "cannot be read" in line for line in restored.differences)
    assert (new.parent / "warc" / first.name).is_file()
    assert new.is_file()


def test_an_archive_that_lost_its_last_warc_file_crawls_on(place: Path, new: Path) -> None:
    sorted((place / "warc").glob("*.warc.gz"))[-1].unlink()
    assert restore(str(place), new).differences != []
    with Night(new, Clock(FIRST_NIGHT + timedelta(days=2)), with_adoption=True) as night:
        night.capture("https://sapa.example.vn/tin-tuc/mot-1")
    first, last = (serial_of(path) for path in warc_files(new.parent / "warc"))
    assert first == 1
    assert last > 100_000


def test_a_snapshot_is_chosen_by_its_name_or_by_a_time(archive: Path, place: Path, tmp_path: Path) -> None:
    for day in (1, 2):
        backup(archive, place, now=NOW + timedelta(days=day))
    made = [path.name.removesuffix(".db.gz") for path in sorted((place / "snapshots").glob("*.db.gz"))]
    assert restore(str(place), tmp_path / "a" / "a.db").snapshot == made[2]
    assert restore(str(place), tmp_path / "b" / "b.db", named=made[0]).snapshot == made[0]
    at = NOW + timedelta(days=1, hours=3)
    assert restore(str(place), tmp_path / "c" / "c.db", at=at).snapshot == made[1]
    assert restore(str(place), tmp_path / "d" / "d.db", at=NOW).snapshot == made[0]


def test_a_name_or_time_without_a_snapshot_is_wrong_use(place: Path, new: Path) -> None:
    with pytest.raises(WrongUseError, match="has no snapshot archive-20200101T000000Z-00001; the newest are archive-"):
        restore(str(place), new, named="archive-20200101T000000Z-00001")
    with pytest.raises(WrongUseError, match="has no snapshot from 2026-11-24T18:29:59Z or before"):
        restore(str(place), new, at=NOW - timedelta(seconds=1))
    assert not new.parent.exists()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-24T01:30:00Z", datetime(2026, 11, 24, 1, 30, tzinfo=UTC)),
        ("2026-11-24T01:30:00+07:00", datetime(2026, 11, 23, 18, 30, tzinfo=UTC)),
        ("2026-11-24", datetime(2026, 11, 24, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_with_its_offset_and_a_date_is_its_end(text: str, moment: datetime) -> None:
    assert read_moment(text) == moment


@pytest.mark.parametrize("text", ["yesterday", "2026-11-24T01:30:00", "2026-13-01"])
def test_what_is_no_moment_is_wrong_use(text: str) -> None:
    with pytest.raises(WrongUseError, match=f"--at {text}"):
        read_moment(text)


def test_without_a_snapshot_the_way_by_rebuild_is_named_and_works(archive: Path, place: Path, new: Path) -> None:
    shutil.rmtree(place / "snapshots")
    with pytest.raises(BackupError, match=r"no snapshot, but 2 WARC files.*rebuild --archive"):
        restore(str(place), new)
    shutil.copytree(place / "warc", new.parent / "warc")
    rebuild(new, new)
    assert all_rows(new) == all_rows(archive)


def test_a_place_without_backups_is_said(tmp_path: Path, new: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BackupError, match="holds no snapshot and no WARC files"):
        restore(str(tmp_path / "empty"), new)


def test_a_snapshot_of_an_older_version_is_brought_up_to_date(archive: Path, place: Path, new: Path) -> None:
    old = archive.parent.parent / "old" / "archive.db"
    old.parent.mkdir()
    connection = sqlite3.connect(old, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.executescript(sorted(SCHEMAS.glob("*.sql"))[0].read_text(encoding="utf-8"))
    connection.close()
    backup(old, old.parent.parent / "old-target")
    restored = restore(str(old.parent.parent / "old-target"), new)
    assert restored.migrated
    open_for_reading(new).close()
    # Its WARC files were missing at the backup; all else is right.
    assert all("warc" in line.lower() or "capture" in line for line in restored.differences)


def test_a_disk_that_is_too_small_is_said_before_anything_is_fetched(place: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "128k") as disk:
        with pytest.raises(BackupError, match=r"1 MB free, where the restore needs \d+ MB"):
            restore(str(place), disk / "archive.db")
        assert names(disk.parent, disk.name) == [".restoring.json", "warc"]


def test_a_disk_that_fills_up_meanwhile_is_said_and_the_restore_goes_on_later(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small_disk(tmp_path / "disk", "420k") as disk:
        plenty = shutil.disk_usage(tmp_path)
        monkeypatch.setattr(shutil, "disk_usage", lambda _: plenty)
        with pytest.raises(ArchiveUnusableError, match="cannot be written: No space left"):
            restore(str(place), disk / "archive.db")
        assert not (disk / "archive.db").exists()
        os.sync()
        assert json.loads((disk / ".restoring.json").read_text(encoding="utf-8"))["snapshot"]
