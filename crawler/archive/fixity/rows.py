"""Compare every row with its digest in the ledger: one finding for each row."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations, islice

from crawler.archive.fixity.ledger_rows import LedgerRows
from crawler.archive.row_digests.row_ledger import count_strange, is_in_ledger, is_told_why, read_unledgered
from crawler.archive.row_digests.shapes import (
    DigestedTable,
    digest_key,
    digest_rows,
    encode_key,
    read_key,
    read_shapes,
    rows_of,
    scan,
)
from crawler.archive.warc.finding import Finding
from crawler.archive.withheld.rules import PUBLIC, RULES
from crawler.language.text import show_count

_OF_ROWS = {
    "rows": "row", "one": "row", "changed": "is not as it was written", "more": "was not written by this program",
    "missing": "is missing",
}  # fmt: skip
_OF_GROUPS = {
    "rows": "the rows of", "one": "one of the rows of", "changed": "are not as they were written",
    "more": "were not written by this program", "missing": "are missing",
}  # fmt: skip
MISSING = (_OF_ROWS["missing"], _OF_GROUPS["missing"])  # the end of the text of such a finding

_MOST_TRIED = 20_000  # the most combinations tried to explain how rows of one group came from another


@dataclass(slots=True)
class RowCheck:
    """The result of the comparison: rows compared, findings, and rows that could not be compared, by table."""

    rows: int = 0
    findings: list[Finding] = field(default_factory=list)
    uncertain: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Odd:
    """A row that differs from the ledger: `what` is `changed`, `more` (not in the ledger) or `missing`.

    `digest` is the digest of the row; for a missing row, the ledger's. `stated` is the ledger's for a changed row.
    """

    key: str
    digest: str
    what: str
    stated: str | None = None


def check_rows(connection: sqlite3.Connection, ledger: LedgerRows, *, is_covered: bool) -> RowCheck:
    """Compare the rows that a connection sees with the ledger.

    Args:
        is_covered: whether the connection sees withheld rows. If not, their tables lack rows; another finding says so.
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
            continue  # the digests of this table are altered
        if is_covered or RULES.get(table.name, PUBLIC) == PUBLIC:
            odd = list(_find_odd(connection, ledger, table=table, found=found))
            joined = _join_regrouped(connection, table, odd=odd) if table.is_grouped else _join_moved(odd)
            counted = (one for one in joined if (table.name, one[0].key) not in passed_over)
            # A row that is also in the withheld database is one difference.
            by_key = {finding.key: finding for one in counted for finding in [_finding(table, one)]}
            found.findings += by_key.values()
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
    """Compare only the rows whose digest is in the ledger records that `ledger` took."""
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
    """Return the rows of runs that are not closed. The next run closes them, and writes their digests."""
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
            yield _Odd(key, digest, "changed" if ledger.stated is not None else "more", ledger.stated)
    for key, digest, is_certain in ledger.left(table.name):
        if is_certain:
            yield _Odd(key, digest, "missing")
        else:
            found.uncertain += 1


def _part_doubles(odd: list[_Odd]) -> Iterator[_Odd]:
    """Find which of two rows with one key is extra: the archive's or the withheld database's."""
    doubles = {(one.key, one.digest) for one in odd if one.what == "more"}
    for one in odd:
        if one.what == "changed" and one.stated is not None and (one.key, one.stated) in doubles:
            doubles.remove((one.key, one.stated))
            yield _Odd(one.key, one.digest, "more")
        elif one.what != "more":
            yield one
    yield from (_Odd(key, digest, "more") for key, digest in sorted(doubles))


def _join_moved(rows: list[_Odd]) -> Iterator[list[_Odd]]:
    """Join the two findings of a row whose key changed: one row is missing, and an extra row has the same digest."""
    odd = list(_part_doubles(rows))
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


def _join_regrouped(connection: sqlite3.Connection, table: DigestedTable, *, odd: list[_Odd]) -> Iterator[list[_Odd]]:
    """Join the findings of two groups of rows if one row moved from one group to the other."""
    left = list(odd)
    while left:
        one = left.pop(0)
        other = next((other for other in left if _lacks_row_of(connection, table, one=one, other=other)), None)
        swapped = next((other for other in left if _lacks_row_of(connection, table, one=other, other=one)), None)
        if other is not None:
            left.remove(other)
            yield [one, other]
        elif swapped is not None:
            left.remove(swapped)
            yield [swapped, one]
        else:
            yield [one]


def _lacks_row_of(connection: sqlite3.Connection, table: DigestedTable, *, one: _Odd, other: _Odd) -> bool:
    """Return whether a group has its stated digest again with a row of another group added.

    If the group lost all of its own rows, several added rows count too.
    """
    stated = one.digest if one.what == "missing" else one.stated
    if stated is None or one.what == "more" or other.what == "missing":
        return False
    rows, key = rows_of(connection, table, key=one.key), read_key(one.key)
    width = len(table.key)
    others = [(*key, *row[width:]) for row in rows_of(connection, table, key=other.key)]
    most = len(others) if one.what == "missing" else 1
    parts = chain.from_iterable(combinations(others, size) for size in range(1, most + 1))
    return any(next(digest_rows(table, [*rows, *part]))[1] == stated for part in islice(parts, _MOST_TRIED))


def _finding(table: DigestedTable, odd: list[_Odd]) -> Finding:
    """Return the finding of a row that differs."""
    words = _OF_GROUPS if table.is_grouped else _OF_ROWS
    rows, what = words["rows"], words[odd[0].what]
    if len(odd) > 1:
        rows, what = words["one"], f"has another key by now: {_show(table, odd[1].key)}"
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
