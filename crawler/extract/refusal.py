"""Explain why a page is not an article: the kind and the sentence that the archive records."""

import re

from crawler.errors import NotAnArticleError
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.page import MAX_DEPTH, Page, document_title
from crawler.extract.portal_identity import recognise_cms
from crawler.language.text import fold, normalize_text
from crawler.profile import Profile

_GONE = re.compile(r"khong (tim thay|ton tai|duoc tim thay)|\b404\b|not found|da bi (xoa|go)")
# The portal reports a failure of its own. This says nothing about the article.
_ILL = re.compile(
    r"loi (he thong|may chu|xay ra)|da xay ra loi|(server|runtime|application) error|dang (bao tri|nang cap)|"
    r"service unavailable|tam ngung|het han truy cap"
)
_LONG_PARAGRAPH_WORDS = 40
# An error page in the portal's own frame has menus and side boxes too.
_MAX_ERROR_LETTERS = 4000


def explain_refusal(page: Page, profile: Profile, *, lacking: str | None = None) -> NotAnArticleError:
    """Make the error that says what a page is instead of an article.

    Args:
        page: the page.
        profile: names the portal in the message.
        lacking: the part that is missing in an article's frame. None without such a frame.

    """
    title = document_title(page) or "untitled"
    if page.is_cut:
        return _error("another-layout", f"elements nested more than {MAX_DEPTH} deep ({title!r})", page=page)
    body = page.tree.body
    text = normalize_text(body.text(separator=" ")) if body is not None else ""
    shown = title if len(text) > _MAX_ERROR_LETTERS else f"{title} {text}"
    if _GONE.search(fold(shown)) and not _has_long_paragraph(page):
        return _error("soft-404", f"an error page ({title!r}) with a status of success", page=page)
    if _ILL.search(fold(shown)) and not _has_long_paragraph(page):
        return _error("maintenance", f"a page that says the portal is ill ({title!r})", page=page)
    if page.tree.css_first('input[type="password"]') is not None and len(text) < 1500:
        return _error("login", f"a login page ({title!r})", page=page)
    if lacking is not None:
        return _error(lacking, f"the frame of an article, but {lacking.replace('-', ' ')} ({title!r})", page=page)
    if any(vnpt.is_listing(n) for n in page.tree.css("[class]")):
        return _error("listing", f"a list of articles ({title!r})", page=page)
    if page.tree.css_first('[class*="Document" i], [class*="Steering" i], [class*="VanBan" i]') is not None:
        return _error("document", f"a page of documents ({title!r})", page=page)
    cms = recognise_cms(page)
    if _has_long_paragraph(page) or cms not in ("vnpt", None):
        return _error(
            "another-layout",
            f"no part of an article of {profile.cms!r} (looks like {cms or 'nothing known'})",
            page=page,
        )
    return _error("soft-404", f"no part of an article ({title!r})", page=page)


def _error(kind: str, what: str, *, page: Page) -> NotAnArticleError:
    return NotAnArticleError(kind, f"{page.url}: expected an article, found {what}")


def _has_long_paragraph(page: Page) -> bool:
    return any(len(p.text().split()) >= _LONG_PARAGRAPH_WORDS for p in page.tree.css("p"))
