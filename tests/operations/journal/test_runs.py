"""The journal's runs: how every planned night ended."""

from datetime import timedelta
from pathlib import Path

import pytest

from crawler.operations.journal.database import read_journal, write_journal
from crawler.operations.journal.runs import (
    DIED,
    MISSED,
    PlannedRun,
    add_note,
    begin_run,
    close_dead_runs,
    end_run,
    note_missed,
    read_runs,
)
from tests.support.build import FIRST_NIGHT

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def all_runs(archive: Path, portal: str = "sapa") -> list[PlannedRun]:
    with read_journal(archive) as journal:
        assert journal is not None
        return read_runs(journal, portal, limit=99)


def missed(archive: Path) -> list[str]:
    with read_journal(archive) as journal:
        assert journal is not None
        found = journal.execute(
            "select planned_at from runs where portal = 'sapa' and began_at is null order by planned_at"
        )
        return [planned_at for (planned_at,) in found]


def test_a_run_is_written_when_it_begins_and_when_it_ends(archive: Path) -> None:
    with write_journal(archive) as journal:
        run_id = begin_run(journal, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT + MINUTE)
    (run,) = all_runs(archive)
    assert (run.planned_at, run.began_at) == ("2026-09-01T18:30:00Z", "2026-09-01T18:31:00Z")
    assert (run.ended_at, run.exit_code, run.note) == (None, None, None)
    with write_journal(archive) as journal:
        add_note(journal, run_id, note="made up")
        end_run(journal, run_id, exit_code=-9, note="ended", now=FIRST_NIGHT + 2 * MINUTE)
    (run,) = all_runs(archive)
    assert (run.ended_at, run.exit_code, run.note) == ("2026-09-01T18:32:00Z", -9, "made up; ended")
    assert all_runs(archive, "elsewhere") == []


def test_an_end_without_a_note_keeps_the_note(archive: Path) -> None:
    with write_journal(archive) as journal:
        run_id = begin_run(journal, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT)
        add_note(journal, run_id, note="late")
        end_run(journal, run_id, exit_code=0, note=None, now=FIRST_NIGHT)
    assert all_runs(archive)[0].note == "late"


def test_runs_that_a_dead_scheduler_left_open_are_closed_once(archive: Path) -> None:
    with write_journal(archive) as journal:
        ended = begin_run(journal, "sapa", planned_at=FIRST_NIGHT - DAY, now=FIRST_NIGHT - DAY)
        end_run(journal, ended, exit_code=0, note=None, now=FIRST_NIGHT - DAY)
        begin_run(journal, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT)
        assert close_dead_runs(journal, now=FIRST_NIGHT + MINUTE) == 1
        assert close_dead_runs(journal, now=FIRST_NIGHT + MINUTE) == 0
    whole, dead = all_runs(archive)
    assert (whole.exit_code, whole.note) == (0, None)
    assert (dead.exit_code, dead.ended_at, dead.note) == (None, "2026-09-01T18:31:00Z", DIED)


def test_a_missed_night_is_written_once_and_is_no_run(archive: Path) -> None:
    for _ in range(2):
        with write_journal(archive) as journal:
            note_missed(journal, "sapa", nights=[FIRST_NIGHT, FIRST_NIGHT + DAY], now=FIRST_NIGHT + 2 * DAY)
    assert missed(archive) == ["2026-09-01T18:30:00Z", "2026-09-02T18:30:00Z"]
    assert all_runs(archive) == []
    with read_journal(archive) as journal:
        assert journal is not None
        notes = journal.execute("select distinct note from runs").fetchall()
    assert [row[0] for row in notes] == [MISSED]


def test_a_night_that_was_run_is_not_written_as_missed(archive: Path) -> None:
    with write_journal(archive) as journal:
        begin_run(journal, "sapa", planned_at=FIRST_NIGHT, now=FIRST_NIGHT)
        note_missed(journal, "sapa", nights=[FIRST_NIGHT], now=FIRST_NIGHT + DAY)
    assert missed(archive) == []


def test_nights_that_a_wrong_clock_called_missed_are_deleted_when_their_time_comes(archive: Path) -> None:
    with write_journal(archive) as journal:
        note_missed(journal, "sapa", nights=[FIRST_NIGHT + day * DAY for day in range(5)], now=FIRST_NIGHT + 9 * DAY)
        begin_run(journal, "sapa", planned_at=FIRST_NIGHT + 2 * DAY, now=FIRST_NIGHT + 2 * DAY)
    assert missed(archive) == ["2026-09-01T18:30:00Z", "2026-09-02T18:30:00Z"]


@pytest.mark.parametrize("limit", [1, 2])
def test_the_last_runs_are_given_the_earliest_first(archive: Path, limit: int) -> None:
    with write_journal(archive) as journal:
        for day in range(3):
            begin_run(journal, "sapa", planned_at=FIRST_NIGHT + day * DAY, now=FIRST_NIGHT + day * DAY)
        found = read_runs(journal, "sapa", limit=limit)
    assert [run.planned_at for run in found] == ["2026-09-02T18:30:00Z", "2026-09-03T18:30:00Z"][2 - limit :]
