"""Which lines are the captions of which pictures.

On this CMS a caption is the paragraph after its picture, often told from body by nothing but its looks. The
signs are tried in order of trust: `figcaption` or the second row of a table; centred, italic, small, set in by
many NBSPs, or of a class that says so; last a short paragraph that does not look like the article's own body.
A paragraph is judged whole, however many `<br>` break it: it is the caption, or body, and never cut in two.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from crawler.extract.article.blocks import Block, Line, Picture, blend_looks
from crawler.language.text import fold

# A body paragraph is indented by 4 or 5 NBSPs, a caption pushed to the middle by some 37 (seen: 24 to 74).
_CENTRING_NBSPS = 10
# Longest captions, in words: of a table's second row (seen: 102), of a marked paragraph (seen: 37), of one that only
# italics mark, as they do a quotation, of one that nothing marks (seen: 14; the shortest body paragraph after a
# picture of the seed has 65). No length is known for the last; with a full stop it is less.
_MAX_ROW_WORDS, _MAX_MARKED_WORDS, _MAX_ITALIC_WORDS, _MAX_PLAIN_WORDS = 140, 70, 60, 45
_MAX_QUOTED_WORDS = _MAX_STOPPED_WORDS = 40
_MIN_BODY_WORDS = 25
_MIN_POINTS_LESS = 0.9
# A caption can be a whole sentence, full stop and all; a body of paragraphs so short hardly has pictures.
_MAX_SENTENCE_WORDS = 16
# So long a line without a full stop is a caption only where body has full stops and it does not begin like body.
_MAX_UNDOUBTED_WORDS = 30
# Sentences of fewer words (a signature, a heading) do not tell whether paragraphs are indented.
_MIN_TELLING_WORDS = 8
_STOPS = (".", "!", "?", ";", ":", "…")

_NUMBERED = re.compile(r"^([0-9]{1,2}|[IVX]{1,4}|[a-zđ])[.)/]\s|^[-+*•]\s")
_POINTS_AT_PICTURE = re.compile(r"[(\[]\s*(xem )?(trong )?(anh|hinh)( \w+)? (tren|duoi|ben)\b")
# "… nhìn từ trên cao. Ảnh: X" is no second sentence.
_NEXT_SENTENCE = re.compile(r"[.!?]\s+(?!\(?(anh|nguon|hinh)\b)")
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
class _Paragraph:
    """The paragraph after a picture, its lines joined to one; `places` are those of the lines."""

    line: Line
    places: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Body:
    """How the long paragraphs of an article mostly look: what they share can mark no caption.

    `indented` where all are, `mixed` where only some are; `stopped` where most end with a full stop.
    """

    italic: bool
    centred: bool
    small: bool
    justified: bool
    indented: bool
    mixed: bool
    stopped: bool
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
        found = _in_figure(blocks, place, figures=figures, used=used) or _in_next_row(
            blocks, place, rows=rows, used=used
        )
        if found:
            captions[place] = _join(blocks, found)
            used.update(found)
    paragraphs = {p: _paragraph_after(blocks, p, used=used, body=body) for p in places if p not in captions}
    following = {place: paragraph for place, paragraph in paragraphs.items() if paragraph is not None}
    marked = any(_is_marked(paragraph.line, body) for paragraph in following.values())
    for place, paragraph in _without_indented(
        {p: one for p, one in following.items() if _is_caption(one.line, blocks[p], body=body, others_marked=marked)},
        body,
    ).items():
        captions[place] = _join(blocks, paragraph.places)
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


def _in_figure(
    blocks: Sequence[Block], place: int, *, figures: dict[int, list[int]], used: set[int]
) -> tuple[int, ...]:
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
    blocks: Sequence[Block], place: int, *, rows: dict[tuple[int, int], list[int]], used: set[int]
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


def _paragraph_after(blocks: Sequence[Block], place: int, *, used: set[int], body: _Body) -> _Paragraph | None:
    """Give the paragraph that directly follows a picture; None where something else does.

    Where `<br>` alone parts the text above the picture from that below it, every line is a paragraph. So is what
    is set in another way than the line above, or indented, unless a sentence runs on into it.
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
        is_set_apart = is_bare or more.lead >= 2 or _is_marked(first, body) != _is_marked(more, body)
        if is_set_apart and not more.text[:1].islower():
            break
        lines.append(more)
        places.append(later)
    return _Paragraph(_join_lines(lines), tuple(places))


def _is_bare(blocks: Sequence[Block], place: int) -> bool:
    """True where the text below a picture stands in no block of its own, so that only `<br>` parts paragraphs."""
    above, picture, below = blocks[place - 1] if place else None, blocks[place], blocks[place + 1]
    if not isinstance(picture, Picture) or not isinstance(below, Line):
        return False
    if below.group == picture.group:
        return isinstance(above, Line) and above.group == picture.group
    # Every block boundary counts: between a centred block of a picture and another block there are two.
    return below.group == picture.group + 1 and picture.look.align == "center" != below.look.align


def _join_lines(lines: Sequence[Line]) -> Line:
    """Make one line of a paragraph's lines: it is italic, bold, small where all of them are."""
    if len(lines) == 1:
        return lines[0]
    looks = [line.look for line in lines]
    look = replace(blend_looks(looks), align=looks[0].align)
    return replace(
        lines[0],
        text=" ".join(line.text for line in lines),
        plain=" ".join(line.plain for line in lines if line.plain),
        look=look,
        linked=max(line.linked for line in lines),
        words=sum(line.words for line in lines),
    )


