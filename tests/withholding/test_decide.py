"""`decide`: a person settles whether an article is removed; later evidence still counts; a rebuild replays it."""

from pathlib import Path
from typing import Any

import pytest

from crawler.archive.fixity import verify
from crawler.archive.withheld.requests import OperatorRequest, leave_request
from crawler.errors import WrongUseError
from crawler.items import Purpose
from crawler.rebuild.rebuild import rebuild
from crawler.withholding.decide import DecisionIntent, DecisionResult, decide_article
from tests.support.build import (
    BASE,
    DESCRIBE,
    Clock,
    Night,
    article_page,
    listing_page,
    make_archive,
    new_address,
    old_address,
    read_rows,
)
from tests.support.crawling import command
from tests.support.withholding import act, differing

A, B = new_address(1, "mot"), new_address(2, "hai")
SAID = "select state, removed_at, decided_at from articles where id = 1"


def decide(archive: Path, clock: Clock, verdict: str, what: str = "1") -> DecisionResult:
    intent = DecisionIntent(what, verdict, "văn phòng xác nhận", "Ban biên tập")
    return decide_article(archive, intent, clock=clock, warcinfo_fields=DESCRIBE)


def held(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(f"{BASE}/tin-tuc", listing_page([(A, "Một", None), (B, "Hai", None)]), Purpose.LISTING)
        night.read(A.url, article_page("Một", "Thân bài một."))
        night.read(B.url, article_page("Hai", "Thân bài hai."))
    clock.go_on(days=1)


def look(archive: Path, clock: Clock, *, is_gone: bool) -> None:
    with Night(archive, clock) as night:
        if is_gone:
            night.put_gone(A.url)
        else:
            night.read(A.url, article_page("Một", "Thân bài một."))
        night.read(B.url, article_page("Hai", "Thân bài hai."))
    clock.go_on(days=1)


def assert_rebuilds(archive: Path) -> None:
    rebuild(archive, archive.with_name("new.db"))
    assert differing(archive, archive.with_name("new.db")) == []
    assert verify(archive).differences == []


def test_a_suspect_is_removed_at_its_first_miss_and_a_sight_brings_it_back(archive: Path, clock: Clock) -> None:
    held(archive, clock)
    look(archive, clock, is_gone=True)
    assert decide(archive, clock, "removed") == DecisionResult(1, is_new=True)
    assert read_rows(archive, SAID) == [("removed", "2026-09-02T18:30:00Z", "2026-09-03T18:30:00Z")]
    detail = read_rows(archive, "select kind, at, detail from article_events order by id desc limit 1")
    said = "Ban biên tập decided that it is removed: văn phòng xác nhận"
    assert detail == [("removed", "2026-09-03T18:30:00Z", said)]
    clock.go_on(days=1)
    look(archive, clock, is_gone=False)
    assert read_rows(archive, "select state, removed_at from articles where id = 1") == [("live", None)]
    assert_rebuilds(archive)


def test_without_any_miss_it_is_removed_from_the_decision_on(archive: Path, clock: Clock) -> None:
    held(archive, clock)
    decide(archive, clock, "removed")
    assert read_rows(archive, SAID) == [("removed", "2026-09-02T18:30:00Z", "2026-09-02T18:30:00Z")]
    assert_rebuilds(archive)


def test_after_live_the_misses_count_anew(archive: Path, clock: Clock) -> None:
    held(archive, clock)
    look(archive, clock, is_gone=True)
    look(archive, clock, is_gone=True)
    assert decide(archive, clock, "live").is_new
    assert read_rows(archive, "select state from articles where id = 1") == [("live",)]
    kinds = read_rows(archive, "select kind, detail_kind from article_events where kind = 'decided'")
    assert kinds == [("decided", "decided-live")]
    clock.go_on(hours=1)
    states = []
    for _ in range(3):
        with Night(archive, clock) as night:
            night.put_gone(A.url)
            night.read(B.url, article_page("Hai", "Thân bài hai."))
            night.walked()
        clock.go_on(days=1)
        states += read_rows(archive, "select state from articles where id = 1")
    assert states == [("suspect",), ("suspect",), ("removed",)]
    assert_rebuilds(archive)


def test_a_removed_article_can_be_decided_live(archive: Path, clock: Clock) -> None:
    held(archive, clock)
    decide(archive, clock, "removed")
    clock.go_on(hours=1)
    assert decide(archive, clock, "live").is_new
    assert read_rows(archive, "select state, removed_at from articles where id = 1") == [("live", None)]
    assert_rebuilds(archive)


def test_a_withheld_article_is_decided_too_and_nothing_of_it_is_shown(archive: Path, clock: Clock) -> None:
    held(archive, clock)
    act(archive, "withhold", "1", at=clock())
    clock.go_on(hours=1)
    assert decide(archive, clock, "removed").is_new
    assert read_rows(archive, "select * from article_events where article_id = 1") == []
    assert read_rows(archive, "select * from articles where id = 1") == []
    clock.go_on(hours=1)
    act(archive, "release", "1", at=clock())
    assert read_rows(archive, "select state from articles where id = 1") == [("removed",)]
    assert_rebuilds(archive)


def test_a_run_that_holds_the_archive_stores_a_decision_with_its_next_batch(archive: Path, clock: Clock) -> None:
    held(archive, clock)
    with Night(archive, clock) as night:
        left = leave_request(archive, OperatorRequest("removed", "article", "1", "vì", "x", "2026-09-02T19:00:00Z"))
        night.writer.commit().result()
        assert not left.exists()
        assert night.value("select state from articles where id = 1") == "removed"
    assert_rebuilds(archive)


@pytest.mark.parametrize("what", ["99", "capture:1", "https://sapa.example.vn/khong-co", "một bài nào đó"])
def test_what_is_no_article_of_the_archive_is_wrong_use(archive: Path, clock: Clock, what: str) -> None:
    held(archive, clock)
    with pytest.raises(WrongUseError):
        decide(archive, clock, "removed", what)


def test_the_command_takes_any_address_and_says_what_it_did(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    public: tuple[Any, ...] = ("--reason", "đã gọi hỏi", "--by", "Ban biên tập", "--archive", archive)
    by_old = command("decide", f"{old_address(103, 'ba').url}?fbclid=x", "removed", *public)
    assert (by_old.code, by_old.out, by_old.err) == (0, "article 3: removed\n", "")
    again = command("decide", "3", "removed", *public)
    assert (again.code, again.out) == (0, "article 3: is removed already; nothing was done\n")
    for wrong in (["decide", "3", "gone", *public], ["decide", "3", "live", "--by", "x", "--archive", archive]):
        ended = command(*wrong)
        assert (ended.code, ended.out) == (2, "")
