"""Find the font and list of each piece of a binary Word document, by its own word or its style [MS-DOC]. Pure."""

import struct
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise

# Pairs of offset and size in the file information block: where the tables are in the table stream.
STYLES, CHARACTER_RUNS, PARAGRAPHS, FONTS, PIECES, LISTS, LIST_USES = 1, 12, 13, 15, 33, 73, 74
_FONT_OF_LETTERS, _FONT_OF_ASCII, _STYLE = 0x4A51, 0x4A4F, 0x4A30
_DELETED, _HIDDEN, _ROW_END, _LIST, _LEVEL = 0x0800, 0x083C, 0x2417, 0x460B, 0x260A
_MOST_LISTS = 0x07FE  # of larger numbers the paragraph is in no list, or its number is hidden
# The bytes of an operand, by the three highest bits of its code; the others say their own size.
_OPERAND_BYTES = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
_LONG_SIZE = 0xD608  # its size has two bytes
_PAGE_BYTES = 512
_FONT_NAME_AT = 40
_PARAGRAPH_STYLE, _CHARACTER_STYLE = 1, 2
_MOST_STYLES_IN_CHAIN = 12


@dataclass(frozen=True, slots=True)
class Properties:
    """What a run or paragraph says of itself: only what is needed here.

    Args:
        font: number of its font.
        style: number of its style.
        is_deleted: a tracked change took the run out.
        is_row_end: the paragraph is the mark at the end of a table's row.
        in_list: number of the list that the paragraph is in; 0 if it is in none, whatever its style says.
        depth: its level there.
        is_hidden: the run is hidden.
    """

    font: int | None = None
    style: int | None = None
    is_deleted: bool = False
    is_row_end: bool = False
    in_list: int | None = None
    depth: int | None = None
    is_hidden: bool = False


@dataclass(slots=True)
class Stretches:
    """Properties of stretches of the document stream, by where each begins."""

    starts: list[int] = field(default_factory=list)
    held: list[tuple[int, Properties]] = field(default_factory=list)

    def find(self, offset: int) -> Properties:
        """Return the properties of the letter at an offset; empty ones if none are stored."""
        place = bisect_right(self.starts, offset) - 1
        return self.held[place][1] if place >= 0 and offset < self.held[place][0] else Properties()

    def cut(self, start: int, end: int) -> list[tuple[int, int]]:
        """Cut a part of the stream where properties change."""
        first, last = bisect_right(self.starts, start), bisect_right(self.starts, end - 1)
        ends = {end for end, _ in self.held[max(first - 1, 0) : last]}
        places = sorted({start, end, *self.starts[first:last], *(place for place in ends if start < place < end)})
        return list(pairwise(places))


@dataclass(frozen=True, slots=True)
class Layout:
    """How a version of Word writes its tables.

    Args:
        page_number: the form of the number of a page, for `struct`.
        paragraph_bytes: of what a page says of each paragraph.
        letter_bytes: of each letter in the name of a style.
        default_font_at: where the style sheet says the font of letters without a style.
        parse: reads a list of property changes.
    """

    page_number: str
    paragraph_bytes: int
    letter_bytes: int
    default_font_at: int
    parse: Callable[[bytes], Properties]


