"""The pager's request is the one that the page's own script sends."""

import pytest

from crawler.extract.listing.javascript import tokenize
from crawler.extract.listing.pager import read_pager
from crawler.extract.page import parse_page
from crawler.items import Pager

URL = "https://sapa.laocai.gov.vn/tin-tuc"
END = "https://sapa.laocai.gov.vn/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
PATH = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"


def read(script: str, body: str = "") -> Pager | None:
    return read_pager(parse_page(f"<body>{body}<script>{script}</script></body>", URL), None)


@pytest.mark.parametrize(
    "script",
    [
        f"function f(page){{$.ajax({{type:'POST',url:'{PATH}',data:{{cate:1,page:page,size:'15'}}}})}}",
        f"function f(p){{jQuery.post(\"{PATH}\", {{'cate':'1', 'page':p, 'size':15}}, function(d){{ "
        f"$('#x').html(d); }});}}",
        f"var u='{PATH}'; function f(trang){{$.ajax({{type:\"post\",url:u,data:'cate=1&page='+trang+'&size=15'}})}}",
        f"const c = 1; let page = 1; $.ajax({{url: location.origin + '{PATH}', method: 'POST', data: "
        f"{{cate: c, page, size: parseInt('15')}}}});",
        f"var d = {{cate: \"1\"}}; d.page = $(this).data('page'); d['size'] = 15; $.ajax({{type: 'POST', "
        f"url: '..{PATH}', data: d}});",
        f"$.ajax('{PATH}', {{type:'POST', data: JSON.stringify({{cate:1,page:n,size:15}})}});",
        f"fetch(`{PATH}`, {{method:'POST', body: new URLSearchParams({{cate:1,page:pg,size:15}})}});",
        f"var o={{type:'POST',url:base+'{PATH}',data:`cate=1&page=${{pg}}&size=15`}}; $.ajax(o);",
        f"function f(p){{var fd = new FormData(); fd.append('cate', 1); fd.append(\"page\", p); fd.append('size', 15); "
        f"$.ajax({{type:'POST', url:'{PATH}', data: fd, processData: false, contentType: false}})}}",
        f"function s(){{var fd = new FormData(); fd.append('keyword', 'x'); $.post('/tim', fd)}} function f(n){{var "
        f"fd = new FormData(); fd.set('cate', '1'); fd.set('page', n); fd.set('size', 15); fetch('{PATH}', "
        f"{{method:'POST', body: fd}})}}",
        f"var q = new URLSearchParams(); q.append('cate', 1); q.append('page', n); q.append('size', 15); "
        f"fetch('{PATH}', {{method:'POST', body: q.toString()}});",
        f"var q = new URLSearchParams({{cate: 1}}); q.append('page', n); q.append('size', 15); fetch('{PATH}', "
        f"{{method:'POST', body: q}});",
        f"var q = new URLSearchParams('cate=1&page=1'); q.set('size', 15); fetch('{PATH}', "
        f"{{method:'POST', body: q}});",
        f"var q = 'cate=1'; q += '&page=' + n; q += '&size=15'; $.ajax({{type:'POST', url:'{PATH}', data: q}});",
        f"function f(n){{var q = 'cate=' + 1 + '&page=' + n + '&size=' + 15; $.post('{PATH}', q)}}",
        f"var d = {{cate: 1, page: n}}; d.size = 15; $.post('{PATH}', $.param(d));",
        f"/* $.ajax({{url:'/x',data:{{page:1}}}}) */ // '\n var r=/[\"'/]/g; "
        f"$.ajax({{type:'POST',url:'{PATH}',data:{{cate:1,page:q||1,size:15}},}});",
    ],
)
def test_every_spelling_of_the_script_gives_the_same_request(script: str) -> None:
    pager = read(script)
    assert pager == Pager(END, (("cate", "1"), ("page", "1"), ("size", "15")), "page", None)


@pytest.mark.parametrize(
    ("declared", "pages"),
    [
        ("var maxPage = parseInt(17);", 17),
        ("var maxPage = parseInt('17');", 17),
        ("var maxPage='17';", 17),
        ("var total = 17, maxPage = total;", 17),
        ("// maxPage = 3\nvar totalPages = 17;", 17),
        ("var maxPage = 0;", 8),
        ("var maxPage = Math.ceil(n / 15);", 8),
        ("", 8),
    ],
)
def test_number_of_pages(declared: str, pages: int) -> None:
    shown = '<ul class="pagination"><li data-page="2"></li><li data-page="8"></li><li data-page="x"></li></ul>'
    pager = read(f"{declared} $.post('{PATH}', {{page: p, a: 1}});", shown)
    assert pager is not None
    assert pager.max_page == pages


