"""Atom feeds (RFC 4287). The XML is well-formed for any text."""

import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from datasette.utils.asgi import Response

ATOM_TYPE = "application/atom+xml; charset=utf-8"
# The characters that XML 1.0 forbids (2.2 Char).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: times are RFC 3339; `via` is the address on the portal; `author` may be "", as the feed has one."""

    id: str
    title: str
    updated: str
    published: str | None
    page: str
    via: str
    summary: str
    author: str
    category: str


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: `address` is its own, `page` is the same list as a page; `updated` counts only without entries."""

    id: str
    title: str
    subtitle: str
    address: str
    page: str
    author: str
    language: str
    updated: str | None
    entries: Sequence[Entry]


def name_forever(*parts: object) -> str:
    """Make an id from parts, the same for every address of the site.

    >>> name_forever("article", 1) == name_forever("article", 1) != name_forever("article", 2)
    True

    """
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, chr(10).join(['portal-archive', *map(str, parts)]))}"


def send_feed(feed: Feed, *, cache: str) -> Response:
    """Answer with a feed."""
    return Response(render_feed(feed), headers={"cache-control": cache}, content_type=ATOM_TYPE)


def render_feed(feed: Feed) -> str:
    """Write a feed as XML."""
    updated = max((entry.updated for entry in feed.entries), key=_moment, default=feed.updated or _EPOCH)
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={_attribute(feed.language)}>',
        f"<title>{_text(feed.title)}</title>",
        f"<subtitle>{_text(feed.subtitle)}</subtitle>" if feed.subtitle else "",
        f"<id>{_text(feed.id)}</id>",
        f"<updated>{_text(updated)}</updated>",
        f"<author><name>{_text(feed.author)}</name></author>",
        f'<link rel="self" type="application/atom+xml" href={_attribute(feed.address)}/>',
        f'<link rel="alternate" type="text/html" href={_attribute(feed.page)}/>',
        *map(_render_entry, feed.entries),
        "</feed>",
    ]
    return "\n".join(line for line in lines if line) + "\n"


def _render_entry(entry: Entry) -> str:
    lines = [
        "<entry>",
        f"<title>{_text(entry.title)}</title>",
        f"<id>{_text(entry.id)}</id>",
        f"<updated>{_text(entry.updated)}</updated>",
        f"<published>{_text(entry.published)}</published>" if entry.published else "",
        f"<author><name>{_text(entry.author)}</name></author>" if entry.author.strip() else "",
        f'<link rel="alternate" type="text/html" href={_attribute(entry.page)}/>',
        f'<link rel="via" href={_attribute(entry.via)}/>',
        f"<category term={_attribute(entry.category)}/>" if entry.category else "",
        f"<summary>{_text(entry.summary)}</summary>" if entry.summary else "",
        "</entry>",
    ]
    return "\n".join(line for line in lines if line)


def _text(text: str) -> str:
    return escape(_FORBIDDEN.sub("", text))


def _attribute(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("", text))


def _moment(at: str) -> datetime:
    try:
        moment = datetime.fromisoformat(at.replace("Z", "+00:00"))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
