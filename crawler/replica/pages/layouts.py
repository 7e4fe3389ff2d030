"""The article's part of its page, in four layouts. `page_frame` adds the rest of the page."""

import html
from collections.abc import Callable
from datetime import datetime

from crawler.replica.content.model import PublishedArticle
from crawler.replica.content.urls import Hosts
from crawler.replica.pages.markup import BlockWriter

VIEWS = "@@VIEWS@@"
_WEEKDAYS = ("Thứ Hai", "Thứ Ba", "Thứ Tư", "Thứ Năm", "Thứ Sáu", "Thứ Bảy", "Chủ Nhật")
_TOOLS = (
    '<div class="tool"><a class="print" href="javascript:window.print()" title="In bài viết">In trang</a> '
    '<a class="mail" href="#" onclick="return sendMail();">Gửi email</a> <span>Cỡ chữ:</span> '
    '<a href="javascript:zoom(1)">A+</a> <a href="javascript:zoom(-1)">A-</a></div>'
)
_SHARE = (
    '<div class="UISocialShare"><a class="fb" href="https://www.facebook.com/sharer.php">Chia sẻ</a>'
    '<div class="zalo-share-button" data-href="" data-oaid="579745863508352884">Zalo</div></div>'
)


def format_post_date(moment: datetime, form: str) -> str:
    """Return the date as a page shows it: weekday and time (`long`), after a `label`, or with time (`clock`).

    >>> format_post_date(datetime(2026, 8, 28, 9, 35), "long")
    'Thứ Sáu, 28/08/2026 09:35'
    >>> format_post_date(datetime(2026, 8, 28, 9, 35), "label")
    'Ngày đăng: 28-08-2026'
    """
    if form == "long":
        return f"{_WEEKDAYS[moment.weekday()]}, {moment:%d/%m/%Y %H:%M}"
    if form == "label":
        return f"Ngày đăng: {moment:%d-%m-%Y}"
    return f"{moment:%d/%m/%Y %H:%M}"


def render_article(published: PublishedArticle, hosts: Hosts, *, related: str) -> str:
    """Return the article's control, from the header to the share buttons, and the "Tin khác" list.

    Args:
        published: the article of this night.
        hosts: the hosts of its files.
        related: the finished "Tin khác" list. Some layouts have it inside the control.
    """
    writer = BlockWriter(published.article, published.content, hosts)
    return _LAYOUTS[published.article.layout](published, writer, related)


def _post_date(published: PublishedArticle) -> str:
    article = published.article
    parts = []
    if article.date_form != "none":
        parts.append(format_post_date(article.posted_at, article.date_form))
    if article.shows_views:
        parts.append(f"Lượt xem: {VIEWS}")
    return " | ".join(parts)


def _byline_below_title(writer: BlockWriter) -> str:
    if writer.content.byline_form != "below-title":
        return ""
    return f"<div class='sub-title'><b>{writer.text('Tác giả: ' + (writer.content.byline or ''))}</b></div>"


def _author(writer: BlockWriter) -> str:
    if writer.content.byline_form != "author-div":
        return ""
    label = "Tác giả: " if writer.article.key % 2 else ""
    return f'<div class="author">{writer.text(label + (writer.content.byline or ""))}</div>\n'


def _below(writer: BlockWriter) -> str:
    if not writer.content.below:
        return ""
    return '<div class="FileAttach">' + "".join(writer.attached(one) for one in writer.content.below) + "</div>\n"


def _lead_picture(writer: BlockWriter) -> str:
    upload = writer.content.lead_picture
    return writer.picture(upload).replace("<img ", '<img class="ImgDetailImage" ', 1) + "\n" if upload else ""


def _standard(published: PublishedArticle, writer: BlockWriter, related: str) -> str:
    dated = _post_date(published)
    text = writer.content.summary
    summary = f'<div class="ArticleSummary">{writer.text(text)}</div>\n' if text else ""
    return (
        '<div id="ctrl_180223_64" class="UIArticleDetail_Default"><div class="ArticleDetailControl">\n'
        f'<div class="ArticleHeader"><h1>{writer.text(writer.content.title)}</h1></div>\n'
        + (f'<div class="PostDate">{dated}</div>\n' if dated else "")
        + f"{_byline_below_title(writer)}{_TOOLS}\n{summary}{_lead_picture(writer)}"
        f'<div class="ArticleContent">\n{writer.body()}\n</div>\n'
        f'{_author(writer)}{_below(writer)}<div class="clear"></div>{_SHARE}\n{related}</div></div>'
    )


def _plain(published: PublishedArticle, writer: BlockWriter, related: str) -> str:
    views = f'<span class="luotxem">Lượt xem: {VIEWS}</span>' if published.article.shows_views else ""
    return (
        '<div class="portlet ctrl_27461_12" id="ctrl_27461_12">\n<div class="Box ArticleDetailControl">'
        f'<div class="ArticleHeader">{writer.text(writer.content.title)}</div>{views}\n'
        f"{_byline_below_title(writer)}"
        f'<div class="ArticleContent">{writer.body()}</div>{_TOOLS}{_SHARE}</div>\n</div>{related}'
    )


def _word(published: PublishedArticle, writer: BlockWriter, related: str) -> str:
    dated = _post_date(published)
    summary = (
        f'<div class="ArticleSummary"><p><b>{writer.text(writer.content.summary)}</b></p></div>'
        if writer.content.summary
        else ""
    )
    return (
        '<div class="ModuleContent"><div class="ArticleDetailControl clearfix" id="ctrl_9021_3">\n'
        f'<h1 class="ArticleHeader title-detail">{writer.text(writer.content.title)}</h1>\n'
        + (f'<div class="PostDate"><i class="fa fa-clock-o"></i> {dated}</div>' if dated else "")
        + f"{_byline_below_title(writer)}{summary}{_lead_picture(writer)}"
        f'<div class="noidung ArticleContent cke_editable" style="text-align:justify">{writer.body()}</div>'
        f"{_author(writer)}{_below(writer)}{_TOOLS}{_SHARE}</div></div>{related}"
    )


def _bare(published: PublishedArticle, writer: BlockWriter, related: str) -> str:
    dated = _post_date(published)
    return (
        "<DIV ID=ctrl_55_108 CLASS='clearfix ArticleDetailControl  Left'>\n"
        f"<DIV CLASS='Tieude ArticleHeader'>{writer.text(writer.content.title)}</DIV>\n"
        + (f"<DIV CLASS=PostDate>{html.escape(dated)}</DIV>\n" if dated else "")
        + f"{_byline_below_title(writer)}{_TOOLS}\n{writer.body()}\n<DIV "
        f"CLASS=clear></DIV>{_SHARE}\n</DIV>\n{related}"
    )


_LAYOUTS: dict[str, Callable[[PublishedArticle, BlockWriter, str], str]] = {
    "standard": _standard,
    "plain": _plain,
    "word": _word,
    "bare": _bare,
}
