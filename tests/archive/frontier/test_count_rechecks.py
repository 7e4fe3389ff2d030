"""How a night's rechecks went: whether all were looked at is known without reading articles that are gone."""

import sqlite3
from datetime import date, timedelta

from crawler.archive.frontier.rechecks import count_rechecks
from tests.support.build import Night, article, new_address

FIRST = date(2026, 9, 2)  # the night of `build.FIRST_NIGHT`
TONIGHT = (FIRST + timedelta(days=9)).isoformat()
# In tens of SQLite's instructions: to read the rows of a thousand articles takes a thousand and more.
MOST_STEPS = 50


def _add_removed(connection: sqlite3.Connection, count: int) -> None:
    """Copy the one article that is held, as removed ones."""
    connection.execute("update articles set state = 'removed', seen_on = ?", (FIRST.isoformat(),))
    row = dict(connection.execute("select * from articles").fetchone())
    for number in range(2, count + 2):
        one = {**row, "id": number, "sort_key": number, "url": f"{row['url']}{number}"}
        names, marks = ", ".join(one), ", ".join("?" * len(one))
        connection.execute(f"insert into articles ({names}) values ({marks})", tuple(one.values()))


def _is_all(connection: sqlite3.Connection) -> bool:
    return count_rechecks(connection, "sapa", night=TONIGHT).is_all


def test_whether_all_were_looked_at_is_known_without_reading_what_is_removed(night: Night) -> None:
    night.put(article(), new_address(1, "tin-1"))
    connection = night.writer.connection
    _add_removed(connection, 1000)
    steps = [0]
    connection.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 1), 10)
    assert _is_all(connection)
    connection.set_progress_handler(None, 0)
    assert steps[0] < MOST_STEPS


def test_not_all_were_looked_at_if_one_was_seen_on_another_night_or_never(night: Night) -> None:
    night.put(article(), new_address(1, "tin-1"))
    connection = night.writer.connection
    for seen_on, is_all in ((TONIGHT, True), (FIRST.isoformat(), False), ("2027-01-01", False), (None, False)):
        connection.execute("update articles set seen_on = ?", (seen_on,))
        assert _is_all(connection) == is_all, seen_on
