"""The epoch beside an archive."""

from pathlib import Path

import pytest

from crawler.errors import ArchiveUnusableError
from crawler.fleet.epoch import EpochMark, read_mark, set_aside, write_mark
from crawler.fleet.folder import FleetFolder


def test_an_epoch_is_read_as_it_was_written_and_none_before(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    assert read_mark(fleet, "p") is None
    assert not (tmp_path / "p").exists()
    write_mark(fleet, "p", mark=EpochMark(3, is_whole=False))
    assert read_mark(fleet, "p") == EpochMark(3, is_whole=False)


def test_an_epoch_that_cannot_be_read_is_an_error_not_the_first_one(tmp_path: Path) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "epoch.json").write_text("{", encoding="utf-8")
    with pytest.raises(ArchiveUnusableError, match=r"epoch\.json: cannot be read"):
        read_mark(FleetFolder(tmp_path), "p")


def test_a_former_archive_is_moved_whole_and_is_no_archive_of_the_folder_any_more(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    write_mark(fleet, "p", mark=EpochMark(1))
    fleet.archive_of("p").write_bytes(b"all of it")
    place = set_aside(fleet, "p", epoch=1)
    assert (place / "archive.db").read_bytes() == b"all of it"
    assert fleet.archives() == {}
    write_mark(fleet, "p", mark=EpochMark(1))
    with pytest.raises(ArchiveUnusableError, match="cannot be moved"):
        set_aside(fleet, "p", epoch=1)
