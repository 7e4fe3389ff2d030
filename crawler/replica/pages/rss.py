"""The RSS feed, with its entities encoded twice, and robots.txt."""

import html
from datetime import timedelta, timezone
from email.utils import format_datetime

from crawler.replica.content.edition import Edition
from crawler.replica.content.model import PublishedArticle
from crawler.replica.pages.markup import encode_entities
from crawler.replica.pages.page_frame import PORTAL_TITLE

ROBOTS = "User-agent: *\r\nDisallow: /quan-tri/\r\nDisallow: /dang-nhap\r\nDisallow: /tim-kiem\r\n"
_ZONE = timezone(timedelta(hours=7))


def render_feed(edition: Edition) -> str:
    """Return the RSS 2.0 document of the newest articles."""
    items = "".join(_item(edition, one) for one in edition.feed)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"><channel>'
        f"<title>{_twice(PORTAL_TITLE)}</title><link>http://{edition.hosts.pages}/</link>"
        f"<description>RSS</description>\n{items}</channel></rss>\n"
    )


def _item(edition: Edition, published: PublishedArticle) -> str:
    stamp = format_datetime(published.article.posted_at.replace(second=0, tzinfo=_ZONE))
    summary = (published.content.summary or "")[:140]
    return (
        f"<item><title>{_twice(published.content.title)}</title>"
        f"<link>{html.escape(edition.link(published, 'feed'))}</link>"
        f"<description>{_twice(f'<p>{summary}...</p>')}</description><pubDate>{stamp}</pubDate></item>\n"
    )


def _twice(text: str) -> str:
    """Return the text with entities that are escaped again: Bình is `B&amp;igrave;nh`."""
    return html.escape(encode_entities(html.escape(text)), quote=False)
