"""Rechecks of held articles: each within its interval, spread evenly, also after missed nights."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.archive.database import open_for_writing
from crawler.archive.frontier import rechecks
from crawler.archive.frontier.rechecks import Rechecks
from crawler.profile import Relook
from crawler.sentences import say
from tests.support.build import Clock, Night, article, link, listing, make_profile, new_address, on_page, read_rows

FIRST = date(2026, 9, 2)  # the night of `build.FIRST_NIGHT`
RELOOK = Relook()


def interval(age: int) -> int:
    """Give the days between two rechecks of an article of an age, by the profile's defaults."""
    return 1 if age < 14 else 7 if age < 90 else 30 if age < 365 else 90


def due(connection: sqlite3.Connection, night: date, *, full: bool = False) -> list[str]:
    entries = rechecks.read_due_rechecks(connection, "sapa", relook=RELOOK, night=night.isoformat(), full=full)
    return [entry.url for entry in entries]


def due_of(night: Night, *, full: bool = False) -> list[str]:
    return due(night.writer.connection, date.fromisoformat(night.writer.night), full=full)


class Shelf:
    """A thousand articles of given ages, all held on the first night, and looked at as they are due."""

    def __init__(self, connection: sqlite3.Connection, ages: list[int]) -> None:
        self.connection = connection
        self.published = {
            new_address(number, f"tin-{number}").url: FIRST - timedelta(days=age) for number, age in enumerate(ages, 1)
        }
        self.looked = dict.fromkeys(self.published, FIRST)
        like = connection.execute("select * from articles").fetchone()
        columns = [name for name in like.keys() if name not in ("id", "sort_key", "url", "published_on")]  # noqa: SIM118
        values = tuple(like[name] for name in columns)
        connection.execute("update articles set looked_on = ?", (FIRST.isoformat(),))
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        connection.executemany(
            f"insert into articles (id, sort_key, url, published_on, {names}) values (?, ?, ?, ?, {marks})",
            [
                (number, number, url, on.isoformat(), *values)
                for number, (url, on) in enumerate(list(self.published.items())[1:], 2)
            ],
        )
        connection.execute("update articles set looked_on = ?, published_on = coalesce(published_on, ?)",
            (FIRST.isoformat(), self.published[like["url"]].isoformat()))  # fmt: skip

    def pass_night(self, night: date) -> list[str]:
        """Look at what is due on a night."""
        urls = due(self.connection, night)
        self.connection.executemany(
            "update articles set looked_on = ? where url = ?", [(night.isoformat(), u) for u in urls]
        )
        self.looked.update(dict.fromkeys(urls, night))
        return urls

    def overdue(self, night: date) -> list[str]:
        """Name the articles that were last looked at longer ago than their interval."""
        return [
            url for url, on in self.published.items()
            if (night - self.looked[url]).days >= interval((night - on).days)
        ]  # fmt: skip

    def even_share(self, night: date) -> float:
        """Give the rechecks of a night if all nights have equally many."""
        return sum(1 / interval((night - on).days) for on in self.published.values())


AGES: dict[str, Callable[[int], int]] = {
    "grown over four years": lambda number: number * 1460 // 1000,
    "one import of last year": lambda _: 400,
    "one import of last month": lambda _: 30,
    "all of one day": lambda _: 0,
}


@pytest.fixture(params=AGES)
def shelf(request: pytest.FixtureRequest, night: Night) -> Shelf:
    night.put(article(), new_address(1, "tin-1"))
    connection = night.writer.connection
    return Shelf(connection, [AGES[request.param](number) for number in range(1000)])


def test_every_article_is_looked_at_within_its_interval_and_no_night_has_twice_its_share(shelf: Shelf) -> None:
    for day in range(1, 121):
        night = FIRST + timedelta(days=day)
        urls = shelf.pass_night(night)
        assert len(urls) == len(set(urls))
        assert shelf.overdue(night) == []
        assert len(urls) <= 2 * shelf.even_share(night) + 3, night


def test_nights_without_a_run_are_caught_up_on_the_next(shelf: Shelf) -> None:
    for day in range(1, 121):
        night = FIRST + timedelta(days=day)
        if day % 11 in (3, 4, 5):
            continue
        shelf.pass_night(night)
        assert shelf.overdue(night) == []


