"""Explain why a page is not an article: the kind and the sentence that the archive records.

Only a page whose main message says so is a soft 404 by its words. Any other page without an article is compared with
the portal's answers for addresses that name nothing (`archive/verdicts/absence`); until it equals one of those, it is
an answer that cannot be read, and says nothing about the article.
"""

import re

from crawler.errors import BadFileError, NotAnArticleError
from crawler.extract import vnpt_markup as vnpt
from crawler.extract.cost import MAX_DEPTH
from crawler.extract.identity.cms import recognise_cms
from crawler.extract.page import Page, document_title
from crawler.extract.strangers import look_at, name_stranger, says_gone, says_ill
from crawler.items import Purpose, Refusal
from crawler.language.text import fold, normalize_text
from crawler.profile import Profile
from crawler.sentences import say

# The sentence for each part that may be missing in the frame of an article.
_LACKING = {"no-title": "page-lacks-title", "no-body": "page-lacks-body"}
_LONG_PARAGRAPH_WORDS = 40


def explain_refusal(page: Page, profile: Profile, *, lacking: str | None = None) -> NotAnArticleError:
    """Make the error that says what a page is instead of an article.

    Args:
        page: the page.
        profile: names the portal in the message.
        lacking: the part that is missing in an article's frame. None without such a frame.
    """
    former = refuse_by_rules_1(page, profile, lacking=lacking)
    title = document_title(page) or "untitled"
    shown = look_at(page, profile)
    kind = name_stranger(page, shown)
    if kind is None and says_gone(shown):
        return NotAnArticleError("soft-404", say("page-is-error", url=page.url, title=title), former=former)
    if kind == "maintenance" or (kind is None and says_ill(shown)):
        return NotAnArticleError("maintenance", say("page-is-ill", url=page.url, title=title), former=former)
    if kind == "login":
        return NotAnArticleError("login", say("page-is-login", url=page.url, title=title), former=former)
    if kind is not None:
        return NotAnArticleError(kind, say("page-is-stranger", url=page.url, kind=kind, title=title), former=former)
    if lacking is not None:
        return NotAnArticleError(lacking, say(_LACKING[lacking], url=page.url, title=title), former=former)
    found = _name_other_page(page, profile, title=title)
    if found is not None:
        return NotAnArticleError(found.kind, found.message, former=former)
    if shown.has_frame:
        return NotAnArticleError("no-article", say("page-is-nothing", url=page.url, title=title), former=former)
    said = say("page-is-stranger", url=page.url, kind="not-the-portal", title=title)
    return NotAnArticleError("not-the-portal", said, former=former)


def _name_other_page(page: Page, profile: Profile, *, title: str) -> Refusal | None:
    """Name a page of another kind, by its markup."""
    if any(vnpt.is_listing(n) for n in page.tree.css("[class]")):
        return Refusal("listing", say("page-is-list", url=page.url, title=title))
    if page.tree.css_first('[class*="Document" i], [class*="Steering" i], [class*="VanBan" i]') is not None:
        return Refusal("document", say("page-is-documents", url=page.url, title=title))
    cms = recognise_cms(page)
    if _has_long_paragraph(page) or cms not in ("vnpt", None):
        said = say("page-is-foreign", url=page.url, cms=profile.cms, looks=cms or "nothing known")
        return Refusal("another-layout", said)
    return None


def _has_long_paragraph(page: Page) -> bool:
    return any(len(p.text().split()) >= _LONG_PARAGRAPH_WORDS for p in page.tree.css("p"))


# What follows names pages as versions 0.1.0 and 0.2.0 did: nights of those versions are judged by these kinds.
_GONE_1 = re.compile(r"khong (tim thay|ton tai|duoc tim thay)|\b404\b|not found|da bi (xoa|go)")
_ILL_1 = re.compile(
    r"loi (he thong|may chu|xay ra)|da xay ra loi|(server|runtime|application) error|dang (bao tri|nang cap)|"
    r"service unavailable|tam ngung|het han truy cap"
)
_MAX_ERROR_LETTERS_1 = 4000


def refuse_by_rules_1(page: Page, profile: Profile, *, lacking: str | None = None) -> Refusal:
    """Name a page as rules 1 did, by which a page with nothing known was a soft 404."""
    title = document_title(page) or "untitled"
    body = page.tree.body
    text = normalize_text(body.text(separator=" ")) if body is not None else ""
    shown = fold(title if len(text) > _MAX_ERROR_LETTERS_1 else f"{title} {text}")
    if _GONE_1.search(shown) and not _has_long_paragraph(page):
        return Refusal("soft-404", say("page-is-error", url=page.url, title=title))
    if _ILL_1.search(shown) and not _has_long_paragraph(page):
        return Refusal("maintenance", say("page-is-ill", url=page.url, title=title))
    if page.tree.css_first('input[type="password"]') is not None and len(text) < 1500:
        return Refusal("login", say("page-is-login", url=page.url, title=title))
    if lacking is not None:
        return Refusal(lacking, say(_LACKING[lacking], url=page.url, title=title))
    found = _name_other_page(page, profile, title=title)
    return found or Refusal("soft-404", say("page-is-nothing", url=page.url, title=title))


def refuse_unreadable(error: BadFileError, purpose: Purpose, *, url: str) -> Refusal:
    """Refuse an answer that cannot be decoded, or is above a budget. Rules 1 named the depth of a page otherwise."""
    former = None
    if error.sentence.kind == "costs-depth":
        said = say("page-too-deep", url=url, depth=MAX_DEPTH, title="untitled")
        former = Refusal("another-layout", said)
        if purpose in (Purpose.LISTING, Purpose.MENU):
            former = Refusal("not-a-listing", say("not-a-list", listing=url, no_list=say("list-too-deep", url=url)))
    return Refusal(error.kind, error.sentence, former)
