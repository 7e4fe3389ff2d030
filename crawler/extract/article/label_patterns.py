"""Recognise page furniture, labels and credits by their words. All patterns match folded text."""

import re
from itertools import pairwise

from crawler.language.counters import drop_tail
from crawler.language.text import fold

# Furniture and labels are shorter.
_MAX_LETTERS = 80

_COUNTER = re.compile(
    r"[\s|,;(–-]*(so )?(luot|lan) (xem|doc|truy cap)\s*:?\s*[\d.,]*\)?\s*$|[\s|(–-]+(da )?xem\s*:\s*[\d.,]+\)?\s*$"
)
_COUNTED = ("xem", "doc", "truy cap")
_RELATED = re.compile(
    r"^(cac |nhung )?(tin|bai|bai viet|tin bai|tin tuc|ban tin|chuyen muc)( bai| tuc)? "
    r"(khac|lien quan|cung chuyen muc|cung loai|cu hon|moi hon|da dua|tiep theo|moi nhat|cung muc)( khac)?\s*:?$"
)
_SIDE_HEADING = re.compile(
    r"^((cac |nhung )?(tin|bai|bai viet|tin bai|tin tuc) )?(moi( nhat| dang| cap nhat)?|noi bat( nhat)?|hot|tieu diem|"
    r"(duoc )?(xem|doc|quan tam) nhieu( nhat)?)$"
)
_FURNITURE = re.compile(
    r"^((so )?(luot|lan) (xem|doc|truy cap)\s*:?\s*[\d.,]*|(ban )?in( bai viet| trang| trang nay| tin "
    r"nay| ra)?|gui (email|mail|cho ban be|bai viet|thu)|"
    r"chia se( bai viet| facebook| zalo| qua.*)?:?|binh luan( \(\d+\))?|gui binh luan|y kien ban doc( "
    r"\(\d+\))?|(quay )?(lai|tro lai|ve)( trang truoc| dau trang)?|ve trang truoc|len dau trang|"
    r"danh gia( bai viet)?:?|tong so diem.*danh gia|doc bai viet|nghe (bai viet|doc bai|tin)|co chu:?|a "
    r"?[-+] ?a ?[-+]?|a[-+]|"
    r"luu bai viet|xem theo ngay.*|tu khoa:.*|tags?:.*|(dang )?cap nhat:?|print|share|email|facebook|"
    r"twitter|zalo)$"
)
_PAGER = re.compile(r"^[\s.…<>»«|]*\d{1,4}([\s.…<>»«|]*\s[\s.…<>»«|]*\d{1,4})+[\s.…<>»«|]*$")
_LEAD_IN = re.compile(
    r"^[-*+•\s(]*(((cac )?(tep|tap tin|file|van ban|tai lieu|noi dung|chi tiet)( tin)?|toan "
    r"van)?\s*(dinh kem|kem theo|gui kem|di kem|tai ve|download)( theo)?"
    r"( (tep|tap tin|file|van ban|tai lieu|tai day|o day|bai viet))?|tai (file|tep|van ban|tai lieu|ve)( "
    r"tai day| tai ve| dinh kem| van ban)?|"
    r"(tep|tap tin|file|tai lieu|van ban)|\d+\.?|(xem|tai) (chi tiet )?(van ban|noi dung|file|toan "
    r"van)?\s*(tai day|o day|dinh kem)|"
    r"\(?[\d.,]+ ?(kb|mb|bytes)\)?)\s*[:.;)>»-]*$"
)
_AUTHOR_LABEL = re.compile(r"^\(?\s*(tac gia( bai viet)?|nguoi viet|nguoi dang|nguoi gui|author|by)\s*[:：]\s*")
_NO_AUTHOR_LABEL = re.compile(r"^\(?\s*(nguoi dang|nguoi gui)\s*[:：]")
_SOURCE_LABEL = re.compile(r"^[(\[]?\s*(nguon( tin| bai| tin bai)?|theo nguon|nguon tu)(\s*[:：]\s*|\s+(?=[^\s]))")
_ACCORDING = re.compile(r"^[(\[]?\s*theo\s*:?\s+")
# A line that names who took a picture, or where it is from: with a label, or in brackets.
_PICTURE_WORDS = (
    r"(?:hinh anh|anh tu lieu|anh minh hoa|anh chup|anh|hinh|do hoa|minh hoa|so do|ban do|photos?|image|clip|video)"
)
_PICTURE_CREDIT = re.compile(
    rf"^[(\[]?\s*(?:(?:nguon|tac gia|ban quyen|thuc hien)\s*)?{_PICTURE_WORDS}(?! va (?:bai|tin)\b)(?: \w+){{0,3}}"
    r"\s*[:：]\s*\S|"
    rf"^[(\[]?\s*{_PICTURE_WORDS}\s*/\s*(?:anh|hinh|photo)\b|"
    rf"^[(\[]\s*(?:nguon\s*)?{_PICTURE_WORDS}\b[^()\[\]]*[)\]]\s*\.?$|"
    r"^[(\[]?\s*nguon\s*(?:[:：]|(?:anh|hinh) )\s*\S|^[(\[]\s*nguon\b[^()\[\]]*[)\]]\s*\.?$|"
    r"^anh (?:minh hoa|tu lieu|internet|suu tam|chup man hinh|cong tac vien|ctv|st|cat tu|do)\b"
)
_MAX_CREDIT_WORDS, _MAX_BARE_CREDIT_WORDS = 20, 10
_AGENCY = re.compile(r"^[(\[]?Ảnh[: ]+[A-ZĐ]{2,}+[\w/. ]*+[)\]]?$")
_POSTED = re.compile(
    r"(ngay (dang|gui|xuat ban|phat hanh|tao|viet)|dang (ngay|luc)|thoi gian dang|xuat ban|post(ed)?( "
    r"date)?)\b[^\d]{0,25}\d"
)
_UPDATED = re.compile(r"cap nhat|chinh sua|sua doi|last modified|updated")


