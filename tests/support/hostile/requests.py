"""Odd requests to the site: every route of ours and of Datasette's, with odd values in each place of a request."""

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from urllib.parse import quote, unquote

from crawler.web.connections import answer_named_hosts
from crawler.web.plugin import register_routes
from tests.support.web_archive import NEW, ORIGIN, Site

HOST = "archive.example"
NUMBERS = ("0", "1", "2", "-1", "-0", "007", "900", "1e5", "0x10", "1.0", "+1", "²", "٣", "١٢", "9" * 18, "9" * 19,
           str(2**63), str(2**64), "1" * 5000, "%00", "1%00", "1%0a", "1%20", "nan", "inf", "1_0")  # fmt: skip
WORDS = (
    "", "a", "%00", "%0a%0d", "%ff", "%c0%af", "%ed%a0%80", "%F4%90%80%80", "%", "%zz", "%25%25", "..", "../..", "%2e%2e%2f",
    "..%5c..%5c", "%2fetc%2fpasswd", "/etc/passwd", "a" * 5000, "%e2%80%ae", "'", "%22", "%3Cscript%3E", "%7B%7B7*7%7D%7D",
    "=1", "~", "-", "*", "%5B", "%5D", "(", ")", "null", "None", "con", "%F0%9F%92%A9", quote("thông báo"), "tin+tuc",
    "%22%22%22", "a%20OR%20b", "NEAR(", "a*b*c*", "%5E", "%2B%2D", ":", "title:", "-" * 3000, "(" * 3000,
)  # fmt: skip
ADDRESSES = (
    NEW, NEW.replace("https", "http"), "http://[::1", "//", "http://", "javascript:alert(1)", "file:///etc/passwd", "%00",
    f"{ORIGIN}:99999/", f"{ORIGIN}:²/", "http://a@b@c/", "x" * 5000, f"{NEW}%00", f"{ORIGIN}/%ff%fe", "http://①.vn/",
)  # fmt: skip
PARAMETERS = (
    "q", "before", "page", "sort", "from", "to", "since", "until", "category", "portal", "state", "lang", "url", "at", "format",
    "_size", "_next", "_shape", "_sort", "_search", "_facet", "_where", "_col", "_nocol", "_json", "_trace", "_timelimit",
    "_through", "_nl", "_labels", "_stream", "_extra", "sql", "year", "month", "kind", "number", "style", "theme", "title__exact",
    "id__gt", "id__in", "id__arraycontains", "rowid", "_fts_table", "_facet_size", "_facet_array", "_sort_desc", "_ttl",
    "_hash", "_dl", "_blob_column",
)  # fmt: skip
HEADERS: tuple[tuple[bytes, bytes], ...] = tuple(
    (name, value)
    for name, values in {
        b"accept-language": (b"vi", b"en;q=\xff", b"x" * 5000, b"en;q=1e999, *;q=nan", b",;=,", b"\xed\xa0\x80"),
        b"range": (b"bytes=0-0", b"bytes=-", b"bytes=9-1", b"bytes=0-" + b"9" * 5000, b"bytes=" + b"0-1," * 5000, b"bytes=\xb2-",
                   b"x=1-2", b"bytes=-0", b"bytes=-99999999999999999999", b"bytes= 1 - 2 "),
        b"if-none-match": (b"*", b'""', b'"' * 999, b"W/", b"\xff", b'"a",' * 5000, b'"0"', b'"99999"', b'"\xb2"'),
        b"if-modified-since": (b"x", b"Mon, 01 Jan 99999 00:00:00 GMT", b"Mon, 01 Jan 0001 00:00:00 +9999", b"\xff"),
        b"if-range": (b'"a"', b"x", b"Mon, 01 Jan 2024 00:00:00 +99999"),
        b"accept": (b"application/json", b"*/*;q=\xb2", b"x" * 5000, b"text/html;q=" + b"9" * 5000),
        b"accept-datetime": (b"x", b"Mon, 01 Jan 2024 00:00:00 GMT", b"Mon, 01 Jan 0001 00:00:00 +2359", b"Fri, 31 Dec 9999 23:59:59 -2359",
                             b"\xb2", b"Mon, 01 Jan 99999 00:00:00 GMT"),
        b"cookie": (b"ds_actor=x", b"a,b=1; c/d=2", b"a@b=c", b"a" * 5000, b"=;=;", b"ds_actor=\xff", b"ds_messages=\xb2"),
        b"authorization": (b"Bearer dstok_x", b"Basic \xff", b"Bearer " + b"a" * 5000),
        b"x-forwarded-host": (b"evil.example",), b"x-forwarded-for": (b"1.2.3.4",), b"forwarded": (b"host=evil.example",),
        b"content-length": (b"\xb2", b"-1"), b"transfer-encoding": (b"x",), b"expect": (b"100-continue",),
        b"origin": (b"null", b"http://evil.example"), b"referer": (b"\xff", b"javascript:1"),
    }.items()
    for value in values
)  # fmt: skip
HOSTS = (b"evil.example", b"", b"archive.example:99999", b"archive.example:\xb2", b"[::1", b"a@archive.example", b"\xff", b"a" * 5000,
         b"archive.example\0", b"archive.example, evil.example", b"archive.example.", b"ARCHIVE.EXAMPLE")  # fmt: skip
