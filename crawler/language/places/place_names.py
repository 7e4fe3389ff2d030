"""Names of places on a line of their own: below a text they say where it is from, and are not its author."""

import re
from functools import lru_cache

from crawler.language.text import fold

# The provinces and cities until 2025; those of today have names among them.
_PROVINCES = frozenset(
    """an giang|ba ria - vung tau|bac giang|bac kan|bac lieu|bac ninh|ben tre|binh dinh|binh duong|binh phuoc|
    binh thuan|ca mau|can tho|cao bang|da nang|dak lak|dak nong|dien bien|dong nai|dong thap|gia lai|ha giang|
    ha nam|ha noi|ha tinh|hai duong|hai phong|hau giang|hoa binh|ho chi minh|hue|hung yen|khanh hoa|kien giang|
    kon tum|lai chau|lam dong|lang son|lao cai|long an|nam dinh|nghe an|ninh binh|ninh thuan|phu tho|phu yen|
    quang binh|quang nam|quang ngai|quang ninh|quang tri|soc trang|son la|tay ninh|thai binh|thai nguyen|
    thanh hoa|thua thien hue|tien giang|tra vinh|tuyen quang|vinh long|vinh phuc|yen bai|viet nam""".replace("\n", "")
    .replace("    ", "")
    .split("|")
)
# A body of state before the name of its place, in the title of a portal.
_KIND = re.compile(r"\b(?:xa|phuong|thi tran|thi xa|huyen|quan|thanh pho|tinh|dac khu)\s+(?!xa\b|phuong\b|uy\b)")
_END = re.compile(r"\s*[,;|(/]|\s+[-–]\s+")


def is_place(text: str, *, portal_title: str) -> bool:
    """Return whether a line is the name of a province, or of the place whose portal it is, and nothing else.

    >>> title = "Cổng thông tin điện tử thị xã Sa Pa, tỉnh Lào Cai"
    >>> [is_place(text, portal_title=title) for text in ("Sa Pa", "Lào Cai.", "Hồng Hải", "Sa Pa xanh", "")]
    [True, True, False, False, False]
    """
    name = fold(text).strip(" .()–-")
    return name in _PROVINCES or name in _places_in(portal_title)


@lru_cache(maxsize=64)
def _places_in(title: str) -> frozenset[str]:
    folded = fold(title)
    names = (_END.split(folded[found.end() :])[0] for found in _KIND.finditer(folded))
    return frozenset(name for one in (folded, *names) if (name := _KIND.sub("", one).strip(" .")))
