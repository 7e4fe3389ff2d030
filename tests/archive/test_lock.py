"""One run at a time, also between processes. A death releases the lock."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.archive.lock import hold_archive, hold_plan, is_held
from crawler.errors import ArchiveLockedError, ArchiveUnusableError

HOLD = """
import sys
from pathlib import Path
from crawler.archive.lock import hold_archive
with hold_archive(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_second_holder_is_refused_and_the_first_goes_on(archive: Path) -> None:
    with hold_archive(archive):
        assert is_held(archive)
        with pytest.raises(ArchiveLockedError, match=str(archive)), hold_archive(archive):
            pytest.fail("two at a time")
        assert is_held(archive)
    assert not is_held(archive)


def test_an_archive_can_be_held_again_and_again(archive: Path) -> None:
    for _ in range(3):
        with hold_archive(archive):
            assert is_held(archive)
        assert not is_held(archive)


def test_an_error_in_the_block_lets_go(archive: Path) -> None:
    with pytest.raises(ValueError, match="inside"), hold_archive(archive):
        raise ValueError("inside")
    assert not is_held(archive)


def test_asking_makes_nothing(archive: Path) -> None:
    assert not is_held(archive)
    assert list(archive.parent.iterdir()) == []


def test_archives_in_two_folders_do_not_hinder_each_other(tmp_path: Path) -> None:
    with hold_archive(tmp_path / "a" / "archive.db"), hold_archive(tmp_path / "b" / "archive.db"):
        assert is_held(tmp_path / "a" / "archive.db")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(ArchiveUnusableError, match="file"), hold_archive(tmp_path / "file" / "archive.db"):
        pytest.fail("held")


def test_another_process_holds_it_until_it_dies(archive: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(archive)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        assert is_held(archive)
        with pytest.raises(ArchiveLockedError), hold_archive(archive):
            pytest.fail("two at a time")
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        with hold_archive(archive):
            assert is_held(archive)


def test_a_plan_is_held_by_one_scheduler_and_hinders_no_run(archive: Path) -> None:
    with hold_plan(archive):
        with pytest.raises(ArchiveLockedError, match="another scheduler"), hold_plan(archive):
            pytest.fail("two at a time")
        assert not is_held(archive)
        with hold_archive(archive):
            pass
    with hold_plan(archive):
        pass
