"""The page that compares two attachments word by word."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from datasette.utils.asgi import Response

from crawler.web.attachment.comparison import MOST_SHOWN, FileComparison, compare_files_texts
from crawler.web.attachment.queries import Offers, read_offers, read_pairs, read_replacements
from crawler.web.cards import Card
from crawler.web.request import SiteRequest

# What the comparison of an article's versions shows of its files: this many of them, and of each this many changes.
_MOST_FILES, _MOST_CHANGES = 3, 40


@dataclass(frozen=True, slots=True)
class Swap:
    """An article in which one file took the place of another: its version that has the later one.

    The swap was after `confirmed_before`, when the version before was last seen, and before `seen_at`.
    """

    card: Card
    number: int
    confirmed_before: str
    seen_at: str


async def show_comparison(request: SiteRequest) -> Response:
    """Show what differs between the texts of two attachments, the earlier first, and where one replaced the other."""
    before, after = (request.variable(name).lower() for name in ("sha256", "other"))
    found = await request.read(lambda connection: _compare(connection, [(before, after)], most=MOST_SHOWN))
    if not found:
        return await request.render_message("not_found", status=404)
    (comparison,) = found.values()
    offers, swaps = await request.read(lambda connection: _read_swaps(connection, (before, after)))
    return await request.render("file_diff.html", compared=comparison, swaps=swaps, has_more=offers.has_more)


async def compare_replaced(
    request: SiteRequest, pairs: Sequence[tuple[str, str]]
) -> dict[tuple[str, str], FileComparison]:
    """Compare files that replaced each other, by their digests: the first of them, and of each the first changes."""
    if not pairs:
        return {}
    return await request.read(lambda connection: _compare(connection, pairs[:_MOST_FILES], most=_MOST_CHANGES))


def _compare(
    connection: sqlite3.Connection, pairs: Sequence[tuple[str, str]], *, most: int
) -> dict[tuple[str, str], FileComparison]:
    read = read_pairs(connection, pairs)
    return {(before.sha256, after.sha256): compare_files_texts(before, after, most=most) for before, after in read}


def _read_swaps(connection: sqlite3.Connection, pair: tuple[str, str]) -> tuple[Offers, list[Swap]]:
    """Read where the first file of a pair was replaced by the second, in the newest articles that offer that one."""
    offers = read_offers(connection, pair[1])
    swaps = []
    for card in offers.cards:
        for one in read_replacements(connection, pair[1], article_ids=[card.id]):
            if (one.before, one.after) == pair:
                times = connection.execute(
                    """select b.confirmed_at, r.seen_at from revision_rows b
                       join revision_rows r on r.article_id = b.article_id and r.number = b.number + 1
                       where b.article_id = ? and b.number = ?""",
                    (card.id, one.number - 1),
                ).fetchone()
                swaps.append(Swap(card, one.number, times[0], times[1]))
    return offers, swaps