METHODS = ("HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "\xb2", "A" * 2000)  # fmt: skip
_DATASETTE = (
    "/archive", "/archive.json", "/archive.csv", "/archive.db", "/archive.xyz", "/archive/articles",
    "/archive/articles.json", "/archive/articles.csv", "/archive/articles.blob", "/archive/articles/1",
    "/archive/articles/1.json", "/archive/images.json", "/archive/khong", "/archive/sqlite_master",
    "/archive/articles_fts", "/archive/_row_ledger", "/archive/articles/{number}",
    "/archive/article_urls/{word},{word}", "/archive/images/{word}", "/archive/{word}", "/archive/{word}.{word}",
    "/{word}", "/{word}/{word}", "/{word}/{word}/{word}", "/archive/articles.{word}", "/-/versions",
    "/-/versions.json", "/-/plugins", "/-/plugins.json", "/-/settings", "/-/settings.json", "/-/metadata",
    "/-/metadata.json", "/-/config", "/-/config.json", "/-/databases", "/-/databases.json", "/-/actor",
    "/-/actor.json", "/-/threads", "/-/messages", "/-/permissions", "/-/allow-debug", "/-/logout", "/-/auth-token",
    "/-/patterns", "/-/static/app.css", "/-/static/{word}", "/-/static/../app.py", "/-/static-plugins/x/{word}",
    "/-/{word}", "/:memory:", "/:memory:{word}", "/favicon.ico", "/robots.txt", "/.git/config", "/archive/-/query",
)  # fmt: skip
SQL = (
    "", "select 1", "select", "select 1; select 2", "drop table articles", "select * from pragma_database_list",
    "select zeroblob(2000000000)", "with recursive a(x) as (select 1 union all select x+1 from a) select count(*) from a",
    "select x'ff'", "select char(55296)", "select 9e999, -9e999", "select cast(x'80' as text)", "select :x", "select ?", "select 1 as \"\n\"",
    "attach database '/etc/passwd' as x", "select load_extension('x')", "select * from sqlite_stmt", "select fts_query('\"' || char(0))",
    "select fold(x'00ff')", "explain select 1", "vacuum", "pragma table_info(articles)", "select 1 as a, 2 as a", "select '<script>'",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A request as a server hands it on. `path` is percent-encoded."""

    path: str
    query: str = ""
    method: str = "GET"
    headers: tuple[tuple[bytes, bytes], ...] = ()
    host: bytes = HOST.encode()

    def __str__(self) -> str:
        return repr(
            (self.method, self.path[:150], self.query[:150], [(n, v[:60]) for n, v in self.headers], self.host[:50])
        )


@dataclass
class Answered:
    """What came of a request."""

    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""
    error: str = ""

    def header(self, name: bytes) -> bytes:
        """Return a header, b"" without one."""
        return next((value for key, value in self.headers if key.lower() == name), b"")


class Visitor:
    """Asks a site in this process, byte for byte as a server would."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._app = answer_named_hosts(site.datasette.app(), names=[HOST])

    def ask(self, asked: Asked) -> Answered:
        """Ask, and wait for the whole answer. An exception that leaves the site is its `error`."""
        answered = Answered()
        scope = {
            "type": "http", "http_version": "1.1", "method": asked.method, "scheme": "http", "path": unquote(asked.path),
            "raw_path": asked.path.encode("latin-1", "replace"), "query_string": asked.query.encode("latin-1", "replace"),
            "headers": [(b"host", asked.host), *asked.headers], "client": ("127.0.0.1", 9), "server": ("127.0.0.1", 8001),
            "root_path": "", "asgi": {"version": "3.0"},
        }  # fmt: skip

        async def receive() -> dict[str, object]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: dict[str, object]) -> None:
            if message["type"] == "http.response.start":
                answered.status, answered.headers = message["status"], list(message["headers"])  # type: ignore[assignment, call-overload]
            else:
                answered.body += message.get("body", b"")  # type: ignore[operator]

        async def whole() -> None:
            await asyncio.wait_for(self._app(scope, receive, send), 20)

        try:
            self._site.loop.run_until_complete(whole())
        except Exception as error:
            answered.error = f"{type(error).__name__}: {error}"
        return answered


def routes(site: Site) -> list[str]:
    """Return every route as a path with `{number}`, `{word}`, `{digest}` or `{address}` where it varies."""
    found = []
    for pattern, _ in register_routes(site.datasette):
        path = pattern.rstrip("$").replace("\\.", ".").replace("(?:.json)?", "")
        path = re.sub(r"\(\?P<(?:id|number|first|second)>(?:[^()]|\([^()]*\))*\)", "{number}", path)
        path = re.sub(r"\(\?P<sha256>[^()]*\)", "{digest}", path)
        path = re.sub(r"\(\?P<url>[^()]*\)", "{address}", path)
        path = re.sub(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)", "{word}", path)
        path = path.replace("(?:article|image|thumbnail|attachment|capture)", "article").replace("(?s:.*)", "{word}")
        found.append(path)
    return [*found, *_DATASETTE]


def _filled(route: str, rng: Random) -> str:
    digests = ("0" * 64, "f" * 63, "F" * 64, "g" * 64, "²" * 64)
    path = route
    for mark, values in (("{number}", NUMBERS), ("{word}", WORDS), ("{digest}", digests), ("{address}", ADDRESSES)):
        while mark in path:
            path = path.replace(mark, rng.choice(values), 1)
    return path if path.isascii() else quote(path, safe="/%:?&=+,;()[]{}*'!~@$<>\"\\^`|.-_")


def odd_requests(site: Site, *, seed: int, each: int) -> Iterator[Asked]:
    """Yield requests to all routes: their odd values, then `each` mixed ones of query, headers, method and host."""
    rng = Random(f"requests/{seed}")
    for route in routes(site):
        yield from _to_route(route, rng, each=each)
    for name in PARAMETERS:
        path = rng.choice(("/search", "/changes", "/archive/articles", "/archive/articles", "/archive"))
        yield Asked(path, f"{name}={rng.choice((*NUMBERS, *WORDS))}")
    yield from _of_one_kind(rng)
    for path, query in (("/search", "q=" + "a+" * 20_000), ("/", "&".join(["a=b"] * 20_000)), ("/search", "&" * 50_000),
                        ("/archive/articles", "&".join(["_facet=title"] * 500)), ("/" + "a/" * 5000, "")):  # fmt: skip
        yield Asked(path, query)


def _to_route(route: str, rng: Random, *, each: int) -> Iterator[Asked]:
    for _ in range(min(4, 1 + 3 * route.count("{")) * max(1, each // 2)):
        yield Asked(_filled(route, rng))
    for _ in range(each):
        names = rng.sample(PARAMETERS, rng.choice((1, 1, 2, 5)))
        values = (rng.choice((*NUMBERS, *WORDS, *ADDRESSES)) for _ in names)
        query = "&".join(f"{name}={value}" for name, value in zip(names, values, strict=True))
        headers = tuple(rng.sample(HEADERS, rng.choice((0, 1, 1, 2))))
        yield Asked(_filled(route, rng), query, headers=headers)
    yield Asked(_filled(route, rng), method=rng.choice(METHODS), host=rng.choice((*HOSTS, HOST.encode())))


def _of_one_kind(rng: Random) -> Iterator[Asked]:
    for statement in SQL:
        yield Asked(rng.choice(("/archive", "/archive.json", "/archive.csv")), f"sql={quote(statement)}")
    for word in WORDS:
        yield Asked("/search", f"q={word}")
    for address in ADDRESSES:
        yield Asked("/go", f"url={quote(address, safe='%')}")
    for header in HEADERS:
        path = rng.choice(("/", "/article/1", "/search", "/archive/articles.json", "/feed.atom"))
        yield Asked(path, headers=(header,))
