"""Dates of an article: all are kept with their source, the most trusted is shown."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from itertools import permutations

import pytest

from crawler.archive.articles.publication_dates import TRUST
from crawler.archive.articles.search_index import make_sort_key
from crawler.items import FoundDate, Link, Purpose
from tests.support.build import BASE, Clock, Night, article, link, listing, new_address, old_address, on_page

FIRST = new_address(1)
HANOI = timezone(timedelta(hours=7))


def found(day: str, source: str) -> FoundDate:
    return FoundDate(date.fromisoformat(day), source)


def uploaded(*days: str) -> tuple[FoundDate, ...]:
    return tuple(found(day, "file-name") for day in days)


def mention(day: str, source: str) -> Link:
    return Link(FIRST, "Tin", None, found(day, source))


def shown(night: Night, number: int = 1) -> tuple[object, ...]:
    return night.rows("select published_on, published_at, published_from from articles where id = ?", number)[0]


def kept(night: Night, number: int = 1) -> list[tuple[object, ...]]:
    sql = "select published_on, published_from from article_dates where article_id = ? order by rowid"
    return night.rows(sql, number)


SAY = {
    "page": lambda night: night.put(article(dates=(on_page("2026-01-05"),)), FIRST),
    "listing": lambda night: night.put_listing(listing(mention("2026-01-04", "listing"))),
    "box": lambda night: night.put_links(f"{BASE}/", [mention("2026-01-03", "box")]),
    "rss": lambda night: night.put_links(f"{BASE}/rss", [mention("2026-01-02", "rss")], Purpose.FEED),
    "file-name": lambda night: night.put(article(dates=uploaded("2026-01-01")), FIRST),
}


def test_the_sources_of_a_date_are_ordered_as_the_contract_names_them() -> None:
    assert TRUST == ("page", "listing", "box", "rss", "file-name")


@pytest.mark.parametrize("count", range(1, len(TRUST) + 1))
def test_the_most_trusted_source_is_shown_and_all_are_kept(night: Night, count: int) -> None:
    sources = TRUST[-count:]
    for source in reversed(sources):
        SAY[source](night)
    night.put(article(dates=uploaded("2026-01-01")), FIRST)
    assert shown(night)[2] == sources[0]
    assert {source for _, source in kept(night)} == set(sources)


def test_the_order_in_which_dates_are_met_does_not_matter(night: Night) -> None:
    for number, order in enumerate(permutations(("listing", "box", "rss"))):
        at = new_address(100 + number, f"tin-{number}")
        said = article(f"Tin {number}")
        for source in order:
            link_there = replace(mention("2026-02-03" if source == "listing" else "2026-02-01", source), address=at)
            if source == "listing":
                night.put_listing(listing(link_there))
            else:
                night.put_links(f"{BASE}/{source}", [link_there], Purpose.FEED if source == "rss" else Purpose.HOME)
        number_put, _ = night.put(said, at)
        assert shown(night, number_put) == ("2026-02-03", None, "listing")


def test_a_time_of_day_is_kept_with_the_portals_offset(night: Night) -> None:
    at = datetime(2026, 1, 5, 7, 30, tzinfo=HANOI)
    night.put(article(dates=(FoundDate(at.date(), "page", at),)), FIRST)
    assert shown(night) == ("2026-01-05", "2026-01-05T07:30:00+07:00", "page")


def test_the_latest_date_of_a_source_is_shown_and_earlier_ones_are_kept(night: Night) -> None:
    for day in ("2026-01-05", "2026-01-04", "2026-01-05"):
        night.put(article(dates=(on_page(day),)), FIRST)
    assert shown(night)[0] == "2026-01-05"
    assert kept(night) == [("2026-01-05", "page"), ("2026-01-04", "page"), ("2026-01-05", "page")]


def test_a_repeated_date_is_stored_once(night: Night) -> None:
    for _ in range(3):
        night.put_listing(listing(link(FIRST, day="2026-01-04")))
        night.put(article(dates=(on_page("2026-01-05"), *uploaded("2026-01-02", "2026-01-01"))), FIRST)
    assert sorted(kept(night)) == [
        ("2026-01-01", "file-name"), ("2026-01-02", "file-name"), ("2026-01-04", "listing"), ("2026-01-05", "page"),
    ]  # fmt: skip


def test_two_addresses_listed_with_two_dates_keep_each_date_once(night: Night) -> None:
    # Each visit asks both addresses for their mentions anew; the later one must not make the earlier one news.
    night.put_listing(listing(link(FIRST, day="2026-01-04")))
    night.put_listing(listing(link(old_address(9), day="2026-01-06"), url=f"{BASE}/thong-bao"))
    for _ in range(3):
        night.put(article(), FIRST, old_address(9))
    assert sorted(kept(night)) == [("2026-01-04", "listing"), ("2026-01-06", "listing")]
    assert shown(night)[0] == "2026-01-06"


def test_the_newest_file_name_date_up_to_the_first_sight_counts(night: Night) -> None:
    night.put(article(dates=uploaded("2026-09-03", "2026-09-02", "2026-08-01")), FIRST)
    assert shown(night) == ("2026-09-02", None, "file-name")


def test_an_upload_after_the_first_sight_gives_no_date(night: Night) -> None:
    night.put(article(dates=uploaded("2026-09-03")), FIRST)
    assert shown(night) == (None, None, None)
    assert kept(night) == [("2026-09-03", "file-name")]


def test_a_page_that_drops_its_date_keeps_it(night: Night) -> None:
    night.put(article(dates=(on_page("2026-01-05"),)), FIRST)
    assert night.put(article(), FIRST) == (1, "unchanged")
    assert shown(night)[0] == "2026-01-05"


def test_an_article_without_a_date_is_sorted_behind_all_others(night: Night) -> None:
    night.put(article(), FIRST)
    assert shown(night) == (None, None, None)
    assert night.value("select sort_key from articles") == make_sort_key(None, 1)


def test_the_sort_key_follows_the_date_and_then_the_id(night: Night) -> None:
    days = ("2026-01-05", "2026-03-01", None, "2026-01-05")
    for number, day in enumerate(days):
        night.put(article(f"Tin {number}", dates=(on_page(day),) if day else ()), new_address(number + 1, f"t{number}"))
    ordered = night.rows("select id from articles order by sort_key desc")
    assert ordered == [(2,), (4,), (1,), (3,)]


def test_a_date_learnt_later_moves_the_sort_key(night: Night) -> None:
    night.put(article(), FIRST)
    night.put_listing(listing(link(FIRST, day="2020-01-04")))
    assert night.value("select sort_key from articles") == make_sort_key(date(2020, 1, 4), 1)


# The captures of the tests are of the 2nd of September 2026 at the portal.
IMPOSSIBLE = ("2026-09-05", "2027-01-05", "2569-01-05", "1989-12-31", "1970-01-01", "0001-01-01", "9999-12-31")


@pytest.mark.parametrize("day", IMPOSSIBLE)
@pytest.mark.parametrize("source", TRUST)
def test_a_date_that_cannot_be_is_kept_and_not_shown(night: Night, source: str, day: str) -> None:
    say = {
        "page": lambda: night.put(article(dates=(on_page(day),)), FIRST),
        "listing": lambda: night.put_listing(listing(mention(day, "listing"))),
        "box": lambda: night.put_links(f"{BASE}/", [mention(day, "box")]),
        "rss": lambda: night.put_links(f"{BASE}/rss", [mention(day, "rss")], Purpose.FEED),
        "file-name": lambda: night.put(article(dates=uploaded(day)), FIRST),
    }
    say[source]()
    night.put(article(dates=(on_page(day),) if source == "page" else ()), FIRST)
    assert shown(night) == (None, None, None)
    assert night.rows("select published_on from revisions") == [(None,)]
    assert night.value("select sort_key from articles") == make_sort_key(None, 1)
    assert (day, source) in kept(night)


@pytest.mark.parametrize("day", ["2026-09-03", "2026-09-04", "1990-01-01"])
def test_tomorrow_and_the_first_day_of_the_web_can_be(night: Night, day: str) -> None:
    night.put(article(dates=(on_page(day),)), FIRST)
    assert shown(night)[0] == day == night.value("select published_on from revisions")


def test_a_less_trusted_date_is_shown_instead_of_one_that_cannot_be(night: Night) -> None:
    night.put_listing(listing(mention("2026-01-04", "listing")))
    night.put(article(dates=(on_page("2569-01-05"),)), FIRST)
    assert shown(night) == ("2026-01-04", None, "listing")


def test_a_date_that_becomes_impossible_is_no_edit(night: Night, clock: Clock) -> None:
    night.put(article(dates=(on_page("2026-01-05"),)), FIRST)
    clock.go_on(days=1)
    assert night.put(article(dates=(on_page("2569-01-05"),)), FIRST) == (1, "unchanged")
    assert shown(night)[0] == "2026-01-05"


def test_a_date_ahead_is_judged_by_the_capture_that_shows_it(night: Night, clock: Clock) -> None:
    night.put(article(dates=(on_page("2026-09-10"),)), FIRST)
    assert shown(night)[0] is None
    clock.go_on(days=6)
    night.put(article(dates=(on_page("2026-09-09"),)), FIRST)
    assert shown(night)[0] == "2026-09-09"


def test_runs_by_the_old_rules_show_every_date(night: Night) -> None:
    night.writer.connection.execute("update crawls set rules = 1")
    night.put(article(dates=(on_page("2569-01-05"),)), FIRST)
    assert shown(night)[0] == "2569-01-05"
