"""Outcomes of requests and runs: an answer, the kinds of failure, the judgement of a night.

The lowest file of this room: `middlewares` raises its exceptions, `spider` and `pipelines` read them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from twisted.internet.error import ConnectionRefusedError as RefusedConnectionError
from twisted.internet.error import DNSLookupError
from twisted.internet.error import TimeoutError as ConnectTimeoutError

from crawler.archive.frontier.rechecks import MOST_CONTROLS, Rechecks
from crawler.crawl.listings.walk_item import WalkItem
from crawler.extract.identity.surroundings import Surroundings
from crawler.items import Answer, Capture, Exchange, Outcome
from crawler.language.dates import parse_mail_date
from crawler.language.numbers import whole_number
from crawler.media.http_head import choose_value, parse_head
from crawler.sentences import MESSAGES, Sentence, parse, say

# At least this many answers are needed to judge a portal's clock.
_LEAST_DATES = 5
# Under `PORTAL_ARCHIVE_NOW`, a sender this near to the machine's time uses the machine's clock.
_SAME_TIME = timedelta(minutes=5)


# The kind of requests that a stopping run gives up. They are left to the next run and not recorded.
STOPPING = "stopping"

# These failures come before a request is sent, so its headers did not cause them.
NOT_SENT_KINDS = (
    "robots", "robots-not-now", "asked-to-wait", "foreign-host", "private-address", "host-down", "bad-address",
)  # fmt: skip


class RefusedError(IgnoreRequest):
    """Raised when a request is not sent, or its answer not accepted, by `middlewares`.

    `kind` is the reason, `capture` the answer that is not accepted, None without one.
    """

    def __init__(self, kind: str, sentence: Sentence, *, capture: Capture | None = None) -> None:
        super().__init__(str(sentence))
        self.kind = kind
        self.sentence = sentence
        self.capture = capture


class NetworkError(DownloadFailedError):
    """Raised when no answer came, by `download`. `kind` says how the network failed. It may be tried again."""

    def __init__(self, kind: str, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.kind = kind
        self.sentence = sentence


class PrivateAddressError(DNSLookupError):
    """Raised when a name resolves to an address that is not public, by `middlewares`' resolver."""


def exchange_of(response: Response) -> Exchange | None:
    """Return the exchange of a response as it was on the wire. None from a handler that does not pass it on."""
    exchange: Exchange | None = getattr(response, "exchange", None)
    return exchange


def header_of(response: Response, name: str) -> str | None:
    """Return what a header of a response says, as `HttpHead.header` does. Scrapy itself takes the last of several."""
    return choose_value(name, response.headers.getlist(name))


def answer_of(response: Response) -> Answer:
    """Return the parts of a response that a reading needs, the body as transferred. A spooled body stays in its file.

    Headers that come more than once are read as a rebuild reads them.
    """
    exchange = exchange_of(response)
    is_spooled = exchange is not None and exchange.body.path is not None and not response.body
    return Answer(
        response.url,
        response.body,
        header_of(response, "Content-Type"),
        header_of(response, "Content-Encoding"),
        is_cut="dataloss" in response.flags,
        spooled=exchange.body if exchange is not None and is_spooled else None,
        transfer_encoding=parse_head(exchange.response_head).transfer_encoding if exchange and is_spooled else None,
        disposition=header_of(response, "Content-Disposition"),
    )


def surroundings_of(response: Response, robots: str) -> Surroundings:
    """Return what came with an answer and tells the system of its site; `robots` is the text of robots.txt."""
    headers, cookies = {}, []
    for name, values in response.headers.items():
        shown = ", ".join(value.decode("latin-1") for value in values)
        headers[name.decode("latin-1").lower()] = shown
        if name.lower() == b"set-cookie":
            cookies += [value.decode("latin-1").partition("=")[0].strip() for value in values]
    return Surroundings(headers, cookies, robots)


def refused_capture(error: BaseException) -> Capture | None:
    """Return the capture of the answer for which a request failed. None if no answer came."""
    return error.capture if isinstance(error, RefusedError) else None