def strip_counter(text: str) -> str:
    """Remove "Lượt xem: 14" or "(14 lượt xem)" from the end of a line. A sentence that ends so stays.

    >>> [strip_counter(text) for text in ("Lễ hội Lượt xem: 14", "Lễ hội (1.204 lượt xem)", "Đã có 14 lượt xem")]
    ['Lễ hội', 'Lễ hội', 'Đã có 14 lượt xem']
    """
    text = drop_tail(text)
    folded = fold(text)
    match = _COUNTER.search(folded) if any(word in folded for word in _COUNTED) else None
    if match is None or text[: match.start()].rstrip()[-1:].isdigit():
        return text
    return text[: match.start()].rstrip()


def is_related_heading(text: str) -> bool:
    """True for the line above a list of other articles, such as "Tin khác"."""
    return len(text) < _MAX_LETTERS and bool(_RELATED.match(fold(text).strip(" .:»>-*+•")))


def is_side_heading(text: str) -> bool:
    """True for the heading of a list beside the main list: "Tin khác", "Tin mới", "Xem nhiều"."""
    return is_related_heading(text) or bool(_SIDE_HEADING.match(fold(text).strip(" .:»>-*+•")))


def is_furniture_line(text: str) -> bool:
    """True for the words of tool bars, counters and pagers."""
    return len(text) < _MAX_LETTERS and bool(_FURNITURE.match(fold(text).strip()))


def is_pager_line(text: str) -> bool:
    """True for a row of page numbers such as "1 2 3 4 5 ...": ascending, some of them consecutive.

    False for one number alone, an amount ("12 345") or a telephone number.

    >>> [is_pager_line(text) for text in ("1 2 3 4 5 ...", "« 1 2 »", "... 6 7 8", "249", "12 345", "1.234")]
    [True, True, True, False, False, False]
    """
    if len(text) >= _MAX_LETTERS or not _PAGER.match(text):
        return False
    numbers = [int(digits) for digits in re.findall(r"\d+", text)]
    steps = [later - earlier for earlier, later in pairwise(numbers)]
    return min(steps) > 0 and 1 in steps


