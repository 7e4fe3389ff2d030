"""Hostile listings and pagers: scripts that grow, lists without end, numbers that are none."""

from collections.abc import Callable
from html import escape

from tests.support.hostile.answers import Ask, Catalogue, Hostile, Steps, whole

_DIGITS = "9" * 4301
SERVICE = "/DesktopModule/UIArticleInMenu/ArticleInMenuPagination.aspx/LoadArticle"
_AJAX = '$.ajax({type:"POST",url:"%s",data:{%s},success:function(r){}});'


def _rows(number: int, *, start: int = 0, slug: str = "them") -> str:
    return "".join(
        f'<li class="row"><h2 class="Title"><a href="/khong/{slug}-{8_600_000 + start + n}">Bài {start + n}</a></h2></li>'
        for n in range(number)
    )


def _list(rows: str, script: str = "", *, pager: str = "", top: str = "") -> str:
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>Danh sách</title>{top}</head><body>'
        f'<div class="UIArticleInMenu_Default"><ul class="ArticleList">{rows}</ul>{pager}</div>'
        f'<script type="text/javascript">{script}</script></body></html>'
    )


def _scripted(script: str, *, pager: str = "") -> Hostile:
    return Hostile(lambda _: whole(_list(_ONE, script, pager=pager)))


_ONE = '<li class="row"><h2 class="Title"><a href="/khong/bai-them-8700000">Bài thêm</a></h2></li>'
_FIELDS = "page: page, page_size: 15, article_category_id: 7"


def _sums(levels: int, width: int) -> str:
    """A script whose variables are each the sum of the one before: it grows with a power of its length."""
    lines = [f"var v0='{'x' * 9}';"]
    lines += [f"var v{n + 1}=" + "+".join([f"v{n}"] * width) + ";" for n in range(levels)]
    return "".join(lines) + _AJAX % (SERVICE, f"page: page, a: v{levels}")


SCRIPTS: Catalogue = {
    "script-sums": _scripted(_sums(5, 60)),
    "script-sums-deep": _scripted(_sums(400, 4)),
    "script-sums-reversed": _scripted("".join(f"v{n}=" + "+".join([f"v{n + 1}"] * 40) + ";" for n in range(30)) + "v30='x';"
                                      + _AJAX % (SERVICE, "page: page, a: v0")),
    "script-circle": _scripted("a=b+b;b=c+c;c=a+a;" + _AJAX % (SERVICE, "page: page, a: a")),
    "script-own-sum": _scripted("a='x';" + "a=a+a;" * 400 + _AJAX % (SERVICE, "page: page, a: a")),
    "script-brackets": _scripted("(" * 16_000 + _AJAX % (SERVICE, _FIELDS)),
    "script-all-brackets": _scripted("({[" * 30_000),
    "script-closed-brackets": _scripted("[" * 20_000 + "]" * 20_000 + _AJAX % (SERVICE, _FIELDS)),
    "script-backslashes": _scripted('"\\' * 60_000),
    "script-quotes": _scripted("\"'`" * 60_000),
    "script-comments": _scripted("/*" * 90_000),
    "script-line-comments": _scripted("//\n" * 60_000),
    "script-slashes": _scripted("a=/" * 60_000),
    "script-templates": _scripted("`${" * 50_000),
    "script-ajax-many": _scripted("$.ajax(" * 20_000),
    "script-ajax-whole-many": _scripted((_AJAX % (SERVICE, _FIELDS)) * 1_000),
    "script-functions": _scripted("function f(page){" * 10_000 + _AJAX % (SERVICE, _FIELDS)),
    "script-functions-flat": _scripted("function f(a){" + _AJAX % (SERVICE, "page: page, a: a") + "}" + "f('x');" * 9_000),
    "script-functions-called": _scripted(
        "".join(f"function f{n}(a){{f{n + 1}(a+a);f{n + 1}(a)}}" for n in range(200)) + "f0('x');"
        + "function f200(a){" + _AJAX % (SERVICE, "page: page, a: a") + "}"),
    "script-conditions": _scripted(_AJAX % (SERVICE, "page: page, a: " + "b?c:" * 20_000 + "d")),
    "script-plus": _scripted(_AJAX % (SERVICE, "page: page, a: 'x'" + "+'x'" * 40_000)),
    "script-minus": _scripted(_AJAX % (SERVICE, "page: page, a: " + "-" * 40_000 + "1")),
    "script-members": _scripted(_AJAX % (SERVICE, "page: page, a: a" + ".b" * 40_000)),
    "script-calls": _scripted(_AJAX % (SERVICE, "page: page, a: " + "f(" * 20_000)),
    "script-fields": _scripted(_AJAX % (SERVICE, "page: page, " + ",".join(f"a{n}:{n}" for n in range(20_000)))),
    "script-field-long": _scripted(_AJAX % (SERVICE, f"page: page, a: '{'x' * 150_000}'")),
    "script-just-too-long": _scripted("a" * 3_000_000),
    "scripts-many": Hostile(lambda _: whole(_list(_ONE, "</script><script>".join(["var a=1;$.ajax({})"] * 5_000)))),
    "script-surrogate": _scripted(_AJAX % (SERVICE, "page: page, a: '\\ud800', b: '\\u{110000}', c: '\\x'")),
    "script-nul": _scripted(_AJAX % (SERVICE, "page: page, a: '\\0', 'b\\r\\nX: y': 'c\\r\\nd'")),
    "script-escapes": _scripted(_AJAX % (SERVICE, "page: page, a: '" + "\\u0041" * 20_000 + "'")),
    "script-number-long": _scripted(_AJAX % (SERVICE, f"page: page, a: {_DIGITS}, b: 1e{_DIGITS}, c: 0x{_DIGITS}")),
    "script-number-superscript": _scripted("var maxPage = parseInt(²);" + _AJAX % (SERVICE, "page: page, a: ²")),
    "script-words": _scripted(_AJAX % (SERVICE, "page: page, __proto__: 1, constructor: 2, a: eval('1'), b: NaN")),
}  # fmt: skip
_TAGS = '<ul class="pagination"><li class="page-item page-number" data-page="%s"><a class="page-link">2</a></li></ul>'
_PLAIN = _AJAX % (SERVICE, _FIELDS)


