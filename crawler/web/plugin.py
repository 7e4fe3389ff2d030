"""The hooks by which Datasette finds the site (entry point `portal_archive` in group `datasette`)."""

import re
import sqlite3
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from datasette import hookimpl
from datasette.utils.asgi import Request, Response
from jinja2 import ChoiceLoader, Environment, PackageLoader
from markupsafe import Markup, escape

from crawler.archive.search import register_functions
from crawler.text import build_fts_query
from crawler.web import material, pages
from crawler.web.assets import asset_path, send_asset
from crawler.web.shelter import App, wrap_with_shelter
from crawler.web.showing import FILTERS
from crawler.web.visit import archive_database, serve_page

if TYPE_CHECKING:  # Datasette loads this module in the midst of loading `datasette.app`.
    from datasette.app import Datasette

_SHA256 = "(?P<sha256>[0-9A-Fa-f]{64})"
_ID = "(?P<id>[0-9]{1,18})"
_DIGEST = re.compile("[0-9a-f]{64}")

Route = tuple[str, Callable[..., Awaitable[Response]]]


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def prepare_connection(conn: sqlite3.Connection) -> None:
    """Give every connection `fold` and `fts_query`, and let table pages search as our own page does.

    Last, so that `escape_fts`, through which Datasette passes what is typed into its search box, is ours.
    """
    register_functions(conn)
    conn.create_function("escape_fts", 1, lambda text: build_fts_query(str(text)), deterministic=True)


@hookimpl  # type: ignore[untyped-decorator]
def register_routes(datasette: "Datasette") -> list[Route]:
    """Add the site's own addresses; none where no archive is published."""
    if archive_database(datasette) is None:
        return []
    return [
        (r"/-/portal-archive/(?P<name>[a-z-]+\.(?:css|svg))$", send_asset),
        (r"/$", serve_page(pages.show_home)),
        (r"/search$", serve_page(pages.show_search)),
        (r"/go$", serve_page(pages.go_to_article)),
        (rf"/article/{_ID}$", serve_page(pages.show_article)),
        (rf"/image/{_SHA256}$", serve_page(material.send_image)),
        (rf"/thumbnail/{_SHA256}$", serve_page(material.send_thumbnail)),
        (rf"/attachment/{_SHA256}$", serve_page(material.send_attachment)),
        (rf"/capture/{_ID}$", serve_page(material.show_capture)),
        (r"/(?:article|image|thumbnail|attachment|capture)/[^/]*$", serve_page(pages.show_not_found)),
    ]


@hookimpl  # type: ignore[untyped-decorator]
def prepare_jinja2_environment(env: Environment) -> None:
    """Let templates be found under `site/`, whatever way this package is installed."""
    assert env.loader is not None
    env.loader = ChoiceLoader([env.loader, PackageLoader("crawler.web")])
    env.filters.update(FILTERS)


@hookimpl  # type: ignore[untyped-decorator]
def extra_css_urls(template: str) -> list[str]:
    """Dress Datasette's own pages in the site's colours."""
    return [] if template.startswith("site/") else [asset_path("tables.css")]


@hookimpl  # type: ignore[untyped-decorator]
def menu_links(datasette: "Datasette", request: Request | None) -> list[dict[str, str]]:
    """Lead from Datasette's pages back to the site."""
    if request is None or archive_database(datasette) is None:
        return []
    urls = datasette.urls
    return [{"href": urls.path("/"), "label": "Trang chủ"}, {"href": urls.path("/search"), "label": "Tìm kiếm"}]


@hookimpl  # type: ignore[untyped-decorator]
def render_cell(
    value: object, column: str, table: str | None, row: sqlite3.Row, datasette: "Datasette"
) -> Markup | None:
    """Show thumbnails as pictures, and lead from digests and ids of tables to the site's pages."""
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
    return _link_to_page(value, column, table, row, path)


def _link_to_page(
    value: object, column: str, table: str | None, row: sqlite3.Row, path: Callable[[str], str]
) -> Markup | None:
    """Link an article's title and a capture's record in their tables, and ids in the results of queries."""
    kind = {("articles", "title"): "article", ("captures", "record_id"): "capture"}.get((table or "", column))
    if kind and "id" in row.keys() and isinstance(row["id"], int):  # noqa: SIM118 - a row iterates over its values
        return Markup('<a href="{}">{}</a>').format(path(f"/{kind}/{row['id']}"), str(value))
    kind = {"article_id": "article", "capture_id": "capture"}.get(column) if table is None else None
    if kind and isinstance(value, int):
        return Markup('<a href="{}">{}</a>').format(path(f"/{kind}/{value}"), value)
    return None


@hookimpl(trylast=True)  # type: ignore[untyped-decorator]
def asgi_wrapper() -> Callable[[App], App]:
    """Put the shelter's headers on every answer."""
    return wrap_with_shelter