def test_after_a_month_without_a_run_everything_overdue_is_due(shelf: Shelf) -> None:
    night = FIRST + timedelta(days=45)
    owing = set(shelf.overdue(night))
    assert owing <= set(shelf.pass_night(night))


def held(night: Night, count: int, *, day: str = "2026-09-01") -> None:
    """Store some listed articles, published on a day."""
    at = [new_address(number, f"tin-{number}") for number in range(1, count + 1)]
    night.put_listing(listing(*map(link, at)))
    for number, address in enumerate(at, 1):
        night.put(article(f"Tin {number}", dates=(on_page(day),)), address)


def url(number: int) -> str:
    return new_address(number, f"tin-{number}").url


def test_what_was_looked_at_tonight_is_not_due_again_but_on_a_full_look(night: Night) -> None:
    held(night, 3)
    assert due_of(night) == []
    assert due_of(night, full=True) == [url(1), url(2), url(3)]


def test_the_profile_says_how_often(archive: Path, clock: Clock) -> None:
    profile = make_profile(
        "[relook]\ndaily_for_days = 0\nweekly_for_days = 0\nmonthly_for_days = 0\nthen_every_days = 3\n"
    )
    with Night(archive, clock, profile) as night:
        held(night, 9)
    asked: list[str] = []
    for _ in range(3):
        clock.go_on(days=1)
        with Night(archive, clock, profile) as night:
            urls = [entry.url for entry in night.queries.due()]
            assert len(urls) == 3
            for number in range(1, 10):
                if url(number) in urls:
                    night.put(article(f"Tin {number}"), new_address(number, f"tin-{number}"))
            asked += urls
    assert sorted(asked) == sorted(url(number) for number in range(1, 10))


@pytest.mark.parametrize("name", ["daily_for_days", "weekly_for_days"])
@pytest.mark.parametrize("days", [36_500, 999_999_999])
def test_an_interval_may_last_longer_than_the_ones_after_it(archive: Path, clock: Clock, name: str, days: int) -> None:
    profile = make_profile(f"[relook]\n{name} = {days}\nthen_every_days = 1000\n")
    with Night(archive, clock, profile) as night:
        held(night, 9, day="2020-01-01")
    clock.go_on(days=1 if name == "daily_for_days" else 7)
    with Night(archive, clock, profile) as night:
        assert sorted(entry.url for entry in night.queries.due()) == sorted(url(number) for number in range(1, 10))


@pytest.mark.parametrize("day", ["2026-09-01", "2026-07-01", "2026-01-01", "2020-01-01"])
def test_a_suspect_is_rechecked_every_night_at_any_age(archive: Path, clock: Clock, day: str) -> None:
    profile = make_profile("[removal]\nnights = 9\n")
    with Night(archive, clock, profile) as night:
        held(night, 1, day=day)
    clock.go_on(days=1)
    with Night(archive, clock, profile) as night:
        night.put_gone(url(1))
    for _ in range(4):
        clock.go_on(days=1)
        with Night(archive, clock, profile) as night:
            assert [entry.url for entry in night.queries.due()] == [url(1)]
            night.put_gone(url(1))
            assert night.queries.due() == []


def test_a_removed_article_is_looked_at_once_a_week(archive: Path, clock: Clock) -> None:
    profile = make_profile("[removal]\nnights = 1\n")
    with Night(archive, clock, profile) as night:
        held(night, 1)
    nights_of_recheck = []
    for day in range(1, 30):
        clock.go_on(days=1)
        with Night(archive, clock, profile) as night:
            if night.queries.due():
                nights_of_recheck.append(day)
                night.put_gone(url(1))
                night.walked()
    gaps = [after - before for before, after in pairwise(nights_of_recheck)]
    assert nights_of_recheck[0] == 1
    assert len(gaps) >= 4
    assert all(gap <= 7 for gap in gaps)
    assert gaps[1:] == [7] * len(gaps[1:])