def _of(endpoint: str, *, most: str = "3") -> Hostile:
    return Hostile(
        lambda ask: whole(_list(_ONE, f"var maxPage = parseInt({most});" + _AJAX % (endpoint.format(ask=ask), _FIELDS),
                                pager=_TAGS % "2"))
    )  # fmt: skip


NUMBERS: Catalogue = {
    "pages-4301-digits": _of("{ask.target}" + SERVICE, most=_DIGITS),
    "pages-superscript": _of("{ask.target}" + SERVICE, most="'²'"),
    "pages-negative": _of("{ask.target}" + SERVICE, most="-5"),
    "pages-fraction": _of("{ask.target}" + SERVICE, most="1.5"),
    "pages-infinite": _of("{ask.target}" + SERVICE, most="1e999"),
    "data-page-superscript": _scripted(_PLAIN, pager=_TAGS % "²"),
    "data-page-4301-digits": _scripted(_PLAIN, pager=_TAGS % _DIGITS),
    "data-page-arabic": _scripted(_PLAIN, pager=_TAGS % "٣"),
    "num-of-text-superscript": _scripted(_AJAX % (SERVICE, "page: page, num_of_text: '²'")),
    "num-of-text-4301-digits": _scripted(_AJAX % (SERVICE, f"page: page, num_of_text: '{_DIGITS}'")),
}
ENDPOINTS: Catalogue = {
    "endpoint-other-port": _of("http://{ask.trap}" + SERVICE),
    "endpoint-scheme-relative": _of("//{ask.trap}" + SERVICE),
    "endpoint-metadata": _of("http://169.254.169.254" + SERVICE),
    "endpoint-file": _of("file://" + SERVICE),
    "endpoint-userinfo": _of("http://{ask.host}@{ask.trap}" + SERVICE),
    "endpoint-broken": _of("http://[::1" + SERVICE),
    "endpoint-vote": _of("/DesktopModule/UISurvey/Vote.aspx/SendVote"),
    "endpoint-delete": _of("/DesktopModule/UIArticleInMenu/Admin.aspx/LoadArticle/../DeleteArticle"),
}


