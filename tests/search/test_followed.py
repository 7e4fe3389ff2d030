"""What the list of a feed costs, and what it lists."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.search.followed import Followed, FollowKey, list_newer, list_older
from crawler.search.sql import NO_FILTERS
from tests.support.build import Clock, Night, article, new_address, on_page

LATER = 3
ALL = Followed("", NO_FILTERS)


def make_archive(folder: Path, *, first: int) -> Path:
    """Make an archive whose first run brought `first` articles, and each of the next three nights one."""
    archive = folder / f"{first}.db"
    clock = Clock()
    for night in range(LATER + 1):
        with Night(archive, clock) as run:
            for number in range(1 if night else first):
                on = date(2020, 1, 1) + timedelta(number)
                run.put(article(dates=(on_page(on.isoformat()),)), new_address(1000 * night + number + 1))
            run.walked()
        clock.go_on(days=3)
    return archive


def work_of(connection: sqlite3.Connection) -> tuple[int, list[FollowKey]]:
    """Count SQLite's instructions, in tens, for the newest entries of the feed of all articles and those after them."""
    steps = [0]

    def count() -> None:
        steps[0] += 1

    connection.set_progress_handler(count, 10)
    found = list_older(connection, ALL, before=None, limit=LATER)
    assert list_newer(connection, ALL, after=found[-1], limit=LATER) == found[-2::-1]
    return steps[0], found


def test_the_news_of_a_feed_costs_as_much_however_much_the_first_run_brought(tmp_path: Path) -> None:
    works = []
    for first in (40, 800):
        with closing(open_for_reading(make_archive(tmp_path, first=first))) as connection:
            work, found = work_of(connection)
            read = "select id from articles where sort_key = ?"
            ids = [connection.execute(read, (key.sort_key,)).fetchone()[0] for key in found]
            assert ids == [row[0] for row in connection.execute("select id from articles order by id desc limit 3")]
            assert all(key.day for key in found)
            works.append(work)
    # An id is sought by halves: among twenty times as many in four or five steps more.
    assert works[1] < 2 * works[0], works
