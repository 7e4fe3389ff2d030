"""Read an article page. The entry is `read_article`."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import msgspec
from selectolax.lexbor import LexborNode

from crawler.addresses import classify
from crawler.extract.article.blocks import Block, Flow, Line, OfferedFile, Picture, Video, read_flow
from crawler.extract.article.captions import find_captions
from crawler.extract.article.credits import Credits, find_closing, find_signed, read_labelled
from crawler.extract.article.furniture import drop_file_lines, drop_label_lines, drop_repeated_title, trim_furniture
from crawler.extract.article.label_patterns import strip_counter
from crawler.extract.article.page_dates import is_date_line, read_dates
from crawler.extract.article.parts import Parts, find_parts, is_within_text
from crawler.extract.article.sanitise import sanitise
from crawler.extract.article.titles import read_category_title, read_title
from crawler.extract.cost import MAX_CHARACTERS, check_text
from crawler.extract.files.addresses import file_key
from crawler.extract.files.pictures import read_picture
from crawler.extract.page import Page, attribute, link_address
from crawler.extract.refusal import explain_refusal
from crawler.items import Address, Article, AttachmentRef, ImageRef
from crawler.profile import Profile

# Labels of credits and dates are shorter; most sentences are longer.
_MAX_LABEL_WORDS = 25
# This many links of an article that may be downloads are asked for; only the answer shows what they are.
_MAX_DOWNLOADS = 20


@dataclass(frozen=True, slots=True)
class _Text:
    """The body, images and credits in the blocks of the content."""

    body: str
    rows: tuple[str, ...]
    images: tuple[ImageRef, ...]
    credits: Credits


@dataclass(frozen=True, slots=True)
class _Content:
    """The contents of an article's frame without the title. `above` and `below` are short lines around the text."""

    summary: str | None
    images: tuple[ImageRef, ...]
    text: _Text
    attachments: tuple[AttachmentRef, ...]
    above: list[str]
    below: list[str]
    has_video: bool

    @property
    def is_empty(self) -> bool:
        """True if nothing in it makes an article."""
        return not (self.text.body or self.images or self.attachments or self.summary or self.has_video)

    @property
    def files(self) -> list[str]:
        """The addresses of the article's own pictures and files."""
        return [image.url for image in self.images] + [attachment.url for attachment in self.attachments]


def read_article(
    page: Page, profile: Profile, *, address: Address, parts: Parts | None = None, title: str | None = None
) -> Article:
    """Read an article page.

    A page with only pictures, only a file or only a video is an article too, with an empty body.

    Args:
        page: the parsed page.
        profile: of the portal it belongs to.
        address: the requested address.
        parts: where the article is; None to find it by the marks of an article's page.
        title: the title if the page gives none.

    Raises:
        NotAnArticleError: if the page lacks the parts of an article. `kind` is the reason
            (`soft-404`, `listing`, `login`, `document`, `another-layout`, `no-title`, `no-body`).
        BadFileError: kind `page_too_costly`, if it has too much text.
    """
    parts = parts or find_parts(page)
    if parts is None:
        raise explain_refusal(page, profile)
    title = read_title(page, parts, profile=profile, address=address) or title
    if title is None:
        raise explain_refusal(page, profile, lacking="no-title")
    content = _read_content(page, parts, profile=profile, title=title)
    if content.is_empty:
        raise explain_refusal(page, profile, lacking="no-body")
    named = _read_credits(content, parts, page=page, profile=profile)
    body_html = sanitise(page, parts)
    # A run of blanks is not text, but each NBSP has six letters here.
    check_text((body_html,), at_most=MAX_CHARACTERS)
    return Article(
        title=title,
        summary=content.summary,
        body=content.text.body,
        body_html=body_html,
        byline=named.byline,
        source=named.source,
        dates=read_dates(page, parts, profile=profile, above=content.above, below=content.below, files=content.files),
        images=content.images,
        attachments=content.attachments,
        category_slug=address.category_slug,
        category_title=read_category_title(page, profile, slug=address.category_slug),
        canonical=_read_canonical(page, profile),
        rows=content.text.rows,
    )


def _read_content(page: Page, parts: Parts, *, profile: Profile, title: str) -> _Content:
    flow = read_flow(
        parts.root, page, profile=profile, content=parts.content, skip=parts.apart, offering=parts.offering
    )
    check_text((title, *(block.text for block in flow.content if isinstance(block, Line))))
    above, below = _lines_around(flow, parts)
    summary, shown_first = _read_summary(page, parts, profile=profile)
    text = _read_text(flow, parts, title=title, profile=profile)
    return _Content(
        summary=summary,
        images=_place_images(text.images, shown_first, parts=parts, page=page, caption=_lead_caption(flow)),
        text=text,
        attachments=_read_attachments(flow, parts),
        above=above,
        below=below,
        has_video=any(isinstance(block, Video) for block in flow.content),
    )


