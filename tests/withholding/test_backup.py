"""A backup holds what is withheld, also beside a run that goes on meanwhile; a restore brings both back."""

from pathlib import Path

import pytest

from crawler.archive.database import open_for_copying
from crawler.archive.fixity import verify
from crawler.archive.snapshot import copy_database
from crawler.errors import BackupError, WrongUseError
from crawler.operations.backup.contents import copy_withheld
from crawler.operations.backup.create import make_backup
from crawler.operations.backup.restore import restore
from tests.support.build import Clock, Night
from tests.support.withholding import SECRET, act, differing, leaks, make_nights, night_of_secret


def test_a_restored_archive_withholds_releases_and_goes_on(archive: Path, clock: Clock, tmp_path: Path) -> None:
    make_nights(archive, clock, first=1, last=2)
    act(archive, "withhold", SECRET.url, at=clock())
    target = str(tmp_path / "target")
    assert make_backup(archive, target, now=clock(), append_only=False).problems == ()
    into = tmp_path / "again" / "archive.db"
    restored = restore(target, into)
    assert restored.differences == []
    assert leaks(into) == []
    assert into.with_name("withheld.db").stat().st_mode & 0o077 == 0
    act(into, "release", SECRET.url, at=clock())
    act(archive, "release", SECRET.url, at=clock())
    assert differing(archive, into) == []


def test_a_damaged_copy_of_what_is_withheld_is_refused(archive: Path, clock: Clock, tmp_path: Path) -> None:
    make_nights(archive, clock, first=1, last=1)
    act(archive, "withhold", SECRET.url, at=clock())
    make_backup(archive, str(tmp_path / "target"), now=clock(), append_only=False)
    (copy,) = (tmp_path / "target" / "snapshots").glob("*.withheld.db.gz")
    copy.write_bytes(copy.read_bytes()[:-20])
    with pytest.raises(BackupError, match="withheld"):
        restore(str(tmp_path / "target"), tmp_path / "again" / "archive.db")
    assert not (tmp_path / "again" / "archive.db").exists()


def test_a_restore_writes_over_no_withheld_database(archive: Path, clock: Clock, tmp_path: Path) -> None:
    make_nights(archive, clock, first=1, last=1)
    make_backup(archive, str(tmp_path / "target"), now=clock(), append_only=False)
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / "withheld.db").write_bytes(b"x")
    with pytest.raises(WrongUseError, match="another archive"):
        restore(str(tmp_path / "target"), tmp_path / "again" / "archive.db")
    assert (tmp_path / "again" / "withheld.db").read_bytes() == b"x"


def test_a_copy_made_beside_a_run_is_of_one_state(archive: Path, clock: Clock, tmp_path: Path) -> None:
    make_nights(archive, clock, first=1, last=2)
    act(archive, "withhold", SECRET.url, at=clock())
    copy = tmp_path / "copy" / "archive.db"
    copy.parent.mkdir()
    with Night(archive, clock) as night:
        night_of_secret(night, 3)
        night.writer.commit().result()
        connection = open_for_copying(archive)
        copy_database(connection, copy)
        connection.close()
        for number in (5, 6, 7):
            night_of_secret(night, number)
            night.writer.commit().result()
        assert copy_withheld(archive, copy, into=copy.with_name("withheld.db"))
    (tmp_path / "copy" / "warc").symlink_to(archive.parent / "warc")
    assert verify(copy).differences == []
