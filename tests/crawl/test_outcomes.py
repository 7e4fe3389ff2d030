"""The judgement of a night, and the kinds of failed requests: every branch."""

from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from scrapy.exceptions import DownloadCancelledError, DownloadTimeoutError, IgnoreRequest
from scrapy.http import Response
from twisted.internet import error as network
from twisted.web.client import ResponseFailed

from crawler.archive.frontier.rechecks import Rechecks
from crawler.crawl.listings.walk_item import WalkItem
from crawler.crawl.outcomes import (
    PrivateAddressError,
    RefusedError,
    RunFacts,
    failure_kind,
    find_illness,
    judge_clock,
    judge_run,
    read_clock_offset,
)
from crawler.items import Outcome
from crawler.sentences import PAGES, join, parse_joined, say
from tests.support.archives.rows import utc

WALK = WalkItem("https://x.vn/a", 2, 2, 30, (), True)
GAP = replace(WALK, missing=parse_joined("page 2: timeout", PAGES))
DOWN = WalkItem("https://x.vn/a", None, 0, 0, parse_joined("page 1: timeout", PAGES), False)
LIMIT = say("night-limit", size="20.0 GB")
WELL = RunFacts(
    home_failure=None,
    other_home=None,
    walks=[WALK], expected_listings=1, missing_articles=0, read_articles=30, unread_articles=0, held_articles=30,
    days_since_new=0, expected_articles=None, expected_new_within_days=None, new_gaps=0, unlike_before=(), file_gaps=(),
    put_aside=0, handover=None, ill=None, internal_errors=0, stopped=None, interrupted=False,
)  # fmt: skip


def judged(facts: RunFacts) -> tuple[str, str | None]:
    """Give the outcome with the reasons as the row has them."""
    outcome, reasons = judge_run(facts)
    return outcome, join(reasons)


def test_a_night_without_gaps_is_complete() -> None:
    assert judge_run(WELL) == (Outcome.COMPLETE, ())


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(WELL, walks=[GAP]), "https://x.vn/a: page 2: timeout"),
        (replace(WELL, expected_listings=3), "2 listings could not be read"),
        (replace(WELL, missing_articles=4), "4 listed articles could not be had"),
        (replace(WELL, new_gaps=2), "2 articles failed for nights and are known gaps from now on"),
        (replace(WELL, internal_errors=2), "2 pages failed by an error of our own"),
        (replace(WELL, stopped=LIMIT), "the night's limit of 20.0 GB is reached"),
        (replace(WELL, walks=[WALK, DOWN], expected_listings=2), "page 1: timeout"),
    ],
)
def test_a_night_with_a_gap_is_partial_and_names_it(facts: RunFacts, reason: str) -> None:
    outcome, why = judged(facts)
    assert outcome == "partial"
    assert reason in (why or "")


def test_all_reasons_are_given_and_many_gaps_are_summed_up() -> None:
    facts = replace(WELL, walks=[GAP] * 5, missing_articles=1, internal_errors=1, stopped=LIMIT)
    outcome, why = judged(facts)
    assert outcome == "partial"
    assert (why or "").count("page 2: timeout") == 3
    for part in ("limit", "2 more listings with gaps", "1 listed articles", "error of our own"):
        assert part in (why or "")


def test_a_night_without_any_listing_failed_and_says_why() -> None:
    down = replace(WELL, walks=[DOWN])
    assert judged(down) == ("failed", "no listing could be read: page 1: timeout")
    assert judged(replace(WELL, walks=[])) == ("failed", "no listing could be read: the portal does not answer")
    assert judged(replace(down, stopped=LIMIT)) == ("failed", "the night's limit of 20.0 GB is reached")
    menu = judged(replace(WELL, walks=[], expected_listings=0))
    assert menu == ("failed", "no listing was found in the portal's menu")


def test_a_stop_on_request_is_always_interrupted() -> None:
    for facts in (WELL, replace(WELL, walks=[]), replace(WELL, missing_articles=3, unread_articles=99)):
        assert judge_run(replace(facts, interrupted=True))[0] == "interrupted"


def test_pages_without_an_articles_parts_make_a_night_suspect_only_if_many() -> None:
    assert judge_run(replace(WELL, unread_articles=30))[0] == "suspect"
    assert judge_run(replace(WELL, unread_articles=5, read_articles=0))[0] == "suspect"
    assert judge_run(replace(WELL, unread_articles=4, read_articles=0))[0] == "complete"
    assert judge_run(replace(WELL, unread_articles=29))[0] == "complete"


def test_what_the_profile_expects_makes_a_night_suspect() -> None:
    assert judge_run(replace(WELL, expected_articles=31))[0] == "suspect"
    assert judge_run(replace(WELL, expected_articles=30))[0] == "complete"
    assert judge_run(replace(WELL, expected_new_within_days=7, days_since_new=8))[0] == "suspect"
    assert judge_run(replace(WELL, expected_new_within_days=7, days_since_new=7))[0] == "complete"
    assert judge_run(replace(WELL, expected_new_within_days=7, days_since_new=None))[0] == "complete"


def test_a_suspect_night_names_its_gaps_too() -> None:
    outcome, why = judged(replace(WELL, walks=[GAP], unread_articles=30))
    assert outcome == "suspect"
    assert "30 of 60 article pages" in (why or "")
    assert "page 2: timeout" in (why or "")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RefusedError("robots", say("robots-disallows")), "robots"),
        (PrivateAddressError("x.vn"), "private-address"),
        (network.DNSLookupError("x.vn"), "no-such-host"),
        (DownloadTimeoutError("took longer"), "timeout"),
        (network.TimeoutError(), "timeout"),
        (network.ConnectionRefusedError(), "refused"),
        (DownloadCancelledError("too large"), "too-large"),
        (IgnoreRequest("max redirections reached"), "redirect-loop"),
        (IgnoreRequest("no"), "refused-by-us"),
        (network.ConnectionLost(), "network-ConnectionLost"),
        (ResponseFailed([]), "network-ResponseFailed"),
        (ValueError(""), "network-ValueError"),
    ],
)
def test_every_failure_has_a_kind_and_a_message(error: BaseException, kind: str) -> None:
    found, message = failure_kind(error)
    assert found == kind
    assert str(message)