def is_attachment_lead_in(text: str) -> bool:
    """True for words that only introduce a file: "File đính kèm:", "Tải về", a size, a number, or no words."""
    if len(text) >= _MAX_LETTERS:
        return False
    folded = fold(text).strip(" .,:;-–•*+()[]|/»>→")
    return not folded or bool(_LEAD_IN.match(folded))


def strip_author_label(text: str) -> str | None:
    """Return X of "Tác giả: X". None without such a label at the beginning.

    "" for "Người đăng": it names who typed the article in, not who wrote it.
    """
    folded = fold(text[:_MAX_LETTERS])
    match = _AUTHOR_LABEL.match(folded)
    if match is None or len(fold(text)) != len(text):
        return None
    return "" if _NO_AUTHOR_LABEL.match(folded) else _unbracket(text, match.end())


def is_author_label(text: str) -> bool:
    """True for a label alone, such as "Tác giả"."""
    return bool(_AUTHOR_LABEL.fullmatch(f"{fold(text).rstrip(' :')}:"))


def strip_source_label(text: str) -> str | None:
    """Return X of "Nguồn: X", "(Nguồn X)", "Theo X". None for any other line.

    Many sentences begin with "Theo", some with "Nguồn": without a colon X must be short and a name, not a sentence.
    """
    folded = fold(text[:_MAX_LETTERS])
    match = _SOURCE_LABEL.match(folded)
    named = match is not None and (":" in match[0] or "：" in match[0])
    match = match or _ACCORDING.match(folded)
    if match is None or len(fold(text)) != len(text):
        return None
    value = _unbracket(text, match.end())
    if not value or len(value.split()) > (25 if named else 12):
        return None
    return value if named or is_name_of_source(value) else None


def is_name_of_source(value: str) -> bool:
    """True for a possible name of a newspaper, site or office: a capital or a domain, without the end of a sentence."""
    if value.endswith((".", ":", ";", "!", "?", ",")) or "," in value or any(char.isdigit() for char in value[:1]):
        return False
    return value[:1].isupper() or bool(re.fullmatch(r"(https?://)?[\w-]+(\.[\w-]+)+\S*", value))


def is_picture_credit(text: str) -> bool:
    """True for a line that only names a picture's author or source.

    >>> [is_picture_credit(text) for text in ("(Ảnh: Hồng Hải)", "Nguồn: Báo Lào Cai", "Ảnh TTXVN", "Ảnh minh họa")]
    [True, True, True, True]
    >>> [is_picture_credit(text) for text in ("Ảnh hưởng của bão", "Tin, ảnh: Hồng Hải", "Nguồn nước sạch")]
    [False, False, False]
    """
    words = len(text.split())
    if words > _MAX_CREDIT_WORDS:
        return False
    match = _PICTURE_CREDIT.match(fold(text))
    if match is None:
        return _AGENCY.match(text) is not None
    is_bare = not any(mark in text for mark in ":：([")
    return not is_bare or (words <= _MAX_BARE_CREDIT_WORDS and not text.endswith((".", ":", ";", "!", "?")))


def is_posted_line(text: str) -> bool:
    """True for a line that labels a date as the day of posting."""
    return bool(_POSTED.search(fold(text)))


def is_updated_line(text: str) -> bool:
    """True for a line that only has the date of a later change."""
    return bool(_UPDATED.search(fold(text))) and not is_posted_line(text)


def letters_only(text: str) -> str:
    """Return the letters and digits of a line, folded: equal for all spellings of the line."""
    return "".join(filter(str.isalnum, fold(text)))


def _unbracket(text: str, start: int) -> str:
    value = text[start:].strip()
    opened = text[:start].lstrip().startswith(("(", "["))
    if opened and value.endswith((")", "]", ").", ").")):
        value = value.rstrip(".")[:-1]
    return value.strip()
