"""Portals that are dead for many nights: parked, said so, asked weekly, and crawled again from the first answer on."""

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.errors import ProfileError
from crawler.fleet.answers import note_answered, read_answered
from crawler.fleet.fleet_file import ParkingRule, read_parking
from crawler.fleet.folder import FleetFolder
from crawler.language.dates import local_date, to_iso_utc
from crawler.operations.fleet_status import read_fleet_status
from crawler.operations.health.status import read_status
from crawler.operations.schedule.due import judge_portal
from crawler.operations.schedule.journaling import PlanJournal
from crawler.operations.schedule.portals import Planned
from crawler.profile import Profile
from crawler.sentences import to_columns
from tests.support.build import FIRST_NIGHT, Clock, Night, because, make_profile
from tests.support.operations import add_run

DAY = timedelta(days=1)
PROFILE = make_profile()
HOME = "the portal's home page could not be had: "
# The words of a real night: no name, no connection, silence; and another system.
UNRESOLVED = (
    HOME + "sapa.example.vn failed 4 times in a row, the last time: sapa.example.vn cannot be resolved; not asked now"
)
REFUSED = HOME + "the connection failed: Failed to connect to 127.0.0.1:9 after 0 ms: Could not connect to server"
SYSTEM = "this is WordPress, not vnpt: its own files lie at '/wp-content/'"
NIGHTS = ParkingRule().nights


def be_dead(archive: Path, clock: Clock, nights: int, *reasons: str, others: bool = True) -> None:
    """Let nights pass on which the portal is dead, in two tries each, and another portal is answered."""
    if not archive.exists():
        add_run(archive, Clock(clock() - DAY))
    said = reasons or (UNRESOLVED,)
    runs: list[tuple[str, datetime, str, str | None]] = []
    for number in range(nights):
        runs += [("sapa", clock() + again, "failed", said[number % len(said)]) for again in (0 * DAY, DAY / 100)]
        runs += [("khac", clock(), "complete", None)] if others else []
        clock.go_on(days=1)
    put_runs(archive, *runs)


def put_runs(archive: Path, *runs: tuple[str, datetime, str, str | None]) -> None:
    columns = "portal, started_at, finished_at, outcome, reason, reason_kind, reason_args"
    rows = [
        (name, to_iso_utc(at), to_iso_utc(at), outcome, *to_columns(because(why))) for name, at, outcome, why in runs
    ]
    with closing(sqlite3.connect(archive)) as connection, connection:
        connection.executemany(f"insert into crawls ({columns}) values (?, ?, ?, ?, ?, ?, ?)", rows)


def is_due(archive: Path, clock: Clock, profile: Profile = PROFILE) -> bool:
    journal = PlanJournal(archive)
    with journal.kept_open():
        history = journal.read_history(Planned("sapa.toml", profile))
    verdict = judge_portal(profile, history, now=clock())
    assert not (history.parked and verdict.missed)
    return verdict.is_due


@pytest.mark.parametrize("reasons", [(UNRESOLVED,), (REFUSED, UNRESOLVED), (SYSTEM,)])
def test_a_portal_dead_for_many_nights_is_parked_and_asked_weekly(
    archive: Path, clock: Clock, reasons: tuple[str, ...]
) -> None:
    be_dead(archive, clock, NIGHTS - 1, *reasons)
    assert is_due(archive, clock)
    be_dead(archive, clock, 1, *reasons)
    due = []
    for day in range(20):
        if is_due(archive, clock):
            due.append(day)
            put_runs(archive, ("sapa", clock(), "failed", reasons[0]))
        clock.go_on(days=1)
    assert due == [6, 13]


def test_a_parked_portal_is_named_with_since_when_and_why(archive: Path, clock: Clock) -> None:
    be_dead(archive, clock, NIGHTS, SYSTEM)
    status = read_status(archive, clock())
    portal = next(one for one in status.portals if one.portal == "sapa")
    assert (portal.verdict, [one.kind for one in status.problems]) == ("parked", ["parked"])
    assert portal.parked is not None
    assert (portal.parked.since, portal.parked.nights, portal.parked.why) == (
        "2026-09-01T18:30:00Z", NIGHTS, "other-system",
    )  # fmt: skip
    assert portal.next_planned_at == "2026-09-21T18:30:00Z"
    assert "14 đêm liền" in status.problems[0].sentence_vi
    assert status.as_json()["portals"][0]["parked"]["why"] == "other-system"
    # Nights that are not run are not missed.
    assert [one.kind for one in read_status(archive, clock() + 5 * DAY).problems if one.subject == "sapa"] == ["parked"]


