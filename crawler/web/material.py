"""Views that send what was captured: images, attachments, and whole answers as they came."""

import html

from datasette.utils.asgi import Response

from crawler.extract import decode_html
from crawler.web import records
from crawler.web.records import Captured, StoredFile
from crawler.web.shelter import (
    FRAME_POLICY,
    HTML_TYPES,
    OCTETS,
    attachment_type,
    capture_type,
    content_disposition,
    image_type,
    material_headers,
    thumbnail_type,
)
from crawler.web.showing import is_web_address
from crawler.web.visit import Visit

# A capture never changes; it may be withheld.
CAPTURE_CACHE = "max-age=3600"


async def send_image(visit: Visit) -> Response:
    """Send an image as it was captured, or with `?size=thumbnail` its thumbnail."""
    if visit.argument("size") == "thumbnail":
        return await send_thumbnail(visit)
    sha256 = visit.variable("sha256").lower()
    stored = await visit.read(lambda connection: records.read_image_row(connection, sha256))
    if stored is None:
        return await _not_found(visit)
    return await _send_file(visit, stored, image_type(stored.media_type))


async def send_thumbnail(visit: Visit) -> Response:
    """Send an image's thumbnail, or lead to the image itself where it has none."""
    sha256 = visit.variable("sha256").lower()
    headers = material_headers(f"{sha256}-thumbnail")
    if _is_held(visit, headers["etag"]):
        return Response(b"", status=304, headers=headers)
    thumbnail = await visit.read(lambda connection: records.read_thumbnail(connection, sha256))
    if thumbnail is not None:
        return Response(thumbnail, headers=headers, content_type=thumbnail_type(thumbnail))
    if await visit.read(lambda connection: records.read_image_row(connection, sha256)) is None:
        return await _not_found(visit)
    return Response.redirect(visit.link(f"/image/{sha256}"))


async def send_attachment(visit: Visit) -> Response:
    """Send an attachment to be saved under the name it was offered by."""
    sha256 = visit.variable("sha256").lower()
    stored = await visit.read(lambda connection: records.read_attachment_row(connection, sha256))
    if stored is None:
        return await _not_found(visit)
    name = await visit.read(lambda connection: records.read_attachment_name(connection, sha256))
    return await _send_file(
        visit, stored, attachment_type(stored.media_type), {"content-disposition": content_disposition(name)}
    )


async def show_capture(visit: Visit) -> Response:
    """Show an answer as it was captured.

    A web page stands in a frame without rights, below a bar that says what one sees; anything else is sent
    as it came. `?part=page` sends the payload alone, `?part=raw` the bytes as transferred (those of
    `payload_sha256`), `?part=headers` the status line and headers.
    """
    capture_id = int(visit.variable("id"))
    found = await visit.read(lambda connection: records.read_capture(connection, visit.folder, capture_id))
    if found is None:
        return await _not_found(visit)
    part = visit.argument("part")
    etag = f"{found.capture.record_id.removeprefix('urn:uuid:')}-{part or 'all'}"
    headers = material_headers("".join(char for char in etag if char.isalnum() or char == "-"), cache=CAPTURE_CACHE)
    if part == "headers":
        lines = [found.first_line, *(f"{name}: {value}" for name, value in found.headers)]
        return Response("\n".join(lines) + "\n", headers=headers, content_type="text/plain; charset=utf-8")
    if part == "raw":
        headers["content-disposition"] = content_disposition(f"capture-{capture_id}.bin")
        return Response(found.raw, headers=headers, content_type=OCTETS)
    media_type = capture_type(found.content_type)
    is_page = media_type.partition(";")[0] in HTML_TYPES
    if part == "page" or (found.payload and not is_page):
        if found.payload is None:
            media_type = OCTETS
        body = found.raw if found.payload is None else found.payload
        return Response(body, headers=headers, content_type=media_type)
    return await _frame(visit, found, headers)


async def _frame(visit: Visit, found: Captured, headers: dict[str, str]) -> Response:
    """Show a captured page below a bar; the page's text stands in the frame's `srcdoc`, escaped as any other value."""
    page = decode_html(found.payload, found.content_type) if found.payload else ""
    address = found.capture.url if is_web_address(found.capture.url) else ""
    return await visit.render(
        "capture.html",
        headers={**headers, "content-security-policy": FRAME_POLICY},
        capture=found.capture,
        first_line=found.first_line,
        headers_shown=found.headers,
        page=page,
        address=address,
        base=f'<base href="{html.escape(address)}">' if address else "",
        is_broken=found.payload is None,
    )


async def _send_file(
    visit: Visit, stored: StoredFile, content_type: str, more: dict[str, str] | None = None
) -> Response:
    headers = {**material_headers(stored.sha256), **(more or {})}
    if _is_held(visit, headers["etag"]):
        return Response(b"", status=304, headers=headers)
    body = await visit.read(lambda connection: records.read_file(connection, visit.folder, stored))
    return Response(body, headers=headers, content_type=content_type)


def _is_held(visit: Visit, etag: str) -> bool:
    """Tell if the visitor holds these bytes already (RFC 9110, 13.1.2)."""
    asked = visit.request.headers.get("if-none-match", "")
    return etag in [tag.strip().removeprefix("W/") for tag in asked.split(",")]


async def _not_found(visit: Visit) -> Response:
    return await visit.render_message("not_found", status=404)
