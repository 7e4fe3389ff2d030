"""Decide whether the paragraph after a picture is its caption: the signs, strongest first, with their weights.

On this CMS often only the look distinguishes a caption from body. The first sign of `_SIGNS` that applies decides.
To add a rule, put one line into the table at the place of its strength.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from crawler.extract.article.appearance import blend_looks
from crawler.extract.article.blocks import Block, Line, Picture
from crawler.language.text import fold

# A body paragraph is indented by 4 or 5 NBSPs, a caption pushed to the middle by some 37 (seen: 24 to 74).
_CENTRING_NBSPS = 10
# The longest caption of a marked paragraph, in words (seen: 37).
_MAX_MARKED_WORDS = 70
# The longest caption that only italics mark, in words: italics mark a quotation too.
_MAX_ITALIC_WORDS = 60
# The longest caption of an unmarked paragraph, in words (seen: 14; the shortest body paragraph after a picture of the
# seed has 65).
_MAX_PLAIN_WORDS = 45
# The longest caption in words, of a marked paragraph in quotation marks, and of an unmarked one with a full stop.
_MAX_QUOTED_WORDS = _MAX_STOPPED_WORDS = 40
# A paragraph of at least this many words counts as body when the look of the body is read.
_MIN_BODY_WORDS = 25
# A caption's type is smaller than the body's by more than this, in points.
_MIN_POINTS_LESS = 0.9
# A caption can be a whole sentence with its full stop; an article whose paragraphs are that short rarely has pictures.
_MAX_SENTENCE_WORDS = 16
# A line of at most this length without a full stop is a caption. A longer one is a caption only if the paragraphs of
# the body end with full stops and it does not begin as they do.
_MAX_UNDOUBTED_WORDS = 30
# Shorter sentences (a signature, a heading) do not show whether paragraphs are indented.
_MIN_TELLING_WORDS = 8
_STOPS = (".", "!", "?", ";", ":", "…")

_NUMBERED = re.compile(r"^([0-9]{1,2}|[IVX]{1,4}|[a-zđ])[.)/]\s|^[-+*•]\s")
_POINTS_AT_PICTURE = re.compile(r"[(\[]\s*(xem )?(trong )?(anh|hinh)( \w+)? (tren|duoi|ben)\b")
# "… nhìn từ trên cao. Ảnh: X" has no second sentence.
_NEXT_SENTENCE = re.compile(r"[.!?]\s+(?!\(?(anh|nguon|hinh)\b)")
_CAPTION_WORDS = re.compile(
    r"^((mot so )?(hinh )?anh\b(?! huong)|quang canh|toan canh|canh\b|cac (dai bieu|dong chi|hoc sinh|doan vien|ho "
    r"dan|em)|dong chi|"
    r"d/c|dai bieu|lanh dao|ong |ba |doan |nguoi dan|ba con|can bo|nhan dan|luc luong|le |ban to chuc|du "
    r"khach|hoi nghi)"
)
_BODY_WORDS = re.compile(
    r"^(tai|trong|sau|truoc|dip|nhan dip|theo|ngoai|ben canh|ket thuc|cung|dong thoi|tuy|hien|day la|voi|"
    r"de|tu|qua|den|nam|ngay|"
    r"sang|chieu|toi|do|vi|nho|duoc biet|phat bieu|thay mat|tiep|khi|neu|moi|xin|tran trong|duoi day)\b"
)
_POINTS_ON = re.compile(
    r"^(xem|chi tiet|noi dung chi tiet|toan van|tai ve|moi (ban|cac ban|quy vi))\b(?! (tranh|phim|bieu dien))"
)
_SPEAKS = re.compile(
    r"\b(cho biet|chia se|noi|bay to|tam su|khang dinh|nhan manh|trao doi|phan khoi)( them)?\s*[:,]?\s*[“\"«]"
)


@dataclass(frozen=True, slots=True)
class BodyLook:
    """How most long paragraphs of an article look: a look that they share cannot mark a caption.

    `indented` if all are, `mixed` if only some are; `stopped` if most end with a full stop.
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


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A paragraph after a picture, in its article, with what several signs ask about it.

    `others_marked` if any such paragraph of the article is marked. `reads_on` if it begins as sentences of a body do,
    or has a second sentence. `names_scene` if it begins with words of captions ("Quang cảnh", "Đồng chí").
    `shares_block` if it is in one block with its picture, or alone with it in a table cell. `is_of_item` if both are in
    one item of a list, which the picture begins.
    """

    line: Line
    picture: Picture
    body: BodyLook
    others_marked: bool
    folded: str
    is_marked: bool
    is_sentence: bool
    is_short: bool
    is_capitals: bool
    reads_on: bool
    names_scene: bool
    shares_block: bool
    is_of_item: bool


@dataclass(frozen=True, slots=True)
class _Sign:
    """A sign: of a caption if its weight is positive, of body if it is negative."""

    name: str
    weight: int
    applies: Callable[[_Candidate], bool]


# In the order of |weight|. The number is only a rank: its order and sign matter. Gaps leave room for new signs.
_SIGNS = (
    _Sign("heading", -100, lambda c: c.line.look.heading and not (c.line.look.italic and _is_centred(c.line))),
    _Sign("cell of a row", -100, lambda c: _is_in_row(c.line) and c.line.look.cell != c.picture.look.cell),
    _Sign("list item", -99, lambda c: c.line.look.listed and not c.is_of_item),
    _Sign("mostly links to articles", -98, lambda c: c.line.linked > 0.5),
    _Sign("only offers a file", -97, lambda c: not c.line.plain),
    _Sign("longer than any caption", -96, lambda c: c.line.words > _MAX_MARKED_WORDS),
    _Sign("class or tag of captions", 90, lambda c: c.line.look.caption),
    _Sign("leads to what follows", -85, lambda c: c.line.text.endswith(":")),
    _Sign("points at the picture", -84, lambda c: bool(_POINTS_AT_PICTURE.search(c.folded))),
    _Sign("numbered", -83, lambda c: bool(_NUMBERED.match(c.line.text))),
    _Sign("quoted, unlike its picture", -82, lambda c: c.line.look.quoted and not c.picture.look.quoted),
    # Unlike the body in look; but a heading can be centred, and a quotation italic.
    _Sign("marked heading", -79, lambda c: c.is_marked and c.is_capitals and _is_upright_bold(c.line)),
    _Sign("marked and centred", 78, lambda c: c.is_marked and _is_centred(c.line)),
    _Sign("marked long quotation", -77, lambda c: c.is_marked and _is_long_quotation(c.line)),
    _Sign("marked but long", -76, lambda c: c.is_marked and c.line.words > _MAX_ITALIC_WORDS),
    _Sign("marked", 75, lambda c: c.is_marked),
    # Like the body in look.
    _Sign("long sentence", -69, lambda c: c.is_sentence and c.line.words > _MAX_STOPPED_WORDS),
    _Sign("long", -68, lambda c: c.line.words > _MAX_PLAIN_WORDS),
    _Sign("set right", -67, lambda c: c.line.look.align == "right" and not c.folded.startswith("anh")),
    _Sign("bold scene", 66, lambda c: _is_bolder(c) and c.names_scene and not c.is_capitals),
    _Sign("bold", -65, lambda c: _is_bolder(c)),
    _Sign("points to more", -61, lambda c: bool(_POINTS_ON.match(c.folded))),
    _Sign("quotes a speaker", -60, lambda c: c.is_sentence and bool(_SPEAKS.search(c.folded))),
    _Sign("below text and picture", -59, lambda c: c.shares_block and c.picture.after_text),
    _Sign("sentence of a body", -58, lambda c: not c.is_short and c.is_sentence and c.reads_on),
    _Sign("in the picture's block", 57, lambda c: c.shares_block),
    _Sign("indented", -50, lambda c: is_indented(c.line)),
    _Sign("not indented like body", 49, lambda c: c.body.indented),
    _Sign("not justified like body", 48, lambda c: c.body.justified and c.line.look.align != "justify"),
    _Sign("sentence in mixed body", -47, lambda c: c.body.mixed and c.is_sentence and not c.is_short),
    _Sign("short without stop", 39, lambda c: not c.is_sentence and c.line.words <= _MAX_UNDOUBTED_WORDS),
    _Sign("without stop, unlike body", 38, lambda c: not c.is_sentence and c.body.stopped and not c.reads_on),
    _Sign("without stop, like body", -37, lambda c: not c.is_sentence),
    _Sign("reads on", -36, lambda c: c.reads_on),
    _Sign("scene", 29, lambda c: c.names_scene and not c.others_marked and c.line.words <= _MAX_UNDOUBTED_WORDS),
    _Sign("short beside body", 28, lambda c: c.is_short and 2 * c.line.words < c.body.words),
)


def is_caption(line: Line, picture: Picture, *, body: BodyLook, others_marked: bool) -> bool:
    """Decide by the strongest sign that the paragraph after a picture shows; without any it is body.

    `others_marked` if any paragraph after a picture of the article is marked.
    """
    folded = fold(line.text)
    candidate = _Candidate(
        line=line,
        picture=picture,
        body=body,
        others_marked=others_marked,
        folded=folded,
        is_marked=is_marked(line, body),
        is_sentence=_is_sentence(line),
        is_short=line.words <= _MAX_SENTENCE_WORDS,
        is_capitals=line.text.isupper(),
        reads_on=bool(_BODY_WORDS.match(folded) or _NEXT_SENTENCE.search(folded)),
        names_scene=bool(_CAPTION_WORDS.match(folded)),
        shares_block=line.group == picture.group and not is_indented(line),
        is_of_item=picture.opens_item and line.look.item == picture.look.item,
    )
    return next((sign.weight for sign in _SIGNS if sign.applies(candidate)), -1) > 0


def is_marked(line: Line, body: BodyLook) -> bool:
    """True for a line that looks unlike the body in a way that marks captions."""
    look = line.look
    return (
        look.caption
        or (look.italic and not body.italic)
        or (look.align == "center" and not body.centred)
        or (look.small and not body.small)
        or 0 < look.points < body.points - _MIN_POINTS_LESS
        or line.lead >= _CENTRING_NBSPS
    )


def is_indented(line: Line) -> bool:
    """True for a line indented as a paragraph of a body is, not pushed to the middle."""
    return 2 <= line.lead < _CENTRING_NBSPS or (line.look.indented and line.look.align != "center")


def join_lines(lines: Sequence[Line]) -> Line:
    """Make one line of a paragraph's lines: it is italic, bold, small if all of them are."""
    if len(lines) == 1:
        return lines[0]
    looks = [line.look for line in lines]
    return replace(
        lines[0],
        text=" ".join(line.text for line in lines),
        plain=" ".join(line.plain for line in lines if line.plain),
        look=replace(blend_looks(looks), align=looks[0].align),
        linked=max(line.linked for line in lines),
        words=sum(line.words for line in lines),
    )


