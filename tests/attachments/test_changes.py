"""Reading files again: what changed is said file by file, and the better text stays."""

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TEXT_READER_VERSION, HeldText, TextReading
from crawler.archive.fixity import verify
from crawler.attachments import harvest as harvest_module
from crawler.attachments.changes import FileChange, decide
from crawler.attachments.harvest import Bounds, harvest_rebuilt, harvest_texts
from crawler.attachments.judgement import judge
from crawler.attachments.reader import TextReader
from crawler.items import FileRole
from crawler.operations.health.status import read_status
from crawler.rebuild.rebuild import rebuild
from crawler.replica.content.documents import write_docx, write_pdf
from tests.support.archives.rows import all_rows
from tests.support.build import STORE, Clock, Night, article, file_ref, new_address, read_rows
from tests.support.crawling import ROOT, command, environment, value
from tests.support.texts.spoilt import NEWS, lose_marks, write_in_tcvn3
from tests.support.withholding import act

UNBOUND = Bounds(None, lambda: False)
NAMES = ("a.docx", "b.docx", "c.docx")
OLD = TEXT_READER_VERSION - 1
# Of all tables with rows of their own.
OTHERS = """select name from pragma_table_list where schema = 'main' and type = 'table' and not wr
    and name not like 'sqlite%' and name not like 'articles_fts%' and name not like '\\_%' escape '\\'
    and name <> 'attachment_texts'"""


@pytest.fixture
def crawled(archive: Path, clock: Clock) -> Path:
    """An archive of an article with three files that say the news, each with its own name."""
    with Night(archive, clock) as night:
        for name in NAMES:
            night.put_file(f"{STORE}/lci/{name}", write_docx((f"Tệp {name}", NEWS)), FileRole.ATTACHMENT)
        night.put(article("Ba tệp", "Tin.", attachments=tuple(map(file_ref, NAMES))), new_address(1, "ba"))
    clock.go_on(days=1)
    return archive


