"""The overlay: withheld rows leave no trace, later nights update them, and a release brings all back."""

import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest

from crawler.archive.database import open_for_reading, open_for_writing
from crawler.archive.fixity import verify
from crawler.archive.lock import hold_archive
from crawler.archive.run_writer import RunWriter
from crawler.archive.withheld.overlay import Overlay
from crawler.archive.withheld.requests import OperatorRequest, RequestQueue, find_left, leave_request
from crawler.errors import ArchiveLockedError, ArchiveUnusableError
from crawler.rebuild.rebuild import rebuild
from crawler.withholding import carrying as act_module
from tests.support.build import STORE, Clock, Night, article, article_page, make_archive, new_address, read_rows
from tests.support.withholding import PHOTO, SECRET, act, all_tables, differing, leaks, make_nights, night_of_secret


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path, Clock]:
    """Two archives of two equal nights, and the clock after them."""
    for name in ("one", "twin"):
        (tmp_path / name).mkdir()
        clock = Clock()
        make_nights(tmp_path / name / "archive.db", clock, first=1, last=2)
    return tmp_path / "one" / "archive.db", tmp_path / "twin" / "archive.db", clock


def found(archive: Path, words: str) -> list[int]:
    connection = open_for_reading(archive)
    try:
        sql = "select rowid from articles_fts where articles_fts match fts_query(?) order by 1"
        return [row[0] for row in connection.execute(sql, (words,))]
    finally:
        connection.close()


def test_nothing_of_a_withheld_article_is_left_in_any_table_index_or_page(twins: tuple[Path, Path, Clock]) -> None:
    archive, twin, clock = twins
    assert len(leaks(twin)) > 10
    act(archive, "withhold", SECRET.url, at=clock())
    assert leaks(archive) == []
    assert found(archive, "Vàng Thị Sáu") == []
    assert len(found(archive, "trong cay")) == len(found(twin, "trong cay")) - 1


def test_after_release_everything_is_as_in_a_twin_that_never_withheld(twins: tuple[Path, Path, Clock]) -> None:
    archive, twin, clock = twins
    act(archive, "withhold", SECRET.url, at=clock())
    act(archive, "release", SECRET.url, at=clock())
    assert differing(archive, twin) == []
    assert found(archive, "Vàng Thị Sáu") == found(twin, "Vàng Thị Sáu") != []


def test_later_nights_of_a_withheld_article_come_back_whole(twins: tuple[Path, Path, Clock]) -> None:
    archive, twin, clock = twins
    act(archive, "withhold", SECRET.url, at=clock())
    later = Clock(clock())
    make_nights(archive, clock, first=3, last=5)
    make_nights(twin, later, first=3, last=5)
    assert leaks(archive) == []
    assert read_rows(archive, "select outcome, reason, errors from crawls") == read_rows(
        twin, "select outcome, reason, errors from crawls"
    )
    assert verify(archive).differences == []
    act(archive, "release", SECRET.url, at=clock())
    assert differing(archive, twin) == []
    changes = read_rows(
        twin, "select number from revisions r join articles a on a.id = r.article_id where a.url = ?", SECRET.url
    )
    assert len(changes) > 2
    assert found(archive, "Vàng Thị Sáu lần") == found(twin, "Vàng Thị Sáu lần") != []


def test_a_rebuild_withholds_the_same_in_a_database_of_its_own(twins: tuple[Path, Path, Clock]) -> None:
    archive, _, clock = twins
    act(archive, "withhold", SECRET.url, at=clock())
    make_nights(archive, clock, first=3, last=3)
    into = archive.with_name("new.db")
    rebuild(archive, into)
    assert differing(archive, into) == []
    assert read_rows(archive, "select * from withholdings") == read_rows(into, "select * from withholdings")
    assert leaks(into) == []
    assert verify(into).differences == []
    assert into.with_name("new.withheld.db").is_file()
    act(into, "release", SECRET.url, at=clock())


