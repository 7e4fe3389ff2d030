"""Traps: pages, links and entries of a menu without end, as a broken calendar or an enemy makes them.

What they name does not exist: the portal answers 404 for it, except for the calendar's own pages.
"""

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from crawler.replica.wire import WireReply

# The number of new links or entries in each answer.
LINKS_A_PAGE = 400
_CALENDAR = "/lich-cong-tac/thang"
_MAX_PAGE = re.compile(rb"(var maxPage = parseInt\()\d+")
_ARTICLE_LINK = re.compile(rb"(href=[\"'])[^\"']*?(/[a-z0-9-]+/)[^\"'/]*-\d+(?=[\"'])")
_CONTENT_BEGIN = re.compile(rb'<div[^>]*class="[^"]*articlecontent[^"]*"[^>]*>', re.IGNORECASE)
_numbers = itertools.count(50_000_001)


@dataclass(frozen=True)
class TrapContext:
    """What a trap needs: path and query, and the makers of the proper answer and of the pager's last page."""

    target: str
    proper: Callable[[], WireReply]
    last_page: Callable[[], WireReply]


def make_trap_reply(kind: str, context: TrapContext) -> WireReply:
    """Return the answer of one of `TRAP_KINDS`."""
    return _REPLIES[kind](context)


def _endless_pager(context: TrapContext) -> WireReply:
    """Answer every page past the end with rows that no page had before."""
    reply = context.proper()
    if reply.status != 200 or b"href=" in reply.body:
        return reply
    last = context.last_page()
    rows = _ARTICLE_LINK.sub(lambda found: b"%b%bbia-dat-%d" % (found[1], found[2], next(_numbers)), last.body)
    return replace(last, body=rows)


def _many_pages(context: TrapContext) -> WireReply:
    reply = context.proper()
    return replace(reply, body=_MAX_PAGE.sub(rb"\g<1>1000000000", reply.body))


def _links(context: TrapContext) -> WireReply:
    """Add a box with links to articles."""
    named = [f'<li><a href="/tin-la/bai-bia-dat-{next(_numbers)}">Bài</a></li>' for _ in range(LINKS_A_PAGE)]
    return _added(context.proper(), f'<div class="box"><ul>{"".join(named)}</ul></div>')


def _menu(context: TrapContext) -> WireReply:
    """Add a menu with categories."""
    named = [f'<li><a href="/muc-bia-dat-so-{next(_numbers)}">Mục</a></li>' for _ in range(LINKS_A_PAGE)]
    return _added(context.proper(), f'<nav class="menu"><ul>{"".join(named)}</ul></nav>')


def _queries(context: TrapContext) -> WireReply:
    """Add a menu whose entries differ by a parameter, and style sheets and feeds that do."""
    numbers = [next(_numbers) for _ in range(LINKS_A_PAGE)]
    entries = "".join(f'<li><a href="/gioi-thieu?phien={number}">Mục</a></li>' for number in numbers)
    sheets = "".join(f'<link rel="stylesheet" href="/styles/portal.css?v={number}">' for number in numbers[:40])
    feeds = "".join(f'<link rel="alternate" type="application/rss+xml" href="/rss.aspx?x={n}">' for n in numbers[:40])
    reply = _added(context.proper(), f'<nav class="menu"><ul>{entries}</ul></nav>')
    return replace(reply, body=reply.body.replace(b"</head>", f"{sheets}{feeds}</head>".encode(), 1))


def _calendar(context: TrapContext) -> WireReply:
    """Add a link to a calendar, each page of which leads to 30 others."""
    if not context.target.startswith(_CALENDAR):
        return _added(context.proper(), f'<div><a href="{_CALENDAR}-{next(_numbers)}">Lịch công tác</a></div>')
    days = "".join(f'<td><a href="{_CALENDAR}-{next(_numbers)}">{day}</a></td>' for day in range(1, 31))
    page = f"<html><head><title>Lịch</title></head><body><table><tr>{days}</tr></table></body></html>"
    return WireReply(200, page.encode())


def _pictures(context: TrapContext) -> WireReply:
    """Put pictures without number into an article's content."""
    reply = context.proper()
    pictures = "".join(f'<p><img src="/sitefolders/anh/{next(_numbers)}.png"></p>' for _ in range(LINKS_A_PAGE))
    return replace(reply, body=_CONTENT_BEGIN.sub(lambda found: found[0] + pictures.encode(), reply.body, count=1))


def _added(reply: WireReply, html: str) -> WireReply:
    before, end, after = reply.body.rpartition(b"</form>")
    if reply.status != 200 or not end:
        return reply
    return replace(reply, body=before + html.encode() + end + after)


_REPLIES: dict[str, Callable[[TrapContext], WireReply]] = {
    "endless-pager": _endless_pager,
    "many-pages": _many_pages,
    "invented-links": _links,
    "invented-menu": _menu,
    "invented-queries": _queries,
    "calendar": _calendar,
    "many-pictures": _pictures,
}
TRAP_KINDS = tuple(_REPLIES)