@pytest.mark.parametrize(("days", "every"), [(30, 7), (100, 30), (500, 90)])
def test_the_looks_at_an_article_removed_long_ago_thin_out(night: Night, days: int, every: int) -> None:
    held(night, 1)
    connection = night.writer.connection
    since = (FIRST - timedelta(days=days)).isoformat()
    connection.execute(
        "update articles set state = 'removed', removed_at = ?, looked_on = ?",
        (f"{since}T18:30:00Z", FIRST.isoformat()),
    )
    looked, nights = FIRST, []
    for day in range(1, 200):
        tonight = FIRST + timedelta(days=day)
        if due(connection, tonight):
            nights.append((tonight - looked).days)
            looked = tonight
            connection.execute("update articles set looked_on = ?", (tonight.isoformat(),))
        if len(nights) == 2:
            break
    assert nights[-1] == every


def test_a_missed_article_is_looked_at_each_night_until_it_is_settled(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        held(night, 1, day="2020-01-01")
    clock.go_on(days=1)
    with Night(archive, clock, ill=say("pages-failing", count=9, total=10)) as night:
        night.put_gone(url(1))
    for _ in range(3):
        clock.go_on(days=1)
        with Night(archive, clock) as night:
            assert due_of(night) == [url(1)]


def test_a_recheck_of_a_missed_article_has_the_state_missed(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        held(night, 2)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put_gone(url(1))
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert [(entry.url, entry.state, entry.listed) for entry in night.queries.due()] == [
            (url(1), "missed", True), (url(2), "done", True),
        ]  # fmt: skip


def test_no_address_is_due_twice_a_night(archive: Path, clock: Clock) -> None:
    # A recheck that failed last night is failed in the frontier, and due by the article's age too.
    with Night(archive, clock) as night:
        held(night, 1)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put_failure(url(1), "http-503")
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert [entry.url for entry in night.queries.due()] == [url(1)]


def test_a_nights_rechecks_are_counted_by_result(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        held(night, 4)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put(article("Tin 1"), new_address(1, "tin-1"))
        night.put_gone(url(2))
        night.put_refusal(url(3))
        night.put_failure(url(4), "http-503")
        assert night.queries.facts().rechecks == Rechecks(seen=1, missed=2, failed=1, is_all=False)


def test_an_article_first_seen_tonight_is_not_a_recheck(night: Night) -> None:
    # 01:30 at the portal is the day before in UTC, where `first_seen_at` is written.
    held(night, 3)
    assert night.queries.facts().rechecks.seen == 0


def test_a_failed_recheck_counts_even_if_no_page_named_the_address(archive: Path, clock: Clock) -> None:
    # Pages name the old address, which redirects. No page names the canonical one, which is rechecked.
    with Night(archive, clock) as night:
        night.put_listing(listing(link(new_address(9, "cu"))))
        night.put(article(dates=(on_page("2026-09-01"),)), new_address(9, "cu"), new_address(1, "tin-1"))
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        (entry,) = night.queries.due()
        night.put_failure(entry.url, "http-503")
        assert night.queries.facts().rechecks.failed == 1
        assert night.queries.facts().missing_articles == 1


def asked_for_control(archive: Path, clock: Clock, *, gone: int, seen: int, held_count: int = 30) -> list[str]:
    with Night(archive, clock) as night:
        held(night, held_count)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        for number in range(1, gone + 1):
            night.put_gone(url(number))
        for number in range(gone + 1, gone + seen + 1):
            night.put(article(f"Tin {number}"), new_address(number, f"tin-{number}"))
        return night.queries.controls()


@pytest.mark.parametrize(("gone", "seen"), [(0, 0), (2, 0), (3, 3), (3, 20), (5, 5)])
def test_there_are_no_controls_unless_misses_outnumber(archive: Path, clock: Clock, gone: int, seen: int) -> None:
    assert asked_for_control(archive, clock, gone=gone, seen=seen) == []


@pytest.mark.parametrize(("gone", "seen"), [(3, 0), (3, 2), (6, 5)])
def test_controls_are_the_newest_listed_articles_without_a_recheck(
    archive: Path, clock: Clock, gone: int, seen: int
) -> None:
    controls = asked_for_control(archive, clock, gone=gone, seen=seen)
    assert controls == [url(number) for number in range(30, 30 - gone - 1, -1)]


def test_without_candidates_there_are_no_controls(archive: Path, clock: Clock) -> None:
    assert asked_for_control(archive, clock, gone=5, seen=0, held_count=5) == []
    assert read_rows(archive, "select count(*) from articles") == [(5,)]


def test_invented_links_that_fail_say_nothing_about_the_rechecks(archive: Path, clock: Clock) -> None:
    invented = [new_address(number, f"bia-dat-{number}") for number in range(100, 140)]
    with Night(archive, clock) as night:
        held(night, 3)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put(article("Tin 1"), new_address(1, "tin-1"), links=[link(one) for one in invented])
        night.put_gone(url(2))
        night.put_failure(url(3), "http-503")
        for place, one in enumerate(invented):
            night.put_failure(one.url, "http-404" if place % 2 else "http-503")
        assert night.queries.facts().rechecks == Rechecks(seen=1, missed=1, failed=1, is_all=False)


def test_the_plan_finds_by_indexes_what_a_look_at_every_article_finds(archive: Path, clock: Clock) -> None:
    """Articles of every age, state and last look, also of nights in the future, where a clock went back."""
    with Night(archive, clock) as night:
        night.put(article(), new_address(1, "tin-1"))
    rng, tonight = random.Random(1), date(2026, 9, 20)

    def day(first: int, last: int) -> str:
        return str(tonight - timedelta(days=rng.randrange(first, last)))

    with closing(open_for_writing(archive)) as connection:
        connection.execute("pragma foreign_keys = off")
        columns = [row[1] for row in connection.execute("pragma table_info(articles)") if row[1] != "id"]
        for number in range(2, 500):
            looked, state = rng.choice((None, *[day(-2, 120)] * 9)), rng.choice(("live", "live", "suspect", "removed"))
            changed = {
                "sort_key": number, "url": f"u{number}", "state": state, "looked_on": looked,
                "published_on": rng.choice((None, day(-2, 500))), "first_seen_on": day(0, 500),
                "seen_on": looked if rng.random() < 0.7 else day(0, 120),
                "removed_at": f"{day(0, 500)}T01:00:00Z" if state == "removed" else None,
            }  # fmt: skip
            taken = ", ".join(f":{name}" if name in changed else name for name in columns)
            connection.execute(
                f"insert into articles (id, {', '.join(columns)}) select :id, {taken} from articles where id = 1",
                {**changed, "id": number},
            )
            if looked is not None and rng.random() < 0.1:
                miss = "insert into misses (article_id, night, at, kind) values (?, ?, ?, 'http-404')"
                connection.execute(miss, (number, looked, f"{looked}T01:00:00Z"))
        for relook in (RELOOK, Relook(then_every_days=20), Relook(daily_for_days=0, weekly_for_days=0)):
            planned = rechecks.read_due_rechecks(
                connection, "sapa", relook=relook, night=str(tonight), full=False
            )  # fmt: skip
            expected = [
                row["url"] for row in connection.execute("select * from articles order by id")
                if is_due(connection, row, tonight, relook=relook)
            ]  # fmt: skip
            assert [one.url for one in planned] == expected
            assert 20 < len(expected) < 480


def is_due(connection: sqlite3.Connection, row: sqlite3.Row, tonight: date, *, relook: Relook) -> bool:
    """Tell whether an article is due, by its row alone."""
    age = (tonight - date.fromisoformat(row["published_on"] or row["first_seen_on"])).days
    since = (tonight - date.fromisoformat(row["looked_on"])).days if row["looked_on"] else 100_000
    missed = connection.execute(
        "select 1 from misses where article_id = ? and night > coalesce(?, '')", (row["id"], row["seen_on"])
    ).fetchone()
    if row["state"] == "removed":
        gone = (tonight - date.fromisoformat(row["removed_at"][:10])).days
        every = 7 if gone <= 60 else 30 if gone <= 365 else 90
    elif row["state"] == "suspect" or missed is not None or age < relook.daily_for_days:
        every = 1
    elif age < relook.weekly_for_days:
        every = 7
    else:
        every = 30 if age < relook.monthly_for_days else relook.then_every_days
    return since >= every or (since >= 1 and (tonight.toordinal() + row["id"]) % every == 0)
