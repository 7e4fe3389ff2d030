"""The descriptions of every table, column and canned query, for the site and the exports."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from crawler.errors import WrongUseError

METADATA_NAME = "datasette-metadata.json"
DATABASE_NAME = "archive"


@dataclass(frozen=True, slots=True)
class TableWords:
    """The description of a table or view and of each column; `is_hidden` if readers do not need it."""

    description: str
    columns: Mapping[str, str]
    is_hidden: bool


@dataclass(frozen=True, slots=True)
class QueryWords:
    """A canned query: title, description, and the statement with named parameters."""

    title: str
    description: str
    sql: str


def read_metadata() -> dict[str, Any]:
    """Read the metadata from the wheel, or from the root of a checkout.

    Raises:
        WrongUseError: if the file is in neither.
    """
    package = resources.files("crawler")
    for path in (package / METADATA_NAME, Path(str(package)).parent / METADATA_NAME):
        if path.is_file():
            return dict(json.loads(path.read_text(encoding="utf-8")))
    raise WrongUseError(f"{METADATA_NAME}: missing from the installation; install portal-archive again")


def read_table_words() -> dict[str, TableWords]:
    """Return the descriptions of all documented tables and views, by name."""
    tables = read_metadata()["databases"][DATABASE_NAME]["tables"]
    return {
        name: TableWords(table["description"], dict(table["columns"]), bool(table.get("hidden")))
        for name, table in tables.items()
    }


def read_queries() -> dict[str, QueryWords]:
    """Return the canned queries by name."""
    queries = read_metadata()["databases"][DATABASE_NAME]["queries"]
    return {name: QueryWords(query["title"], query["description"], query["sql"]) for name, query in queries.items()}
