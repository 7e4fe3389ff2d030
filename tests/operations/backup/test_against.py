"""`verify --against`: the files there and here are read, and each that differs is named once."""

from pathlib import Path

import pytest

from crawler.archive.fixity import Verification, verify
from crawler.errors import BackupError
from crawler.operations.backup.against import compare_with_backup
from tests.support.build import make_archive
from tests.support.crawling import command
from tests.support.operations import backup, damage


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "srv").mkdir()
    return make_archive(tmp_path / "srv", nights=2)


@pytest.fixture
def place(archive: Path, tmp_path: Path) -> Path:
    assert not backup(archive, tmp_path / "target").problems
    return tmp_path / "target"


def _compare(archive: Path, place: Path) -> list[str]:
    found = Verification()
    compare_with_backup(archive, str(place), found=found)
    assert all(one.kind == "backup" for one in found.findings)
    return found.differences


def test_a_good_backup_has_no_line(archive: Path, place: Path) -> None:
    assert _compare(archive, place) == []


def test_a_changed_byte_there_or_here_is_one_line_also_where_the_size_is_the_same(archive: Path, place: Path) -> None:
    first, second = sorted((archive.parent / "warc").glob("*.warc.gz"))
    damage(place / "warc" / first.name)
    damage(second)
    there, here = _compare(archive, place)
    assert there.startswith(f"warc/{first.name}: on ")
    assert here == f"warc/{second.name}: here: not the bytes that were shipped"


def test_a_file_that_is_named_already_has_no_second_line_but_that_the_backup_has_it(archive: Path, place: Path) -> None:
    first, second = sorted((archive.parent / "warc").glob("*.warc.gz"))
    damage(first)
    second.unlink()
    found = verify(archive)
    assert len(found.findings) == 2, found.differences
    compare_with_backup(archive, str(place), found=found)
    assert len(found.findings) == 2, found.differences
    assert all(f"{place} has the file as it was shipped" in line for line in found.differences)


def test_a_missing_file_and_a_damaged_snapshot_are_named(archive: Path, place: Path) -> None:
    first, _ = sorted((archive.parent / "warc").glob("*.warc.gz"))
    (place / "warc" / first.name).unlink()
    damage(next((place / "snapshots").glob("*.gz")))
    snapshot, file = _compare(archive, place)
    assert "snapshot" in snapshot
    assert file.startswith(f"warc/{first.name}: on ")


def test_a_place_without_a_snapshot_is_refused(archive: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(BackupError, match="no snapshot"):
        _compare(archive, tmp_path / "empty")


def test_the_command_says_all_three_ways(archive: Path, place: Path) -> None:
    whole = command("verify", "--archive", archive, "--rows", "--against", place)
    assert whole.code == 0, whole.out
    assert "2 WARC files compared" in whole.out
    quick = command("verify", "--archive", archive, "--quick", "--seconds", "60", "--json")
    assert quick.code == 0, quick.out
    assert "quick: looked at 1 file of the last run" in quick.out
    assert command("verify", "--archive", archive, "--quick", "--rows").code == 2
    assert command("verify", "--archive", archive, "--seconds", "5").code == 2
