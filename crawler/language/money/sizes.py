"""Read sizes of money as people type them in a form or a search: "1,5 tỷ", "tren 200 trieu". Pure."""

import re
from dataclasses import dataclass

from crawler.language.money.sums import find_sums
from crawler.language.text import normalize_text

_LONGEST = 50
_UNMARKED = {
    "trieu": "triệu", "ty": "tỷ", "ti": "tỷ", "nghin": "nghìn", "ngan": "ngàn", "dong": "đồng", "nua": "nửa",
    "ruoi": "rưỡi",
}  # fmt: skip
_UNIT = "triệu|trieu|tỷ|tỉ|ty|ti"
_SIZE = (
    rf"(?P<size>(?:(?:[0-9][0-9.,]{{0,20}} ?|nửa |nua )(?:nghìn |nghin )?(?:{_UNIT})(?: rưỡi| ruoi)?"
    r"|[0-9]{1,4}(?:[.,][0-9]{1,2})?(?:tr|k))(?: (?:đồng|dong|vnđ|vnd))?)"
)
_LEAST = re.compile(rf"(?i:(?<!\w)(?:trên|tren|hơn|hon|từ|tu|ít nhất|it nhat) {_SIZE}(?: (?:trở lên|tro len))?(?!\w))")
_MOST = re.compile(
    rf"(?i:(?<!\w)(?:dưới|duoi|không quá|khong qua|tối đa|toi da|đến|den|tới|toi) {_SIZE}"
    r"(?: (?:trở xuống|tro xuong))?(?!\w))"
)


@dataclass(frozen=True, slots=True)
class SizeWords:
    """The bounds of sums, in đồng, that a search says in words; None where it says none. `rest` are its other words."""

    rest: str
    least: int | None
    most: int | None


def parse_size(text: str) -> int | None:
    """Read a size in đồng as a person writes it; None if it is none, or can be read in two ways.

    >>> [parse_size(text) for text in ("1 tỷ", "1,5 tỉ đồng", "1.500.000", "1000000000", "200 trieu", "5 USD", "")]
    [1000000000, 1500000000, 1500000, 1000000000, 200000000, None, None]
    """
    normal = normalize_text(text)[:_LONGEST]
    normal = " ".join(_UNMARKED.get(word.lower(), word) for word in normal.split(" "))
    for written in (normal, f"{normal} đồng"):
        found = list(find_sums(written))
        if len(found) == 1 and (found[0].start, found[0].end) == (0, len(written)):
            return found[0].dong
    return None


def find_size_words(text: str) -> SizeWords | None:
    """Find the words of a search that may be meant as bounds of sums; None if there are none.

    >>> find_size_words("cầu treo trên 1 tỷ")
    SizeWords(rest='cầu treo', least=1000000000, most=None)
    >>> find_size_words("từ 500 triệu đến 2 tỷ xây trường"), find_size_words("trên 1 tỷ người") is None
    (SizeWords(rest='xây trường', least=500000000, most=2000000000), True)
    """
    bounds: dict[str, int | None] = {}
    rest = text
    for name, pattern in (("least", _LEAST), ("most", _MOST)):
        match = pattern.search(rest)
        size = parse_size(match["size"]) if match else None
        if match is None or size is None or _counts_others(rest[match.end() :]):
            continue
        bounds[name] = size
        rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    least, most = bounds.get("least"), bounds.get("most")
    if not bounds or (least is not None and most is not None and least > most):
        return None
    return SizeWords(" ".join(rest.split()), least, most)


def _counts_others(behind: str) -> bool:
    """Return whether a magnitude counts something else: "trên 1 tỷ người"."""
    return re.match(r"(?i:\s(?:người|nguoi|dân|dan|cây|cay|con|tấn|tan|lượt|luot|m2|m3|ha)(?!\w))", behind) is not None
