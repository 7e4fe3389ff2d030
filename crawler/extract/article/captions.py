"""Find the captions of an article's pictures. `caption_signs` judges the paragraph after a picture.

A caption comes after its picture. The places are tried in order of trust: `figcaption`, the next row of a table of
pictures, then the paragraph after the picture. A paragraph is judged whole, with all
its `<br>`: it is the caption, or body, and never cut in two. A line after a caption that only names the picture's
author or source belongs to it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract.article.blocks import Block, Line, Picture
from crawler.extract.article.caption_signs import (
    BodyLook,
    describe_body,
    is_caption,
    is_indented,
    is_marked,
    join_lines,
)
from crawler.extract.article.label_patterns import is_picture_credit

# Longest caption in the row below a picture, in words. A longer row is a text of the table: no caption is longer.
_MAX_ROW_WORDS = 70
# A figure or a row of a table with more pictures and lines is not a gallery: each picture is compared with all others.
_MAX_TOGETHER = 200
# This many lines after a caption can name who took the picture and where it is from.
_MAX_CREDIT_LINES = 2
# The longest caption below the line that credits its picture, in words.
_MAX_BEHIND_CREDIT_WORDS = 40


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption and the places of its lines in the sequence it was read from."""

    text: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Paragraph:
    """The paragraph after a picture, its lines joined to one; `places` are those of the lines."""

    line: Line
    places: tuple[int, ...]


def find_captions(blocks: Sequence[Block], taken: frozenset[int]) -> dict[int, Caption]:
    """Return the captions by the place of their picture in `blocks`. Lines at `taken` (a byline) are not captions."""
    pictures = {place: block for place, block in enumerate(blocks) if isinstance(block, Picture)}
    placed = _find_placed(blocks, pictures, taken=taken)
    used = taken.union(*(caption.places for caption in placed.values()))
    rest = {place: picture for place, picture in pictures.items() if place not in placed}
    return _with_credits(blocks, placed | _find_judged(blocks, rest, used=used), taken=taken)


def _with_credits(
    blocks: Sequence[Block], captions: dict[int, Caption], *, taken: frozenset[int]
) -> dict[int, Caption]:
    """Add to each caption the lines after it that name the picture's author or source: "(Ảnh: X)", "Nguồn: Y"."""
    used = taken.union(*(caption.places for caption in captions.values()))
    captions = {place: _run_on(blocks, one, used=used) for place, one in captions.items()}
    used = used.union(*(caption.places for caption in captions.values()))
    captions = {place: _behind_credit(blocks, one, used=used) for place, one in captions.items()}
    used = used.union(*(caption.places for caption in captions.values()))
    return {place: _join(blocks, _credited(blocks, one.places, used=used)) for place, one in captions.items()}


def _alike_behind(blocks: Sequence[Block], caption: Caption, *, used: frozenset[int]) -> tuple[Line, Line] | None:
    """Return the last line of a caption and the short line after it, if that is free and looks the same."""
    last = max(caption.places)
    line, behind = blocks[last], blocks[last + 1] if last + 1 < len(blocks) else None
    if not isinstance(line, Line) or not isinstance(behind, Line) or last + 1 in used:
        return None
    looks_same = (line.look.italic, line.look.align) == (behind.look.italic, behind.look.align)
    return (line, behind) if looks_same and behind.words <= _MAX_BEHIND_CREDIT_WORDS else None


def _run_on(blocks: Sequence[Block], caption: Caption, *, used: frozenset[int]) -> Caption:
    """Add a line that goes on in small letters where a caption in the middle or in italics ended without a stop."""
    alike = _alike_behind(blocks, caption, used=used)
    if alike is None:
        return caption
    line, behind = alike
    is_set_off = line.look.italic or line.look.align == "center"
    if not (is_set_off and behind.text[:1].islower()) or line.text.endswith((".", ":", "!", "?")):
        return caption
    return _join(blocks, (*caption.places, max(caption.places) + 1))


def _behind_credit(blocks: Sequence[Block], caption: Caption, *, used: frozenset[int]) -> Caption:
    """Add the line after a caption that is only a credit, if it looks the same and not like the body."""
    alike = _alike_behind(blocks, caption, used=used)
    if alike is None or not is_picture_credit(caption.text):
        return caption
    body = describe_body(blocks)
    if not all(is_marked(line, body) for line in alike):
        return caption
    return _join(blocks, (*caption.places, max(caption.places) + 1))


def _credited(blocks: Sequence[Block], places: tuple[int, ...], *, used: frozenset[int]) -> tuple[int, ...]:
    found = list(places)
    for later in range(max(places) + 1, min(max(places) + 1 + _MAX_CREDIT_LINES, len(blocks))):
        line = blocks[later]
        if not isinstance(line, Line) or later in used or not is_picture_credit(line.text):
            break
        found.append(later)
    return tuple(found)


def _find_placed(blocks: Sequence[Block], pictures: dict[int, Picture], *, taken: frozenset[int]) -> dict[int, Caption]:
    """Find the captions whose place shows what they are: in a figure, or in the next row of a table."""
    captions: dict[int, Caption] = {}
    used = set(taken)
    figures, rows = _group_places(blocks)
    for place, picture in pictures.items():
        inside = figures.get(picture.look.figure, [])
        found = _in_figure(blocks, place, inside=inside, used=used) or _in_next_row(
            blocks, place, picture=picture, rows=rows, used=used
        )
        if found:
            captions[place] = _join(blocks, found)
            used.update(found)
    return captions