def test_a_message_is_one_line_of_bounded_length_and_never_missing() -> None:
    assert str(failure_kind(ValueError("first\nsecond"))[1]) == "first"
    assert len(str(failure_kind(ValueError("x" * 5000))[1])) == 300
    assert str(failure_kind(KeyError())[1]) == "KeyError"
    assert str(failure_kind(ValueError("\n"))[1])


@pytest.mark.parametrize(
    ("seen", "missed", "failed"),
    [(0, 0, 0), (100, 0, 0), (0, 2, 0), (2, 2, 4), (3, 3, 0), (50, 49, 0), (50, 0, 24), (0, 0, 4), (200, 0, 99)],
)
def test_a_portal_with_some_misses_and_failures_is_well(seen: int, missed: int, failed: int) -> None:
    assert find_illness(Rechecks(seen, missed, failed)) is None


@pytest.mark.parametrize(
    ("seen", "missed", "failed", "why"),
    [
        (0, 0, 5, "5 of 5 article pages could not be had"),
        (10, 0, 5, "5 of 15 article pages could not be had"),
        (99, 1, 150, "150 of 250 article pages could not be had"),
        (0, 3, 0, "3 of 3 looks at held articles found nothing"),
        (49, 50, 0, "50 of 99 looks at held articles found nothing"),
        (0, 240, 0, "240 of 240 looks at held articles found nothing"),
        (0, 6, 4, "6 of 6 looks at held articles found nothing"),
    ],
)
def test_a_portal_with_many_misses_or_failures_is_ill(seen: int, missed: int, failed: int, why: str) -> None:
    assert str(find_illness(Rechecks(seen, missed, failed))) == why


def test_a_night_with_mostly_missed_rechecks_is_suspect_and_counts_no_removal() -> None:
    outcome, why = judged(replace(WELL, ill=find_illness(Rechecks(0, 240, 0))))
    assert outcome == "suspect"
    assert "240 of 240 looks at held articles found nothing" in (why or "")
    assert "No removal is counted tonight" in (why or "")


def test_a_night_with_many_failures_is_partial() -> None:
    ill = find_illness(Rechecks(90, 0, 150))
    outcome, why = judged(replace(WELL, ill=ill, missing_articles=150))
    assert (outcome, why) == ("partial", "150 listed articles could not be had")


def test_a_night_unlike_the_ones_before_or_of_another_portal_is_suspect() -> None:
    silent = say("silent", days=40, longest=3)
    assert judge_run(replace(WELL, unlike_before=(silent,))) == (Outcome.SUSPECT, (silent,))
    outcome, why = judged(replace(WELL, handover=say("another-portal", signs=(say("menu-changed"),)), walks=[]))
    assert outcome == "suspect"
    assert (why or "").startswith("the host shows another portal")


def test_readings_put_aside_make_a_night_suspect_only_if_they_are_many() -> None:
    assert judge_run(replace(WELL, put_aside=15))[0] == "suspect"
    assert judge_run(replace(WELL, put_aside=14))[0] == "complete"
    assert judge_run(replace(WELL, put_aside=2, read_articles=2))[0] == "complete"


NOW = utc("2026-09-01T18:30:00Z")


def dated(date: datetime | str | None, **headers: str) -> Response:
    stated = format_datetime(date, usegmt=True) if isinstance(date, datetime) else date
    return Response("https://x.vn/", headers={**({"Date": stated} if stated else {}), **headers})


@pytest.mark.parametrize(
    ("response", "offset"),
    [
        (dated(NOW), 0),
        (dated(NOW + timedelta(hours=1)), 3600),
        (dated(NOW - timedelta(minutes=20)), -1200),
        (dated(NOW - timedelta(minutes=20), Age="1200"), 0),
        (dated(None), None),
        (dated("yesterday"), None),
        (dated("Tue, 01 Sep 2026 18:30:00"), None),
        (dated(NOW, Age="soon"), None),
        (dated(NOW, Age="9" * 30), None),
    ],
)
def test_an_answer_gives_the_offset_of_its_senders_clock(response: Response, offset: float | None) -> None:
    assert read_clock_offset(response, now=NOW, machine_now=None) == offset


def test_a_sender_outside_a_rehearsal_gives_no_offset() -> None:
    machine = utc("2027-01-01T00:00:00Z")
    assert read_clock_offset(dated(machine), now=NOW, machine_now=machine) is None
    assert read_clock_offset(dated(NOW + timedelta(hours=2)), now=NOW, machine_now=machine) == 7200


def test_a_clock_is_judged_by_the_median_of_enough_answers() -> None:
    assert judge_clock([]) is None
    assert judge_clock([3600.0] * 4) is None
    assert judge_clock([3600.0] * 5) == 3600
    assert judge_clock([-86400.0, -86400.0, 0.0, 1.0, 1.0]) == 0


def test_another_key_than_the_pinned_one_makes_a_night_suspect_also_if_nothing_was_read() -> None:
    changed = (say("key-changed", host="x.vn"),)
    assert judge_run(replace(WELL, changed_keys=changed)) == (Outcome.SUSPECT, changed)
    assert judge_run(replace(WELL, walks=[DOWN], changed_keys=changed)) == (Outcome.SUSPECT, changed)
