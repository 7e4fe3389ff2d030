"""Records that a thread reads ahead are those of the file, and the thread ends with whoever asked."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.archive.warc.files.ahead import read_ahead
from crawler.archive.warc.files.scan import Damage, scan_records
from tests.support.build import make_archive


def _only_warc(folder: Path) -> Path:
    make_archive(folder, nights=1)
    (path,) = (folder / "warc").glob("*.warc.gz")
    return path


def _others() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread is not threading.main_thread()]


def test_records_and_damage_come_as_without_a_thread(tmp_path: Path) -> None:
    path = _only_warc(tmp_path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    expected = list(scan_records(path))
    assert any(isinstance(one, Damage) for one in expected)
    assert list(read_ahead(scan_records(path))) == expected


def test_an_error_comes_behind_the_records_before_it() -> None:
    def fail() -> Iterator[Damage]:
        yield Damage("a.warc.gz", 0, 5, "is damaged", {})
        raise OSError("the disk is gone")

    records = read_ahead(fail())
    assert next(records).length == 5  # type: ignore[union-attr]
    with pytest.raises(OSError, match="the disk is gone"):
        next(records)


def test_the_thread_ends_with_the_loop_and_is_little_ahead() -> None:
    before, given = _others(), 0

    def endless() -> Iterator[Damage]:
        nonlocal given
        while True:
            given += 1
            yield Damage("a.warc.gz", given, 1, "is damaged", {})

    records = read_ahead(endless())
    for _ in range(10):
        next(records)
    records.close()  # type: ignore[attr-defined]
    assert _others() == before
    assert given < 500
