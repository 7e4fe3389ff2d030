"""The order of a night: lanes in their shares, turns within a lane, and bounds."""

import sys
from pathlib import Path

import pytest

from crawler.archive.frontier import frontier, night_queue
from crawler.archive.frontier.frontier import FrontierEntry, Lane
from crawler.archive.frontier.night_queue import NightAllowance, NightQueue
from crawler.items import Address, FrontierState, Purpose
from tests.support.build import BASE, Clock, Night, article, link, listing, new_address

GOOD = [new_address(number, f"tin-{number}") for number in range(1, 7)]
ALL = NightAllowance(entries=1000, new_articles=1000, links=1000, requisites=1000)


def make_queue(night: Night) -> NightQueue:
    writer = night.writer
    return NightQueue(writer.connection, night.profile, night=writer.night, full=False, crawl_id=writer.crawl_id)


def name_links(night: Night, page: str, count: int, *, category: str = "tin-la") -> list[str]:
    """Let a page name invented links."""
    capture = night.capture(page, page.encode())
    urls = [f"{BASE}/{category}/bia-dat-{capture.id}{number:05}" for number in range(count)]
    frontier.add_found(
        night.writer.connection, "sapa", urls=urls, purpose=Purpose.ARTICLE, capture_id=capture.id,
        at=capture.fetched_at,
    )  # fmt: skip
    return urls


def taken(queue: NightQueue, allowance: NightAllowance) -> list[str]:
    return [entry.url for entry in queue.take(allowance)]


def name_rows(night: Night, url: str, *rows: Address) -> None:
    night.put_listing(listing(*map(link, rows), url=url))


def test_forty_thousand_links_of_a_page_keep_no_listed_article_waiting(night: Night) -> None:
    name_links(night, f"{BASE}/", 40_000)
    name_rows(night, f"{BASE}/tin-tuc", *GOOD)
    part = taken(make_queue(night), NightAllowance(300, 1000, 1000, 1000, is_beside=True))
    assert part[: len(GOOD)] == [one.url for one in GOOD]
    assert len(part) == len(GOOD) + 15


def test_the_pages_that_name_links_take_turns(night: Night) -> None:
    many = name_links(night, f"{BASE}/bay", 50)
    few = name_links(night, f"{BASE}/", 2)
    assert taken(make_queue(night), ALL)[:4] == [many[0], few[0], many[1], few[1]]


def test_the_listings_take_turns_and_the_links_come_in_their_share(night: Night) -> None:
    invented = [new_address(number, f"bia-dat-{number}", category="tin-tuc") for number in range(9000, 9040)]
    name_rows(night, f"{BASE}/tin-tuc", *invented)
    name_rows(night, f"{BASE}/thong-bao", *GOOD)
    links = name_links(night, f"{BASE}/", 5)
    part = taken(make_queue(night), NightAllowance(20, 1000, 1000, 1000))
    assert {one.url for one in GOOD} <= set(part)
    assert len(set(links) & set(part)) == 2


def test_the_steps_of_a_part_grow_no_faster_than_the_rows_of_a_listing(night: Night) -> None:
    steps: list[int] = []

    def count_steps(rows: int) -> int:
        name_rows(night, f"{BASE}/tin-tuc", *(new_address(number, f"tin-{number}") for number in range(rows)))
        steps.clear()
        night.writer.connection.set_progress_handler(lambda: steps.append(1), 100)
        assert len([*frontier.read_due(night.writer.connection, "sapa", night=night.writer.night)]) == rows
        night.writer.connection.set_progress_handler(None, 0)
        return len(steps)

    few = count_steps(100)
    assert count_steps(1600) < 24 * few


