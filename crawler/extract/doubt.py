"""Doubt a page that has an article's parts, but says that it is not one: an error text, a notice, a stranger's page."""

from crawler.extract.article.parts import find_parts
from crawler.extract.page import Page, document_title
from crawler.extract.strangers import is_error_text, look_at, name_notice, name_stranger
from crawler.items import Article, Refusal
from crawler.profile import Profile
from crawler.sentences import say


def find_doubt(page: Page, article: Article, *, profile: Profile, is_titled: bool) -> Refusal | None:
    """Return the refusal of a page that has an article's parts, but says that it is not one. None without a doubt.

    Args:
        is_titled: the article has the title of its address.
    """
    title = document_title(page) or "untitled"
    if is_error_text(article.body):
        return Refusal("database-error", say("page-is-stranger", url=page.url, kind="database-error", title=title))
    notice = name_notice(article.title, article.body, is_titled=is_titled)
    if notice == "soft-404":
        return Refusal(notice, say("page-is-error", url=page.url, title=title))
    if notice is not None:
        return Refusal(notice, say("page-is-stranger", url=page.url, kind=notice, title=title))
    parts = find_parts(page)
    if parts is not None and not parts.is_framed and not (shown := look_at(page, profile)).has_frame:
        kind = name_stranger(page, shown)
        if kind is not None and kind != "login":
            return Refusal(kind, say("page-is-stranger", url=page.url, kind=kind, title=title))
    return None
