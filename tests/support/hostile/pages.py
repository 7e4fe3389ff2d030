"""Hostile article pages: what costs much to read, what breaks a parser, what would run where the text is shown."""

from tests.support.hostile.answers import BODY, Ask, Catalogue, Hostile, Steps, page, shown, whole

_DIGITS = "9" * 4301


def _nested(tags: str, times: int, text: str = "Chữ") -> str:
    """Return tags opened one within the other; `tags` are parted by blanks and opened in turn."""
    names = tags.split()
    return "".join(f"<{names[place % len(names)]}>" for place in range(times)) + text


def _read(inner: str = "", **more: str) -> Hostile:
    return Hostile(shown(inner, **more), ())


def _either(inner: str = "", **more: str) -> Hostile:
    return Hostile(shown(inner, **more), None)


COSTS: Catalogue = {
    "nested-div": _either(_nested("div", 200_000)),
    "nested-b": _either(_nested("b", 50_000)),
    "nested-a": _either(_nested("a", 20_000)),
    "nested-font-p": _either(_nested("font p", 20_000)),
    "nested-table": _either(_nested("table tr td", 20_000)),
    "nested-list-heading": _either(_nested("li h1", 40_000)),
    "nested-svg": _either("<svg>" + _nested("g", 50_000)),
    "nested-template": _either(_nested("template", 20_000)),
    "nested-select": _either(_nested("select option optgroup", 20_000)),
    "nested-form": _either(_nested("form fieldset", 20_000)),
    "nested-button": _either(_nested("button p", 20_000)),
    "nested-ruby": _either(_nested("ruby rt", 20_000)),
    "nested-blockquote-of-unclosed-em": _either(_nested("blockquote em strong", 30_000)),
    "nested-object": _either(_nested("object", 20_000)),
    "flat-list-heading": _either("<li><h1>x" * 20_000),
    "flat-dl": _either("<dt>a<dd>b" * 40_000),
    "flat-p": _either("<p>" * 2_000_000),
    "flat-br": _either("<br>" * 1_000_000),
    "flat-a-b": _either("<a href=/x><b>x" * 20_000),
    "flat-td": _either("<table>" + "<td>x" * 100_000),
    "flat-img": _either("<img src=/a.png>" * 20_000),
    "flat-img-each": _either("".join(f"<img src=/a{n}.png>" for n in range(5_000))),
    "flat-span": _either("<p>" + "<span>x</span>" * 300_000),
    "flat-comments": _either("<!--x-->" * 300_000),
    "flat-script": _either("<script>var a=1;</script>" * 50_000),
    "flat-style": _either("<style>a{}</style>" * 50_000),
    "flat-hr-with-text": _either("<hr>chữ" * 200_000),
    "flat-iframe": _either("<iframe src=https://www.youtube.com/embed/x></iframe>" * 20_000),
    "attributes-50000": _either("<p " + " ".join(f"a{n}=b" for n in range(50_000)) + ">x"),
    "attribute-5-megabytes": _either(f'<p title="{"a" * 5_000_000}">x'),
    "classes-200000": _either(f'<p class="{" ".join(f"c{n}" for n in range(200_000))}">x'),
    "style-1-megabyte": _either(f'<p style="{"color:red;" * 100_000}">x'),
    "style-sheet-3-megabytes": _either(top="<style>" + "a{b:c}" * 500_000 + "</style>"),
    "srcset-100000": _either(f'<img src="/a.png" srcset="{", ".join(f"/a{n}.png {n}w" for n in range(100_000))}">'),
    "run-of-nbsp": _either("<p>" + "&nbsp;" * 500_000),
    "run-of-amp": _either("<p>" + "&amp;" * 500_000),
    "run-of-blanks": _either("<p>" + " " * 5_000_000 + "x"),
    "run-of-blanks-parted": _either("<p>" + (" " * 50_000 + "x") * 60),
    "run-of-tabs-and-lines": _either("<pre>" + "\t\n" * 1_000_000),
    "run-of-dots": _either("<p>" + "." * 2_000_000),
    "run-of-digits": _either("<p>" + "1" * 2_000_000),
    "run-of-dates": _either("<p>" + "01/01/2024 " * 200_000),
    "run-of-slashes": _either("<p>" + "1/" * 500_000),
    "run-of-hyphens": _either("<p>" + "- " * 500_000),
    "run-of-brackets": _either("<p>" + "(" * 500_000),
    "run-of-bracket-pairs": _either("<p>" + "()" * 500_000),
    "run-of-quotes": _either("<p>" + "“”\"'" * 300_000),
    "run-of-colons": _either("<p>" + "Nguồn: " * 200_000),
    "run-of-captions": _either("<p>" + "Ảnh: " * 200_000),
    "run-of-captions-in-rows": _either("<p>Ảnh: x</p>" * 50_000),
    "run-of-names": _either("<p>" + "Tác giả " * 200_000),
    "run-of-at-signs": _either("<p>" + "a@" * 500_000),
    "run-of-addresses": _either("<p>" + "http://a.vn/ " * 100_000),
    "run-of-marks": _either("<p>e" + "\u0301" * 500_000),
    "run-of-two-marks": _either("<p>e" + "\u0323\u0301" * 300_000),
    "run-of-jamo": _either("<p>" + "\u1100\u1161\u11a8" * 200_000),
    "run-of-emoji": _either("<p>" + "👨‍👩‍👧‍👦" * 50_000),
    "run-of-ligatures": _either("<p>" + "\ufdfa" * 100_000),
    "word-of-3-megabytes": _either("<p>" + "á" * 1_500_000),
    "title-of-1-megabyte": _either(raw_title="Thông báo " + "dài " * 250_000),
    "title-of-one-long-word": _either(raw_title="x" * 1_000_000),
    "twin-paragraphs": _either("<p>Giống nhau.</p>" * 50_000),
    "rows-20000": _either("<table>" + "<tr><td>a<td>b" * 20_000 + "</table>"),
    "columns-100000": _either("<table><tr>" + "<td colspan=1000>x" * 20_000),
    "links-40000": _either("".join(f'<a href="/danh-sach-la/x-{n}a">x</a> ' for n in range(40_000))),
    "links-one-40000-times": _either('<a href="/tin-tuc-su-kien">x</a> ' * 40_000),
    "file-links-3000": _either("".join(f'<a href="http://khong.example/{n}.pdf">x</a>' for n in range(3_000))),
    "json-ld-nested": _either(top=f'<script type="application/ld+json">{"[" * 100_000}</script>'),
    "json-ld-long": _either(top='<script type="application/ld+json">{"a":' + "9" * 1_000_000 + "}</script>"),
    "meta-50000": _either(top='<meta name="description" content="x">' * 50_000),
    "unclosed-comment": _either("<!--" + "x-" * 1_000_000),
    "unclosed-script": _either("<script>" + "</scrip" * 200_000),
    "unclosed-attribute": _either("<p title='" + "<p>" * 500_000),
    "unclosed-tag": _either("<p " + "a" * 2_000_000),
    "unclosed-entities": _either("<p>" + "&a" * 500_000),
    "entities-numbered": _either("<p>" + "&#x1F4A9;&#9999999999;&#0;" * 50_000),
    "cdata": _either("<svg><![CDATA[" + "]]" * 500_000),
    "frameset": Hostile(lambda _: whole("<frameset>" * 50_000)),
    "only-tags-open": Hostile(lambda _: whole("<" * 3_000_000)),
    "only-nul": Hostile(lambda _: whole("\0" * 3_000_000)),
    "only-blanks": Hostile(lambda _: whole(" " * 3_000_000)),
    "only-binary": Hostile(lambda _: whole(bytes(range(256)) * 10_000)),
    "pasted-bad": _either('<img src="data:image/png;base64,' + "=A" * 1_000_000 + '">'),
    "pasted-many": _either('<img src="data:image/png;base64,iVBORw0KGgo=">' * 20_000),
}  # fmt: skip


