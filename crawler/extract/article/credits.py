"""Find the lines that name an article's author and source, and never take a sentence for one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from crawler.extract.article.blocks import Block, Line, Picture
from crawler.extract.article.label_patterns import (
    is_author_label,
    is_picture_credit,
    strip_author_label,
    strip_source_label,
)
from crawler.language.places.place_names import is_place
from crawler.language.text import fold, normalize_text

# The number of closing lines that can be credits: a name, its office, a source.
_MAX_CLOSING_LINES = 4
_MAX_BYLINE_WORDS = 16

_LOOSE_LABEL = re.compile(r"^(Tác giả|TÁC GIẢ)\s+(?=[^\W\d_])")
_CREDIT = re.compile(
    r"^\(?(tin|bai|bai viet|tin bai|anh va tin|tin anh|thuc hien|bien tap|bien soan|tong hop|ctv|pv|phong vien|nhom pv)"
    r"((\s*[,/&+–-]\s*|\s+va\s+)(anh|bai|tin|video|clip))*\s*[:：]\s*\S|"
    r"^\(?(anh|video|clip)(\s*[,/&+–-]\s*|\s+va\s+)(bai|tin)\s*[:：]\s*\S|^\(?nguoi (dua|viet) tin\s*[:：]\s*\S"
)
_OFFICE = re.compile(
    r"^(ban|trung tam|tt|ttvh|phong|van phong|ubnd|hdnd|ubmttq|dai|to|cong|bbt|cong an|hoi|doan|tram|so|"
    r"bo phan|ctv|pv|nhom|"
    r"hat|chi cuc|truong|bhxh|benh vien|mttq|btg|trang|huyen|thi|xa|phuong|vp)\b"
)
# The first word of an office, with its marks: "Đài" is one, "Đại biểu" is not.
_OFFICE_HEAD = re.compile(
    r"(ban|trung tâm|tt|ttvh|phòng|văn phòng|ubnd|hđnd|ubmttq|mttq|đài|tổ|cổng|bbt|công an|hội|đoàn|trạm|sở|bộ phận|"
    r"ctv|pv|nhóm|hạt|chi cục|trường|bhxh|bệnh viện|btg|trang|vp|báo|(?:xã|thị|huyện|thành|tỉnh) (?:đoàn|đội|ủy|uỷ))"
    r"(?![^\W_])(?! viên\b)"
)
# Only these words (folded) are in small letters in the name of an office. A line with another one is a sentence.
_OFFICE_SMALL_WORDS = (
    "an ban bao benh bien binh bo buu can cao cap chi chien chinh chu chuc co cong cua cung cuu da dai dan dang "
    "danh dao dat dau di dich dien do doan doi dong du dua duc dung gia giao ha hang hanh hiem hinh ho hoa hoach "
    "hoc hoi hop huy huyen ke khen khoa khu khuyen kiem kinh ky lam lao lich lien luat luc ly mam mat moi mot "
    "ngan nghe nghiep nguoi nguyen nha nhan nhom nien noi non nong nu phan phap phat pho phong phu phuc phuong "
    "quan quoc quy rung sach sinh so su tac tai tam tang tao tap te thang thanh thao thap the thi thon thong thu "
    "thuat thuc thue thuong tich tiep tieu tin tinh to toc ton tong tra tram tran trang trien truc trung truong "
    "truyen tt tu tuoi tuyen ung uy va van vat ve vh vien vu xa xay y"
)
_OFFICE_WORDS = frozenset(_OFFICE_SMALL_WORDS.split())
_INITIALS = re.compile(r"[A-ZĐ]{1,2}(\.[A-ZĐ]{1,2}){1,3}\.?")
# A place, not a person.
_PLACE = re.compile(
    r"(xã|phường|thôn|bản|xóm|ấp|buôn|làng|huyện|quận|tỉnh|thị|khu|tổ|đội|thành phố|tiểu khu)\b", re.IGNORECASE
)
# More words in small letters than these make a sentence of a line that is set right.
_MAX_SMALL_WORDS = 3
_SIGNING_OFFICE = re.compile(
    r"^(uy ban|hoi dong|dang (uy|bo)|(huyen|thi|thanh|tinh) uy|bch|bcd|btc|toa an|vien kiem sat|cuc|mat tran|"
    r"lien minh)\b"
)
_OWN_OFFICE = re.compile(r"^(ban bien tap|bbt|cong (ttdt|thong tin dien tu)|trang (ttdt|thong tin dien tu)|ctv|pv)\b")
# Lines of a signature: the name below them signed a document and did not write the article.
_SIGNED_FOR = re.compile(
    r"^(tm|kt|tl|tuq|q)\s*\.|^t\s*/\s*[ml]\b|^tm\s*/|^(thay mat|thua (lenh|uy quyen)) (ban|uy|hdnd|ubnd|tap)\b"
)
_SIGNATURE = re.compile(
    r"\b(da ky|ky ten|ky va ghi ro)\b|^(quyen |pho )?(tong )?(chu tich|giam doc|bi thu|chanh van phong|hieu truong|"
    r"truong (phong|ban|doan|cong an|thon)|cuc truong|chi cuc truong|to truong|doi truong|thu truong|chu nhiem|"
    r"vien truong|chanh an|chi huy truong|vu truong|bo truong|thu ky)\b|^noi nhan|^nguoi (lap|ky|soan)\b|"
    r"^[^,.]{2,40},\s*ngay\b.{1,12}\bthang\b.{1,8}\bnam\b"
)
# With these words a notice ends: the office below gives it, and did not write an article.
_FORMULA = re.compile(r"^(xin )?(tran trong|kinh (bao|thong bao|moi|chuc)|rat mong)\b")
# This many lines above a name can belong to its signature; those of an office and a post are in capitals, and short.
_MAX_SIGNATURE_LINES, _MAX_POST_WORDS = 6, 10
# The heads of a list of winners or members, and the marks of its entries.
_LIST_HEAD = re.compile(
    r"^(danh sach|thanh phan|ket qua)\b.*[^.;,!?]$|\b(trung|doat|dat|trao) giai\b.*[^.;,!?]$|"
    r"^[-+*• ]*((giai|hang|huy chuong) (nhat|nhi|ba|tu|khuyen khich|dac biet|tap the|ca nhan|vang|bac|dong|[abc])|"
    r"hc[vbd])\b"
)
_LIST_MARK = re.compile(r"^(?:[-+*•–]|\d{1,3}\s*[.)/-]|[a-hđ][.)])\s*")
# A longer line is not taken apart: four names of five syllables with an office have 400 letters.
_LONGEST_NAME = 500
_ENTRY_PARTS = re.compile(r"\s*[:;,–(]\s*|\s+-\s+")
_SYLLABLE = re.compile(r"[^\W\d_]{1,7}(['’.-][^\W\d_]{1,7})*\.?")
_NO_NAME = re.compile(
    r"^(dong chi|d/c|ong|ba|anh|chi|em|chau|be|thay|co|bac|hoc sinh|thi sinh|gia dinh|giai|doi|kinh|tran trong|xin|"
    r"hay|moi|cac|nhung|mot|theo|tai|trong|ngay|sang|chieu)\b"
)
_BETWEEN = re.compile(r"\s*[|;•]\s*|\s+[-–]\s+(?=(?:Nguồn|Theo|Tác giả)\b)|\s{2,}|(?<=\S)\s+(?=(?:Nguồn|Tác giả)\s*:)")
# A line without any of these has nothing to cut. This test is fast for long lines.
_PARTING = ("|", ";", "•", "  ", "Nguồn", "Theo", "Tác giả")
_INLINE_SOURCE = re.compile(r"\s*[(\[](?=(nguon|theo)\b)[^()\[\]]{3,80}[)\]]\s*\.?$")


@dataclass(frozen=True, slots=True)
class Credits:
    """Byline and source as printed, without their labels. `places` are those of their lines.

    `shortened` is the rest of a body line that ends with its source in brackets, by place.
    """

    byline: str | None = None
    source: str | None = None
    places: frozenset[int] = frozenset()
    shortened: tuple[tuple[int, str], ...] = ()


def read_labelled(lines: Sequence[str], *, named: bool) -> Credits:
    """Read credits from lines outside the body.

    Args:
        lines: the lines of an author's element, or those around the body.
        named: True if the element is the author's, so that a line without a label is the byline.
    """
    byline = source = None
    places: set[int] = set()
    for place, line in enumerate(lines):
        for part in _parts(line):
            author, origin = strip_author_label(part), strip_source_label(part)
            if author is not None or origin is not None:
                places.add(place)
            byline = byline or author
            if author is None:
                source = source or origin
            if named and author is None and origin is None and not is_author_label(part):
                byline = byline or _LOOSE_LABEL.sub("", part)
    return Credits(byline or None, source, frozenset(places))


def find_closing(blocks: Sequence[Block], *, portal_title: str) -> Credits:
    """Find byline and source among the last lines of a body. The name of a place alone is neither."""
    places = [place for place, block in enumerate(blocks) if isinstance(block, Line)]
    byline: list[str] = []
    source: str | None = None
    used: set[int] = set()
    for place in reversed(places[-_MAX_CLOSING_LINES:]):
        line = blocks[place]
        assert isinstance(line, Line)
        labelled = read_labelled([line.plain], named=False)
        if is_place(line.plain, portal_title=portal_title):
            break
        if (
            labelled.places
            and not (byline and labelled.byline)
            and not _is_credit_of_picture(blocks, place, places=places)
        ):
            byline = byline or ([labelled.byline] if labelled.byline else [])
            source = source or labelled.source
        elif (not byline and _is_below_credit(blocks, place, places=places)) or (
            _is_byline(blocks, place, places=places)
            and (not byline or is_picture_credit(byline[0]) or _continues(line, blocks, used=used))
        ):
            byline.insert(0, line.plain)
        else:
            break
        used.add(place)
    shortened: tuple[tuple[int, str], ...] = ()
    if source is None:
        source, shortened = _inline_source(blocks, [p for p in places if p not in used])
    name, origin = _split_source(" ".join(byline))
    return Credits(name or None, source or origin, frozenset(used), shortened)


def _parts(line: str) -> list[str]:
    """Split "Tác giả: X | Nguồn: Y" into its parts."""
    if not any(mark in line for mark in _PARTING):
        return [line]
    return [piece for piece in _BETWEEN.split(line) if piece]


def _split_source(byline: str) -> tuple[str, str | None]:
    """Split "Hồng Hải (Nguồn: Báo Lào Cai)" or "Hồng Hải (Theo TTXVN)". Other brackets belong to the name."""
    if len(byline) > _LONGEST_NAME:
        return byline, None
    match = re.fullmatch(r"(.+?)\s*([(\[](?:Nguồn|nguồn|Theo|theo)\b.+[)\]])", byline)
    source = strip_source_label(match[2]) if match else None
    return (match[1], source) if match and source else (byline, None)


def _inline_source(blocks: Sequence[Block], places: list[int]) -> tuple[str | None, tuple[tuple[int, str], ...]]:
    """Find a source in brackets at the end of the last body line."""
    last = blocks[places[-1]] if places else None
    if not isinstance(last, Line):
        return None, ()
    folded = fold(last.plain)
    match = _INLINE_SOURCE.search(folded)
    if match is None or len(folded) != len(last.plain) or match.start() == 0:
        return None, ()
    source = strip_source_label(last.plain[match.start() :].strip().rstrip("."))
    return (source, ((places[-1], last.plain[: match.start()]),)) if source else (None, ())


def _is_credit_of_picture(blocks: Sequence[Block], place: int, *, places: list[int]) -> bool:
    """True for "Nguồn: Internet" under a picture with more text after it: it is the picture's source.

    So is a line in the middle under a picture, or under its caption, which is in the middle too.
    """
    above = blocks[place - 1] if place else None
    if isinstance(above, Picture) and place != places[-1]:
        return True
    if not _is_centred(blocks[place]):
        return False
    return isinstance(above, Picture) or (_is_centred(above) and place > 1 and isinstance(blocks[place - 2], Picture))


def _is_below_credit(blocks: Sequence[Block], place: int, *, places: list[int]) -> bool:
    """True for "Ảnh: Vũ Nam" right below "Tin: Thu Hà": together they are one byline."""
    line, above = blocks[place], blocks[place - 1] if place and place - 1 in places else None
    if not isinstance(line, Line) or not isinstance(above, Line) or not is_picture_credit(line.plain):
        return False
    return _CREDIT.match(fold(above.text)) is not None


def _is_centred(block: Block | None) -> bool:
    return isinstance(block, Line) and (block.look.align == "center" or block.lead >= 10)


def _continues(line: Line, blocks: Sequence[Block], *, used: set[int]) -> bool:
    """True for a name above its office, in one paragraph or both set right: together they are one byline."""
    below = blocks[min(used)]
    if not isinstance(below, Line) or len(used) > 1 or not _is_name(line.plain):
        return False
    alike = line.group == below.group or line.look.align == below.look.align == "right"
    return alike and bool(_OFFICE.match(fold(below.plain).lstrip("( ")))


def _is_byline(blocks: Sequence[Block], place: int, *, places: list[int]) -> bool:
    """Decide whether a closing line without a label names the author. No byline rather than a wrong one."""
    line = blocks[place]
    if not isinstance(line, Line) or not _may_be_byline(line) or _is_signed(blocks, place, places=places):
        return False
    text, folded, look = line.text, fold(line.text), line.look
    if _CREDIT.match(folded):
        return True
    is_name = (_is_name(text) and not _PLACE.match(text)) or bool(_INITIALS.fullmatch(text))
    if text.isupper() and look.align == "center":
        return False
    is_set = look.align == "right" or look.bold
    if text.endswith(".") and not (is_set and is_name) and not re.search(r"\b\w{1,2}\.$", text):
        return False
    if len(places) < 2 and not any(isinstance(block, Picture) for block in blocks):
        return False
    if look.align == "right":
        return is_name or not (_PLACE.match(text) or any(map(str.isdigit, text)) or _is_sentence_like(text))
    if _is_of_list(blocks, place, places=places):
        return False
    if look.bold:
        return is_name or (_is_office_name(text) and not text.isupper())
    if (
        place > 0
        and isinstance(blocks[place - 1], Picture)
        and (look.italic or look.align == "center" or line.lead >= 10)
    ):
        return False
    return is_name or bool(_OWN_OFFICE.match(folded))


def _may_be_byline(line: Line) -> bool:
    """True for a short line that is not a heading, item, cell, caption, link or unfinished sentence."""
    look, folded = line.look, fold(line.text)
    if not line.plain or line.plain != line.text or line.words > _MAX_BYLINE_WORDS or line.linked:
        return False
    if look.heading or look.listed or look.caption or (look.cell is not None and look.cell.width > 1):
        return False
    return not line.text.endswith((":", ";", "!", "?", ",", "…")) and not (
        _NO_NAME.match(folded) and not _CREDIT.match(folded)
    )


def _is_signed(blocks: Sequence[Block], place: int, *, places: list[int]) -> bool:
    """True if one of the lines above belongs to the signature of a document, or this one names a post."""
    lines = _lines_above(blocks, place, places=places)
    own = blocks[place]
    if isinstance(own, Line) and (_signs(own) or _is_post(own) or _is_below_post(own, lines[-1:])):
        return True
    if isinstance(own, Line) and _is_office(own) and any(_FORMULA.match(fold(line.text)) for line in lines[-2:]):
        return True
    short = takewhile(lambda line: line.words <= _MAX_POST_WORDS, reversed(lines))
    return any(_signs(line) for line in lines if line.words <= 12) or any(_is_post(line) for line in short)


def find_signed(blocks: Sequence[Block]) -> frozenset[int]:
    """Find the closing lines of a document's signature, from "TM. ỦY BAN NHÂN DÂN" on: a seal has no caption."""
    places = [place for place, block in enumerate(blocks) if isinstance(block, Line)][-_MAX_SIGNATURE_LINES - 2 :]
    for number, place in enumerate(places):
        line = blocks[place]
        if isinstance(line, Line) and line.words <= _MAX_POST_WORDS and _SIGNED_FOR.search(fold(line.text)):
            return frozenset(places[number:])
    return frozenset()


