"""The page that compares two attachments word by word."""

import sqlite3
from collections.abc import Sequence

from datasette.utils.asgi import Response

from crawler.web.attachment.comparison import MOST_SHOWN, FileComparison, compare_files_texts
from crawler.web.attachment.queries import read_pairs
from crawler.web.request import SiteRequest

# What the comparison of an article's versions shows of its files: this many of them, and of each this many changes.
_MOST_FILES, _MOST_CHANGES = 3, 40


async def show_comparison(request: SiteRequest) -> Response:
    """Show what differs between the texts of two attachments, the earlier first."""
    before, after = (request.variable(name).lower() for name in ("sha256", "other"))
    found = await request.read(lambda connection: _compare(connection, [(before, after)], most=MOST_SHOWN))
    if not found:
        return await request.render_message("not_found", status=404)
    (comparison,) = found.values()
    return await request.render("file_diff.html", compared=comparison)


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