def _without_indented(found: dict[int, _Paragraph], body: _Body) -> dict[int, _Paragraph]:
    """Leave out what is indented as body is, where other captions of the page are not."""
    like_body = {place for place, one in found.items() if _is_indented(one.line) and not one.line.look.caption}
    if len(like_body) == len(found) or not (body.indented or body.mixed):
        return found
    return {place: one for place, one in found.items() if place not in like_body}


def _is_caption(line: Line, picture: Block, *, body: _Body, others_marked: bool) -> bool:
    folded = fold(line.text)
    if line.look.heading or line.look.listed or line.linked > 0.5 or not line.plain:
        return False
    if line.words > _MAX_MARKED_WORDS:
        return False
    if line.look.caption:
        return True
    if line.text.endswith(":") or _POINTS_AT_PICTURE.search(folded) or _NUMBERED.match(line.text):
        return False
    if _is_marked(line, body):
        return _is_marked_caption(line)
    if line.words > (_MAX_STOPPED_WORDS if _is_sentence(line) else _MAX_PLAIN_WORDS) or (
        line.look.align == "right" and not folded.startswith("anh")
    ):
        return False
    if line.look.bold and not body.bold:
        return bool(_CAPTION_WORDS.match(folded)) and not line.text.isupper()
    if isinstance(picture, Picture) and _is_alone_with(line, picture):
        return not picture.after_text and not _is_body_sentence(line, folded)
    return _is_plain_caption(line, body, folded=folded, others_marked=others_marked)


def _is_marked_caption(line: Line) -> bool:
    """Decide on a line that looks like no body: a heading can be centred, and a quotation italic."""
    if line.look.bold and not line.look.italic and line.text.isupper():
        return False
    if line.look.align == "center" or line.lead >= _CENTRING_NBSPS:
        return True
    is_quotation = line.text.startswith(("“", '"', "«")) and line.text.rstrip(".!?").endswith(("”", '"', "»"))
    return line.words <= (_MAX_QUOTED_WORDS if is_quotation else _MAX_ITALIC_WORDS)


def _is_plain_caption(line: Line, body: _Body, *, folded: str, others_marked: bool) -> bool:
    """Decide on a line that nothing marks, by how the body around it looks."""
    if _is_body_sentence(line, folded) or _is_indented(line):
        return False
    if body.indented:
        return True
    is_justified = line.look.align == "justify"
    if body.justified and not is_justified:
        return True
    if body.mixed and _is_sentence(line) and line.words > _MAX_SENTENCE_WORDS:
        return False
    if not _is_sentence(line):
        return line.words <= _MAX_UNDOUBTED_WORDS or (body.stopped and not _reads_on(folded))
    if _reads_on(folded):
        return False
    if not others_marked and line.words <= _MAX_UNDOUBTED_WORDS and _CAPTION_WORDS.match(folded):
        return True
    return line.words <= _MAX_SENTENCE_WORDS and 2 * line.words < body.words


def _is_sentence(line: Line) -> bool:
    return line.text.rstrip('”"»').endswith(_STOPS)


def _reads_on(folded: str) -> bool:
    """True where a line begins as sentences of a text do, or goes on after its first."""
    return bool(_BODY_WORDS.match(folded) or _NEXT_SENTENCE.search(folded))


def _is_body_sentence(line: Line, folded: str) -> bool:
    return line.words > _MAX_SENTENCE_WORDS and _is_sentence(line) and _reads_on(folded)


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
    paragraphs = _list_paragraphs(blocks)
    long = [(line, is_apart) for line, is_apart in paragraphs if line.words >= _MIN_BODY_WORDS]
    apart = [line for line, is_apart in long if is_apart]
    lines = apart or [line for line, _ in long if line.words > _MAX_MARKED_WORDS]
    half = len(lines) / 2
    telling = [line for line, is_apart in paragraphs if is_apart and _tells_of_indents(line)] or lines
    indented = sum(map(_is_indented, telling))
    return _Body(
        italic=sum(b.look.italic for b in lines) > half,
        centred=sum(b.look.align == "center" for b in lines) > half,
        small=sum(b.look.small for b in lines) > half,
        justified=sum(b.look.align == "justify" for b in lines) > half,
        indented=0 < indented == len(telling),
        mixed=0 < indented < len(telling),
        stopped=sum(map(_is_sentence, lines)) > half,
        bold=sum(b.look.bold for b in lines) > half,
        words=sum(b.words for b in lines) / len(lines) if lines else 0.0,
        points=Counter(b.look.points for b in lines).most_common(1)[0][0] if lines else 0.0,
    )


def _list_paragraphs(blocks: Sequence[Block]) -> list[tuple[Line, bool]]:
    """Give the paragraphs, and of each whether it stands apart from pictures.

    Lines parted by `<br>` are one paragraph unless a sentence ends between them or an indent begins the second.
    """
    found: list[tuple[list[Line], bool]] = []
    before: Block | None = None
    for block in blocks:
        if isinstance(block, Line):
            if isinstance(before, Line) and before.group == block.group and _runs_on(before, block):
                found[-1][0].append(block)
            else:
                found.append(([block], not isinstance(before, Picture)))
        before = block
    return [(_join_lines(lines), is_apart) for lines, is_apart in found]


def _runs_on(line: Line, following: Line) -> bool:
    return following.lead < 2 and (following.text[:1].islower() or not _is_sentence(line))


def _tells_of_indents(line: Line) -> bool:
    """True for a sentence of the running text: no entry of a list or table, heading or signature."""
    look = line.look
    if (
        look.listed
        or look.heading
        or look.bold
        or look.italic
        or look.cell is not None
        or look.align in ("center", "right")
    ):
        return False
    return line.words >= _MIN_TELLING_WORDS and (_is_sentence(line) or ". " in line.text)
