"""Recognise the parts of a page by the names that this CMS gives them.

Classes are compared without case. A part whose name is uncertain in docs/cms-vnpt.md has several names here, the most
certain first.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from selectolax.lexbor import LexborNode

ARTICLE_ROOT = '[class*="ArticleDetail" i]'
HEADER = ".ArticleHeader, .articleheader, .Articleheader"
CONTENT = ".ArticleContent, .articlecontent, .Articlecontent"
CONTENT_ELSEWHERE = (
    '[itemprop="articleBody"], .article-content, .news-content, #news-content, .content-detail, .detail-content, '
    ".NoiDung, .noidung, .noi-dung, .post-content, .entry-content, .ContentDetail, .contentdetail, .NewsContent"
)
SUMMARY = ".ArticleSummary, .articlesummary, .Articlesummary, .sapo, .Sapo, .article-summary, [itemprop=description]"
_ARTICLE_PARTS = f"{HEADER}, {CONTENT}, .ArticleDetailControl"
LEAD_PICTURE = "img.ImgDetailImage, img.imgdetailimage, .ImgDetailImage img"
SIDE_MODULE = re.compile(r"^UI[A-Za-z]+_[A-Za-z0-9]+$")
LISTING_MODULE = re.compile(r"articleinmenu|uilistnews|articlelist|list-news", re.IGNORECASE)

# Class or id tokens of page furniture. No editor writes them into a text.
_FURNITURE_TOKENS_WORDS = (
    "tool tools toolbar share social sharing print tag tags tukhoa related pager paging pagination breadcrumb "
    "comment comments rating rate vote viewcount viewcounter luotxem luot-xem view-count views hits "
    "print-tool fb-like fb-share-button fb-comments zalo-share-button addthis_toolbox othernews font-size "
    "fontsize"
)
_FURNITURE_TOKENS = frozenset(_FURNITURE_TOKENS_WORDS.split())
_FURNITURE_PARTS = re.compile(
    r"socialshare|sharethis|addthis|addtoany|tinkhac|tinlienquan|tincungchuyenmuc|othernews|otherarticle|relatednews|"
    r"relatednew|newsrelated|articlerelate|relatenews|boxrelate|binhluan|commentbox|articlecomment|luotxem|viewcount|"
    r"articletool|starrating|danhgia|breadcrumb|pagination|printtool"
)
# These name rows of other articles, which can have the parts of an article themselves.
_OTHERS = re.compile(r"related|relate|khac|lienquan|cungchuyenmuc|othernews|otherarticle|tags?$|tukhoa|breadcrumb|pag")
_COUNTERS = re.compile(r"view|hits|luot|rat(e|ing)|vote|danhgia|starrating")
_FILE_BOX = re.compile(
    r"attach|dinhkem|tepkem|filelist|listfile|filebox|boxfile|filedown|downloadfile|tailieukem|vanbankem|doc-?files"
)
_AUTHOR_TOKENS = re.compile(
    r"^(article|news|post|detail)?[-_]?(author|tacgia|tac-gia|nguoi-?viet|byline)s?$", re.IGNORECASE
)
_DATE_PARTS = re.compile(
    r"postdate|datepost|posttime|timepost|postedon|ngaydang|ngayviet|ngaytao|publishe?d?date|datepub|publishe?d?(on|time)|"
    r"created?date|datecreate|created?on|articledate|articletime|newsdate|newstime|entrydate|datetime|thoigiandang"
)
_DATE_TOKENS = frozenset(("date", "time", "post-time", "publish-time", "thoigian", "thoi-gian", "meta-date"))
# Tool bars, counters and lists of titles with dates have fewer letters outside links.
_TEXT_LETTERS = 600
_SEPARATORS = re.compile(r"[^a-z]+")
# The prefix that ASP.NET adds to an id.
_ASP_NET_ID = re.compile(r"^(ctrl_\d+_\d+_?|ctl\d+_)+")


class _Names(NamedTuple):
    """What an element is, by its classes, its id and its `itemprop`. `others`: furniture that holds other articles.

    `counts`: furniture that shows numbers of readers or votes.
    """

    furniture: bool
    comments: bool
    others: bool
    counts: bool
    module: bool
    listing: bool
    author: bool
    date: bool
    file_box: bool


def is_furniture(node: LexborNode) -> bool:
    """True for tool bars, share buttons, counters, comments, ratings and lists of other articles.

    False for a wrapper with such a name (`id="print"` around an article): it holds an article's part, or much text.
    """
    names = _read_names(node)
    if not names.furniture:
        return False
    return names.comments or not (_has_text(node) or (not names.others and node.css_first(_ARTICLE_PARTS) is not None))


def is_no_text(node: LexborNode) -> bool:
    """True for furniture that is never text: other articles, comments, numbers of readers or votes."""
    names = _read_names(node)
    return names.comments or names.others or (names.counts and any(map(str.isdigit, node.text())))


def is_module(node: LexborNode) -> bool:
    """True for a portal module other than the article itself, such as `UIListNews_Default`."""
    return _read_names(node).module


def is_listing(node: LexborNode) -> bool:
    """True for a module that lists articles."""
    return _read_names(node).listing


def is_author(node: LexborNode) -> bool:
    """True for the element that names an article's author."""
    return _read_names(node).author


def is_date(node: LexborNode) -> bool:
    """True for an element with a name of the date of posting."""
    return _read_names(node).date


def is_file_box(node: LexborNode) -> bool:
    """True for the element around an article's files. False for a wrapper with such a name around a whole text."""
    return _read_names(node).file_box and not _has_text(node)


def _read_names(node: LexborNode) -> _Names:
    attributes = node.attributes
    classes, identity = attributes.get("class") or "", attributes.get("id") or ""
    property_name = attributes.get("itemprop") or ""
    if not (classes or identity or property_name):
        return _NOTHING  # most elements of a text
    return _judge(classes, identity, property_name=property_name)


# The pages of a portal have a few hundred such combinations, hence the cache.
@lru_cache(maxsize=4096)
def _judge(classes: str, identity: str, *, property_name: str) -> _Names:
    own = _ASP_NET_ID.sub("", identity)
    tokens = [*classes.split(), own] if own else classes.split()
    lowered = [token.lower() for token in tokens]
    letters = [_SEPARATORS.sub("", token) for token in lowered]
    named = list(zip(lowered, letters, strict=True))
    furniture = [t for t, plain in named if t in _FURNITURE_TOKENS or _FURNITURE_PARTS.search(plain)]
    return _Names(
        furniture=bool(furniture),
        comments=any("comment" in token or "binhluan" in token for token in furniture),
        counts=any(_COUNTERS.search(token) for token in furniture),
        others=any(_OTHERS.search(_SEPARATORS.sub("", token)) for token in furniture),
        module=any(SIDE_MODULE.match(token) and "ArticleDetail" not in token for token in tokens),
        listing=bool(LISTING_MODULE.search(classes)),
        author=property_name.strip() == "author" or any(_AUTHOR_TOKENS.match(token) for token in tokens),
        date=any(t in _DATE_TOKENS or _DATE_PARTS.search(plain) for t, plain in named),
        file_box=any(_FILE_BOX.search(plain) for plain in letters),
    )


_NOTHING = _judge("", "", property_name="")


def _has_text(node: LexborNode) -> bool:
    """True for an element with more letters outside links than furniture has."""
    letters = len(node.text())
    if letters >= _TEXT_LETTERS:
        letters -= sum(len(link.text()) for link in node.css("a"))
    return letters >= _TEXT_LETTERS
