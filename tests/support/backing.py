"""Helpers for tests of backups: backups at given times, damaged files, a disk that can be full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from crawler.operations.backup.create import MadeBackup
from crawler.operations.backup.journaled import back_up
from tests.support.build import FIRST_NIGHT

NOW = FIRST_NIGHT.replace(month=11, day=24)


def backup(archive: Path, place: Path | str, *, now: datetime = NOW, append_only: bool = False) -> MadeBackup:
    """Make a backup and journal it."""
    return back_up(archive, str(place), now=now, append_only=append_only)


def names(place: Path, folder: str = "snapshots") -> list[str]:
    """List the files in a folder of a target."""
    return sorted(path.name for path in (place / folder).iterdir())


def damage(path: Path) -> None:
    """Turn one byte in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system of a size such as `64k` at a folder; skip the test without the right to mount."""
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"no small disk could be mounted here (uid {os.geteuid()}); a full disk is not tested")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)
