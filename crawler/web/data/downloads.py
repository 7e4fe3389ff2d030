"""The page of downloads, and the files in the folder of exports beside the archive."""

import re
import sqlite3
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from datasette.utils.asgi import Response

from crawler import settings
from crawler.errors import ExportError
from crawler.export.package import (
    PACKAGE_NAME,
    SUMS_NAME,
    DataPackage,
    ExportedFile,
    read_last_withholding,
    read_package,
)
from crawler.web.data.byte_ranges import send_file
from crawler.web.request import SiteRequest
from crawler.web.served_files import content_disposition

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_ABOUT = {PACKAGE_NAME: "application/json", SUMS_NAME: "text/plain; charset=utf-8"}
# A cache must not give out an export after something in it was withheld.
_CACHE = {"cache-control": "no-cache", "x-robots-tag": "noindex"}


@dataclass(frozen=True, slots=True)
class ExportTable:
    """A table of the export: its number of rows, and its files, one for each format."""

    name: str
    description: str
    rows: int
    files: tuple[ExportedFile, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """The export on offer: `package` is None if there is none, `is_stale` is true if something was withheld since."""

    package: DataPackage | None
    is_stale: bool


async def show_downloads(request: SiteRequest) -> Response:
    """Show the files to download: the snapshot, every table in every format, digests and the description."""
    offer = await _read_offer(request)
    shown = offer.package if not offer.is_stale else None
    files = shown.files if shown else ()
    names = dict.fromkeys(file.name.rpartition(".")[0] for file in files if file.rows is not None)
    tables = [_gather(name, files) for name in names]
    return await request.render(
        "downloads.html",
        headers={"cache-control": "no-store"},
        offer=offer,
        moment=shown.state if shown else None,
        snapshots=[file for file in files if file.rows is None],
        tables=tables,
        about=tuple(_ABOUT),
        database=request.datasette.urls.database(request.database.name),
    )


async def send_download(request: SiteRequest) -> Response:
    """Send a file of the export, or a range of it; 451 if something was withheld since it was made."""
    name = request.variable("name")
    offer = await _read_offer(request)
    if offer.package is None or not _NAME.fullmatch(name):
        return await request.render_message("not_found", status=404)
    if offer.is_stale:
        return await request.render_message("downloads_stale", status=451)
    path = _folder(request) / name
    found = next((file for file in offer.package.files if file.name == name), None)
    if (found is None and name not in _ABOUT) or path.is_symlink() or not path.is_file():
        return await request.render_message("not_found", status=404)
    size = path.stat().st_size
    if found is not None and found.size_bytes != size:
        return await request.render_message("downloads_renewed", status=503)
    digest = found.sha256 if found else sha256(path.read_bytes()).hexdigest()
    headers = {**_CACHE, "content-disposition": content_disposition(name)}
    return send_file(request.http, path, size=size, etag=f'"{digest}"', headers=headers, kind=_media_type(name, found))


def _media_type(name: str, file: ExportedFile | None) -> str:
    if file is None:
        return _ABOUT[name]
    return "text/csv; charset=utf-8" if file.form == "csv" else file.media_type


async def _read_offer(request: SiteRequest) -> Offer:
    try:
        package = read_package(_folder(request))
    except ExportError:
        package = None
    if package is None:
        return Offer(None, False)

    def work(connection: sqlite3.Connection) -> int:
        return read_last_withholding(connection)

    return Offer(package, await request.read(work) > package.state.last_withholding)


def _folder(request: SiteRequest) -> Path:
    return Path(request.database.path).parent / settings.EXPORTS


def _gather(name: str, files: tuple[ExportedFile, ...]) -> ExportTable:
    own_files = tuple(file for file in files if file.rows is not None and file.name.rpartition(".")[0] == name)
    return ExportTable(name, own_files[0].description, own_files[0].rows or 0, own_files)
