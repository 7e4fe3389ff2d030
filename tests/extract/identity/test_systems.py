"""A home page of another system is named with its marks; a portal of this CMS never is, whatever it embeds."""

from collections.abc import Iterator

import pytest

from crawler.extract.first_look import find_other_home
from crawler.extract.identity.surroundings import Surroundings
from crawler.extract.page import parse_page
from crawler.profile import Profile, parse_profile
from crawler.replica import Replica
from tests.support.replica import ask

URL = "https://xa.example.vn/"
PROFILE = parse_profile(f'name="xa"\ntitle="Xã"\ncms="vnpt"\nbase_url="{URL}"')
NEWS = "".join(f'<li><a href="/tin-tuc/bai-so-{n}.html">Bài viết số {n} của cổng thông tin</a></li>' for n in range(8))
BODY = f"<header><h1>UBND xã</h1></header><ul>{NEWS}</ul><footer>Bản quyền</footer>"


def page(head: str = "", body: str = BODY, attributes: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>UBND xã</title>{head}</head><body {attributes}>{body}</body></html>"


def judge(
    html: str, *, headers: dict[str, str] | None = None, cookies: tuple[str, ...] = (), robots: str = "",
    profile: Profile = PROFILE,
) -> str | None:  # fmt: skip
    around = Surroundings(headers or {}, cookies, robots)
    found = find_other_home(parse_page(html, profile.base_url), profile, around=around)
    return str(found) if found is not None else None


OTHERS: dict[str, list[str]] = {
    "NukeViet": [
        page('<meta name="generator" content="NukeViet v4.5">'),
        page(
            '<link rel="stylesheet" href="/themes/default/css/style.css">'
            "<script>var nv_base_siteurl='/',nv_lang_data='vi',nv_name_variable='nv',nv_fc_variable='op';</script>"
        ),
        page(
            '<link rel="StyleSheet" href="/themes/xa_egov/css/style.css?t=26"><script '
            'src="/assets/js/language/vi.js?t=26"></script>',
            BODY + '<a href="/index.php?language=vi&amp;nv=news&amp;op=rss">RSS</a>',
        ),
    ],
    "WordPress": [
        page('<meta name="generator" content="WordPress 6.5.2" />'),
        page("<link rel='stylesheet' id='flatsome-main-css' "
             "href='https://xa.example.vn/wp-content/themes/flatsome/style.css?ver=3' />"),
        page(
            '<link rel="https://api.w.org/" href="https://xa.example.vn/wp-json/" />'
            '<script>window._wpemojiSettings = {"baseUrl":"x"};</script>',
            BODY + '<img src="/wp-content/uploads/2024/05/anh.jpg">',
        ),
    ],
    "Liferay": [
        page("<script>var Liferay = Liferay || {}; Liferay.Browser = {acceptsGzip: function() {return "
             "true;}};</script>"),
        page(
            '<link class="lfr-css-file" href="/o/classic-theme/css/main.css?browserId=other" rel="stylesheet">',
            '<div class="portlet-boundary portlet-boundary_com_liferay_journal_content_web_" '
            'id="p_p_id_56_INSTANCE_x_">'
            f"<div class='journal-content-article'>Bài</div></div>{BODY}",
        ),
        page("", BODY + '<a href="/web/guest/tin-tuc">Tin</a><img src="/documents/20142/35102/logo.png/7f1e?t=1">'),
    ],
    "Joomla": [
        page('<meta name="generator" content="Joomla! - Open Source Content Management">'),
        page(
            '<link href="/media/templates/site/cassiopeia/css/template.min.css?8a1" rel="stylesheet">'
            '<script type="application/json" class="joomla-script-options new">{"system.paths":{"root":""}}</script>'
            '<script src="/media/system/js/core.min.js?a3d8" defer></script>'
        ),
        page(
            '<link rel="stylesheet" href="/templates/ja_purity/css/template.css">',
            BODY + '<a href="/index.php?option=com_content&amp;view=article&amp;id=12">Bài</a>',
        ),
    ],
    "Drupal": [
        page('<meta name="Generator" content="Drupal 10 (https://www.drupal.org)" />'),
        page(
            '<link rel="stylesheet" media="all" href="/core/assets/vendor/normalize-css/normalize.css?t0" />',
            f'<a href="/" data-drupal-link-system-path="&lt;front&gt;">Trang chủ</a>{BODY}'
            '<script type="application/json" data-drupal-selector="drupal-settings-json">{"path":{}}</script>',
        ),
        page(
            '<script src="/misc/jquery.js?v=1.4.4"></script><style>@import '
            'url("/sites/all/themes/xa/style.css");</style>'
            '<script>jQuery.extend(Drupal.settings, {"basePath":"\\/"});</script>'
        ),
    ],
    "SharePoint": [
        page('<meta name="GENERATOR" content="Microsoft SharePoint" />'),
        page(
            '<link rel="stylesheet" type="text/css" href="/_layouts/15/1066/styles/Themable/corev15.css?rev=x"/>'
            '<script type="text/javascript" src="/_layouts/15/init.js?rev=x"></script>',
            f'<form id="aspnetForm"><input type="hidden" name="__VIEWSTATE" value="/wE"><div '
            f'id="s4-workspace">{BODY}</div></form>',
        ),
        page("<script>var _spPageContextInfo = {webServerRelativeUrl: '/', siteId: '{1}'};</script>",
             BODY + '<a href="/Pages/2024-05-17/tin-a.aspx">Tin</a><img src="/PublishingImages/a.jpg">'),
    ],
    "DotNetNuke": [
        page('<meta name="generator" content="DotNetNuke " />'),
        page('<link href="/Portals/_default/default.css?cdv=20" type="text/css" rel="stylesheet"/>'),
        page("", f'<form id="Form"><input type="hidden" name="__dnnVariable" id="__dnnVariable" '
                 f'value="x"/>{BODY}</form>'),
    ],
}  # fmt: skip

# Modern and minified forms, without a generator.
BARE = [
    ("NukeViet", '<link rel="stylesheet" href="/themes/egov/css/bootstrap.min.css">',
     '<ul><li><a href="/vi/news/">Tin</a></li></ul><a href="/vi/users/login/">Đăng nhập</a>'),
    ("NukeViet", '<script src="https://cdn.jsdelivr.net/gh/nukeviet/nukeviet@4.5.06/src/js/global.js"></script>', ""),
    ("WordPress", '<style id="wp-block-library-inline-css">a{}</style>', ""),
    ("WordPress", '<link rel="stylesheet" href="https://tinh.example.vn/wp-includes/x.css">',
     '<img class="wp-image-12" src="/a.jpg">'),
    ("WordPress", '<link rel="stylesheet" href="https://c0.wp.com/c/6.5/wp-includes/css/dist/a.css">', ""),
    ("WordPress", '<link rel="shortlink" href="/?p=12">', '<img src="/wp-content/uploads/2025/11/a.jpg">'),
    ("WordPress", "", '<div class="wp-site-blocks"></div>'),
    ("Liferay", '<link rel="icon" href="/documents/20142/0/a.ico/1?t=1">',
     '<a href="/-/view_content/12-xa-hop">Xã họp</a>'),
    ("Liferay", "", '<section><div class="journal-content-article">x</div></section>'),
    ("Joomla", '<link href="/media/vendor/joomla-custom-elements/css/joomla-alert.min.css" rel="stylesheet">', ""),
    ("Joomla", '<link rel="stylesheet" href="/t3-assets/css/css-1.css">', ""),
    ("Joomla", "", '<div class="item-page"></div><a href="/index.php/gioi-thieu">Giới thiệu</a>'),
    ("Drupal", '<link rel="stylesheet" href="/sites/default/files/css/css_abc-1.css?delta=0">', ""),
    ("Drupal", '<style>@import url("/sites/all/themes/x/a.css");</style>', ""),
    ("Drupal", "", '<div class="dialog-off-canvas-main-canvas" data-off-canvas-main-canvas></div>'),
]  # fmt: skip


@pytest.mark.parametrize(("name", "head", "more"), BARE)
def test_another_system_is_named_without_its_generator(name: str, head: str, more: str) -> None:
    said = judge(page(head, BODY + more))
    assert said is not None
    assert said.startswith(f"this is {name}, not vnpt: it")


def test_a_page_that_only_leads_to_a_login_is_one_and_a_short_home_page_that_offers_one_is_not() -> None:
    for leads in (
        '<meta http-equiv="refresh" content="0; url=/login">',
        "<script>location.href='/Account/Login?u=%2F'</script>",
    ):
        said = judge(f"<html><head>{leads}</head><body></body></html>")
        assert said is not None
        assert "is a login" in said
    assert judge(page("", '<ul><li><a href="/dang-nhap">Đăng nhập</a></li></ul>' + BODY)) is None
    assert judge('<html><head><meta http-equiv="refresh" content="0;url=/vi/"></head><body></body></html>') != said


@pytest.mark.parametrize(("name", "html"), [(name, html) for name, pages in OTHERS.items() for html in pages])
def test_another_system_is_named_with_what_shows_it(name: str, html: str) -> None:
    said = judge(html)
    assert said is not None
    assert said.startswith(f"this is {name}, not vnpt: it")


@pytest.mark.parametrize(
    ("name", "headers", "cookies", "robots"),
    [
        ("Liferay", {"liferay-portal": "Liferay Digital Experience Platform"}, (), ""),
        ("Liferay", {}, ("COOKIE_SUPPORT", "LFR_SESSION_STATE_20102"), ""),
        ("Drupal", {"x-generator": "Drupal 10 (https://www.drupal.org)"}, (), ""),
        ("WordPress", {"link": '<https://xa.example.vn/wp-json/>; rel="https://api.w.org/"'}, (), ""),
        ("SharePoint", {"microsoftsharepointteamservices": "15.0.0.4420"}, (), ""),
        ("NukeViet", {}, ("nv4c_Xa12_sess", "nv4_Ab_ctr"), ""),
        ("Joomla", {"x-content-encoded-by": "Joomla! 2.5"}, (), ""),
    ],
)
def test_headers_and_cookies_name_a_system(
    name: str, headers: dict[str, str], cookies: tuple[str, ...], robots: str
) -> None:
    said = judge(page(), headers=headers, cookies=cookies, robots=robots)
    assert said is not None
    assert f"this is {name}, not vnpt" in said


def test_robots_and_a_picture_together_are_enough_and_one_of_them_is_not() -> None:
    robots = "User-agent: *\nDisallow: /wp-admin/\nAllow: /wp-admin/admin-ajax.php\n"
    assert judge(page(), robots=robots) is None
    picture = page("", BODY + '<img src="/wp-content/uploads/2024/05/anh.jpg">')
    assert judge(picture) is None
    assert judge(picture, robots=robots) is not None


NO_PORTALS = {
    "shows nothing but by scripts": [
        page('<script defer src="/static/js/main.8a1.js"></script>',
             '<noscript>You need to enable JavaScript to run this app.</noscript><div id="root"></div>'),
        page('<script type="module" crossorigin src="/assets/index-b1c2.js"></script>', '<div id="app"></div>'),
        page('<base href="/"><link rel="stylesheet" href="styles.5f.css">',
             '<app-root></app-root><script src="runtime.1a.js" type="module"></script><script src="main.77.js">'
             '</script>'),
    ],
    "is a login": [
        page("", '<form action="/login"><input name="u"><input type="password" name="p"><button>Đăng '
                 'nhập</button></form>'),
        page("<title>Sign in</title>", '<h1>Đăng nhập hệ thống</h1><form><label>Tài khoản</label><input name="a">'
             '<label>Mật khẩu</label><input type="PASSWORD"></form>'),
        page("", '<div>Single sign on<form action="/cas/login"><input name="username"/><input name="password" '
                 'type="password"/></form></div>'),
    ],
    "is empty": ["", "  \r\n", "<html><head></head><body></body></html>"],
    "is that of a parked domain": [
        page("<title>Welcome to nginx!</title>", "<h1>Welcome to nginx!</h1><p>If you see this page, the nginx "
                                                 "web server is "
             "successfully installed and working.</p>").replace("<title>UBND xã</title>", ""),
        page('<script src="https://img1.wsimg.com/parking-lander/static/js/main.js">'
             '</script>', '<div id="root"></div>'),
        page("", "<h1>xa.example.vn</h1><p>This domain is for sale. Buy this domain today.</p>"),
        "<html><head><title>Index of /</title></head><body><h1>Index of /</h1><a href='cgi-bin/'>cgi-bin/</a>"
        "</body></html>",
        page("<title>IIS Windows Server</title>", '<a href="http://go.microsoft.com/"><img src="iisstart.png">'
                                                  '</a>').replace(
            "<title>UBND xã</title>", ""),
    ],
}  # fmt: skip


@pytest.mark.parametrize(("words", "html"), [(words, html) for words, pages in NO_PORTALS.items() for html in pages])
def test_what_is_no_site_at_all_is_said(words: str, html: str) -> None:
    said = judge(html)
    assert said is not None
    assert said.startswith("this is no portal of vnpt")
    assert words in said


@pytest.mark.parametrize(
    "html",
    [
        page("", "<h1>403 Forbidden</h1><p>Request blocked by the firewall. Incident ID 7123</p>"),
        page('<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/jsch/v1"></script><title>Just a '
             'moment...</title>',
             '<div id="cf-wrapper"></div>'),
        '<script>document.cookie="D1N=0123456789abcdef0123456789abcdef"+";path=/";window.location.reload(true);</script>',
        page("", "<h1>Thông báo</h1><p>Hệ thống đang bảo trì, vui lòng quay lại sau.</p>"),
        page(),
        page('<meta name="generator" content="Microsoft Word 15">'),
        page("", BODY + '<img src="https://other.example.vn/wp-content/uploads/a.jpg"><a href="https://b.vn/web/guest/x">x</a>'),
        page("", f'<form><input type="hidden" name="__VIEWSTATE" value="x">{BODY}</form>'),
        page('<script src="https://khac.vn/wp-includes/js/a.js"></script>', BODY + '<img class="wp-image-1">'),
    ],
)  # fmt: skip
def test_what_passes_or_is_unknown_is_not_named(html: str) -> None:
    assert judge(html) is None


@pytest.mark.parametrize("others", [html for pages in (*OTHERS.values(), *NO_PORTALS.values()) for html in pages])
@pytest.mark.parametrize(
    "mark",
    [
        '<div class="UIArticleInMenu_Default"></div>',
        '<div id="ctrl_180223_64" class="Box"></div>',
        "<img src=/sitefolders/1227/logo.png>",
        '<script src="/desktopmodule/x.js"></script>',
        '<img src="https://storage-vnportal.vnpt.vn/hli-ubnd-responsive/1227/logo.png">',
        "<script>$.ajax({url: '/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle'})</script>",
    ],
)
def test_any_mark_of_the_cms_outweighs_all_others(mark: str, others: str) -> None:
    if "<body" in others:
        assert judge(others.replace("</body>", f"{mark}</body>")) is None


@pytest.fixture(scope="module")
def portal() -> Iterator[Replica]:
    with Replica(seed=3, articles=20, single_pages=True) as replica:
        yield replica


def test_no_page_of_a_portal_of_the_cms_is_named(portal: Replica) -> None:
    profile = parse_profile(portal.profile_toml())
    truth = portal.truth()
    for url in (truth.base_url, *(one.url for one in truth.listings), *(one.url for one in truth.single_pages)):
        assert judge(ask(url).text, profile=profile) is None
