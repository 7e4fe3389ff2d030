"""A small archive made through the archiver's own writer, and a way to ask the site that publishes it."""

import asyncio
import gzip
import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from html import unescape
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import httpx
from PIL import Image

from crawler.addresses import classify
from crawler.archive.database import open_for_writing
from crawler.archive.run_writer import RunWriter
from crawler.archive.warc.ledger import FileRead, PageRead
from crawler.extract.answer import read_file
from crawler.items import Answer, Article, AttachmentRef, Exchange, FileRole, FoundDate, ImageRef, PageReading, Purpose
from crawler.profile import parse_profile
from crawler.sentences import say
from crawler.web.captures.views import MAX_SHOWN_BYTES
from crawler.web.serve import make_datasette
from tests.support.build import exchange, http_head

ORIGIN = "https://huyen.example.gov.vn"
STORE = "https://storage-vnportal.vnpt.vn/huyen"
NEW = f"{ORIGIN}/tin-tuc/hoi-nghi-tong-ket-100001"
OLD = f"{ORIGIN}/1227/27461/54439/293909/tin-tuc/hoi-nghi-tong-ket"
NOTICE = "Nội dung thuộc <b>cơ quan</b> đã đăng."
HOSTILE = "\"><img src=x onerror=alert(1)></script><script>alert(2)</script>'{{ 7*7 }}{% raw %}\u202egpj.exe"
HOSTILE_FILE = f"{STORE}/2024/5/%22%0d%0aSet-Cookie:%20a=b%0d%0a%e2%80%aefdp.exe;x=%3cb%3e.pdf"
HOSTILE_HTML = (
    "<p onclick=alert(3)>thân <script>alert(4)</script><a href='javascript:alert(5)'>a</a>"
    "<a href='data:text/html,x'>b</a><a href='//evil.example/x'>c</a><a href='https://good.example/'>d</a>"
    f"<img src='https://evil.example/p.png' onerror=alert(6)><img src='{STORE}/a.png' alt='anh tin bai'>"
    "<iframe src='https://evil.example'></iframe><svg onload=alert(7)></svg>"
    "<span style='position:fixed;text-align:center;background:url(https://evil.example/b)'>s</span>"
    f"<a href='{OLD}'>bài khác</a><a href='{STORE}/2024/5/quyet-dinh.pdf'>tệp</a></p>"
)
PROFILE = parse_profile(
    f'name = "huyen"\ntitle = "Cổng <i>huyện</i>"\ncms = "vnpt"\nbase_url = "{ORIGIN}/"\n'
    f'[rights]\nnotice = "{NOTICE}"\nsource = "Cổng huyện, {ORIGIN}/"\n'
)
_WRAPPED = quote(f"{NEW}?fbclid=IwAR0", safe="")
# What people paste for article 1: every entry point must understand each of these.
SPELLINGS = (
    NEW,
    OLD,
    f"{NEW}?fbclid=abc",
    f"{OLD}?fbclid=abc&utm_source=zalo",
    f"{NEW}/",
    NEW.replace("https", "http"),
    NEW.replace("https", "HTTPS"),
    NEW.replace("https://", "https:/"),
    NEW.removeprefix("https://"),
    NEW.removeprefix("https:"),
    f" {NEW}#x",
    f"{OLD}/?gidzl=1#binh-luan",
    NEW.replace("huyen", "HUYEN"),
    NEW.replace("://", "://www."),
    OLD.replace("https://", "http://www."),
    NEW.replace(".vn/", ".vn:443/"),
    NEW.replace("https://", "http://").replace(".vn/", ".vn:443/"),
    NEW.replace("https://", "http://").replace(".vn/", ".vn:8080/"),
    NEW.replace(".vn/", ".vn./"),
    NEW.replace("://", "://m."),
    NEW.replace("https://", "http://www.m."),
    f"{NEW.replace('https://', 'm.')}?m=1",
    f"{NEW}/amp",
    f"{NEW}/amp/?amp=1",
    f"{NEW}.amp",
    f"{NEW};jsessionid=5F3A9C.node1",
    f"https://www.google.com/amp/s/{NEW.removeprefix('https://')}",
    f"https://huyen-laocai-gov-vn.cdn.ampproject.org/c/s/{NEW.removeprefix('https://')}",
    NEW.replace("-tong", "-t%6fng"),
    quote(NEW, safe=""),
    f"<{NEW}>",
    f"“{NEW}”.",
    f"‘{NEW}’",
    f"«{NEW}»",
    f"'{NEW}'",
    f'"{NEW}"',
    f"‹{NEW}›",
    f"`{NEW}`",
    f"「{NEW}」",
    f"『{NEW}』",
    *(f"{NEW}{mark}" for mark in "…。，；：！？、"),
    f"{NEW}。Xem thêm",
    f"&quot;{NEW}&quot;",
    f"{NEW}?a=1&amp;fbclid=2",
    f"{NEW},",
    f"{NEW}.",
    f"({NEW})",
    f"[{NEW}];",
    f"{NEW.removeprefix('https://')},",
    f"\u200b{NEW}\ufeff",
    f"Xem: {NEW}",
    f"Xem thêm tại: {NEW}. Xin cảm ơn!",
    f"{NEW} (bài gốc)",
    f"https://l.facebook.com/l.php?u={_WRAPPED}&h=AT0",
    f"“https://l.facebook.com/l.php?u={_WRAPPED}”,",
    f"https://zalo.me/share?a=1&url={_WRAPPED}",
    f"https://www.google.com/url?sa=t&q={_WRAPPED}&usg=x",
    f"https://l.facebook.com/l.php?u={quote(f'https://zalo.me/share?url={_WRAPPED}', safe='')}",
    f"https://web.archive.org/web/20230102030405/{NEW}",
    f"https://web.archive.org/web/20230102030405id_/{OLD}?fbclid=1",
    f"https://web.archive.org/web/2023*/{NEW.removeprefix('https://')}",
    f"http://web.archive.org/web/{NEW.replace('https', 'http')}",
    f"https://archive.example/timegate/{NEW}",
    # Its page on this site.
    "http://archive.example:8001/article/1?lang=en",
    "archive.example/article/1/history",
    "“http://archive.example/article/1”.",
    "http://archive.example/article/900",
    # Moved into another category, or renamed: the portal's own number stays.
    NEW.replace("/tin-tuc/", "/thong-bao/"),
    NEW.replace("hoi-nghi-tong-ket", "hoi-nghi"),
    f"“{NEW.replace('hoi-nghi-tong-ket', 'hoi-nghi')}”",
)
CSS = b"body{background:url(nen.png)} .q{background:url(//evil.example/x.png)} @import 'khac.css';"
JSON = b'{"a":["<script>alert(1)</script>","\xc4\x91"]}'
DRESSED = (
    "<!doctype html><html><head><link rel=stylesheet href='/kieu.css'>"
    "<meta http-equiv=refresh content='0;url=https://evil.example/'></head>"
    f"<body onload=alert(1)><img src='/logo.png' alt='logo'><img src='https://evil.example/p.png' alt='khác'>"
    f"<a href='{NEW}?utm_source=x'>bài</a><a href='/chua-tung-thay'>chưa</a><script>alert(2)</script></body></html>"
)
# Attacks that a page can try. The browser tests open each of them.
HOSTILE_TAGS = (
    "<script>alert(1)</script>",
    "<script src=//evil.example/x.js></script>",
    "<img src=x onerror=alert(1)>",
    "<body onload=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:alert(1)'>x</a></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<a href='javascript:alert(1)'>x</a><a href=' java\nscript:alert(1)'>y</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe><iframe src='javascript:alert(1)'></iframe>",
    "<object data=//evil.example></object><embed src=//evil.example><applet code=x></applet>",
    "<meta http-equiv=refresh content='0;url=//evil.example'><base href=//evil.example>",
    "<form action=//evil.example><button formaction=javascript:alert(1)>x</button></form>",
    "<template><img src=x onerror=alert(1)></template>",
    "<style>p{x:y}</style><style></style ><script>alert(1)</script></style>",
    "<textarea></textarea><img src=x onerror=alert(1)></textarea>",
    "<xmp><script>alert(1)</script></xmp><plaintext><script>alert(1)</script>",
    "<link rel=preconnect href=//evil.example><link rel=dns-prefetch href=//evil.example>"
    "<link rel=import href=//evil.example><link rel=prefetch href=//evil.example>",
    "<video poster=//evil.example src=//evil.example></video><audio src=//evil.example></audio>",
    "<input type=image src=//evil.example/x><input type=file>",
    "<a ping=//evil.example href=/x>x</a><img srcset='//evil.example 2x'><picture><source srcset=//evil.example>",
    "<div style=\"background:url('//evil.example/x.png');behavior:url(x.htc);width:expression(alert(1))\">",
    "<table background=//evil.example/b.png><tr><td background=//evil.example/c.png></table>",
)
FILLERS = 46
PAGE = "<!doctype html><html><head><title>Trang</title></head><body>Nguyên văn <script>alert(8)</script></body></html>"


