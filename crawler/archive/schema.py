"""The database's schema as migrations of sqlite-utils, and the check that this version may use it.

The SQL of a migration that is SQL only is in `migrations/NAME.sql`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from importlib import resources
from typing import TYPE_CHECKING

from crawler.archive.articles.derived import needs_refill, refill
from crawler.archive.articles.search_index import (
    CREATE_FILES_SEARCH_SQL,
    CREATE_PAIRS_SEARCH_SQL,
    lacks_pairs,
    needs_reindex,
    reindex_all,
)
from crawler.archive.transaction import transaction
from crawler.errors import ArchiveUnusableError, SchemaTooNewError, SchemaTooOldError, say_archive_fault
from crawler.sentences import COLUMNS, ProseColumn, from_columns

if TYPE_CHECKING:
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

_SET, _TABLE = "portal-archive", "_sqlite_migrations"
_Step = Callable[["Database"], None]
_STEPS: list[_Step] = []


def migrations() -> Callable[[_Step], _Step]:
    """Declare a migration; they are applied in the order of their declarations."""

    def declare(step: _Step) -> _Step:
        _STEPS.append(step)
        return step

    return declare


def load_migrations() -> Migrations:
    """Return the declared migrations as sqlite-utils has them.

    Importing it takes 0.25 s of each process, and most processes have nothing to migrate.
    """
    from sqlite_utils.migrations import Migrations

    library = Migrations(_SET)
    for step in _STEPS:
        library()(step)
    return library


@migrations()
def m0001_portals_and_captures(db: Database) -> None:
    """Portals, their crawls and captures."""
    _run(db, _read_sql("m0001_portals_and_captures"))


@migrations()
def m0002_articles(db: Database) -> None:
    """Articles with their addresses, dates, events, revisions and files, and the frontier."""
    _run(db, _read_sql("m0002_articles"))


@migrations()
def m0003_search(db: Database) -> None:
    """The full-text index."""
    _run(db, _read_sql("m0003_search"))


@migrations()
def m0004_clock_offsets(db: Database) -> None:
    """The offset of the portals' clocks in each run; an index of removed articles."""
    _run(db, _read_sql("m0004_clock_offsets"))


@migrations()
def m0005_attachment_texts(db: Database) -> None:
    """The texts of attachments, and an index with them."""
    _run(db, CREATE_FILES_SEARCH_SQL)


@migrations()
def m0006_analysis(db: Database) -> None:
    """Facts derived from the articles' words, and views for analysts."""
    _run(db, _read_sql("m0006_analysis"))


@migrations()
def m0007_withholdings(db: Database) -> None:
    """Withholdings and releases."""
    _run(db, _read_sql("m0007_withholdings"))


@migrations()
def m0008_reading_indexes(db: Database) -> None:
    """Indexes for the site's lists by time."""
    _run(db, _read_sql("m0008_reading_indexes"))


@migrations()
def m0009_sentences(db: Database) -> None:
    """Kind and arguments beside each column of prose, read from the prose of the rows so far."""
    connection = db.conn
    assert connection is not None
    for column in COLUMNS:
        kind, args = f"{column.name}_kind", f"{column.name}_args"
        db.execute(f"alter table {column.table} add column {kind} text")
        db.execute(f"alter table {column.table} add column {args} text")
        for place, name in enumerate((kind, args), start=1):
            connection.create_function(name, 1, _read_prose(column, place))
        # One pass in SQLite, which holds no rows in memory.
        db.execute(
            f"""update {column.table} set {kind} = {kind}({column.name}), {args} = {args}({column.name})
                where {column.name} is not null"""  # noqa: S608 - our own names
        )


@migrations()
def m0010_rules(db: Database) -> None:
    """The version of the rules that judged a run. The runs so far were judged by rules 1."""
    db.execute("alter table crawls add column rules integer not null default 1")


@migrations()
def m0012_absences(db: Database) -> None:
    """Absences with their evidence: many at once, what cannot be read, what a person decided."""
    _run(db, _read_sql("m0012_absences"))


@migrations()
def m0013_ends_of_lists(db: Database) -> None:
    """How the end of a list is known, its rows of unknown form, and the run that unlisted a row."""
    db.execute("alter table listing_walks add column end_by text")
    db.execute("alter table listing_walks add column rows_unknown integer not null default 0")
    db.execute("alter table listing_rows add column unlisted_in integer references crawls(id)")
    db.execute("create index listing_rows_unlisted on listing_rows(unlisted_in) where unlisted_in is not null")


