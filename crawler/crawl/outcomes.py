"""What became of a request, and of a run: its answer, the named kinds of failure, the judgement of a night.

The lowest step of the Scrapy floor: its exceptions are raised by `middlewares` and read by `spiders` and
`pipelines`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from statistics import median

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Response
from twisted.internet.error import ConnectionRefusedError as RefusedConnectionError
from twisted.internet.error import DNSLookupError
from twisted.internet.error import TimeoutError as ConnectTimeoutError

from crawler.archive.frontier.rechecks import Rechecks
from crawler.items import Answer, WalkItem

# A portal's clock is judged by so many answers at least.
_LEAST_DATES = 5
# In a rehearsal, a sender that is so near to the machine's time goes by that.
_SAME_TIME = timedelta(minutes=5)


# The kind of what a stopping run gives up; it is left to the next run and recorded nowhere.
STOPPING = "stopping"


class RefusedError(IgnoreRequest):
    """Raised when a request is not made, or its answer not taken, by `middlewares`; `kind` names why."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class PrivateAddressError(DNSLookupError):
    """Raised when a name resolves to an address that is not public, by `middlewares`' resolver."""


def answer_of(response: Response) -> Answer:
    """Give what a reading needs of a response, its body as transferred."""

    def header(name: str) -> str | None:
        value = response.headers.get(name)
        return value.decode("latin-1") if value else None

    return Answer(response.url, response.body, header("Content-Type"), header("Content-Encoding"))


def failure_kind(error: BaseException) -> tuple[str, str]:
    """Name what went wrong with a request: the kind of its crawl_error, and a message without addresses."""
    if isinstance(error, RefusedError):
        return error.kind, str(error)
    if isinstance(error.__cause__, PrivateAddressError):
        # Scrapy wraps what the resolver raises.
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
    message = (str(error).strip() or type(error).__name__).splitlines()[0][:300]
    for kind_of_error, name in kinds:
        if isinstance(error, kind_of_error):
            return name, message
    if isinstance(error, IgnoreRequest):
        return "redirect-loop" if "redirect" in message.lower() else "refused-by-us", message
    return f"network-{type(error).__name__}", message


def read_clock_offset(response: Response, *, now: datetime, machine_now: datetime | None) -> float | None:
    """Give by how many seconds the clock of an answer's sender is ahead of ours, None if the answer does not tell.

    Args:
        response: its `Date` (RFC 9110, 6.6.1) counts, and the `Age` that a cache between adds.
        now: our time when it came.
        machine_now: the machine's own time, if `now` is one of a rehearsal, else None. A sender that goes by the
            machine's time then takes no part in the rehearsal, and tells nothing.

    """
    stated, age = response.headers.get("Date"), response.headers.get("Age") or b"0"
    try:
        sent = parsedate_to_datetime(stated.decode("latin-1")) if stated else None
        cached = timedelta(seconds=int(age))
        if sent is None or sent.tzinfo is None:
            return None
        if machine_now is not None and abs(sent + cached - machine_now) <= _SAME_TIME:
            return None
        return (sent + cached - now).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None


def judge_clock(offsets: Sequence[float]) -> int | None:
    """Give by how many seconds a portal's clock was ahead of ours in a run; None if too few answers tell.

    The median: a page that a cache gives out with the date of its making is no proof against the others.

    >>> judge_clock([0, 1, -3600, 1, 0]), judge_clock([3600] * 4)
    (0, None)

    """
    return round(median(offsets)) if len(offsets) >= _LEAST_DATES else None