def failure_kind(error: BaseException) -> tuple[str, Sentence]:
    """Return kind and message of the `crawl_errors` row of a failed request."""
    if isinstance(error, RefusedError | NetworkError):
        return error.kind, error.sentence
    if isinstance(error.__cause__, PrivateAddressError):
        # Scrapy wraps the resolver's exception.
        error = error.__cause__
    kinds: tuple[tuple[type[BaseException], str], ...] = (
        (PrivateAddressError, "private-address"),
        (DownloadTimeoutError, "timeout"),
        (ConnectTimeoutError, "timeout"),
        (DNSLookupError, "no-such-host"),
        (CannotResolveHostError, "no-such-host"),
        (DownloadConnectionRefusedError, "refused"),
        (RefusedConnectionError, "refused"),
        (DownloadCancelledError, "too-large"),
    )
    message = parse((str(error).strip() or type(error).__name__).splitlines()[0][:300], MESSAGES)
    for kind_of_error, name in kinds:
        if isinstance(error, kind_of_error):
            return name, message
    if isinstance(error, IgnoreRequest):
        # Scrapy's middlewares raise this one class for every reason.
        return message.kind if message.kind == "redirect-loop" else "refused-by-us", message
    return f"network-{type(error).__name__}", message


@dataclass(slots=True)
class HomeFindings:
    """What a run's home page showed: signs of another portal, its failure, and of what else it is than of a portal."""

    handover: Sentence | None = None
    failure: Sentence | None = None
    other: Sentence | None = None

    @property
    def other_system(self) -> Sentence | None:
        """Another system on the host; None for a page that may be gone tomorrow, such as a login."""
        return self.other if self.other is not None and self.other.kind == "another-cms" else None


def read_clock_offset(response: Response, *, now: datetime, machine_now: datetime | None) -> float | None:
    """Return by how many seconds the clock of an answer's sender is ahead of ours. None if unknown.

    Args:
        response: its `Date` (RFC 9110, 6.6.1) counts, plus the `Age` that a cache adds.
        now: our time when it came.
        machine_now: the machine's own time if `now` is rehearsed, else None. A sender that uses the machine's time is
            not part of the rehearsal: the result is None.
    """
    stated, age = header_of(response, "Date"), header_of(response, "Age") or "0"
    try:
        sent = parse_mail_date(stated) if stated else None
        seconds = whole_number(age.strip())
        if sent is None or sent.tzinfo is None or seconds is None:
            return None
        cached = timedelta(seconds=seconds)
        if machine_now is not None and abs(sent + cached - machine_now) <= _SAME_TIME:
            return None
        return (sent + cached - now).total_seconds()
    except OverflowError:
        return None


def judge_clock(offsets: Sequence[float]) -> int | None:
    """Return by how many seconds a portal's clock was ahead of ours in a run. None if too few answers are known.

    The median, because a cached page may have the date of its creation.

    >>> judge_clock([0, 1, -3600, 1, 0]), judge_clock([3600] * 4)
    (0, None)
    """
    return round(median(offsets)) if len(offsets) >= _LEAST_DATES else None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """The facts that decide the outcome of a run.

    `stopped` is the reason of an early end, None if the run reached its end, `bounds` are the bounds of the run that
    were reached, and what they left. `missing_articles` are listed articles
    that are not held, `unread_articles` pages of this run without an article's parts, `put_aside` suspect readings,
    `new_gaps` listed articles that became known gaps tonight. `unlike_before` are the differences from the portal's
    past nights, `file_gaps` why the night is incomplete in its files, `changed_keys` the hosts with another key than a
    pinned one, `handover` the signs of another portal on the host, `home_failure` the failure of the home page,
    `other_home` what it is of if it is of no portal of this CMS, `ill` the reason why no miss counts.
    `days_since_new` counts from the newest article's first sight, None without articles. `single_pages` are the
    entries of the menu that were read as articles. `expected_…` are from the profile, None if it does not say.
    """

    walks: Sequence[WalkItem]
    expected_listings: int
    missing_articles: int
    read_articles: int
    unread_articles: int
    held_articles: int
    days_since_new: int | None
    expected_articles: int | None
    expected_new_within_days: int | None
    new_gaps: int
    put_aside: int
    unlike_before: Sequence[Sentence]
    file_gaps: Sequence[Sentence]
    handover: Sentence | None
    home_failure: Sentence | None
    other_home: Sentence | None
    ill: Sentence | None
    internal_errors: int
    stopped: Sentence | None
    interrupted: bool
    changed_keys: Sequence[Sentence] = ()
    single_pages: int = 0
    bounds: Sequence[Sentence] = ()


