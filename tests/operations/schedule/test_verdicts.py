"""Verdicts that are kept: for how long they hold, and that a thousand portals cost little."""

import os
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.fleet.folder import FleetFolder
from crawler.language.dates import to_iso_utc
from crawler.operations.schedule import scheduler as scheduler_module
from crawler.operations.schedule.child_process import Stop
from crawler.operations.schedule.due import NightVerdict
from crawler.operations.schedule.night import NightRunner
from crawler.operations.schedule.places import ArchivePerPortal
from crawler.operations.schedule.portals import Plan, Planned
from crawler.operations.schedule.scheduler import NightScheduler
from crawler.operations.schedule.verdicts import KeptVerdicts
from tests.support.archives.rows import change
from tests.support.build import FIRST_NIGHT, PROFILE_TOML, make_archive, make_profile
from tests.support.processes.cpu_time import least_seconds

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PLANNED = Planned("sapa.toml", make_profile())
SETTLED = NightVerdict(FIRST_NIGHT)


def kept(verdict: NightVerdict = SETTLED) -> KeptVerdicts:
    found = KeptVerdicts()
    found.keep(PLANNED, verdict, mark=(1,), now=FIRST_NIGHT + HOUR)
    return found


def test_a_verdict_holds_until_the_next_night_or_a_change() -> None:
    verdicts = kept()
    assert verdicts.find(PLANNED, (1,), now=FIRST_NIGHT + DAY - HOUR) == SETTLED
    assert verdicts.find(PLANNED, (1,), now=FIRST_NIGHT + DAY) is None
    assert verdicts.find(PLANNED, (2,), now=FIRST_NIGHT + 2 * HOUR) is None
    assert verdicts.find(PLANNED, (1,), now=FIRST_NIGHT) is None  # the clock was set back
    verdicts.drop("sapa")
    assert verdicts.find(PLANNED, (1,), now=FIRST_NIGHT + 2 * HOUR) is None


def test_a_verdict_with_a_wait_holds_until_the_wait_is_over() -> None:
    again = FIRST_NIGHT + 2 * HOUR
    verdicts = kept(NightVerdict(FIRST_NIGHT, is_due=True, not_before=again))
    assert verdicts.find(PLANNED, (1,), now=again - timedelta(seconds=1)) is not None
    assert verdicts.find(PLANNED, (1,), now=again) is None


def test_settled_verdicts_outlive_the_process_and_due_ones_do_not(tmp_path: Path) -> None:
    path = tmp_path / "verdicts.json"
    for verdict, expected in ((SETTLED, SETTLED), (NightVerdict(FIRST_NIGHT, is_due=True), None)):
        kept(verdict).save(path)
        found = KeptVerdicts()
        found.load(path)
        assert found.find(PLANNED, (1,), now=FIRST_NIGHT + 2 * HOUR) == expected


@pytest.mark.parametrize("text", ["", "[]", '{"version": null}', "{", '{"settled": 3}'])
def test_a_damaged_file_of_verdicts_only_means_more_work(tmp_path: Path, text: str) -> None:
    path = tmp_path / "verdicts.json"
    path.write_text(text, encoding="utf-8")
    found = KeptVerdicts()
    found.load(path)
    assert found.find(PLANNED, (1,), now=FIRST_NIGHT + HOUR) is None
    kept().save(path)
    found.load(path)
    assert found.find(PLANNED, (1,), now=FIRST_NIGHT + 2 * HOUR) == SETTLED


@pytest.fixture(scope="module")
def settled_archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive whose portal's first night is settled."""
    return make_archive(tmp_path_factory.mktemp("settled"))


@pytest.fixture
def fleet(tmp_path: Path, settled_archive: Path) -> FleetFolder:
    """Forty portals whose nights are settled."""
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    for number in range(40):
        name = f"p{number}"
        archive = fleet.archive_of(name)
        archive.parent.mkdir(parents=True)
        archive.write_bytes(settled_archive.read_bytes())
        change(archive, "update crawls set portal = ?", name)
        text = PROFILE_TOML.replace('"sapa"', f'"{name}"').replace("sapa.example", f"{name}.example")
        (fleet.profiles / f"{name}.toml").write_text(text, encoding="utf-8")
    return fleet


def make_scheduler(fleet: FleetFolder) -> NightScheduler:
    return NightScheduler(Plan([str(fleet.profiles)]), NightRunner(ArchivePerPortal(fleet), Stop(), 60.0))


def test_a_first_look_writes_nothing_beside_archives_that_rest_and_logs_one_line(
    fleet: FleetFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT + HOUR))
    monkeypatch.setattr(scheduler_module, "MOST_LOGGED", 39)
    for archive in fleet.archives().values():
        os.utime(archive, (1.0, 1.0))
    with caplog.at_level("INFO"):
        assert make_scheduler(fleet).look() == []
    beside = (path.name for archive in fleet.archives().values() for path in archive.parent.iterdir())
    assert set(beside) == {"archive.db"}
    assert [record.getMessage() for record in caplog.records] == ["plan: 40 portals judged, 0 due now"]


def test_an_archive_is_read_with_its_log_though_its_file_rests(
    fleet: FleetFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT + HOUR))
    archive = fleet.archive_of("p7")
    with closing(sqlite3.connect(archive, isolation_level=None)) as writer:
        writer.execute("pragma wal_autocheckpoint = 0")
        writer.execute("update crawls set outcome = 'failed'")
        os.utime(archive, (1.0, 1.0))
        assert [due.portal for due in make_scheduler(fleet).look()] == ["p7"]


def test_after_a_crawl_its_own_archive_alone_is_judged_again(
    fleet: FleetFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT + HOUR))
    first_look = least_seconds(lambda: make_scheduler(fleet).look())
    scheduler = make_scheduler(fleet)
    assert scheduler.look() == []

    def look_after_crawl() -> None:
        change(fleet.archive_of("p7"), "update crawls set outcome = 'complete'")
        assert scheduler.look() == []

    assert least_seconds(scheduler.look) < first_look / 5
    assert least_seconds(look_after_crawl) < first_look / 2
    change(fleet.archive_of("p7"), "update crawls set outcome = 'failed'")
    assert [due.portal for due in scheduler.look()] == ["p7"]


def test_the_next_scheduler_judges_only_what_changed_meanwhile(
    fleet: FleetFolder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", to_iso_utc(FIRST_NIGHT + HOUR))
    former = make_scheduler(fleet)
    former.look()
    former.save()
    change(fleet.archive_of("p7"), "update crawls set outcome = 'partial'")
    scheduler = make_scheduler(fleet)
    scheduler.begin()
    caplog.clear()
    with caplog.at_level("INFO"):
        assert scheduler.look() == []
    assert [record.getMessage().split()[1] for record in caplog.records] == ["p7"]
