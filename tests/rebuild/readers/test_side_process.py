"""Reading held captures in a process that can be ended: the same readings, past whatever a page does to it."""

from pathlib import Path
from typing import Any

from crawler.archive.warc.captures import as_capture
from crawler.profile import render_profile
from crawler.rebuild.readers.reading import AskHere, CapturedPageQuestion, make_reread
from crawler.rebuild.readers.side_process import SideReader
from tests.support.build import Clock, Night, article_page, new_address
from tests.support.readers.questions import Deadly, Endless

PAGES = [new_address(number).url for number in range(1, 4)]


def test_what_it_is_asked_it_reads_as_this_process_does(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        for number, url in enumerate(PAGES):
            night.read(url, article_page(f"Tin {number}", f"Thân bài {number}."))
        rows = night.writer.connection.execute("select * from captures order by id").fetchall()
        text = render_profile(night.profile).decode()
        folder = archive.parent / "warc"
        here = AskHere(folder)
        asked = [CapturedPageQuestion(one, one, text, "article", one.url) for one in map(as_capture, rows)]
        with SideReader(folder, deadline_seconds=20) as beside:
            assert [beside.ask(one).result() for one in asked] == [here.ask(one).result() for one in asked]


def test_a_page_that_kills_or_never_ends_fails_alone(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(PAGES[0], article_page("Tin", "Thân bài."))
        connection, folder = night.writer.connection, night.writer.folder
        (row,) = connection.execute("select * from captures").fetchall()
        deadly: Any = Deadly()
        endless: Any = Endless()
        with SideReader(folder, deadline_seconds=2) as beside:
            assert beside.ask(deadly).result().error == "the reader died of it"
            assert beside.ask(endless).result().error == "the reader was not done with it in 2 s"
        with SideReader(folder, deadline_seconds=20) as beside:
            reread = make_reread(connection, folder, profile=night.profile, asker=beside)
            page = reread(as_capture(row))
            assert page is not None
            assert page.article is not None
            assert page.article.title == "Tin"
