"""Read and write the description of an export: a Frictionless data package (`datapackage.json`).

The member `archive` is an addition to the standard. It has the state of the archive at the time of the export.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.errors import ExportError
from crawler.export.tables import TableSource

PACKAGE_NAME = "datapackage.json"
SUMS_NAME = "SHA256SUMS"

_MEDIA_TYPES = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet", "sqlite": "application/vnd.sqlite3"}
_FORMATS = {"date": {"format": "default"}, "datetime": {"format": "any"}}


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """One file of an export. `rows` is None for the snapshot, which has all tables."""

    name: str
    form: str
    description: str
    size_bytes: int
    sha256: str
    rows: int | None

    @property
    def media_type(self) -> str:
        """The media type of the file."""
        return _MEDIA_TYPES.get(self.form, "application/octet-stream")


@dataclass(frozen=True, slots=True)
class ExportState:
    """The state of the archive at the time of an export.

    `last_withholding` is the highest id in the table `withholdings`, 0 if it is empty.
    """

    created_at: str
    last_crawl_id: int
    last_withholding: int


@dataclass(frozen=True, slots=True)
class DataPackage:
    """An export as its `datapackage.json` describes it."""

    state: ExportState
    files: tuple[ExportedFile, ...]


def render_package(
    title: str, state: ExportState, *, files: Sequence[ExportedFile], sources: Mapping[str, TableSource]
) -> bytes:
    """Render the `datapackage.json` of an export. The keys of `sources` are file names without suffix."""
    package = {
        "profile": "data-package",
        "name": "portal-archive",
        "title": title,
        "created": state.created_at,
        "archive": {"last_crawl_id": state.last_crawl_id, "last_withholding": state.last_withholding},
        "resources": [_render_file(file, sources.get(file.name.rpartition(".")[0])) for file in files],
    }
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def render_sums(files: Sequence[ExportedFile]) -> bytes:
    """Render the digests in the format of `sha256sum -c`."""
    return "".join(f"{file.sha256}  {file.name}\n" for file in files).encode()


def read_package(folder: Path) -> DataPackage | None:
    """Read the description of an export; None if the folder has no complete export.

    Raises:
        ExportError: if the description cannot be read or is not one of ours.
    """
    path = folder / PACKAGE_NAME
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise ExportError(f"{path}: cannot be read: {error}") from error
    try:
        archive = document["archive"]
        state = ExportState(str(document["created"]), int(archive["last_crawl_id"]), int(archive["last_withholding"]))
        return DataPackage(state, tuple(_read_file(resource) for resource in document["resources"]))
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise ExportError(f"{path}: is no export of an archive: {error!r}") from error


def read_last_withholding(connection: sqlite3.Connection) -> int:
    """Return the highest id in the table `withholdings`, 0 if it is empty or missing."""
    if not connection.execute("select 1 from sqlite_master where name = 'withholdings'").fetchone():
        return 0
    (last,) = connection.execute("select coalesce(max(id), 0) from withholdings").fetchone()
    return int(last)


def _render_file(file: ExportedFile, source: TableSource | None) -> dict[str, Any]:
    name, _, ending = file.name.rpartition(".")
    resource: dict[str, Any] = {
        "name": f"{name}-{ending}".lower().replace("_", "-"),
        "path": file.name,
        "description": file.description,
        "format": file.form,
        "mediatype": file.media_type,
        "bytes": file.size_bytes,
        "hash": f"sha256:{file.sha256}",
    }
    if file.rows is None or source is None:
        return resource
    fields = [
        {"name": column.name, "type": column.kind, **_FORMATS.get(column.kind, {}), "description": column.description}
        for column in source.columns
    ]
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if source.primary_key:
        schema["primaryKey"] = list(source.primary_key)
    resource |= {"rows": file.rows, "schema": schema}
    if file.form == "csv":
        resource |= {"profile": "tabular-data-resource", "encoding": "utf-8", "dialect": {"lineTerminator": "\r\n"}}
    return resource


def _read_file(resource: Mapping[str, Any]) -> ExportedFile:
    rows = resource.get("rows")
    return ExportedFile(
        name=str(resource["path"]),
        form=str(resource["format"]),
        description=str(resource["description"]),
        size_bytes=int(resource["bytes"]),
        sha256=str(resource["hash"]).removeprefix("sha256:"),
        rows=None if rows is None else int(rows),
    )
