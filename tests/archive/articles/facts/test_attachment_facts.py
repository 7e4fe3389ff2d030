"""The numbers of documents, sums and dates that texts of attachments mention, with page and place."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.articles.derived import VERSION_KEY
from crawler.archive.attachment_texts import HeldText, TextReading, put_text
from crawler.archive.database import open_for_writing
from crawler.archive.fixity import verify
from crawler.attachments.harvest import Bounds, harvest_rebuilt, harvest_texts
from crawler.items import FileRole
from crawler.rebuild.rebuild import rebuild
from crawler.replica.content.documents import write_docx, write_pdf
from tests.support.build import STORE, Clock, Night, article_page, new_address, read_rows
from tests.support.withholding import act, leaks

PLAN, LIST = f"{STORE}/lci/ke-hoach.pdf", f"{STORE}/lci/danh-sach.docx"
UNBOUND = Bounds(None, lambda: False)
ROWS = "select * from attachment_facts order by 1, offset, kind"
NUMBER = "4821/KH-UBND"


@pytest.fixture
def read(archive: Path, clock: Clock) -> Path:
    """An archive of two articles, each with a file whose text is read."""
    with Night(archive, clock) as night:
        plan = write_pdf((f"Số: {NUMBER}", "Ngày 3/6/2024, kinh phí 1,5 tỷ đồng, theo Nghị quyết 25-NQ/TW"))
        night.put_file(PLAN, plan, FileRole.ATTACHMENT)
        night.put_file(LIST, write_docx(("Danh sách theo Nghị quyết 25–NQ/TW",)), FileRole.ATTACHMENT)
        night.read(new_address(1, "nha").url, article_page("Cấp nhà mới", "Tin ngắn của huyện.", files=PLAN))
        night.read(new_address(2, "rung").url, article_page("Trồng rừng", "Tin ngắn của xã.", files=LIST))
    harvest_texts(archive, UNBOUND)
    clock.go_on(days=1)
    return archive


def test_what_a_text_mentions_is_stored_with_page_and_place(read: Path) -> None:
    found = read_rows(read, "select kind, value, said, page from attachment_facts where page = 1 order by offset, kind")
    assert found == [
        ("document", NUMBER, NUMBER, 1),
        ("date", "2024-06-03", "3/6/2024", 1),
        ("sum", "1500000000 VND", "1,5 tỷ đồng", 1),
        ("document", "25-NQ/TW", "25-NQ/TW", 1),
    ]
    assert read_rows(read, "select value, said, page from attachment_facts where page is null") == [
        ("25-NQ/TW", "25–NQ/TW", None)
    ]
    places = """select count(*), sum(said = substr(text, offset + 1, length(said)))
        from attachment_facts join attachment_texts using (attachment_sha256)"""
    assert read_rows(read, places) == [(5, 5)]
    (of_file,) = read_rows(read, "select place, page, dong, per, said, around from sums")
    assert of_file[:5] == ("attachment", 1, 1_500_000_000, None, "1,5 tỷ đồng")
    assert "kinh phí 1,5 tỷ đồng, theo" in of_file[5]
    assert verify(read).differences == []


def test_the_page_is_that_of_the_place_and_a_new_text_has_new_facts(read: Path) -> None:
    (sha256,) = read_rows(read, "select distinct attachment_sha256 from attachment_facts where page = 1")[0]
    text = "bìa\n\n12/QĐ-UBND\n\n\n\n12/QĐ-UBND và 13/QĐ-UBND"
    reading = TextReading(text, "pdf", pages=4, page_starts=(0, 5, 18, 18))
    with closing(open_for_writing(read)) as connection:
        put_text(connection, read, sha256=sha256, held=HeldText(reading, 2))
        rows = f"select value, page, offset from attachment_facts where attachment_sha256 = '{sha256}' order by offset"
        assert read_rows(read, rows) == [("12/QĐ-UBND", 2, 5), ("13/QĐ-UBND", 4, text.index("13/"))]
        put_text(connection, read, sha256=sha256, held=HeldText(TextReading(reason="broken"), 2))
    assert read_rows(read, rows) == []


def test_a_rebuild_and_a_newer_version_of_facts_give_equal_rows(read: Path, tmp_path: Path) -> None:
    into = tmp_path / "new.db"
    rebuild(read, into)
    harvest_rebuilt(into, read.parent / "warc", bounds=UNBOUND)
    rows = read_rows(read, ROWS)
    assert read_rows(into, ROWS) == rows
    with closing(sqlite3.connect(read)) as connection:
        connection.execute("delete from attachment_facts where value = '25-NQ/TW'")
        connection.execute("update search_meta set value = '1' where key = ?", (VERSION_KEY,))
        connection.commit()
    assert verify(read).differences == []
    open_for_writing(read).close()
    assert read_rows(read, ROWS) == rows


@pytest.mark.parametrize("sql", [
    "delete from attachment_facts where kind = 'sum'",
    "update attachment_facts set page = 7 where kind = 'sum'",
    "update attachment_facts set value = '9 VND' where kind = 'sum'",
    "update attachment_facts set dong = dong + 1 where kind = 'sum'",
    "update attachment_facts set per = 'hộ', around = '' where kind = 'sum'",
    f"insert into attachment_facts values ('{'0' * 64}', 'sum', 0, '9 VND', '9 đồng', null, 9, null, '')",
])  # fmt: skip
def test_verify_names_facts_that_are_not_those_of_the_text(sql: str, read: Path) -> None:
    with closing(sqlite3.connect(read)) as connection:
        assert connection.execute(sql).rowcount == 1
        connection.commit()
    differences = verify(read).differences
    assert any(one.startswith("attachment_facts: ") for one in differences), differences


@pytest.mark.parametrize("what", ["1", PLAN])
def test_the_facts_of_a_withheld_file_are_withheld_and_come_back(what: str, read: Path, clock: Clock) -> None:
    rows = read_rows(read, ROWS)
    act(read, "withhold", what, at=clock())
    assert [row[3] for row in read_rows(read, ROWS)] == ["25-NQ/TW"]
    assert leaks(read, (NUMBER, "1500000000 VND")) == []
    assert verify(read).differences == []
    harvest_texts(read, UNBOUND, again=True)
    assert leaks(read, (NUMBER, "1500000000 VND")) == []
    act(read, "release", what, at=clock())
    assert read_rows(read, ROWS) == rows
    assert verify(read).differences == []


def test_a_release_finds_the_facts_that_an_older_version_did_not(read: Path, clock: Clock) -> None:
    rows, documents = read_rows(read, ROWS), read_rows(read, "select * from article_documents")
    with closing(sqlite3.connect(read)) as connection:  # as a version without facts of files left it
        connection.execute("delete from attachment_facts")
        connection.commit()
    act(read, "withhold", "1", at=clock())
    with closing(sqlite3.connect(read)) as connection:
        connection.execute("update search_meta set value = '1' where key = ?", (VERSION_KEY,))
        connection.commit()
    open_for_writing(read).close()
    assert verify(read).differences == []
    act(read, "release", "1", at=clock())
    assert read_rows(read, ROWS) == rows
    assert read_rows(read, "select * from article_documents") == documents
    assert verify(read).differences == []