def png(colour: str = "green", size: tuple[int, int] = (640, 400)) -> bytes:
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "PNG")
    return out.getvalue()


PNG, PDF = png(), b"%PDF-1.4 tep dinh kem"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(9)</script></svg>'
SHA = {name: hashlib.sha256(data).hexdigest() for name, data in (("png", PNG), ("pdf", PDF), ("svg", SVG))}


class Maker:
    """Writes captures and readings as a crawl does, a minute apart."""

    def __init__(self, archive: Path) -> None:
        self.now = datetime(2026, 8, 27, 18, 0, tzinfo=UTC)
        self.writer = RunWriter(archive, PROFILE, clock=lambda: self.now, warcinfo_fields=(("software", "test"),))
        self.writer.begin()

    def capture(self, url: str, body: bytes, *headers: tuple[bytes, bytes], status: int = 200) -> str:
        self.now += timedelta(minutes=1)
        head = http_head(f"HTTP/1.1 {status} {HTTPStatus(status).phrase}", *headers)
        return self._record(exchange(url, body, status=status, at=self.now, head=head))

    def post(self, url: str, form: bytes, body: bytes) -> str:
        self.now += timedelta(minutes=1)
        return self._record(exchange(url, body, at=self.now, method="POST", request_body=form))

    def _record(self, made: Exchange) -> str:
        return self.writer.record(made).result().record_id

    def file(self, url: str, body: bytes, role: FileRole, media_type: bytes, *, answered: str | None = None) -> None:
        packed = gzip.compress(body, mtime=0)
        record = self.capture(answered or url, packed, (b"Content-Type", media_type), (b"Content-Encoding", b"gzip"))
        reading = read_file(Answer(url, packed, media_type.decode(), "gzip"), role, asked=url, profile=PROFILE)
        assert reading.refusal is None, reading.refusal
        self.writer.apply_file(FileRead(record, role.value, url), reading).result()

    def article(self, article: Article, *urls: str, body: str = PAGE) -> int:
        packed = gzip.compress(body.encode(), mtime=0)
        record = self.capture(
            urls[0],
            packed,
            (b"Content-Type", b"text/html; charset=utf-8"),
            (b"Content-Encoding", b"gzip"),
            (b"X-Hostile", b"<script>alert(10)</script>"),
        )
        addresses = tuple(address for address in (classify(url, PROFILE) for url in urls) if address)
        entry = PageRead(record, Purpose.ARTICLE.value, urls[0])
        applied = self.writer.apply_page(entry, PageReading(article=article), addresses=addresses).result()
        assert applied.article_id is not None
        return applied.article_id


