"""Asking the parser process about a response: an item with the reading, or one that says why there is none."""

from scrapy.http import Response

from crawler.crawl.outcomes import STOPPING, answer_of, surroundings_of
from crawler.crawl.parser_process.client import ParserProcess
from crawler.errors import ReadingError
from crawler.items import Answer, Capture, FailureItem, FileItem, FileRole, PageItem, Purpose
from crawler.sentences import Sentence, say


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