def test_what_a_rebuild_no_longer_finds_is_withheld_from_it_without_harm(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(new_address(1, "mot").url, article_page("Một bài của huyện", "Thân bài có đủ chữ."))
        night.put(article("Bài mà bản phân tích mới không đọc ra"), new_address(2, "hai"))
    act(archive, "withhold", "2", at=clock())
    into = archive.with_name("new.db")
    rebuild(archive, into)
    assert verify(into).differences == []
    act(into, "withhold", "1", at=clock())
    assert verify(into).differences == []


def test_a_picture_is_withheld_wherever_it_stands_and_keeps_its_place(tmp_path: Path, clock: Clock) -> None:
    archive = make_archive(tmp_path, nights=2)
    ((sha256, capture_id),) = read_rows(archive, "select sha256, capture_id from images")
    shown = read_rows(archive, "select count(*) from revision_images where image_sha256 = ?", sha256)[0][0]
    twin = tmp_path / "twin.db"
    connection = sqlite3.connect(archive)
    connection.execute("vacuum into ?", (str(twin),))
    connection.close()
    act(archive, "withhold", f"image:{sha256}", at=clock())
    assert read_rows(archive, "select count(*) from images") == [(0,)]
    rows = read_rows(archive, "select image_sha256, url from revision_images where url like 'withheld:%'")
    assert rows == [(None, "withheld:1")] * shown
    assert leaks(archive, ("anh.png",)) == []
    assert read_rows(archive, "select url, status from captures where id = ?", capture_id) == [("withheld", 451)]
    assert verify(archive).differences == []
    act(archive, "release", f"image:{sha256}", at=clock())
    assert read_rows(archive, "select * from revision_images") == read_rows(twin, "select * from revision_images")


def test_a_picture_that_other_articles_show_stays_with_them(tmp_path: Path, clock: Clock) -> None:
    from tests.support.build import image_ref, picture

    archive = tmp_path / "archive.db"
    with Night(archive, clock) as night:
        for name in ("chung.png", "rieng.png"):
            night.put_file(f"{STORE}/lci/{name}", picture("red" if name == "chung.png" else "blue"))
        both = (image_ref("chung.png"), image_ref("rieng.png"))
        night.put(article("Một bài", images=both), new_address(1, "mot"))
        night.put(article("Hai bài", images=both[:1]), new_address(2, "hai"))
    act(archive, "withhold", "1", at=clock())
    assert read_rows(archive, "select url, error from files") == [(f"{STORE}/lci/chung.png", None)]
    assert leaks(archive, ("rieng.png",)) == []


def test_a_run_that_holds_the_archive_carries_a_request_out_with_its_next_batch(
    twins: tuple[Path, Path, Clock],
) -> None:
    archive, _, clock = twins
    with Night(archive, clock) as night:
        night.read(new_address(555, "dang-chay").url, "<html></html>")
        (article_id,) = night.rows("select article_id from article_urls where url = ?", SECRET.url)[0]
        request = OperatorRequest("withhold", "article", str(article_id), "gấp", "toà soạn", "2026-09-09T00:00:00Z")
        left = leave_request(archive, request)
        night.writer.commit().result()
        assert not left.exists()
        assert leaks(archive) == []
        night_of_secret(night, 3)
        night.writer.commit().result()
        assert leaks(archive) == []
    assert verify(archive).differences == []
    rebuild(archive, archive.with_name("new.db"))
    assert differing(archive, archive.with_name("new.db")) == []


def test_a_request_that_a_run_has_taken_is_waited_for(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive(tmp_path)
    monkeypatch.setattr(act_module, "WAIT_SECONDS", 0.0)
    with (
        ThreadPoolExecutor() as pool,
        closing(open_for_writing(archive)) as connection,
        closing(Overlay(connection, archive)) as overlay,
        hold_archive(archive),
    ):
        with pytest.raises(ArchiveLockedError):
            act(archive, "withhold", "1", at=clock())
        assert list((tmp_path / ".withholding").iterdir()) == []
        monkeypatch.setattr(act_module, "WAIT_SECONDS", 2.0)
        asked = pool.submit(act, archive, "withhold", "1", at=clock())
        requests = RequestQueue(archive)
        while not requests.has_requests:
            assert not asked.done()
        with overlay.restored():
            assert len(requests.apply(connection)) == 1
            with pytest.raises(TimeoutError):
                asked.result(timeout=4)
        requests.settle(overlay)
        assert asked.result(timeout=30).number == 1
    assert list((tmp_path / ".withholding").iterdir()) == []


def test_a_request_is_read_once_and_what_is_none_is_passed_over(tmp_path: Path, archive: Path) -> None:
    assert find_left(archive) == []
    leave_request(archive, OperatorRequest("release", "article", "1", "x", "y", "2026-09-09T00:00:00Z"))
    (tmp_path / ".withholding" / "broken.json").write_text("{", encoding="utf-8")
    with Night(archive, Clock()) as night:
        night.writer.commit().result()
        assert find_left(archive) == []
        leave_request(archive, OperatorRequest("release", "article", "1", "x", "y", "2026-09-09T00:00:00Z"))
        night.writer.commit().result()
        assert find_left(archive) == []
        assert night.value("select count(*) from withholdings") == 0


def test_without_its_withheld_database_an_archive_is_not_written(twins: tuple[Path, Path, Clock]) -> None:
    archive, twin, clock = twins
    act(archive, "withhold", SECRET.url, at=clock())
    for suffix in ("", "-wal", "-shm"):
        archive.with_name(f"withheld.db{suffix}").unlink(missing_ok=True)
    with pytest.raises(ArchiveUnusableError, match="is missing"):
        Night(archive, clock)
    assert any("withheld.db" in line for line in verify(archive).differences)
    act(twin, "withhold", PHOTO, at=clock())
    act(twin, "withhold", "1", at=clock())
    shutil.copy(twin.with_name("withheld.db"), archive.with_name("withheld.db"))
    clock.go_on(days=1)
    with pytest.raises(ArchiveUnusableError, match="same state"):
        Night(archive, clock)


def test_pages_written_in_a_large_batch_never_hold_what_is_withheld(twins: tuple[Path, Path, Clock]) -> None:
    archive, _, clock = twins
    act(archive, "withhold", SECRET.url, at=clock())
    night = Night(archive, clock)
    writer: RunWriter = night.writer
    for number in range(300):
        night.read(new_address(5000 + number, f"nhieu-{number}").url, f"<html><body>{'x' * 9000}</body></html>")
        if number == 150:
            night_of_secret(night, 3)
    assert writer.connection.in_transaction
    log = archive.with_name("archive.db-wal")
    assert all(word.encode() not in log.read_bytes() for word in ("ba-vang-thi-sau", "Vàng Thị Sáu"))
    writer.finish("complete")
    writer.close()
    assert leaks(archive) == []


@pytest.mark.parametrize("by_error", [True, False])
def test_a_block_that_fails_or_rolls_back_leaves_the_archive_as_it_was(
    by_error: bool, twins: tuple[Path, Path, Clock]
) -> None:
    archive, _, clock = twins
    act(archive, "withhold", SECRET.url, at=clock())
    before, held = all_tables(archive), "select count(*) from article_urls where url = ?"
    with closing(open_for_writing(archive)) as connection, closing(Overlay(connection, archive)) as overlay:
        with suppress(InterruptedError), overlay.restored():
            assert connection.execute(held, (SECRET.url,)).fetchone()[0] == 1
            connection.execute("delete from articles")
            if by_error:
                raise InterruptedError
            connection.execute("rollback")
        assert not connection.in_transaction
        assert connection.execute(held, (SECRET.url,)).fetchone()[0] == 0
        with overlay.restored():
            assert connection.execute(held, (SECRET.url,)).fetchone()[0] == 1
    assert all_tables(archive) == before
    assert verify(archive).differences == []
