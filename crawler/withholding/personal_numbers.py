"""Personal numbers in texts: citizens' identity numbers, mobile telephones, bank accounts. Pure.

Precision comes first: a list full of document numbers and sums of money is not read. So an identity number must follow
its own rules. An old identity number and an account number must have a word for it nearby. Only mobile telephones
count, because the other telephone numbers on portals belong to offices.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.language.text import fold, normalize_text

CONTEXT_CHARACTERS = 40
# The word that names a number is within this many characters before it; the nearest such word counts.
_NEAR = 60

# The codes of provinces and cities in identity numbers (Circular 59/2021/TT-BCA, annex 1).
_PROVINCES = frozenset(
    (
        1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44,
        45, 46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89,
        91, 92, 93, 94, 95, 96,
    )
)  # fmt: skip
# Digits in groups as people write them, separated by one space, dot or hyphen.
_NUMBER = re.compile(r"(?<![\w./=-])(?:\+84[ .-]?)?\(?[0-9](?:\)?[ .-]?[0-9]){7,18}(?![\w/%]|[.,-]\w)")
_MOBILE = re.compile(r"(?:84|0)(?:3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}")

_IDENTITY = (
    "cccd|cmnd|cmtnd|cmt|can cuoc|chung minh|ma dinh danh ca nhan|so dinh danh|dinh danh ca nhan|so cc|gttt|ho chieu"
)
_ACCOUNT = "so tai khoan|so tk|stk|tai khoan|tk so|tk"
_TELEPHONE = "dien thoai|dt|sdt|so dt|di dong|mobile|zalo|lien he|tel|phone|so may|goi"
_OTHER = (
    "so ky hieu|van ban|quyet dinh|cong van|to trinh|ma so thue|mst|ma so doanh nghiep|so hieu|so luong|kinh phi|"
    "so tien|tong muc|ma ho so|ma dinh danh|barcode|so seri|serial|bien so|toa do|ma so|ma vach"
)
_WORDS = re.compile(
    rf"\b(?:(?P<identity>{_IDENTITY})|(?P<account>{_ACCOUNT})|(?P<telephone>{_TELEPHONE})|(?P<other>{_OTHER}))\b"
)
# The head of a list of persons. It names the columns once; the numbers are far below.
_NAME_COLUMN, _IDENTITY_COLUMN = r"\bhọ (?:và |, )?tên\b", r"\b(?:cccd|cmnd|cmtnd|cmt|căn cước|chứng minh|định danh)\b"
_PERSONS = re.compile(
    rf"{_NAME_COLUMN}[^0-9]{{0,200}}?{_IDENTITY_COLUMN}|{_IDENTITY_COLUMN}[^0-9]{{0,200}}?{_NAME_COLUMN}", re.IGNORECASE
)
# With marks: without them, an office (sở, phòng) looks like a number (số) or a man's name (Phong).
_OFFICE = re.compile(
    r"\b(?:đường dây nóng|hotline|tổng đài|trực ban|văn phòng|[uủ][yỷ] ban|ubnd|hđnd|sở|phòng|ban chỉ huy|một cửa|fax|"
    r"cơ quan|trung tâm|công an|trạm|bệnh viện|đồn|kho bạc|mặt trận|mttq|quỹ|hội chữ thập|chữ thập đỏ|ban vận động|"
    r"công ty|tnhh|cứu trợ|ngân sách)\b"
)
_MONEY = re.compile(r"\s*(?:đồng|vnđ|vnd|đ|triệu|tỷ|tỉ|ngàn|nghìn|usd|m2|m²|m3|ha|kg|tấn|km|cổ phần|lít)\b")


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A found number: `kind` is `identity`, `telephone` or `account`, `digits` the number alone.

    `may_be_public`: if many articles name it, it belongs to an office. False for identity numbers.
    """

    kind: str
    digits: str
    context: str
    may_be_public: bool


def find_numbers(text: str) -> Iterator[FoundNumber]:
    """Find the personal numbers in a text.

    >>> [(found.kind, found.digits) for found in find_numbers("Ông A, CCCD số 001099012345, ĐT 0912.345.678.")]
    [('identity', '001099012345'), ('telephone', '0912345678')]
    >>> list(find_numbers("Quyết định 123456789/QĐ-UBND, kinh phí 12.345.678.900 đồng, ngày 01/02/2026"))
    []
    """
    head = _PERSONS.search(text)
    list_begins = head.end() if head else len(text)
    for found in _NUMBER.finditer(text):
        digits = re.sub(r"\D", "", found[0])
        before = text[max(0, found.start() - _NEAR) : found.start()]
        after = text[found.end() : found.end() + _NEAR]
        kind = _kind_of(digits, found[0], before=before, after=after)
        if kind is None and found.start() > list_begins and _is_listed(found[0], before, after=after):
            kind = "identity"
        if kind is not None:
            start, end = max(0, found.start() - CONTEXT_CHARACTERS), found.end() + CONTEXT_CHARACTERS
            yield FoundNumber(kind, digits, " ".join(text[start:end].split()), kind != "identity")


def _kind_of(digits: str, written: str, *, before: str, after: str) -> str | None:
    """Return the kind of a number; None if it does not belong to a person."""
    if _MONEY.match(normalize_text(after).lower()):
        return None
    called = _called(fold(before))
    is_plain = "." not in written and "-" not in written
    if called == "identity" and len(digits) in (9, 12) and not _is_grouped_as_money(written):
        return "identity"
    if called is None and is_plain and is_identity_number(digits):
        return "identity"
    if called == "account" and 8 <= len(digits) <= 19:
        # The account of a treasury or a fund is public, for payments.
        return None if _is_of_office(before + after) else "account"
    if _MOBILE.fullmatch(digits) and called in (None, "telephone") and not _is_grouped_as_money(written):
        return None if _is_of_office(before) else "telephone"
    return None


def _is_listed(written: str, before: str, *, after: str) -> bool:
    """Return whether a number in a list of persons can be an identity number. Workbooks drop its leading zeros."""
    row = before.rpartition("\n")[2]
    if _MONEY.match(normalize_text(after).lower()) or _called(fold(row)) not in (None, "identity"):
        return False
    is_old = len(written) == 9 and not written.endswith("000")
    return written.isdigit() and (is_old or (len(written) >= 10 and is_identity_number(written.zfill(12))))


def _is_of_office(words: str) -> bool:
    """Return whether words next to a number name an office."""
    return _OFFICE.search(normalize_text(words).lower()) is not None


def _called(before: str) -> str | None:
    """Return the kind that the nearest word before a number names; None if there is no such word."""
    found = list(_WORDS.finditer(before))
    return found[-1].lastgroup if found else None


def is_identity_number(digits: str) -> bool:
    """Return whether 12 digits can be an identity number: province, century and sex, year of birth, six more digits.

    >>> is_identity_number("001099012345"), is_identity_number("003099012345"), is_identity_number("001799012345")
    (True, False, False)
    """
    return len(digits) == 12 and int(digits[:3]) in _PROVINCES and digits[3] in "0123" and len(set(digits)) > 2


def _is_grouped_as_money(written: str) -> bool:
    """Return whether dots split a number into groups of three from its end, as in sums. No sum begins with 0.

    >>> _is_grouped_as_money("912.345.678"), _is_grouped_as_money("0912.345.678"), _is_grouped_as_money("063.123.456")
    (True, False, False)
    """
    return re.fullmatch(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+", written) is not None
