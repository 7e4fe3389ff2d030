"""Faults of files: other bytes under an address, answers instead of a file, downloads without a name."""

import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace

from crawler.replica.content import documents, pictures
from crawler.replica.content.urls import TENANT
from crawler.replica.wire import WireReply

_CONTENT = re.compile(rb'class="[^"]*\bArticleContent\b[^"]*"[^>]*>')


@dataclass(frozen=True)
class FileContext:
    """What a fault of a file needs: the path and query, whether the request is conditional, and the proper answer."""

    target: str
    is_conditional: bool
    proper: Callable[[], WireReply]


def _other_bytes(context: FileContext) -> WireReply:
    """Other bytes of the same kind, with validators of their own."""
    reply = context.proper()
    tag = f'"{zlib.crc32(reply.body):08x}-moi"'
    return replace(reply, body=_rewrite(reply, context.target), headers=(), etag=tag)


def _other_bytes_bare(context: FileContext) -> WireReply:
    """Other bytes without any validator."""
    return replace(_other_bytes(context), etag="")


def _other_bytes_304(context: FileContext) -> WireReply:
    """Other bytes under the validators of the old ones: a conditional request is answered 304."""
    reply = context.proper()
    return replace(reply, body=_rewrite(reply, context.target))


def _rewrite(reply: WireReply, target: str) -> bytes:
    kind = next((kind for kind, name in pictures.MEDIA_TYPES.items() if name == reply.content_type), None)
    if kind is not None:
        return pictures.draw_picture(f"thay/{target}", kind)
    document = next((kind for kind, name in documents.MEDIA_TYPES.items() if name == reply.content_type), "pdf")
    return documents.write_document(f"thay/{target}", document)


def _fails_conditionally(context: FileContext) -> WireReply:
    """500 for a conditional request, the proper answer for a plain one, with a validator."""
    reply = context.proper()
    if context.is_conditional:
        return WireReply(500, b"<h1>500</h1>", "text/html")
    return replace(reply, etag=reply.etag or '"luon-co"')


def _text(_: FileContext) -> WireReply:
    return WireReply(200, b"File not found.", "text/plain")


def _json(_: FileContext) -> WireReply:
    return WireReply(200, b'{"Message":"An error has occurred.","Code":404}', "application/json")


def _page(context: FileContext) -> WireReply:
    """A page with the header of the file."""
    body = "<!DOCTYPE html><html><body><h1>Tệp không tồn tại hoặc đã bị xóa</h1></body></html>".encode()
    return WireReply(200, body, context.proper().content_type)


def _half(context: FileContext) -> WireReply:
    """The first half, as if it were all."""
    reply = context.proper()
    return replace(reply, body=reply.body[: len(reply.body) // 2], etag="", headers=())


def _placeholder(_: FileContext) -> WireReply:
    """One picture for every address, also for one that names nothing."""
    return WireReply(200, pictures.draw_picture("khong-tim-thay-anh", "png"), "image/png")


def _named(context: FileContext) -> WireReply:
    """A document from an address without a name, which the header names."""
    body = documents.write_document(f"tai-ve{context.target}", "pdf")
    name = ("Content-Disposition", "attachment; filename*=UTF-8''Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf")
    return WireReply(200, body, "application/octet-stream", headers=(name,))


def _with_download(context: FileContext) -> WireReply:
    """A page whose content offers a download without a name, `/DownloadFile.ashx?id=77`, and a page beside it."""
    reply = context.proper()
    content = _CONTENT.search(reply.body)
    if content is None:
        return reply
    links = '<p><a href="/DownloadFile.ashx?id=77">Tải về</a> <a href="/huong-dan/xem?id=1">Xem file</a></p>'
    place = content.end()
    return replace(reply, body=reply.body[:place] + links.encode() + reply.body[place:])


_REPLIES: dict[str, Callable[[FileContext], WireReply]] = {
    "file-replaced": _other_bytes,
    "file-replaced-bare": _other_bytes_bare,
    "file-replaced-304": _other_bytes_304,
    "file-fails-conditionally": _fails_conditionally,
    "file-text": _text,
    "file-json": _json,
    "file-page": _page,
    "file-half": _half,
    "file-placeholder": _placeholder,
    "file-named": _named,
    "with-download": _with_download,
}
FILE_KINDS = tuple(_REPLIES)
# The addresses of one file host: a fault on them is a fault of that host.
FILE_HOST = rf"^/{TENANT}/"


def make_file_reply(kind: str, context: FileContext) -> WireReply:
    """Return the answer of a fault of `FILE_KINDS`."""
    return _REPLIES[kind](context)
