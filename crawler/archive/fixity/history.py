"""Compare the table `history` with the ledger records from which it is derived."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

from crawler.archive.fixity.ledger_rows import NOWHERE, LedgerRows
from crawler.archive.warc.finding import Finding


def check_history(connection: sqlite3.Connection, ledger: LedgerRows) -> Iterator[Finding]:
    """Report the rows that differ from the ledger. Report nothing if a ledger record is lost."""
    if ledger.lost != NOWHERE:
        return
    (create,) = connection.execute("select sql from main.sqlite_master where name = 'history'").fetchone()
    rows = "select * from history order by id"
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as twin:
        twin.execute(create)
        for segment in ledger.in_order():
            segment.put(twin)
        expected = {row[0]: row for row in twin.execute(rows)}
    held = {row[0]: tuple(row) for row in connection.execute(rows)}
    odd = [key for key in sorted(expected.keys() | held.keys()) if expected.get(key) != held.get(key)]
    elsewhere = {row[1]: key for key, row in held.items() if key not in expected}
    for key in odd:
        if key in held and key not in expected and any(row[1] == held[key][1] for row in expected.values()):
            continue  # a row with another id, reported under its former id
        what = "is not what the ledger records give"
        if key not in held:
            moved = elsewhere.get(expected[key][1])
            what = "is missing" if moved is None else f"has another id by now: {moved}"
        yield Finding("row", f"history: row id {key} {what}", table="history", key=str(key))
