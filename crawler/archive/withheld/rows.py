"""Which rows of an archive are taken out for what is withheld, and what of other rows is blanked.

Rows that are of a withheld article, file or address go as a whole. Rows of others stay, with what names a withheld
address blanked: a capture keeps its id, since other rows point to it, and a picture its place.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crawler.archive.withheld.reach import Names, Reach, as_list
from crawler.archive.withheld.withheld_db import BLANKED, MOVED, Key, Taken, Withdrawn, key_of

# Nothing in these is an article's: what is found nowhere below stays as it is.
OPEN_TABLES = frozenset(
    {
        "portals", "categories", "crawls", "listing_walks", "portal_identities", "probes", "warc_files",
        "search_meta", "withholdings",
    }
)  # fmt: skip

# What a capture shows once its address is withheld (451: RFC 7725). Where its record lies stays: others, such as the
# portal's page for what is gone, may be known only as the same bytes once more.
CAPTURE_BLANKS: dict[str, object] = {
    "url": "withheld", "status": 451, "media_type": None, "request_sha256": None, "payload_sha256": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table of the archive: its columns in order, and those of its key (`rowid` alone where it has one)."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    is_rowid_column: bool

    @property
    def where_key(self) -> str:
        """The condition that names one row."""
        return " and ".join(f'"{name}" is ?' for name in self.key)

    def key_values(self, key: Key) -> tuple[object, ...]:
        """Give the values that a key stands for."""
        return (key,) if isinstance(key, int) else tuple(json.loads(key))


@dataclass(frozen=True, slots=True)
class Marks:
    """How far the archive was looked through for addresses that rows of others name: the highest ids."""

    capture: int
    error: int


def read_tables(connection: sqlite3.Connection) -> dict[str, TableShape]:
    """Read the archive's own tables, without those of the search index and of libraries."""
    rows = connection.execute(
        """select name, sql from main.sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'
           and name not like '\\_%' escape '\\' and name not like 'articles\\_fts%' escape '\\' order by name"""
    ).fetchall()
    found = {}
    for name, sql in rows:
        if sql.lower().startswith("create virtual"):
            continue
        info = connection.execute(f'pragma main.table_info("{name}")').fetchall()
        primary = [row[1] for row in sorted(info, key=lambda row: row[5]) if row[5]]
        is_without = re.search(r"\)\s*without\s+rowid\s*$", sql, re.IGNORECASE) is not None
        is_alias = len(primary) == 1 and any(row[5] and row[2].lower() == "integer" for row in info)
        key = tuple(primary) if is_without else ("rowid",)
        found[name] = TableShape(name, tuple(row[1] for row in info), key, is_alias and not is_without)
    return found


def read_marks(connection: sqlite3.Connection) -> Marks:
    """Give the marks of the archive as it is."""
    row = connection.execute(
        "select coalesce((select max(id) from captures), 0), coalesce((select max(id) from crawl_errors), 0)"
    ).fetchone()
    return Marks(row[0], row[1])


def choose_rows(
    connection: sqlite3.Connection, tables: dict[str, TableShape], *, reach: Reach, before: Withdrawn, since: Marks
) -> Withdrawn:
    """Choose what is taken out of an archive from which nothing is taken out; read-only.

    Args:
        connection: to the archive.
        tables: of `read_tables`.
        reach: of what is withheld.
        before: what was taken out before; its rows are looked at again.
        since: rows of others up to here, but for those of `before`, name no withheld address.

    """
    rows: dict[str, dict[Key, Taken]] = {}
    for table in tables.values():
        condition = _moved_condition(table)
        if table.name in OPEN_TABLES or condition is None:
            continue
        found = _select(connection, table, condition=condition, parameters=_parameters(reach))
        rows[table.name] = {key: Taken(MOVED, values) for key, values in found}
    _blank_captures(connection, tables["captures"], reach=reach, rows=rows)
    for kind in ("image", "attachment"):
        _blank_files(connection, tables[f"revision_{kind}s"], kind=kind, reach=reach, rows=rows)
    named = _Naming(reach.addresses | reach.file_addresses)
    for name, column, condition in NAMING_PLACES:
        parameters: dict[str, str | int] = {
            "capture": since.capture, "error": since.error, "known": as_list(_blanked_keys(before, name)),
            "shown": as_list(reach.public_files), "names": as_list(named.spellings()),
        }  # fmt: skip
        may_name = f'exists (select 1 from json_each(:names) where instr("{column}", value))'  # noqa: S608 - ours
        found = _select(connection, tables[name], condition=f"({condition}) and {may_name}", parameters=parameters)
        _blank_names(tables[name], column, found=found, named=named, own=rows.setdefault(name, {}))
    return Withdrawn({name: found for name, found in rows.items() if found}, reach.names(connection))


