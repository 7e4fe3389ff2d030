"""What travels between the rooms: frozen dataclasses, no behaviour beyond derived values.

A *reading* is what a page says: it holds no ids and no clock. Dates are plain dates in the portal's zone,
times are aware.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

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


class FrontierState(StrEnum):
    """What is known of an address to fetch: `frontier.state`."""

    PENDING = "pending"  # to be fetched
    DONE = "done"  # held
    FAILED = "failed"  # tried without success; tried again the next night
    GAP = "gap"  # failed on several nights; tried more and more rarely
    MISSED = "missed"  # held, and answered as gone
    DEAD = "dead"  # a file that failed once; not asked for every night


class AddressKind(StrEnum):
    """What an address of a portal names, judged by its form alone."""

    HOME = "home"
    CATEGORY = "category"
    ARTICLE = "article"
    OLD_ARTICLE = "old-article"
    DOCUMENTS = "documents"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Address:
    """One address of the portal: absolute, on the portal's own scheme and host, without trackers.

    `source_id` is the portal's own id in a two-level article address (digits), or the article number of an
    old-scheme one prefixed by nothing; None for everything else. Slugs are as they stand in the address.
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
    """A publication date and where it stood: `page`, `listing`, `box`, `rss` or `file-name`.

    `at` is set only where the source gave a time of day; it is aware, in the portal's zone.
    """

    on: date
    source: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """An article address that a page names, with what stood beside it."""

    address: Address
    title: str | None = None
    summary: str | None = None
    date: FoundDate | None = None


@dataclass(frozen=True, slots=True)
class Pager:
    """How the next pages of a listing are asked for, as the page's own script says.

    `fields` are the form fields in the script's order, `page_field` the name of the one that counts
    (1-based), `max_page` the number of pages announced, or None where nothing announces it.
    """

    endpoint: str
    fields: tuple[tuple[str, str], ...]
    page_field: str
    max_page: int | None


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a listing: its rows in order, and on page 1 its title and pager.

    `has_unread_pages` says that the page shows numbers of further pages, but no script that says how to ask for
    them.
    """

    url: str
    title: str | None
    rows: tuple[Link, ...]
    pager: Pager | None
    has_unread_pages: bool = False


@dataclass(frozen=True, slots=True)
class ImageRef:
    """An image of an article's content, in order; `caption` is the paragraph that belongs to it."""

    url: str
    caption: str | None = None


@dataclass(frozen=True, slots=True)
class AttachmentRef:
    """A file that an article offers, with the words it is offered by."""

    url: str
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """What an article page says, letter for letter in the contract's normal form.

    `dates` are all dates the page itself yields (`page`, and `file-name` of its own files).
    `summary` is None where the page has none of its own. `body` parts paragraphs by a blank line.
    `canonical` is the address the page gives as its own, if it gives one.
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


class FileRole(StrEnum):
    """What a file is fetched for."""

    IMAGE = "image"
    ATTACHMENT = "attachment"
    REQUISITE = "requisite"


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer, as near to the wire as the engine gives it.

    Header lists keep repeats. `body` is as transferred: content encoding kept, transfer encoding gone.
    """

    url: str
    method: str
    request_headers: tuple[tuple[bytes, bytes], ...]
    request_body: bytes
    fetched_at: datetime
    status: int
    response_headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    protocol: str = "HTTP/1.1"
    ip_address: str | None = None
    truncated: str | None = None


@dataclass(frozen=True, slots=True)
class Capture:
    """A row of `captures`: where an exchange lies in the WARC files. `id` follows the order of writing."""

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


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a page is no article or a file is not what it should be: the kind and message of its crawl_error."""

    kind: str
    message: Sentence


@dataclass(frozen=True, slots=True)
class PortalIdentity:
    """What names a portal on its home page: its title, site ids, tenants of its files, and its menu's slugs."""

    title: str | None
    site_ids: tuple[str, ...]
    tenants: tuple[str, ...]
    menu: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PageReading:
    """All that one captured page says, whatever it was fetched for; parts that do not apply are empty."""

    article: Article | None = None
    listing: Listing | None = None
    refusal: Refusal | None = None
    links: tuple[Link, ...] = ()
    menu: tuple[Link, ...] = ()
    feeds: tuple[str, ...] = ()
    requisites: tuple[str, ...] = ()
    identity: PortalIdentity | None = None


@dataclass(frozen=True, slots=True)
class FileReading:
    """What a captured file is: digest and size of its decoded bytes, and for images their dimensions in pixels.

    `thumbnail` is a small JPEG, None where the image cannot be drawn; `requisites` are the addresses a
    stylesheet needs. With a refusal, nothing else counts.
    """

    sha256: str
    media_type: str
    size_bytes: int
    width: int | None = None
    height: int | None = None
    thumbnail: bytes | None = None
    requisites: tuple[str, ...] = ()
    refusal: Refusal | None = None


class Purpose(StrEnum):
    """What a page is fetched for, and so how it is read.

    A `menu` page may turn out to be a listing or not; a `listing` must be one. A `probe` is an address that names
    nothing: it teaches what this portal answers for it.
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
    """A page on its way from the spider to the store: its capture, its reading, what it was asked for as.

    `asked` is the address first asked for; `addresses` are the article addresses it answered to. `listing`
    and `page` say of which listing it is which page (from 1). `is_retry` marks an address that an earlier run
    could not have, or found gone.
    """

    capture: Capture
    purpose: Purpose
    asked: str
    reading: PageReading
    addresses: tuple[Address, ...] = ()
    listing: str | None = None
    page: int | None = None
    is_retry: bool = False


@dataclass(frozen=True, slots=True)
class FileItem:
    """A page requisite on its way from the spider to the store."""

    capture: Capture
    asked: str
    reading: FileReading


@dataclass(frozen=True, slots=True)
class FailureItem:
    """Something that could not be had, on its way to the store. `role` is the purpose or file role it had."""

    url: str
    kind: str
    message: Sentence
    role: str
    capture: Capture | None = None


@dataclass(frozen=True, slots=True)
class WalkItem:
    """How far a listing was read: pages announced and read, distinct rows, and what is missing.

    `whole` says that it was read to its end, with nothing missing and nothing moving meanwhile; `to_end` only
    that it was not cut short at what is known.
    """

    url: str
    pages_announced: int | None
    pages_read: int
    rows_seen: int
    missing: tuple[Sentence, ...]
    whole: bool
    to_end: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a reading needs of a response: its address, body as transferred, and two headers."""

    url: str
    body: bytes
    content_type: str | None
    content_encoding: str | None

    @property
    def media_type(self) -> str | None:
        """The stated media type without parameters, lower case."""
        return (self.content_type or "").partition(";")[0].strip().lower() or None