def _read_text(flow: Flow, parts: Parts, *, title: str, profile: Profile) -> _Text:
    """Divide the content into body, captions and credits."""
    blocks = drop_repeated_title(trim_furniture(flow.content), title)
    if parts.is_whole:
        blocks = [b for b in blocks if not (isinstance(b, Line) and is_date_line(b.text, profile))]
    blocks = drop_label_lines(blocks)
    blocks = [block for block in blocks if isinstance(block, Line | Picture)]
    opening = _opening_credits(blocks)
    closing = find_closing(blocks, portal_title=profile.title)
    if not closing.places:
        closing = _credits_below(flow, parts, closing=closing, profile=profile)
    taken = opening.places | closing.places
    captions = find_captions(blocks, taken | find_signed(blocks))
    used = taken.union(*(caption.places for caption in captions.values()))
    shortened = dict(closing.shortened)
    kept = [
        msgspec.structs.replace(block, plain=shortened[place])
        if isinstance(block, Line) and place in shortened
        else block
        for place, block in enumerate(blocks)
        if place not in used
    ]
    images = tuple(
        ImageRef(block.url, captions[place].text if place in captions else None)
        for place, block in enumerate(blocks)
        if isinstance(block, Picture)
    )
    return _Text(*_join_lines(kept), images, _merge_credits(opening, closing))


def _join_lines(blocks: Sequence[Block]) -> tuple[str, tuple[str, ...]]:
    """Join lines to paragraphs. The cells of a table row are one paragraph if each of them is one line.

    Return the text, and those of its paragraphs that are in a table of several columns.
    """
    paragraphs: list[str] = []
    tabled: dict[str, None] = {}
    rows: dict[tuple[int, int], list[Line]] = {}
    for block in blocks:
        if isinstance(block, Line) and block.look.cell is not None:
            rows.setdefault((block.look.cell.table, block.look.cell.row), []).append(block)
    # Once for each row: a row may have 20,000 cells.
    columns = {place: {line.look.cell.column for line in row if line.look.cell} for place, row in rows.items()}
    joined: set[tuple[int, int]] = set()
    for block in blocks:
        if not isinstance(block, Line):
            continue
        cell = block.look.cell
        place = (cell.table, cell.row) if cell is not None else (-1, -1)
        row = rows.get(place, [])
        if cell is None or len(row) < 2 or len(columns[place]) < len(row):
            paragraphs.append(block.plain)
        elif place not in joined:
            joined.add(place)
            paragraphs.append(" ".join(line.plain for line in row))
        if cell is not None and cell.width > 1:
            tabled[paragraphs[-1]] = None
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph), tuple(tabled)


def _place_images(
    images: Sequence[ImageRef], shown_first: Sequence[str], *, parts: Parts, page: Page, caption: str | None
) -> tuple[ImageRef, ...]:
    """Return the pictures in order. The lead picture and those of the summary come before the content's.

    If the content shows one again, it is only there. `caption` is that of the lead picture.
    """
    lead = read_picture(page, parts.lead) if parts.lead is not None else None
    if lead is None and not shown_first:
        return tuple(images)
    known = {file_key(image.url) for image in images}
    first: dict[str, ImageRef] = {}
    for url in (lead, *shown_first):
        if url is not None and file_key(url) not in known:
            first.setdefault(file_key(url), ImageRef(url, caption if url == lead else None))
    return (*first.values(), *images)


def _lead_caption(flow: Flow) -> str | None:
    """Return the caption above the content, with the class or element of captions: that of the lead picture."""
    lines = [block.text for block in flow.before if isinstance(block, Line) and block.look.caption]
    return " ".join(lines) or None


def _read_attachments(flow: Flow, parts: Parts) -> tuple[AttachmentRef, ...]:
    """Return every file once, in order, with the first words that any link to it has."""
    own = [[block for block in around if _is_own(block)] for around in (flow.before, flow.after)]
    blocks: Iterable[Block] = (*own[0], *flow.content, *own[1])
    downloads = flow.downloads
    if parts.is_framed:
        blocks = (*flow.before, *trim_furniture(flow.content), *flow.after)
        downloads = (*downloads, *flow.downloads_around)
    found: dict[str, AttachmentRef] = {}
    for block in (*blocks, *downloads[:_MAX_DOWNLOADS]):
        if isinstance(block, OfferedFile):
            key = file_key(block.url)
            earlier = found.get(key)
            found[key] = (
                AttachmentRef(earlier.url, earlier.label or block.label)
                if earlier
                else AttachmentRef(block.url, block.label)
            )
    return tuple(found.values())