def find_illness(rechecks: Rechecks) -> Sentence | None:
    """Return the reason why a portal as a whole is ill tonight, so that no miss counts. None if it is well.

    Many failures are an outage. More misses than seen articles, controls included, are an outage or a move; not if all
    other articles answered, or as many as are ever asked: then so much is gone (`verdicts.evidence` judges it).
    """
    answered = rechecks.seen + rechecks.missed
    if rechecks.failed >= 5 and rechecks.failed * 3 >= answered + rechecks.failed:
        return say("pages-failing", count=rechecks.failed, total=answered + rechecks.failed)
    others_answer = rechecks.seen >= MOST_CONTROLS or (rechecks.seen > 0 and rechecks.is_all)
    if rechecks.missed >= 3 and rechecks.missed > rechecks.seen and not others_answer:
        return say("found-nothing", count=rechecks.missed, total=answered)
    return None


def judge_run(facts: RunFacts) -> tuple[Outcome, tuple[Sentence, ...]]:
    """Return the outcome of a run, and the reasons why it is not complete."""
    if facts.interrupted:
        return Outcome.INTERRUPTED, (say("stopped-on-request"),)
    if facts.other_home is not None and not any(walk.pages_read for walk in facts.walks):
        return Outcome.SUSPECT if facts.held_articles else Outcome.FAILED, (facts.other_home,)
    if facts.handover is not None:
        return Outcome.SUSPECT, (say("handed-over", **facts.handover.args),)
    is_without_lists = facts.single_pages and not facts.walks and not facts.expected_listings
    if not any(walk.pages_read for walk in facts.walks) and not is_without_lists:
        if facts.changed_keys:
            return Outcome.SUSPECT, tuple(facts.changed_keys)
        return Outcome.FAILED, (facts.stopped or _no_listing_reason(facts),)
    doubts, gaps = tuple(_doubts(facts)), tuple(_gaps(facts))
    if doubts:
        return Outcome.SUSPECT, doubts + gaps
    return (Outcome.PARTIAL, gaps) if gaps else (Outcome.COMPLETE, ())


def _gaps(facts: RunFacts) -> Iterator[Sentence]:
    """Yield what is missing from a night."""
    if facts.stopped:
        yield facts.stopped
    yield from facts.bounds
    broken = [walk for walk in facts.walks if walk.missing]
    for walk in broken[:3]:
        yield say("listing-gaps", listing=walk.url, missing=walk.missing)
    if len(broken) > 3:
        yield say("more-listing-gaps", count=len(broken) - 3)
    if facts.expected_listings > len(facts.walks):
        yield say("listings-failed", count=facts.expected_listings - len(facts.walks))
    if facts.missing_articles:
        yield say("articles-failed", count=facts.missing_articles)
    if facts.new_gaps:
        yield say("new-gaps", count=facts.new_gaps)
    yield from facts.file_gaps
    if facts.internal_errors:
        yield say("own-errors", count=facts.internal_errors)


def _doubts(facts: RunFacts) -> Iterator[Sentence]:
    """Yield the signs that the portal or its layout changed."""
    yield from facts.changed_keys
    if facts.unread_articles >= 5 and facts.unread_articles >= facts.read_articles:
        yield say("layout-changed", count=facts.unread_articles, total=facts.read_articles + facts.unread_articles)
    if facts.put_aside >= 3 and facts.put_aside >= facts.read_articles - facts.put_aside:
        yield say("nearly-empty", count=facts.put_aside)
    yield from facts.unlike_before
    if facts.ill is not None and facts.ill.kind == "found-nothing":
        yield say("outage-or-move", **facts.ill.args)
    if facts.expected_articles is not None and facts.held_articles < facts.expected_articles:
        yield say("too-few-articles", count=facts.held_articles, expected=facts.expected_articles)
    within = facts.expected_new_within_days
    if within is not None and facts.days_since_new is not None and facts.days_since_new > within:
        yield say("silent-for-profile", days=facts.days_since_new, expected=within)


def _no_listing_reason(facts: RunFacts) -> Sentence:
    if facts.home_failure is not None and not facts.walks:
        return say("home-failed", problem=facts.home_failure)
    if not facts.walks and not facts.expected_listings:
        return say("no-listing-found")
    missing = next((walk.missing for walk in facts.walks if walk.missing), None)
    return say("no-listing-read", missing=missing) if missing else say("portal-silent")
