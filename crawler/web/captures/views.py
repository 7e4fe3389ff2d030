"""The page of a capture: the answer in a frame below a bar of facts, its parts, and its bytes."""

import hashlib
import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from datasette.utils.asgi import Response

from crawler.errors import BadFileError
from crawler.extract import LinkTarget, Targets, decode_html, find_targets, parse_page, show_page, show_sheet
from crawler.language.text import join_surrogates
from crawler.media.json_texts import read_json
from crawler.sentences import say
from crawler.web.captures import capture_index, stored_bytes
from crawler.web.captures.capture_index import ArticleThen, Neighbours
from crawler.web.captures.file_views import is_held
from crawler.web.captures.memento import memento_headers
from crawler.web.captures.stored_bytes import Captured
from crawler.web.formatting import is_web_address
from crawler.web.request import SiteRequest
from crawler.web.security_headers import FRAME_POLICY, PAGE_POLICY, material_headers, page_part_headers
from crawler.web.served_files import (
    HTML_TYPES,
    OCTETS,
    capture_type,
    content_disposition,
    file_name,
    picture_or_font_type,
)

# A capture never changes, but a withheld one must be gone at once: the browser checks its copy each time.
CAPTURE_CACHE = "no-cache"
# Larger pages and style sheets are not parsed for a visitor: a small answer can unpack to a gigabyte.
MAX_SHOWN_BYTES = 16 * 1024**2
MAX_SHOWN_CHARACTERS = 200_000
# A page with more links is read, but showing it would cost each visitor seconds.
MAX_SHOWN_LINKS = 10_000

_READABLE = ("text/plain", "text/css")


@dataclass(frozen=True, slots=True)
class ShownCapture:
    """What the frame page shows of an answer.

    `kind` is `page`, `picture`, `text`, `document`, `empty`, `broken` or `large`; `text` holds a page's safe HTML,
    or a text; `is_cut` if only its beginning.
    """

    kind: str
    text: str = ""
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class CaptureContext:
    """The captures around a capture, and its article at that time."""

    around: Neighbours
    article: ArticleThen | None


async def show_capture(request: SiteRequest) -> Response:
    """Show an answer as it was captured, below a bar of facts about it.

    `?part=page` sends only the page, made safe and with the archive's pictures; `?part=file` a picture, font or
    document; `?part=style` a style sheet made safe; `?part=source` the payload as text; `?part=raw` the bytes as
    transferred (those of `payload_sha256`); `?part=headers` the status line and headers.
    """
    capture_id = int(request.variable("id"))
    found = await request.read(
        lambda connection: stored_bytes.read_capture(connection, request.folder, capture_id=capture_id)
    )
    if found is None:
        return await request.render_message("not_found", status=404)
    place = await request.read(lambda connection: _read_surroundings(connection, found))
    memento = memento_headers(request, found.capture, around=place.around)
    part = request.argument("part")
    try:
        if part == "style":
            return await _send_style(request, found)
        if part == "file":
            return await _send_file(request, found, memento=memento)
        if part == "page" and _is_page(found):
            return await _send_page(request, found, memento=memento)
    except BadFileError:
        part = "raw"
    if part in ("raw", "headers", "source", "page"):
        return await _send_bytes(request, found, part=part, memento=memento)
    return await _show_frame(request, found, place=place, memento=memento)


def _read_surroundings(connection: sqlite3.Connection, found: Captured) -> CaptureContext:
    return CaptureContext(
        capture_index.read_around(connection, found.capture),
        capture_index.read_article_then(connection, found.portal, capture=found.capture),
    )


async def _show_frame(
    request: SiteRequest, found: Captured, *, place: CaptureContext, memento: dict[str, str]
) -> Response:
    shown = await request.read(lambda connection: _make_shown(request, connection, found=found))
    location = next((value for name, value in found.headers if name.lower() == "location"), "")
    response = await request.render(
        "capture.html",
        headers={**_part_headers(found, "all"), **memento, "content-security-policy": FRAME_POLICY},
        found=found,
        capture=found.capture,
        shown=shown,
        shown_characters=MAX_SHOWN_CHARACTERS,
        place=place,
        address=found.capture.url if is_web_address(found.capture.url) else "",
        location=location[:2000],
    )
    return _with_digest(request, response)