@pytest.mark.parametrize("outcome", ["complete", "partial", "failed"])
def test_the_first_answer_unparks_a_portal(archive: Path, clock: Clock, outcome: str) -> None:
    be_dead(archive, clock, NIGHTS + 1)
    assert not is_due(archive, clock)
    if outcome == "failed":
        put_runs(archive, ("sapa", clock(), "failed", HOME + "it answered 503"))
        clock.go_on(days=1)
        assert is_due(archive, clock)
        return
    night = Night(archive, clock)
    night.capture("https://sapa.example.vn/")
    night.writer.finish(outcome)
    night.writer.close()
    clock.go_on(days=1)
    assert is_due(archive, clock)
    put_runs(archive, ("sapa", clock(), "failed", UNRESOLVED))
    clock.go_on(days=1)
    assert is_due(archive, clock)


@pytest.mark.parametrize(
    "reason",
    [
        HOME + "it answered 503",
        HOME + "the certificate of sapa.example.vn is signed by itself. Its key could not be seen",
        HOME + "sapa.example.vn resolves to 10.0.0.1, which is not a public address",
        "only 1 GB are free on the disk; 2 GB are reserved",
    ],
)
def test_a_portal_that_answers_or_was_not_asked_is_never_parked(archive: Path, clock: Clock, reason: str) -> None:
    be_dead(archive, clock, NIGHTS + 2, reason)
    assert is_due(archive, clock)


def test_nights_on_which_nobody_answered_count_for_nothing(archive: Path, clock: Clock) -> None:
    be_dead(archive, clock, NIGHTS + 5, others=False)
    assert is_due(archive, clock)
    be_dead(archive, clock, NIGHTS)
    assert not is_due(archive, clock)


def test_a_corrected_address_unparks_a_portal(archive: Path, clock: Clock) -> None:
    be_dead(archive, clock, NIGHTS)
    assert not is_due(archive, clock)
    assert is_due(archive, clock, make_profile().__class__(**{**_fields(), "base_url": "https://moi.example.vn/"}))


def _fields() -> dict[str, object]:
    return {name: getattr(PROFILE, name) for name in PROFILE.__struct_fields__}


def test_a_fleet_says_its_own_rule_and_its_nights_are_those_of_all(tmp_path: Path, clock: Clock) -> None:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    assert read_parking(fleet) == ParkingRule()
    fleet.file.write_text("[parking]\nnights = 2\nprobe_days = 3\n", encoding="utf-8")
    archive = fleet.archive_of("sapa")
    archive.parent.mkdir()
    be_dead(archive, clock, 3, others=False)
    assert is_due(archive, clock)
    for night in range(2):
        note_answered(fleet, local_date(FIRST_NIGHT + night * DAY, PROFILE.zone))
        note_answered(fleet, local_date(FIRST_NIGHT + night * DAY, PROFILE.zone))
    assert read_answered(fleet) == {"2026-09-02", "2026-09-03"}
    assert not is_due(archive, clock)
    (member,) = read_fleet_status(fleet, clock(), backups_planned=False)
    assert (member.verdict, member.parked) == (
        "parked", {"since": "2026-09-01T18:30:00Z", "nights": 2, "why": "no-answer"},
    )  # fmt: skip
    assert member.next_planned_at == "2026-09-06T18:30:00Z"


@pytest.mark.parametrize("text", ["parking = 3\n", "[parking]\nnights = -1\n", "[parking]\ndays = 3\n"])
def test_a_slip_in_the_rule_is_named(tmp_path: Path, text: str) -> None:
    fleet = FleetFolder(tmp_path)
    fleet.prepare()
    fleet.file.write_text(text, encoding="utf-8")
    with pytest.raises(ProfileError, match="parking"):
        read_parking(fleet)
