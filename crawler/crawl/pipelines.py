"""From the spider's items to rows: validate, then fetch images and files, then store."""

import asyncio
import logging
from typing import Any, Self, cast

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler import settings
from crawler.addresses import is_allowed_host, todays_address
from crawler.archive.warc.ledger import Failed, FileRead, PageRead
from crawler.crawl.breakers import HOST_DOWN
from crawler.crawl.listings.walk_item import WalkItem, walk_entry
from crawler.crawl.outcomes import NOT_SENT_KINDS, STOPPING, answer_of, failure_kind, refused_capture
from crawler.crawl.spider import PortalSpider, run_of
from crawler.errors import ReadingError
from crawler.extract.version import READER_VERSION
from crawler.items import Answer, Article, Capture, FailureItem, FileItem, FileRole, PageItem, Purpose
from crawler.language.dates import to_iso_utc
from crawler.media.pasted import is_pasted
from crawler.sentences import Sentence, say

logger = logging.getLogger(__name__)

Item = PageItem | FileItem | FailureItem | WalkItem


class _Pipeline:
    """What the three pipelines share: the crawler and its run."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls(crawler)

    @property
    def _run(self) -> PortalSpider:
        return run_of(self._crawler)

    def _drop_if_broken(self) -> None:
        """Drop an item that failed because nothing more can be written. The log says why once, not for each item."""
        if self._run.writer.broken is not None:
            raise DropItem("nothing more can be written", log_level="DEBUG")


def _article_of(item: PageItem) -> Article | None:
    """Return the article of a page.

    None for a control: some portals show an article for an address that names nothing.
    """
    return item.reading.article if item.purpose is not Purpose.PROBE else None


class ValidatePipeline(_Pipeline):
    """If an item is complete and of a known type, pass it on. Otherwise drop it: the run counts an internal error."""

    def process_item(self, item: Any) -> Item:
        """Check an item before its files are fetched and its rows are stored.

        Raises:
            DropItem: if the store does not know its type, or it is an article without title or address.
        """
        if not isinstance(item, PageItem | FileItem | FailureItem | WalkItem):
            raise DropItem(f"an item of type {type(item).__name__} cannot be stored")
        if isinstance(item, PageItem) and (article := _article_of(item)) is not None:
            if not article.title.strip():
                raise DropItem(f"{item.asked}: read as an article without a title")
            if not item.addresses:
                raise DropItem(f"{item.asked}: read as an article, but met under no article's address")
        return cast(Item, item)


class FilesPipeline(_Pipeline):
    """If an item is an article, fetch the images and files it names. Otherwise pass it on.

    Only files that were never asked for are fetched here: the spider asks for the others in a round of their own. A
    file that cannot be fetched is recorded, and the article is stored without it. Originals stay untouched in the WARC.
    """

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._under_way: dict[tuple[str, str], asyncio.Future[None]] = {}

    async def process_item(self, item: Item) -> Item:
        """Fetch all files of the article at once; the downloader keeps the pace."""
        if isinstance(item, PageItem) and (article := _article_of(item)) is not None:
            named = [(ref.url, FileRole.IMAGE) for ref in article.images if not is_pasted(ref.url)]
            named += [(ref.url, FileRole.ATTACHMENT) for ref in article.attachments]
            try:
                wanted = await self._obtain_new(named)
            except Exception:
                self._drop_if_broken()
                raise
            if wanted and self._is_ending:
                why = f"{item.asked}: left to the next run, since this one is asked to stop"
                raise DropItem(why, log_level="DEBUG")
        return item

    async def _obtain_new(self, named: list[tuple[str, FileRole]]) -> list[tuple[str, FileRole]]:
        """Fetch and return those of an article's files that are not known, as far as the night's bounds allow."""
        known = await self._run.writer.known_files(named) if named else set()
        new = [key for key in dict.fromkeys(named) if key not in known]
        wanted = self._run.bounds.take_files(new)
        await asyncio.gather(*(self._obtain_once(url, role) for url, role in wanted))
        return wanted

    @property
    def _is_ending(self) -> bool:
        return not self._crawler.crawling or self._run.is_ending

    async def _obtain_once(self, url: str, role: FileRole) -> None:
        """Fetch a file, or wait for another article that is fetching it."""
        key = (url, role.value)
        if key not in self._under_way:
            self._run.asked_files.add(key)
            self._under_way[key] = asyncio.ensure_future(self._obtain(url, role))
        await asyncio.shield(self._under_way[key])

    async def _obtain(self, url: str, role: FileRole) -> None:
        run = self._run
        if self._is_ending:
            return
        address = todays_address(url, run.profile)
        if not is_allowed_host(address, run.profile):
            await self._fail(url, role, kind="foreign-host", message=say("file-off-host"), capture=None)
            return
        request = Request(address, meta={"asked": url, "download_maxsize": run.profile.limits.of_file(role)})
        assert self._crawler.engine is not None
        try:
            response = await self._crawler.engine.download_async(request)
        except Exception as error:  # every failure is recorded by its kind
            kind, message = failure_kind(error)
            if kind == HOST_DOWN or run.breakers.is_down(url):
                run.skip_file(url, role)
            if kind != STOPPING:
                await self._fail(url, role, kind=kind, message=message, capture=refused_capture(error))
            return
        assert response.request is not None
        capture: Capture = response.request.meta["capture"]
        if response.status != 200:
            said = say("answered", status=response.status)
            await self._fail(url, role, kind=f"http-{response.status}", message=said, capture=capture)
            return
        await self._read(url, role, answer=answer_of(response), capture=capture)

    async def _read(self, url: str, role: FileRole, *, answer: Answer, capture: Capture) -> None:
        """Read an answer as a file, and store it or the reason why it is not one."""
        run = self._run
        try:
            reading = await run.parser.read_file(answer, role, asked=url)
        except ReadingError as error:
            if error.kind != STOPPING:
                await self._fail(url, role, kind=error.kind, message=error.sentence, capture=capture)
            return
        finally:
            if answer.spooled is not None:
                answer.spooled.discard()
        await run.writer.apply_file(FileRead(capture.record_id, role.value, url, READER_VERSION), reading)

    async def _fail(self, url: str, role: FileRole, *, kind: str, message: Sentence, capture: Capture | None) -> None:
        failed = _failed(self._run, url, kind=kind, message=message, role=role.value, capture=capture)
        await self._run.writer.fail(failed)


class StorePipeline(_Pipeline):
    """Gives every item to the run writer, which stores it with its frontier entry in one transaction."""

    async def process_item(self, item: Item) -> Item:
        """Store an item, and wait until the writer process has done so."""
        try:
            await self._store(item)
        except Exception:
            self._drop_if_broken()
            raise
        return item

    async def _store(self, item: Item) -> None:
        writer = self._run.writer
        if isinstance(item, PageItem):
            entry = PageRead(
                item.capture.record_id, item.purpose.value, item.asked, item.listing, item.page, chain=item.chain,
                reader=READER_VERSION,
            )  # fmt: skip
            await writer.apply_page(entry, item.reading, addresses=item.addresses)
        elif isinstance(item, FileItem):
            read = FileRead(item.capture.record_id, item.role.value, item.asked, READER_VERSION)
            await writer.apply_file(read, item.reading)
        elif isinstance(item, FailureItem):
            failed = _failed(
                self._run, item.url, kind=item.kind, message=item.message, role=item.role, capture=item.capture
            )
            await writer.fail(failed)
        else:
            walked = walk_entry(writer.crawl_id, to_iso_utc(settings.clock()), walk=item)
            await writer.walked(walked)


def _failed(run: PortalSpider, url: str, *, kind: str, message: Sentence, role: str, capture: Capture | None) -> Failed:
    return Failed(
        run.writer.crawl_id,
        url,
        to_iso_utc(settings.clock()),
        kind,
        message,
        role,
        capture.record_id if capture else None,
        attempted=capture is None and kind not in NOT_SENT_KINDS,
    )
