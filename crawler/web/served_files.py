"""The site's own style sheets and pictures, under addresses that change with their bytes."""

from functools import lru_cache
from hashlib import sha256
from importlib import resources

from datasette.utils.asgi import Request, Response

from crawler.web.security_headers import IMMUTABLE

_TYPES = {"css": "text/css; charset=utf-8", "svg": "image/svg+xml"}


def asset_path(name: str) -> str:
    """Give the path of a file of `static/`, with the mark of its bytes."""
    return f"/-/portal-archive/{name}?{sha256(read_asset(name) or b'').hexdigest()[:8]}"


async def send_asset(request: Request) -> Response:
    """Send a file of `static/`."""
    name = str(request.url_vars["name"])
    body = read_asset(name)
    if body is None:
        return Response.text("404", status=404)
    return Response(body, headers={"cache-control": IMMUTABLE}, content_type=_TYPES[name.rpartition(".")[2]])


@lru_cache
def read_asset(name: str) -> bytes | None:
    """Read a file of `static/`, None if there is none; `name` must hold no path."""
    file = resources.files("crawler.web") / "static" / name
    return file.read_bytes() if file.is_file() else None
