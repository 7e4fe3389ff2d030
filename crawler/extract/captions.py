"""Which lines are the captions of which pictures.

On this CMS a caption is the paragraph after its picture, often told from body by nothing but its looks. The
signs are tried in order of trust: `figcaption` or the second row of a table; centred, italic, small, set in by
many NBSPs, or of a class that says so; last a short paragraph that does not look like the article's own body.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extract.blocks import Block, Line, Picture
from crawler.text import fold

# A body paragraph is indented by 4 or 5 NBSPs, a caption pushed to the middle by some 37 (seen: 24 to 74).
_CENTRING_NBSPS = 10
# Longest captions, in words: of a table's second row (seen: 102), of a marked paragraph (seen: 37), of one that
# nothing marks (seen: 14; the shortest body paragraph after a picture of the seed has 65).
_MAX_ROW_WORDS, _MAX_MARKED_WORDS, _MAX_PLAIN_WORDS = 140, 70, 40
_MIN_BODY_WORDS = 25
_MIN_POINTS_LESS = 0.9
# A caption can be a whole sentence, full stop and all; a body of paragraphs so short hardly has pictures.
_MAX_SENTENCE_WORDS = 16

_NUMBERED = re.compile(r"^([0-9]{1,2}|[IVX]{1,4}|[a-zđ])[.)/]\s|^[-+*•]\s")
_POINTS_AT_PICTURE = re.compile(r"[(\[]\s*(xem )?(trong )?(anh|hinh)( \w+)? (tren|duoi|ben)\b")
_CAPTION_WORDS = re.compile(
    r"^((mot so )?(hinh )?anh\b|quang canh|toan canh|canh\b|cac (dai bieu|dong chi|hoc sinh|doan vien|ho "
    r"dan|em)|dong chi|"
    r"d/c|dai bieu|lanh dao|ong |ba |doan |nguoi dan|ba con|can bo|nhan dan|luc luong|le |ban to chuc|du "
    r"khach|hoi nghi)"
)
_BODY_WORDS = re.compile(
    r"^(tai|trong|sau|truoc|dip|nhan dip|theo|ngoai|ben canh|ket thuc|cung|dong thoi|tuy|hien|day la|voi|"
    r"de|tu|qua|den|nam|ngay|"
    r"sang|chieu|toi|do|vi|nho|duoc biet|phat bieu|thay mat|tiep|khi|neu|moi|xin|tran trong|duoi day)\b"
)


@dataclass(frozen=True, slots=True)
class Caption:
    """A caption and the places of its lines in the sequence it was read from."""

    text: str
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Body:
    """How the long paragraphs of an article mostly look: what they share can mark no caption."""

    italic: bool
    centred: bool
    small: bool
    justified: bool
    indented: bool
    bold: bool
    words: float
    points: float


def find_captions(blocks: Sequence[Block], taken: frozenset[int]) -> dict[int, Caption]:
    """Give the captions by the place of their picture in `blocks`; places in `taken` are none (a byline, say)."""
    captions: dict[int, Caption] = {}
    used = set(taken)
    body = _describe_body(blocks)
    figures, rows = _group_places(blocks)
    places = [place for place, block in enumerate(blocks) if isinstance(block, Picture)]
    for place in places:
        found = _in_figure(blocks, place, figures, used) or _in_next_row(blocks, place, rows, used)
        if found:
            captions[place] = _join(blocks, found)
            used.update(found)
    marked = any(_is_marked(block, body) for p in places for block in blocks[p + 1 : p + 2] if isinstance(block, Line))
    for place in places:
        found = _following(blocks, place, used, body, marked) if place not in captions else ()
        if found:
            captions[place] = _join(blocks, found)
            used.update(found)
    return captions


def _group_places(blocks: Sequence[Block]) -> tuple[dict[int, list[int]], dict[tuple[int, int], list[int]]]:
    """Give the places of lines and pictures by their figure, and by table and row."""
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


def _in_figure(blocks: Sequence[Block], place: int, figures: dict[int, list[int]], used: set[int]) -> tuple[int, ...]:
    """Find the figcaption of a picture's figure; of several pictures it is the last before it, else the first."""
    picture = blocks[place]
    if not isinstance(picture, Picture) or not picture.look.figure:
        return ()
    inside = figures[picture.look.figure]
    lines = [p for p in inside if isinstance(line := blocks[p], Line) and line.look.caption and p not in used]
    if not lines:
        return ()
    before = [p for p in inside if isinstance(blocks[p], Picture) and p < lines[0]]
    owner = before[-1] if before else place
    return tuple(lines) if owner == place else ()


def _in_next_row(
    blocks: Sequence[Block], place: int, rows: dict[tuple[int, int], list[int]], used: set[int]
) -> tuple[int, ...]:
    """Find the text under a picture in a table of pictures: the same column of the next row, or its only cell."""
    picture = blocks[place]
    cell = picture.look.cell if isinstance(picture, Picture) else None
    if cell is None:
        return ()
    this_row, next_row = rows[cell.table, cell.row], rows.get((cell.table, cell.row + 1), [])
    if any(isinstance(blocks[p], Line) for p in this_row) or any(isinstance(blocks[p], Picture) for p in next_row):
        return ()
    if [p for p in this_row if isinstance(b := blocks[p], Picture) and b.look.cell == cell][-1] != place:
        return ()
    lines = [(p, b, b.look.cell) for p in next_row if isinstance(b := blocks[p], Line) and p not in used]
    same = [(p, b) for p, b, c in lines if c and (c.column, c.width) == (cell.column, cell.width)]
    if not same and place == this_row[-1]:
        same = [(p, b) for p, b, c in lines if c and c.width == 1]
    words = sum(line.words for _, line in same)
    return tuple(p for p, _ in same if place < p) if words <= _MAX_ROW_WORDS else ()