@migrations()
def m0014_last_looks(db: Database) -> None:
    """What the last look at each article showed beside its content."""
    _run(db, _read_sql("m0014_last_looks"))


@migrations()
def m0015_file_looks(db: Database) -> None:
    """When files are asked for again, and what happened to them."""
    _run(db, _read_sql("m0015_file_looks"))


@migrations()
def m0017_controls(db: Database) -> None:
    """The answers for addresses that name nothing, and the control that a miss equals."""
    _run(db, _read_sql("m0017_controls"))


@migrations()
def m0018_unverified_hosts(db: Database) -> None:
    """Hosts whose certificates were not verified, with their keys."""
    _run(db, _read_sql("m0018_unverified_hosts"))


@migrations()
def m0019_warc_dates(db: Database) -> None:
    """The WARC-Date of each capture's record, with milliseconds."""
    db.execute("alter table captures add column warc_date text")


@migrations()
def m0020_row_ledger(db: Database) -> None:
    """Which rows have their digests in the ledger. A key is `state`, or the digest of an attachment's digest."""
    db.execute("create table _row_ledger (key text primary key, digest text not null)")


@migrations()
def m0021_history(db: Database) -> None:
    """The runs and acts that the archive is made of, and where ids jumped."""
    _run(db, _read_sql("m0021_history"))


@migrations()
def m0022_record_lists(db: Database) -> None:
    """The digest of the record list beside each WARC file."""
    db.execute("alter table warc_files add column list_sha256 text")


@migrations()
def m0023_readers(db: Database) -> None:
    """The version of the reader that read each revision."""
    db.execute("alter table revisions add column reader integer")


@migrations()
def m0024_unkept(db: Database) -> None:
    """What is in articles and is not kept."""
    _run(db, _read_sql("m0024_unkept"))


@migrations()
def m0025_losses(db: Database) -> None:
    """What a rebuild or a start could not bring in, and files that it needs no more."""
    _run(db, _read_sql("m0025_losses"))


@migrations()
def m0026_text_quality(db: Database) -> None:
    """The judgement of each attachment's text, and where its pages begin."""
    for column in ("quality real", "doubts text", "page_starts text"):
        db.execute(f"alter table attachment_texts add column {column}")


@migrations()
def m0027_text_readers(db: Database) -> None:
    """The newest reader that read an attachment worse, and indexes of readers and doubts."""
    db.execute("alter table attachment_texts add column tried integer")
    db.execute("create index attachment_texts_readers on attachment_texts(version, tried)")
    db.execute(
        """create index attachment_texts_doubtful on attachment_texts(quality, attachment_sha256, doubts)
           where doubts is not null"""
    )


@migrations()
def m0028_attachment_facts(db: Database) -> None:
    """The numbers of documents, sums and dates in attachments. `migrate` fills the table: `FACTS_VERSION` is newer."""
    _run(db, _read_sql("m0028_attachment_facts"))


@migrations()
def m0029_cut_walks(db: Database) -> None:
    """Where a bound cut the walk through a listing, and where a walk went on with an earlier one."""
    db.execute("alter table listing_walks add column cut_at integer")
    db.execute("alter table listing_walks add column resumed_at integer")


@migrations()
def m0030_undated(db: Database) -> None:
    """Day 0 in `sort_key` for articles without a date, and no day of an event. `migrate` then fills the index again."""
    _run(db, _read_sql("m0030_undated"))


@migrations()
def m0031_sums(db: Database) -> None:
    """The sums of money of revisions and attachments in đồng. `migrate` fills them: `FACTS_VERSION` is newer."""
    _run(db, _read_sql("m0031_sums"))


@migrations()
def m0032_unlisted(db: Database) -> None:
    """An index of what no listing names and was not tried, so that it can be counted at each page."""
    db.execute("create index frontier_unlisted on frontier(portal) where state = 'pending' and not listed")


@migrations()
def m0033_pairs(db: Database) -> None:
    """A column of the index for pairs of words. `migrate` then fills the index again."""
    _run(db, CREATE_PAIRS_SEARCH_SQL)


@migrations()
def m0034_text_once(db: Database) -> None:
    """The text of a current revision is stored once, in the row of its article; `revisions` becomes a view."""
    _run(db, _read_sql("m0034_text_once"))


