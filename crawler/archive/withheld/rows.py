"""Choose the rows of an archive that are taken out, and the values of other rows that are blanked, by `rules`."""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os.path import commonprefix

from crawler.archive.withheld.address_words import find_articles_that_name
from crawler.archive.withheld.older_rows import BLANKED, MOVED, Key, WithheldRow
from crawler.archive.withheld.reach import Names, Reach, as_list
from crawler.archive.withheld.rules import RULES, Mentions
from crawler.archive.withheld.withheld_db import WithheldRows, key_of

# With more hosts than this, the search does not use the common beginning of each host's addresses.
_MOST_HOSTS = 20


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table of the archive: its columns in order, and the columns of its key (only `rowid` if it has one)."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    is_rowid_column: bool

    @property
    def where_key(self) -> str:
        """The SQL condition that selects one row by its key."""
        return " and ".join(f'"{name}" is ?' for name in self.key)

    def key_values(self, key: Key) -> tuple[object, ...]:
        """Return the values that a key names."""
        return (key,) if isinstance(key, int) else tuple(json.loads(key))


@dataclass(frozen=True, slots=True)
class SearchedIds:
    """The highest ids already searched for rows that name a withheld address but do not belong to it."""

    capture: int
    error: int


NOTHING_SEARCHED = SearchedIds(0, 0)
# The highest id of a row. With it, texts are found by their words.
_NO_CAPTURE = 2**63 - 1


def read_tables(connection: sqlite3.Connection) -> dict[str, TableShape]:
    """Read the shape of every table of the archive, without those of the search index and of libraries."""
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


def read_highest_ids(connection: sqlite3.Connection) -> SearchedIds:
    """Return the highest ids of the archive now."""
    row = connection.execute(
        "select coalesce((select max(id) from captures), 0), coalesce((select max(id) from crawl_errors), 0)"
    ).fetchone()
    return SearchedIds(row[0], row[1])


def choose_rows(
    connection: sqlite3.Connection,
    tables: dict[str, TableShape],
    *,
    reach: Reach,
    before: WithheldRows,
    since: SearchedIds,
) -> WithheldRows:
    """Choose the rows to take out of an archive that holds all its rows; read-only.

    Args:
        connection: to the archive.
        tables: the result of `read_tables`.
        reach: everything that is withheld.
        before: the rows that were taken out before; they are searched again.
        since: rows with ids up to these were searched already: of them, only rows in `before` name a withheld address.
    """
    finder = _AddressFinder(reach.addresses | reach.file_addresses)
    naming: set[int] = set()
    if (
        since == NOTHING_SEARCHED
        and (found_by_words := find_articles_that_name(connection, finder.spellings())) is not None
    ):
        since, naming = SearchedIds(_NO_CAPTURE, since.error), found_by_words
    parameters = _parameters(reach, since) | {"naming": as_list(naming)}
    names_any, values = finder.condition()
    parameters |= values
    rows: dict[str, dict[Key, WithheldRow]] = {}
    for name, rule in RULES.items():
        table = tables[name]
        own: dict[Key, WithheldRow] = {}
        if rule.blanked is not None:
            found = _select(connection, table, condition=rule.blanked, parameters=parameters)
            own.update((key, WithheldRow(BLANKED + ",".join(rule.blanks), values)) for key, values in found)
        if rule.moved is not None:
            found = _select(connection, table, condition=rule.moved, parameters=parameters)
            own.update((key, WithheldRow(MOVED, values)) for key, values in found)
        if rule.mentions is not None:
            parameters["known"] = as_list(_blanked_keys(before, name))
            names_one = names_any.format(column=f'"{rule.mentions.column}"')
            condition = f"({rule.mentions.where}) and ({names_one})"
            found = _select(connection, table, condition=condition, parameters=parameters)
            _blank_names(table, rule.mentions, found=found, finder=finder, own=own)
        if own:
            rows[name] = own
    return WithheldRows(rows, reach.names(connection))


def _parameters(reach: Reach, since: SearchedIds) -> dict[str, str | int]:
    """Return the parameters of the conditions of `rules`."""
    return {
        "capture": since.capture,
        "error": since.error,
        "captures": as_list(reach.captures),
        "shown": as_list(reach.public_files),
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


def _blanked_keys(before: WithheldRows, table: str) -> list[Key]:
    return [key for key, taken in before.rows.get(table, {}).items() if taken.blanked]


class _AddressFinder:
    """Finds withheld addresses in texts."""

    def __init__(self, addresses: Names) -> None:
        self._rests = sorted({url.partition("://")[2] or url for url in addresses}, key=len, reverse=True)

    def spellings(self) -> Iterator[str]:
        """Yield the addresses as texts and HTML spell them, without scheme."""
        for rest in self._rests:
            yield from dict.fromkeys((rest, rest.replace("&", "&amp;")))

    def condition(self) -> tuple[str, dict[str, str]]:
        """Return the SQL condition that `{column}` may name one of them, with its parameters.

        It searches first for the common beginning of each host's addresses. Most texts lack it, and a search for each
        address in each text of a large archive takes minutes.
        """
        groups: dict[str, list[str]] = {}
        for spelling in self.spellings():
            groups.setdefault(spelling.partition("/")[0], []).append(spelling)
        if len(groups) > _MOST_HOSTS:
            groups = {"": list(self.spellings())}
        terms, values = [], {}
        for number, spellings in enumerate(groups.values()):
            values[f"common_{number}"] = commonprefix(spellings)  # noqa: RUF071 - letters, not parts of paths
            values[f"names_{number}"] = as_list(spellings)
            terms.append(
                f"""(instr({{column}}, :common_{number}) and exists (
                      select 1 from json_each(:names_{number}) where instr({{column}}, value)))"""  # noqa: S608 - ours
            )
        return " or ".join(terms) or "false", values

    def pattern(self) -> re.Pattern[str]:
        """Return the pattern of an address. It does not match a longer address that begins with it."""
        return re.compile(f"(?:https?://)?(?:{'|'.join(map(re.escape, self.spellings()))})(?![\\w%-])")


def _blank_names(
    table: TableShape,
    mentions: Mentions,
    *,
    found: Iterator[tuple[Key, tuple[object, ...]]],
    finder: _AddressFinder,
    own: dict[Key, WithheldRow],
) -> None:
    place, pattern = table.columns.index(mentions.column), finder.pattern()
    for key, values in found:
        if key not in own and pattern.search(str(values[place])):
            own[key] = WithheldRow(BLANKED + ",".join((mentions.column, *mentions.also)), values)


def blank_text(text: str, names: Names) -> str:
    """Replace each withheld address by `withheld:ID`, the id of its withholding."""
    finder = _AddressFinder(names)
    by_rest = {url.partition("://")[2] or url: wid for url, wid in names.items()}

    def replace(match: re.Match[str]) -> str:
        rest = match[0].partition("://")[2] or match[0]
        return f"withheld:{by_rest.get(rest.replace('&amp;', '&'), 0)}"

    return finder.pattern().sub(replace, text)