def read_as_before(archive: Path, read: Callable[[str], TextReading]) -> None:
    """Read the files as an older version did: `read` gives the reading of a name."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(harvest_module, "TEXT_READER_VERSION", OLD)
        patched.setattr(TextReader, "read", lambda _, data, name: read(name))
        harvest_texts(archive, UNBOUND)


def read_again(archive: Path) -> list[FileChange]:
    told: list[FileChange] = []
    harvest_texts(archive, UNBOUND, again=True, tell=told.append)
    return told


def test_reading_again_says_file_by_file_what_changed_and_keeps_the_better_text(crawled: Path) -> None:
    whole = f"Tệp b.docx\n{NEWS}\n{NEWS}"
    read_as_before(
        crawled,
        lambda name: {
            "a.docx": judge(TextReading(write_in_tcvn3(NEWS), "docx")),
            "b.docx": judge(TextReading(whole, "docx", tool="old 1")),
            "c.docx": TextReading(reason="crashed"),
        }[name],
    )  # fmt: skip
    assert value(crawled, "select max(version) from attachment_texts") == OLD
    before = all_rows(crawled, [name for (name,) in read_rows(crawled, OTHERS)])
    assert len(before["revision_rows"]) == 1
    ended = command("texts", "--archive", crawled, "--again")
    assert (ended.code, ended.err) == (0, "")
    lines = {line[:6]: line for line in ended.out.splitlines()}
    assert "doubtful (garbled), reader 1 (docx) -> " in lines["a.docx"]
    assert ", quality 1.000, reader 2 (" in lines["a.docx"]
    assert ": no text (crashed), reader 1 -> " in lines["c.docx"]
    assert (
        "kept as it was, since the new text is worse: 190 words, quality 1.000, reader 1 (old 1) -> " in lines["b.docx"]
    )
    assert "; kept as they were, since the new text is worse: 1" in ended.out.splitlines()[-1]
    assert all_rows(crawled, list(before)) == before
    texts = "select version, tried, text = ? from attachment_texts order by version"
    assert read_rows(crawled, texts, whole) == [(OLD, TEXT_READER_VERSION, 1), (2, None, 0), (2, None, 0)]
    assert command("texts", "--archive", crawled, "--again").out == "texts of attachments: 0 read\n"
    assert verify(crawled).differences == []


def test_a_file_that_is_read_as_before_is_not_told_of(crawled: Path) -> None:
    harvest_texts(crawled, UNBOUND)
    with closing(sqlite3.connect(crawled)) as connection:
        connection.execute("update attachment_texts set version = 1, quality = null")
        connection.commit()
    ended = command("texts", "--archive", crawled, "--again")
    assert ended.out == "texts of attachments: 3 read\n"
    assert read_rows(crawled, "select distinct version, quality from attachment_texts") == [(TEXT_READER_VERSION, 1.0)]


def test_a_rebuild_beside_the_archive_keeps_what_the_archive_kept(crawled: Path, tmp_path: Path) -> None:
    read_as_before(crawled, lambda name: TextReading(f"{name}\n{NEWS}\n{NEWS}", "docx"))
    assert [change.kind for change in read_again(crawled)] == ["kept"] * 3
    folder = crawled.parent / "warc"
    for name, beside in (("with", crawled), ("without", tmp_path / "none.db")):
        into = tmp_path / f"{name}.db"
        rebuild(crawled, into)
        harvest_rebuilt(into, folder, bounds=UNBOUND, archive=beside)
        same = all_rows(into, ["attachment_texts"]) == all_rows(crawled, ["attachment_texts"])
        assert same == (name == "with")
    read = {"PORTAL_ARCHIVE_TEXTS_MINUTES": "5"}
    made = command("rebuild", "--archive", crawled, "--into", tmp_path / "by-command.db", extra=read)
    assert made.code == 3, made  # the article of this archive was put without a page
    assert all_rows(tmp_path / "by-command.db", ["attachment_texts"]) == all_rows(crawled, ["attachment_texts"])


@pytest.mark.parametrize("damage", ["doubts = 'zz'", "text = x'ff00'", "page_starts = 7, version = 'zz'"])
def test_a_rebuild_beside_a_damaged_database_reads_the_files(damage: str, crawled: Path, tmp_path: Path) -> None:
    read_as_before(crawled, lambda name: TextReading(f"{name}\n{NEWS}\n{NEWS}", "docx"))
    read_again(crawled)
    with closing(sqlite3.connect(crawled)) as connection:
        connection.execute(f"update attachment_texts set {damage}")
        connection.commit()
    into = tmp_path / "new.db"
    rebuild(crawled, into)
    harvest_rebuilt(into, crawled.parent / "warc", bounds=UNBOUND, archive=crawled)
    assert read_rows(into, "select distinct version, tried, characters < 700 from attachment_texts") == [(2, None, 1)]


def test_a_killed_command_goes_on_where_it_was(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        for number in range(40):
            data = write_pdf((f"Số: {number}/KH-UBND", "Kế hoạch trồng rừng, kinh phí bảy tỷ đồng"))
            night.put_file(f"{STORE}/lci/{number}.pdf", data, FileRole.ATTACHMENT)
    read_as_before(archive, lambda name: TextReading(f"cũ {name}", "pdf"))
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", "texts", "--archive", str(archive), "--again"],
        cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=10)
    finally:
        process.kill()
    left = value(archive, "select count(*) from attachment_texts where version = 1")
    assert 0 < left < 40
    ended = command("texts", "--archive", archive, "--again")
    assert (ended.code, len(ended.out.splitlines())) == (0, left + 2)
    assert ended.out.splitlines()[-1] == "pictures of pages: 40 drawn of 40 files"
    assert read_rows(archive, "select distinct version, text like 'Số:%' from attachment_texts") == [(2, 1)]
    assert verify(archive).differences == []


def test_a_withheld_file_is_read_again_without_its_name(crawled: Path, clock: Clock) -> None:
    read_as_before(crawled, lambda name: judge(TextReading(write_in_tcvn3(NEWS), "docx")))
    act(crawled, "withhold", f"{STORE}/lci/b.docx", at=clock())
    told = read_again(crawled)
    assert sorted(change.name for change in told) == ["a.docx", "c.docx", "withheld file"]
    assert {change.kind for change in told} == {"changed"}
    act(crawled, "release", f"{STORE}/lci/b.docx", at=clock())
    assert read_rows(crawled, "select distinct version, quality from attachment_texts") == [(TEXT_READER_VERSION, 1.0)]


def test_the_status_lists_doubtful_texts_and_counts_those_of_an_older_reader(crawled: Path, clock: Clock) -> None:
    assert read_status(crawled, clock()).texts.lines("en") == []
    readings = {"a.docx": write_in_tcvn3(NEWS), "b.docx": lose_marks(NEWS), "c.docx": NEWS}
    read_as_before(crawled, lambda name: judge(TextReading(readings[name], "docx")))
    status = read_status(crawled, clock())
    assert (status.texts.of_older_reader, status.texts.doubtful) == (3, 2)
    assert {one.name: one.doubts for one in status.texts.listed} == {"a.docx": ("garbled",), "b.docx": ("marks-lost",)}
    lines = "\n".join(status.lines())
    assert "texts of attachments: 3 read by an older reader only; `texts --again` reads them again" in lines
    assert "texts of attachments: 2 doubtful" in lines
    assert "  a.docx (" in lines
    assert "  b.docx (" in "\n".join(status.lines("vi"))
    act(crawled, "withhold", f"{STORE}/lci/b.docx", at=clock())
    assert [one.name for one in read_status(crawled, clock()).texts.listed] == ["a.docx"]
    read_again(crawled)
    assert read_status(crawled, clock()).texts.lines("en") == []


CELLS = "\n".join(f"Hàng {number}\t{number * 7919}\t{number * 104729}" for number in range(200))


@pytest.mark.parametrize(
    ("held", "new", "is_kept"),
    [
        (write_in_tcvn3(NEWS), NEWS, False),
        (NEWS, write_in_tcvn3(NEWS), True),
        (NEWS, lose_marks(NEWS), True),
        (lose_marks(NEWS), NEWS, False),
        (NEWS + CELLS, NEWS, True),
        (NEWS, NEWS + CELLS, False),
        ("\n".join(CELLS.split()), CELLS, False),
        (CELLS.replace("Hàng", ""), "\n".join(CELLS.replace("Hàng", "").splitlines()[:12]), True),
        (NEWS * 1000, NEWS * 600, True),
        (NEWS, NEWS.replace(" ", "  "), False),
        ("PrFont34Width1980 tHeight2010a " * 40 + NEWS, NEWS, False),
        ("1234/QĐUBND " + NEWS, "1234/QĐ-UBND " + NEWS, False),
        (NEWS, None, True),
        ("123 456", None, True),
        (write_in_tcvn3(NEWS), None, False),
    ],
)  # fmt: skip
def test_the_better_text_stays(held: str, new: str | None, *, is_kept: bool) -> None:
    reading = TextReading(new, "docx") if new else TextReading(reason="broken", lacks="tool")
    stored, change = decide(HeldText(TextReading(held, "doc"), 1), reading, sha256="0" * 64, name="a", version=2)
    assert (change.kind, stored.tried) == (("kept", 2) if is_kept else ("changed", None))
    if is_kept:
        assert stored == HeldText(replace(judge(TextReading(held, "doc")), lacks=reading.lacks), 1, 2)
    else:
        assert stored == HeldText(reading, 2)