def _following(blocks: Sequence[Block], place: int, used: set[int], body: _Body, marked: bool) -> tuple[int, ...]:
    """Find the caption in what directly follows a picture."""
    picture = blocks[place]
    line = blocks[place + 1] if place + 1 < len(blocks) else None
    if not isinstance(picture, Picture) or not isinstance(line, Line) or place + 1 in used:
        return ()
    if not _is_caption(line, picture, body, marked):
        return ()
    found, words = [place + 1], line.words
    for later in range(place + 2, len(blocks)):
        more = blocks[later]
        if not isinstance(more, Line) or more.group != line.group or later in used:
            break
        words += more.words
        if words > _MAX_PLAIN_WORDS or (_is_marked(line, body) and not _is_marked(more, body)):
            break
        found.append(later)
    return tuple(found)


def _is_caption(line: Line, picture: Picture, body: _Body, others_marked: bool) -> bool:
    folded = fold(line.text)
    if line.look.heading or line.look.listed or line.linked > 0.5 or not line.plain:
        return False
    if line.words > _MAX_MARKED_WORDS:
        return False
    if line.look.caption:
        return True
    if line.text.endswith(":") or _POINTS_AT_PICTURE.search(folded):
        return False
    if _NUMBERED.match(line.text):
        return False
    if _is_marked(line, body):
        return _is_marked_caption(line)
    if line.words > _MAX_PLAIN_WORDS or (line.look.align == "right" and not folded.startswith("anh")):
        return False
    if line.look.bold and not body.bold:
        return bool(_CAPTION_WORDS.match(folded)) and not line.text.isupper()
    if _is_alone_with(line, picture):
        return not picture.after_text
    return _is_plain_caption(line, body, folded, others_marked)


def _is_marked_caption(line: Line) -> bool:
    """Decide on a line that looks like no body: a heading can be centred, and a quotation italic."""
    if line.look.bold and not line.look.italic and line.text.isupper():
        return False
    only_italic = line.look.align != "center" and line.lead < _CENTRING_NBSPS
    return not (only_italic and line.words > _MAX_PLAIN_WORDS)


def _is_plain_caption(line: Line, body: _Body, folded: str, others_marked: bool) -> bool:
    """Decide on a line that nothing marks, by how the body around it looks."""
    is_sentence = line.text.endswith((".", "!", "?", ";", "…"))
    reads_on = bool(_BODY_WORDS.match(folded) or re.search(r"[.!?]\s", line.text))
    if is_sentence and reads_on and line.words > _MAX_SENTENCE_WORDS:
        return False
    if body.indented or _is_indented(line):
        return body.indented and not _is_indented(line)
    if body.justified and line.look.align != "justify":
        return line.words <= _MAX_PLAIN_WORDS
    if not is_sentence:
        return line.words <= 30
    if reads_on:
        return False
    if not others_marked and line.words <= 30 and _CAPTION_WORDS.match(folded):
        return True
    return line.words <= _MAX_SENTENCE_WORDS and 2 * line.words < body.words


def _is_alone_with(line: Line, picture: Picture) -> bool:
    """True where a line stands in one block with the picture before it, or alone with it in a table cell."""
    return line.group == picture.group and not _is_indented(line)


def _is_marked(line: Line, body: _Body) -> bool:
    look = line.look
    return (
        look.caption
        or (look.italic and not body.italic)
        or (look.align == "center" and not body.centred)
        or (look.small and not body.small)
        or 0 < look.points < body.points - _MIN_POINTS_LESS
        or line.lead >= _CENTRING_NBSPS
    )


def _is_indented(line: Line) -> bool:
    return 2 <= line.lead < _CENTRING_NBSPS or (line.look.indented and line.look.align != "center")


def _describe_body(blocks: Sequence[Block]) -> _Body:
    """Describe the long paragraphs; those right after a picture count only where there are no others."""
    long = [(p, b) for p, b in enumerate(blocks) if isinstance(b, Line) and b.words >= _MIN_BODY_WORDS]
    apart = [b for p, b in long if p == 0 or not isinstance(blocks[p - 1], Picture)]
    lines = apart or [b for _, b in long if b.words > _MAX_MARKED_WORDS]
    half = len(lines) / 2
    return _Body(
        italic=sum(b.look.italic for b in lines) > half,
        centred=sum(b.look.align == "center" for b in lines) > half,
        small=sum(b.look.small for b in lines) > half,
        justified=sum(b.look.align == "justify" for b in lines) > half,
        indented=sum(_is_indented(b) for b in lines) > half,
        bold=sum(b.look.bold for b in lines) > half,
        words=sum(b.words for b in lines) / len(lines) if lines else 0.0,
        points=Counter(b.look.points for b in lines).most_common(1)[0][0] if lines else 0.0,
    )
