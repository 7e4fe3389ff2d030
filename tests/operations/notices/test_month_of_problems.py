"""A month with every kind of problem: each is sent once, its end once, and nothing else.

The archive is written by real runs, the journal as the scheduler and `backup` write it, and messages go to a real
web hook every six hours, as the scheduler sends them.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.language.dates import to_iso_utc
from crawler.operations.journal.backups import Backup, Drill, record_backup, record_drill
from crawler.operations.journal.database import write_journal
from crawler.operations.journal.plans import put_faults
from crawler.operations.journal.runs import EndedFor, begin_run, end_run
from crawler.operations.notices.notify import NotificationSettings, notify_operator
from crawler.profile import Profile, parse_profile
from tests.support.archives.rows import utc
from tests.support.build import PROFILE_TOML, Clock, Night, article, because, make_profile, new_address
from tests.support.operations import Mailbox, open_mailbox

FIRST = utc("2026-10-04T18:30:00Z")  # 01:30 of Monday, 5 October, at the portal
EVERY = timedelta(hours=6)


class Month:
    """Thirty days of one archive; the nights that a test does not change go well and bring an article."""

    def __init__(self, archive: Path, mailbox: Mailbox) -> None:
        self.archive = archive
        self.mailbox = mailbox
        self.clock = Clock(FIRST)
        self.profile = make_profile("[limits]\ndisk_reserve_bytes = 0\n")
        self.sent: list[tuple[int, str]] = []
        self.count = 0

    def live(self, days: int, nights: dict[int, Callable[[], None]] | None = None) -> None:
        """Let days pass: at each night's hour its run, and every six hours a look by `notify`."""
        begin = self.clock()
        for day in range(days):
            self.clock.now = begin + timedelta(days=day)
            (nights or {}).get(day, self.good_night)()
            self.clock.go_on(minutes=30)
            for _ in range(4):
                self.look(day)
                self.clock.go_on(hours=6)
        self.clock.now = begin + timedelta(days=days)

    def look(self, day: int) -> None:
        """Run `notify`, and store what it sent as (day, line)."""
        notify_operator(self.archive, NotificationSettings((self.mailbox.target,), "en"), now=self.clock())
        for said in self.mailbox.take():
            self.sent += [(day, line.removeprefix("• ")) for line in said.splitlines()[1:]]

    def good_night(self) -> None:
        self.end_night("complete")

    def end_night(self, outcome: str, reason: str | None = None, profile: Profile | None = None) -> None:
        self.count += 1
        night = Night(self.archive, self.clock, profile or self.profile, with_adoption=True)
        if outcome not in ("failed", "interrupted"):
            night.put(article(f"Tin {self.count}", f"Thân bài {self.count}."), new_address(self.count))
        night.writer.finish(outcome, because(reason))
        night.writer.close()

    def no_night(self) -> None:
        """The scheduler is down."""

    def killed_night(self) -> None:
        Night(self.archive, self.clock, self.profile, with_adoption=True).writer.close()

    def watchdog_night(self) -> None:
        with write_journal(self.archive) as journal:
            noted = begin_run(journal, "sapa", planned_at=self.clock(), now=self.clock())
        began = self.clock()
        self.end_night("interrupted", "stopped on request")
        with write_journal(self.archive) as journal:
            note = "ended by the watchdog: no progress for 30 minutes"
            ended = began + timedelta(minutes=30)
            end_run(journal, noted, exit_code=130, note=note, now=ended, ended_for=EndedFor.WATCHDOG)

    def starts(self, words: str) -> list[int]:
        """Give the days on which a line with these words was sent."""
        return [day for day, line in self.sent if words in line]


@pytest.fixture(scope="module")
def hook() -> Iterator[Mailbox]:
    with open_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def month(archive: Path, hook: Mailbox) -> Month:
    hook.take()
    return Month(archive, hook)


def test_a_month_of_good_nights_says_nothing(month: Month) -> None:
    month.live(30)
    assert month.sent == []


def test_every_problem_of_a_month_is_sent_once_and_its_end_once(month: Month) -> None:
    def partial(reason: str) -> Callable[[], None]:
        return lambda: month.end_night("partial", reason)

    month.live(
        30,
        {
            3: partial("a page of /tin-tuc: timeout"), 4: partial("another page"), 5: partial("4 articles"),
            8: lambda: month.end_night("failed", "the portal does not answer"),
            9: lambda: month.end_night("failed", "the portal does not answer"),
            12: month.killed_night,
            15: month.no_night, 16: month.no_night, 17: month.no_night,
            20: lambda: month.end_night("suspect", "has the layout changed?"),
            23: month.watchdog_night,
            26: lambda: month.end_night("interrupted", "stopped on request"),
        },
    )  # fmt: skip
    lines = [(day, " ".join(line.split()[:3])) for day, line in month.sent]
    assert lines == [
        (3, "sapa: incomplete since"),
        (6, "Well again: sapa:"),
        (8, "sapa: no run"),
        (10, "Well again: sapa:"),
        (12, "sapa: the run"),
        (13, "Well again: sapa:"),
        (15, "sapa: the night"),
        (18, "Well again: sapa:"),
        (20, "sapa: in doubt"),
        (21, "Well again: sapa:"),
        (23, "sapa: the run"),
        (24, "Well again: sapa:"),
        (26, "sapa: the run"),
        (27, "Well again: sapa:"),
    ]
    assert month.starts("died") == [12, 13]
    assert month.starts("ended by the watchdog") == [23]


