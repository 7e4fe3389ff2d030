"""The sums that hits say: which one made an article a hit of a search by size. Read-only."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.archive.attachment_texts import unit_of
from crawler.language.money.sums import cut_around, is_bare
from crawler.language.numbers import LARGEST
from crawler.search.sql import Filters

_OF_ARTICLE = """select s.said, s.around, null as sha256, null as page, null as method, s.dong from articles a
    join revision_sums s on s.article_id = a.id and s.number = a.revision
    where a.id = :id and s.dong between :least and :most and s.per is null order by s.dong desc, s.position limit 1"""
_OF_FILES = """select x.said, x.around, x.attachment_sha256 as sha256, x.page, t.method, x.dong from articles a
    join revision_attachments f on f.article_id = a.id and f.number = a.revision
    join attachment_facts x on x.attachment_sha256 = f.attachment_sha256 and x.kind = 'sum'
    join attachment_texts t on t.attachment_sha256 = x.attachment_sha256
    where a.id = :id and x.dong between :least and :most and x.per is null
    order by x.dong desc, f.position, x.offset limit 1"""


@dataclass(frozen=True, slots=True)
class SaidSum:
    """A sum as a text says it, and the words around.

    `sha256` and `page` are those of the file that says it, `unit` what its pages are (`attachment_texts.unit_of`).
    `dong` is its value; `is_bare` as of `money.sums`.
    """

    said: str
    before: str
    behind: str
    sha256: str | None
    page: int | None
    unit: str
    dong: int

    @property
    def is_bare(self) -> bool:
        """Whether its unit is in the head of a table."""
        return is_bare(self.said)


def read_said_sums(connection: sqlite3.Connection, ids: Iterable[int], *, filters: Filters) -> dict[int, SaidSum]:
    """Read the largest sum within the bounds of a search that each article says now, itself or else in a file."""
    if not filters.has_sums:
        return {}
    found = {}
    for article_id in ids:
        bounds = {
            "id": article_id,
            "least": filters.least_sum or 0,
            "most": LARGEST if filters.most_sum is None else filters.most_sum,
        }
        row = (
            connection.execute(_OF_ARTICLE, bounds).fetchone() or connection.execute(_OF_FILES, bounds).fetchone()
        )  # fmt: skip
        if row is not None:
            said, around, sha256, page, method, dong = row
            before, _, behind = cut_around(around, said)
            found[article_id] = SaidSum(said, before, behind, sha256, page, unit_of(method), dong)
    return found
