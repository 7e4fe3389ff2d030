"""Verify an archive: its WARC files with their record lists, every row, every digest. One alteration is one finding.

The order matters: checks whose findings explain other differences come first, and those are not reported again.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.archive.fixity.content import check_files, check_revisions
from crawler.archive.fixity.facts import check_attachment_facts, compare_sums, find_sum_faults
from crawler.archive.fixity.findings import UNREADABLE, Steps, Verification, decode_any, join_tied
from crawler.archive.fixity.history import check_history
from crawler.archive.fixity.index import compare_index, find_index_faults
from crawler.archive.fixity.ledger_rows import LedgerRows
from crawler.archive.fixity.lists import ListWatch
from crawler.archive.fixity.losses import check_losses
from crawler.archive.fixity.rows import check_rows
from crawler.archive.fixity.side_process.asking import SideComparison
from crawler.archive.fixity.withheld_rows import check_address_words, check_withheld
from crawler.archive.warc.check.order import check_order
from crawler.archive.warc.check.records import NO_ROW, RecordCheck, check_records
from crawler.archive.warc.finding import Finding
from crawler.archive.warc.shelf.losses import count_losses
from crawler.archive.withheld.open_whole import cover
from crawler.archive.withholdings import read_active
from crawler.errors import ArchiveUnusableError

_BEHIND_ALL = (2**62, 0)  # the place of a ledger record after all others


def verify(archive: Path) -> Verification:
    """Verify an archive; read-only.

    A record after the last commit has no row. This is not a difference, because the start of the next run adopts it. A
    record that a run is writing now is not a difference either.

    Raises:
        ArchiveUnusableError: if the database cannot be read.
    """
    found = Verification()
    with closing(open_for_reading(archive)) as connection, closing(LedgerRows()) as ledger:
        connection.text_factory = decode_any
        try:
            _verify(connection, archive, found=found, ledger=ledger)
        except sqlite3.DatabaseError as error:
            found.findings.append(Finding("database", f"database: cannot be read to its end: {error}"))
    return found


def _verify(connection: sqlite3.Connection, archive: Path, *, found: Verification, ledger: LedgerRows) -> None:
    is_covered = cover_withheld(connection, archive, found=found)
    connection.execute("begin")
    if _check_pages(connection, found):
        _verify_content(connection, archive, found=found, ledger=ledger, is_covered=is_covered, texts=None)
        return
    with SideComparison(archive) as texts:
        _verify_content(connection, archive, found=found, ledger=ledger, is_covered=is_covered, texts=texts)


def _verify_content(
    connection: sqlite3.Connection, archive: Path, *, found: Verification, ledger: LedgerRows, is_covered: bool,
    texts: SideComparison | None,
) -> None:  # fmt: skip
    """Verify all but the pages of the database. Some of these are damaged if `texts` is None."""
    steps, folder, checked = Steps(), archive.parent / "warc", RecordCheck()
    is_damaged = texts is None
    odd_losses = list(check_losses(connection))
    found.findings += odd_losses
    is_read = False
    with steps.step("records"):
        checked = _check_records(connection, folder, found=found, ledger=ledger)
        is_read = True
    if not is_read:
        ledger.note_lost(_BEHIND_ALL)
        found.findings += _find_unreadable(connection)
    if not is_covered:
        _drop_what_withheld_rows_explain(connection, found)
    with steps.step("rows"):
        _add_row_findings(connection, found, ledger=ledger, is_covered=is_covered, is_damaged=is_damaged)
    found.readers = dict(sorted(ledger.readers.items()))
    with steps.step("withheld rows"):
        if is_covered:
            check_withheld(connection, archive, found=found)
        found.findings += check_address_words(connection)
    losses = count_losses(connection) - sum(one.table == "losses" for one in odd_losses)
    with steps.step("history"):
        # A lost record may be one of the history's.
        found.findings += check_history(connection, ledger) if not losses else []
    _check_contents(connection, archive, found=found, steps=steps, checked=checked, texts=texts)
    if losses:
        found.notes.append(f"known losses of a rebuild or a start, in the table losses: {losses}")
    with steps.step("search index"):
        if texts is not None:
            index = texts.result().index or compare_index(archive)
            found.findings += find_index_faults(index, named=_named_articles(connection, found))
    steps.end(found)


def _add_row_findings(
    connection: sqlite3.Connection, found: Verification, *, ledger: LedgerRows, is_covered: bool, is_damaged: bool
) -> None:
    rows = check_rows(connection, ledger, is_covered=is_covered)
    found.rows = rows.rows
    found.notes += rows.notes
    # Damaged pages lose rows, or show them twice: the finding about the pages covers that.
    said = [one for one in rows.findings if not (is_damaged and one.text.endswith(("is missing", "are missing")))]
    found.findings += [one for one in said if one.key is not None]
    for one in said:
        if one.key is None:
            found.add(one)


def _check_contents(
    connection: sqlite3.Connection, archive: Path, *, found: Verification, steps: Steps, checked: RecordCheck,
    texts: SideComparison | None,
) -> None:  # fmt: skip
    """Check the digests of files and revisions, what is derived from them, and the references between rows."""
    with steps.step("files"):
        check_files(connection, archive.parent / "warc", found=found, checked=checked)
    with steps.step("revisions"):
        check_revisions(connection, found)
    with steps.step("facts of attachments"):
        found.findings += check_attachment_facts(connection, named=found.keys_of("attachments", "attachment_texts"))
    with steps.step("sums"):
        named = found.keys_of("articles", "revision_rows", "revision_images")
        sums = (texts and texts.result().sums) or compare_sums(connection, named=named)
        found.findings += find_sum_faults(sums, named=named)
    with steps.step("references"):
        _check_references(connection, found)


def _find_unreadable(connection: sqlite3.Connection) -> Iterator[Finding]:
    """Report rows of WARC files with values that do not have the type of their columns."""
    columns = connection.execute("select name, lower(type) from pragma_table_info('warc_files')").fetchall()
    rows = connection.execute("select * from warc_files order by rowid").fetchall()
    types = {"integer": int, "text": str}
    for row in rows:
        odd = [name for name, kind in columns if not isinstance(row[name], types[kind] | None)]
        if odd:
            said = f"warc_files: row name {row['name']}: {', '.join(odd)} cannot be read"
            yield Finding("row", said, table="warc_files", key=str(row["name"]))


def cover_withheld(connection: sqlite3.Connection, archive: Path, *, found: Verification) -> bool:
    """Add the withheld rows to the tables by views, so that they are verified too. Return False if this fails."""
    active = read_active(connection)
    try:
        if active:
            cover(connection, archive)
    except ArchiveUnusableError as error:
        found.findings.append(Finding("withheld", str(error)))
        return False
    except UNREADABLE:  # without its message, which may contain withheld content
        found.findings.append(Finding("withheld", "withheld.db: a value cannot be read, so that no row of it is seen"))
        return False
    return True


def _drop_what_withheld_rows_explain(connection: sqlite3.Connection, found: Verification) -> None:
    """Drop consequences of withheld rows that cannot be read: blanked captures differ from their records."""
    blanked = {str(row[0]) for row in connection.execute("select id from captures where status = 451")}
    (first,) = connection.execute("select min(id) from captures").fetchone()
    # The two databases identify each other by the first capture. Its row is missing, or has another id.
    renumbered = {one.key for one in found.findings if one.table == "captures" and one.former_key}
    is_first = {str(first), "1"} & found.keys_of("captures") and renumbered
    is_missing = any(one.text.endswith(NO_ROW) for one in found.findings)
    found.findings = [
        one
        for one in found.findings
        if not (one.table == "captures" and one.key in blanked - renumbered)
        and not (one.kind == "withheld" and (is_first or is_missing))
    ]


def _check_pages(connection: sqlite3.Connection, found: Verification) -> bool:
    """Check the pages of the database. Return True if some are damaged."""
    messages = [message for (message,) in connection.execute("pragma integrity_check") if message != "ok"]
    if messages:
        more = f" (and {len(messages) - 1} more of the kind)" if len(messages) > 1 else ""
        found.findings.append(Finding("database", f"database: {' '.join(messages[0].split())}{more}"))
    return bool(messages)


def _check_records(
    connection: sqlite3.Connection, folder: Path, *, found: Verification, ledger: LedgerRows
) -> RecordCheck:
    """Compare the records with rows and lists."""
    watch = ListWatch(connection, folder, ledger=ledger)
    checked = check_records(connection, folder, watch=watch)
    if not checked.rowless:
        checked.findings += check_order(connection)
    watch.end()
    found.records, found.captures = checked.records, checked.captures
    # The row of a file that was renamed: one file seems to be missing, and another one seems to be extra.
    renamed = {one.former_key for one in watch.findings if one.former_key}
    said = [
        one
        for one in [*checked.findings, *watch.findings]
        if one.kind not in ("file", "list") or one.file not in renamed
    ]
    for one in join_tied(said, ties=checked.ties | watch.ties):
        found.add(one)
    return checked


def _check_references(connection: sqlite3.Connection, found: Verification) -> None:
    """Report rows that refer to a missing row, unless one of the two has a finding already."""
    explained = {one.table: one for one in reversed(found.findings) if one.table}
    is_capture_lost = any(one.kind in ("record", "file", "damage") for one in found.findings)
    said_of = set()
    for table, rowid, parent, _ in connection.execute("pragma foreign_key_check").fetchall():
        said = f"database: row {rowid} of {table} points to no row of {parent}"
        known = explained.get(parent) or explained.get(table)
        if known is not None and known.table not in said_of:
            said_of.add(known.table)
            found.add(replace(known, text=said))
        elif known is None and not (parent == "captures" and is_capture_lost):
            found.add(Finding("row", said, table=table, key=str(rowid)))


def _named_articles(connection: sqlite3.Connection, found: Verification) -> set[int]:
    """Return the articles whose indexed words may differ because their rows differ."""
    keys = [json.loads(key) for key in found.keys_of("articles")]
    keys += [json.loads(key)[0] for key in found.keys_of("revision_attachments")]
    articles = {key for key in keys if isinstance(key, int)}
    # The index knows an article by its sort key, whose lower half is the id.
    sort_keys = connection.execute(
        """with named as (select value from json_each(?))
           select sort_key from articles where id in named
           union select sort_key from main.articles where id in named""",
        (json.dumps(sorted(articles)),),
    ).fetchall()
    articles |= {row[0] & 0xFFFFFFFF for row in sort_keys if isinstance(row[0], int)}
    for key in found.keys_of("attachments", "attachment_texts"):
        rows = connection.execute(
            "select article_id from revision_attachments where attachment_sha256 = ?", (json.loads(key),)
        )
        articles |= {row[0] for row in rows}
    return articles
