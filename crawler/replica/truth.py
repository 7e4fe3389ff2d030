"""The truth about the portal in a night: what a perfect archive would hold."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.replica.content.compose import CATEGORIES, LAYOUTS_WITH_SUMMARY
from crawler.replica.content.documents import number_in
from crawler.replica.content.edition import Edition
from crawler.replica.content.model import (
    BOLD_END,
    BOLD_START,
    ArticleText,
    Block,
    Figure,
    Heading,
    Items,
    Para,
    PublishedArticle,
    PublishedMention,
    PublishedTable,
    Quote,
    Signature,
    Unkept,
    Upload,
    YouTube,
)
from crawler.replica.content.pictures import MEDIA_TYPES
from crawler.replica.content.prose import normalise
from crawler.replica.content.scans import choose_form
from crawler.replica.content.urls import new_path, old_path, resolve_href
from crawler.replica.pages.files import make_bytes, uploads_of
from crawler.replica.pages.listing_page import listing_summary
from crawler.replica.pages.markup import word_items
from crawler.replica.pages.single_pages import single_pages

TRUST = ("page", "listing", "box", "rss", "file-name")


@dataclass(frozen=True)
class ImageTruth:
    """A picture of an article. `sha256` is None if it is dead or on a foreign host."""

    url: str
    sha256: str | None
    caption: str | None

    @property
    def is_pasted(self) -> bool:
        """True for a picture in the page itself, which no address serves."""
        return self.url.startswith("data:")


@dataclass(frozen=True)
class AttachmentTruth:
    """A document of an article. `label` is None if a viewer shows it; `sha256` as for pictures.

    `number` is a document number that only the file has; `form` is `letters`, or for a PDF also `scan`, `locked` or
    `broken`.
    """

    url: str
    sha256: str | None
    label: str | None
    number: str
    form: str


@dataclass(frozen=True)
class DateTruth:
    """One place that shows the article's date this night."""

    published_on: str
    published_from: str


@dataclass(frozen=True)
class ArticleTruth:
    """One article, normalised as the contract says (NFC, NBSP as space, runs of space as one).

    Attributes:
        key: the replica's own number, the same in every night, even if the portal changes the ids.
        url: the two-level address of this night, without tracker.
        old_url: the six-level address.
        former_urls: two-level addresses that redirect here.
        summary: the page's, else the listing's if it shows it whole, else None.
        body: paragraphs with a blank line between them. Each list item, table row (a space between cells) and `<br>`
            line is a paragraph. The source line ("Nguồn: …") is not in it, see `source_line`.
        byline: without the label "Tác giả:". source: without "Nguồn:", brackets or "Theo".
        source_line: the source's paragraph at the end of the body's HTML, None without one.
        published_on: from the most trusted of `dates`.
        published_at: only if that place shows a time too; with offset.
        posted_on: the real day of posting, even if no page shows it.
        state: live, gone-404, gone-410, soft-404 or redirect-home.
        found_in: the places (listing, box, related, rss) with a link that a crawl of this night finds.
        fate: how it changes over the nights, None if it does not.
        unkept: what it shows that no archive keeps: kind and absolute address, in the order of the page.
    """

    key: int
    url: str
    old_url: str
    former_urls: tuple[str, ...]
    source_id: str
    category: str
    category_title: str
    title: str
    summary: str | None
    body: str
    byline: str | None
    source: str | None
    source_line: str | None
    published_on: str | None
    published_at: str | None
    published_from: str | None
    posted_on: str
    dates: tuple[DateTruth, ...]
    images: tuple[ImageTruth, ...]
    attachments: tuple[AttachmentTruth, ...]
    listed: bool
    state: str
    found_in: tuple[str, ...]
    layout: str
    fate: str | None
    unkept: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class ListingTruth:
    """One listing: the article keys of its rows on all pages, in order, a pinned one once."""

    slug: str
    title: str
    url: str
    dated: bool
    pages: int
    page_size: int
    keys: tuple[int, ...]


