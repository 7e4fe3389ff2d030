"""Progress as the disk shows it: something is written, and not only failures."""

import os
from pathlib import Path

import pytest

from crawler.archive.lock import is_held
from crawler.operations.schedule.watchdog import Watchdog, read_trace
from tests.support.build import BASE, Night, make_archive


class Seconds:
    """A monotonic clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def test_nothing_written_is_idle_from_the_last_write_on(night: Night, archive: Path, seconds: Seconds) -> None:
    watchdog = Watchdog(archive, patience_seconds=100, monotonic=seconds)
    seconds.now = 99
    assert watchdog.idle_seconds() is None
    night.capture(f"{BASE}/a")
    assert watchdog.idle_seconds() is None
    seconds.now = 198
    assert watchdog.idle_seconds() is None
    seconds.now = 200
    assert watchdog.idle_seconds() == 101


def test_nothing_but_failures_is_no_progress(night: Night, archive: Path, seconds: Seconds) -> None:
    watchdog = Watchdog(archive, patience_seconds=100, monotonic=seconds)
    for at in range(0, 100, 10):
        seconds.now = at
        night.put_failure(f"{BASE}/{at}", attempted=True)
        night.writer.commit().result()
        assert watchdog.idle_seconds() is None, at
    seconds.now = 100
    night.put_failure(f"{BASE}/last", attempted=True)
    night.writer.commit().result()
    assert watchdog.idle_seconds() == 100


def test_a_capture_among_failures_is_progress(night: Night, archive: Path, seconds: Seconds) -> None:
    watchdog = Watchdog(archive, patience_seconds=100, monotonic=seconds)
    for at in range(0, 500, 50):
        seconds.now = at
        night.put_failure(f"{BASE}/{at}", attempted=True)
        night.capture(f"{BASE}/c{at}", f"{at}".encode())
        night.writer.commit().result()
        assert watchdog.idle_seconds() is None, at


def test_work_on_stored_data_is_progress_as_long_as_files_change(night: Night, archive: Path, seconds: Seconds) -> None:
    watchdog = Watchdog(archive, patience_seconds=100, monotonic=seconds)
    log = archive.with_name("archive.db-wal")
    for at in range(0, 500, 50):
        seconds.now = at
        os.utime(log, ns=(at, at))
        assert watchdog.idle_seconds() is None, at


def test_asking_whether_the_archive_is_held_is_no_progress(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    read_trace(archive)  # a reader leaves an empty write-ahead log where none was
    before = read_trace(archive)
    assert not is_held(archive)
    assert read_trace(archive) == before
    assert before.stored is not None
    assert before.stored[0] > 10


def test_an_archive_that_does_not_exist_yet_has_no_trace_and_can_be_watched(tmp_path: Path, seconds: Seconds) -> None:
    watchdog = Watchdog(tmp_path / "archive.db", patience_seconds=1, monotonic=seconds)
    assert watchdog.idle_seconds() is None
    seconds.now = 2
    assert watchdog.idle_seconds() == 2
