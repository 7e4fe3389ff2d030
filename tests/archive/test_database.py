"""How the archive's database is opened."""

import sqlite3
from contextlib import closing
from pathlib import Path

from crawler.archive.database import CACHE_KIB, open_for_writing


def test_a_writer_keeps_more_pages_in_memory_than_sqlite_does_by_itself(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as plain:
        (by_itself,) = plain.execute("pragma cache_size").fetchone()
    with closing(open_for_writing(tmp_path / "archive.db")) as connection:
        assert connection.execute("pragma cache_size").fetchone()[0] == -CACHE_KIB < by_itself < 0
