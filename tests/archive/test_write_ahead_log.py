"""The write-ahead log shrinks although readers keep the archive open, and grows no further than a reader's pause."""

from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive import database
from crawler.archive.database import LOG_BYTES, empty_log, open_for_reading, open_for_writing
from tests.support.build import Clock, Night, article_page, new_address, read_rows
from tests.support.web_archive import open_site

WORDS = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. " * 40


def log_bytes(archive: Path) -> int:
    log = archive.with_name(archive.name + "-wal")
    return log.stat().st_size if log.exists() else 0


def write(night: Night, numbers: range) -> None:
    for number in numbers:
        night.read(new_address(number).url, article_page(f"Tin {number}", f"{WORDS} {number}"))
        night.writer.commit()
    night.writer.commit().result()


@pytest.fixture
def small_log(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a log of 64 KB be a long one."""
    from crawler.archive import run_writer

    most = 64 * 1024
    for module in (database, run_writer):
        monkeypatch.setattr(module, "LOG_BYTES", most)
    return most


def test_the_log_is_empty_after_a_run_while_a_reader_holds_the_archive(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        write(night, range(1, 3))
    with closing(open_for_reading(archive)) as reader:
        assert reader.execute("select count(*) from articles").fetchone()[0] == 2
        with Night(archive, clock) as night:
            write(night, range(3, 30))
            assert log_bytes(archive) > 100_000
        assert log_bytes(archive) == 0
        assert reader.execute("select count(*) from articles").fetchone()[0] == 29


def test_the_log_stays_short_during_a_run_with_readers_that_read_now_and_then(
    archive: Path, clock: Clock, small_log: int
) -> None:
    sizes = []
    with Night(archive, clock) as night, closing(open_for_reading(archive)) as reader:
        for start in range(1, 61, 4):
            reader.execute("select title from articles limit 1").fetchall()
            write(night, range(start, start + 4))
            sizes.append(log_bytes(archive))
    # Each of these writes is several times as long.
    assert max(sizes) <= 3 * small_log


def test_a_reader_in_the_middle_of_something_delays_no_run_and_the_log_shrinks_after_it(
    archive: Path, clock: Clock, small_log: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crawler.archive import run_writer

    monkeypatch.setattr(run_writer, "LOG_WAIT_SECONDS", 0)
    with Night(archive, clock) as night:
        write(night, range(1, 3))
    reader = open_for_reading(archive)
    reader.execute("begin")
    assert reader.execute("select count(*) from articles").fetchone()[0] == 2
    with Night(archive, clock) as night:
        write(night, range(3, 30))
    assert log_bytes(archive) > small_log
    assert reader.execute("select count(*) from articles").fetchone()[0] == 2
    reader.execute("commit")
    with Night(archive, clock) as night:
        write(night, range(30, 31))
    assert log_bytes(archive) == 0
    reader.close()


def test_the_site_holds_no_snapshot_between_its_pages(tmp_path: Path, clock: Clock) -> None:
    with open_site(tmp_path) as site:
        archive = Path(str(site.datasette.get_database("archive").path))
        for path in (
            "/",
            "/search?q=le",
            "/changes",
            "/removed",
            "/archive/articles",
            "/archive?sql=select+1",
            "/health",
        ):
            assert site.get(path).status_code in (200, 503), path  # 503: a night of this archive is overdue
        with Night(archive, clock, with_adoption=True) as night:
            write(night, range(9001, 9010))
        assert log_bytes(archive) == 0
        assert site.get("/").status_code == 200


def test_emptying_waits_no_longer_than_it_is_told(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        write(night, range(1, 2))
    with closing(open_for_writing(archive)) as connection, closing(open_for_reading(archive)) as reader:
        assert connection.execute("pragma journal_size_limit").fetchone()[0] == LOG_BYTES
        reader.execute("begin")
        reader.execute("select 1 from articles").fetchall()
        connection.execute("update portals set title = title || '!'")
        assert not empty_log(connection, wait_seconds=0)
        assert connection.execute("pragma busy_timeout").fetchone()[0] == 30_000
        reader.execute("commit")
        assert empty_log(connection, wait_seconds=0)
    assert isinstance(read_rows(archive, "select title from portals")[0][0], str)
