"""Where archives are, and which portals a change concerns."""

from pathlib import Path

import pytest

from crawler.fleet.folder import FleetFolder
from crawler.operations.schedule.places import ArchivePerPortal, OneArchive
from tests.support.archives.rows import change
from tests.support.build import make_archive
from tests.support.nights_harness import journal_rows

PORTALS = ("sapa", "other")


def changed(places: OneArchive | ArchivePerPortal, before: dict[str, tuple[int, ...]]) -> set[str]:
    after = places.read_marks(PORTALS)
    return {portal for portal in PORTALS if after[portal] != before[portal]}


def test_a_run_in_a_shared_archive_concerns_its_own_portal_only(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    places = OneArchive(archive)
    before = places.read_marks(PORTALS)
    assert changed(places, before) == set()
    change(archive, "update crawls set outcome = 'failed'")
    assert changed(places, before) == {"sapa"}


def test_an_older_copy_in_the_place_of_a_shared_archive_concerns_all(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    places = OneArchive(archive)
    before = places.read_marks(PORTALS)
    copy = tmp_path / "copy.db"
    copy.write_bytes(archive.read_bytes())
    copy.replace(archive)
    assert changed(places, before) == set(PORTALS)


def test_a_change_in_an_archive_of_a_fleet_concerns_no_other_portal(tmp_path: Path) -> None:
    places = ArchivePerPortal(FleetFolder(tmp_path))
    for portal in PORTALS:
        places.archive_of(portal).parent.mkdir(parents=True)
    make_archive(places.archive_of("sapa").parent)
    before = places.read_marks(PORTALS)
    change(places.archive_of("sapa"), "update crawls set outcome = 'failed'")
    assert changed(places, before) == {"sapa"}
    before = places.read_marks(PORTALS)
    make_archive(places.archive_of("other").parent)
    assert changed(places, before) == {"other"}


def test_events_of_a_fleet_stand_in_each_portals_journal_as_for_one_archive(tmp_path: Path) -> None:
    places = ArchivePerPortal(FleetFolder(tmp_path))
    for job in ("night sapa", "backup sapa", "night other"):
        places.put_job_event(job, "executed", exit_code=0, message=None)
    found = {
        portal: journal_rows(places.archive_of(portal), "select job from job_events order by id") for portal in PORTALS
    }
    assert found == {"sapa": [("night sapa",), ("backup",)], "other": [("night other",)]}


def test_a_fleet_is_backed_up_to_its_storage_else_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    places = ArchivePerPortal(FleetFolder(tmp_path))
    places.fleet.prepare()
    monkeypatch.delenv("PORTAL_ARCHIVE_BACKUP", raising=False)
    assert (places.storage, places.backup_place) == (None, None)
    monkeypatch.setenv("PORTAL_ARCHIVE_BACKUP", "/elsewhere")
    assert (places.storage, places.backup_place) == (None, "/elsewhere")
    places.fleet.file.write_text('storage = "s3://archive/fleet"\n', encoding="utf-8")
    assert (places.storage, places.backup_place) == ("s3://archive/fleet", "s3://archive/fleet")
    places.fleet.file.write_text("storage = 3\n", encoding="utf-8")
    assert (places.storage, "key `storage`: expected a folder or a URL" in caplog.text) == (None, True)
