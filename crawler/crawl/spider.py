"""One spider for every profile: it asks the archive's frontier what to fetch, and yields what it reads.

A run goes in rounds. The first round is the home page and the first pages of the listings. Whenever no request is
under way, the next round takes more pages of the listings, and beside them what the frontier holds by then: articles,
in the end page requisites. The table is the only queue, so the next run after a crash begins with what is left in it.
"""

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy.crawler import Crawler
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.addresses import todays_address
from crawler.archive.controls.controls import root_control
from crawler.archive.frontier.frontier import FrontierEntry, Lane
from crawler.crawl import outcomes
from crawler.crawl.breakers import HOST_DOWN, Breakers
from crawler.crawl.download.profile_settings import apply_profile
from crawler.crawl.listings import beginnings
from crawler.crawl.listings.listing_walk import ListingWalk
from crawler.crawl.listings.walk_item import WalkItem
from crawler.crawl.night_bounds import ROUND_ENTRIES, NightBounds
from crawler.crawl.parser_process import responses
from crawler.crawl.parser_process.client import ParserProcess
from crawler.crawl.replaced_files import ReplacedFiles
from crawler.crawl.summary import RunSummary
from crawler.crawl.writer_process.client import WriterProcess
from crawler.crawl.writer_process.opening import open_archive
from crawler.errors import WrongUseError
from crawler.extract.menu.spellings import find_spellings
from crawler.fleet.shared_politeness import politeness_of
from crawler.items import Capture, FailureItem, FileItem, FileRole, FrontierState, PageItem, Pager, Purpose
from crawler.politeness.politeness import Politeness
from crawler.profile import Profile, load_profile
from crawler.sentences import Sentence, say

if TYPE_CHECKING:
    from crawler.archive.run_queries import RunQueries

Yield = scrapy.Request | PageItem | FileItem | FailureItem | WalkItem

DEAD_LINK_STATUSES = (404, 410)  # of a menu: no failed listing, if it was not a list lately
MOST_FEEDS = 20  # portals of this CMS have one; what feeds name is named elsewhere, too


