"""One request to a page of ours: what was asked for, in which language, and how it is answered."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qsl, urlencode

from datasette.database import Database
from datasette.utils import sqlite_timelimit
from datasette.utils.asgi import Request, Response

from crawler import settings as own
from crawler.errors import PortalArchiveError
from crawler.locale import LANGUAGES, say
from crawler.web.http_cache import answer_held, find_held, is_unmodified, mark_answer, read_validators
from crawler.web.security_headers import SITE_POLICY
from crawler.web.served_files import asset_path

if TYPE_CHECKING:  # Datasette loads the plugin, and so this module, in the midst of loading `datasette.app`.
    from datasette.app import Datasette

DATABASE_NAME = "archive"

# A page of ours reads so long at most, whatever Datasette allows a query: none needs a tenth of it.
PAGE_LIMIT_MS = 3000
# Default: Datasette's `default_cache_ttl`, 5 s. What is withheld must be gone at once; whether a copy is still good
# costs no look into the database (`freshness`).
PAGE_CACHE = "no-cache"

_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::[0-9]{1,5})?")
T = TypeVar("T")


def archive_database(datasette: "Datasette") -> Database | None:
    """Find the archive among the databases that are published: the one of this name, else the first in a file."""
    databases = datasette.databases
    if DATABASE_NAME in databases:
        return databases[DATABASE_NAME]
    return next((database for database in databases.values() if not database.is_memory), None)


@dataclass(frozen=True, slots=True)
class SiteRequest:
    """A request, the archive it asks of, and the language it is answered in."""

    datasette: "Datasette"
    request: Request
    database: Database
    arguments: dict[str, str]
    language: str

    @property
    def folder(self) -> Path:
        """Where the archive's WARC files lie."""
        return Path(self.database.path).parent / "warc"

    def variable(self, name: str) -> str:
        """Give a part of the path that the route names."""
        return str(self.request.url_vars[name])

    def argument(self, name: str) -> str:
        """Give a parameter of the query, stripped, "" where it is missing."""
        return self.arguments.get(name, "").strip()

    def say(self, key: str, **values: object) -> str:
        """Give one of the site's own words in the visitor's language."""
        return say(key, self.language, **values)

    def path(self, path: str) -> str:
        """Give a path of this site, below the address it is published under."""
        return str(self.datasette.urls.path(path))

    def link(self, path: str, **parameters: object) -> str:
        """Make the address of a page of this site: empty parameters left out, the language carried along."""
        query = {name: value for name, value in parameters.items() if value not in (None, "")}
        if self.language != LANGUAGES[0]:
            query.setdefault("lang", self.language)
        return f"{self.path(path)}{'?' if query else ''}{urlencode(query)}"

    def link_in(self, language: str) -> str:
        """Make the address of this very page in another language."""
        query = {name: value[:2000] for name, value in self.arguments.items() if name != "lang" and value}
        if language != LANGUAGES[0]:
            query["lang"] = language
        path = self.request.path
        return f"{path}{'?' if query else ''}{urlencode(query)}"

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run a function that reads the archive, in one of Datasette's threads and within PAGE_LIMIT_MS of SQL."""

        def limited(connection: sqlite3.Connection) -> T:
            with sqlite_timelimit(connection, PAGE_LIMIT_MS):
                return work(connection)

        result: T = await self.database.execute_fn(limited)
        return result

    async def render(
        self, template: str, *, status: int = 200, headers: dict[str, str] | None = None, **context: object
    ) -> Response:
        """Answer with a page made of a template of `templates/site/`."""
        shared = {
            "visit": self,
            "say": self.say,
            "link": self.link,
            "language": self.language,
            "languages": LANGUAGES,
            "stylesheet": self.path(asset_path("site.css")),
            "query": "",
        }
        html = await self.datasette.render_template(f"site/{template}", {**shared, **context}, request=self.request)
        policy = {"content-security-policy": SITE_POLICY, "cache-control": PAGE_CACHE}
        return Response.html(html, status=status, headers={**policy, **(headers or {})})

    async def render_message(self, key: str, *, status: int, **values: object) -> Response:
        """Answer with a page that says one thing: the words `key` and `key_help`."""
        help_text = self.say(f"{key}_help", **values)
        return await self.render(
            "message.html", status=status, headers={"cache-control": "no-store"},
            title=self.say(key, **values), help_text=help_text,
        )  # fmt: skip


def serve_page(view: Callable[[SiteRequest], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
    """Make a Datasette view of one of ours; what goes wrong in reading becomes a page that says so."""

    async def serve(request: Request, datasette: "Datasette") -> Response:
        database = archive_database(datasette)
        assert database is not None  # without one there are no routes
        arguments = read_arguments(request)
        language = arguments.get("lang", "")
        visit = SiteRequest(
            datasette, request, database, arguments, language if language in LANGUAGES else LANGUAGES[0]
        )
        try:
            return await _answer(view, visit)
        except sqlite3.OperationalError as error:
            if "interrupted" not in str(error):
                raise
            return await visit.render_message("too_slow", status=503)
        except PortalArchiveError as error:
            return await visit.render_message("unreadable", status=500, error=str(error))

    return serve


async def _answer(view: Callable[[SiteRequest], Awaitable[Response]], visit: SiteRequest) -> Response:
    """Answer with a page, or that the visitor holds it already."""
    validators = read_validators(visit.request, Path(visit.database.path))
    policy = find_held(visit.request, validators)
    if policy is not None:
        return answer_held(validators, policy, cache=PAGE_CACHE)
    response = await view(visit)
    policy = mark_answer(response, validators)
    if policy is not None and is_unmodified(visit.request, validators):
        return answer_held(validators, policy, cache=PAGE_CACHE)
    return response


def read_arguments(request: Request) -> dict[str, str]:
    """Read the parameters of a query string, the first of each name; whatever bytes it holds, they come out as text."""
    raw = request.scope.get("query_string") or b""
    text = raw.decode("utf-8", "replace")
    arguments: dict[str, str] = {}
    for name, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        arguments.setdefault(name, value)
    return arguments


def make_absolute(visit: SiteRequest, path: str) -> str:
    """Make a path of this site, as `visit.link` gives it, an absolute address.

    On the public address that the operator named (`PORTAL_ARCHIVE_SITE`), else on the host that was asked.
    """
    site = own.site_address()
    if site is None:
        host = str(visit.request.host)
        scheme = "https" if visit.request.scheme == "https" else "http"
        return f"{scheme}://{host if _HOST.fullmatch(host) else 'localhost'}{path}"
    # The operator's address holds the path that the site is published under already.
    root = visit.path("/").rstrip("/")
    return site + (path.removeprefix(root) if site.endswith(root) else path)