def _is_own(block: Block) -> bool:
    return isinstance(block, OfferedFile) and block.own


def _read_summary(page: Page, parts: Parts, *, profile: Profile) -> tuple[str | None, list[str]]:
    """Return the text of the sapo, without the date of posting beside it, and the addresses of its pictures."""
    if parts.summary is None:
        return None, []
    apart = [node for node in (*parts.authors, *parts.dates) if node.mem_id != parts.summary.mem_id]
    skip = frozenset(node.mem_id for node in apart if not is_within_text(node))
    blocks = read_flow(parts.summary, page, profile=profile, skip=skip).content
    lines = drop_file_lines([block for block in blocks if isinstance(block, Line)])
    pictures = [block.url for block in blocks if isinstance(block, Picture)]
    return "\n\n".join(line.text for line in lines) or None, pictures


def _lines_around(flow: Flow, parts: Parts) -> tuple[list[str], list[str]]:
    """Return the short lines above and below the content. If nothing marks the content, those at its beginning."""
    if parts.is_whole:
        head = [block for block in flow.content if isinstance(block, Line)][:4]
        return [line.text for line in head if line.words <= _MAX_LABEL_WORDS], []
    after = trim_furniture(flow.after) if parts.is_framed else []
    above, below = (
        [block.text for block in part if isinstance(block, Line) and block.words <= _MAX_LABEL_WORDS]
        for part in (flow.before, after)
    )
    return above, below


def _read_credits(content: _Content, parts: Parts, *, page: Page, profile: Profile) -> Credits:
    """Read the author and the source: from the author's elements first, from the text itself last."""
    beside = [strip_counter(line) for line in _lines_of(parts.dates, page, profile=profile)]
    around = read_labelled([*content.above, *beside, *content.below], named=False)
    return _merge_credits(_author_credits(parts, page, profile=profile), around, content.text.credits)


def _author_credits(parts: Parts, page: Page, *, profile: Profile) -> Credits:
    """Read the author's elements."""
    lines = _lines_of(parts.authors, page, profile=profile)
    return read_labelled([line for line in lines if not is_date_line(line, profile)], named=True)


def _lines_of(nodes: Iterable[LexborNode], page: Page, *, profile: Profile) -> list[str]:
    """Return the short lines of elements."""
    lines: list[str] = []
    for node in nodes:
        blocks = read_flow(node, page, profile=profile).content
        lines += [block.text for block in blocks if isinstance(block, Line) and block.words <= _MAX_LABEL_WORDS]
    return lines


def _opening_credits(blocks: Sequence[Block]) -> Credits:
    """Read a "Tác giả: …" among the first lines of a body."""
    for place, block in enumerate(blocks[:3]):
        if isinstance(block, Line) and block.words <= 16:
            found = read_labelled([block.plain], named=False)
            if found.byline:
                return Credits(found.byline, found.source, frozenset((place,)))
    return Credits()


def _credits_below(flow: Flow, parts: Parts, *, closing: Credits, profile: Profile) -> Credits:
    """Read the line right below the content, if it looks like a byline."""
    below = next((block for block in flow.after if isinstance(block, Line)), None)
    if below is None or not parts.is_framed or not (below.look.align == "right" or below.look.bold):
        return closing
    before = [block for block in flow.content if isinstance(block, Line)][-3:]
    found = find_closing([*before, below], portal_title=profile.title)
    return replace(closing, byline=found.byline, source=closing.source or found.source)


def _merge_credits(*found: Credits) -> Credits:
    byline = next((credit.byline for credit in found if credit.byline), None)
    source = next((credit.source for credit in found if credit.source), None)
    return Credits(byline, source)


def _read_canonical(page: Page, profile: Profile) -> Address | None:
    """Return the article's address that the page names as its own."""
    for node in page.metadata:
        if attribute(node, "rel").lower() == "canonical":
            reference = link_address(page, node)
        elif attribute(node, "property") == "og:url":
            reference = attribute(node, "content")
        else:
            continue
        address = classify(reference, profile) if reference else None
        if address is not None and address.is_article:
            return address
    return None
