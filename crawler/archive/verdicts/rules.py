"""The version of the rules by which a run was judged. A replay judges each ledger entry by the rules of its run.

Rules 1 are those of versions 0.1.0 and 0.2.0. Rules 2 claim less: see `docs/decisions/rules.md`. Rules 3 are rules 2,
but count what a listing holds only on nights that read it whole. Rules 4 are rules 3, but an article first seen after
another one vanished is not a witness for its removal. Rules 5 are rules 4, but a picture without its end waits
also where none is held, and the same bytes count again only if no other bytes came between.
"""

import sqlite3

# The rules of a run that begins now.
RULES = 5


def rules_of(connection: sqlite3.Connection, crawl_id: int) -> int:
    """Return the version of the rules of a run; `RULES` if the run has no row."""
    row = connection.execute("select rules from crawls where id = ?", (crawl_id,)).fetchone()
    return int(row[0]) if row else RULES
