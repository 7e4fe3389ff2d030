"""Reading the attachments of an archive: once each, never while another run holds it, and found by the search."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.archive.database import open_for_reading
from crawler.archive.lock import hold_archive
from crawler.attachments import harvest as harvest_module
from crawler.attachments.after_crawl import read_attachments_after_crawl
from crawler.attachments.formats.system_tools import OCR, find_tools
from crawler.attachments.harvest import Bounds, Harvest, harvest_rebuilt, harvest_texts
from crawler.attachments.reader import TextReader
from crawler.errors import ArchiveLockedError
from crawler.items import FileRole
from crawler.rebuild.rebuild import rebuild
from crawler.replica import Replica
from crawler.replica.content import scans
from crawler.replica.content.documents import write_docx, write_pdf
from crawler.search.hits import search_articles
from tests.support.archives.rows import all_rows
from tests.support.build import STORE, Clock, Night, article, file_ref, new_address, read_rows
from tests.support.crawling import ROOT, command, crawl, environment, rows, value
from tests.support.texts.spoilt import NEWS, SPOILT

ONE, TWO = new_address(1, "mot"), new_address(2, "hai")
PLAN = f"{STORE}/lci/ke-hoach.pdf"
UNBOUND = Bounds(None, lambda: False)


def write_plan(number: int) -> bytes:
    return write_pdf((f"Số: {number}/KH-UBND", "Kế hoạch trồng rừng, kinh phí bảy tỷ đồng"))


def found(archive: Path, text: str) -> list[int]:
    with closing(open_for_reading(archive)) as connection:
        return [hit.article_id for hit in search_articles(connection, text).hits]


def words(archive: Path) -> set[str]:
    """Give every word of the index."""
    with closing(open_for_reading(archive)) as connection:
        connection.execute("create virtual table temp.terms using fts5vocab(main, articles_fts, row)")
        return {term for (term,) in connection.execute("select term from temp.terms")}


@pytest.fixture
def crawled(archive: Path, clock: Clock) -> Path:
    """An archive of two articles; the first has an attachment."""
    with Night(archive, clock) as night:
        night.put_file(PLAN, write_plan(4821), FileRole.ATTACHMENT)
        night.put(article("Trồng rừng", "Tin ngắn.", attachments=(file_ref("ke-hoach.pdf", "Kế hoạch"),)), ONE)
        night.put(article("Tin khác", "Không có tệp."), TWO)
    clock.go_on(days=1)
    return archive


def test_words_of_an_attachment_find_its_article_with_every_kind_of_query(crawled: Path) -> None:
    assert found(crawled, "kinh phí bảy tỷ") == []
    assert harvest_texts(crawled, UNBOUND) == Harvest(1, 0, (), 0, None)
    for text in (
        "kinh phi bay ty", "kinh phí", '"bảy tỷ đồng"', "4821/KH-UBND", "file:rừng", "kinh* -tuyết", "trồng kế hoạch",
        "ngắn kinh phí",
    ):  # fmt: skip
        assert found(crawled, text) == [1], text
    for text in ("title:kinh", "body:kinh", "kình phí", "kinh -rừng", '"phí kinh"', "482/KH-UBND"):
        assert found(crawled, text) == [], text


def test_a_hit_in_an_attachment_names_the_file_and_shows_the_words(crawled: Path) -> None:
    harvest_texts(crawled, UNBOUND)
    with closing(open_for_reading(crawled)) as connection:
        (hit,) = search_articles(connection, "kinh phí").hits
    assert hit.place == "files"
    assert "\1kinh\2 \1phí\2 bảy tỷ" in hit.snippet
    assert hit.file is not None
    assert (hit.file.url, hit.file.label, hit.file.is_ocr) == (PLAN, "Kế hoạch", False)


def test_of_several_files_the_hit_names_the_one_with_the_words(archive: Path, clock: Clock) -> None:
    names = ("a.docx", "b.docx", "c.docx")
    with Night(archive, clock) as night:
        for name in names:
            night.put_file(f"{STORE}/lci/{name}", write_docx((f"tệp {name[0]}xyz",) * 30), FileRole.ATTACHMENT)
        refs = tuple(file_ref(name) for name in names)
        night.put(article("Ba tệp", "Tin.", attachments=refs), ONE)
    harvest_texts(archive, UNBOUND)
    with closing(open_for_reading(archive)) as connection:
        for name in names:
            (hit,) = search_articles(connection, f"{name[0]}xyz").hits
            assert hit.file is not None
            assert hit.file.url.endswith(name)


def test_the_judgement_of_a_text_is_stored_and_said(crawled: Path, clock: Clock) -> None:
    spoilt = "\n".join((SPOILT["every letter the next one"][0](NEWS), "Phụ lục"))
    with Night(crawled, clock) as night:
        night.put_file(f"{STORE}/lci/sai.docx", write_docx((spoilt,)), FileRole.ATTACHMENT)
    harvest = harvest_texts(crawled, UNBOUND)
    assert (harvest.with_text, harvest.doubtful, harvest.doubts) == (2, 1, (("garbled", 1),))
    assert "; doubtful: 1 (garbled 1)" in harvest.line()
    stored = read_rows(crawled, "select quality, doubts, page_starts from attachment_texts order by quality desc")
    assert stored[0] == (1.0, None, "[0]")
    assert stored[1][0] < 0.5
    assert stored[1][1:] == ('["garbled"]', None)


def test_a_file_is_read_once(crawled: Path) -> None:
    harvest_texts(crawled, UNBOUND)
    assert harvest_texts(crawled, UNBOUND) == Harvest(0, 0, (), 0, None)
    assert not harvest_texts(crawled, UNBOUND).has_files


def test_a_revision_that_drops_or_changes_the_file_drops_its_words(crawled: Path, clock: Clock) -> None:
    harvest_texts(crawled, UNBOUND)
    other = f"{STORE}/lci/khac.pdf"
    with Night(crawled, clock) as night:
        night.put_file(other, write_pdf(("Phụ lục thay thế",)), FileRole.ATTACHMENT)
        night.put(article("Trồng rừng", "Tin ngắn.", attachments=(file_ref("khac.pdf", "Kế hoạch"),)), ONE)
    assert found(crawled, "kinh phí") == []
    harvest_texts(crawled, UNBOUND)
    assert found(crawled, "phụ lục thay thế") == [1]
    clock.go_on(days=1)
    with Night(crawled, clock) as night:
        night.put(article("Trồng rừng", "Tin ngắn."), ONE)
    assert found(crawled, "phụ lục") == []
    assert " ".join(sorted(words(crawled))) == (
        "co co⁵ khac khac⁵ khong không ngan ngăn⁵ rung rưng² tep tin trong trông² têp⁶"
    )


def test_a_revision_of_the_words_keeps_those_of_the_file(crawled: Path, clock: Clock) -> None:
    harvest_texts(crawled, UNBOUND)
    with Night(crawled, clock) as night:
        night.put(article("Trồng cây", "Tin sửa.", attachments=(file_ref("ke-hoach.pdf", "Kế hoạch"),)), ONE)
    assert found(crawled, "kinh phí trồng cây") == [1]
    assert found(crawled, "ngắn") == []


def test_a_file_of_two_articles_finds_both(crawled: Path, clock: Clock) -> None:
    with Night(crawled, clock) as night:
        night.put(article("Tin khác", "Có tệp rồi.", attachments=(file_ref("ke-hoach.pdf"),)), TWO)
    harvest_texts(crawled, UNBOUND)
    assert found(crawled, "kinh phí") == [2, 1]


def test_a_file_fetched_on_a_later_night_is_read_and_found(archive: Path, clock: Clock) -> None:
    said = article("Trồng rừng", "Tin ngắn.", attachments=(file_ref("ke-hoach.pdf", "Kế hoạch"),))
    with Night(archive, clock) as night:
        night.put(said, ONE)
    assert not harvest_texts(archive, UNBOUND).has_files
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put_file(PLAN, write_plan(7), FileRole.ATTACHMENT)
        night.put(said, ONE)
    harvest_texts(archive, UNBOUND)
    assert found(archive, "kinh phí") == [1]


def test_the_log_says_why_a_file_gives_no_text(crawled: Path, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    with Night(crawled, clock) as night:
        night.put_file(f"{STORE}/lci/khoa.pdf", scans.lock(write_plan(1)), FileRole.ATTACHMENT)
        night.put_file(f"{STORE}/lci/hong.pdf", scans.break_off(write_plan(1)), FileRole.ATTACHMENT)
    with caplog.at_level("INFO", logger="crawler.attachments.harvest"):
        harvest_texts(crawled, UNBOUND)
    endings = {line.partition(" gives no text: ")[2] for line in caplog.messages if " gives no text: " in line}
    assert "encrypted" in endings
    assert any(ending.startswith("broken: ") for ending in endings)


def test_a_rebuild_reads_the_same_texts_into_equal_rows(crawled: Path, clock: Clock, tmp_path: Path) -> None:
    harvest_texts(crawled, UNBOUND)
    with Night(crawled, clock) as night:
        night.put_file(f"{STORE}/lci/khoa.pdf", scans.lock(write_plan(1)), FileRole.ATTACHMENT)
        night.put_file(f"{STORE}/lci/hong.pdf", scans.break_off(write_plan(1)), FileRole.ATTACHMENT)
    assert harvest_texts(crawled, UNBOUND).reasons == (("broken", 1), ("encrypted", 1))
    alone = tmp_path / "alone"
    shutil.copytree(crawled.parent / "warc", alone / "warc")
    rebuild(alone / "archive.db", alone / "new.db")
    assert harvest_rebuilt(alone / "new.db", alone / "warc", bounds=UNBOUND).with_text == 1
    table = ["attachment_texts"]
    assert all_rows(alone / "new.db", table) == all_rows(crawled, table)
    assert len(all_rows(crawled, table)["attachment_texts"]) == 3


def read_with(monkeypatch: pytest.MonkeyPatch, read: Callable[..., TextReading]) -> None:
    monkeypatch.setattr(TextReader, "read", lambda _, data, name: read(data, name))


def test_a_file_without_text_is_read_again_only_on_request(crawled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        read_with(patched, lambda *_: TextReading(reason="crashed", detail="the reader died of it: signal 11"))
        assert harvest_texts(crawled, UNBOUND).reasons == (("crashed", 1),)
    assert not harvest_texts(crawled, UNBOUND).has_files
    assert read_rows(crawled, "select text, reason, detail from attachment_texts") == [
        (None, "crashed", "the reader died of it: signal 11")
    ]
    assert harvest_texts(crawled, UNBOUND, again=True).with_text == 1
    assert found(crawled, "kinh phí") == [1]


def test_a_file_is_read_again_when_the_missing_program_is_installed(
    crawled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tools: set[str] = set()
    monkeypatch.setattr(harvest_module, "find_tools", lambda: frozenset(tools))
    read_with(monkeypatch, lambda *_: TextReading("một nửa", "pdf", lacks=OCR, is_cut=True))
    harvest_texts(crawled, UNBOUND)
    assert not harvest_texts(crawled, UNBOUND).has_files
    tools.add(OCR)
    read_with(monkeypatch, lambda *_: TextReading("trọn vẹn", "pdf+ocr", is_ocr=True))
    assert harvest_texts(crawled, UNBOUND) == Harvest(1, 1, (), 0, None)
    assert (found(crawled, "một nửa"), found(crawled, "trọn vẹn")) == ([], [1])
    assert not harvest_texts(crawled, UNBOUND).has_files


def test_a_newer_reader_reads_everything_again(crawled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_with(monkeypatch, lambda *_: TextReading("bản cũ", "pdf"))
    harvest_texts(crawled, UNBOUND)
    monkeypatch.setattr(harvest_module, "TEXT_READER_VERSION", harvest_module.TEXT_READER_VERSION + 1)
    read_with(monkeypatch, lambda *_: TextReading("bản mới", "pdf"))
    assert harvest_texts(crawled, UNBOUND).with_text == 1
    assert (found(crawled, "bản cũ"), found(crawled, "bản mới")) == ([], [1])


def test_a_file_too_large_or_missing_from_the_warc_gives_a_reason(
    crawled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(harvest_module, "MAX_FILE_BYTES", 100)
        assert harvest_texts(crawled, UNBOUND).reasons == (("too-large", 1),)
    for file in (crawled.parent / "warc").glob("*.gz"):
        file.unlink()
    assert harvest_texts(crawled, UNBOUND, again=True).reasons == (("not-in-warc", 1),)


def test_an_archive_locked_by_a_run_is_not_read(crawled: Path) -> None:
    with hold_archive(crawled), pytest.raises(ArchiveLockedError):
        harvest_texts(crawled, UNBOUND)
    assert read_rows(crawled, "select count(*) from attachment_texts") == [(0,)]


def test_a_run_that_begins_ends_the_reading(crawled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def begin_run(*_: object) -> TextReading:
        held.enter_context(hold_archive(crawled))
        return TextReading("tin", "pdf")

    with ExitStack() as held:
        read_with(monkeypatch, begin_run)
        assert harvest_texts(crawled, UNBOUND) == Harvest(0, 0, (), 1, "locked")


def test_time_and_a_stop_end_the_reading_between_files(crawled: Path) -> None:
    assert harvest_texts(crawled, Bounds(-1, lambda: False)) == Harvest(0, 0, (), 1, "out-of-time")
    assert harvest_texts(crawled, Bounds(None, lambda: True)) == Harvest(0, 0, (), 1, "stopped")
    assert harvest_texts(crawled, Bounds(60, lambda: False)).with_text == 1


def test_an_error_after_a_crawl_is_only_logged(
    crawled: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_TEXTS_MINUTES", "soon")
    assert read_attachments_after_crawl(crawled) is None
    monkeypatch.setenv("PORTAL_ARCHIVE_TEXTS_MINUTES", "1")
    read_with(monkeypatch, lambda *_: 1 / 0)
    assert read_attachments_after_crawl(crawled) is None
    assert [record.levelname for record in caplog.records] == ["WARNING", "ERROR"]


@pytest.fixture(scope="module")
def portal() -> Iterator[Replica]:
    with Replica(seed=3, articles=120) as replica:
        yield replica


@pytest.fixture(scope="module")
def night(portal: Replica, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A crawl of the replica, and after it the reading of its attachments."""
    folder = tmp_path_factory.mktemp("texts")
    ended = crawl(portal, folder, extra={"PORTAL_ARCHIVE_TEXTS_MINUTES": "5"})
    assert ended.code == 0, ended
    assert (ended.out + ended.err).count("texts of attachments:") == ended.out.count("texts of attachments:") == 1
    return folder / "archive.db"