@dataclass(frozen=True)
class Truth:
    """The truth of one night. Articles that have vanished are included, with their state.

    `single_pages` are the entries of the menu that are articles, under the address of the entry.
    """

    base_url: str
    files_host: str
    night: int
    today: str
    listings: tuple[ListingTruth, ...]
    articles: tuple[ArticleTruth, ...]
    single_pages: tuple[ArticleTruth, ...] = ()

    def article(self, key: int) -> ArticleTruth:
        """Return the article with that key. KeyError if it has not appeared yet."""
        for one in self.articles:
            if one.key == key:
                return one
        raise KeyError(key)


def tell_truth(edition: Edition) -> Truth:
    """Compute the truth of an edition. Draws every picture that was not served before."""
    places = _find_places(edition)
    base = f"http://{edition.hosts.pages}"
    return Truth(
        base_url=f"{base}/",
        files_host=edition.hosts.files,
        night=edition.night,
        today=edition.today.isoformat(),
        listings=tuple(
            ListingTruth(
                slug=category.slug,
                title=category.title,
                url=f"{base}/{category.slug}",
                dated=category.dated,
                pages=edition.page_count(category),
                page_size=category.page_size,
                keys=tuple(one.article.key for one in edition.rows(category)),
            )
            for category in CATEGORIES
        ),
        articles=tuple(_tell_article(edition, one, places=places.get(one.article.key, ())) for one in edition.articles),
        single_pages=tuple(
            replace(
                _tell_article(edition, single.article, places=("menu",)),
                url=f"http://{edition.hosts.pages}{single.plan.path}",
                category=single.plan.path.split("/")[1],
            )
            for single in single_pages(edition)
            if single.article is not None
        ),
    )


def _find_places(edition: Edition) -> dict[int, tuple[str, ...]]:
    """Return by article key the places with links to it, following the links as a crawl does."""
    met = [(one, "listing") for category in CATEGORIES for one in edition.rows(category)]
    met += [(one, "box") for number in range(len(CATEGORIES)) for one in edition.box_for(number)]
    met += [(one, "rss") for one in edition.feed]
    found: dict[int, set[str]] = {}
    while met:
        published, where = met.pop()
        key = published.article.key
        is_new_page = key not in found and published.presence == "live"
        found.setdefault(key, set()).add(where)
        if is_new_page:
            met += [(one, "box") for one in edition.box_for(key)]
            met += [(one, "related") for one in edition.related(published)]
    order = ("listing", "box", "related", "rss")
    return {key: tuple(where for where in order if where in places) for key, places in found.items()}


def _tell_article(edition: Edition, published: PublishedArticle, *, places: tuple[str, ...]) -> ArticleTruth:
    article, content = published.article, published.content
    base = f"http://{edition.hosts.pages}"
    dates = _find_dates(published, places)
    best = min(dates, key=lambda one: TRUST.index(one.published_from), default=None)
    fate = edition.corpus.fates.get(article.key)
    return ArticleTruth(
        key=article.key,
        url=base + new_path(published.category, content, source_id=published.source_id),
        old_url=base + old_path(article),
        former_urls=tuple(base + path for path in published.moved_from),
        source_id=str(published.source_id),
        category=published.category.slug,
        category_title=published.category.title,
        title=normalise(content.title),
        summary=_find_summary(published),
        body="\n\n".join(text for block in content.blocks for text in _paragraphs(block, article.layout)),
        byline=normalise(content.byline) if content.byline else None,
        source=normalise(content.source) if content.source else None,
        source_line=_source_line(content),
        published_on=best.published_on if best else None,
        published_at=_find_moment(published, best),
        published_from=best.published_from if best else None,
        posted_on=article.posted_at.date().isoformat(),
        dates=dates,
        images=tuple(_tell_images(edition, content)),
        attachments=tuple(_tell_attachment(edition, one) for one in uploads_of(content) if one.kind not in MEDIA_TYPES),
        listed=published.listed,
        state=published.presence,
        found_in=places if published.presence == "live" else (),
        layout=article.layout,
        fate=fate.name if fate else None,
        unkept=tuple(_tell_unkept(content, base)),
    )


