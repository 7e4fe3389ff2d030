"""Backups are complete, also during a crawl, and harm neither the archive nor earlier backups."""

import gzip
import json
import shutil
import sqlite3
import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveLockedError, ArchiveUnusableError, BackupError, WrongUseError
from crawler.operations.backup.manifest import SnapshotName, parse_name, read_manifest
from crawler.operations.backup.restore import restore
from crawler.operations.backup.storage import make_storage
from tests.support.archives.rows import all_rows, change
from tests.support.build import Clock, Night, make_archive, small_portal
from tests.support.operations import NOW, backup, damage, names, small_disk


def _make(tmp_path: Path, nights: int = 1) -> tuple[Path, Path]:
    (tmp_path / "srv").mkdir()
    return make_archive(tmp_path / "srv", nights=nights), tmp_path / "target"


def test_a_backup_holds_the_database_as_it_is_and_every_warc_file(tmp_path: Path) -> None:
    archive, place = _make(tmp_path, nights=2)
    made = backup(archive, place)
    assert not made.problems
    assert made.snapshot == "archive-20261124T183000Z-00001"
    assert names(place) == [f"{made.snapshot}.db.gz", f"{made.snapshot}.json"]
    unpacked = tmp_path / "unpacked.db"
    unpacked.write_bytes(gzip.decompress((place / "snapshots" / f"{made.snapshot}.db.gz").read_bytes()))
    assert all_rows(unpacked) == all_rows(archive)
    for path in (archive.parent / "warc").glob("*.warc.gz"):
        assert (place / "warc" / path.name).read_bytes() == path.read_bytes()