def article(title: str, body: str, *, on: date | None = None, found_in: str = "page", **more: object) -> Article:
    parts: dict[str, object] = {
        "summary": None,
        "body_html": f"<p>{body}</p>",
        "byline": None,
        "source": None,
        "images": (),
        "attachments": (),
        "category_slug": "tin-tuc",
        "category_title": "Tin tức",
    } | more
    return Article(title=title, body=body, dates=(FoundDate(on, found_in),) if on else (), **parts)  # type: ignore[arg-type]


def _plain_article() -> Article:
    return article(
        "Hội nghị tổng kết công tác hòa giải",
        "Đoạn một.\n\nĐoạn hai về đất đai theo Nghị quyết 25-NQ/TW.",
        on=date(2024, 5, 2),
        summary="Tóm tắt ngắn.",
        byline="Hồng Hải",
        source="Báo Lào Cai",
        body_html=f"<p>Đoạn một.</p><p style='text-align:center'><img src='{STORE}/a.png' alt='anh tin bai'></p>"
        "<p>Đồng chí Lê Đình Lợi phát biểu</p><p>Đoạn hai về đất đai theo Nghị quyết 25-NQ/TW.</p><p>Hồng Hải</p>",
        images=(
            ImageRef(f"{STORE}/a.png", "Đồng chí Lê Đình Lợi phát biểu"),
            ImageRef(f"{STORE}/a.svg", "Sơ đồ"),
            ImageRef(f"{STORE}/mat.png", None),
        ),
        attachments=(AttachmentRef(f"{STORE}/2024/5/quyet-dinh.pdf", "Quyết định"), AttachmentRef(f"{STORE}/mat.pdf")),
    )


