"""The descriptions of tables, columns and queries in each language.

`datasette-metadata.json` has the English words; `vi/descriptions.json` has the Vietnamese ones, by the English text. A
query says both in its own description, parted by " / ".
"""

import json
from functools import cache

from crawler.locale.catalogues import ROOT

_PARTED = " / "


def describe(description: str, language: str) -> str:
    """Return a description in a language, or unchanged if it has no words in that language.

    >>> describe("Width in pixels of something that no table has", "vi")
    'Width in pixels of something that no table has'
    """
    return dict(describe_in_each(description)).get(language, description)


def describe_in_each(description: str) -> list[tuple[str, str]]:
    """Return a description in all its languages, Vietnamese first, each with its language's code.

    >>> describe_in_each("Mỗi năm. / Each year.")
    [('vi', 'Mỗi năm.'), ('en', 'Each year.')]
    """
    if (vietnamese := _read_vietnamese().get(description)) is not None:
        return [("vi", vietnamese), ("en", description)]
    before, parted, after = description.partition(_PARTED)
    return [("vi", before), ("en", after)] if parted else [("en", description)]


@cache
def _read_vietnamese() -> dict[str, str]:
    return dict(json.loads((ROOT / "vi" / "descriptions.json").read_text(encoding="utf-8")))
