"""The values that rooms pass to each other: frozen dataclasses and enums, with derived values only.

A *reading* is the content of a page, without ids and without a clock. Dates are plain dates in the portal's zone, times
are aware.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from crawler.body import Body
from crawler.page_marks import PageForm, PageMarks
from crawler.sentences import Sentence


class Outcome(StrEnum):
    """What a run came to: `crawls.outcome`. Each has an exit code (`exit_codes`)."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    SUSPECT = "suspect"
    FAILED = "failed"
    INTERRUPTED = "interrupted"
    RUNNING = "running"


# Outcomes after which a night is not tried again.
SETTLED_OUTCOMES = (Outcome.COMPLETE, Outcome.PARTIAL, Outcome.SUSPECT)


class ArticleState(StrEnum):
    """Whether a held article is still on the portal: `articles.state`."""

    LIVE = "live"
    SUSPECT = "suspect"
    REMOVED = "removed"


class EventKind(StrEnum):
    """What happened to an article: `article_events.kind`."""

    FOUND = "found"
    REVISED = "revised"
    UNLISTED = "unlisted"
    LISTED = "listed"
    MISSED = "missed"
    REMOVED = "removed"
    RETURNED = "returned"
    MERGED = "merged"
    COMPLETED = "completed"
    DECIDED = "decided"


class FrontierState(StrEnum):
    """What is known of an address to fetch: `frontier.state`."""

    PENDING = "pending"  # to be fetched
    DONE = "done"  # held
    FAILED = "failed"  # tried without success; tried again the next night
    GAP = "gap"  # failed on several nights; tried more and more rarely
    MISSED = "missed"  # held, and answered as gone
    DEAD = "dead"  # a file that failed; `file_looks` says when it is tried again


class AddressKind(StrEnum):
    """The kind of an address of a portal, by its form alone."""

    HOME = "home"
    CATEGORY = "category"
    ARTICLE = "article"
    OLD_ARTICLE = "old-article"
    PAGE = "page"  # two to four levels without an id: `/gioi-thieu/lich-su`
    DOCUMENTS = "documents"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    """An address of the portal: absolute, with the portal's own scheme and host, without trackers.

    `source_id` is the portal's own id in a two-level article address (digits), or the article number of an old-scheme
    address; None for everything else. Slugs are unchanged.
    """

    url: str
    kind: AddressKind
    source_id: str | None = None
    category_slug: str | None = None
    title_slug: str | None = None

    @property
    def is_article(self) -> bool:
        """True for both address schemes of an article."""
        return self.kind in (AddressKind.ARTICLE, AddressKind.OLD_ARTICLE)


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A publication date and its source: `page`, `listing`, `box`, `rss` or `file-name`.

    `at` is set only if the source gives a time of day. It is aware, in the portal's zone.
    """

    on: date
    source: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An article address in a page, with title, summary and date beside it."""

    address: Address
    title: str | None = None
    summary: str | None = None
    date: FoundDate | None = None