def test_the_manifest_says_what_the_snapshot_is(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    made = backup(archive, place)
    manifest = json.loads((place / "snapshots" / f"{made.snapshot}.json").read_text(encoding="utf-8"))
    assert manifest["created_at"] == "2026-11-24T18:30:00Z"
    assert manifest["schema"].startswith("m0")
    assert manifest["articles"] == 3
    assert [file["name"] for file in manifest["warc"]] == names(place, "warc")[:1]
    assert manifest["missing"] == []


def test_a_warc_file_is_copied_once(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    assert backup(archive, place).warc_files == 1
    (file,) = (place / "warc").glob("*.warc.gz")
    first = file.stat()
    again = backup(archive, place, now=NOW + timedelta(days=1))
    assert again.warc_files == 0
    assert again.snapshot == "archive-20261125T183000Z-00002"
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (first.st_ino, first.st_mtime_ns)


def test_two_backups_in_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    assert backup(archive, place).snapshot != backup(archive, place).snapshot


def test_of_a_night_under_way_the_backup_holds_what_was_committed(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    clock = Clock(NOW)
    with Night(archive, clock) as night:
        small_portal(night, edition=2)
        night.writer.commit().result()
        night.put_failure("https://sapa.example.vn/tin-tuc/sau-1", "timeout")
        made = backup(archive, place)
        assert not made.problems
        assert made.articles == 4
    (part,) = [name for name in names(place) if name.endswith(".warc.gz")]
    assert part.startswith(f"{made.snapshot}.sapa-")
    restored = restore(str(place), tmp_path / "new" / "archive.db")
    assert restored.differences == []
    # The next backup copies the whole file; the part is removed with its snapshot.
    backup(archive, place, now=NOW + timedelta(hours=1))
    assert len(list((place / "warc").glob("*.warc.gz"))) == 2
    assert not [name for name in names(place) if name.endswith(".warc.gz")]


def test_every_backup_made_while_a_night_writes_and_others_read_is_whole(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    stop = threading.Event()
    clock = Clock(NOW)

    def write() -> None:
        number = 0
        while not stop.is_set():
            with Night(archive, clock, with_adoption=True) as night:
                for _ in range(20):
                    number += 1
                    night.capture(f"https://sapa.example.vn/tin-tuc/tin-{number}", f"{number}".encode() * 500)
                    night.writer.commit()

    def read() -> None:
        connection = sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)
        while not stop.is_set():
            connection.execute("begin")
            connection.execute("select sum(length(url)) from captures").fetchone()
            connection.execute("commit")
        connection.close()

    threads = [threading.Thread(target=write), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    try:
        for number in range(6):
            assert backup(archive, place, now=NOW + timedelta(days=number)).problems == ()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    snapshots = [name.removesuffix(".json") for name in names(place) if name.endswith(".json")]
    assert len(snapshots) == 6
    for name in snapshots:
        assert restore(str(place), tmp_path / name / "archive.db", named=name).differences == []


def test_what_a_dead_night_left_open_is_copied_as_far_as_rows_go(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    night = Night(archive, Clock(NOW))
    night.capture("https://sapa.example.vn/tin-tuc/mot-1")
    night.writer.commit()
    night.writer.close()  # no end was written
    (path,) = (archive.parent / "warc").glob("*.open")
    with path.open("ab") as stream:
        stream.write(b"torn")
    assert backup(archive, place).problems == ()
    assert restore(str(place), tmp_path / "new.db").differences == []


def test_a_closed_file_of_no_row_goes_along(tmp_path: Path) -> None:
    """A night that ended, or died at its very end, between the snapshot and the copy."""
    archive, place = _make(tmp_path, nights=2)
    late = sorted((archive.parent / "warc").glob("*.warc.gz"))[-1]
    change(archive, "delete from warc_files where name = ?", late.name)
    assert backup(archive, place).warc_files == 2
    assert (place / "warc" / late.name).is_file()


def test_an_upload_that_was_cut_off_is_taken_for_nothing(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    made = backup(archive, place)
    (file,) = (place / "warc").glob("*.warc.gz")
    whole = file.read_bytes()
    # A WARC file without its record, and a later snapshot without its manifest.
    file.write_bytes(whole[:100])
    file.with_name(file.name + ".json").unlink()
    torn = place / "snapshots" / "archive-20261125T183000Z-00002.db.gz"
    torn.write_bytes(b"half")
    restored_from = backup(archive, place, now=NOW + timedelta(days=2))
    assert restored_from.snapshot == "archive-20261126T183000Z-00003"
    assert file.read_bytes() == whole
    assert not torn.exists()
    assert made.snapshot in {name.partition(".")[0] for name in names(place)}


def test_a_file_that_lost_bytes_on_the_target_is_copied_again(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    backup(archive, place)
    (file,) = (place / "warc").glob("*.warc.gz")
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert backup(archive, place).problems == ()
    assert file.read_bytes() == whole


def test_a_file_that_lost_bytes_on_an_append_only_target_is_said(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    backup(archive, place)
    (file,) = (place / "warc").glob("*.warc.gz")
    file.write_bytes(b"short")
    (problem,) = backup(archive, place, append_only=True).problems
    assert "move it away there" in problem
    assert file.read_bytes() == b"short"


def test_old_snapshots_go_and_warc_files_stay(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    (place / "snapshots").mkdir(parents=True)
    (place / "snapshots" / "notes.txt").touch()
    for day in range(12):
        backup(archive, place, now=NOW + timedelta(days=day))
    manifests = [name for name in names(place) if name.endswith(".json")]
    # Seven days; the newest of the week before and of November are among them.
    assert [name[8:16] for name in manifests] == ["20261129", "20261130", *(f"2026120{day}" for day in range(1, 6))]
    assert len([name for name in names(place) if name.endswith(".db.gz")]) == len(manifests)
    assert "notes.txt" in names(place)
    assert len(list((place / "warc").glob("*.warc.gz"))) == 1


def test_nothing_is_removed_from_an_append_only_target(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    for day in range(10):
        backup(archive, place, now=NOW + timedelta(days=day), append_only=True)
    assert len(names(place)) == 20


def test_a_missing_warc_file_is_said_and_the_rest_is_kept(tmp_path: Path) -> None:
    archive, place = _make(tmp_path, nights=2)
    first, second = sorted((archive.parent / "warc").glob("*.warc.gz"))
    first.rename(tmp_path / "moved")
    made = backup(archive, place)
    assert len(made.problems) == 1
    assert f"warc/{first.name}: the file is missing" in made.problems[0]
    assert (place / "warc" / second.name).is_file()
    name = parse_name(made.snapshot)
    assert isinstance(name, SnapshotName)
    assert read_manifest(make_storage(str(place)), name).missing == (first.name,)
    # After it is put back, the next backup is complete.
    (tmp_path / "moved").rename(first)
    assert backup(archive, place, now=NOW + timedelta(days=1)).problems == ()


def test_a_file_that_only_the_target_still_holds_is_said_and_the_snapshot_is_whole(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    backup(archive, place)
    (file,) = (archive.parent / "warc").glob("*.warc.gz")
    file.unlink()
    (problem,) = backup(archive, place, now=NOW + timedelta(days=1)).problems
    assert "the target holds it whole" in problem
    assert restore(str(place), tmp_path / "new.db").differences == []


def test_a_file_that_was_changed_is_not_copied(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    (file,) = (archive.parent / "warc").glob("*.warc.gz")
    with file.open("ab") as stream:
        stream.write(b"more")
    (problem,) = backup(archive, place).problems
    assert "longer than" in problem
    assert not (place / "warc").exists()


def test_a_damaged_database_is_copied_nowhere(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    good = backup(archive, place)
    data = bytearray(archive.read_bytes())
    for page in range(4, len(data) // 4096):
        data[page * 4096 : page * 4096 + 16] = b"\xff" * 16
    archive.write_bytes(data)
    with pytest.raises(ArchiveUnusableError, match=r"damaged|malformed"):
        backup(archive, place, now=NOW + timedelta(days=1))
    assert names(place) == [f"{good.snapshot}.db.gz", f"{good.snapshot}.json"]


@pytest.mark.parametrize("place", ["srv", "srv/warc", "srv/warc/deep", "srv/.backup", "srv/../srv", "link"])
def test_the_archives_own_folder_is_no_place(place: str, tmp_path: Path) -> None:
    archive, _ = _make(tmp_path)
    (tmp_path / "link").symlink_to(tmp_path / "srv")
    before = sorted(path.name for path in (archive.parent / "warc").iterdir())
    for url in (str(tmp_path / place), (tmp_path / place).as_uri()):
        with pytest.raises(WrongUseError, match="own folder"):
            backup(archive, url)
    assert sorted(path.name for path in (archive.parent / "warc").iterdir()) == before


def test_a_place_in_whose_subfolder_the_archive_lies_is_refused(tmp_path: Path) -> None:
    (tmp_path / "warc").mkdir()
    archive = make_archive(tmp_path / "warc")
    with pytest.raises(WrongUseError, match="lies inside"):
        backup(archive, tmp_path)


def test_another_archive_gets_no_place_among_the_backups_of_one(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    backup(archive, place)
    (tmp_path / "other").mkdir()
    other = make_archive(tmp_path / "other")
    with pytest.raises(WrongUseError, match="another archive"):
        backup(other, place)
    assert len(names(place)) == 2


def test_a_rebuilt_database_goes_on_with_its_place(tmp_path: Path) -> None:
    from crawler.rebuild.rebuild import rebuild

    archive, place = _make(tmp_path)
    backup(archive, place)
    archive.unlink()
    rebuild(archive, archive)
    assert backup(archive, place, now=NOW + timedelta(days=1)).problems == ()


def test_a_place_that_is_empty_all_at_once_is_no_place(tmp_path: Path) -> None:
    """The disk that belongs there is not mounted."""
    archive, place = _make(tmp_path)
    backup(archive, place)
    shutil.rmtree(place)
    place.mkdir()
    with pytest.raises(BackupError, match="is the disk mounted"):
        backup(archive, place, now=NOW + timedelta(days=1))
    (place / "snapshots").mkdir()
    assert backup(archive, place, now=NOW + timedelta(days=2)).problems == ()


def test_a_second_backup_waits_for_no_one(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    with (
        hold_lock(archive.parent / ".backup" / "lock", "taken"),
        pytest.raises(ArchiveLockedError, match="another backup"),
    ):
        backup(archive, place)


def test_no_archive_no_backup(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnusableError, match="no archive"):
        backup(tmp_path / "archive.db", tmp_path / "target")
    assert not (tmp_path / "target").exists()
    assert not (tmp_path / "operations.db").exists()


def test_a_full_target_is_said_and_costs_no_earlier_backup(tmp_path: Path) -> None:
    archive, _ = _make(tmp_path)
    with small_disk(tmp_path / "disk", "128k") as disk:
        good = backup(archive, disk)
        clock = Clock(NOW)
        with Night(archive, clock) as night:
            for number in range(10):
                night.capture(f"https://sapa.example.vn/tin-tuc/tin-{number}", bytes(uuid4().bytes * 2000))
                night.capture(f"https://sapa.example.vn/a{number}", b"".join(uuid4().bytes for _ in range(1000)))
        with pytest.raises(BackupError, match="No space left"):
            backup(archive, disk, now=NOW + timedelta(days=1))
        assert not [name for name in [*names(disk), *names(disk, "warc")] if name.endswith(".part")]
        assert restore(str(disk), tmp_path / "new.db").snapshot == good.snapshot


def test_without_room_for_the_copy_it_says_how_much_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive, place = _make(tmp_path)
    full = shutil.disk_usage(tmp_path)._replace(free=1_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: full)
    with pytest.raises(ArchiveUnusableError, match=r"1 MB free, where the copy of the database needs \d+ MB"):
        backup(archive, place)
    assert list((archive.parent / ".backup").iterdir()) == [archive.parent / ".backup" / "lock"]


def test_a_damaged_newest_manifest_keeps_no_later_backup_from_being_made(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    backup(archive, place)
    damaged = backup(archive, place, now=NOW + timedelta(days=1))
    (place / "snapshots" / f"{damaged.snapshot}.json").write_bytes(b"{")
    assert backup(archive, place, now=NOW + timedelta(days=2)).problems == ()
    assert restore(str(place), tmp_path / "new.db").differences == []


def test_a_snapshot_dated_later_than_now_is_noted(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    backup(archive, place, now=NOW + timedelta(days=900))
    (note,) = backup(archive, place).notes
    assert "was the clock right" in note
    assert restore(str(place), tmp_path / "new.db").created_at == "2026-11-24T18:30:00Z"


def test_a_url_holds_a_backup_as_a_folder_does(tmp_path: Path) -> None:
    archive, _ = _make(tmp_path, nights=2)
    url = f"memory://{uuid4()}"
    backup(archive, url)
    assert backup(archive, url, now=NOW + timedelta(days=1)).warc_files == 0
    assert restore(url, tmp_path / "new.db").differences == []
    assert all_rows(tmp_path / "new.db") == all_rows(archive)


def test_bytes_that_turn_on_the_target_are_found_by_a_restore(tmp_path: Path) -> None:
    archive, place = _make(tmp_path)
    backup(archive, place)
    damage(next((place / "warc").glob("*.warc.gz")))
    assert restore(str(place), tmp_path / "new.db").differences != []
