"""Asking the parser process about a response: an item with the reading, or one that says why there is none."""

from dataclasses import replace

from scrapy.http import Response

from crawler.addresses import classify
from crawler.crawl.outcomes import STOPPING, answer_of, surroundings_of
from crawler.crawl.parser_process.client import ParserProcess
from crawler.errors import ReadingError
from crawler.items import Answer, Capture, FailureItem, FileItem, FileRole, PageItem, Purpose
from crawler.language.text import matches_slug
from crawler.profile import Profile
from crawler.sentences import Sentence, say

_GONE_STATUSES = (404, 410)
# What firewalls, gates and proxies also send with the status 404.
_IN_PLACE_KINDS = frozenset({"blocked", "challenge", "captcha", "waiting-room", "maintenance"})


async def read_response(
    parser: ParserProcess, response: Response, *, purpose: Purpose, listing: str | None = None, page: int | None = None
) -> PageItem | FailureItem | None:
    """Read a page. Return a failure if the parser gives no reading, None if the run is asked to stop."""
    meta = response.meta
    try:
        reading, addresses = await parser.read_page(
            answer_of(response), purpose, asked=meta["asked"], listing=listing, page=page
        )
    except ReadingError as error:
        return _fail(response, error)
    is_retry, chain = meta.get("is_retry", False), meta.get("chain", "")
    return PageItem(meta["capture"], purpose, meta["asked"], reading, addresses, listing, page, is_retry, chain)


async def examine_response(
    parser: ParserProcess, answer: Answer, *, role: FileRole, response: Response
) -> FileItem | FailureItem | None:
    """Examine the file of an answer, which the response is or confirms. Return as `read_response`."""
    capture: Capture = response.meta["capture"]
    asked = response.meta["asked"]
    try:
        return FileItem(capture, asked, await parser.read_file(answer, role, asked=asked), role)
    except ReadingError as error:
        return _fail(response, error)


async def ask_of_home(
    parser: ParserProcess, response: Response, *, robots: str
) -> tuple[Sentence | None, FailureItem | None]:
    """Say what a home page is of instead of the profile's CMS, or the failure of the parser to say it."""
    try:
        return await parser.name_other_home(answer_of(response), around=surroundings_of(response, robots)), None
    except ReadingError as error:
        return None, _fail(response, error)


async def refuse_page(
    parser: ParserProcess, response: Response, *, purpose: Purpose, profile: Profile
) -> PageItem | FailureItem | None:
    """Return the failure of a page by its status. An article that the page shows whole is read all the same.

    404 and 410 are evidence of absence, but some servers send a whole article with the status 404, and some firewalls
    their block page: one that is not in the portal's frame and does not say "not found".
    """
    refused = refuse_status(response, purpose)
    if purpose is not Purpose.ARTICLE or response.status not in _GONE_STATUSES or not response.body:
        return refused
    item = await read_response(parser, response, purpose=Purpose.ARTICLE)
    if not isinstance(item, PageItem):
        return refused if item is not None else None
    reading, address = item.reading, classify(item.asked, profile)
    if reading.article is not None and reading.refusal is None:
        slug = address.title_slug if address is not None else None
        return item if slug and matches_slug(reading.article.title, slug) else refused
    refusal = reading.refusal
    if refusal is None or refusal.kind not in _IN_PLACE_KINDS or reading.form is None or reading.form.has_frame:
        return refused
    is_said = refusal.former is not None and refusal.former.message.kind == "page-is-error"
    return refused if is_said else replace(refused, kind=refusal.kind, message=refusal.message)


def refuse_status(response: Response, role: str) -> FailureItem:
    """Return the failure of an answer whose status is not that of a page."""
    meta = response.meta
    message = say("answered", status=response.status)
    return FailureItem(meta["asked"], f"http-{response.status}", message, role, meta["capture"])


def _fail(response: Response, error: ReadingError) -> FailureItem | None:
    if error.kind == STOPPING:
        return None
    meta = response.meta
    return FailureItem(meta["asked"], error.kind, error.sentence, meta["purpose"], meta["capture"])
