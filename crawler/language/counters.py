"""Recognise what changes with every look at a page and is no content: counters of visitors, clocks. Pure.

All patterns match folded text. A number alone is never a counter: it takes a label that portals give to counters.
"""

import re

from crawler.language.text import fold

# Counters are short lines. A longer line is a sentence.
_MAX_LETTERS = 160

_NUMBER = r"(?:\d+(?:[.,\s]\d{3})*|\d+)"
_UNIT = r"(?:\s*(?:luot|lan|nguoi|khach|views?|hits?)(?:\s+(?:xem|doc|truy cap|khach))?)?"
_SEEN = r"(?:xem|doc|truy cap|view|views|tai|tai ve|nghe|thich|like|chia se)"
# A place has visitors and a contest has votes, too.
_AMBIGUOUS = r"(?:ghe tham|vieng tham|tham quan|quan tam|binh chon)"
_PERIOD = (
    r"(?:trong )?(?:hom nay|hom qua|ngay|tuan|thang|nam|tong|tat ca|tuan nay|thang nay|nam nay|tuan truoc|thang truoc)"
)
# Labels of counters alone.
_VIEWS = (
    rf"(?:(?:tong )?(?:so )?(?:luot|lan|nguoi|khach|luot nguoi)(?: dang)? {_SEEN}"
    rf"(?: (?:trang|tin|bai|bai viet|website|{_PERIOD}))?"
    rf"|(?:tong )?(?:so )?truy cap(?: {_PERIOD})?|(?:da|dang|so nguoi|nguoi|khach|thanh vien|tong so)?\s*"
    r"(?:truc tuyen|online)|dang (?:truy cap|xem|doc)|views?|hits?|visits?|visitors?|page ?views?|luot views?|"
    r"(?:da )?xem|luot khach truy cap|ban doc thu)"
)
_DAY = r"(?:(?:trong )?(?:ngay )?hom (?:nay|qua)|today|yesterday)"
# Labels that counters and texts have: they count beside a label of counters only.
_WEAK = (
    r"(?:(?:trong )?(?:tuan|thang|nam|ngay)(?: nay| truoc| qua)?|tat ca|tong(?: cong| so| luot)?|thanh vien|so luot|"
    rf"(?:(?:tong )?(?:so )?(?:luot|lan|nguoi|khach|luot khach) )?{_AMBIGUOUS}|(?:tong )?(?:so )?(?:luot )?khach|"
    r"may chu tim kiem|this (?:week|month)|total|all)"
)
_COUNTER = re.compile(
    rf"{_VIEWS}\s*(?:[:：=-]?\s*{_NUMBER}{_UNIT}|[:：])|{_DAY}\s*[:：=-]?\s*{_NUMBER}{_UNIT}|"
    rf"(?:(?:hien |dang |da )*co )?{_NUMBER}\s*(?:luot|lan|nguoi|khach|ban doc) (?:dang )?(?:{_SEEN}|truc tuyen|online)"
    r"(?: (?:trang|bai|bai viet|tin|website)(?: web)?(?: nay)?)?|"
    rf"(?:(?:trang|bai|bai viet|tin)(?: web)?(?: nay)? )?(?:da )?(?:duoc )?(?:xem|doc)\s*:?\s*{_NUMBER}\s*(?:lan|luot)"
)
_WEAK_COUNTER = re.compile(rf"{_WEAK}\s*[:：=-]?\s*{_NUMBER}{_UNIT}")
_CUT = re.compile(r"\s*[|•·;]\s*|\s+/\s+|\s+[–-]\s+|,\s+|\s{2,}")
# In "Hôm nay: 214 Hôm qua: 97" only the labels part the counters.
_CHAIN = re.compile(rf"(?:{_VIEWS}|{_DAY}|{_WEAK})\s*[:：]\s*{_NUMBER}(?:\s+|\s*[|•·;,/–-]\s*)?")
_CLOCK = re.compile(
    r"(?:(?:(?:bay gio|gio hien tai|thoi gian hien tai)(?: la)?|hom nay la)\s*:?\s*(?=.*\d{1,2}[:/h]\d)|"
    r"(?:da |duoc )?cap nhat (?:luc|vao luc|lan cuoi|moi nhat|gan nhat)\s*:?\s*)"
    r"(?:(?:thu (?:hai|ba|tu|nam|sau|bay|[2-7])|chu nhat)\s*,?\s*)?(?:ngay\s*)?"
    r"(?:h|gio|phut|giay|am|pm|ngay|thang|nam|[\d:/.,\s-])*"
)
_TAIL = re.compile(
    rf"\s*(?:[(\[]\s*|[|•·–-]\s*|\s){_VIEWS}\s*[:：]\s*{_NUMBER}{_UNIT}\s*[)\]]?\s*$|"
    rf"\s*(?:[(\[]\s*|[|•·]\s*|\s[–-]\s+){_NUMBER}\s*(?:(?:luot|lan) {_SEEN}|views?)\s*[)\]]?\s*$|"
    rf"\s*(?:[(\[]\s*|[|•·]\s*|\s[–-]\s+)(?:da )?(?:duoc )?(?:xem|doc)\s*:?\s*{_NUMBER}(?:\s*(?:lan|luot))?"
    r"\s*[)\]]?\s*$"
)
# The letters that a counter at the end of a line ends with.
_TAIL_ENDS = "0123456789)]mcpewhdnts "

