"""The veil: what is withheld is put back inside a transaction, for a run's work, and taken out before it is committed.

So everything that writes an archive sees it whole and need know nothing of withholdings, and nobody else ever sees
what is withheld: no commit holds it, and no page of it is written before (`cache_spill`). An archive from which
everything is released equals one from which nothing was ever withheld.
"""

import sqlite3
from pathlib import Path

from crawler.archive.articles.search_index import (
    SearchRow,
    compact_index,
    index_articles,
    keep_apart,
    read_search_row,
    unindex_articles,
)
from crawler.archive.withheld.reach import Names, find_reach
from crawler.archive.withheld.rows import (
    CAPTURE_BLANKS,
    Marks,
    TableShape,
    blank_text,
    choose_rows,
    read_marks,
    read_tables,
)
from crawler.archive.withheld.withheld_db import Key, Taken, Withdrawn, WithheldDatabase, box_path, read_box, read_state
from crawler.archive.withholdings import read_active

NO_MARKS = Marks(0, 0)
ADDRESSES = ("url", "file")  # the kinds of names that are addresses: of articles, and of files


class Overlay:
    """Puts withheld rows back and takes them out again, on the one connection that writes an archive.

    Use within each transaction: `lift`, the work, `lower`, commit, `settle`; after a rollback `forget`.
    """

    def __init__(self, connection: sqlite3.Connection, archive: Path) -> None:
        """Read what is taken out. The caller holds the archive.

        Raises:
            ArchiveUnusableError: if the withheld database is missing though something is withheld, or is of another
                state than the archive.

        """
        self._connection = connection
        self._path = box_path(archive)
        self._box: WithheldDatabase | None = None
        self._tables = read_tables(connection)
        self._out = Withdrawn()
        self._pending: tuple[Withdrawn, Marks] | None = None
        self._marks = NO_MARKS
        self._indexed: dict[int, SearchRow | None] = {}
        self._is_lifted = False
        if read_active(connection):
            state = read_state(connection)
            with read_box(archive, state):
                pass
            self._out = self._open_box().read(state.generation)

    @property
    def is_needed(self) -> bool:
        """True while anything is withheld, or to be taken out at the next `lower`."""
        return not self._out.is_empty or bool(read_active(self._connection))

    def lift(self) -> None:
        """Put everything back, within the caller's transaction."""
        if self._out.is_empty or self._is_lifted:
            return
        connection = self._connection
        connection.execute("pragma cache_spill = off")
        connection.execute("pragma defer_foreign_keys = on")
        reach = self._affected(self._out)
        self._indexed = {article_id: self._search_row(article_id) for article_id in reach}
        for name, rows in self._out.rows.items():
            self._put_back(self._tables[name], rows)
        keep_apart(connection, reach)
        self._is_lifted = True

    def lower(self) -> None:
        """Take out what is withheld now, and commit that to the withheld database for the caller's commit to come."""
        if not self.is_needed:
            return
        connection = self._connection
        connection.execute("pragma cache_spill = off")
        connection.execute("pragma defer_foreign_keys = on")
        reach = find_reach(connection, read_active(connection))
        names = {key: wid for key, wid in reach.names(connection).items() if key[0] in ADDRESSES}
        is_known = all(key in self._out.names for key in names)
        since = self._marks if is_known else NO_MARKS
        marks = read_marks(connection)
        out = choose_rows(connection, self._tables, reach=reach, before=self._out, since=since)
        affected = {*self._indexed, *self._affected(out)}
        indexed = {
            article_id: self._indexed[article_id] if article_id in self._indexed else self._search_row(article_id)
            for article_id in affected
        }
        for name, rows in out.rows.items():
            self._take_out(self._tables[name], rows, out=out)
        keep_apart(connection, [])
        self._reindex(indexed)
        # Also where nothing is left to take out: whoever reads what is withheld looks for the database.
        if out != self._out or not self._path.is_file():
            generation = read_state(connection).generation + 1
            self._open_box().write(self._out, out, generation=generation)
            connection.execute(f"pragma main.user_version = {generation}")
        self._pending = (out, marks)

    def settle(self) -> None:
        """Take note that the caller has committed."""
        if self._pending is not None:
            self._out, self._marks = self._pending
        self.forget()

    def forget(self) -> None:
        """Take note that the caller's transaction is over, and that what was not committed is not so."""
        self._pending = None
        self._indexed = {}
        self._is_lifted = False

    def tidy(self) -> bool:
        """Leave no words of what was taken out in the index's old pieces and in the write-ahead log.

        Called between transactions. False if a reader kept the log from being emptied.
        """
        connection = self._connection
        connection.execute("begin immediate")
        compact_index(connection)
        connection.execute("commit")
        if self._box is not None:
            self._box.empty_log()
        (is_busy, *_) = connection.execute("pragma main.wal_checkpoint(truncate)").fetchone()
        return not is_busy

    def close(self) -> None:
        """Let go of the withheld database."""
        if self._box is not None:
            self._box.close()
            self._box = None

    def _open_box(self) -> WithheldDatabase:
        if self._box is None:
            columns = {name: list(table.columns) for name, table in self._tables.items()}
            self._box = WithheldDatabase(self._path, read_state(self._connection), columns)
        return self._box

    def _affected(self, out: Withdrawn) -> set[int]:
        """Give the articles of which the index holds nothing, or less, while these rows are out."""
        articles = {int(key) for key in out.rows.get("articles", {})}
        table = self._tables["revision_attachments"]
        place = table.columns.index("article_id")
        shown = {int(str(taken.values[place])) for taken in out.rows.get("revision_attachments", {}).values()}
        return articles | shown

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

    def _put_back(self, table: TableShape, rows: dict[Key, Taken]) -> None:
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
        """Tell whether a row that came meanwhile has this rowid: only where rows are written without this veil."""
        sql = f'select 1 from "{table.name}" where rowid = ?'  # noqa: S608 - our own names
        return self._connection.execute(sql, (key,)).fetchone() is not None

    def _take_out(self, table: TableShape, rows: dict[Key, Taken], *, out: Withdrawn) -> None:
        addresses = {name: wid for (kind, name), wid in out.names.items() if kind in ADDRESSES}
        for key, taken in rows.items():
            if taken.blanked:
                values = [self._blank(table, name, taken=taken, addresses=addresses) for name in taken.blanked]
                self._set(table, key, columns=taken.blanked, values=values)
            else:
                sql = f'delete from "{table.name}" where {table.where_key}'  # noqa: S608 - our own names
                self._connection.execute(sql, table.key_values(key))

    def _blank(self, table: TableShape, column: str, *, taken: Taken, addresses: Names) -> object:
        """Give what stands in the place of a value."""
        value = taken.values[table.columns.index(column)]
        if table.name == "captures":
            return CAPTURE_BLANKS[column]
        if column.endswith("_sha256"):
            return None
        if column == "url":
            # An address that shows another file by now stays; the texts that name it do, too.
            return f"withheld:{addresses[str(value)]}" if value in addresses else value
        return blank_text(str(value), addresses)

    def _set(self, table: TableShape, key: Key, *, columns: tuple[str, ...], values: list[object]) -> None:
        assignments = ", ".join(f'"{name}" = ?' for name in columns)
        sql = f'update "{table.name}" set {assignments} where {table.where_key}'  # noqa: S608 - our own names
        self._connection.execute(sql, (*values, *table.key_values(key)))
