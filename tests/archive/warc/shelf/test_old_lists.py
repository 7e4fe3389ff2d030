"""Record lists for files of older versions: a run makes them, of sound files, never in the place of another file."""

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.database import migrate_if_older, open_for_writing
from crawler.archive.fixity import verify
from crawler.archive.history.record_lists import list_path, read_list
from crawler.archive.warc.shelf.old_lists import list_old_files
from crawler.rebuild.rebuild import rebuild
from tests.support.build import Clock, read_rows
from tests.support.damage.alterations import members_of
from tests.support.damage.sweep import FIXTURE
from tests.support.withholding import make_nights

LISTED = "select name, list_sha256 from warc_files where list_sha256 is not null order by serial"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An archive of 0.1.0, whose files have no lists."""
    shutil.copytree(FIXTURE, tmp_path / "old")
    archive = tmp_path / "old" / "archive.db"
    assert migrate_if_older(archive)
    return archive


def make_lists(archive: Path, **options: int) -> int:
    with closing(open_for_writing(archive)) as connection:
        return list_old_files(connection, archive.parent / "warc", **options)


def test_a_run_lists_the_files_of_an_older_version_and_a_rebuild_finds_them_so(old: Path) -> None:
    files = sorted((old.parent / "warc").glob("*.warc.gz"))
    make_nights(old, Clock(), first=1, last=1)
    assert all(read_list(path.parent, path.name) for path in files)
    assert (verify(old).differences, len(read_rows(old, LISTED))) == ([], len(files) + 1)
    rebuild(old, old.with_name("new.db"))
    assert read_rows(old.with_name("new.db"), LISTED) == read_rows(old, LISTED)


def test_a_run_reads_only_so_much_and_the_next_one_goes_on(old: Path) -> None:
    count = len(read_rows(old, "select 1 from warc_files"))
    made = [make_lists(old, most_bytes=150_000) for _ in range(count)]
    assert made[0] >= 1
    assert sum(made) == count
    assert made[-1] == 0


def test_what_is_damaged_gets_no_list_and_goes_on_to_be_named(old: Path) -> None:
    folder = old.parent / "warc"
    torn, altered, *_ = sorted(folder.glob("replica-*.warc.gz"))
    torn.write_bytes(torn.read_bytes()[:-5])
    data = bytearray(altered.read_bytes())
    data[len(data) // 2] ^= 1
    altered.write_bytes(data)
    make_lists(old)
    assert not list_path(folder, torn.name).exists()
    assert not list_path(folder, altered.name).exists()
    assert {torn.name, altered.name}.isdisjoint(name for name, _ in read_rows(old, LISTED))
    assert len(verify(old).differences) == 2


def test_a_damaged_file_is_read_again_only_after_it_changed(old: Path) -> None:
    folder = old.parent / "warc"
    torn = min(folder.glob("replica-*.warc.gz"))
    whole = torn.read_bytes()
    torn.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    make_lists(old)
    place = torn.stat()
    torn.write_bytes(whole)
    os.utime(torn, ns=(place.st_atime_ns, place.st_mtime_ns))
    make_lists(old)
    assert not list_path(folder, torn.name).exists(), "it was not read: its size and time are those of the damaged file"
    os.utime(torn, ns=(place.st_atime_ns, place.st_mtime_ns + 1))
    make_lists(old)
    assert list_path(folder, torn.name).exists()


def test_a_person_s_file_of_that_name_is_left_and_a_list_without_a_row_is_taken(old: Path) -> None:
    folder = old.parent / "warc"
    first, second, *_ = sorted(folder.glob("replica-*.warc.gz"))
    list_path(folder, first.name).write_text(f"{'0' * 64}  {first.name}\n")
    make_lists(old)
    assert list_path(folder, first.name).read_text().endswith(f"{first.name}\n")
    assert first.name not in dict(read_rows(old, LISTED))
    with closing(open_for_writing(old)) as connection:
        connection.execute("update warc_files set list_sha256 = null where name = ?", (second.name,))
    assert make_lists(old) == 1
    assert second.name in dict(read_rows(old, LISTED))


def test_a_record_that_goes_to_another_file_of_an_older_version_is_one_line(old: Path) -> None:
    make_lists(old)
    first, second, *_ = sorted((old.parent / "warc").glob("withholdings-*.warc.gz"))
    moved = members_of(first)
    second.write_bytes(second.read_bytes() + moved[-1])
    first.write_bytes(b"".join(moved[:-1]))
    assert len(verify(old).differences) == 1


def test_records_of_a_file_without_captures_that_are_swapped_are_one_line(old: Path) -> None:
    make_lists(old)
    (path, *_) = sorted((old.parent / "warc").glob("withholdings-*.warc.gz"))
    path.write_bytes(b"".join(members_of(path)[::-1]))
    assert len(verify(old).differences) == 1
