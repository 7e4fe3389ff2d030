"""The hooks by which Datasette finds the site (entry point `portal_archive` in group `datasette`)."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from datasette import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import Environment
from markupsafe import Markup, escape

from crawler.archive.articles.search_index import register_functions
from crawler.language.query.expressions import build_fts_query
from crawler.locale import LANGUAGES, say
from crawler.settings import follow_link
from crawler.web.article import file_usage, history_views
from crawler.web.article import views as article_views
from crawler.web.attachment import comparison_views, reader_views
from crawler.web.captures import address_views, file_views, memento
from crawler.web.captures import views as capture_views
from crawler.web.data import dashboard, downloads, sitemap
from crawler.web.data.monitoring import show_health, show_metrics
from crawler.web.datasette_templates import arrange_templates, make_site_environment
from crawler.web.draft import views as draft_views
from crawler.web.follow import views as follow_views
from crawler.web.formatting import FILTERS
from crawler.web.news import authors, change_views, home_views, sums
from crawler.web.request import View, answer_failure, archive_database, serve_unguarded
from crawler.web.search import formats
from crawler.web.search import views as search_views
from crawler.web.security_headers import App, add_security_headers, csp_nonce, hide_page, name_databases
from crawler.web.served_files import asset_path, send_asset
from crawler.web.union import views as union_views
from crawler.web.visitor_sql.bounds import is_hidden
from crawler.web.withheld_guard import serve_page

if TYPE_CHECKING:  # Datasette loads this module in the midst of loading `datasette.app`.
    from datasette.app import Datasette

_SHA256 = "(?P<sha256>[0-9A-Fa-f]{64})"
_ID = "(?P<id>[0-9]{1,18})"
_NUMBER = "(?P<number>[0-9]{1,9})"
_PAIR = r"(?P<first>[0-9]{1,9})\.\.(?P<second>[0-9]{1,9})"
_DIGEST = re.compile("[0-9a-f]{64}")

Route = tuple[str, Callable[..., Awaitable[Response]]]
# The only routes without the takedown check: files of this package, and figures and troubles of the archive.
ASSETS: Route = (r"/-/portal-archive/(?P<name>[a-z-]+\.(?:css|svg))$", send_asset)
UNGUARDED: tuple[Route, ...] = (
    ASSETS,
    (r"/health$", show_health),
    (r"/metrics$", show_metrics),
    # Datasette's own tools that show the server's paths, or have no use here.
    (r"/-/databases(?:\.json)?$", name_databases),
    (r"/-/(?P<page>threads|messages|allow-debug|permissions|logout|auth-token)(?:\.json)?$", hide_page),
)
_PAGES: tuple[tuple[str, View], ...] = (
    (r"/$", home_views.show_home),
    (r"/changes$", change_views.show_changes),
    (r"/removed$", change_views.show_removed),
    (r"/feed\.atom$", follow_views.send_new),
    (r"/changes\.atom$", follow_views.send_changes),
    (r"/removed\.atom$", follow_views.send_removed),
    (r"/dashboard$", dashboard.show_dashboard),
    (r"/sums$", sums.show_sums),
    (r"/authors$", authors.show_authors),
    (r"/author$", authors.show_author),
    (r"/robots\.txt$", sitemap.send_robots),
    (r"/sitemap\.xml$", sitemap.send_index),
    (r"/sitemap-(?P<block>[0-9]{1,9})\.xml$", sitemap.send_block),
    (r"/downloads$", downloads.show_downloads),
    (r"/downloads/(?P<name>[^/]+)$", downloads.send_download),
    (r"/search$", search_views.show_search),
    (r"/search\.json$", formats.send_json),
    (r"/search\.csv$", formats.send_csv),
    (r"/search\.atom$", follow_views.send_search),
    (r"/go$", search_views.go_to_article),
    (r"/draft$", draft_views.show_draft),
    (rf"/article/{_ID}$", article_views.show_article),
    (rf"/article/{_ID}/history$", history_views.show_history),
    (rf"/article/{_ID}/history\.atom$", follow_views.send_article),
    (rf"/article/{_ID}/diff$", history_views.choose_pair),
    (rf"/article/{_ID}/diff/{_PAIR}$", history_views.show_diff),
    (rf"/article/{_ID}/revision/{_NUMBER}$", article_views.show_revision),
    (rf"/article/{_ID}/revision/{_NUMBER}/embed$", article_views.show_embed),
    (rf"/article/{_ID}/revision/{_NUMBER}/cite$", article_views.send_citation),
    (rf"/image/{_SHA256}$", file_views.send_image),
    (rf"/image/{_SHA256}/articles$", file_usage.show_picture_use),
    (rf"/attachment/{_SHA256}/articles$", file_usage.show_file_use),
    (rf"/thumbnail/{_SHA256}$", file_views.send_thumbnail),
    (rf"/attachment/{_SHA256}$", file_views.send_attachment),
    (rf"/attachment/{_SHA256}/read$", reader_views.show_reader),
    (rf"/attachment/{_SHA256}/page/{_NUMBER}$", reader_views.send_picture),
    (rf"/attachment/{_SHA256}/diff/(?P<other>[0-9A-Fa-f]{{64}})$", comparison_views.show_comparison),
    (rf"/capture/{_ID}$", capture_views.show_capture),
    (r"/address$", address_views.show_address),
    (r"/timegate/(?P<url>.+)$", memento.lead_to_memento),
    (r"/timemap/link/(?P<url>.+)$", memento.send_timemap),
    (r"/(?:article|image|thumbnail|attachment|capture)/(?s:.*)$", search_views.show_not_found),
)

# Of the reading room over many archives. Nothing withheld is in its index, and each portal's own pages are guarded.
UNION_PAGES: tuple[tuple[str, View], ...] = (
    (r"/$", union_views.show_home),
    (r"/fleet$", union_views.show_fleet),
    (r"/health$", union_views.show_health),
    (r"/robots\.txt$", union_views.send_robots),
    (r"/search$", search_views.show_search),
    (r"/search\.json$", formats.send_json),
    (r"/search\.csv$", formats.send_csv),
    (r"/go$", search_views.go_to_article),
    (r"/(?!favicon\.ico$)(?s:.*)$", search_views.show_not_found),
)


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Register `fold` and `fts_query` on every connection, and make table pages search as the site's search page does.

    This hook runs last, so that `escape_fts`, which Datasette applies to the text in its search box, is ours.
    """
    register_functions(conn)
    conn.create_function("escape_fts", 1, lambda text: build_fts_query(str(text)), deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def startup(datasette: "Datasette") -> None:
    """Follow a link to the archive, and bound the SQL of visitors, also where Datasette itself was started on it."""
    from datasette.plugins import pm

    from crawler.web.visitor_sql.database import ReadOnlyDatabase

    # Datasette asks every plugin, and this one of its own prints a traceback for each wrong request.
    if (shown_by_datasette := pm.get_plugin("datasette.handle_exception")) is not None:
        pm.unregister(shown_by_datasette)
    for name, database in list(datasette.databases.items()):
        if database.path is None:
            continue
        path = follow_link(Path(database.path)).absolute()
        database.path = str(path)
        if database.is_mutable and not database.is_memory and not isinstance(database, ReadOnlyDatabase):
            datasette.remove_database(name)
            datasette.add_database(ReadOnlyDatabase(datasette, path), name=name)


@hookimpl  # type: ignore[untyped-decorator]
def permission_allowed(action: str, resource: object) -> bool | None:
    """Refuse pages of tables that are not for visitors (`bounds.is_hidden`)."""
    if action == "view-table" and isinstance(resource, tuple) and is_hidden(str(resource[1])):
        return False
    return None


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: "Datasette") -> list[Route]:
    """Add the site's own addresses; none if no archive is published."""
    database = archive_database(datasette)
    if database is None:
        return []
    if getattr(database, "covers_many", False):
        return [ASSETS, *((pattern, serve_unguarded(view)) for pattern, view in UNION_PAGES)]
    return [*UNGUARDED, *((pattern, serve_page(view)) for pattern, view in _PAGES)]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment, datasette: "Datasette") -> None:
    """Find templates under `site/` in the installed package, and patch Datasette's own."""
    arrange_templates(env, datasette.template_dir)
    env.filters.update(FILTERS)
    # Not by Datasette's hooks for style sheets and links: its error pages do not call these.
    env.globals.update(
        tables_stylesheet=asset_path("tables.css"),
        csp_nonce=csp_nonce,
        site_name=say("site_name", LANGUAGES[0]),
        site_links=lambda: _site_links(datasette),
    )
    env.extend(of_site=make_site_environment(env))


