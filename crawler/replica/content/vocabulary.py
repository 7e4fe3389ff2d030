"""The names and sentences of an invented district, Tả Sơn in Hoàng Liên province, from `vocabulary.toml`.

Places and persons are invented. The sentences are templates; `prose` fills their `{slots}`. A slot with a digit at the
end of its name keeps its value within one article.
"""

import tomllib
from importlib import resources

_TEXT = (resources.files("crawler.replica.content") / "vocabulary.toml").read_text(encoding="utf-8")
_LISTS: dict[str, tuple[str, ...]] = {name: tuple(entries) for name, entries in tomllib.loads(_TEXT).items()}

COMMUNES, VILLAGES = _LISTS["communes"], _LISTS["villages"]
SURNAMES, GIVEN, ROLES = _LISTS["surnames"], _LISTS["given"], _LISTS["roles"]
UNITS, SCHOOLS, OFFICES, AGENCIES = _LISTS["units"], _LISTS["schools"], _LISTS["offices"], _LISTS["agencies"]
CROPS, HERDS, FESTIVALS = _LISTS["crops"], _LISTS["herds"], _LISTS["festivals"]
ANNUAL_TITLES, LONG_TAILS, COMMON = _LISTS["annual_titles"], _LISTS["long_tails"], _LISTS["common"]
ITEMS, HEADINGS = _LISTS["items"], _LISTS["headings"]