def _moved_condition(table: TableShape) -> str | None:
    """Give the condition of rows that go as a whole, by the columns that every table of the archive names alike."""
    if table.name == "captures":
        return None
    wanted = {
        "article_id": "articles", "url": "addresses", "image_sha256": "images", "attachment_sha256": "attachments",
    }  # fmt: skip
    if table.name in ("revision_images", "revision_attachments", "revisions", "article_dates", "article_urls"):
        wanted = {"article_id": "articles"}
    elif table.name == "articles":
        wanted = {"id": "articles"}
    elif table.name in ("images", "attachments"):
        wanted = {"sha256": table.name}
    elif table.name == "files":
        wanted = {"url": "addresses", "sha256": "digests"}
    conditions = []
    for column in set(wanted) & set(table.columns):
        # Indexes over addresses begin with the portal.
        portal = "portal in (select name from portals) and " if column == "url" and "portal" in table.columns else ""
        conditions.append(f'({portal}"{column}" in (select value from json_each(:{wanted[column]})))')  # noqa: S608
    return " or ".join(conditions) or None


def _parameters(reach: Reach) -> dict[str, str]:
    return {
        "articles": as_list(reach.articles),
        "addresses": as_list(reach.addresses | reach.file_addresses),
        "images": as_list(reach.images),
        "attachments": as_list(reach.attachments),
        "digests": as_list(reach.images | reach.attachments),
    }


def _select(
    connection: sqlite3.Connection, table: TableShape, *, condition: str, parameters: Mapping[str, str | int]
) -> Iterator[tuple[Key, tuple[object, ...]]]:
    key = ", ".join(f'"{name}"' for name in table.key)
    columns = ", ".join(f'"{name}"' for name in table.columns)
    sql = f'select {key}, {columns} from main."{table.name}" where {condition}'  # noqa: S608 - our own names
    for row in connection.execute(sql, parameters).fetchall():
        values = tuple(row)
        own = values[: len(table.key)]
        yield own[0] if table.key == ("rowid",) else key_of(own), values[len(table.key) :]


def _blank_captures(
    connection: sqlite3.Connection, table: TableShape, *, reach: Reach, rows: dict[str, dict[Key, Taken]]
) -> None:
    condition = "id in (select value from json_each(:captures))"
    found = _select(connection, table, condition=condition, parameters={"captures": as_list(reach.captures)})
    how = BLANKED + ",".join(CAPTURE_BLANKS)
    rows["captures"] = {key: Taken(how, values) for key, values in found}


def _blank_files(
    connection: sqlite3.Connection, table: TableShape, *, kind: str, reach: Reach, rows: dict[str, dict[Key, Taken]]
) -> None:
    """Blank digest and address of a withheld file where other articles show it; caption and place stay."""
    digest = f"{kind}_sha256"
    condition = f"""article_id not in (select value from json_each(:articles)) and (
        {digest} in (select value from json_each(:{kind}s)) or url in (select value from json_each(:addresses)))"""  # noqa: S608 - our own names
    found = _select(connection, table, condition=condition, parameters=_parameters(reach))
    own = rows.setdefault(table.name, {})
    own.update({key: Taken(f"{BLANKED}{digest},url", values) for key, values in found})


# Where rows of others may name a withheld address: table, column, and which rows to look at.
NAMING_PLACES = (
    (
        "revisions", "body_html",
        """capture_id > :capture or rowid in (select value from json_each(:known))
           or article_id in (select value from json_each(:shown))""",
    ),
    (
        "articles", "body_html",
        """capture_id > :capture or rowid in (select value from json_each(:known))
           or id in (select value from json_each(:shown))""",
    ),
    ("crawl_errors", "message", "id > :error or id in (select value from json_each(:known))"),
    ("listing_heads", "urls", "true"),
)  # fmt: skip


def _blanked_keys(before: Withdrawn, table: str) -> list[Key]:
    return [key for key, taken in before.rows.get(table, {}).items() if taken.blanked]


class _Naming:
    """Finds withheld addresses in texts."""

    def __init__(self, addresses: Names) -> None:
        self._rests = sorted({url.partition("://")[2] or url for url in addresses}, key=len, reverse=True)

    def spellings(self) -> Iterator[str]:
        """Give the addresses as texts and HTML spell them, without scheme."""
        for rest in self._rests:
            yield from dict.fromkeys((rest, rest.replace("&", "&amp;")))

    def pattern(self) -> re.Pattern[str]:
        """Give the pattern of an address, not of a longer one that begins with it."""
        return re.compile(f"(?:https?://)?(?:{'|'.join(map(re.escape, self.spellings()))})(?![\\w%-])")


def _blank_names(
    table: TableShape,
    column: str,
    *,
    found: Iterator[tuple[Key, tuple[object, ...]]],
    named: _Naming,
    own: dict[Key, Taken],
) -> None:
    place, pattern = table.columns.index(column), named.pattern()
    for key, values in found:
        if key not in own and pattern.search(str(values[place])):
            own[key] = Taken(f"{BLANKED}{column}", values)


def blank_text(text: str, names: Names) -> str:
    """Put `withheld:ID`, of the withholding, in the place of each withheld address."""
    naming = _Naming(names)
    by_rest = {url.partition("://")[2] or url: wid for url, wid in names.items()}

    def replace(match: re.Match[str]) -> str:
        rest = match[0].partition("://")[2] or match[0]
        return f"withheld:{by_rest.get(rest.replace('&amp;', '&'), 0)}"

    return naming.pattern().sub(replace, text)
