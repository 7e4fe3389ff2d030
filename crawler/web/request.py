"""A request to a page of the site: its parameters and language, and how a page answers it."""

import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, quote_plus

from datasette.database import Database
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Request, Response

from crawler import settings
from crawler.archive.articles.search_index import KEY_BITS
from crawler.errors import IndexAwayError, PortalArchiveError
from crawler.language.dates import to_iso_utc
from crawler.locale import LANGUAGES, say
from crawler.web.http_cache import KeptPages, Made, answer_held, find_held, is_unmodified, mark_answer, read_validators
from crawler.web.security_headers import EMBED_POLICY, SITE_POLICY
from crawler.web.served_files import asset_path

if TYPE_CHECKING:  # Datasette loads the plugin, and so this module, in the midst of loading `datasette.app`.
    from datasette.app import Datasette

DATABASE_NAME = "archive"
# Below it and a name is the site of one archive of many.
ROOM_PREFIX = "/portal/"

# Default: Datasette's `sql_time_limit_ms`. The most SQL time of a page, in ms; no page needs a tenth of it.
PAGE_LIMIT_MS = 3000
# Default: Datasette's `default_cache_ttl`, 5 s. What is withheld must be gone at once. To check a visitor's copy costs
# no query (`http_cache`).
PAGE_CACHE = "no-cache"

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?")
T = TypeVar("T")


def archive_database(datasette: "Datasette") -> Database | None:
    """Find the archive among the published databases: the one named `archive`, else the first that is a file."""
    databases = datasette.databases
    if DATABASE_NAME in databases:
        return databases[DATABASE_NAME]
    return next((database for database in databases.values() if not database.is_memory), None)


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """A request to a page, the archive it reads, and the language of the answer.

    `http` is the request as Datasette gives it; `arguments` are the parameters of its query.
    """

    datasette: "Datasette"
    http: Request
    database: Database
    arguments: dict[str, str]
    language: str

    @property
    def folder(self) -> Path:
        """The folder of the archive's WARC files."""
        return Path(self.database.path).parent / "warc"

    @property
    def covers_many(self) -> bool:
        """Whether this is the reading room over many archives, and not the site of one."""
        return bool(getattr(self.database, "covers_many", False))

    @property
    def key_bits(self) -> int:
        """The bits of a sort key below the day."""
        return int(getattr(self.database, "key_bits", KEY_BITS))

    @property
    def all_portals(self) -> str | None:
        """The path of the reading room over many archives, on the site of one of them; else None."""
        return "/" if str(self.datasette.setting("base_url")).startswith(ROOM_PREFIX) else None

    def variable(self, name: str) -> str:
        """Return a named part of the path."""
        return str(self.http.url_vars[name])

    def argument(self, name: str) -> str:
        """Return a parameter of the query, stripped; "" if it is missing."""
        return self.arguments.get(name, "").strip()

    def say(self, key: str, **values: object) -> str:
        """Return one of the site's own words in the visitor's language."""
        return say(key, self.language, **values)

    def path(self, path: str) -> str:
        """Return a path of this site with the prefix under which it is published."""
        return str(self.datasette.urls.path(path))

    def link(self, path: str, **parameters: object) -> str:
        """Make the address of a page of this site in the same language; empty parameters are left out."""
        query = {name: value for name, value in parameters.items() if value not in (None, "")}
        if self.language != LANGUAGES[0]:
            query.setdefault("lang", self.language)
        return f"{self.path(path)}{'?' if query else ''}{_write_query(query)}"

    def link_in(self, language: str) -> str:
        """Make the address of this page in another language."""
        query = {name: value[:2000] for name, value in self.arguments.items() if name != "lang" and value}
        if language != LANGUAGES[0]:
            query["lang"] = language
        path = self.http.path
        return f"{path}{'?' if query else ''}{_write_query(query)}"

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function that reads the archive, in a thread of Datasette's, with at most PAGE_LIMIT_MS of SQL."""

        def limited(connection: sqlite3.Connection) -> T:
            with sqlite_timelimit(connection, PAGE_LIMIT_MS):
                return work(connection)

        result: T = await self.database.execute_fn(limited)
        return result

    async def render(
        self, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: object
    ) -> Response:
        """Render a template of `templates/site/` as the answer."""
        shared = {
            "site_request": self,
            "urls": self.datasette.urls,
            "csrftoken": self.http.scope.get("csrftoken"),
            "say": self.say,
            "link": self.link,
            "language": self.language,
            "languages": LANGUAGES,
            "stylesheet": self.path(asset_path("site.css")),
            "query": "",
            "page_address": make_absolute(self, self.link_in(self.language)),
            "made_at": to_iso_utc(settings.clock()),
        }
        page = self.datasette.jinja_env.of_site.get_template(f"site/{template}")
        html = page.render({**shared, **context})
        policy = {"content-security-policy": SITE_POLICY, "cache-control": PAGE_CACHE}
        return Response.html(html, status=status, headers={**policy, **(headers or {})})

    async def render_message(self, key: str, *, status: int, **values: object) -> Response:
        """Answer with a page of one message: the texts `key` and `key_help`."""
        help_text = self.say(f"{key}_help", **values)
        return await self.render(
            "message.html", status=status, headers={"cache-control": "no-store"},
            title=self.say(key, **values), help_text=help_text,
        )  # fmt: skip

    async def render_embed(
        self, *, status: int = 200, headers: dict[str, str] | None = None, **context: object
    ) -> Response:
        """Answer with a page that other sites may show in a frame."""
        policy = {"content-security-policy": EMBED_POLICY, **(headers or {})}
        return await self.render("embed.html", status=status, headers=policy, **context)

    async def render_embed_gone(self) -> Response:
        """Say in a frame of another site that what it shows is withheld (451)."""
        return await self.render_embed(status=451, headers={"cache-control": "no-store"}, version=None)