def _tell_attachment(edition: Edition, upload: Upload) -> AttachmentTruth:
    return AttachmentTruth(
        resolve_href(upload, edition.hosts),
        _digest(upload),
        upload.label,
        number_in(upload.key),
        choose_form(upload.key) if upload.kind == "pdf" else "letters",
    )


def _tell_unkept(content: ArticleText, base: str) -> Iterator[tuple[str, str]]:
    for block in content.blocks:
        if isinstance(block, YouTube):
            yield "video", f"https://www.youtube.com/embed/{block.code}"
        elif isinstance(block, Unkept):
            yield block.kind, block.address if "://" in block.address else base + block.address


def _find_summary(published: PublishedArticle) -> str | None:
    summary = published.content.summary
    if summary is None:
        return None
    if published.article.layout in LAYOUTS_WITH_SUMMARY:
        return normalise(summary)
    _, whole = listing_summary(published.category, summary)
    return normalise(summary) if whole and published.listed else None


def _find_dates(published: PublishedArticle, places: tuple[str, ...]) -> tuple[DateTruth, ...]:
    article = published.article
    day = article.posted_at.date().isoformat()
    dates = [DateTruth(day, "page")] if article.date_form != "none" else []
    if published.listed and published.category.dated:
        dates.append(DateTruth(day, "listing"))
    dates += [DateTruth(day, where) for where in ("box", "rss") if where in places]
    ticks = [one.ticks_on for one in uploads_of(published.content) if one.ticks_on]
    if ticks:
        dates.append(DateTruth(max(ticks).isoformat(), "file-name"))
    return tuple(dates)


def _find_moment(published: PublishedArticle, best: DateTruth | None) -> str | None:
    article = published.article
    timed = {
        "page": article.date_form in ("long", "clock"),
        "listing": published.category.skin == "in-menu",
        "rss": True,
    }
    if best is None or not timed.get(best.published_from):
        return None
    return f"{article.posted_at:%Y-%m-%dT%H:%M}:00+07:00"


def _paragraphs(block: Block, layout: str) -> Iterator[str]:
    texts: tuple[str, ...] = ()
    if isinstance(block, Para | Heading | Quote):
        texts = (block.text.replace(BOLD_START, "").replace(BOLD_END, ""),)
    elif isinstance(block, Items):
        texts = word_items(block) if layout == "word" else block.items
    elif isinstance(block, PublishedTable):
        texts = tuple(" ".join(row) for row in block.rows)
    elif isinstance(block, Signature):
        texts = block.lines
    elif isinstance(block, Unkept):
        texts = (block.text,) if block.text else ()
    elif isinstance(block, PublishedMention):
        texts = (f"{block.before}{block.document.label}{block.after}",)
    yield from (normalise(text) for text in texts)


def _source_line(content: ArticleText) -> str | None:
    lines = {
        "label": f"Nguồn: {content.source}",
        "bracket": f"(Nguồn: {content.source})",
        "follow": f"Theo {content.source}",
    }
    line = lines.get(content.source_form)
    return normalise(line) if line else None


def _tell_images(edition: Edition, content: ArticleText) -> Iterator[ImageTruth]:
    if content.lead_picture:
        yield ImageTruth(resolve_href(content.lead_picture, edition.hosts), _digest(content.lead_picture), None)
    for block in content.blocks:
        if not isinstance(block, Figure):
            continue
        last = len(block.pictures) - 1
        for place, upload in enumerate(block.pictures):
            said = " ".join(words for words in (block.caption, block.credit) if words)
            caption = normalise(said) if said and place == last else None
            yield ImageTruth(resolve_href(upload, edition.hosts), _digest(upload), caption)


def _digest(upload: Upload) -> str | None:
    if upload.fate != "served" or upload.host == "elsewhere":
        return None
    return hashlib.sha256(make_bytes(upload)).hexdigest()