def _find_judged(blocks: Sequence[Block], pictures: dict[int, Picture], *, used: frozenset[int]) -> dict[int, Caption]:
    """Find the captions among the paragraphs after pictures, by their signs."""
    body = describe_body(blocks)
    following = {p: found for p in pictures if (found := _paragraph_after(blocks, p, used=used, body=body)) is not None}
    marked = any(is_marked(one.line, body) for one in following.values())
    judged = {p: a for p, a in following.items() if is_caption(a.line, pictures[p], body=body, others_marked=marked)}
    kept = _without_indented(judged, body)
    return {place: _join(blocks, paragraph.places) for place, paragraph in kept.items()}


def _group_places(blocks: Sequence[Block]) -> tuple[dict[int, list[int]], dict[tuple[int, int], list[int]]]:
    """Return the places of lines and pictures by their figure, and by table and row."""
    figures: dict[int, list[int]] = {}
    rows: dict[tuple[int, int], list[int]] = {}
    for place, block in enumerate(blocks):
        if not isinstance(block, Line | Picture):
            continue
        if block.look.figure:
            figures.setdefault(block.look.figure, []).append(place)
        if block.look.cell is not None:
            rows.setdefault((block.look.cell.table, block.look.cell.row), []).append(place)
    return figures, rows


def _join(blocks: Sequence[Block], places: tuple[int, ...]) -> Caption:
    lines = (blocks[place] for place in places)
    return Caption(" ".join(line.plain for line in lines if isinstance(line, Line) and line.plain), places)


def _in_figure(blocks: Sequence[Block], place: int, *, inside: list[int], used: set[int]) -> tuple[int, ...]:
    """Find the figcaption of a picture's figure. It belongs to the last picture before it, else to the first."""
    if len(inside) > _MAX_TOGETHER:
        return ()
    lines = [p for p in inside if isinstance(line := blocks[p], Line) and line.look.caption and p not in used]
    before = [p for p in inside if isinstance(blocks[p], Picture) and lines and p < lines[0]]
    return tuple(lines) if not before or before[-1] == place else ()


def _in_next_row(
    blocks: Sequence[Block], place: int, *, picture: Picture, rows: dict[tuple[int, int], list[int]], used: set[int]
) -> tuple[int, ...]:
    """Find the text under a picture in a table of pictures: the same column of the next row, or its only cell."""
    cell = picture.look.cell
    if cell is None:
        return ()
    places, places_below = rows[cell.table, cell.row], rows.get((cell.table, cell.row + 1), [])
    if max(len(places), len(places_below)) > _MAX_TOGETHER:
        return ()
    row, below = {p: blocks[p] for p in places}, {p: blocks[p] for p in places_below}
    pictures = {p: block.look.cell for p, block in row.items() if isinstance(block, Picture)}
    lines = {p: line for p, line in below.items() if isinstance(line, Line)}
    is_last_in_cell = place == max(p for p, other in pictures.items() if other == cell)
    if len(pictures) < len(row) or len(lines) < len(below) or not is_last_in_cell:
        return ()
    free = {p: line.look.cell for p, line in lines.items() if p not in used}
    found = [p for p, other in free.items() if other and (other.column, other.width) == (cell.column, cell.width)]
    if not found and place == max(row):
        found = [p for p, other in free.items() if other and other.width == 1]
    return tuple(found) if sum(lines[p].words for p in found) <= _MAX_ROW_WORDS else ()


def _paragraph_after(blocks: Sequence[Block], place: int, *, used: frozenset[int], body: BodyLook) -> _Paragraph | None:
    """Return the paragraph that directly follows a picture, else None.

    If only `<br>` separates the text above the picture from that below it, every line is a paragraph. So is a line
    with another look than the line above, or with an indent, unless a sentence runs on into it.
    """
    first = blocks[place + 1] if place + 1 < len(blocks) else None
    if not isinstance(first, Line) or place + 1 in used:
        return None
    lines, places = [first], [place + 1]
    is_bare = _is_bare(blocks, place)
    for later in range(place + 2, len(blocks)):
        more = blocks[later]
        if not isinstance(more, Line) or more.group != first.group or later in used:
            break
        is_set_apart = is_bare or more.lead >= 2 or is_marked(first, body) != is_marked(more, body)
        if is_set_apart and not more.text[:1].islower():
            break
        lines.append(more)
        places.append(later)
    return _Paragraph(join_lines(lines), tuple(places))


def _is_bare(blocks: Sequence[Block], place: int) -> bool:
    """True if the text below a picture has no block to itself, so that only `<br>` separates paragraphs.

    An example: `<div>Text.<br><img><br>A caption.<br>More text.</div>`.
    """
    above, picture, below = blocks[place - 1] if place else None, blocks[place], blocks[place + 1]
    if not isinstance(picture, Picture) or not isinstance(below, Line):
        return False
    if below.group == picture.group:
        return isinstance(above, Line) and above.group == picture.group
    # Every block boundary counts: between a centred block of a picture and another block there are two.
    return below.group == picture.group + 1 and picture.look.align == "center" != below.look.align


def _without_indented(found: dict[int, _Paragraph], body: BodyLook) -> dict[int, _Paragraph]:
    """Leave out paragraphs indented as body is, if other captions of the page are not."""
    like_body = {place for place, one in found.items() if is_indented(one.line) and not one.line.look.caption}
    if len(like_body) == len(found) or not (body.indented or body.mixed):
        return found
    return {place: one for place, one in found.items() if place not in like_body}