def _site_links(datasette: "Datasette") -> list[tuple[str, str]]:
    """Return the paths and labels of the site's menu, for Datasette's pages."""
    database = archive_database(datasette)
    if database is None:
        return []
    before, after = (
        [(f"/{name}", name) for name in names]
        for names in (("search", "changes", "removed", "dashboard"), ("downloads",))
    )
    return [(path, say(name, LANGUAGES[0])) for path, name in [*before, (f"/{database.name}", "data"), *after]]


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(
    value: object, column: str, table: str | None, row: sqlite3.Row, datasette: "Datasette"
) -> Markup | None:
    """Show thumbnails as pictures, and link digests and ids in tables to the site's pages."""
    path = datasette.urls.path
    keys = row.keys()
    if table == "images" and column == "thumbnail" and value and "sha256" in keys:
        digest = str(row["sha256"])
        if _DIGEST.fullmatch(digest):
            return Markup('<img class="thumbnail" alt="" loading="lazy" src="{}">').format(path(f"/thumbnail/{digest}"))
    kind = {("images", "sha256"): "image", ("attachments", "sha256"): "attachment"}.get((table or "", column))
    kind = kind or {"image_sha256": "image", "attachment_sha256": "attachment"}.get(column)
    if kind and isinstance(value, str) and _DIGEST.fullmatch(value):
        return Markup('<a href="{}">{}</a>').format(path(f"/{kind}/{value}"), escape(value[:12] + "…"))
    return _link_to_page(value, column, table=table, row=row, path=path)