def _paged(ask: Ask, first: Callable[[], str], then: Callable[[int], str]) -> Steps:
    """The listing at a GET; at a POST a page of its pager."""
    page = next((part[5:] for part in ask.body.decode("latin-1").split("&") if part.startswith("page=")), "")
    if page.isascii() and page.isdecimal():
        return whole(then(int(page)))
    return whole(first())


def _walk(then: Callable[[int], str], *, most: str = "4") -> Hostile:
    def write(ask: Ask) -> Steps:
        script = f"var maxPage = parseInt({most});" + _AJAX % (ask.target + SERVICE, _FIELDS)
        return _paged(ask, lambda: _list(_ONE, script, pager=_TAGS % "2"), then=then)

    return Hostile(write)


FRAGMENTS: Catalogue = {
    "fragment-bomb": _walk(lambda _: "<li><h1>" * 20_000),
    "fragment-nested": _walk(lambda _: "<div>" * 200_000),
    "fragment-same": _walk(lambda _: _ONE),
    "fragment-surrogate": _walk(lambda _: '<a href="/x/\ud800-1">\ud800</a>'),
    "fragment-json": _walk(lambda _: "[" * 100_000),
    "fragment-script": _walk(lambda _: f"<script>{_PLAIN}</script>{_ONE}"),
    "fragment-links-odd": _walk(lambda _: '<li class="row"><h2><a href="http://[::1">a</a></h2></li>' + _ONE),
}
ROWS: Catalogue = {
    "rows-nested": Hostile(lambda _: whole(_list("<li class=row><h2 class=Title>" * 20_000))),
    "rows-without-links": Hostile(lambda _: whole(_list("<li class=row><h2>x</h2></li>" * 50_000))),
    "rows-foreign": Hostile(
        lambda _: whole(_list("".join(f'<li class="row"><h2><a href="http://x{n}.example/a/b-{n}">x</a></h2></li>'
                                      for n in range(5_000))))
    ),
    "rows-one-twice": Hostile(lambda _: whole(_list(_ONE * 20_000))),
    "rows-odd-ids": Hostile(
        lambda _: whole(_list("".join(
            f'<li class="row"><h2 class="Title"><a href="{escape(href)}">Bài</a></h2></li>'
            for href in (f"/a/b-{_DIGITS}", "/a/b-²", "/a/b-٣", "/a/b--1", "/a/b-0", "//a/b-1", "/a/\0-1", "/a/b-1\r\n",
                         "javascript:/a/b-1", "/a/../b-1", "/%2e%2e/b-1", "/a/b-1?" + "x" * 9999, "http://[/a/b-1")
        ) + _ONE))
    ),
    "rows-odd-dates": Hostile(
        lambda _: whole(_list(_ONE.replace("</h2>", f'</h2><div class="Ngaydang">99/99/{_DIGITS}</div>')))
    ),
    "rows-odd-titles": Hostile(
        lambda _: whole(_list(_ONE.replace("Bài thêm", "Bài thêm" + "<b>" * 5_000 + "\0\u202e" + "dài" * 99_999)))
    ),
    "rows-summary-long": Hostile(lambda _: whole(_list(_ONE.replace("</li>", f"<p>{'dài ' * 500_000}</p></li>")))),
    "list-is-login": Hostile(lambda _: whole("<form><input type=password></form>")),
    "list-is-json": Hostile(lambda _: whole("[" * 200_000, kind="Content-Type: application/json")),
    "list-is-zip": Hostile(lambda _: whole(b"PK\3\4" + b"\0" * 5000, kind="Content-Type: text/html")),
    "list-charset-undefined": Hostile(lambda _: whole(_list(_ONE), kind="Content-Type: text/html; charset=undefined")),
}  # fmt: skip
LISTINGS: Catalogue = {**SCRIPTS, **NUMBERS, **ENDPOINTS, **FRAGMENTS, **ROWS}


def endless(rows: int, *, most: str) -> Hostile:
    """Return a listing whose pager never ends, with `rows` new rows a page."""
    return _walk(lambda number: _rows(rows, start=number * rows, slug="vo-tan"), most=most)