def _hostile_article() -> Article:
    return article(
        HOSTILE,
        HOSTILE,
        on=date(2024, 6, 1),
        summary=HOSTILE,
        byline=HOSTILE,
        body_html=HOSTILE_HTML,
        images=(ImageRef(f"{STORE}/a.png", HOSTILE),),
        attachments=(AttachmentRef(HOSTILE_FILE, f"{HOSTILE}\r\nX: y"),),
        category_slug="doc-hai",
        category_title=HOSTILE,
    )


def build_archive(folder: Path) -> Path:
    """Build an archive: 1 plain, 2 hostile, 3 undated, 4 removed, then fillers; capture ids from 1."""
    archive = folder / "kho lưu trữ #1.db"
    maker = Maker(archive)
    maker.file(f"{STORE}/a.png", PNG, FileRole.IMAGE, b"image/png")
    maker.file(f"{STORE}/a.svg", SVG, FileRole.IMAGE, b"image/svg+xml")
    maker.file(f"{STORE}/2024/5/quyet-dinh.pdf", PDF, FileRole.ATTACHMENT, b"application/pdf")
    maker.file(HOSTILE_FILE, b"%PDF-1.4 <script>", FileRole.ATTACHMENT, b"text/html")
    maker.article(_plain_article(), OLD, NEW)
    maker.article(_hostile_article(), f"{ORIGIN}/doc-hai/bai-doc-hai-100002")
    maker.article(article("Không ngày", "Bài không có ngày."), f"{ORIGIN}/tin-tuc/khong-ngay-100003")
    maker.article(
        article("Bài bị gỡ", "Suy ra ngày.", on=date(2023, 1, 5), found_in="file-name"),
        f"{ORIGIN}/tin-tuc/bi-go-100004",
    )
    for number in range(FILLERS):
        one = article(
            f"Thông báo số {number}", "Nội dung thông báo chung.", on=date(2022, 1, 1) + timedelta(days=number)
        )
        maker.article(one, f"{ORIGIN}/tin-tuc/thong-bao-{200000 + number}")
    maker.article(article("Không ngày", "Bài không có ngày, đã sửa."), f"{ORIGIN}/tin-tuc/khong-ngay-100003")
    maker.capture(f"{ORIGIN}/chuyen", b"", (b"Location", b"/x"), status=301)
    maker.capture(f"{ORIGIN}/hong", b"not gzip\0", (b"Content-Type", b"text/html"), (b"Content-Encoding", b"gzip"))
    maker.capture(f"{ORIGIN}/ma.js", b"alert(11)", (b"Content-Type", b"application/javascript"))
    maker.writer.finish("partial", (say("other", text="một trang <b>thiếu</b>"),))
    maker.writer.close()
    connection = open_for_writing(archive)
    connection.execute("update articles set state = 'removed', removed_at = '2026-08-28T18:00:00Z' where id = 4")
    connection.execute("insert into article_redirects values (900, 1)")
    connection.execute(
        "insert into crawl_errors (crawl_id, url, at, kind, message) values (1, ?, ?, 'http-404', ?)",
        (f"{ORIGIN}/{HOSTILE}", "2026-08-27T19:00:00Z", HOSTILE),
    )
    walk = """insert into listing_walks (crawl_id, url, pages_announced, pages_read, rows_seen, missing, whole, to_end)
              values (1, ?, 3, 2, 30, 'page 3', 0, 1)"""
    connection.execute(walk, (f"{ORIGIN}/tin-tuc",))
    connection.close()
    return archive


