"""What an article of the replica consists of, before any HTML is made of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

BOLD_START, BOLD_END = "\x02", "\x03"
REPLACED = "/again/"


@dataclass(frozen=True)
class ListingPlan:
    """One listing of the portal and the skin, build and habits of its page.

    `build` chooses which script, and which fields, its pager uses; `summary_chars` 0 shows summaries whole.
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


@dataclass(frozen=True)
class Upload:
    """A picture or document as it lies on a host.

    Attributes:
        path: decoded path, without host.
        host: `files`, `site` or `elsewhere` (the trap, which nobody may ask).
        spelling: how pages write its address: `encoded`, `raw`, `relative`, `scheme-less`.
        kind: `jpeg`, `png`, `webp`, `pdf`, `docx`, `xlsx`.
        key: what the bytes are made from; another key, other bytes.
        ticks_on: the day its .NET ticks say, None for a name without ticks.
        fate: `served`, `dead` (404) or `strays` (redirects to the trap).
        label: the text of a document's link, None where it has none.
        how: for a document, the markup that shows it.
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
    """A list; each item is a paragraph of the body."""

    items: tuple[str, ...]
    ordered: bool


@dataclass(frozen=True)
class Table:
    """A table of data; each row is a paragraph of the body, its cells parted by a space."""

    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Quote:
    """A blockquote of one paragraph."""

    text: str


@dataclass(frozen=True)
class Figure:
    """One or more pictures in a row; the caption belongs to the last.

    `style`: unmarked, italic, nbsp, table, center.
    """

    pictures: tuple[Upload, ...]
    caption: str | None
    style: str = "unmarked"


@dataclass(frozen=True)
class YouTube:
    """A YouTube iframe."""

    code: str


@dataclass(frozen=True)
class Attached:
    """A document shown inside the body, as a paragraph of its own."""

    document: Upload


@dataclass(frozen=True)
class Mention:
    """A sentence with a document's link inside; the link's text is its label and body text too."""

    before: str
    document: Upload
    after: str


@dataclass(frozen=True)
class Blank:
    """An empty paragraph."""


@dataclass(frozen=True)
class TitleAgain:
    """The title repeated at the head of the body."""

    capitals: bool


Block = Para | Heading | Items | Table | Quote | Figure | YouTube | Attached | Mention | Blank | TitleAgain


@dataclass(frozen=True)
class ArticleText:
    """What an editor wrote: changes from night to night, while the article stays the same.

    `byline_form`: none, last-bold, last-right, last-plain, label-last, author-div, below-title.
    `source_form`: none, label, bracket, follow.
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


@dataclass(frozen=True)
class ArticlePlan:
    """An article's identity and its habits, which no night changes.

    `place`: listed, box (reachable from side boxes only), related (from "Tin khác" only).
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
    """How one article stands on the portal in one night.

    `presence`: live, gone-404, gone-410, soft-404, redirect-home.
    """

    article: ArticlePlan
    content: ArticleText
    category: ListingPlan
    source_id: int
    presence: str
    listed: bool
    moved_from: tuple[str, ...] = field(default=())