def describe_body(blocks: Sequence[Block]) -> BodyLook:
    """Describe the long paragraphs. Those right after a picture count only if there are no others."""
    paragraphs = _list_paragraphs(blocks)
    long = [(line, is_apart) for line, is_apart in paragraphs if line.words >= _MIN_BODY_WORDS]
    apart = [line for line, is_apart in long if is_apart]
    lines = apart or [line for line, _ in long if line.words > _MAX_MARKED_WORDS]
    telling = [line for line, is_apart in paragraphs if is_apart and _tells_of_indents(line)] or lines
    indented = sum(map(is_indented, telling))

    def most(shown: Iterable[bool]) -> bool:
        return sum(shown) > len(lines) / 2

    return BodyLook(
        italic=most(line.look.italic for line in lines),
        centred=most(line.look.align == "center" for line in lines),
        small=most(line.look.small for line in lines),
        justified=most(line.look.align == "justify" for line in lines),
        indented=0 < indented == len(telling),
        mixed=0 < indented < len(telling),
        stopped=most(map(_is_sentence, lines)),
        bold=most(line.look.bold for line in lines),
        words=sum(line.words for line in lines) / len(lines) if lines else 0.0,
        points=Counter(line.look.points for line in lines).most_common(1)[0][0] if lines else 0.0,
    )


