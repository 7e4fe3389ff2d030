"""Compare every row with the digest that the ledger states of it: one finding a row."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.archive.fixity.ledger_rows import LedgerRows
from crawler.archive.row_digests.row_ledger import count_strange, is_in_ledger, is_told_why, read_unledgered
from crawler.archive.row_digests.shapes import DigestedTable, digest_key, encode_key, read_shapes, scan
from crawler.archive.warc.finding import Finding
from crawler.archive.withheld.rules import PUBLIC, RULES
from crawler.language.text import show_count


@dataclass(slots=True)
class RowCheck:
    """What the comparison found: rows compared, findings, and rows that could not be compared, by table."""

    rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    uncertain: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Odd:
    """A row that is not as the ledger states: `what` is `changed`, `more` (not in the ledger) or `missing`."""

    key: str
    digest: str
    what: str


def check_rows(connection: sqlite3.Connection, ledger: LedgerRows, *, is_covered: bool) -> RowCheck:
    """Compare the rows that a connection sees with the ledger.

    Args:
        is_covered: whether withheld rows are in sight; if not, their tables lack rows, which is said already.
    """
    found = RowCheck()
    if not is_in_ledger(connection):
        if ledger.has_rows and not is_told_why(connection):
            said = "_row_ledger: row key state is not as it was written, so that no row can be compared with the ledger"
            found.findings.append(Finding("row", said, table="_row_ledger", key="state"))
            return found
        found.notes.append(
            "rows: not compared, since the ledger has no digests of this database yet (of an older version, migrated "
            "or rebuilt); the next crawl writes them, and --rows compares with a rebuild"
        )
        return found
    for name, digests in read_unledgered(connection).items():
        ledger.override(name, digests)
    strange = count_strange(connection)
    passed_over = _open_runs(connection, ledger)
    for table in read_shapes(connection):
        if strange and table.name == "attachment_texts":
            continue  # its digests are what is strange
        if is_covered or RULES.get(table.name, PUBLIC) == PUBLIC:
            odd = list(_find_odd(connection, ledger, table=table, found=found))
            counted = (one for one in _join_moved(odd) if (table.name, one[0].key) not in passed_over)
            found.findings += [_finding(table, one) for one in counted]
    if not is_covered:
        found.notes.append("rows: those of tables with withheld rows are not compared")
    if found.uncertain:
        rows = show_count(found.uncertain, "row")
        found.notes.append(f"rows: {rows} not compared, since the ledger record that wrote them may be lost")
    of_files = [one for one in found.findings if one.table == "attachments"]
    gone = {key for one in of_files for key in (one.key, one.former_key) if key is not None}
    if strange := count_strange(connection, gone=gone):
        said = f"_row_ledger: {show_count(strange, 'row')} of no attachment"
        found.findings.append(Finding("row", said, table="_row_ledger"))
    return found


def check_stated(connection: sqlite3.Connection, ledger: LedgerRows) -> RowCheck:
    """Compare only the rows of which the ledger records that were taken state a digest."""
    found = RowCheck()
    passed_over = _open_runs(connection, ledger)
    waiting = read_unledgered(connection)
    for table in read_shapes(connection):
        for key, digest in ledger.all_stated(table.name):
            if (table.name, key) in passed_over or key in waiting.get(table.name, {}):
                continue
            found.rows += 1
            held = digest_key(connection, table, key=key)
            if held != digest:
                what = "missing" if held is None else "more" if digest is None else "changed"
                found.findings.append(_finding(table, [_Odd(key, digest or "", what)]))
    return found


def _open_runs(connection: sqlite3.Connection, ledger: LedgerRows) -> set[tuple[str, str]]:
    """Return the rows of runs that are not closed: the next run closes them, and writes their digests."""
    rows = connection.execute("select id from crawls where not in_ledger").fetchall()
    return {("crawls", encode_key((row[0],))) for row in rows if row[0] not in ledger.closed_runs}


def _find_odd(
    connection: sqlite3.Connection, ledger: LedgerRows, *, table: DigestedTable, found: RowCheck
) -> Iterator[_Odd]:
    for key, digest in scan(connection, table):
        found.rows += 1
        matched = ledger.match(table.name, key, digest=digest)
        if matched is None:
            found.uncertain += 1
        elif not matched:
            yield _Odd(key, digest, "changed" if ledger.was_stated else "more")
    for key, digest, is_certain in ledger.left(table.name):
        if is_certain:
            yield _Odd(key, digest, "missing")
        else:
            found.uncertain += 1


def _join_moved(odd: list[_Odd]) -> Iterator[list[_Odd]]:
    """Join a row that has another key than it had: it is missing, and one with the same digest is too many."""
    missing: dict[str, list[_Odd]] = {}
    for one in odd:
        if one.what == "missing":
            missing.setdefault(one.digest, []).append(one)
    for one in odd:
        if one.what == "more":
            was = missing.get(one.digest)
            yield [was.pop(), one] if was else [one]
        elif one.what == "changed":
            yield [one]
    yield from ([one] for rest in missing.values() for one in rest)


def _finding(table: DigestedTable, odd: list[_Odd]) -> Finding:
    """Say what is odd with a row."""
    what = {"changed": "is not as it was written", "more": "was not written by this program", "missing": "is missing"}[
        odd[0].what
    ]
    if len(odd) > 1:
        what = f"has another key by now: {_show(table, odd[1].key)}"
    rows = "the rows of" if table.is_grouped else "row"
    return Finding(
        "row", f"{table.name}: {rows} {_show(table, odd[0].key)} {what}", table=table.name, key=odd[-1].key,
        former_key=odd[0].key if len(odd) > 1 else None,
    )  # fmt: skip


def _show(table: DigestedTable, key: str) -> str:
    values = json.loads(key)
    return ", ".join(
        f"{name} {value}"
        for name, value in zip(table.key, values if isinstance(values, list) else [values], strict=True)
    )
