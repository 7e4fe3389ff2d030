"""What search engines may ask for: `/robots.txt`, and the articles' addresses as sitemaps (sitemaps.org)."""

import sqlite3
from collections.abc import Iterable
from xml.etree import ElementTree

from datasette.utils.asgi import Response

from crawler.web.request import PAGE_CACHE, SiteRequest, make_absolute

# Numbers of articles in one sitemap; the protocol allows 50,000 addresses.
BLOCK = 40_000
# The first directory of every address that is not a page to find: tables and SQL, captures as they came, files, tools,
# endless combinations of a query.
_CLOSED = (
    "/archive", "/-/", "/capture/", "/timegate/", "/timemap/", "/search", "/sums", "/address", "/go", "/metrics",
    "/health",
)  # fmt: skip
# From block to block by the index: numbers jump far after a restore.
_BLOCKS_SQL = """with recursive found(block) as (
    select min(id) / :size from articles
    union all
    select (select min(id) from articles where id >= (block + 1) * :size) / :size from found where block is not null)
  select block from found where block is not null"""
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"


async def send_robots(request: SiteRequest) -> Response:
    """Send the rules for crawlers: articles and their pictures are open, queries and tools are not."""
    closed = (*_CLOSED, f"/{request.database.name}")
    lines = ["User-agent: *", *(f"Disallow: {request.path(path)}" for path in dict.fromkeys(closed)), ""]
    text = "\n".join([*lines, f"Sitemap: {make_absolute(request, request.path('/sitemap.xml'))}", ""])
    return Response.text(text, headers={"cache-control": PAGE_CACHE})


async def send_index(request: SiteRequest) -> Response:
    """Send the list of sitemaps, one for each block of articles."""

    def work(connection: sqlite3.Connection) -> list[int]:
        return [row[0] for row in connection.execute(_BLOCKS_SQL, {"size": BLOCK})] or [0]

    blocks = await request.read(work)
    found = [(make_absolute(request, request.path(f"/sitemap-{block}.xml")), None) for block in blocks]
    return _send("sitemapindex", "sitemap", found=found)


async def send_block(request: SiteRequest) -> Response:
    """Send the addresses of a block of articles, with the time of their last change. 404 after the last block."""
    block = int(request.variable("block"))

    def work(connection: sqlite3.Connection) -> list[tuple[int, str]]:
        return connection.execute(
            """select id, max(first_seen_at, coalesce(changed_at, ''), coalesce(removed_at, '')) from articles
               where id >= ? and id < ? order by id""",
            (block * BLOCK, (block + 1) * BLOCK),
        ).fetchall()

    rows = await request.read(work)
    if not rows and block:
        return await request.render_message("not_found", status=404)
    found = [(make_absolute(request, request.path(f"/article/{number}")), at) for number, at in rows]
    return _send("urlset", "url", found=found)


def _send(root: str, entry: str, *, found: Iterable[tuple[str, str | None]]) -> Response:
    """Answer with a list of addresses and times (W3C date and time, or None)."""
    document = ElementTree.Element(root, xmlns=_NAMESPACE)
    for address, at in found:
        element = ElementTree.SubElement(document, entry)
        ElementTree.SubElement(element, "loc").text = address
        if at is not None:
            ElementTree.SubElement(element, "lastmod").text = at
    body = ElementTree.tostring(document, encoding="unicode", xml_declaration=True)
    return Response(body, headers={"cache-control": PAGE_CACHE}, content_type="application/xml; charset=utf-8")