def _is_bolder(candidate: _Candidate) -> bool:
    return candidate.line.look.bold and not candidate.body.bold


def _is_upright_bold(line: Line) -> bool:
    return line.look.bold and not line.look.italic


def _is_centred(line: Line) -> bool:
    return line.look.align == "center" or line.lead >= _CENTRING_NBSPS


def _is_in_row(line: Line) -> bool:
    return line.look.cell is not None and line.look.cell.width > 1


def _is_long_quotation(line: Line) -> bool:
    is_quoted = line.text.startswith(("“", '"', "«")) and line.text.rstrip(".!?").endswith(("”", '"', "»"))
    return is_quoted and line.words > _MAX_QUOTED_WORDS


def _is_sentence(line: Line) -> bool:
    return line.text.rstrip('”"»').endswith(_STOPS)


def _list_paragraphs(blocks: Sequence[Block]) -> list[tuple[Line, bool]]:
    """Return each paragraph, and whether it does not follow a picture.

    Lines that `<br>` separates are one paragraph unless a sentence ends between them or an indent begins the second.
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
    return [(join_lines(lines), is_apart) for lines, is_apart in found]


def _runs_on(line: Line, following: Line) -> bool:
    return following.lead < 2 and (following.text[:1].islower() or not _is_sentence(line))


def _tells_of_indents(line: Line) -> bool:
    """True for a sentence of the running text: not an entry of a list or table, a heading or a signature."""
    look = line.look
    is_other = look.listed or look.heading or look.bold or look.italic or look.cell is not None
    if is_other or look.align in ("center", "right"):
        return False
    return line.words >= _MIN_TELLING_WORDS and (_is_sentence(line) or ". " in line.text)