@dataclass(frozen=True, slots=True)
class RunFacts:
    """What a run's outcome follows from.

    `stopped` is the reason a run was ended early, None if it ran to its end. `missing_articles` are listed
    articles that are not held, `unread_articles` pages of this run that had none of an article's parts,
    `put_aside` readings kept aside as suspect, `new_gaps` listed articles that became known gaps tonight.
    `unlike_before` says how the night is unlike the portal's past ones, `handover` how the host shows another
    portal, `home_failure` why its home page could not be had, `ill` why no miss counts. `days_since_new` counts
    from the newest article's first sight, None while there is none. `expected_…` are the profile's, None where it
    does not say.
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
    unlike_before: Sequence[str]
    handover: str | None
    home_failure: str | None
    ill: str | None
    internal_errors: int
    stopped: str | None
    interrupted: bool


def illness(looks: Rechecks) -> str | None:
    """Say why a portal as a whole is ill tonight, so that no miss counts; None if it is well.

    Many failures are an outage; misses that outnumber what was seen, controls included, are an outage or a move.
    """
    answered = looks.seen + looks.missed
    if looks.failed >= 5 and looks.failed * 3 >= answered + looks.failed:
        return f"{looks.failed} of {answered + looks.failed} article pages could not be had"
    if looks.missed >= 3 and looks.missed > looks.seen:
        return f"{looks.missed} of {answered} looks at held articles found nothing"
    return None


def judge(facts: RunFacts) -> tuple[str, str | None]:
    """Give the outcome of a run and the reason in words, from what was and was not had."""
    if facts.interrupted:
        return "interrupted", "stopped on request; the next run goes on with the same frontier"
    if facts.handover is not None:
        return "suspect", f"{facts.handover}. Nothing more was asked of it, and no removal is counted"
    read = [walk for walk in facts.walks if walk.pages_read]
    if not read:
        return "failed", facts.stopped or _no_listing_reason(facts)
    reasons = [facts.stopped] if facts.stopped else []
    broken = [walk for walk in facts.walks if walk.missing]
    reasons += [f"{walk.url}: {walk.missing}" for walk in broken[:3]]
    if len(broken) > 3:
        reasons.append(f"{len(broken) - 3} more listings with gaps")
    if facts.expected_listings > len(facts.walks):
        reasons.append(f"{facts.expected_listings - len(facts.walks)} listings could not be read")
    if facts.missing_articles:
        reasons.append(f"{facts.missing_articles} listed articles could not be had")
    if facts.new_gaps:
        reasons.append(f"{facts.new_gaps} articles failed for nights and are known gaps from now on")
    if facts.internal_errors:
        reasons.append(f"{facts.internal_errors} pages failed by an error of our own; see the log")
    doubts = list(_doubts(facts))
    if doubts:
        return "suspect", "; ".join([*doubts, *reasons])
    return ("partial", "; ".join(reasons)) if reasons else ("complete", None)


def _doubts(facts: RunFacts) -> Iterator[str]:
    """Say what makes a night look as if the portal or its layout had changed."""
    if facts.unread_articles >= 5 and facts.unread_articles >= facts.read_articles:
        share = f"{facts.unread_articles} of {facts.read_articles + facts.unread_articles}"
        yield f"{share} article pages have no article's parts: has the layout changed?"
    if facts.put_aside >= 3 and facts.put_aside >= facts.read_articles - facts.put_aside:
        yield f"{facts.put_aside} articles suddenly read as nearly empty and were put aside: has the layout changed?"
    yield from facts.unlike_before
    if facts.ill is not None and "found nothing" in facts.ill:
        yield f"{facts.ill}: an outage, or has the portal moved? No removal is counted tonight"
    if facts.expected_articles is not None and facts.held_articles < facts.expected_articles:
        yield f"{facts.held_articles} articles are held, where the profile expects {facts.expected_articles}"
    within = facts.expected_new_within_days
    if within is not None and facts.days_since_new is not None and facts.days_since_new > within:
        yield f"nothing new for {facts.days_since_new} days, where the profile expects something within {within}"


def _no_listing_reason(facts: RunFacts) -> str:
    if facts.home_failure is not None and not facts.walks:
        return f"the portal's home page could not be had: {facts.home_failure}"
    if not facts.walks and not facts.expected_listings:
        return "no listing was found in the portal's menu"
    first = next((walk.missing for walk in facts.walks if walk.missing), "the portal does not answer")
    return f"no listing could be read: {first}"