@dataclass(frozen=True, slots=True)
class Pager:
    """How to request the next pages of a listing, by the page's own script.

    `fields` are the form fields in the script's order, `page_field` is the name of the page number's field (from 1),
    `max_page` the announced number of pages, None if not announced.
    """

    endpoint: str
    fields: tuple[tuple[str, str], ...]
    page_field: str
    max_page: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a listing: its rows in order, and on page 1 title and pager.

    `has_unread_pages`: the page shows numbers of further pages, but no script that requests them. `unknown_rows`: the
    targets of rows whose address has no known form.
    """

    url: str
    title: str | None
    rows: tuple[Link, ...]
    pager: Pager | None
    has_unread_pages: bool = False
    unknown_rows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image in an article. `caption` is the paragraph that belongs to it."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """A file that an article offers, with the words of its link."""

    url: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """The content of an article page, letter for letter in the contract's normal form.

    `dates` are all dates of the page itself (`page`, and `file-name` of its own files). `summary` is None if the page
    has none of its own. In `body` a blank line separates paragraphs. `canonical` is the address that the page states as
    its own, if any. `rows` are the paragraphs of the body that are in a table of several columns.
    """

    title: str
    summary: str | None
    body: str
    body_html: str
    byline: str | None
    source: str | None
    dates: tuple[FoundDate, ...]
    images: tuple[ImageRef, ...]
    attachments: tuple[AttachmentRef, ...]
    category_slug: str | None
    category_title: str | None
    canonical: Address | None = None
    rows: tuple[str, ...] = ()


class FileRole(StrEnum):
    """The purpose of a fetched file."""

    IMAGE = "image"
    ATTACHMENT = "attachment"
    REQUISITE = "requisite"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer, byte for byte as on the wire.

    `url` has no fragment. A head is its first line, header lines and blank line; `request_head` as sent, at
    `fetched_at`; `response_head` as it came, or what came of it, without interim heads (1xx). It is empty for an answer
    without a status line, whose bytes are all body. `status` is what `media.http_head.parse_head` reads from it, 0 for
    none. `body` has its transfer coding and content coding. `ip_address` is the one connected to. `truncated` is None
    for a whole answer, else `length`, `time`, `disconnect` or `unspecified` (WARC 1.1).
    """

    url: str
    method: str
    request_head: bytes
    request_body: bytes
    fetched_at: datetime
    status: int
    response_head: bytes
    body: Body
    ip_address: str | None = None
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """A row of `captures`: the place of an exchange in the WARC files. Ids follow the order of writing.

    `warc_date` is the WARC-Date of its record, with milliseconds; None if it is `fetched_at`, as older versions wrote.
    """

    id: int
    record_id: str
    crawl_id: int
    url: str
    method: str
    request_sha256: str | None
    fetched_at: str
    status: int
    media_type: str | None
    payload_sha256: str
    warc_file: str
    warc_offset: int
    warc_length: int
    record_type: str = "response"
    truncated: str | None = None
    warc_date: str | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page or file is not what it should be, as in `crawl_errors`. `former` is what else rules 1 made of it."""

    kind: str
    message: Sentence
    former: "Refusal | None" = None


@dataclass(frozen=True, slots=True)
class PortalIdentity:
    """The identity of a portal on its home page: title, site ids, tenants of its files, and slugs of its menu."""

    title: str | None
    site_ids: tuple[str, ...]
    tenants: tuple[str, ...]
    menu: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileReading:
    """What a captured file is: digest and size of its decoded bytes, and dimensions of an image in pixels.

    `requisites` are a stylesheet's, `name` is as stated. `undrawn`: too dear to draw. A refusal voids all other fields.
    """

    sha256: str
    media_type: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    thumbnail: bytes | None = None
    requisites: tuple[str, ...] = ()
    refusal: Refusal | None = None
    name: str | None = None
    lacks_end: bool = False
    undrawn: bool = False


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that a captured page says, for every purpose. Parts that do not apply are empty.

    `form` is of an answer to be compared, `pasted` the pictures in the page by address, `unkept` kinds and addresses.
    `unnoted` counts links and requisites above the bound of a page.
    """

    article: Article | None = None
    marks: PageMarks = field(default_factory=PageMarks)
    listing: Listing | None = None
    refusal: Refusal | None = None
    links: tuple[Link, ...] = ()
    menu: tuple[Link, ...] = ()
    feeds: tuple[str, ...] = ()
    requisites: tuple[str, ...] = ()
    identity: PortalIdentity | None = None
    form: PageForm | None = None
    pasted: tuple[tuple[str, FileReading], ...] = ()
    unkept: tuple[tuple[str, str], ...] = ()
    unnoted: int = 0


class Purpose(StrEnum):
    """The purpose of a fetched page; it decides how the page is read.

    A `menu` page may be a listing or not, a `listing` must be one. A `probe` names nothing: it shows the soft 404.
    """

    HOME = "home"
    MENU = "menu"
    LISTING = "listing"
    ARTICLE = "article"
    PROBE = "probe"
    FEED = "feed"
    REQUISITE = "requisite"


@dataclass(frozen=True, slots=True)
class PageItem:
    """A page on its way from the spider to the store: its capture, purpose and reading.

    `asked` is the requested address, before redirects. `addresses` are the article addresses that lead to the page.
    `listing` and `page` are its listing and number in it (from 1). `is_retry` marks an address that failed or was gone
    in an earlier run, or that no listing names: it is not a sign about the layout. `chain` are the statuses of the
    answers that led to the page.
    """

    capture: Capture
    purpose: Purpose
    asked: str
    reading: PageReading
    addresses: tuple[Address, ...] = ()
    listing: str | None = None
    page: int | None = None
    is_retry: bool = False
    chain: str = ""


@dataclass(frozen=True, slots=True)
class FileItem:
    """A page requisite, or a file that was asked for again, on its way from the spider to the store."""

    capture: Capture
    asked: str
    reading: FileReading
    role: FileRole


@dataclass(frozen=True, slots=True)
class FailureItem:
    """A failed request on its way to the store. `role` is its purpose or file role."""

    url: str
    kind: str
    message: Sentence
    role: str
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading needs of a response, the body as transferred. `is_cut`: it ends early, and is read even so.

    `disposition` is its `Content-Disposition`. A large body is in `spooled` instead, with its `transfer_encoding`.
    """

    url: str
    body: bytes
    content_type: str | None
    content_encoding: str | None
    is_cut: bool = False
    spooled: Body | None = None
    transfer_encoding: str | None = None
    disposition: str | None = None

    @property
    def media_type(self) -> str | None:
        """The stated media type in lower case, without parameters."""
        return (self.content_type or "").partition(";")[0].strip().lower() or None
