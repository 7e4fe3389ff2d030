"""The message catalogues as they are written."""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from crawler.locale.catalogues import ROOT

SUBJECTS = sorted(path.stem for path in ROOT.glob("vi/LC_MESSAGES/*.po"))


def read(language: str, subject: str) -> Catalog:
    with Path(ROOT, language, "LC_MESSAGES", f"{subject}.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def forms(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Give the forms of each message: one, or as many as the language has plurals."""
    found: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def fields(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)(?:!r)?}", text))
