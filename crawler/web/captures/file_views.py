"""Views that send archived files: images, thumbnails and attachments."""

from datasette.utils.asgi import Response

from crawler.web.captures import stored_bytes
from crawler.web.captures.stored_bytes import StoredFile
from crawler.web.request import SiteRequest
from crawler.web.security_headers import material_headers
from crawler.web.served_files import attachment_type, content_disposition, image_type, thumbnail_type


async def send_image(request: SiteRequest) -> Response:
    """Send an image as it was captured, or with `?size=thumbnail` its thumbnail."""
    if request.argument("size") == "thumbnail":
        return await send_thumbnail(request)
    sha256 = request.variable("sha256").lower()
    stored = await request.read(lambda connection: stored_bytes.read_image_row(connection, sha256))
    if stored is None:
        return await _not_found(request)
    return await _send_file(request, stored, content_type=image_type(stored.media_type))


async def send_thumbnail(request: SiteRequest) -> Response:
    """Send an image's thumbnail; redirect to the image if it has none."""
    sha256 = request.variable("sha256").lower()
    headers = material_headers(f"{sha256}-thumbnail")
    if is_held(request, headers["etag"]):
        return Response(b"", status=304, headers=headers)
    thumbnail = await request.read(lambda connection: stored_bytes.read_thumbnail(connection, sha256))
    if thumbnail is not None:
        return Response(thumbnail, headers=headers, content_type=thumbnail_type(thumbnail))
    if await request.read(lambda connection: stored_bytes.read_image_row(connection, sha256)) is None:
        return await _not_found(request)
    return Response.redirect(request.link(f"/image/{sha256}"))


async def send_attachment(request: SiteRequest) -> Response:
    """Send an attachment to be saved under the name in its first address."""
    sha256 = request.variable("sha256").lower()
    stored = await request.read(lambda connection: stored_bytes.read_attachment_row(connection, sha256))
    if stored is None:
        return await _not_found(request)
    name = await request.read(lambda connection: stored_bytes.read_attachment_name(connection, sha256))
    return await _send_file(
        request,
        stored,
        content_type=attachment_type(stored.media_type),
        more={"content-disposition": content_disposition(name)},
    )


async def _send_file(
    request: SiteRequest, stored: StoredFile, *, content_type: str, more: dict[str, str] | None = None
) -> Response:
    headers = {**material_headers(stored.sha256), **(more or {})}
    if is_held(request, headers["etag"]):
        return Response(b"", status=304, headers=headers)
    body = await request.read(lambda connection: stored_bytes.read_file(connection, request.folder, stored=stored))
    return Response(body, headers=headers, content_type=content_type)


def is_held(request: SiteRequest, etag: str) -> bool:
    """Whether the visitor already has these bytes (RFC 9110, 13.1.2)."""
    asked = request.http.headers.get("if-none-match", "")
    return etag in [tag.strip().removeprefix("W/") for tag in asked.split(",")]


async def _not_found(request: SiteRequest) -> Response:
    return await request.render_message("not_found", status=404)
