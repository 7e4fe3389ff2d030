"""The article's part of its page, in four layouts and the skin of a commune. `page_frame` adds the rest of the page."""

from datetime import datetime

from crawler.replica.content.model import PublishedArticle
from crawler.replica.content.urls import Hosts
from crawler.replica.pages.commune import CommuneWriter
from crawler.replica.pages.markup import BlockWriter
from crawler.replica.pages.rendering import render

VIEWS = "@@VIEWS@@"
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")


def format_post_date(moment: datetime, form: str) -> str:
    """Return the date as a page shows it: weekday and time (`long`), after a `label`, or with time (`clock`).

    >>> format_post_date(datetime(2026, 8, 28, 9, 35), "long")
    'Thứ Sáu, 28/08/2026 09:35'
    >>> format_post_date(datetime(2026, 8, 28, 9, 35), "label")
    'Ngày đăng: 28-08-2026'
    """
    if form == "long":
        return f"{_WEEKDAYS[moment.weekday()]}, {moment:%d/%m/%Y %H:%M}"
    return f"Ngày đăng: {moment:%d-%m-%Y}" if form == "label" else f"{moment:%d/%m/%Y %H:%M}"


def render_article(published: PublishedArticle, hosts: Hosts, *, related: str, skin: str = "") -> str:
    """Return the article's control, from the header to the share buttons, and the "Tin khác" list.

    Args:
        published: the article of this night.
        hosts: the hosts of its files.
        related: the finished "Tin khác" list. Some layouts have it inside the control.
        skin: `commune` for that skin in place of the article's layout.
    """
    is_commune = skin == "commune"
    writer = (CommuneWriter if is_commune else BlockWriter)(published.article, published.content, hosts)
    template = f"article_{skin if is_commune else published.article.layout}.html"
    return render(template, writer=writer, dated=_post_date(published), related=related)


def _post_date(published: PublishedArticle) -> str:
    article = published.article
    parts = []
    if article.date_form != "none":
        parts.append(format_post_date(article.posted_at, article.date_form))
    if article.shows_views:
        parts.append(f"Lượt xem: {VIEWS}")
    return " | ".join(parts)