_FIGURE = re.compile(r"\d+(?:[.,:/h-]\d+)*")
# Days, money, measures and people: a text states these.
_STATED = re.compile(
    r"\b(?:ngay|thang|nam|quy|dieu|khoan|so)\s+\d|\d\s*/\s*\d|\d\s*%|\d\s*(?:trieu|ty|ti|nghin|ngan|tram|dong|vnd|usd|ha|km|"
    r"m2|m3|m|kg|tan|ta|ho|nguoi|em|chau|ca|vu|mui|lieu|xa|thon|ban|to|doi|don vi|truong hop|phan tram)\b"
)
# Looks at a page, counted in a sentence. Visitors of a place are no such looks.
_LOOKS = re.compile(
    r"\b\d[\d.,]{0,20}\s*(?:luot|lan|nguoi|khach|ban doc|doc gia)(?: (?:luot|lan|nguoi|khach|ban doc|doc gia|da|dang))*"
    r" (?:xem|doc|truy cap|ghe tham|online|truc tuyen|view|views|tai ve|thich|chia se)\b|"
    r"\b(?:khach|nguoi|ban doc|doc gia|luot|lan)(?: (?:truy cap|ghe tham|xem|doc))? thu \d[\d.,]*|"
    r"\b(?:xem|doc|truy cap)[:\s]*\d[\d.,]*(?:\s*(?:lan|luot)\b|\s*[)\]]?\s*$)"
)
# A shorter line is a label.
_SENTENCE_WORDS = 8
_IN_SENTENCE = re.compile(r"\d\s+[a-z]")


def is_counter_line(text: str) -> bool:
    """Return whether a line has only counters or a clock.

    >>> [is_counter_line(text) for text in ("Hôm nay: 214", "Đang truy cập: 3 | Tất cả: 1.208.333", "1.204 lượt xem")]
    [True, True, True]
    >>> [is_counter_line(text) for text in ("214", "Tổng số: 214", "Hôm nay, 214 hộ đã nhận tiền", "Ngày 30/11")]
    [False, False, False, False]
    """
    folded = _fold_line(text)
    if folded is None:
        return False
    pieces = [piece for piece in _CUT.split(folded) if piece]
    if any(_COUNTER.fullmatch(piece) for piece in pieces) and all(map(_is_counter, pieces)):
        return True
    chained = f"{folded} "
    if _COUNTER.match(chained) and not _CHAIN.sub("", chained).strip() and len(_CHAIN.findall(chained)) > 1:
        return True
    return bool(_CLOCK.fullmatch(folded)) and any(char.isdigit() for char in folded)


def drop_counters(paragraphs: list[str], *, kept: frozenset[str] = frozenset()) -> list[str]:
    """Leave out paragraphs that are counters, and counters at the end of a paragraph.

    Args:
        paragraphs: of a text, in order.
        kept: paragraphs that are not counters whatever they say, such as rows of a table.

    >>> drop_counters(["Hội nghị tổng kết (Lượt xem: 14)", "Hôm nay: 214", "Trong tuần: 1.204", "Hết."])
    ['Hội nghị tổng kết', 'Hết.']
    >>> drop_counters(["Trong tuần: 1.204"]), drop_counters(["Hôm nay: 214"], kept=frozenset({"Hôm nay: 214"}))
    (['Trong tuần: 1.204'], ['Hôm nay: 214'])
    """
    counters = [text not in kept and is_counter_line(text) for text in paragraphs]
    # A weak label counts in a row of lines that has a strong one.
    weak = [text not in kept and _is_weak_line(text) for text in paragraphs] if any(counters) else counters
    for places in (range(len(paragraphs)), range(len(paragraphs) - 1, -1, -1)):
        beside = False
        for place in places:
            beside = counters[place] or (beside and weak[place])
            counters[place] = beside
    left = zip(paragraphs, counters, strict=True)
    return [text if text in kept else drop_tail(text) for text, is_counter in left if not is_counter]


def drop_tail(text: str) -> str:
    """Remove a counter from the end of a line. The line stays if nothing else is in it.

    >>> drop_tail("Lễ hội mùa xuân - 214 lượt xem"), drop_tail("Trang web đã có 214 lượt xem")
    ('Lễ hội mùa xuân', 'Trang web đã có 214 lượt xem')
    """
    if fold(text[-1:]) not in _TAIL_ENDS:
        return text  # most lines, without folding them
    folded = fold(text)
    match = _TAIL.search(folded) if len(folded) == len(text) else None
    return text[: match.start()].rstrip() or text if match else text


def is_figure_edit(old: str, new: str) -> bool:
    """Return whether two lines differ in a figure that a text states: a date, an amount, a number in a sentence.

    A number of looks at the page is none.

    >>> [is_figure_edit(old, new) for old, new in (("Ngày 30/11", "Ngày 1/12"), ("500 triệu đồng", "700 triệu đồng"),
    ...  ("Bạn đọc: 1.204", "Bạn đọc: 1.310"), ("Nước sạch", "Nước sông"), ("12 lượt đọc bài", "13 lượt đọc bài"))]
    [True, True, False, False, False]
    """
    before, folded = fold(old), fold(new)
    if _FIGURE.sub("0", before) != _FIGURE.sub("0", folded):
        return False
    if _LOOKS.search(folded) and _LOOKS.sub("", before) == _LOOKS.sub("", folded):
        return False
    if _STATED.search(folded):
        return True
    return len(folded.split()) >= _SENTENCE_WORDS and bool(_IN_SENTENCE.search(folded))


def _is_counter(piece: str) -> bool:
    return bool(_COUNTER.fullmatch(piece) or _WEAK_COUNTER.fullmatch(piece))


def _is_weak_line(text: str) -> bool:
    folded = _fold_line(text)
    return folded is not None and all(map(_is_counter, (piece for piece in _CUT.split(folded) if piece)))


def _fold_line(text: str) -> str | None:
    """Return a line folded, without marks at its ends. None for a text too long for counters."""
    if not text or len(text) > _MAX_LETTERS:
        return None
    return fold(text).strip(" .()[]•·*+|–-") or None