def test_after_a_crawl_every_attachment_has_a_text_or_a_reason(portal: Replica, night: Path) -> None:
    assert value(night, "select count(*) from attachments") == value(night, "select count(*) from attachment_texts")
    offered = [
        (article.url, one) for article in portal.truth().articles if article.found_in
        for one in article.attachments if one.sha256
    ]  # fmt: skip
    assert {one.form for _, one in offered} >= {"letters"}
    reasons = {"locked": "encrypted", "broken": "broken"}
    if OCR not in find_tools():  # Tesseract without its Vietnamese model counts as not installed
        reasons["scan"] = "no-tool"
    for url, one in offered:
        row = rows(night, "select * from attachment_texts where attachment_sha256 = ?", one.sha256)[0]
        assert row["reason"] == reasons.get(one.form), one
        ids = found(night, one.number)
        expected = (
            [] if one.form in reasons else [value(night, "select article_id from article_urls where url = ?", url)]
        )
        assert ids == expected, one


def test_the_command_reads_the_unread_files_and_reports_them(portal: Replica, tmp_path: Path) -> None:
    assert crawl(portal, tmp_path).code == 0
    archive = tmp_path / "archive.db"
    assert value(archive, "select count(*) from attachment_texts") == 0
    ended = command("texts", "--archive", archive)
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.startswith("texts of attachments: ")
    assert value(archive, "select count(*) from attachment_texts where text is not null") > 20
    assert command("texts", "--archive", archive).out == "texts of attachments: 0 read\n"
    with hold_archive(archive):
        assert command("texts", "--archive", archive).code == 5
    assert command("texts", "--archive", tmp_path / "none.db").code == 1
    into = tmp_path / "new.db"
    rebuilt = command("rebuild", "--archive", archive, "--into", into, extra={"PORTAL_ARCHIVE_TEXTS_MINUTES": "5"})
    assert rebuilt.code == 0, rebuilt
    assert all_rows(into, ["attachment_texts"]) == all_rows(archive, ["attachment_texts"])


def test_the_command_ends_within_seconds_of_a_signal_and_continues_later(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    with Night(archive, clock) as run:
        for number in range(60):
            run.put_file(f"{STORE}/lci/{number}.pdf", write_plan(number), FileRole.ATTACHMENT)
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", "texts", "--archive", str(archive)],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        while process.poll() is None and value(archive, "select count(*) from attachment_texts") < 3:
            pass
        os.kill(process.pid, signal.SIGTERM)
        out, _ = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, "(stopped)" in out) == (130, True), out
    left = 60 - value(archive, "select count(*) from attachment_texts")
    assert left > 0
    told = command("texts", "--archive", archive).out.splitlines()
    assert told == [f"texts of attachments: {left} read", "pictures of pages: 60 drawn of 60 files"]
