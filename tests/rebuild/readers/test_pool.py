"""Reading in several processes: the same rows, in order, past whatever a page does to its process."""

from pathlib import Path
from typing import Any

from crawler.archive.warc.captures import as_capture
from crawler.profile import render_profile
from crawler.rebuild.readers.pool import ReadingPool, open_asker
from crawler.rebuild.readers.reading import AskHere, CapturedPageQuestion
from crawler.rebuild.rebuild import readers_of, rebuild
from tests.support.archives.rows import TABLES, all_rows
from tests.support.build import Clock, Night, article_page, make_archive, new_address
from tests.support.readers.questions import Deadly, Endless

PAGES = [new_address(number).url for number in range(1, 5)]


def questions(archive: Path, clock: Clock) -> list[CapturedPageQuestion]:
    with Night(archive, clock) as night:
        for number, url in enumerate(PAGES):
            night.read(url, article_page(f"Tin {number}", f"Thân bài {number}."))
        rows = night.writer.connection.execute("select * from captures order by id").fetchall()
        text = render_profile(night.profile).decode()
    captures = [as_capture(row) for row in rows]
    return [CapturedPageQuestion(one, one, text, "article", one.url) for one in captures]


def test_a_rebuild_by_processes_gives_the_same_rows_and_counts_every_byte(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr("crawler.rebuild.rebuild.QUESTIONS_AHEAD", 5)
    archive = make_archive(tmp_path, nights=2)
    seen: list[int] = []
    assert rebuild(archive, tmp_path / "new.db", processes=2, watch=seen.append).lines() == []
    rows, held = all_rows(tmp_path / "new.db"), all_rows(archive)
    for name in TABLES:
        assert rows[name] == held[name], name
    assert sum(seen) == sum(path.stat().st_size for path in (tmp_path / "warc").glob("*.gz"))


def test_a_page_that_kills_its_process_fails_alone(archive: Path, clock: Clock) -> None:
    asked = questions(archive, clock)
    here = AskHere(archive.parent / "warc")
    with ReadingPool(archive.parent / "warc", 1) as pool:
        deadly: Any = Deadly()
        pending = [pool.ask(one) for one in (asked[0], deadly, *asked[1:])]
        found = [one.result() for one in pending]
        assert found[1].error == "the reader died of it"
        assert [found[0], *found[2:]] == [here.ask(one).result() for one in asked]
        assert pool.ask(asked[0]).result() == found[0]


def test_a_page_that_never_ends_fails_alone(archive: Path, clock: Clock) -> None:
    asked = questions(archive, clock)
    with ReadingPool(archive.parent / "warc", 2, deadline_seconds=5) as pool:
        endless: Any = Endless()
        pending = [pool.ask(one) for one in (asked[0], endless, *asked[1:])]
        found = [one.result() for one in pending]
    assert found[1].error == "the reader was not done with it in 5 s"
    assert [one.error for one in found if one is not found[1]] == [None] * len(asked)


def test_the_program_reads_even_a_small_archive_in_a_process_that_can_be_ended(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=1)
    assert readers_of(archive) == 1
    with open_asker(tmp_path / "warc", readers_of(archive)) as asker:
        assert asker is not None
        deadly: Any = Deadly()
        assert asker.ask(deadly).result().error == "the reader died of it"
    with open_asker(tmp_path / "warc", None) as none:
        assert none is None
