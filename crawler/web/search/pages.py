"""The way from a portal's address to its article, and what is said where there is nothing."""

from datasette.utils.asgi import Response

from crawler.search.address_lookup import find_article
from crawler.web.request import SiteRequest


async def go_to_article(visit: SiteRequest) -> Response:
    """Lead from any address under which an article was ever met to its page."""
    address = visit.argument("url")
    if not address:
        return await visit.render_message("go_without_address", status=404)
    article_id = await visit.read(lambda connection: find_article(connection, address))
    if article_id is None:
        return await visit.render_message("go_unknown", status=404, address=address[:300])
    return Response.redirect(visit.link(f"/article/{article_id}"))


async def show_not_found(visit: SiteRequest) -> Response:
    """Say that there is nothing under this address."""
    return await visit.render_message("not_found", status=404)
