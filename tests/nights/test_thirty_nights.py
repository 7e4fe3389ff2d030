"""Thirty nights with everything that happens to an unattended machine.

No article is lost, no night silently skipped, and each problem sent once and its end once.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.replica import Replica
from tests.support.crawling import Ended, command, rows, tables, value
from tests.support.nights_harness import Nights, kill
from tests.support.operations import open_mailbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the crawl of a scheduler in /proc"),
]

NIGHTS = 30
OUTAGE, CRAWL_KILLED, BOTH_KILLED, SCHEDULER_KILLED = 4, 7, 10, 12
OFF, BACK_ON, DISK_LOW, DISK_FULL, HUNG = (14, 15), 16, 17, 19, 20
CLOCK_AHEAD, CLOCK_BACK, TWO_AT_ONCE, BROKEN_PROFILE = 22, 24, 26, 28
PATIENCE_MINUTES = "0.1"


@dataclass
class Month:
    """The nights, and how the commands of each ended, in order."""

    nights: Nights
    ended: dict[int, list[Ended]]
    sent: list[tuple[int, str]]  # the night, and a line of a message
    expected: list[tuple[frozenset[str], int]]  # of each live article that is met on the last night: addresses, key
    versions: dict[int, set[tuple[str, str]]]  # by key: every title and body it had
    gone: list[frozenset[str]]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Month:
    ended, sent, versions = {}, [], defaultdict(set)
    with Replica(articles=60) as portal, open_mailbox() as mailbox:
        nights = Nights(portal, tmp_path_factory.mktemp("month"))
        nights.env = {"PORTAL_ARCHIVE_NOTIFY": mailbox.target, "PORTAL_ARCHIVE_LANGUAGE": "en"}
        for night in range(1, NIGHTS + 1):
            ended[night] = run_night(nights, night)
            sent += [(night, line.removeprefix("• ")) for said in mailbox.take() for line in said.splitlines()[1:]]
            for one in portal.truth().articles:
                versions[one.key].add((one.title, one.body))
        truth = portal.truth().articles
    addresses = {one.key: frozenset((one.url, one.old_url, *one.former_urls)) for one in truth}
    expected = [(addresses[one.key], one.key) for one in truth if one.state == "live" and one.found_in]
    gone = [addresses[one.key] for one in truth if one.state not in ("live", "redirect-home") and one.fate]
    return Month(nights, ended, sent, expected, versions, gone)


def run_night(nights: Nights, night: int) -> list[Ended]:
    """Run one night with its fault."""
    if night in OFF:
        nights.portal.night = night
        return []
    special = {
        OUTAGE: outage,
        CRAWL_KILLED: crawl_killed,
        BOTH_KILLED: both_killed,
        SCHEDULER_KILLED: scheduler_killed,
        DISK_LOW: disk_low,
        DISK_FULL: disk_full,
        HUNG: hung,
        CLOCK_AHEAD: clock_ahead,
        CLOCK_BACK: clock_back,
        TWO_AT_ONCE: two_at_once,
        BROKEN_PROFILE: broken_profile,
    }
    return special.get(night, quiet)(nights, night)


def quiet(nights: Nights, night: int) -> list[Ended]:
    return [nights.once(night)]


def outage(nights: Nights, night: int) -> list[Ended]:
    nights.portal.faults.set("^/", "503")
    first = nights.once(night)
    nights.portal.faults.clear()
    return [first, nights.once(night, minutes=20)]


def crawl_killed(nights: Nights, night: int) -> list[Ended]:
    with nights.crawling(night) as (process, crawl):
        kill(crawl)
        out, err = process.communicate(timeout=60)
    return [Ended(process.returncode, out, err), nights.once(night, minutes=20)]


def both_killed(nights: Nights, night: int) -> list[Ended]:
    with nights.crawling(night) as (process, crawl):
        kill(process.pid, crawl)
        out, err = process.communicate(timeout=60)
    return [Ended(process.returncode, out, err), nights.once(night, minutes=20)]


def scheduler_killed(nights: Nights, night: int) -> list[Ended]:
    with nights.crawling(night) as (process, _):
        kill(process.pid)
        process.wait(60)
        during = nights.once(night, minutes=5)
        out, err = process.communicate(timeout=60)
    nights.wait_for_crawl()
    return [Ended(process.returncode, out, err), during, nights.once(night, minutes=40)]


def disk_low(nights: Nights, night: int) -> list[Ended]:
    # More than any disk has, and slow enough for the run to notice.
    nights.overrides = {"limits": {"disk_reserve_bytes": 2**62}, "pace": {"delay_seconds": 0.2}}
    first = nights.once(night)
    nights.overrides = {}
    return [first]


def disk_full(nights: Nights, night: int) -> list[Ended]:
    nights.largest_file = 120_000  # enough for the journal, soon too little for captures and rows
    first = nights.once(night)
    nights.largest_file = None
    return [first, nights.once(night, minutes=20)]


def hung(nights: Nights, night: int) -> list[Ended]:
    nights.portal.faults.set("@pages", "hang")
    first = nights.once(night, PORTAL_ARCHIVE_WATCHDOG_MINUTES=PATIENCE_MINUTES)
    nights.portal.faults.clear()
    return [first, nights.once(night, minutes=20)]


def clock_ahead(nights: Nights, night: int) -> list[Ended]:
    ahead = nights.once_at(nights.planned(night) + timedelta(days=4000))
    return [ahead, nights.once(night)]


def clock_back(nights: Nights, night: int) -> list[Ended]:
    """The clock is set back a day after the night: no night runs twice; then it is right again."""
    done = nights.once(night)
    nights.portal.night = night
    again = [nights.once_at(nights.planned(night) - timedelta(hours=hours)) for hours in (20, 1)]
    return [done, *again, nights.once(night, minutes=30)]


def two_at_once(nights: Nights, night: int) -> list[Ended]:
    # So slow that the second has started before the first has ended.
    nights.overrides = {"pace": {"delay_seconds": 0.1, "concurrency": 2}}
    with nights.start(night) as first, nights.start(night) as second:
        ended = []
        for process in (first, second):
            out, err = process.communicate(timeout=60)
            ended.append(Ended(process.returncode, out, err))
    nights.overrides = {}
    return ended


def broken_profile(nights: Nights, night: int) -> list[Ended]:
    nights.overrides = {"timezone": "Asia/Nowhere"}
    first = nights.once(night)
    nights.overrides = {}
    return [first, nights.once(night, minutes=20)]


def codes(month: Month, night: int) -> list[int]:
    return [ended.code for ended in month.ended[night]]


def test_every_quiet_night_is_complete(month: Month) -> None:
    special = {
        *OFF, OUTAGE, CRAWL_KILLED, BOTH_KILLED, SCHEDULER_KILLED, DISK_LOW, DISK_FULL, HUNG, CLOCK_AHEAD,
        CLOCK_BACK, TWO_AT_ONCE, BROKEN_PROFILE,
    }  # fmt: skip
    wrong = {
        night: ended[0].err
        for night, ended in month.ended.items()
        if night not in special and [one.code for one in ended] != [0]
    }
    assert not wrong


def test_no_night_is_without_a_run_or_a_note_that_it_was_missed(month: Month) -> None:
    for night in range(1, NIGHTS + 1):
        found = month.nights.runs(night)
        if night in OFF:
            assert [(code, (note or "").split(":")[0]) for code, note in found] == [(None, "missed")], night
        else:
            assert found, night
            assert {code for code, _ in found} & {0, 3} or night == SCHEDULER_KILLED, (night, found)


def test_an_outage_is_tried_again_the_same_night(month: Month) -> None:
    assert codes(month, OUTAGE) == [1, 0]
    assert [code for code, _ in month.nights.runs(OUTAGE)] == [1, 0]


def test_a_killed_crawl_is_tried_again_and_reported_as_died(month: Month) -> None:
    assert codes(month, CRAWL_KILLED) == [1, 0]
    assert [code for code, _ in month.nights.runs(CRAWL_KILLED)] == [-9, 0]


def test_a_power_cut_is_journaled_and_its_night_run(month: Month) -> None:
    assert codes(month, BOTH_KILLED) == [-9, 0]
    first, second = month.nights.runs(BOTH_KILLED)
    assert first[0] is None
    assert "scheduler died" in (first[1] or "")
    assert second[0] == 0


def test_a_killed_schedulers_crawl_lives_on_and_settles_its_night(month: Month) -> None:
    assert codes(month, SCHEDULER_KILLED)[0] == -9
    assert codes(month, SCHEDULER_KILLED)[1] in (0, 5)
    assert codes(month, SCHEDULER_KILLED)[2] == 0
    settled = [crawl for crawl in month.nights.crawls() if crawl == (at(month, SCHEDULER_KILLED), "complete")]
    assert len(settled) == 1


def at(month: Month, night: int, minutes: int = 1) -> str:
    return (month.nights.planned(night) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_nights_off_are_made_up_once(month: Month) -> None:
    assert codes(month, BACK_ON) == [0]
    assert "2 nights were missed" in month.ended[BACK_ON][0].err
    since = [start for start, _ in month.nights.crawls() if at(month, OFF[0], 0) <= start <= at(month, BACK_ON, 99)]
    assert since == [at(month, BACK_ON)]


def test_a_disk_that_runs_low_ends_its_night_early_with_the_reason(month: Month) -> None:
    (code,) = codes(month, DISK_LOW)
    assert code in (1, 3)
    reason = value(month.nights.archive, "select reason from crawls where started_at = ?", at(month, DISK_LOW))
    assert "free on the disk" in reason


def test_a_full_disk_fails_its_night_which_is_run_when_there_is_space(month: Month) -> None:
    assert codes(month, DISK_FULL) == [1, 0]
    assert [code for code, _ in month.nights.runs(DISK_FULL)] == [1, 0]


def test_a_hung_portal_is_ended_by_the_watchdog_and_tried_again(month: Month) -> None:
    assert codes(month, HUNG) == [1, 0]
    first, second = month.nights.runs(HUNG)
    assert "ended by the watchdog: no progress since" in (first[1] or "")
    assert second[0] == 0


def test_a_clock_far_ahead_keeps_no_later_night_from_running(month: Month) -> None:
    assert codes(month, CLOCK_AHEAD)[1] in (0, 3)
    assert at(month, CLOCK_AHEAD) in [start for start, _ in month.nights.crawls()]


def test_a_clock_set_back_doubles_no_night(month: Month) -> None:
    assert codes(month, CLOCK_BACK) == [0, 0, 0, 0]
    assert ["crawl begins" in ended.err for ended in month.ended[CLOCK_BACK]] == [True, False, False, False]


def test_of_two_schedulers_one_runs_the_night_and_one_is_refused(month: Month) -> None:
    assert sorted(codes(month, TWO_AT_ONCE)) == [0, 5]
    assert [code for code, _ in month.nights.runs(TWO_AT_ONCE)] == [0]


def test_a_broken_profile_is_refused_and_its_night_run_when_it_is_corrected(month: Month) -> None:
    assert codes(month, BROKEN_PROFILE) == [2, 0]
    assert [code for code, _ in month.nights.runs(BROKEN_PROFILE)] == [0]


def test_no_article_is_lost_and_none_is_stored_twice(month: Month) -> None:
    archive = month.nights.archive
    held = {row["url"]: row["article_id"] for row in rows(archive, "select * from article_urls")}
    kept = {row["id"]: row for row in rows(archive, "select id, state, title, body from articles")}
    assert len(month.expected) > 100
    for addresses, key in month.expected:
        ids = {held[url] for url in addresses if url in held}
        assert len(ids) == 1, sorted(addresses)
        found = kept[ids.pop()]
        assert found["state"] == "live"
        assert (found["title"], found["body"]) in month.versions[key]
    for addresses in month.gone:
        found_ids = {held[url] for url in addresses if url in held}
        assert {kept[one]["state"] for one in found_ids} == {"removed"}, addresses


# A problem that is over before it could be sent is never sent: the nights off, and runs that died with the scheduler.
SENT = (
    (OUTAGE, "no run got anything since"), (OUTAGE, "Well again: replica: a run succeeded again"),
    (CRAWL_KILLED, "died; the next one resumes it"), (CRAWL_KILLED, "Well again: replica: the run that died"),
    (DISK_LOW, "free on the disk"), (DISK_LOW, "The disk is running out"),
    (DISK_LOW + 1, "Well again: replica: a "), (DISK_LOW + 1, "Well again: there is room on the disk again"),
    (DISK_FULL, "is failed: "), (DISK_FULL, "Well again: replica: a run succeeded again"),
    (HUNG, "was ended by the watchdog"), (HUNG, "Well again: replica: the run goes on, or a later one did"),
    (CLOCK_BACK, "This machine's clock seems wrong"), (CLOCK_BACK, "Well again: replica: the clock agrees again"),
)  # fmt: skip


def test_each_problem_is_sent_once_and_its_end_once(month: Month) -> None:
    assert [night for night, _ in month.sent] == [night for night, _ in SENT], month.sent
    for (_, line), (_, words) in zip(month.sent, SENT, strict=True):
        assert words in line


def test_the_secret_of_the_web_hook_is_written_nowhere(month: Month) -> None:
    files = [path for path in month.nights.folder.rglob("*") if path.is_file()]
    assert len(files) > NIGHTS
    assert [path.name for path in files if b"s3cr3t" in path.read_bytes()] == []
    said = [ended.out + ended.err for night in month.ended.values() for ended in night]
    assert [one for one in said if "s3cr3t" in one] == []


def test_verify_finds_nothing_and_a_rebuild_gives_equal_rows(month: Month, tmp_path: Path) -> None:
    archive = month.nights.archive
    verified = command("verify", "--archive", archive)
    assert verified.code == 0, verified.out
    assert value(archive, "select count(*) from crawls where outcome = 'running'") == 0
    rebuilt = command("rebuild", "--archive", archive, "--into", tmp_path / "new.db")
    assert rebuilt.code == 0, rebuilt.err
    assert tables(archive) == tables(tmp_path / "new.db")


def test_every_night_that_ran_has_its_log_with_a_summary(month: Month) -> None:
    logs = month.nights.folder / "logs"
    for night in range(1, NIGHTS + 1):
        log = logs / f"{(month.nights.planned(night) + timedelta(hours=7)).date().isoformat()}.log"
        assert log.exists() == (night not in OFF), night
        if night not in OFF:
            assert "summary of crawl" in log.read_text(encoding="utf-8"), night
