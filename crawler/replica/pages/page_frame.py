"""The frame around the content of every page: head, form, banners, menu, side boxes, counters."""

import html
from dataclasses import dataclass

from crawler.replica.content.compose import CATEGORIES
from crawler.replica.content.edition import Edition
from crawler.replica.content.model import PublishedArticle

VIEWSTATE, ONLINE, TODAY, WEEK, TOTAL = "@@VIEWSTATE@@", "@@ONLINE@@", "@@TODAY@@", "@@WEEK@@", "@@TOTAL@@"
PORTAL_TITLE = "Cổng thông tin điện tử huyện Tả Sơn"
DESCRIPTION = "Trang thông tin điện tử huyện Tả Sơn, tỉnh Hoàng Liên - tin tức, văn bản, thủ tục hành chính"
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
    side = _side(edition, frame.number)
    columns = f'<div class="col-md-9 main-col">{main}</div>\n<div class="col-md-3 side-col">{side}</div>'
    if frame.number % 3 == 2:
        columns = f'<div class="col-md-3 side-col left">{side}</div>\n<div class="col-md-9 main-col">{main}</div>'
    return (
        f"{_head(edition, frame)}<body class='portal skin-{frame.number % 4}'>\n"
        f'<form method="post" action=".{html.escape(frame.path)}" id="Form" enctype="multipart/form-data">\n'
        '<div class="aspNetHidden"><input type="hidden" name="__EVENTTARGET" id="__EVENTTARGET" value="" />\n'
        '<input type="hidden" name="__EVENTARGUMENT" id="__EVENTARGUMENT" value="" />\n'
        f'<input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="{VIEWSTATE}" />\n'
        '<input type="hidden" name="__VIEWSTATEGENERATOR" value="CA0B0334" /></div>\n'
        f"{_banner(edition)}{_menu(edition)}<!-- BEGIN CONTENT -->\n"
        f'<div class="container" id="dnn_wrapper"><div class="row">\n{columns}\n</div></div>\n<!-- END '
        "CONTENT -->\n"
        f"{_foot(edition)}</form>\n<script>var _gaq = _gaq || []; "
        f"(function(){{ /* tracking */ }})();</script>\n</body>\n</html>\n"
    )


def _head(edition: Edition, frame: Frame) -> str:
    charset = '<meta http-equiv="Content-Type" content="text/html; charset=utf-8" />\n' if frame.charset_in_meta else ""
    feed = (
        '<link rel="alternate" type="application/rss+xml" title="RSS" href="/rss.aspx" />\n'
        if frame.feed_linked
        else ""
    )
    return (
        f'<!DOCTYPE html>\n<html lang="vi-VN" xmlns="http://www.w3.org/1999/xhtml">\n<head>\n{charset}'
        f"<title>{html.escape(frame.title)} - {PORTAL_TITLE}</title>\n"
        f'<meta name="description" content="{DESCRIPTION}" />\n<meta name="keywords" content="Tả Sơn, '
        'Hoàng Liên" />\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1" />\n'
        f'{feed}<link rel="shortcut icon" href="/images/favicon.png" />\n'
        '<link rel="stylesheet" type="text/css" href="/styles/portal.css?v=12" />\n'
        "<link href='/styles/skins/tason/skin.css' rel=stylesheet>\n"
        f'<link rel="stylesheet" href="http://{edition.hosts.elsewhere}/fonts/roboto.css" />\n'
        '<style>.top-banner { background: url("/images/top banner.png") }</style>\n'
        '<script src="/js/jquery.min.js"></script>\n'
        "<script type=\"text/javascript\">//<![CDATA[\nvar theForm = document.forms['Form'];\n"
        "function __doPostBack(t, a) { theForm.__EVENTTARGET.value = t; theForm.submit(); }\n//]]></script>\n"
        "<!--[if lt IE 9]><script src='/js/html5.js'></script><![endif]-->\n</head>\n"
    )


def _banner(edition: Edition) -> str:
    trap = edition.hosts.elsewhere
    return (
        '<div class="top-banner"><a href="/"><img src="/images/logo.png" alt="No title..." /></a>\n'
        f'<a href="http://{trap}/quang-cao?id=7" target="_blank"><img src="http://{trap}/banner/qc7.png" '
        'alt="image advertisement"></a></div>\n'
    )