# A page of hits has sixty addresses with the same few words.
_quote = lru_cache(maxsize=512)(quote_plus)


def _write_query(parameters: Mapping[str, object]) -> str:
    return "&".join(f"{_quote(name)}={_quote(str(value))}" for name, value in parameters.items())


View = Callable[[SiteRequest], Awaitable[Response]]


def serve_unguarded(view: View) -> Callable[..., Awaitable[Response]]:
    """Make a Datasette view of a view of the site; an error in reading becomes a page that says so.

    It does not check what is withheld: routes take `withheld_guard.serve_page`.
    """

    async def serve(request: Request, datasette: "Datasette") -> Response:
        database = archive_database(datasette)
        assert database is not None  # without one there are no routes
        site_request = _make_request(request, datasette, database=database)
        try:
            return await _answer(view, site_request)
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            return await site_request.render_message("too_slow", status=503)
        except IndexAwayError:
            return await site_request.render_message("index_away", status=503)
        except PortalArchiveError as error:
            return await site_request.render_message("unreadable", status=500, error=str(error))

    return serve


async def answer_failure(request: Request, datasette: "Datasette", *, status: int) -> Response | None:
    """Answer 404 or 500 at any address with a page in the visitor's language. None for data, and other failures."""
    database = archive_database(datasette)
    if database is None or request.path.endswith(".json"):
        return None
    site_request = _make_request(request, datasette, database=database)
    if status == 404:
        return await site_request.render_message("not_found", status=404)
    return await site_request.render_message("failed", status=500) if status == 500 else None


def _make_request(request: Request, datasette: "Datasette", *, database: Database) -> SiteRequest:
    arguments = read_arguments(request)
    language = arguments.get("lang", "")
    language = language if language in LANGUAGES else LANGUAGES[0]
    return SiteRequest(datasette, request, database, arguments, language)


async def _answer(view: View, request: SiteRequest) -> Response:
    """Answer with a page, or with 304 if the visitor's copy is still good. Of an answer to a POST there is no copy."""
    if request.http.method == "POST":
        return await view(request)
    validators = read_validators(request.http, Path(request.database.path))
    policy = find_held(request.http, validators)
    if policy is not None:
        return answer_held(validators, policy, cache=PAGE_CACHE)

    async def make() -> Made:
        response = await view(request)
        return response, mark_answer(response, validators)

    response, policy = await (_kept_pages.find_or_make(validators, make) if request.http.method == "GET" else make())
    if policy is not None and is_unmodified(request.http, validators):
        return answer_held(validators, policy, cache=PAGE_CACHE)
    return response


_kept_pages = KeptPages()


def read_arguments(request: Request) -> dict[str, str]:
    """Read the parameters of a query string, the first of each name. Bytes that are not UTF-8 are replaced."""
    raw = request.scope.get("query_string") or b""
    text = raw.decode("utf-8", "replace")
    arguments: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        arguments.setdefault(name, value)
    return arguments


def make_absolute(request: SiteRequest, path: str) -> str:
    """Make an absolute address of a path of this site, as `SiteRequest.link` gives it.

    On the public address that the operator named (`PORTAL_ARCHIVE_SITE`), else on the host of the request.
    """
    site = settings.site_address()
    if site is None:
        host = str(request.http.host)
        scheme = "https" if request.http.scheme == "https" else "http"
        return f"{scheme}://{host if _HOST.fullmatch(host) else 'localhost'}{path}"
    # The operator's address already holds the prefix under which the site is published.
    root = request.path("/").rstrip("/")
    return site + (path.removeprefix(root) if site.endswith(root) else path)
