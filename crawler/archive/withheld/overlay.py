"""The overlay: withheld rows are put back at the start of a transaction, and taken out before its commit.

So code that writes an archive sees all rows and does not need to know about withholdings. Readers see commits only,
and no commit holds a withheld row; no page is written to disk before the commit (`cache_spill`). After a release of
everything, the archive equals one from which nothing was ever withheld.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crawler.archive.articles.search_index import (
    SearchRow,
    compact_index,
    index_articles,
    indexed_at_end,
    keep_apart,
    read_search_row,
    unindex_articles,
)
from crawler.archive.transaction import transaction
from crawler.archive.withheld.address_words import forget_words, search_new_texts
from crawler.archive.withheld.older_rows import Key, WithheldRow
from crawler.archive.withheld.reach import Names, find_reach
from crawler.archive.withheld.rows import (
    NOTHING_SEARCHED,
    SearchedIds,
    TableShape,
    blank_text,
    choose_rows,
    read_highest_ids,
    read_tables,
)
from crawler.archive.withheld.rules import CAPTURE_BLANKS
from crawler.archive.withheld.withheld_db import (
    WithheldDatabase,
    WithheldRows,
    read_state,
    read_withheld,
    withheld_path,
)
from crawler.archive.withholdings import read_active

ADDRESSES = ("url", "file")  # the kinds of names that are addresses of articles and of files


class Overlay:
    """Puts withheld rows back and takes them out again, on the one connection that writes an archive."""

    def __init__(self, connection: sqlite3.Connection, archive: Path) -> None:
        """Read the withheld rows. The caller holds the archive.

        Raises:
            ArchiveUnusableError: if something is withheld and the withheld database is missing, or belongs to another
                state of the archive.
        """
        self._connection = connection
        self._path = withheld_path(archive)
        self._database: WithheldDatabase | None = None
        self._tables = read_tables(connection)
        self._taken_out = WithheldRows()
        self._searched_ids = NOTHING_SEARCHED
        if read_active(connection):
            state = read_state(connection)
            with read_withheld(archive, state):
                pass
            self._taken_out = self._open_database().read(state.generation)

    @property
    def is_needed(self) -> bool:
        """True while anything is withheld, or must be taken out at the end of the transaction."""
        return not self._taken_out.is_empty or bool(read_active(self._connection))

    @contextmanager
    def restored(self) -> Iterator[None]:
        """Run the block in one transaction that sees all rows. Then take out what is withheld now, and commit.

        An error rolls back. A block that rolls back by itself leaves the archive as it was. No other transaction may
        be open.
        """
        connection = self._connection
        connection.execute("begin immediate")
        try:
            indexed = self._put_all_back()
            with indexed_at_end(connection):
                yield
            if connection.in_transaction:
                search_new_texts(connection)
            taken = self._take_all_out(indexed) if connection.in_transaction and self.is_needed else None
            if connection.in_transaction:
                connection.execute("commit")
        except BaseException:
            if connection.in_transaction:
                connection.execute("rollback")
            raise
        if taken is not None:
            self._taken_out, self._searched_ids = taken

    def _put_all_back(self) -> dict[int, SearchRow | None]:
        """Put all rows back. Return the search rows of their articles as the index has them."""
        if self._taken_out.is_empty:
            return {}
        self._defer_checks()
        reach = self._affected(self._taken_out)
        indexed = {article_id: self._search_row(article_id) for article_id in reach}
        for name, rows in self._taken_out.rows.items():
            self._put_back(self._tables[name], rows)
        keep_apart(self._connection, reach)
        return indexed

    def _take_all_out(self, indexed: dict[int, SearchRow | None]) -> tuple[WithheldRows, SearchedIds]:
        """Take out what is withheld now, and commit it to the withheld database for the archive's commit to come."""
        connection = self._connection
        self._defer_checks()
        # 1. Find what is withheld now. A new address makes a search of the whole archive necessary.
        reach = find_reach(connection, read_active(connection))
        names = {key: wid for key, wid in reach.names(connection).items() if key[0] in ADDRESSES}
        is_known = all(key in self._taken_out.names for key in names)
        searched = read_highest_ids(connection)
        since = self._searched_ids if is_known else NOTHING_SEARCHED
        out = choose_rows(connection, self._tables, reach=reach, before=self._taken_out, since=since)
        # 2. Take the rows out, after reading what the index holds of their articles.
        before = {number: self._search_row(number) for number in self._affected(out) - indexed.keys()} | indexed
        for name, rows in out.rows.items():
            self._take_out(self._tables[name], rows, out=out)
        forget_words(connection, self._texts_of(out))
        # 3. Index the articles again without the rows.
        keep_apart(connection, [])
        self._reindex(before)
        # 4. Commit the rows to the withheld database, even if there are none: readers look for the database.
        if out != self._taken_out or not self._path.is_file():
            generation = read_state(connection).generation + 1
            self._open_database().write(self._taken_out, out, generation=generation)
            connection.execute(f"pragma main.user_version = {generation}")
        return out, searched

    def _defer_checks(self) -> None:
        self._connection.execute("pragma cache_spill = off")
        self._connection.execute("pragma defer_foreign_keys = on")

    @property
    def has_to_erase(self) -> bool:
        """True from the commit of a withholding until `erase_words` has finished, also if the process died between."""
        return self._connection.execute("select 1 from _unerased").fetchone() is not None

    def erase_words(self) -> bool:
        """Remove the words of withheld rows from old index segments and from the write-ahead log.

        Call it between transactions; readers do not find these words any more. It merges the whole index, which takes a
        minute for some hundred thousand articles. Return False if a reader prevented emptying the log.
        """
        connection = self._connection
        with transaction(connection):
            compact_index(connection)
            connection.execute("delete from _unerased")
        if self._database is not None:
            self._database.empty_log()
        (is_busy, *_) = connection.execute("pragma main.wal_checkpoint(truncate)").fetchone()
        return not is_busy

    def close(self) -> None:
        """Close the withheld database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _open_database(self) -> WithheldDatabase:
        if self._database is None:
            columns = {name: list(table.columns) for name, table in self._tables.items()}
            self._database = WithheldDatabase(self._path, read_state(self._connection), columns)
        return self._database

    def _affected(self, out: WithheldRows) -> set[int]:
        """Return the articles that are missing or incomplete in the index while these rows are taken out."""
        articles = {int(key) for key in out.rows.get("articles", {})}
        table = self._tables["revision_attachments"]
        place = table.columns.index("article_id")
        shown = {int(str(taken.values[place])) for taken in out.rows.get("revision_attachments", {}).values()}
        return articles | shown

    def _texts_of(self, out: WithheldRows) -> Iterator[tuple[int, str]]:
        """Yield the texts that are taken out or blanked, each with its article's id."""
        for name, id_column in (("articles", "id"), ("revision_rows", "article_id")):
            columns = self._tables[name].columns
            article, text = columns.index(id_column), columns.index("body_html")
            for taken in out.rows.get(name, {}).values():
                if taken.values[text] is not None:
                    yield int(str(taken.values[article])), str(taken.values[text])

    def _search_row(self, article_id: int) -> SearchRow | None:
        if not self._connection.execute("select 1 from articles where id = ?", (article_id,)).fetchone():
            return None
        return read_search_row(self._connection, article_id)

    def _reindex(self, indexed: dict[int, SearchRow | None]) -> None:
        for article_id, before in indexed.items():
            after = self._search_row(article_id)
            if before == after:
                continue
            if before is not None:
                unindex_articles(self._connection, [before])
            if after is not None:
                index_articles(self._connection, [after])

    def _put_back(self, table: TableShape, rows: dict[Key, WithheldRow]) -> None:
        connection = self._connection
        columns = ", ".join(f'"{name}"' for name in table.columns)
        marks = ", ".join("?" * len(table.columns))
        needs_rowid = table.key == ("rowid",) and not table.is_rowid_column
        for key, taken in rows.items():
            if taken.blanked:
                values = [taken.values[table.columns.index(name)] for name in taken.blanked]
                self._set(table, key, columns=taken.blanked, values=values)
            elif needs_rowid and not self._is_taken(table, key):
                sql = f'insert into "{table.name}" (rowid, {columns}) values (?, {marks})'  # noqa: S608 - our own names
                connection.execute(sql, (key, *taken.values))
            else:
                connection.execute(
                    f'insert into "{table.name}" ({columns}) values ({marks})',  # noqa: S608
                    taken.values,
                )

    def _is_taken(self, table: TableShape, key: Key) -> bool:
        """Return whether a newer row has this rowid. That happens only if code writes rows without this overlay."""
        sql = f'select 1 from "{table.name}" where rowid = ?'  # noqa: S608 - our own names
        return self._connection.execute(sql, (key,)).fetchone() is not None

    def _take_out(self, table: TableShape, rows: dict[Key, WithheldRow], *, out: WithheldRows) -> None:
        addresses = {name: wid for (kind, name), wid in out.names.items() if kind in ADDRESSES}
        for key, taken in rows.items():
            if taken.blanked:
                values = [blank_value(table, name, taken=taken, addresses=addresses) for name in taken.blanked]
                self._set(table, key, columns=taken.blanked, values=values)
            else:
                sql = f'delete from "{table.name}" where {table.where_key}'  # noqa: S608 - our own names
                self._connection.execute(sql, table.key_values(key))

    def _set(self, table: TableShape, key: Key, *, columns: tuple[str, ...], values: list[object]) -> None:
        assignments = ", ".join(f'"{name}" = ?' for name in columns)
        sql = f'update "{table.name}" set {assignments} where {table.where_key}'  # noqa: S608 - our own names
        self._connection.execute(sql, (*values, *table.key_values(key)))


def blank_value(table: TableShape, column: str, *, taken: WithheldRow, addresses: Names) -> object:
    """Return the value that replaces a blanked one."""
    value = taken.values[table.columns.index(column)]
    if table.name == "captures":
        return CAPTURE_BLANKS[column]
    if column.endswith("_sha256"):
        return None
    if column == "url":
        # An address that serves another file now stays, and so do the texts that name it.
        return f"withheld:{addresses[str(value)]}" if value in addresses else value
    if column == "menu":
        return json.dumps(
            [slug for slug in json.loads(str(value)) if not any(u.endswith(f"/{slug}") for u in addresses)]
        )
    return blank_text(str(value), addresses)
