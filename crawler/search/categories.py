"""Find the categories that a person names."""

import sqlite3

from crawler.language.numbers import whole_number


def find_categories(connection: sqlite3.Connection, given: str) -> tuple[int, ...]:
    """Return the ids of the categories with this id, slug or title; categories of several portals may share these."""
    rows = connection.execute(
        "select id from categories where slug = ? or title = ? or id = ? order by id",
        (given, given, whole_number(given)),
    ).fetchall()
    return tuple(int(row[0]) for row in rows)
