"""The frame around the content of every page: head, form, banners, menu, side boxes, counters."""

from dataclasses import dataclass

from crawler.replica.content.compose import CATEGORIES
from crawler.replica.content.edition import Edition
from crawler.replica.content.model import PublishedArticle
from crawler.replica.pages.rendering import render
from crawler.replica.pages.single_pages import list_entries

VIEWSTATE, ONLINE, TODAY, WEEK, TOTAL = "@@VIEWSTATE@@", "@@ONLINE@@", "@@TODAY@@", "@@WEEK@@", "@@TOTAL@@"
PORTAL_TITLE = "Cổng thông tin điện tử huyện Tả Sơn"
STRAY_ARTICLE = "/tin-tuc-su-kien/lien-ket-ngoai-trang-999001"
OUTWARD = "/chuyen-huong"


@dataclass(frozen=True)
class Frame:
    """What differs between the frames of pages.

    Attributes:
        path: for the form's action.
        title: of the head.
        number: chooses side boxes and the order of columns.
        charset_in_meta: whether the head declares the charset.
        feed_linked: only the home page's head links the RSS feed.
    """

    path: str
    title: str
    number: int
    charset_in_meta: bool = True
    feed_linked: bool = False


def wrap_page(edition: Edition, frame: Frame, *, main: str) -> str:
    """Return the whole page with the marks (`@@VIEWSTATE@@` and others) that the server fills in every answer."""
    return render(
        "page.html",
        edition=edition,
        frame=frame,
        main=main,
        categories=CATEGORIES,
        portal_title=PORTAL_TITLE,
        outward=OUTWARD,
        stray_article=STRAY_ARTICLE,
        entries=list_entries(edition),
    )


def related_list(edition: Edition, published: PublishedArticle) -> str:
    """Return the "Tin khác" list under an article. Its pager is a postback."""
    return render("related.html", edition=edition, published=published)