class PortalSpider(scrapy.Spider):
    """Crawls the portal that the argument `portal` names: a bundled profile, or a TOML file."""

    name = "portal"
    writer: WriterProcess
    queries: "RunQueries"
    parser: ParserProcess
    profile: Profile
    walks: dict[str, ListingWalk]
    asked: set[str]
    asked_files: set[tuple[str, str]]
    breakers: Breakers
    politeness: Politeness | None  # None for an archive that is in no fleet
    bounds: NightBounds
    replaced: ReplacedFiles
    waiting: list[scrapy.Request]  # pages of listings, for the next round
    every_file: bool
    has_controlled = False
    is_ending = False  # at a limit: no new request is made
    home: outcomes.HomeFindings
    robots_text = ""
    summary: RunSummary | None = None
    single_listings = 0

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Read the profile, lock the archive, adopt what a dead run left, begin the run.

        `parser` and `writer` may be processes that are started already. WrongUseError if no portal is named.
        """
        portal, parser, writer = (kwargs.pop(name, None) for name in ("portal", "parser", "writer"))
        if not portal:
            raise WrongUseError("say which portal: -a portal=NAME or -a portal=FILE.toml")
        profile = load_profile(portal)
        apply_profile(crawler.settings, profile)
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.profile = profile
        spider.walks, spider.home, spider.asked, spider.asked_files = {}, outcomes.HomeFindings(), set(), set()
        spider.bounds, spider.waiting = (NightBounds(profile.limits, articles=crawler.settings.getint("LIMIT")), [])
        own, spider.politeness = urlsplit(profile.base_url).netloc.lower(), politeness_of(crawler.settings["ARCHIVE"])
        spider.breakers = Breakers.from_settings(crawler.settings, own, politeness=spider.politeness)
        spider.every_file = crawler.settings.getbool("FILES")
        spider.writer, spider.parser = writer or WriterProcess(), parser or ParserProcess(profile)
        if not spider.writer.is_open:
            open_archive(spider.writer, profile, scrapy_settings=crawler.settings)
        captures, torn_bytes = spider.writer.begin()
        if captures or torn_bytes:
            spider.logger.warning(
                "a run that died left %d captures without rows (now in the archive) and %d bytes of a torn record",
                captures, torn_bytes,
            )  # fmt: skip
        spider.queries = spider.writer.queries
        spider.replaced = ReplacedFiles(spider.queries, crawl_id=spider.writer.crawl_id)
        return spider

    async def start(self) -> AsyncIterator[Any]:
        """Ask for the home page first: it shows whether the host still shows this portal."""
        yield self._page_request(self.profile.base_url, Purpose.HOME)

    @property
    def is_over(self) -> bool:
        """True if the home page shows that nothing more is asked of the host."""
        home = self.home
        if home.handover is not None or home.other_system is not None:
            return True
        return home.other is not None and self.profile.listings is None and not self.queries.holds_articles()

    def next_round(self) -> list[scrapy.Request]:
        """Return requests for more pages of the listings, and for the frontier's entries that this run may ask for.

        Page requisites come after the articles, since many of them are pictures of articles; then the files to ask for
        again.
        """
        if self.is_over:
            return []
        waiting, self.waiting = self.waiting, []
        self.bounds.begin_round()
        requests = waiting + [self._entry_request(entry) for entry in self._due_entries(is_beside=bool(waiting))]
        if requests:
            return requests
        controls = [url for url in self.queries.absence_controls() if url not in self.asked]
        requests = [self._page_request(url, Purpose.PROBE) for url in controls]
        requests = requests or self._control_requests() or self.replaced.control_requests(self._file_request)
        return requests or self._look_again_at_files() or self.breakers.take_skipped()

    def _due_entries(self, *, is_beside: bool) -> list[FrontierEntry]:
        """Return the next entries of the frontier that this run has not asked for yet."""
        while entries := self.queries.due(self.bounds.allowance(is_beside=is_beside)):
            fresh = [entry for entry in entries if entry.is_again or entry.url not in self.asked]
            self.bounds.note(fresh)
            if fresh:
                return fresh
        return []

    def _look_again_at_files(self) -> list[scrapy.Request]:
        """Return requests for the files that are due and that this run has not requested yet."""
        due = self.queries.due_files(every_file=self.every_file)
        looks = [look for look in due if (look.url, look.role.value) not in self.asked_files][:ROUND_ENTRIES]
        requests = []
        for look in looks:
            headers = self.queries.file_validators(look.url, look.role) if look.is_conditional else {}
            requests.append(self._file_request(look.url, look.role, headers=headers))
        return requests

    def skip_file(self, url: str, role: FileRole) -> None:
        """Ask for a file once more at the end of the run, since its host is down."""
        self.breakers.skip(self._file_request(url, role))

    def _control_requests(self) -> list[scrapy.Request]:
        """Return the requests of the control checks; empty after the first call of a run.

        Others must answer before a removal is certain. Listings that named the article, or left the menu, are walked.
        """
        if self.has_controlled:
            return []
        self.has_controlled = True
        requests = [self._page_request(url, Purpose.ARTICLE) for url in self.queries.controls()]
        walks = beginnings.begin_doubtful(self.queries, profile=self.profile)
        left = [] if self.home.failure else beginnings.begin_left(self.queries, self.asked, profile=self.profile)
        walks += [walk for walk in left if self.bounds.has_room_for([walk.url])]
        return requests + [self._listing_request(walk.url, Purpose.MENU, walk=walk) for walk in walks]

    async def parse_page(self, response: Response) -> AsyncIterator[Yield]:
        """Read a home page, an article or a feed."""
        purpose = Purpose(response.meta["purpose"])
        item: PageItem | FailureItem | None
        if response.status == 200 or purpose is Purpose.PROBE:
            item = await self._read(response, purpose)
        else:
            item = await responses.refuse_page(self.parser, response, purpose=purpose, profile=self.profile)
        if item is not None:
            yield item
        if isinstance(item, PageItem) and purpose is Purpose.HOME:
            self.home.other, failure = await responses.ask_of_home(self.parser, response, robots=self.robots_text)
            if failure is not None:
                yield failure
        for request in self._after_page(item, response):
            yield request

    def _after_page(self, item: PageItem | FailureItem | None, response: Response) -> Iterator[Yield]:
        """Ask a probe once more, and go on from a home page, also from one that could not be read."""
        purpose = response.meta["purpose"]
        if isinstance(item, FailureItem) and purpose == Purpose.HOME:
            status = response.status
            self.home.failure = say("it-answered", status=status) if status != 200 else item.message
            yield from self._begin_walks(None)
        elif isinstance(item, PageItem) and purpose == Purpose.HOME:
            yield from self._after_home(item)
        elif isinstance(item, PageItem) and purpose == Purpose.PROBE and not response.meta.get("is_again"):
            # What differs between two askings varies by itself.
            again = self._page_request(item.asked, Purpose.PROBE).replace(priority=20)
            again.meta["is_again"] = True
            yield again

    async def parse_entry(self, response: Response) -> AsyncIterator[Yield]:
        """Read an entry of the menu only as an article: its list is walked elsewhere, or not at all."""
        if response.status != 200:
            yield responses.refuse_status(response, Purpose.MENU)
            return
        item = await self._read(response, Purpose.MENU)
        if item is not None:
            yield item
        for request in self._entry_requests(item) if isinstance(item, PageItem) else ():
            yield request

    async def parse_listing(self, response: Response) -> AsyncIterator[Yield]:
        """Read a page of a listing, and ask for the next page."""
        purpose, page, walk = Purpose(response.meta["purpose"]), response.meta["page"], response.meta["walk"]
        if response.status != 200:
            yield responses.refuse_status(response, purpose)
            if purpose is Purpose.MENU and response.status in DEAD_LINK_STATUSES and not walk.was_list:
                return
            for following in self._miss(response.meta, say("answered", status=response.status), status=response.status):
                yield following
            return
        # Every answer of the pager is a fragment, also its page 1.
        as_page = page if response.request is not None and response.request.method == "GET" else max(page, 2)
        item = await self._read(response, purpose, listing=walk.url, page=as_page)
        beginnings.tell_known(walk, item, queries=self.queries)
        if item is not None:
            yield item
        for following in self._after_listing(item, response.meta):
            yield following

    async def parse_file(self, response: Response) -> AsyncIterator[Yield]:
        """Examine a page requisite, or a file that was asked for again."""
        role, asked = FileRole(response.meta["purpose"]), response.meta["asked"]
        capture: Capture = response.meta["capture"]
        # A 304 to a plain request confirms nothing.
        is_asked = bool(response.meta["is_conditional"])
        is_confirmed = response.status == 304 and capture.record_type == "revisit" and is_asked
        if response.status != 200 and not is_confirmed:
            if is_asked:
                # Some servers fail on conditional requests.
                yield self._file_request(asked, role)
            else:
                yield responses.refuse_status(response, role)
            return
        answer = self.queries.answer(capture) if is_confirmed else outcomes.answer_of(response)
        if answer is None:
            yield self._file_request(asked, role)  # the 304 confirms bytes that a damaged record no longer gives
            return
        examined = await responses.examine_response(self.parser, answer, role=role, response=response)
        if examined is not None and not self.replaced.hold(examined):
            yield examined

    def give_up(self, failure: Failure) -> Iterator[Yield]:
        """Record a failed request; a walk goes on with the page after it. A stop is not a failure."""
        request: scrapy.Request = vars(failure)["request"]  # set by Scrapy on every download failure
        error = cast(BaseException, failure.value)
        kind, message = outcomes.failure_kind(error)
        if kind == outcomes.STOPPING:
            return
        if request.meta.get("is_conditional") and kind not in outcomes.NOT_SENT_KINDS:
            yield self._file_request(request.meta["asked"], FileRole(request.meta["purpose"]))
            return
        if (kind == HOST_DOWN or self.breakers.is_down(request.url)) and "walk" not in request.meta:
            self.breakers.skip(request)
        yield FailureItem(
            request.meta["asked"], kind, message, request.meta["purpose"], outcomes.refused_capture(error)
        )
        if request.meta["purpose"] == Purpose.HOME:
            self.home.failure = message
            yield from self._begin_walks(None)
        if "walk" in request.meta:
            yield from self._miss(request.meta, message)

    def _miss(self, meta: dict[str, Any], why: Sentence, *, status: int = 0) -> Iterator[Yield]:
        """Note that a page of a listing could not be fetched or read, and ask for the next page."""
        walk: ListingWalk = meta["walk"]
        walk.miss(meta["page"], why, status=status)
        self.walks[walk.url] = walk
        yield from self._go_on(walk, meta["page"], closing=meta["closing"])

    def _after_home(self, item: PageItem) -> Iterator[Yield]:
        if item.reading.identity is not None:
            self.home.handover = self.queries.portal_change(item.reading.identity, item.reading.links)
        if self.home.handover is not None:
            self.logger.error("%s: %s; nothing more is asked of it", self.profile.name, self.home.handover)
        if self.is_over:
            return
        for feed in item.reading.feeds[:MOST_FEEDS]:
            yield self._page_request(feed, Purpose.FEED)
        yield from self._begin_walks(item)

    def _after_listing(self, item: PageItem | FailureItem | None, meta: dict[str, Any]) -> Iterator[Yield]:
        if not isinstance(item, PageItem):
            yield from self._miss(meta, item.message, status=200) if item is not None else ()
            return
        walk, page = meta["walk"], meta["page"]
        yield from self._entry_requests(item)
        if beginnings.is_single_page(walk, item):
            self.single_listings += item.purpose is Purpose.LISTING
            return
        if beginnings.is_given_up(walk, item):
            return
        beginnings.take_page(walk, item, page=page)
        self.walks[walk.url] = walk
        yield from self._go_on(walk, page, closing=meta["closing"])

    def _begin_walks(self, home: PageItem | None) -> Iterator[Yield]:
        """Ask for the listings (of the profile, else of the menu), and for an address that names nothing."""
        yield self._page_request(root_control(self.profile, self.writer.crawl_id), Purpose.PROBE).replace(priority=20)
        if self.profile.listings is not None:
            for path in self.profile.listings:
                yield self._listing_request(urljoin(self.profile.base_url, path), Purpose.LISTING)
        if home is not None:
            yield from self._entry_requests(home)

    def _entry_requests(self, item: PageItem) -> Iterator[scrapy.Request]:
        """Ask for entries of the menu. Where the profile names the listings, no other entry is walked."""
        spellings = find_spellings(item.reading.menu)
        menu = beginnings.choose_new(item.reading.menu, spellings, asked=self.asked)
        is_too_long = not self.bounds.has_room_for([link.address.url for link in menu])
        known = self.queries.known_entries() if is_too_long else frozenset[str]()
        for link in self.bounds.take_entries(menu, beside=item.reading.links, known=known, turn=self.writer.crawl_id):
            if link.address.url in spellings or self.profile.listings is not None:
                yield self._page_request(link.address.url, Purpose.MENU).replace(callback=self.parse_entry)
            else:
                yield self._listing_request(link.address.url, Purpose.MENU)

    def _go_on(self, walk: ListingWalk, page: int, *, closing: bool) -> Iterator[Yield]:
        """Ask for the page after `page`, or for page 1 again at the end. A finished walk yields its report."""
        if closing:
            yield walk.finish()
            return
        beginnings.tell_all_known(walk, self.queries)
        following = walk.next_page(page)
        if following is not None and walk.pager is not None:
            request = self._pager_request(walk, walk.pager, page=following)
            if self.bounds.may_go_on(walk.url):
                yield request
            else:
                self.waiting.append(request)
        elif walk.needs_first_page_again():
            yield self._listing_request(walk.url, Purpose.LISTING, walk=walk, closing=True)
        else:
            yield walk.finish()

    async def _read(
        self, response: Response, purpose: Purpose, *, listing: str | None = None, page: int | None = None
    ) -> PageItem | FailureItem | None:
        item = await responses.read_response(self.parser, response, purpose=purpose, listing=listing, page=page)
        if isinstance(item, PageItem):
            self.bounds.note_named(item.reading)
        return item

    def _page_request(self, url: str, purpose: Purpose) -> scrapy.Request:
        self.asked.add(url)
        return scrapy.Request(
            url,
            callback=self.parse_page,
            errback=self.give_up,
            dont_filter=True,
            meta={"asked": url, "purpose": purpose.value, "download_maxsize": self.profile.limits.page_bytes},
        )

    def _entry_request(self, entry: FrontierEntry) -> scrapy.Request:
        if entry.purpose is Purpose.REQUISITE:
            return self._file_request(entry.url, FileRole.REQUISITE)
        request = self._page_request(entry.url, entry.purpose)
        failed_before = entry.state in (FrontierState.FAILED, FrontierState.GAP, FrontierState.MISSED)
        request.meta["is_retry"] = failed_before or entry.lane is Lane.LINK
        return request

    def _listing_request(
        self, url: str, purpose: Purpose, *, walk: ListingWalk | None = None, closing: bool = False
    ) -> scrapy.Request:
        request = self._page_request(url, purpose).replace(callback=self.parse_listing, priority=10)
        begun = walk or beginnings.begin_walk(url, self.queries, profile=self.profile, whole=self.writer.full)
        request.meta.update(walk=begun, page=1, closing=closing)
        return request

    def _pager_request(self, walk: ListingWalk, pager: Pager, *, page: int) -> scrapy.Request:
        request = self._listing_request(walk.url, Purpose.LISTING, walk=walk)
        request.meta.update(page=page, dont_redirect=True)
        return cast(scrapy.Request, request.replace(**beginnings.ask_pager(pager, page=page, referer=walk.referer)))

    def _file_request(self, url: str, role: FileRole, *, headers: dict[str, str] | None = None) -> scrapy.Request:
        self.asked_files.add((url, role.value))
        request = self._page_request(url, Purpose.REQUISITE)
        request.headers.update(headers or {})
        request.meta.update(
            purpose=role.value, download_maxsize=self.profile.limits.of_file(role), is_conditional=bool(headers)
        )
        return request.replace(url=todays_address(url, self.profile), callback=self.parse_file, priority=-10)


def run_of(crawler: Crawler) -> PortalSpider:
    """Return the spider of a crawler. It holds what belongs to the run: profile, archive, parser, walks."""
    return cast(PortalSpider, crawler.spider)