def test_a_part_costs_the_same_however_many_looks_wait(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    part = NightAllowance(10, 1000, 1000, 1000)

    def count_calls(looks: int) -> int:
        entries = [
            FrontierEntry(f"{BASE}/tin-{number}", Purpose.ARTICLE, FrontierState.DONE, True, Lane.RECHECK)
            for number in range(looks)
        ]
        monkeypatch.setattr(night_queue, "read_due_rechecks", lambda *_, **__: iter(entries))
        queue = make_queue(night)
        assert taken(queue, part) == [entry.url for entry in entries[:10]]
        calls: list[str] = []
        sys.setprofile(lambda _frame, event, _arg: calls.append(event))
        try:
            second = queue.take(part)
        finally:
            sys.setprofile(None)
        assert second == entries[10:20]
        return len(calls)

    assert count_calls(20_000) == count_calls(100)


def test_a_link_into_a_known_category_goes_before_others(night: Night) -> None:
    night.put(article(), GOOD[0])
    capture = night.capture(f"{BASE}/", b"page")
    known = GOOD[1].url
    frontier.add_found(
        night.writer.connection, "sapa", urls=[f"{BASE}/tin-la/bia-dat-77777", known], purpose=Purpose.ARTICLE,
        capture_id=capture.id, at=capture.fetched_at,
    )  # fmt: skip
    assert taken(make_queue(night), ALL)[0] == known


def test_bounds_hold_over_the_parts_and_what_is_left_is_counted(night: Night) -> None:
    name_rows(night, f"{BASE}/tin-tuc", *GOOD)
    links = name_links(night, f"{BASE}/", 30)
    queue = make_queue(night)
    first = queue.take(NightAllowance(1000, new_articles=8, links=3, requisites=0))
    assert sorted(entry.lane for entry in first) == [Lane.LINK] * 2 + [Lane.LISTED] * 6
    assert queue.take(NightAllowance(1000, new_articles=0, links=0, requisites=0)) == []
    left = queue.count_left()
    assert (left.rechecks, left.listed, len(left.links), left.requisites) == (0, 6, len(links), ())


def test_a_link_that_failed_on_an_earlier_night_is_not_left_to_the_next(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        failed, new = name_links(night, f"{BASE}/", 2)
        night.put_failure(failed, "foreign-host")
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert taken(make_queue(night), NightAllowance(10, new_articles=10, links=0, requisites=0)) == []
        assert make_queue(night).count_left().links == (new,)


def test_nothing_is_handed_out_twice_unless_it_is_pending_again(night: Night) -> None:
    name_rows(night, f"{BASE}/tin-tuc", *GOOD[:2])
    queue = make_queue(night)
    assert len(queue.take(ALL)) == 2
    assert queue.take(ALL) == []
    night.put(article(), GOOD[0])
    night.put_failure(GOOD[1].url, "timeout")
    assert queue.take(ALL) == []
    assert queue.count_left().listed == 0, "a try that failed in this run is told as a failure, not as left"
    night.writer.connection.execute("update frontier set state = 'pending' where url = ?", (GOOD[0].url,))
    assert [(entry.url, entry.is_again) for entry in queue.take(ALL)] == [(GOOD[0].url, True)]


@pytest.mark.parametrize("kind", ["parser_crash", "parser_deadline"])
def test_what_the_parser_failed_on_is_not_due_again_in_its_night(night: Night, kind: str) -> None:
    name_rows(night, f"{BASE}/tin-tuc", GOOD[0])
    night.put_failure(GOOD[0].url, kind)
    assert [*frontier.read_due(night.writer.connection, "sapa", night=night.writer.night)] == []


def test_requisites_come_alone_and_last(night: Night) -> None:
    capture = night.capture(f"{BASE}/", b"page")
    frontier.add_found(
        night.writer.connection, "sapa", urls=[f"{BASE}/a.css", f"{BASE}/b.css"], purpose=Purpose.REQUISITE,
        capture_id=capture.id, at=capture.fetched_at,
    )  # fmt: skip
    name_rows(night, f"{BASE}/tin-tuc", GOOD[0])
    queue = make_queue(night)
    assert taken(queue, ALL) == [GOOD[0].url]
    assert taken(queue, NightAllowance(1000, 1000, 1000, requisites=1)) == [f"{BASE}/a.css"]
    assert queue.count_left().requisites == (f"{BASE}/a.css", f"{BASE}/b.css")
