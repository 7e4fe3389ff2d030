"""Whether a night is due: the plan against the archive and the journal, also with a clock that is wrong."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.language.dates import to_iso_utc
from crawler.operations.journal.runs import EndedFor, PlannedRun
from crawler.operations.schedule.due import WAITS, RunHistory, Start, judge_portal, read_starts, starts_of_runs
from tests.support.archives.rows import utc
from tests.support.build import FIRST_NIGHT, Clock, Night, make_archive, make_profile

PROFILE = make_profile()  # 01:30 at the portal, 18:30 in UTC
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)


def starts(*times: datetime, is_settled: bool = True) -> RunHistory:
    return RunHistory([Start(at, is_settled) for at in times])


def tries(
    *codes: int | None, planned: datetime = FIRST_NIGHT, ended_for: EndedFor | None = None
) -> Sequence[PlannedRun]:
    """Tries of a night, each begun at the planned time and ended five minutes later."""
    at, ended = to_iso_utc(planned), to_iso_utc(planned + 5 * MINUTE)
    return [PlannedRun(number, "sapa", at, at, ended, code, None, ended_for) for number, code in enumerate(codes)]


def is_due(history: RunHistory, now: datetime) -> bool:
    return judge_portal(PROFILE, history, now=now).is_due


def test_a_portal_that_was_never_crawled_is_due_and_has_missed_nothing() -> None:
    verdict = judge_portal(PROFILE, RunHistory(), now=FIRST_NIGHT)
    assert (verdict.planned, verdict.is_due, verdict.missed, verdict.is_first) == (FIRST_NIGHT, True, [], True)
    assert not judge_portal(PROFILE, starts(FIRST_NIGHT - DAY), now=FIRST_NIGHT).is_first


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [("complete", False), ("partial", False), ("suspect", False), ("failed", True), ("interrupted", True)],
)
def test_a_night_that_ran_to_its_end_is_not_due_again(
    archive: Path, clock: Clock, outcome: str, expected: bool
) -> None:
    night = Night(archive, clock)
    night.writer.finish(outcome)
    night.writer.close()
    found = read_starts(archive, "sapa")
    assert found is not None
    assert is_due(RunHistory(found), clock()) == expected
    assert is_due(RunHistory(found), clock() + timedelta(hours=23)) == expected
    assert read_starts(archive, "elsewhere") == []


def test_a_run_that_is_under_way_or_died_settles_nothing(archive: Path, night: Night) -> None:
    found = read_starts(archive, "sapa")
    assert found == [Start(FIRST_NIGHT, False)]


def test_no_archive_is_no_run_and_an_unreadable_one_is_not_known(tmp_path: Path) -> None:
    assert read_starts(tmp_path / "archive.db", "sapa") == []
    (tmp_path / "archive.db").write_bytes(b"no database at all" * 99)
    assert read_starts(tmp_path / "archive.db", "sapa") is None


def test_where_the_archive_cannot_be_read_the_journal_settles() -> None:
    assert [start.is_settled for start in starts_of_runs(tries(0, 3, 4, 1, 5, 130, -9, None))] == [True] * 3 + [
        False
    ] * 5


def test_a_portal_is_due_from_its_planned_minute_on() -> None:
    history = starts(FIRST_NIGHT)
    assert not is_due(history, FIRST_NIGHT + DAY - timedelta(seconds=1))
    assert is_due(history, FIRST_NIGHT + DAY)
    assert is_due(history, FIRST_NIGHT + 40 * DAY)


def test_a_run_by_hand_before_the_planned_minute_does_not_count_for_the_night() -> None:
    assert is_due(starts(FIRST_NIGHT - 5 * MINUTE), FIRST_NIGHT)


def test_missed_nights_are_named_and_the_last_one_is_due() -> None:
    verdict = judge_portal(PROFILE, starts(FIRST_NIGHT), now=FIRST_NIGHT + 4 * DAY + MINUTE)
    assert verdict.is_due
    assert verdict.planned == FIRST_NIGHT + 4 * DAY
    assert verdict.missed == [FIRST_NIGHT + DAY, FIRST_NIGHT + 2 * DAY, FIRST_NIGHT + 3 * DAY]


def test_a_night_with_a_failed_try_is_not_missed() -> None:
    history = RunHistory([Start(FIRST_NIGHT, True)], tries(1, planned=FIRST_NIGHT + DAY))
    assert judge_portal(PROFILE, history, now=FIRST_NIGHT + 2 * DAY).missed == []


def test_the_waits_between_tries_grow_up_to_the_longest() -> None:
    ended = FIRST_NIGHT + 5 * MINUTE
    waits = [timedelta(), *WAITS, WAITS[-1], WAITS[-1]]
    assert list(WAITS) == sorted(WAITS)
    for count, wait in enumerate(waits):
        verdict = judge_portal(PROFILE, RunHistory((), tries(*[1] * count)), now=ended)
        assert verdict.is_due
        assert verdict.tries == count
        assert verdict.not_before == (ended + wait if wait else None)
        assert judge_portal(PROFILE, RunHistory((), tries(*[1] * count)), now=ended + wait).not_before is None


@pytest.mark.parametrize("code", [1, 2, 5, 130, -9, -15])
def test_a_code_that_does_not_settle_a_night_is_tried_again(code: int) -> None:
    verdict = judge_portal(PROFILE, RunHistory((), tries(code)), now=FIRST_NIGHT + 6 * MINUTE)
    assert verdict.is_due
    assert verdict.not_before == FIRST_NIGHT + 15 * MINUTE


def test_a_run_that_ended_with_its_scheduler_goes_on_at_once() -> None:
    for runs in (tries(130, ended_for=EndedFor.STOP), tries(None)):
        assert judge_portal(PROFILE, RunHistory((), runs), now=FIRST_NIGHT + 6 * MINUTE).not_before is None


def test_tries_of_the_night_before_hold_nothing_back() -> None:
    verdict = judge_portal(PROFILE, RunHistory((), tries(1, 1, 1)), now=FIRST_NIGHT + DAY)
    assert (verdict.is_due, verdict.tries, verdict.not_before) == (True, 0, None)


def test_a_run_from_a_clock_far_ahead_keeps_no_night_from_running() -> None:
    history = starts(FIRST_NIGHT, FIRST_NIGHT + 365 * DAY)
    assert is_due(history, FIRST_NIGHT + DAY)
    assert not is_due(history, FIRST_NIGHT)
    # Nor the night of that date, when it comes.
    history = starts(FIRST_NIGHT, FIRST_NIGHT + 9 * DAY, *(FIRST_NIGHT + day * DAY for day in range(1, 9)))
    assert is_due(history, FIRST_NIGHT + 9 * DAY)


def test_a_run_from_a_clock_far_behind_doubles_no_night() -> None:
    wrong = utc("1970-01-01T00:00:09Z")
    assert not is_due(starts(FIRST_NIGHT, wrong), FIRST_NIGHT + MINUTE)
    assert not is_due(starts(FIRST_NIGHT - DAY, FIRST_NIGHT, wrong), FIRST_NIGHT + MINUTE)
    assert is_due(starts(FIRST_NIGHT - DAY, FIRST_NIGHT, wrong), FIRST_NIGHT + DAY)


def test_a_run_by_a_machine_whose_clock_is_minutes_ahead_is_not_doubled() -> None:
    began = FIRST_NIGHT + 11 * MINUTE
    assert not is_due(starts(began), began - 10 * MINUTE)
    assert not is_due(starts(began), FIRST_NIGHT)
    assert is_due(starts(began), FIRST_NIGHT + DAY)
    assert is_due(starts(began + DAY), FIRST_NIGHT)


def test_a_clock_set_back_a_day_doubles_no_night() -> None:
    history = starts(FIRST_NIGHT - DAY, FIRST_NIGHT)
    assert not is_due(history, FIRST_NIGHT - DAY + MINUTE)
    assert not is_due(history, FIRST_NIGHT + MINUTE)


def test_a_clock_set_back_within_the_wait_does_not_make_it_longer() -> None:
    history = RunHistory((), tries(1, planned=FIRST_NIGHT))
    assert judge_portal(PROFILE, history, now=FIRST_NIGHT + MINUTE).not_before is None


def test_a_changed_plan_holds_from_then_on() -> None:
    since = FIRST_NIGHT + 10 * MINUTE
    done = [Start(FIRST_NIGHT - timedelta(hours=3), True)]
    assert not is_due(RunHistory(done, (), since), since + MINUTE)
    assert is_due(RunHistory(done, (), since), FIRST_NIGHT + DAY)
    # Written by a clock that was ahead: ignored.
    assert is_due(RunHistory(done, (), FIRST_NIGHT + 99 * DAY), since)


def test_an_archive_of_several_nights_is_read_in_the_order_of_writing(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=3)
    assert read_starts(archive, "sapa") == [Start(FIRST_NIGHT + day * DAY, True) for day in range(3)]