def _menu(edition: Edition) -> str:
    items = ['<li class="active"><a href="/">Trang chủ</a></li>']
    items.append(
        '<li class="dropdown"><a href="/gioi-thieu">Giới thiệu</a><ul class="dropdown-menu">'
        '<li><a href="/gioi-thieu">Giới thiệu chung</a></li><li><a href="/so-do-cong">Sơ đồ cổng</a></li>'
        '<li><a href="#">Danh bạ</a></li></ul></li>'
    )
    links = [
        f'<li><a href="{f"http://{edition.hosts.pages}" if number == 1 else ""}/{category.slug}" '
        f'title="{html.escape(category.title)}">{html.escape(category.title)}</a></li>'
        for number, category in enumerate(CATEGORIES)
    ]
    items += links[:4]
    items.append(
        '<li class="dropdown"><a href="javascript:void(0)">Chuyên mục khác</a>'
        f'<ul class="dropdown-menu level2">{"".join(links[4:])}'
        '<li><a href="/?pageid=27205&amp;p_cate=118">Văn bản chỉ đạo</a></li></ul></li>'
    )
    items += [
        '<li><a href="/lien-he">Liên hệ</a></li>',
        f'<li><a href="http://{edition.hosts.elsewhere}/dich-vu-cong" target="_blank">Dịch vụ công</a></li>',
        '<li><a href="mailto:ubnd@tason.example">Thư điện tử</a></li>',
    ]
    return f'<nav class="navbar" id="mainmenu"><ul class="nav navbar-nav">\n{chr(10).join(items)}\n</ul></nav>\n'


def _side(edition: Edition, number: int) -> str:
    return (
        f'<div class="side-box" id="ctrl_{190000 + number % 50}_31"><h3 class="box-title">Tin tức</h3>\n'
        f"{_box_list(edition, edition.box_for(number))}{_postback_pager('ctrl_190_31', 3)}</div>\n"
        '<div class="side-box docs"><h3>Văn bản mới</h3><ul>\n'
        '<li><a href="/?pageid=27218&amp;p_steering=20417">Công văn về phòng, chống hạn hán</a></li>\n'
        '<li><a href="/?pageid=27218&amp;p_steering=20391&amp;p_cate=118">Quyết định ban hành quy '
        "chế</a></li></ul></div>\n"
        '<div class="side-box link"><select onchange="window.open(this.value)"><option value="">Liên '
        "kết website</option>"
        f'<option value="http://{edition.hosts.elsewhere}/">Cổng tỉnh</option></select>\n'
        f'<a href="{OUTWARD}?id=3">Trang liên kết</a> <a href="{STRAY_ARTICLE}">Liên kết ngoài trang</a> '
        '<a href="/quan-tri/bao-cao">Quản trị</a></div>\n'
    )


def _box_list(edition: Edition, articles: tuple[PublishedArticle, ...]) -> str:
    rows = "".join(
        f'<li> <a href="{html.escape(edition.link(one, "box"))}">{html.escape(one.content.title)}</a>\n'
        f'  <span class="date">({one.article.posted_at:%d/%m/%Y})</span></li>\n'
        for one in articles
    )
    return f'<ul class="news-list">\n{rows}</ul>'


def _postback_pager(control: str, pages: int, *, tail: str = "") -> str:
    links = ["<span>1</span>"]
    links += [
        f"<a href=\"javascript:__doPostBack('{control}$pager$ctl{page:02d}','')\">{page}</a>"
        for page in range(2, pages + 1)
    ]
    return f'<div class="pager">{" ".join(links)} {tail}</div>'


def related_list(edition: Edition, published: PublishedArticle) -> str:
    """Return the "Tin khác" list under an article. Its pager is a postback."""
    rows = "".join(
        f'<li><a href="{html.escape(edition.link(one, "related"))}" '
        f'title="">{html.escape(one.content.title)}</a></li>\n'
        for one in edition.related(published)
    )
    dots = "<a href=\"javascript:__doPostBack('ctrl_77$pager$ctl06','')\">...</a>"
    return (
        '<div class="OtherNews"><div class="title">Tin khác</div>\n'
        f'<ul class="other">{rows}</ul>{_postback_pager("ctrl_77", 5, tail=dots)}</div>\n'
    )


def _foot(edition: Edition) -> str:
    return (
        '<div class="footer"><div class="statistic"><h3>Thống kê truy cập</h3><ul>\n'
        f"<li>Đang online: <b>{ONLINE}</b></li><li>Hôm nay: <b>{TODAY}</b></li>\n"
        f"<li>Trong tuần: <b>{WEEK}</b></li><li>Tất cả: <b>{TOTAL}</b></li></ul></div>\n"
        '<a class="login" href="/dang-nhap">Đăng nhập</a>\n'
        f"<p>© {PORTAL_TITLE}. Ghi rõ nguồn khi phát hành lại thông tin.</p>"
        f'<img src="http://{edition.hosts.elsewhere}/pixel.gif" width="1" height="1" alt=""></div>\n'
    )