@migrations()
def m0035_flat_nights(db: Database) -> None:
    """Indexes for the questions of a night, and which old WARC files are damaged."""
    _run(db, _read_sql("m0035_flat_nights"))


@migrations()
def m0036_address_words(db: Database) -> None:
    """An index of words, for withholdings. The first commit adds those of all articles so far."""
    _run(db, _read_sql("m0036_address_words"))


@migrations()
def m0037_dashboard(db: Database) -> None:
    """Indexes and a view for the charts of the site."""
    _run(db, _read_sql("m0037_dashboard"))


def _read_prose(column: ProseColumn, place: int) -> Callable[[str], str | None]:
    return lambda prose: from_columns(prose, column)[place]


def migrate(connection: sqlite3.Connection) -> None:
    """Migrate a database to this version's schema, each migration in a transaction.

    Raises:
        SchemaTooNewError: if a newer version wrote it. Nothing is written then.
    """
    check_schema(connection)
    if not _read_tables(connection):
        _make_new(connection)
    if not _names() <= _read_applied(connection):
        from sqlite_utils import Database

        load_migrations().apply(Database(connection))
    for is_due, fill in ((needs_reindex, reindex_all), (lacks_pairs, reindex_all), (needs_refill, refill)):
        if is_due(connection):
            with transaction(connection):
                fill(connection)


def _make_new(connection: sqlite3.Connection) -> None:
    """Make the schema of an empty database in one transaction, up to the migration that the script ends with.

    A test holds that it is what the migrations make. They take a fifth of a second, and each waits for the disk.
    """
    with transaction(connection):
        for statement in _statements(_read_sql("new_archive")):
            connection.execute(statement)


def check_schema(connection: sqlite3.Connection, *, complete: bool = False) -> None:
    """Refuse a database that this version must not use. Read-only.

    With `complete` (for commands that only read), refuse one that lacks a migration too.

    Raises:
        SchemaTooNewError: if it has a migration unknown here.
        SchemaTooOldError: if it lacks a migration.
        ArchiveUnusableError: if it is not an archive.
    """
    try:
        applied, tables = _read_applied(connection), _read_tables(connection)
    except sqlite3.DatabaseError as error:
        raise ArchiveUnusableError(say_archive_fault(error)) from error
    unknown = applied - _names()
    if unknown:
        raise SchemaTooNewError(
            f"the database is of a newer schema than this version knows ({', '.join(sorted(unknown))}); "
            "update portal-archive"
        )
    # The library creates its own table first: a run that was killed then has made no archive yet.
    if tables - {_TABLE} and not applied:
        raise ArchiveUnusableError("the database is not an archive: it holds tables, but none of its migrations")
    if complete and applied != _names():
        raise SchemaTooOldError(
            "the database is of an older schema; the next `crawl`, `schedule`, `serve`, `verify`, `export`, `texts`, "
            "`withhold`, `release` or `decide` brings it up to date and keeps a copy"
        )


def pending_migrations(connection: sqlite3.Connection) -> list[str]:
    """Name the migrations that a database of an older version lacks. [] for a new or current one."""
    applied = _read_applied(connection)
    return [step.__name__ for step in _STEPS if step.__name__ not in applied] if applied else []


def _names() -> set[str]:
    """Name every migration of this version."""
    return {step.__name__ for step in _STEPS}


def _read_tables(connection: sqlite3.Connection) -> set[str]:
    return {row[0] for row in connection.execute("select name from sqlite_master where type = 'table'")}


def _read_applied(connection: sqlite3.Connection) -> set[str]:
    """Name the migrations that a database has."""
    if _TABLE not in _read_tables(connection):
        return set()
    sql = f"select name from {_TABLE} where migration_set = ?"  # noqa: S608 - our own name
    return {str(row[0]) for row in connection.execute(sql, (_SET,))}


def _read_sql(migration: str) -> str:
    """Read the SQL of a migration, `migrations/NAME.sql`, without its comments."""
    text = (resources.files("crawler.archive") / "migrations" / f"{migration}.sql").read_text(encoding="utf-8")
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith("--"))


def _run(db: Database, script: str) -> None:
    for statement in _statements(script):
        db.execute(statement)


def _statements(script: str) -> list[str]:
    """Split a script. `executescript` would commit the transaction first."""
    return [statement for statement in script.split(";\n") if statement.strip()]