class Site:
    """Asks a published archive in this process."""

    def __init__(self, archive: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.datasette = make_datasette(archive)

    def get(self, path: str, **headers: str) -> httpx.Response:
        request = self.datasette.client.get(path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        response: httpx.Response = self.loop.run_until_complete(request)
        return response

    def close(self) -> None:
        self.datasette.executor.shutdown()
        self.datasette.get_database("archive").close()
        self.loop.close()


@contextmanager
def open_site(folder: Path) -> Iterator[Site]:
    site = Site(build_archive(folder))
    try:
        yield site
    finally:
        site.close()


def assert_sandboxed(headers: object) -> None:
    values = dict(headers)  # type: ignore[call-overload]
    policy = values["content-security-policy"]
    assert policy.startswith("sandbox")
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy
    assert "default-src 'none'" in policy
    assert values["x-content-type-options"] == "nosniff"
    assert "noindex" in values["x-robots-tag"]


def words_of(page: str) -> str:
    """Give the text of the main part of a page, with the labels for screen readers."""
    main = page.partition('<main id="main"')[2].partition("</main>")[0]
    return " ".join(unescape(re.sub("<[^>]+>", " ", main)).split())


def dress(maker: Maker) -> dict[str, int]:
    """Capture a page with all it needs, its pictures in two versions, and answers of other kinds."""
    maker.article(article("Bài một", "Nội dung."), NEW)
    maker.file(f"{ORIGIN}/logo.png", PNG, FileRole.REQUISITE, b"image/png")
    maker.file(f"{ORIGIN}/kieu.css", CSS, FileRole.REQUISITE, b"text/html")
    maker.file(f"{ORIGIN}/nen.png", PNG, FileRole.REQUISITE, b"image/png")
    html_type = (b"Content-Type", b"text/html; charset=utf-8")
    names = {
        "page": (f"{ORIGIN}/trang", DRESSED.encode(), html_type),
        "later": (f"{ORIGIN}/trang", DRESSED.replace("bài", "bài mới").encode(), html_type),
        "json": (f"{ORIGIN}/a.json", JSON, (b"Content-Type", b"application/json")),
        "unnamed": (f"{ORIGIN}/khong-ro", b"<!DOCTYPE html><p>kh\xc3\xb4ng r\xc3\xb5", (b"Server", b"x")),
        "pdf": (f"{ORIGIN}/x.pdf", b"%PDF-1.4\n\x00\x01", (b"Content-Type", b"application/pdf")),
        "svg": (f"{ORIGIN}/x.svg", SVG, (b"Content-Type", b"image/svg+xml")),
        "lie": (f"{ORIGIN}/doi.png", b"<html><script>alert(1)</script>", (b"Content-Type", b"image/png")),
        "utf-16": (f"{ORIGIN}/cu", "<p>Đường</p>".encode("utf-16"), (b"Content-Type", b"text/html; charset=latin1")),
        "gone": (f"{ORIGIN}/trang-mat", b"<p>404</p>", html_type),
    }  # fmt: skip
    for name, (url, body, header) in names.items():
        maker.capture(url, body, header, status=404 if name == "gone" else 200)
    bomb = gzip.compress(b"<html>" + b"a" * (MAX_SHOWN_BYTES + 1), mtime=0)
    maker.capture(f"{ORIGIN}/bom", bomb, html_type, (b"Content-Encoding", b"gzip"))
    maker.writer.finish("complete")
    rows = maker.writer.connection.execute("select url, min(id), max(id) from captures group by url")
    found = {row[0]: (row[1], row[2]) for row in rows}
    ids = {name: found[url][1 if name == "later" else 0] for name, (url, _, _) in names.items()}
    files = {name: found[f"{ORIGIN}/{name}"][0] for name in ("logo.png", "kieu.css", "nen.png", "bom")}
    return ids | files | {"article": found[NEW][0]}