def _lines_above(blocks: Sequence[Block], place: int, *, places: list[int]) -> list[Line]:
    before = places[: places.index(place)][1 - _MAX_SIGNATURE_LINES :]
    return [block for p in before if isinstance(block := blocks[p], Line)]


def _signs(line: Line) -> bool:
    folded = fold(line.text)
    return bool(_SIGNED_FOR.search(folded) or (_SIGNATURE.search(folded) and not line.text.endswith(".")))


def _is_post(line: Line) -> bool:
    """True for an office or a post in capitals. A name in capitals is not one, and the portal's own office is not."""
    folded = fold(line.text)
    if not line.text.isupper() or line.text.endswith((".", "!", "?", ":")) or _OWN_OFFICE.match(folded):
        return False
    if _INITIALS.fullmatch(line.text):
        return False
    return bool(_OFFICE.match(folded) or _SIGNING_OFFICE.match(folded)) or not _is_name(line.text)


def _is_below_post(own: Line, above: Sequence[Line]) -> bool:
    """True for a name right below a post or an office: both set right, the line above is neither name nor credit."""
    if not above or not own.look.align == above[0].look.align == "right" or above[0].words > _MAX_POST_WORDS:
        return False
    text = above[0].text
    if text.endswith((".", "!", "?", "…", ":", ")")) or _is_name(text) or _CREDIT.match(fold(text)):
        return False
    return not (read_labelled([text], named=False).places or above[0].look.caption or is_picture_credit(text))


