"""Explain why a page is not an article: the kind and the sentence that the archive records.

A soft 404 with an article's parts is recognised in `archive/verdicts/soft_404`, by comparison with the probe.
"""

import re

from crawler.errors import NotAnArticleError
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.page import MAX_DEPTH, Page, document_title
from crawler.extract.portal_identity import recognise_cms
from crawler.language.text import fold, normalize_text
from crawler.profile import Profile
from crawler.sentences import say

_GONE = re.compile(r"khong (tim thay|ton tai|duoc tim thay)|\b404\b|not found|da bi (xoa|go)")
# The portal reports a failure of its own. This says nothing about the article.
_ILL = re.compile(
    r"loi (he thong|may chu|xay ra)|da xay ra loi|(server|runtime|application) error|dang (bao tri|nang cap)|"
    r"service unavailable|tam ngung|het han truy cap"
)
# The sentence for each part that may be missing in the frame of an article.
_LACKING = {"no-title": "page-lacks-title", "no-body": "page-lacks-body"}
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
        return NotAnArticleError("another-layout", say("page-too-deep", url=page.url, depth=MAX_DEPTH, title=title))
    body = page.tree.body
    text = normalize_text(body.text(separator=" ")) if body is not None else ""
    shown = title if len(text) > _MAX_ERROR_LETTERS else f"{title} {text}"
    if _GONE.search(fold(shown)) and not _has_long_paragraph(page):
        return NotAnArticleError("soft-404", say("page-is-error", url=page.url, title=title))
    if _ILL.search(fold(shown)) and not _has_long_paragraph(page):
        return NotAnArticleError("maintenance", say("page-is-ill", url=page.url, title=title))
    if page.tree.css_first('input[type="password"]') is not None and len(text) < 1500:
        return NotAnArticleError("login", say("page-is-login", url=page.url, title=title))
    if lacking is not None:
        return NotAnArticleError(lacking, say(_LACKING[lacking], url=page.url, title=title))
    if any(vnpt.is_listing(n) for n in page.tree.css("[class]")):
        return NotAnArticleError("listing", say("page-is-list", url=page.url, title=title))
    if page.tree.css_first('[class*="Document" i], [class*="Steering" i], [class*="VanBan" i]') is not None:
        return NotAnArticleError("document", say("page-is-documents", url=page.url, title=title))
    cms = recognise_cms(page)
    if _has_long_paragraph(page) or cms not in ("vnpt", None):
        return NotAnArticleError(
            "another-layout", say("page-is-foreign", url=page.url, cms=profile.cms, looks=cms or "nothing known")
        )
    return NotAnArticleError("soft-404", say("page-is-nothing", url=page.url, title=title))


def _has_long_paragraph(page: Page) -> bool:
    return any(len(p.text().split()) >= _LONG_PARAGRAPH_WORDS for p in page.tree.css("p"))