def read_stretches(stream: bytes, table: bytes, *, are_paragraphs: bool, layout: "Layout | None" = None) -> Stretches:
    """Read the stored properties of runs, or of paragraphs, from the pages that a table names (2.8.5, 2.8.6)."""
    found: list[tuple[int, int, Properties]] = []
    layout = layout or WORD_97
    width = struct.calcsize(layout.page_number)
    count = max((len(table) - 4) // (4 + width), 0)
    start = 4 * (count + 1)
    for (page,) in struct.iter_unpack(f"<{layout.page_number}", table[start : start + width * count]):
        at = (page & 0x3FFFFF) * _PAGE_BYTES
        held = stream[at : at + _PAGE_BYTES]
        if len(held) == _PAGE_BYTES:
            found += _read_page(held, layout, are_paragraphs=are_paragraphs)
    found.sort(key=lambda one: one[0])
    return Stretches([start for start, _, _ in found], [(end, properties) for _, end, properties in found])


def _read_page(page: bytes, layout: Layout, *, are_paragraphs: bool) -> Iterator[tuple[int, int, Properties]]:
    """Read a page of formatted runs (2.9.33) or paragraphs (2.9.174)."""
    count = page[-1]
    width = layout.paragraph_bytes if are_paragraphs else 1
    if 4 * (count + 1) + width * count > _PAGE_BYTES - 1:
        return
    places = struct.unpack_from(f"<{count + 1}I", page)
    for index, (start, end) in enumerate(pairwise(places)):
        at = 2 * page[4 * (count + 1) + width * index]
        read = _read_paragraph if are_paragraphs else _read_letters
        yield start, end, read(page, at, parse=layout.parse) if at else Properties()


def _read_letters(page: bytes, at: int, *, parse: Callable[[bytes], Properties]) -> Properties:
    return parse(page[at + 1 : at + 1 + page[at]])


def _read_paragraph(page: bytes, at: int, *, parse: Callable[[bytes], Properties]) -> Properties:
    size = 2 * page[at] - 1
    if not page[at]:
        at, size = at + 1, 2 * page[at + 1]
    body = page[at + 1 : at + 1 + size]
    if len(body) < 2:
        return Properties()
    return replace(parse(body[2:]), style=struct.unpack_from("<H", body)[0])


def parse_changes(changes: bytes) -> Properties:
    """Read a list of property changes (2.9.263); a damaged one up to its damage."""
    values: dict[int, int] = {}
    at = 0
    while at + 3 <= len(changes):
        code = struct.unpack_from("<H", changes, at)[0]
        at += 2
        size = _OPERAND_BYTES.get(code >> 13)
        if size is None:
            size = changes[at] + 1
            if code == _LONG_SIZE and at + 2 <= len(changes):
                size = struct.unpack_from("<H", changes, at)[0] + 1
        values[code] = int.from_bytes(changes[at : at + min(size, 4)], "little")
        at += size
    in_list = values.get(_LIST)
    return Properties(
        values.get(_FONT_OF_LETTERS, values.get(_FONT_OF_ASCII)), values.get(_STYLE), values.get(_DELETED) == 1,
        values.get(_ROW_END) == 1, in_list if in_list is None or in_list <= _MOST_LISTS else 0, values.get(_LEVEL),
        values.get(_HIDDEN) == 1,
    )  # fmt: skip


WORD_97 = Layout(page_number="I", paragraph_bytes=13, letter_bytes=2, default_font_at=18, parse=parse_changes)


def read_font_names(table: bytes) -> list[str]:
    """Return the names in a table of fonts (2.9.286)."""
    names: list[str] = []
    at = 4
    for _ in range(struct.unpack_from("<H", table)[0] if len(table) > 4 else 0):
        if at >= len(table):
            break
        record = table[at : at + 1 + table[at]]
        names.append(record[_FONT_NAME_AT:].decode("utf-16-le", "replace").partition("\0")[0])
        at += len(record)
    return names


@dataclass(frozen=True, slots=True)
class Style:
    """A style: the number of the one that it is based on, its font, its list and level; None where it says nothing."""

    base: int | None = None
    font: int | None = None
    in_list: int | None = None
    depth: int | None = None


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of a document by their numbers, and the font of letters without a style."""

    held: list[Style] = field(default_factory=list)
    default: int | None = None

    def find_font(self, style: int | None) -> int | None:
        """Return the font that a style has itself or by the styles it is based on."""
        return next((one.font for one in self._chain(style) if one.font is not None), None)

    def find_list(self, style: int | None) -> tuple[int, int]:
        """Return the list that a style puts its paragraphs in, 0 for none, and their level there."""
        chain = list(self._chain(style))
        in_list = next((one.in_list for one in chain if one.in_list is not None), 0)
        return in_list, next((one.depth for one in chain if one.depth is not None), 0)

    def _chain(self, style: int | None) -> Iterator[Style]:
        for _ in range(_MOST_STYLES_IN_CHAIN):
            if style is None or style >= len(self.held):
                return
            yield self.held[style]
            style = self.held[style].base


def read_styles(table: bytes, layout: Layout = WORD_97) -> Styles:
    """Read a style sheet (2.9.271); a damaged one up to its damage."""
    held: list[Style] = []
    if len(table) < 22:
        return Styles(held)
    size, count, head_bytes = struct.unpack_from("<HHH", table)
    has_default = size >= layout.default_font_at
    default = struct.unpack_from("<H", table, layout.default_font_at)[0] if has_default else None
    at = 2 + size
    for _ in range(count):
        if at + 2 > len(table):
            break
        length = struct.unpack_from("<H", table, at)[0]
        held.append(_read_style(table[at + 2 : at + 2 + length], head_bytes, layout=layout))
        at += 2 + length + length % 2
    return Styles(held, default)


def _read_style(style: bytes, head_bytes: int, *, layout: Layout) -> Style:
    """Read a style (2.9.260): the changes of its paragraphs, after its own number, then those of its letters."""
    if len(style) < head_bytes + 2 or head_bytes < 6:
        return Style()
    kind_and_base, counts = struct.unpack_from("<HH", style, 2)
    kind, base = kind_and_base & 0xF, kind_and_base >> 4
    width = layout.letter_bytes
    name_letters = int.from_bytes(style[head_bytes : head_bytes + width], "little")
    at = head_bytes + width * (name_letters + 2)
    at += at % 2
    changes: list[bytes] = []
    for _ in range(counts & 0xF):
        if at + 2 > len(style):
            break
        size = struct.unpack_from("<H", style, at)[0]
        changes.append(style[at + 2 : at + 2 + size])
        at += 2 + size + size % 2
    of_paragraph = layout.parse(changes[0][2:]) if kind == _PARAGRAPH_STYLE and changes else Properties()
    wanted = {_PARAGRAPH_STYLE: 1, _CHARACTER_STYLE: 0}.get(kind, len(changes))
    of_letters = layout.parse(changes[wanted]) if wanted < len(changes) else Properties()
    own = None if base == 0xFFF else base
    return Style(own, of_letters.font, of_paragraph.in_list, of_paragraph.depth)