def test_a_disk_that_fills_and_a_profile_that_breaks_are_sent_once(month: Month) -> None:
    full = make_profile(f"[limits]\ndisk_reserve_bytes = {10**17}\n")
    stopped = "only 5 bytes are free on the disk"

    def break_profile() -> None:
        month.good_night()
        with write_journal(month.archive) as journal:
            put_faults(journal, {"sapa": "sapa.toml: not TOML"}, now=month.clock())

    def mend_profile() -> None:
        month.good_night()
        with write_journal(month.archive) as journal:
            put_faults(journal, {}, now=month.clock())

    month.live(
        14,
        {
            **{day: lambda: month.end_night("partial", stopped, full) for day in (2, 3, 4)},
            7: break_profile,
            10: mend_profile,
        },
    )
    assert month.starts("The disk is running out") == [2]
    assert month.starts("there is room on the disk again") == [5]
    assert month.starts("only 5 bytes") == [2]
    assert month.starts("complete again") == [5]
    assert month.starts("not TOML") == [7]
    assert month.starts("its profile can be used again") == [10]
    assert len(month.sent) == 6


def test_a_clock_that_runs_ahead_for_a_night_is_sent_once_with_the_nights_that_lack_a_run(month: Month) -> None:
    def ahead() -> None:
        now = month.clock()
        month.clock.now = now + timedelta(days=900)
        month.good_night()
        month.clock.now = now

    def behind() -> None:
        now = month.clock()
        month.clock.now = now - timedelta(days=1)
        month.good_night()
        month.clock.now = now

    month.live(12, {3: ahead, 7: behind})
    assert month.starts("This machine's clock") == [3]
    assert month.starts("the clock agrees again") == [4]
    # By the right clock no run began on either night; the scheduler would make them up.
    assert month.starts("did not begin") == [3, 7]
    assert month.starts("nights begin again") == [4, 8]
    assert len(month.sent) == 6


def test_backups_that_stop_and_a_drill_that_fails_are_sent_once(month: Month) -> None:
    def with_backup(message: str | None = None) -> Callable[[], None]:
        def night() -> None:
            month.good_night()
            with write_journal(month.archive) as journal:
                at = to_iso_utc(month.clock() + timedelta(minutes=5))
                record_backup(journal, Backup(at, "sftp://…", "x", 1, message is None, message))

        return night

    def with_drill(message: str | None) -> Callable[[], None]:
        def night() -> None:
            with_backup()()
            with write_journal(month.archive) as journal:
                record_drill(journal, Drill(to_iso_utc(month.clock()), "sftp://…", "x", message is None, message))

        return night

    nights = {day: with_backup() for day in range(20)}
    nights |= {day: with_backup("the target is full") for day in range(5, 10)}
    nights |= {13: with_drill("a digest differs"), 15: with_drill(None)}
    month.live(20, nights)
    assert month.starts("the target is full") == [5]
    assert month.starts("there is a good backup again") == [10]
    assert month.starts("a digest differs") == [13]
    assert month.starts("proved whole in a drill") == [15]
    assert len(month.sent) == 4


def test_a_service_that_is_down_for_days_loses_no_problem_and_sends_none_twice(month: Month) -> None:
    month.live(2)
    month.mailbox.status = 503
    month.live(3, {0: lambda: month.end_night("partial", "x"), 1: lambda: month.end_night("partial", "x"),
                   2: lambda: month.end_night("partial", "x")})  # fmt: skip
    assert month.sent == []
    month.mailbox.status = 200
    month.live(3, {0: lambda: month.end_night("partial", "x")})
    assert month.starts("incomplete since") == [0]
    assert month.starts("complete again") == [1]
    assert len(month.sent) == 2


def test_a_portal_that_falls_silent_is_sent_once(month: Month) -> None:
    month.live(28)

    def nothing_new() -> None:
        night = Night(month.archive, month.clock, month.profile)
        night.writer.finish("complete")
        night.writer.close()

    month.live(9, dict.fromkeys(range(9), nothing_new))
    assert len(month.starts("nothing new since")) == 1
    month.live(2)
    assert len(month.starts("no longer unusually silent")) == 1
    assert len(month.sent) == 2


def test_problems_of_two_portals_stay_separate(month: Month) -> None:
    other = parse_profile(
        PROFILE_TOML.replace('"sapa"', '"khac"').replace("sapa.example", "khac.example")
        + '[schedule]\ncron = "45 1 * * *"\n[limits]\ndisk_reserve_bytes = 0\n'
    )

    def both(outcome: str) -> Callable[[], None]:
        def nights() -> None:
            month.good_night()
            at: datetime = month.clock()
            month.clock.go_on(minutes=15)
            night = Night(month.archive, month.clock, other)
            night.writer.finish(outcome, because("x" if outcome != "complete" else None))
            night.writer.close()
            month.clock.now = at

        return nights

    month.live(10, {day: both("partial" if day in (4, 5) else "complete") for day in range(10)})
    assert [(day, line.split(":")[0]) for day, line in month.sent] == [(4, "khac"), (6, "Well again")]
