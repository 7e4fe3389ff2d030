"""The folder of a fleet: which files lie where, and which archives belong to one."""

from pathlib import Path

import pytest

from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveLockedError
from crawler.fleet.folder import FleetFolder, fleet_of, write_whole


def test_an_archive_in_its_place_belongs_to_the_fleet_and_no_other_does(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    inside, outside = fleet.archive_of("sapa"), tmp_path / "elsewhere" / "sapa" / "archive.db"
    assert fleet_of(inside) is None  # there is no fleet.toml
    fleet.prepare()
    assert fleet_of(inside) == fleet
    assert fleet_of(outside) is None


def test_preparing_a_folder_again_leaves_what_was_written_by_hand(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path / "new" / "folder")
    fleet.prepare()
    fleet.file.write_text("# mine\n", encoding="utf-8")
    fleet.prepare()
    assert fleet.file.read_text(encoding="utf-8") == "# mine\n"


def test_archives_are_named_by_their_portals(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    for name in ("b", "a"):
        fleet.archive_of(name).parent.mkdir(parents=True)
        fleet.archive_of(name).touch()
    assert list(fleet.archives()) == ["a", "b"]


def test_one_scheduler_holds_the_plan_of_a_folder(tmp_path: Path) -> None:
    fleet = FleetFolder(tmp_path)
    with (
        hold_lock(fleet.state / ".schedule.lock", "held"),
        pytest.raises(ArchiveLockedError, match="another scheduler"),
        fleet.hold_plan(),
    ):
        pass


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.json"
    write_whole(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "new \ud800")
    assert path.read_text(encoding="utf-8") == "old"
    assert list(tmp_path.iterdir()) == [path]