def _make_shown(request: SiteRequest, connection: sqlite3.Connection, *, found: Captured) -> ShownCapture:
    if not found.raw:
        return ShownCapture("empty")
    try:
        if _is_page(found):
            return _make_page(request, connection, found=found)
        payload = stored_bytes.open_payload(found)
    except BadFileError as error:
        return ShownCapture("large" if error.kind in ("too-large", "page_too_costly") else "broken")
    if (picture_or_font_type(found.content_type, payload) or "").startswith("image/"):
        return ShownCapture("picture")
    if capture_type(found.content_type).partition(";")[0] in _READABLE or _is_text(payload):
        text = _indent(decode_html(payload[: MAX_SHOWN_CHARACTERS * 4], found.content_type))
        return ShownCapture("text", text[:MAX_SHOWN_CHARACTERS], len(text) > MAX_SHOWN_CHARACTERS)
    return ShownCapture("document")


def _is_text(payload: bytes) -> bool:
    """Whether bytes of an unknown kind are text: UTF-8 without zero bytes at the beginning."""
    start = payload[:4096]
    return b"\0" not in start and "\ufffd" not in start[:-4].decode("utf-8", errors="replace")[:-1]


def _indent(text: str) -> str:
    """Indent a JSON text; return any other text unchanged."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return join_surrogates(json.dumps(read_json(text), ensure_ascii=False, indent=2))
    except ValueError:
        return text


def _is_page(found: Captured) -> bool:
    """Whether an answer is a web page: by its header, or without that by its first bytes."""
    stated = capture_type(found.content_type).partition(";")[0]
    if found.content_type:
        return stated in HTML_TYPES
    try:
        start = stored_bytes.open_payload(found, max_bytes=MAX_SHOWN_BYTES)[:512].lstrip().lower()
    except BadFileError:
        return False
    return start.startswith((b"<!doctype html", b"<html"))


def _make_page(request: SiteRequest, connection: sqlite3.Connection, *, found: Captured) -> ShownCapture:
    """Make a captured page safe: pictures and sheets from the archive, links to the nearest captures."""
    payload = stored_bytes.open_payload(found, max_bytes=MAX_SHOWN_BYTES)
    page = parse_page(decode_html(payload, found.content_type), found.capture.url)
    if len(page.tree.css("a")) > MAX_SHOWN_LINKS:
        raise BadFileError("page_too_costly", say("costs-links", count=MAX_SHOWN_LINKS))
    files, links = find_targets(page)
    at = found.capture.id
    held = capture_index.find_files(connection, found.portal, urls=files, capture_id=at)
    linked, articles = capture_index.find_linked(connection, found.portal, urls=links, capture_id=at)

    def part(name: str) -> Callable[[str], str | None]:
        return lambda url: request.path(f"/capture/{held[url]}?part={name}") if url in held else None

    def lead(url: str) -> LinkTarget:
        if url in linked:
            return LinkTarget(request.link(f"/capture/{linked[url]}"))
        if url in articles:
            return LinkTarget(request.link(f"/article/{articles[url]}"))
        return LinkTarget(None, request.say("capture_dead", url=url[:300]))

    return ShownCapture("page", show_page(page, Targets(part("style"), part("file"), lead)))


async def _send_page(request: SiteRequest, found: Captured, *, memento: dict[str, str]) -> Response:
    shown = await request.read(lambda connection: _make_page(request, connection, found=found))
    headers = {**_part_headers(found, "page"), **memento, "content-security-policy": PAGE_POLICY}
    response = Response(shown.text, headers=headers, content_type="text/html; charset=utf-8")
    return _with_digest(request, response)


async def _send_style(request: SiteRequest, found: Captured) -> Response:
    """Send a style sheet with every address in it replaced; its stated media type does not matter."""

    def work(connection: sqlite3.Connection) -> str:
        css = decode_html(stored_bytes.open_payload(found, max_bytes=MAX_SHOWN_BYTES), found.content_type)
        asked: list[str] = []
        show_sheet(css, found.capture.url, sheet=asked.append, file=asked.append)
        held = capture_index.find_files(connection, found.portal, urls=asked, capture_id=found.capture.id)

        def part(name: str) -> Callable[[str], str | None]:
            return lambda url: request.path(f"/capture/{held[url]}?part={name}") if url in held else None

        return show_sheet(css, found.capture.url, sheet=part("style"), file=part("file"))

    css = await request.read(work)
    headers = page_part_headers(_etag(found, "style"), cache=CAPTURE_CACHE)
    return _with_digest(request, Response(css, headers=headers, content_type="text/css; charset=utf-8"))


async def _send_file(request: SiteRequest, found: Captured, *, memento: dict[str, str]) -> Response:
    """Send a picture or font to be shown, any other file to be saved."""
    headers = {**page_part_headers(_etag(found, "file"), cache=CAPTURE_CACHE), **memento}
    if is_held(request, headers["etag"]):
        return Response(b"", status=304, headers=headers)
    payload = await request.read(lambda _: stored_bytes.open_payload(found))
    media_type = picture_or_font_type(found.content_type, payload)
    if media_type is None:
        media_type = capture_type(found.content_type)
        if media_type.partition(";")[0] in HTML_TYPES:
            media_type = OCTETS
        headers["content-disposition"] = content_disposition(file_name(found.capture.url))
    return Response(payload, headers=headers, content_type=media_type)


async def _send_bytes(request: SiteRequest, found: Captured, *, part: str, memento: dict[str, str]) -> Response:
    """Send an answer's headers, its bytes as transferred, or its payload as text."""
    headers = {**_part_headers(found, part), **memento}
    if is_held(request, headers["etag"]):
        return Response(b"", status=304, headers=headers)
    number = found.capture.id
    if part == "headers":
        lines = [found.first_line, *(f"{name}: {value}" for name, value in found.headers)]
        return Response("\n".join(lines) + "\n", headers=headers, content_type="text/plain; charset=utf-8")
    if part == "raw":
        headers["content-disposition"] = content_disposition(f"capture-{number}.bin")
        return Response(found.raw, headers=headers, content_type=OCTETS)
    try:
        payload = await request.read(lambda _: stored_bytes.open_payload(found))
    except BadFileError:
        return Response(found.raw, headers=headers, content_type=OCTETS)
    media_type = capture_type(found.content_type)
    if _is_page(found) or media_type.partition(";")[0] in _READABLE:
        # Decoded by the detected encoding, not by the announced one.
        text = decode_html(payload, found.content_type)
        return Response(text, headers=headers, content_type="text/plain; charset=utf-8")
    # Not shown in the browser: the scripts of a PDF open dialogs there, sandbox or not.
    headers["content-disposition"] = content_disposition(file_name(found.capture.url))
    return Response(
        payload, headers=headers, content_type=OCTETS if media_type.partition(";")[0] in HTML_TYPES else media_type
    )


def _etag(found: Captured, part: str) -> str:
    name = f"{found.capture.record_id.removeprefix('urn:uuid:')}-{part}"
    return "".join(char for char in name if char.isalnum() or char == "-")


def _part_headers(found: Captured, part: str) -> dict[str, str]:
    return material_headers(_etag(found, part), cache=CAPTURE_CACHE)


def _with_digest(request: SiteRequest, response: Response) -> Response:
    """Tag an answer with a digest of its bytes: later captures change its neighbours and so the answer."""
    body = response.body if isinstance(response.body, bytes) else response.body.encode("utf-8")
    response.headers["etag"] = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    if is_held(request, response.headers["etag"]):
        return Response(b"", status=304, headers=response.headers)
    return response
