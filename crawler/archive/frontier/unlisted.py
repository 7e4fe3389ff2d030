# ruff: noqa: S608 - conditions of ours
"""How many addresses a portal's frontier holds that no listing names and that were never tried."""

import sqlite3
from contextlib import suppress

_IS_COUNTED = "{row}.state = 'pending' and not {row}.listed"
# The count of a connection follows its writes, in their transactions: each page that names something new asks for it.
_FOLLOWING = (
    "create temp table unlisted_count (portal text primary key, count integer not null)",
    f"""create temp trigger unlisted_added after insert on main.frontier when {_IS_COUNTED.format(row="new")} begin
          update unlisted_count set count = count + 1 where portal = new.portal; end""",
    f"""create temp trigger unlisted_dropped after delete on main.frontier when {_IS_COUNTED.format(row="old")} begin
          update unlisted_count set count = count - 1 where portal = old.portal; end""",
    f"""create temp trigger unlisted_changed after update of state, listed on main.frontier
        when ({_IS_COUNTED.format(row="old")}) <> ({_IS_COUNTED.format(row="new")}) begin
          update unlisted_count set count = count + iif({_IS_COUNTED.format(row="new")}, 1, -1)
          where portal = new.portal; end""",
)


def count_unlisted(connection: sqlite3.Connection, portal: str) -> int:
    """Count what no listing names and was not tried. Only the first call of a connection counts the rows."""
    held = None
    with suppress(sqlite3.OperationalError):  # no such table
        held = connection.execute("select count from temp.unlisted_count where portal = ?", (portal,)).fetchone()
    return int(held[0]) if held is not None else _begin_to_count(connection, portal)


def _begin_to_count(connection: sqlite3.Connection, portal: str) -> int:
    if connection.execute("select 1 from temp.sqlite_master where name = 'unlisted_count'").fetchone() is None:
        for statement in _FOLLOWING:
            connection.execute(statement)
    (count,) = connection.execute(
        "select count(*) from main.frontier where portal = ? and state = 'pending' and not listed", (portal,)
    ).fetchone()
    connection.execute("insert into temp.unlisted_count values (?, ?)", (portal, count))
    return int(count)