def _link_to_page(
    value: object, column: str, *, table: str | None, row: sqlite3.Row, path: Callable[[str], str]
) -> Markup | None:
    """Link an article's title and a capture's record in their tables, and ids in the results of queries."""
    kind = {("articles", "title"): "article", ("captures", "record_id"): "capture"}.get((table or "", column))
    if kind and "id" in row.keys() and isinstance(row["id"], int):  # noqa: SIM118 - a row iterates over its values
        return Markup('<a href="{}">{}</a>').format(path(f"/{kind}/{row['id']}"), str(value))
    kind = {"article_id": "article", "capture_id": "capture"}.get(column) if table is None else None
    if kind and isinstance(value, int):
        return Markup('<a href="{}">{}</a>').format(path(f"/{kind}/{value}"), value)
    return None


@hookimpl  # type: ignore[untyped-decorator]
async def handle_exception(datasette: "Datasette", request: Request, exception: Exception) -> Response:
    """Answer a failure without the text of an exception, which may name files of the server."""
    from datasette.handle_exception import handle_exception as show

    from crawler.web.visitor_sql.request_bounds import describe_failure

    failure = describe_failure(exception)
    page = await answer_failure(request, datasette, status=getattr(failure, "status", 500))
    return page or await show(datasette, request, failure)()


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def asgi_wrapper(datasette: "Datasette") -> Callable[[App], App]:
    """Put the security headers on every answer, bound the requests to tables, and guard the cells of CSV."""
    from crawler.web.visitor_sql.database import guard_csv
    from crawler.web.visitor_sql.request_bounds import bound_requests

    return lambda app: add_security_headers(bound_requests(guard_csv(app), datasette))
