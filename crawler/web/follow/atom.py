"""Atom feeds (RFC 4287), in pages (RFC 5005, 3). The XML is well-formed for any text."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from datasette.utils.asgi import Response
from jinja2 import Environment, PackageLoader

ATOM_TYPE = "application/atom+xml; charset=utf-8"
# The characters that XML 1.0 forbids (2.2 Char).
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENVIRONMENT = Environment(
    loader=PackageLoader("crawler.web", "templates/site"),
    autoescape=True,
    finalize=lambda value: _FORBIDDEN.sub("", str(value)),
    trim_blocks=True,
    keep_trailing_newline=True,
)
_EPOCH = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class AtomEntry:
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
    """A feed: `address` is its own, `page` is the same list as a page; `updated` counts only without entries.

    `pages` leads to the other pages of the feed: relation and address.
    """

    id: str
    title: str
    subtitle: str
    address: str
    page: str
    author: str
    language: str
    updated: str | None
    entries: Sequence[AtomEntry]
    pages: Mapping[str, str]


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
    updated = max((entry.updated for entry in feed.entries), key=_parse, default=feed.updated or _EPOCH)
    return _ENVIRONMENT.get_template("feed.xml").render(feed=feed, updated=updated)


def _parse(at: str) -> datetime:
    try:
        instant = datetime.fromisoformat(at.replace("Z", "+00:00"))
    except ValueError:
        return datetime.fromtimestamp(0, UTC)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)
