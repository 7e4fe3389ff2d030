"""Permissions: files have what the umask leaves, and what is withheld is the owner's alone, copies included."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.database import open_for_reading
from crawler.archive.snapshot import copy_database
from crawler.errors import BackupError
from crawler.operations.backup.create import make_backup
from crawler.operations.backup.restore import restore
from crawler.operations.backup.storage import PRIVATE, FolderStorage
from crawler.rebuild.rebuild import rebuild
from tests.support.build import Clock
from tests.support.withholding import SECRET, act, make_nights


@pytest.fixture(params=[0o022, 0o077, 0o027], ids=oct)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    former = os.umask(request.param)
    yield request.param
    os.umask(former)


def _modes(folder: Path) -> dict[str, int]:
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.lstat().st_mode)
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def _check(folder: Path, umask: int, *, withheld: int) -> None:
    """Compare the permissions of all files with the umask; so many of them hold what is withheld."""
    modes = _modes(folder)
    private = {name: mode for name, mode in modes.items() if "withheld.db" in name}
    assert sum(name.endswith(("withheld.db", "withheld.db.gz")) for name in private) == withheld
    assert set(private.values()) <= {0o600}
    others = {name: oct(mode) for name, mode in modes.items() if mode & (0o111 | umask)}
    assert others == {}, "more than the umask leaves"
    kept = {name: oct(mode) for name, mode in modes.items() if name not in private and name.startswith("warc/")}
    assert set(kept.values()) <= {oct(0o666 & ~umask)}, kept
    assert kept


def test_archive_backup_restore_and_rebuild_have_the_modes_of_the_umask(
    archive: Path, clock: Clock, tmp_path: Path, umask: int
) -> None:
    make_nights(archive, clock, first=1, last=2)
    act(archive, "withhold", SECRET.url, at=clock())
    _check(archive.parent, umask, withheld=1)
    target, into = tmp_path / "place" / "target", tmp_path / "place" / "again" / "archive.db"
    target.parent.mkdir()
    assert make_backup(archive, str(target), now=clock(), append_only=False).problems == ()
    _check(target, umask, withheld=1)
    restore(str(target), into)
    _check(into.parent, umask, withheld=1)
    new = into.with_name("new.db")
    rebuild(into, new)
    _check(into.parent, umask, withheld=2)


def test_a_copy_of_what_is_withheld_is_private_while_it_is_written(tmp_path: Path, umask: int) -> None:
    storage = FolderStorage(tmp_path)
    seen = []

    def chunks() -> Iterator[bytes]:
        yield b"x"
        seen.append(_modes(tmp_path))

    (tmp_path / "snapshots").mkdir()
    (tmp_path / "snapshots" / "a.part").write_bytes(b"of a broken copy")
    (tmp_path / "snapshots" / "a.part").chmod(0o644)
    storage.write("snapshots/a", chunks(), mode=PRIVATE)
    storage.write("snapshots/b", [b"y"])
    assert seen == [{"snapshots/a.part": 0o600}]
    assert _modes(tmp_path) == {"snapshots/a": 0o600, "snapshots/b": 0o666 & ~umask}


def test_a_copy_of_a_database_is_private_if_it_is_asked_for(archive: Path, clock: Clock, umask: int) -> None:
    make_nights(archive, clock, first=1, last=1)
    connection = open_for_reading(archive)
    copy_database(connection, archive.with_name("own.db"), mode=0o600)
    copy_database(connection, archive.with_name("other.db"))
    connection.close()
    assert _modes(archive.parent)["own.db"] == 0o600
    assert _modes(archive.parent)["other.db"] == 0o666 & ~umask


def test_a_broken_restore_leaves_nothing_of_what_is_withheld_open(archive: Path, clock: Clock, tmp_path: Path) -> None:
    make_nights(archive, clock, first=1, last=1)
    act(archive, "withhold", SECRET.url, at=clock())
    make_backup(archive, str(tmp_path / "target"), now=clock(), append_only=False)
    (copy,) = (tmp_path / "target" / "snapshots").glob("*.withheld.db.gz")
    copy.write_bytes(copy.read_bytes()[:-20])
    with pytest.raises(BackupError):
        restore(str(tmp_path / "target"), tmp_path / "again" / "archive.db")
    assert {mode for name, mode in _modes(tmp_path / "again").items() if "withheld.db" in name} <= {0o600}