def _is_office_name(text: str) -> bool:
    """True for the name of an office.

    >>> [_is_office_name(text) for text in ("Phòng Văn hóa và Thông tin", "Đại biểu dự hội nghị", "Hội nghị kết thúc")]
    [True, False, False]
    """
    lowered = normalize_text(text).lower()
    small = [fold(word.strip("(),.;–-")) for word in text.split() if word[:1].islower()]
    parts = [part for word in small for part in re.split(r"\W+", word) if part]
    return _OFFICE_HEAD.match(lowered) is not None and _OFFICE_WORDS.issuperset(parts)


def _is_sentence_like(text: str) -> bool:
    """True for a line with several words in small letters that is neither an office nor begins with a name."""
    if sum(word[:1].islower() for word in text.split()) <= _MAX_SMALL_WORDS or _is_office_name(text):
        return False
    return not _is_full_name(re.split(r"\s*[,(–]\s*|\s+-\s+", text, maxsplit=1)[0])


def _is_office(line: Line) -> bool:
    folded = fold(line.text)
    return bool(_OFFICE.match(folded) or _SIGNING_OFFICE.match(folded)) and not _OWN_OFFICE.match(folded)


def _is_of_list(blocks: Sequence[Block], place: int, *, places: list[int]) -> bool:
    """True in a list of names, or of winners: the line before is an entry or the head of the list."""
    above = _lines_above(blocks, place, places=places)[-1:]
    if not above or above[0].words > _MAX_BYLINE_WORDS or is_author_label(above[0].text):
        return False
    if _is_at_picture(blocks, places[places.index(place) - 1]):
        return False
    text, folded = above[0].text, fold(above[0].text)
    entry = _LIST_MARK.sub("", text)
    if text.endswith(":") or _LIST_HEAD.search(folded) or _is_name(entry):
        return True
    parts = _ENTRY_PARTS.split(entry)
    is_entry = len(entry) < len(text) or (len(parts) > 1 and not text.endswith((".", "!", "?", "…")))
    return is_entry and any(_is_full_name(part) for part in parts)