def _of_size(piece: str, size: int) -> Hostile:
    return _either("<table>" * piece.startswith("<td") + piece * (size // len(piece.encode())))


# Far above the budget of characters, and just below it.
LARGE: Catalogue = {
    f"{name}-{size // 1_000_000}-megabytes": _of_size(piece, size)
    for name, piece in (
        ("p", "<p>"), ("p-with-attributes", '<p class="a" style="color:red">x'), ("br", "<br>"), ("td", "<td>"), ("text", "chữ "),
        ("nbsp", "&nbsp;"), ("raw-nbsp", "\u00a0"), ("amp", "&amp;"), ("rows", '<li class="row"><h2><a href="/a/b-1000001">x</a></h2></li>'),
        ("ends", "</p>"), ("signs", "<"),
    )
    for size in (7_000_000, 3_900_000)
}  # fmt: skip
_SAID = "chữ còn lại"
ODDS: Catalogue = {
    "srcset-three-dots": _read('<p><img src="/a.jpg" srcset="/a.jpg 1.2.3x, /b.jpg ²w, /c.jpg 99e999x">'),
    "width-superscript": _read('<p><img src="/a.jpg" width="²" height="٣">'),
    "colspan-4301-digits": _read(f'<table><tr><td colspan="{_DIGITS}" rowspan="²">a<td>b</table>'),
    "start-4301-digits": _read(f'<ol start="{_DIGITS}"><li value="²">a<li value="-{_DIGITS}">b</ol>'),
    "data-page-superscript": _read('<ul class="pagination"><li data-page="²"><a class="page-link">²</a></ul>'),
    "style-numbers": _read('<p style="font-size:1e999px;width:1.2.3px;margin:-.e5;color:#²">x</p>'),
    "surrogates-numbered": _read("<p>a&#xD800;b&#xDFFF;&#xD83D;&#xDCA9; chữ còn lại", ),
    "surrogates-raw": _either("<p>a\ud800b\udfff chữ còn lại"),
    "noncharacters": _read("<p>\ufffe\uffff\U0010ffff&#x10FFFF;&#xFDD0;&#x110000; chữ"),
    "nul-in-text": _read("<p>a\0b&#0;c</p><p\0>d</p\0>"),
    "controls-in-text": _read("<p>" + "".join(map(chr, range(1, 9))) + "\x0b\x0c\x1b[31m\x7f\x85 chữ"),
    "right-to-left": _read("<p>\u202ec\u0129 n\u1ea1m\u202c \u2067abc\u2069 \u200fx"),
    "zero-width": _read("<p>t\u200bh\u200cô\u200dn\ufeffg\u2060 b\u00adáo"),
    "title-right-to-left": _read(title="Thông báo \u202etxt.exe\u202c số 1"),
    "title-zero-width": _either(title="\u200b\u200c\u200d\ufeff"),
    "title-only-nbsp": _either(raw_title="&nbsp;&nbsp;"),
    "title-script": _read(title="<script>alert(1)</script> Thông báo"),
    "title-script-unescaped": _read(raw_title="Thông báo <script>alert(1)</script><img src=x onerror=alert(1)> số 2"),
    "title-closing": _read(title="</title></h1></script><script>alert(1)</script>"),
    "title-attribute": _read(title="\" onmouseover=\"alert(1)\" x='"),
    "title-template": _read(title="{{7*7}} {% raw %} ${7*7} #{7*7} <%= 7*7 %> {{config}}"),
    "title-format": _read(title="%s %n %d {0} {self.__class__} %(a)s \\x41 $HOME `id` $(id)"),
    "title-sql": _read(title="'; drop table articles; -- \" or 1=1"),
    "title-fts": _read(title="\" OR * NEAR(a b) title:x ^a -b +c \\"),
    "title-formula": _read(title="=cmd|' /C calc'!A0"),
    "title-formula-plus": _read(title="+1+1"),
    "title-formula-at": _read(title="@SUM(1+1)*cmd"),
    "title-formula-tab": _either(raw_title="&#9;=1+1"),
    "title-lines": _read(title="Thông báo\r\nX-Injected: 1\r\n\r\n<p>"),
    "title-path": _read(title="../../../../etc/passwd"),
    "title-number": _read(title="1e999"),
    "title-null": _read(title="null"),
    "byline-formula": _read(behind='<div class="author">-1+1 =cmd</div>'),
    "body-script": _read('<p onclick="alert(1)">x</p><script>alert(1)</script><a href="javascript:alert(1)">y</a>'),
    "body-script-hidden": _read('<a href="java&#9;script:alert(1)">a</a><a href="&#1;javascript:alert(1)">b</a>'),
    "body-svg": _read("<svg><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>"),
    "body-math": _read("<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)>'>"),
    "body-noscript": _read("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>x"),
    "body-object": _read('<object data="file:///etc/passwd"></object><embed src="//x.example/a.swf">'),
    "body-base": _read(top='<base href="http://trap.example/"><base href="javascript:1">'),
    "body-base-file": _read(top='<base href="file:///etc/">'),
    "body-base-broken": _either(top='<base href="http://[::1">'),
    "body-canonical": _either(top='<link rel="canonical" href="http://[bad/">'),
    "body-canonical-foreign": _either(top='<link rel="canonical" href="http://169.254.169.254/a/b-1">'),
    "body-form": _read('<form action="http://x.example/"><input name=a type=hidden value=b><button>x</button></form>'),
    "body-template": _read("<p>{{7*7}} {% include '/etc/passwd' %} {{ ''.__class__ }}"),
    "links-odd": _read(
        '<a href="http://[::1">a</a><a href="//">b</a><a href="http://a:b@c:d/">c</a><a href="http://x:99999/">d</a>'
        '<a href="/a/b-%ED%A0%80-1">e</a><a href="/x/\ufffe-5">f</a><a href="mailto:">g</a><a href="http://①.vn/">h</a>'
        f'<a href="/a/b-{_DIGITS}">i</a><a href="/a/b-²">j</a><a href="?{"a" * 9999}">k</a><a href="//[/a/b-7">l</a>'
    ),
    "pictures-odd": _read(
        '<img src="http://[::1"><img src="//"><img src=""><img src="http://x:²/a.png"><img src="file:///etc/passwd">'
        '<img src="ftp://x/a.png"><img src="data:"><img src="data:image/png;base64"><img src="data:,%ff%00">'
        f'<img src="/{"a" * 9000}.png"><img src="\0"><img src="about:blank"><img src="blob:x"><img src="//[/a.png">'
    ),
    "files-odd": _read(
        '<a class="link-download" href="http://[::1/a.pdf">a</a><a href="/../../a.pdf">b</a><a href="//x:y/a.doc">c</a>'
        '<iframe src="/viewer.html?file=http://[a/b.pdf"></iframe><iframe src="https://docs.google.com/gview?url=%00">'
        '</iframe><object type="application/pdf" data="\\\\x\\a.pdf"></object><a href="/a%0d%0ab.pdf">d</a>'
    ),
    "ticks-odd": _read('<img src="/sitefolders/a/2024/13/x999999999999999999.jpg"><img src="/2024/1/a000000000000000000.jpg">'),
    "dates-odd": Hostile(lambda _: whole(page().replace("02/06/2025 08:30", "99/99/9999 99:99")), ()),
    "dates-arabic": Hostile(lambda _: whole(page().replace("02/06/2025", "٠٢/٠٦/٢٠٢٥")), ()),
    "dates-superscript": Hostile(lambda _: whole(page().replace("02/06/2025", "²/³/2025")), ()),
    "dates-long": Hostile(lambda _: whole(page().replace("02/06/2025", f"1/1/{_DIGITS}")), ()),
    "dates-zero": Hostile(lambda _: whole(page().replace("02/06/2025", "00/00/0000")), ()),
    "date-zone": _read(top='<meta property="article:published_time" content="2025-06-02T08:30:00+99:99">'),
    "date-zone-seconds": _read(top='<meta property="article:published_time" content="0001-01-01T00:00:00+23:59">'),
    "date-last-moment": _read(top='<meta property="article:published_time" content="9999-12-31T23:59:59-23:59">'),
    "date-time-element": _read(f'<time datetime="{_DIGITS}">x</time><time datetime="24:00">y</time>'),
    "two-articles": _either(page()),
    "html-again": _either("<html><body><head><title>x</title></head></html></body>"),
    "plaintext": _either("<plaintext>"),
    "doctype-many": Hostile(lambda _: whole("<!DOCTYPE html>" * 1000 + page()), None),
    "bom-many": Hostile(lambda _: whole("\ufeff" * 1000 + page()), None),
    "utf-16-undeclared": Hostile(lambda _: whole(page().encode("utf-16-le")), None),
    "utf-16-odd-byte": Hostile(lambda _: whole(page().encode("utf-16") + b"\xff"), None),
    "utf-7": Hostile(lambda _: whole("+ADw-script+AD4-alert(1)+ADw-/script+AD4-" + page()), None),
    "half-letters": Hostile(lambda _: whole(page().encode()[:-9] + b"\xe1\xba"), None),
    "shift-jis": Hostile(lambda _: whole(page().encode() + b"\x81" * 999), None),
    "no-body": Hostile(lambda _: whole(f"<title>{BODY[0]}</title>"), None),
}  # fmt: skip


def _hidden(ask: Ask) -> Steps:
    """A page that names others of ours as its own: its number, its address, its title."""
    return whole(page(top=f'<link rel="canonical" href="http://{ask.host}/danh-sach-la/bai-mang-tep-8800000">'))


LIES: Catalogue = {
    "another-canonical": Hostile(_hidden, None),
    "another-og-url": Hostile(
        lambda ask: whole(page(top=f'<meta property="og:url" content="http://{ask.trap}/a/b-1">')), None
    ),
}
