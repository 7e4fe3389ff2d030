"""Find the target that an operator names: an article by id or address, a file by digest or address, a capture by id."""

import re
import sqlite3
from dataclasses import dataclass

from crawler.addresses import MARKS
from crawler.errors import WrongUseError
from crawler.search.addresses.lookup import find_article, find_file, find_page, follow_redirects

HOW_TO_SAY = (
    "say an article by its id (17, article:17) or any address it ever had, a file as image:SHA256 or "
    "attachment:SHA256, a capture as capture:ID; or copy the page's address from the site"
)

_NUMBERED = re.compile(r"(?:(article|capture)[:/])?([0-9]{1,18})")
_DIGEST = re.compile(r"(?:(image|thumbnail|attachment)[:/])?([0-9a-fA-F]{64})")


@dataclass(frozen=True, slots=True)
class Target:
    """The target, in the form of the table `withholdings`. A reason must not contain the `title` of the article."""

    kind: str
    what: str
    title: str | None = None


def find_target(connection: sqlite3.Connection, text: str) -> Target:
    """Find the target in an archive that `open_whole` opened.

    Raises:
        WrongUseError: if the archive does not hold it, or the text can mean two things.
    """
    text = text.strip()
    bare = text.strip(MARKS)
    if numbered := _NUMBERED.fullmatch(bare):
        return _find_numbered(connection, numbered[1] or "article", number=int(numbered[2]))
    if digest := _DIGEST.fullmatch(bare):
        return _find_file(connection, digest[1], digest=digest[2].lower())
    if "/" not in text and "." not in text:
        raise WrongUseError(f"{text!r}: {HOW_TO_SAY}")
    return _find_address(connection, text)


def _find_numbered(connection: sqlite3.Connection, kind: str, *, number: int) -> Target:
    if kind == "capture":
        if connection.execute("select 1 from captures where id = ?", (number,)).fetchone() is None:
            raise WrongUseError(f"capture:{number}: the archive holds no such capture")
        return Target("capture", str(number))
    number = follow_redirects(connection, number)
    row = connection.execute("select title from articles where id = ?", (number,)).fetchone()
    if row is None:
        raise WrongUseError(f"article {number}: the archive holds no such article; {HOW_TO_SAY}")
    return Target("article", str(number), str(row[0]))


def _find_file(connection: sqlite3.Connection, named: str | None, *, digest: str) -> Target:
    kinds = [{"thumbnail": "image"}.get(named, named)] if named else ["image", "attachment"]
    found = [
        kind
        for kind in kinds
        if connection.execute(f"select 1 from {kind}s where sha256 = ?", (digest,)).fetchone()  # noqa: S608 - ours
    ]
    if len(found) != 1:
        of = " or ".join(f"{kind}:{digest}" for kind in (found or kinds))
        why = "is both; say which" if found else "the archive holds no such file"
        raise WrongUseError(f"{of}: {why}")
    return Target(str(found[0]), digest)


def _find_address(connection: sqlite3.Connection, text: str) -> Target:
    article_id = find_article(connection, text)
    if article_id is not None:
        return _find_numbered(connection, "article", number=article_id)
    file = find_file(connection, text)
    if file is not None:
        return _find_file(connection, file.role, digest=file.sha256)
    if page := find_page(connection, text):
        return find_target(connection, f"{page[0]}:{page[1]}")
    raise WrongUseError(f"{text!r}: no article or file was ever met at this address; {HOW_TO_SAY}")