def _is_at_picture(blocks: Sequence[Block], place: int) -> bool:
    """True for a line under a picture, and one that credits a picture: it names who is seen or who took it."""
    line = blocks[place]
    is_below = place > 0 and isinstance(blocks[place - 1], Picture)
    return is_below or (isinstance(line, Line) and (line.look.caption or is_picture_credit(line.text)))


def _is_full_name(text: str) -> bool:
    return len(text.split()) > 1 and _is_name(text)


def _is_name(text: str) -> bool:
    """True for one to four names, each of up to five capitalised syllables, perhaps with an office in brackets.

    >>> _is_name("Hồng Hải (Trng tâm VH,TT-TT Sa Pa)"), _is_name("Vàng A Páo - Thu Hà"), _is_name("Xin cảm ơn")
    (True, True, False)
    """
    if len(text) > _LONGEST_NAME:
        return False
    name, _, office = text.strip("() ").partition("(") if not text.startswith("(") else (text, "", "")
    if "(" in office or len(office.split()) > 12:
        return False
    parts = re.split(r"\s*[,&/;–+]\s*|\s+-\s+|\s+và\s+", name.strip(" ().,-–"))
    if _NO_NAME.match(fold(name)):
        return False
    offices = [place for place, part in enumerate(parts) if place and _OFFICE.match(fold(part))]
    parts = parts[: offices[0]] if offices else parts
    syllables = [part.split() for part in parts]
    if len(parts) > 4 or (len(parts) == 1 and len(syllables[0]) == 1 and not office):
        return False
    return all(1 <= len(part) <= 5 and all(_is_syllable(word) for word in part) for part in syllables)


def _is_syllable(word: str) -> bool:
    return word[:1].isupper() and bool(_SYLLABLE.fullmatch(word))
