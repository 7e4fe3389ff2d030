"""The listings: three skins, three builds of the pager's script, and the strict service that it calls."""

import html
from collections.abc import Callable
from urllib.parse import parse_qsl

from crawler.replica.content.edition import Edition
from crawler.replica.content.model import Figure, ListingPlan, PublishedArticle
from crawler.replica.content.urls import SITE_NUMBER, write_href
from crawler.replica.pages.rendering import render

LOAD_ARTICLE = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
WINDOW = 5
QUOTE, APOSTROPHE = '"', "'"
# The picture of the layout for articles without one.
_NO_PICTURE = "/images/noimage.png"


def pager_fields(category: ListingPlan) -> dict[str, str]:
    """Return the fields that the listing's script sends, without `page`, as text."""
    fields = {"article_category_id": str(category.number)}
    if category.build == "newer":
        fields["categoryIds"] = f"{category.number},{category.number + 1}"
    fields |= {
        "site_id": str(SITE_NUMBER),
        "page_size": str(category.page_size),
        "keyword": "",
        "date_begin": "",
        "date_end": "",
        "show_no": "False",
        "show_post_date": "True" if category.dated else "False",
        "num_of_text": str(category.summary_chars),
        "show_view_count": "True" if category.skin == "list-news" else "False",
        "filter_order_in_list": "True" if category.pinned else "False",
        "is_default": "False",
        "new": "False",
        "number_of_day": "3",
        "no": "-5" if category.build == "older" else str(-category.page_size),
    }
    fields["lang" if category.build == "older" else "articlelang"] = "vi-VN"
    if category.build == "newer":
        fields["is_authenticated"] = "False"
    return fields


def render_listing(edition: Edition, category: ListingPlan) -> str:
    """Return the main part of a listing's page: rows of page 1, pager, script."""
    data, declared = _SCRIPTS[category.build](pager_fields(category))
    return render(
        "listing.html",
        category=category,
        outer=_OUTER[category.skin],
        rows=render_rows(edition, category, page=1),
        last=edition.page_count(category),
        window=WINDOW,
        endpoint=LOAD_ARTICLE,
        data=data,
        declared=declared,
    )


def render_rows(edition: Edition, category: ListingPlan, *, page: int) -> str:
    """Return the rows of one page. After the last page, a fragment without links."""
    rows = [
        {
            "href": html.escape(edition.link(one, "listing")),
            "title": html.escape(one.content.title),
            "summary": html.escape(listing_summary(category, one.content.summary)[0]),
            "thumbnail": _thumbnail(edition, one),
            "posted_at": one.article.posted_at,
        }
        for one in edition.page_rows(category, page)
    ]
    rows += [
        {
            "href": html.escape(one.path),
            "title": html.escape(one.title),
            "summary": "",
            "thumbnail": _NO_PICTURE,
            "posted_at": one.posted_at,
        }
        for one in edition.page_older_rows(category, page)
    ]
    return render("rows.html", skin=category.skin, dated=category.dated, rows=rows)


def answer_load_article(
    edition: Edition, category: ListingPlan | None, *, body: bytes, content_type: str, referer: str
) -> tuple[int, str, int | None]:
    """Answer a call of the pager's service.

    Returns:
        The status, the fragment, and the requested page number (None for a wrong call).
        A body that is not a form gives an error 500. A wrong or missing field or Referer gives an error 500 in the
        newer build and an empty fragment in the others.
    """
    if not content_type.lower().startswith("application/x-www-form-urlencoded"):
        return 500, "<h1>Runtime Error</h1>", None
    pairs = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)
    fields = dict(pairs)
    if category is None or len(fields) != len(pairs):
        return 500, "<h1>Server Error in '/' Application.</h1>", None
    page = fields.pop("page", "")
    right_referer = f"http://{edition.hosts.pages}/{category.slug}"
    if fields != pager_fields(category) or referer.split("?")[0].rstrip("/") != right_referer or not page.isdecimal():
        return (500, "<h1>Runtime Error</h1>", None) if category.build == "newer" else (200, "<div></div>", None)
    return 200, render_rows(edition, category, page=int(page)), int(page)


def listing_summary(category: ListingPlan, summary: str | None) -> tuple[str, bool]:
    """Return the summary as the listing shows it, and whether it is whole."""
    text = summary or ""
    if category.summary_chars and len(text) > category.summary_chars:
        return text[: category.summary_chars].rstrip() + "...", False
    return text, bool(text)


def _thumbnail(edition: Edition, published: PublishedArticle) -> str:
    content = published.content
    pictures = [content.lead_picture] if content.lead_picture else []
    pictures += [block.pictures[0] for block in content.blocks if isinstance(block, Figure)]
    pictures = [picture for picture in pictures if picture.host != "page"]
    return html.escape(write_href(pictures[0], edition.hosts)) if pictures else _NO_PICTURE


_OUTER = {"default": "UIArticleInMenu_Default", "in-menu": "ArticleInMenu", "list-news": "UIListNews_Default list-news"}


def _literal(value: str, mark: str) -> str:
    return value if value.lstrip("-").isdecimal() else f"{mark}{value}{mark}"


def _newer_script(fields: dict[str, str]) -> tuple[str, str]:
    lines = [f"{name}: {_literal(value, QUOTE)}" for name, value in fields.items()]
    lines.insert(3, "page: page")
    return "".join(f"                {line},\n" for line in lines)[:-2] + "\n", ""


def _older_script(fields: dict[str, str]) -> tuple[str, str]:
    lines = [f"'{name}' : '{value}'" for name, value in fields.items()]
    lines.insert(2, "'page' : page")
    return "".join(f"                {line},\n" for line in lines)[:-2] + "\n", ""


def _variables_script(fields: dict[str, str]) -> tuple[str, str]:
    declared = "".join(
        f"    var {name} = {_literal(value, APOSTROPHE)};\n"
        for name, value in fields.items()
        if name not in ("no", "new")
    )
    lines = [f"{name}: {name}" for name in fields if name not in ("no", "new")]
    lines += ["page: page", '"new": "False"', f"no: {fields['no']}"]
    return "".join(f"                {line},\n" for line in lines)[:-2] + "\n", declared


_SCRIPTS: dict[str, Callable[[dict[str, str]], tuple[str, str]]] = {
    "newer": _newer_script,
    "older": _older_script,
    "variables": _variables_script,
}
