"""The files: uploads on both hosts, and the page host's style sheets and layout pictures."""

import hashlib
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import unquote

from crawler.replica.content import documents, pictures
from crawler.replica.content.edition import Edition
from crawler.replica.content.model import REPLACED, ArticleText, Attached, Figure, PublishedMention, Upload
from crawler.replica.content.urls import Hosts
from crawler.replica.pages.single_pages import single_pages
from crawler.replica.wire import WireReply, redirect

_STYLES = {
    "/styles/portal.css": (
        '@charset "utf-8";\n@import "reset.css";\n@import url(skins/tason/print.css) print;\n'
        "body { background: #f4f6f2 url(../images/bg.png) repeat-x; font: 15px/1.6 Roboto, Arial }\n"
        ".navbar { background-image: url('/images/menu bg.png') }\n/* url(never-asked.png) */\n"
    ),
    "/styles/reset.css": "* { box-sizing: border-box }\nimg { max-width: 100% }\n",
    "/styles/skins/tason/skin.css": '.box-title { background: url( "../../../images/tit%20le.png" ) }\n',
    "/styles/skins/tason/print.css": ".tool, nav { display: none }\n",
}
_LAYOUT_PICTURES = ("bg", "menu bg", "tit le", "logo", "favicon", "noimage", "top banner")
_SCRIPTS = ("/js/jquery.min.js", "/js/html5.js")


def uploads_of(content: ArticleText) -> tuple[Upload, ...]:
    """Return every upload of an article in the order of the page, the documents below it last."""
    found = [upload for upload in (content.lead_picture, content.summary_file) if upload is not None]
    for block in content.blocks:
        if isinstance(block, Figure):
            found += block.pictures
        elif isinstance(block, Attached | PublishedMention):
            found.append(block.document)
    return (*found, *content.below)


def make_bytes(upload: Upload) -> bytes:
    """Return the upload's bytes, made at the first call."""
    if upload.kind in pictures.MEDIA_TYPES:
        return pictures.draw_picture(upload.key, upload.kind)
    return documents.write_document(upload.key, upload.kind)


class FileStore:
    """Finds files by host and path for one edition. The files of a vanished article stay."""

    def __init__(self, edition: Edition) -> None:
        self._hosts: Hosts = edition.hosts
        self._first_day: date = edition.corpus.first_day
        self._today = edition.today
        self._uploads = {
            (upload.host, upload.path): upload for one in edition.articles for upload in uploads_of(one.content)
        }
        held = [single.article for single in single_pages(edition) if single.article is not None]
        self._uploads |= {(upload.host, upload.path): upload for one in held for upload in uploads_of(one.content)}

    def find(self, server: str, target: str) -> WireReply | None:
        """Return the file at the target on `site` or `files`. None without one."""
        path = unquote(target.split("?")[0])
        upload = self._uploads.get((server, path))
        if upload is not None:
            return self._answer(upload)
        return _find_layout_file(path) if server == "site" else None

    def _answer(self, upload: Upload) -> WireReply:
        if upload.fate == "dead":
            return WireReply(404, b"<h1>404 - File or directory not found.</h1>", "text/html")
        if upload.fate == "strays":
            return redirect(f"http://{self._hosts.elsewhere}/kho-anh/{len(upload.path)}.jpg")
        body = make_bytes(upload)
        media_type = {**pictures.MEDIA_TYPES, **documents.MEDIA_TYPES}[upload.kind]
        day = self._today if REPLACED in upload.key else upload.ticks_on or self._first_day
        stamp = format_datetime(datetime.combine(day, time(1), UTC), usegmt=True)
        return WireReply(200, body, media_type, headers=(("Last-Modified", stamp),), etag=make_etag(body))


def make_etag(body: bytes) -> str:
    """Return a strong entity tag of the bytes (RFC 9110, 8.8.3)."""
    return f'"{hashlib.sha256(body).hexdigest()[:20]}"'


@lru_cache(maxsize=64)
def _find_layout_file(path: str) -> WireReply | None:
    if path in _STYLES:
        body = _STYLES[path].encode()
        return WireReply(200, body, "text/css", etag=make_etag(body))
    if path in _SCRIPTS:
        return WireReply(200, b"/* jQuery */\nwindow.jQuery = window.$ = function () {};\n", "application/javascript")
    if path.startswith("/images/") and path[8:-4] in _LAYOUT_PICTURES and path.endswith(".png"):
        body = pictures.draw_picture(f"layout{path}", "png")
        return WireReply(200, body, "image/png", etag=make_etag(body))
    return None
