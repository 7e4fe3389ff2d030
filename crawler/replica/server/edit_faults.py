"""Faults that look like edits of an article but are not: cut and swapped pages, counters, banners, dates."""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from crawler.replica.wire import WireReply

_CONTENT = re.compile(rb'<div[^>]*class="[^"]*articlecontent[^"]*"[^>]*>', re.IGNORECASE)
_HEADER_END = re.compile(
    rb'(<div[^>]*class="[^"]*articleheader[^"]*"[^>]*>.*?)(</h1>|</div>)', re.IGNORECASE | re.DOTALL
)
_SUMMARY = re.compile(rb'<div[^>]*class="[^"]*articlesummary[^"]*"[^>]*>.*?</div>', re.IGNORECASE | re.DOTALL)
_DATE = re.compile(
    rb'(<div[^>]*class="[^"]*postdate[^"]*"[^>]*>(?:(?!</div>).)*?\d{1,2}[/-]\d{1,2}[/-])(\d{4})',
    re.IGNORECASE | re.DOTALL,
)
# As a proxy ends a page that it cut.
_ENDS = (b"", b"</html>", b"</body></html>", b"</div></div></body></html>")
_SLOGANS = ("Chào mừng Đại hội", "Chung tay vì môi trường", "Đón năm mới", "Vì người nghèo", "Hướng về biên giới")


@dataclass(frozen=True)
class EditContext:
    """What a fault of this kind needs.

    Attributes:
        target: the requested path and query.
        met: how many requests met the fault, this one included.
        proper: makes the answer without the fault.
        other: makes the answer of another article: `next` in the category, or the `newest` of the portal.
    """

    target: str
    met: int
    proper: Callable[[], WireReply]
    other: Callable[[str], WireReply]


def make_edit_reply(kind: str, context: EditContext) -> WireReply:
    """Return the answer of one of `EDIT_KINDS`."""
    return _REPLIES[kind](context)


def _cut(context: EditContext) -> WireReply:
    """Cut the page within the article's content, at another place for each request; end it as a proxy does."""
    reply = context.proper()
    found = _CONTENT.search(reply.body)
    start = found.end() if found else 0
    end = reply.body.find(b"</div>", start)
    draw = zlib.crc32(f"{context.target} {context.met}".encode())
    at = start + max(1, (end - start) * (20 + draw % 70) // 100)
    return replace(reply, body=reply.body[:at] + _ENDS[draw % len(_ENDS)])


def _next(context: EditContext) -> WireReply:
    return context.other("next")


def _newest(context: EditContext) -> WireReply:
    return context.other("newest")


def _in_content(text: str) -> Callable[[EditContext], WireReply]:
    """Make the fault that puts a line before the content; `{n}` is the number of the request, `{slogan}` rotates."""

    def make(context: EditContext) -> WireReply:
        reply = context.proper()
        line = text.format(n=100 + context.met, slogan=_SLOGANS[context.met % len(_SLOGANS)])
        return replace(reply, body=_CONTENT.sub(lambda found: found[0] + line.encode(), reply.body, count=1))

    return make


def _heading(context: EditContext) -> WireReply:
    reply = context.proper()
    counter = f" ({200 + context.met} lượt xem)".encode()
    return replace(reply, body=_HEADER_END.sub(lambda found: found[1] + counter + found[2], reply.body, count=1))


def _summary(context: EditContext) -> WireReply:
    reply = context.proper()
    return replace(reply, body=_SUMMARY.sub(b"", reply.body, count=1)) if context.met % 2 else reply


def _date(context: EditContext) -> WireReply:
    reply = context.proper()
    return replace(
        reply, body=_DATE.sub(lambda found: found[1] + str(int(found[2]) + 543).encode(), reply.body, count=1)
    )


_REPLIES: dict[str, Callable[[EditContext], WireReply]] = {
    "cut-page": _cut,
    "next-article": _next,
    "newest-article": _newest,
    "counter": _in_content("<p>Hôm nay: {n}</p>"),
    "own-counter": _in_content("<p>Bạn là vị khách ghé nhà: {n}</p>"),
    "banner": _in_content("<p>{slogan}</p>"),
    "heading-counter": _heading,
    "summary-flicker": _summary,
    "buddhist-date": _date,
}
EDIT_KINDS = tuple(_REPLIES)