def test_the_only_unknown_field_is_the_page_field() -> None:
    pager = read(f"$.post('{PATH}', {{cate: 3, so: so, lang: 'vi-VN'}});")
    assert pager is not None
    assert pager.page_field == "so"


def test_values_are_those_of_the_page() -> None:
    pager = read(
        f"$.post('{PATH}', {{ site: $('#site').val(), key: $('#none').val(), no: -15, ok: true, nil: "
        f"null, s: 'a\\u00e0\\'b', page: p }});",
        '<input id="site" value="4">',
    )
    assert pager is not None
    assert dict(pager.fields) == {
        "site": "4",
        "key": "",
        "no": "-15",
        "ok": "true",
        "nil": "",
        "s": "aà'b",
        "page": "1",
    }


@pytest.mark.parametrize(
    "script",
    [
        "",
        "$.ajax({",
        "$.ajax({url:'/x',type:'GET',data:{page:p}})",
        "$.post('/x')",
        "$.post('/x',{a:1})",
        "__doPostBack('ctrl_1$pager','2')",
    ],
)
def test_page_without_a_pager_gives_none(script: str) -> None:
    assert read(script) is None


@pytest.mark.parametrize(
    "address",
    [
        "/DesktopModule/UISurvey/Vote.aspx/Send",
        "/DesktopModule/UISurvey/Vote.aspx/LoadArticle",
        "/DesktopModule/UIArticleInMenu/ArticleInMenu.aspx/DeleteArticle",
        "/DesktopModule/UIArticleInMenu/UpdateArticle.aspx/LoadArticle",
        "/DesktopModule/UIArticleComment/Comment.aspx/LoadComment",
        "/DesktopModule/UILogin/Login.aspx/LoadArticle",
        "/DesktopModule/UIWeather/Weather.aspx/LoadCity",
        "/tim-kiem",
        "https://example.org/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle",
    ],
)
def test_only_a_listing_modules_load_is_requested(address: str) -> None:
    asking = f"$.ajax({{type:'POST', url:'{address}', data:{{survey_id:'12', page:1, site_id:'999'}}}});"
    assert read(asking) is None
    both = read(f"{asking} $.post('{PATH}', {{cate: 1, page: p}});")
    assert both is not None
    assert both.endpoint == END


@pytest.mark.parametrize(
    "address",
    [PATH, "/DesktopModule/UIListNews/ListNewsPagination.aspx/LoadListNews", "/DesktopModules/UINews/News.aspx/Load"],
)
def test_every_listing_module_can_have_a_pager(address: str) -> None:
    assert read(f"$.post('{address}', {{cate: 1, page: p}});") is not None


FUNCTION = f"{{ $.post('{PATH}', {{ site: site, so: so, lang: lang }}); }}"


@pytest.mark.parametrize(
    ("script", "body"),
    [
        (f"function LoadA(so, site, lang) {FUNCTION} LoadA(1, 1227, 'vi-VN'); LoadA(2, 1227, 'vi-VN');", ""),
        (f"var LoadA = function (so, site, lang) {FUNCTION}; LoadA($(this).data('page'), '1227', 'vi-VN');", ""),
        (f"var s = '1227'; function LoadA(site, lang, so) {FUNCTION} LoadA(s, 'vi-VN', n);", ""),
        (
            f"function LoadA(so, site, lang) {FUNCTION}",
            "<a onclick=\"LoadA(2, 1227, 'vi-VN')\">2</a><a href=\"javascript:LoadA(3, 1227, 'vi-VN')\">3</a>",
        ),
    ],
)
def test_arguments_of_the_call_are_bound_to_the_parameters(script: str, body: str) -> None:
    pager = read(script, body)
    assert pager == Pager(END, (("site", "1227"), ("so", "1"), ("lang", "vi-VN")), "so", None)


def test_parameter_named_page_is_the_page_field_even_if_called_once() -> None:
    pager = read(f"function LoadA(page, site) {{ $.post('{PATH}', {{site: site, so: page}}); }} LoadA(1, 1227);")
    assert pager == Pager(END, (("site", "1227"), ("so", "1")), "so", None)


def test_tokenizer_ends_on_any_text() -> None:
    for text in ("'", '"\\', "/*", "`${", "/[", "\x00\ud800", "a" * 10, "<!-- x", "//"):
        assert isinstance(tokenize(text), list)
