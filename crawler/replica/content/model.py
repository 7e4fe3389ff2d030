"""The parts of an article of the replica, before they become HTML."""

from dataclasses import dataclass, field
from datetime import date, datetime

BOLD_START, BOLD_END = "\x02", "\x03"
REPLACED = "/again/"


@dataclass(frozen=True)
class ListingPlan:
    """One listing of the portal, and the skin, build and other traits of its page.

    `build` chooses the script and the fields of its pager. `summary_chars` 0 shows summaries whole.
    """

    slug: str
    title: str
    number: int
    page_number: int
    share: float
    topic: str
    skin: str
    build: str
    page_size: int
    dated: bool
    summary_chars: int
    old_links: float
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class OlderRow:
    """A row of a listing below its articles. The portal has no page for its path."""

    path: str
    title: str
    posted_at: datetime


@dataclass(frozen=True)
class Upload:
    """A picture or document on a host.

    Attributes:
        path: decoded path, without host.
        host: `files`, `site`, `elsewhere` (the trap, which must not be requested) or `page` (pasted into the page
            itself).
        spelling: how pages write its address: `encoded`, `raw`, `relative`, `scheme-less`.
        kind: `jpeg`, `png`, `webp`, `pdf`, `docx`, `xlsx`.
        key: determines the bytes; another key gives other bytes.
        ticks_on: the day of its .NET ticks, None for a name without ticks.
        fate: `served`, `dead` (404) or `strays` (redirects to the trap).
        label: the text of a document's link, None without one.
        how: the markup that shows a document.
    """

    path: str
    host: str
    spelling: str
    kind: str
    key: str
    ticks_on: date | None
    fate: str = "served"
    label: str | None = None
    how: str = ""


@dataclass(frozen=True)
class Para:
    """A paragraph of body text. `style`: plain, indent, bold, glued."""

    text: str
    style: str = "plain"


@dataclass(frozen=True)
class Heading:
    """A heading inside the body."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list. Each item is a paragraph of the body."""

    items: tuple[str, ...]
    ordered: bool


@dataclass(frozen=True)
class PublishedTable:
    """A table of data. Each row is a paragraph of the body, with a space between cells."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Quote:
    """A blockquote of one paragraph."""

    text: str


@dataclass(frozen=True)
class Figure:
    """One or more pictures in a row. The caption belongs to the last.

    `style`: unmarked, italic, nbsp, table, center. `credit` is a second line of the caption ("Ảnh: …").
    """

    pictures: tuple[Upload, ...]
    caption: str | None
    style: str = "unmarked"
    credit: str | None = None


@dataclass(frozen=True)
class YouTube:
    """A YouTube iframe."""

    code: str


@dataclass(frozen=True)
class Attached:
    """A document shown inside the body, as a separate paragraph."""

    document: Upload


@dataclass(frozen=True)
class PublishedMention:
    """A sentence with a document's link in it. The link's text is the label and also body text."""

    before: str
    document: Upload
    after: str


@dataclass(frozen=True)
class Signature:
    """The lines of an office's signature, set right: office, post, name. Each is a paragraph of the body."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Unkept:
    """What a page shows and no archive keeps. `kind`: embed, script, or file-unknown (a link in a sentence)."""

    kind: str
    address: str
    text: str = ""


@dataclass(frozen=True)
class Blank:
    """An empty paragraph."""


@dataclass(frozen=True)
class TitleAgain:
    """The title repeated at the head of the body."""

    capitals: bool


Block = (
    Para
    | Heading
    | Items
    | PublishedTable
    | Quote
    | Figure
    | YouTube
    | Attached
    | PublishedMention
    | Signature
    | Unkept
    | Blank
    | TitleAgain
)


@dataclass(frozen=True)
class ArticleText:
    """What an editor wrote. It can change from night to night; the article stays the same.

    `byline_form`: none, last-bold, last-right, last-plain, label-last, author-div, below-title.
    `source_form`: none, label, bracket, follow. The label of `summary_file` is a link in the summary.
    """

    title: str
    summary: str | None
    blocks: tuple[Block, ...]
    lead_picture: Upload | None = None
    byline: str | None = None
    byline_form: str = "none"
    source: str | None = None
    source_form: str = "none"
    below: tuple[Upload, ...] = ()
    summary_file: Upload | None = None


@dataclass(frozen=True)
class ArticlePlan:
    """An article's identity and the traits that never change.

    `place`: listed, box (only side boxes link to it), related (only "Tin khác" links to it).
    `date_form`: how the page writes its date: none, long, label, clock (date and time without weekday).
    `letters`: NFC, NFD or mixed; `entities`: named entities for Latin-1 letters.
    """

    key: int
    source_id: int
    old_number: int
    category: ListingPlan
    posted_at: datetime
    layout: str
    date_form: str
    place: str
    letters: str
    entities: bool
    old_slug_cut: bool
    tracker: str
    content: ArticleText
    annual: bool = False
    shows_views: bool = False


@dataclass(frozen=True)
class PublishedArticle:
    """One article on the portal in one night.

    `presence`: live, gone-404, gone-410, soft-404, redirect-home.
    """

    article: ArticlePlan
    content: ArticleText
    category: ListingPlan
    source_id: int
    presence: str
    listed: bool
    moved_from: tuple[str, ...] = field(default=())
