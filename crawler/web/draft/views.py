"""The draft guard: a form for a draft, and what became of each claim in it. Nothing of a draft is kept or logged."""

import asyncio
import sqlite3
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Response

from crawler import settings
from crawler.language.claims.claims import Claim, find_claims
from crawler.language.text import normalize_text
from crawler.web.draft.checks import SHORT_WORDS, check_document, check_quantity, check_quotation
from crawler.web.draft.links import check_link
from crawler.web.draft.sources import MOST_PAST, Library, OutOfTimeError, split_words
from crawler.web.draft.verdicts import ClaimState, Verdict
from crawler.web.request import SiteRequest

# A long report has 12,000 characters. The claims beyond the limit are named as not looked up.
MOST_CHARACTERS, MOST_CLAIMS = 30_000, 150
# The time for all claims of a draft, in seconds. Measured with 60,000 articles: 68 claims take 1.9 s of CPU, and on a
# machine whose cores are busy with a crawl four times that.
_SECONDS, _LEAST_MS = 8.0, 20
# Drafts that are looked up at a time: the other readers' pages must not wait for them.
_turns = asyncio.Semaphore(2)
_NEVER_KEPT = {"cache-control": "no-store", "referrer-policy": "no-referrer"}

_Check = Callable[[sqlite3.Connection], Verdict]


@dataclass(frozen=True, slots=True)
class _Report:
    verdicts: list[Verdict]
    is_past_cut: bool


async def show_draft(request: SiteRequest) -> Response:
    """Show the form; after a POST, the verdict on each claim of the draft in it. Never cached."""
    draft = _clean(await _read_draft(request)) if request.http.method == "POST" else None
    is_too_long = draft is not None and len(draft) > MOST_CHARACTERS
    report = None
    if draft and not is_too_long:
        async with _turns:
            report = await _check(request, draft)
    counts = Counter(verdict.state for verdict in report.verdicts) if report else Counter[ClaimState]()
    return await request.render(
        "draft.html",
        status=413 if is_too_long else 200,
        headers=_NEVER_KEPT,
        draft=draft or "",
        is_posted=draft is not None,
        is_too_long=is_too_long,
        characters=len(draft or ""),
        most_characters=MOST_CHARACTERS,
        most_past=MOST_PAST,
        report=report,
        checked=sum(verdict.state != ClaimState.UNCHECKED for verdict in report.verdicts) if report else 0,
        counts=[(state, counts[state]) for state in ClaimState if counts[state]],
        now=settings.clock().strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


async def _read_draft(request: SiteRequest) -> str:
    """Read the draft in the body of a form; `request_bounds` bounds its length."""
    body: bytes = await request.http.post_body()
    try:
        pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=20, errors="replace")
    except ValueError:
        return ""
    return dict(pairs).get("draft", "")


def _clean(text: str) -> str:
    """Return a draft with its lines in normal form."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n").split("\n")
    return "\n".join(normalize_text(line) for line in lines).strip("\n")


async def _check(request: SiteRequest, draft: str) -> _Report:
    """Look the claims up: first those that point to articles, then the numbers, which are looked for in these."""
    end = time.monotonic() + _SECONDS
    claims = await asyncio.to_thread(find_claims, draft)
    library, hosts = Library(end), _own_hosts(request)
    verdicts = {place: Verdict(claim, ClaimState.UNCHECKED) for place, claim in enumerate(claims)}
    for place in sorted(range(min(len(claims), MOST_CLAIMS)), key=lambda one: _turn_of(claims[one])):
        left_ms = round(1000 * (end - time.monotonic()))
        if left_ms <= 0:
            break
        check = _bound(_choose(claims[place], library, hosts=hosts), max(left_ms, _LEAST_MS))
        try:
            verdicts[place] = await request.read(check)
        except OutOfTimeError:
            break
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
    return _Report([verdicts[place] for place in range(len(claims))], library.is_past_cut)


def _turn_of(claim: Claim) -> int:
    if claim.kind == "quotation":
        return 2 if len(split_words(claim.text)) >= SHORT_WORDS else 3
    return {"link": 0, "document": 1}.get(claim.kind, 4)


def _choose(claim: Claim, library: Library, *, hosts: frozenset[str]) -> _Check:
    if claim.kind == "link":
        return lambda connection: check_link(connection, library, claim=claim, hosts=hosts)
    checks = {"document": check_document, "quotation": check_quotation}
    return lambda connection: checks.get(claim.kind, check_quantity)(connection, library, claim=claim)


def _bound(check: _Check, limit_ms: int) -> _Check:
    def bounded(connection: sqlite3.Connection) -> Verdict:
        with sqlite_timelimit(connection, limit_ms):
            return check(connection)

    return bounded


def _own_hosts(request: SiteRequest) -> frozenset[str]:
    named = [settings.site_address() or "", f"//{request.http.host}"]
    return frozenset(host.lower() for one in named if (host := _host_of(one)))


def _host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
