"""Flatten an article's content into one sequence of lines, pictures and files in reading order.

Block tags and `<br>` separate lines, inline tags do not. Scripts, comments and hidden elements are left out. Every line
has its look, because on this CMS only the look distinguishes a caption from body.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

import msgspec
from msgspec.structs import replace
from selectolax.lexbor import LexborNode

from crawler.addresses import classify
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.article.appearance import Appearance, TableCell, blend_looks, is_hidden, restyle
from crawler.extract.article.parts import is_furniture_in_text, is_silent_button
from crawler.extract.cost import MAX_NAMED
from crawler.extract.files.addresses import file_key
from crawler.extract.files.links import (
    SCRIPTED,
    is_shown_frame,
    is_stated_file,
    read_download,
    read_file_link,
    read_label,
    read_scripted,
    read_viewer,
)
from crawler.extract.files.pictures import IN_DRAWING, LIKE_IMG, read_picture
from crawler.extract.page import Page, link_address
from crawler.language.text import normalize_text
from crawler.profile import Profile

_BLOCKS_WORDS = (
    "p div h1 h2 h3 h4 h5 h6 ul ol li dl dt dd table thead tbody tfoot tr td th caption blockquote section "
    "article header footer figure figcaption center pre hr address main aside nav form fieldset details "
    "summary"
)
_BLOCKS = frozenset(_BLOCKS_WORDS.split())
_UNSEEN_WORDS = (
    "script style noscript template head title meta link svg math select textarea button input map canvas "
    "-comment -doctype colgroup"
)
_UNSEEN = frozenset(_UNSEEN_WORDS.split())
_BLANKS = " \t\r\n\xa0\u2002\u2003\u2009\u3000"
_FRAMES = frozenset(("iframe", "embed", "object", "video", "audio"))
# Elements whose words are not read, but which can offer files or hold the picture of a lazy loader.
_HOLDERS = frozenset(("button", "input", "map", "noscript", "select", "svg"))
# The pictures of a drawing, and those that a browser without scripts shows.
_SHOWN_OTHERWISE = {"noscript": "img, amp-img", "svg": IN_DRAWING}
# A parser puts every row of a table into one of them.
_ROW_GROUPS = frozenset(("tbody", "thead", "tfoot"))
_OFFERS = f"a, area, iframe, frame, embed, object, {SCRIPTED}"
# A click on one of these leads to a file as a link does. On a larger element the words belong to the text.
_CLICKED = frozenset(("a", "span", "b", "strong", "i", "em", "u", "font", "label"))


class Line(msgspec.Struct, frozen=True):
    """One line of text: up to the next block boundary or `<br>`.

    `group` is equal for the lines of one block; `lead` is the number of NBSPs at the beginning; `plain` is the text
    without links to files; `linked` is the share of letters in links to other articles; `words` is the number of words.
    """

    text: str
    plain: str
    group: int
    look: Appearance
    lead: int
    linked: float
    words: int


class Picture(msgspec.Struct, frozen=True):
    """A picture of the content. `after_text` if text of the same block directly precedes it.

    `opens_item` if no text of its list item precedes it.
    """

    url: str
    group: int
    look: Appearance
    after_text: bool = False
    opens_item: bool = False


@dataclass(frozen=True, slots=True)
class OfferedFile:
    """A file that a link, viewer or script offers. `own` if a part of the article outside its content offers it."""

    url: str
    label: str | None
    own: bool = False


@dataclass(frozen=True, slots=True)
class Video:
    """A video, sound or page in a frame: not an attachment, but content."""


Block = Line | Picture | OfferedFile | Video


@dataclass(frozen=True, slots=True)
class Flow:
    """The blocks of an element before, in and after its content.

    `downloads` are the links in the content that may be downloads, `downloads_around` those before and after it.
    """

    before: tuple[Block, ...]
    content: tuple[Block, ...]
    after: tuple[Block, ...]
    downloads: tuple[OfferedFile, ...] = ()
    downloads_around: tuple[OfferedFile, ...] = ()


def read_flow(
    node: LexborNode,
    page: Page,
    *,
    profile: Profile,
    content: Iterable[LexborNode] = (),
    skip: frozenset[int] = frozenset(),
    offering: frozenset[int] = frozenset(),
) -> Flow:
    """Flatten an element into the blocks that it shows, in order.

    Args:
        node: the element, with all its descendants.
        page: its page, for relative addresses.
        profile: decides which links lead to articles of the portal.
        content: descendants (or `node` itself) whose blocks are the flow's content. Without any all blocks are.
        skip: `mem_id`s of elements to leave out.
        offering: `mem_id`s of those among them whose files belong to the flow even so.
    """
    inner = {part.mem_id for part in content} or {node.mem_id}
    scripted = frozenset(element.mem_id for element in node.css(SCRIPTED))
    walk = _Walk(page, profile, skip, offering, inner, scripted, is_whole=node.mem_id in inner)
    walk.enter(node, Appearance())
    walk.flush()
    first, last = (walk.spans[0][0], walk.spans[-1][1]) if walk.spans else (0, 0)
    middle = [block for start, end in walk.spans for block in walk.blocks[start:end]]
    before, after = walk.blocks[:first], walk.blocks[last:]
    return Flow(tuple(before), tuple(middle), tuple(after), tuple(walk.downloads), tuple(walk.downloads_around))


class _Walk:
    """The state of a walk down an element: the blocks so far and the parts of the current line."""

    def __init__(
        self, page: Page, profile: Profile, skip: frozenset[int], offering: frozenset[int], inner: set[int],
        scripted: frozenset[int], *, is_whole: bool,
    ) -> None:  # fmt: skip
        self.blocks: list[Block] = []
        self._last_line: Line | None = None
        self._last_picture: Picture | None = None
        self.spans: list[tuple[int, int]] = []
        self.downloads: list[OfferedFile] = []
        self.downloads_around: list[OfferedFile] = []
        self._open_contents = 0
        self._is_whole = is_whole
        self._inner = inner
        self._offering = offering
        self._scripted = scripted
        self._steps: list[tuple[LexborNode, Appearance] | Callable[[], None]] = []
        self._page = page
        self._profile = profile
        self._skip = skip
        self._runs: list[tuple[str, Appearance]] = []
        self._group = 0
        self._tables = 0
        self._figures = 0
        self._items = 0
        self._links = 0

    def enter(self, node: LexborNode, look: Appearance) -> None:
        """Walk one element or text node with all its descendants.

        Uses its own stack: unclosed tags nest deeper than Python's recursion limit.
        """
        self._steps.append((node, look))
        while self._steps:
            step = self._steps.pop()
            if callable(step):
                step()
            else:
                self._open(*step)

    def flush(self) -> None:
        """End the current line."""
        runs, self._runs = self._runs, []
        raw = "".join(text for text, _ in runs)
        text = normalize_text(raw)
        if text:
            self._last_line = _line(text, raw, runs=runs, group=self._group)
            self.blocks.append(self._last_line)

    def _open(self, node: LexborNode, look: Appearance) -> None:
        tag = node.tag or ""
        if tag == "-text":
            text = node.text_content or ""
            if self._runs or text.strip(" \t\r\n"):
                self._runs.append((text, look))
        elif node.mem_id in self._inner:
            self._open_content(node, tag, look=look)
        elif self._is_unseen(node, tag) or node.mem_id in self._skip or is_hidden(node):
            self._pass_over(node, tag)
        elif tag == "br":
            self.flush()
        elif tag in LIKE_IMG:
            self._add_picture(node, look)
        elif tag in _FRAMES:
            self._add_frame(node)
        elif tag == "table":
            self._open_table(node, look)
        elif not (is_furniture_in_text(node) if self._is_in_text else vnpt.is_furniture(node)):
            self._open_element(node, tag, look=look)

    @property
    def _is_in_text(self) -> bool:
        """True in a content that is one element: all in it is the editor's."""
        return self._open_contents > 0 and not self._is_whole

    def _is_unseen(self, node: LexborNode, tag: str) -> bool:
        if tag == "button" and self._is_in_text and node.mem_id not in self._scripted:
            return is_silent_button(node)
        return tag in _UNSEEN

    def _open_content(self, node: LexborNode, tag: str, *, look: Appearance) -> None:
        """Open an element of the content, and note at its end which blocks it gave."""
        self._break()
        start = len(self.blocks)
        self._open_contents += 1

        def close() -> None:
            self._break()
            self._open_contents -= 1
            self.spans.append((start, len(self.blocks)))

        self._steps.append(close)
        self._open_element(node, tag, look=look)

    def _open_element(self, node: LexborNode, tag: str, *, look: Appearance) -> None:
        look = restyle(node, look)
        if tag == "a":
            self._links += 1
            look = self._enter_link(node, look) if self._links <= MAX_NAMED else look
        elif node.mem_id in self._scripted:
            look = self._enter_scripted(node, tag, look=look)
        if tag in ("figure", "figcaption"):
            look = self._enter_figure(tag, look)
        if tag == "li":
            self._items += 1
            look = replace(look, item=self._items)
        if tag in _BLOCKS:
            self._break()
            self._steps.append(self._break)
        child = node.last_child
        while child is not None:
            self._steps.append((child, look))
            child = child.prev

    def _enter_link(self, node: LexborNode, look: Appearance) -> Appearance:
        url = read_file_link(self._page, node, profile=self._profile)
        if url is not None:
            self.blocks.append(OfferedFile(url, read_label(node)))
            return replace(look, link="file")
        if node.mem_id in self._scripted:
            look = self._enter_scripted(node, "a", look=look)
        download = read_download(self._page, node, profile=self._profile)
        if download is not None and is_stated_file(node, download):
            self.blocks.append(OfferedFile(download, read_label(node)))
            return replace(look, link="file")
        if download is not None:
            # Its words stay in the text: it may be a page.
            place = self.downloads if self._open_contents else self.downloads_around
            place.append(OfferedFile(download, read_label(node)))
        address = classify(link_address(self._page, node), self._profile)
        return replace(look, link="article") if address is not None and address.is_article else look

    def _enter_scripted(self, node: LexborNode, tag: str, *, look: Appearance) -> Appearance:
        url = read_scripted(self._page, node, profile=self._profile)
        if url is None:
            return look
        self.blocks.append(OfferedFile(url, read_label(node)))
        return replace(look, link="file") if tag in _CLICKED else look

    def _offer_row(self, row: LexborNode) -> None:
        self._enter_scripted(row, "tr", look=Appearance())

    def _pass_over(self, node: LexborNode, tag: str) -> None:
        """Take the files of an element that is not read, and its pictures."""
        if node.mem_id in self._offering:
            self._collect_files(node, own=True)
        elif tag in _HOLDERS and node.mem_id not in self._skip and not is_hidden(node):
            self._collect_files(node, own=False)
        if tag in _SHOWN_OTHERWISE and not is_hidden(node):
            for image in node.css(_SHOWN_OTHERWISE[tag]):
                url = read_picture(self._page, image)
                last = self._last_picture
                if url is not None and (last is None or file_key(last.url) != file_key(url)):
                    self._last_picture = Picture(url, self._group, Appearance())
                    self.blocks.append(self._last_picture)

    def _collect_files(self, node: LexborNode, *, own: bool) -> None:
        # Most hold text alone, and the search costs as much as all else here.
        inner = node.css(_OFFERS) if next(node.iter(), None) is not None else ()
        elements = {element.mem_id: element for element in (node, *inner)}
        for element in elements.values():
            if element.tag in _FRAMES:
                url = read_viewer(self._page, element, profile=self._profile)
            else:
                url = read_file_link(self._page, element, profile=self._profile)
                url = url or read_scripted(self._page, element, profile=self._profile)
            if url is not None:
                label = read_label(element) if element.tag not in _FRAMES else None
                self.blocks.append(OfferedFile(url, label, own))
            elif element.tag in ("a", "area"):
                download = read_download(self._page, element, profile=self._profile)
                if download is not None:
                    self.downloads.append(OfferedFile(download, read_label(element)))

    def _enter_figure(self, tag: str, look: Appearance) -> Appearance:
        if tag == "figcaption":
            return replace(look, caption=True)
        self._figures += 1
        return replace(look, figure=self._figures)

    def _open_table(self, node: LexborNode, look: Appearance) -> None:
        """Open a table row by row. A caption comes after the rows."""
        self._break()
        self._tables += 1
        steps: list[tuple[LexborNode, Appearance] | Callable[[], None]] = []
        rows = [row for part in node.iter() if part.tag in _ROW_GROUPS for row in part.iter() if row.tag == "tr"]
        for number, row in enumerate(rows):
            if row.mem_id in self._skip or is_hidden(row) or vnpt.is_furniture(row):
                continue
            cells = [cell for cell in row.iter() if cell.tag in ("td", "th")]
            for column, cell in enumerate(cells):
                place = TableCell(self._tables, number, column, len(cells))
                steps += [self._break, (cell, replace(restyle(row, look), cell=place, figure=0)), self._break]
            if row.mem_id in self._scripted:
                steps.append(partial(self._offer_row, row))
        caption = next((part for part in node.iter() if part.tag == "caption"), None)
        if caption is not None:
            steps.append((caption, look))
        self._steps += [self._break, *reversed(steps)]

    def _add_picture(self, node: LexborNode, look: Appearance) -> None:
        url = read_picture(self._page, node)
        if url is None:
            return
        before = "".join(text for text, _ in self._runs).strip()
        self.flush()
        last = self._last_line
        opens = look.item > 0 and (last is None or last.look.item != look.item)
        self._last_picture = Picture(url, self._group, look, after_text=bool(before), opens_item=opens)
        self.blocks.append(self._last_picture)

    def _add_frame(self, node: LexborNode) -> None:
        url = read_viewer(self._page, node, profile=self._profile)
        if url is not None:
            self.blocks.append(OfferedFile(url, None))
        elif is_shown_frame(self._page, node):
            self.blocks.append(Video())
        self._collect_inside(node)

    def _collect_inside(self, frame: LexborNode) -> None:
        """Take the files of what a browser shows that cannot show the frame."""
        for inner in frame.css("embed, iframe, object"):
            shown = read_viewer(self._page, inner, profile=self._profile) if inner.mem_id != frame.mem_id else None
            if shown is not None:
                self.blocks.append(OfferedFile(shown, None))
        for link in frame.css("a"):
            target = read_file_link(self._page, link, profile=self._profile)
            if target is not None:
                self.blocks.append(OfferedFile(target, read_label(link)))

    def _break(self) -> None:
        if self._runs:
            self.flush()
        self._group += 1


def _line(text: str, raw: str, *, runs: list[tuple[str, Appearance]], group: int) -> Line:
    """Make a line of its runs."""
    shown = [(run, look) for run, look in runs if run.strip()]
    links = {look.link for _, look in shown}
    plain, linked = text, 0.0
    if "file" in links:
        plain = normalize_text("".join(run for run, look in runs if look.link != "file"))
    if "article" in links:
        letters = sum(len(run) for run, look in shown if look.link == "article")
        linked = letters / sum(len(run) for run, _ in shown)
    lead = sum(char not in " \t\r\n" for char in raw[: len(raw) - len(raw.lstrip(_BLANKS))])
    return Line(text, plain, group, blend_looks([look for _, look in shown]), lead, linked, text.count(" ") + 1)
