"""Fixity: an untouched archive has no difference, and every kind of damage is named."""

import re
from contextlib import closing, suppress
from pathlib import Path

import pytest

from crawler.archive.database import open_for_reading
from crawler.archive.fixity import verify
from crawler.archive.fixity.ledger_rows import LedgerRows
from crawler.archive.fixity.lists import ListWatch
from crawler.archive.warc.check.records import check_records
from crawler.archive.warc.reader import warc_files
from crawler.errors import ArchiveUnusableError
from crawler.items import FileRole
from crawler.language.text import show_count
from tests.support.archives.rows import change, copy_archive
from tests.support.build import (
    BASE,
    STORE,
    Clock,
    Night,
    article,
    article_page,
    image_ref,
    make_archive,
    new_address,
    picture,
    read_rows,
    small_portal,
)
from tests.support.wire.warc_records import read_records


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of two nights: two WARC files, revisits, a changed article, an image and an attachment."""
    archive = make_archive(tmp_path_factory.mktemp("template"), nights=2)
    assert verify(archive).differences == []
    return archive


@pytest.fixture
def whole(template: Path, tmp_path: Path) -> Path:
    """A copy of the template, to be damaged."""
    return copy_archive(template, tmp_path / "copy")


def differences(archive: Path) -> str:
    found = verify(archive)
    assert found.differences, "the damage was not found"
    assert found.lines()[-1].endswith(show_count(len(found.differences), "difference"))
    return "\n".join(found.differences)


def first_file(archive: Path) -> Path:
    return warc_files(archive.parent / "warc")[0]


def test_an_untouched_archive_has_no_difference_and_counts_what_was_verified(whole: Path) -> None:
    found = verify(whole)
    assert found.as_json() == {
        "records": 52, "captures": 23, "files": 2, "articles": 4, "revisions": 5, "rows": 75, "readers": {2: 21},
        "differences": [], "findings": [], "notes": [],
    }  # fmt: skip
    assert found.lines()[-1].endswith("all as it should be")


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_a_flipped_byte_in_a_warc_file_is_named_by_file_and_offset(whole: Path, share: float) -> None:
    path = first_file(whole)
    members = [record.position for record in read_records(path)]
    member = members[int(len(members) * share)]
    data = bytearray(path.read_bytes())
    data[member.offset + member.length // 2] ^= 0x10
    path.write_bytes(data)
    assert f"{path.name}: the record at offset {member.offset}" in differences(whole)


def test_a_missing_warc_file_is_named(whole: Path) -> None:
    path = first_file(whole)
    path.unlink()
    assert f"{path.name}: the file is missing" in differences(whole)


def test_a_warc_file_that_was_cut_or_grew_is_named(whole: Path) -> None:
    path = first_file(whole)
    data = path.read_bytes()
    path.write_bytes(data[:-100])
    assert f"{path.name}: {len(data) - 100} bytes, where {len(data)} were written" in differences(whole)
    path.write_bytes(data + data[-300:])
    assert path.name in differences(whole)


def test_an_empty_warc_file_is_named(whole: Path) -> None:
    path = first_file(whole)
    path.write_bytes(b"")
    assert f"{path.name}: 0 bytes" in differences(whole)


def test_a_deleted_capture_row_is_named_by_its_record(whole: Path) -> None:
    ((record_id,),) = read_rows(whole, "select record_id from captures where id = 10")
    change(whole, "delete from captures where id = 10")
    assert f"record {record_id}: has no row in captures" in differences(whole)


def test_a_capture_row_without_a_record_is_named(whole: Path) -> None:
    sql = """insert into captures select 99, 'urn:uuid:orphan', crawl_id, url, method, request_sha256, fetched_at,
               status, media_type, payload_sha256, warc_file, warc_offset, warc_length, record_type, truncated,
               warc_date
             from captures where id = 1"""
    change(whole, sql)
    assert "capture 99: no record urn:uuid:orphan" in differences(whole)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("url", "https://elsewhere.vn/"),
        ("method", "POST"),
        ("request_sha256", "0" * 64),
        ("fetched_at", "2001-01-01T00:00:00Z"),
        ("status", 500),
        ("media_type", "image/gif"),
        ("payload_sha256", "0" * 64),
        ("warc_file", "none.warc.gz"),
        ("warc_offset", 1),
        ("warc_length", 1),
        ("record_type", "revisit"),
        ("truncated", "length"),
        ("crawl_id", 2),
    ],
)
def test_a_changed_capture_row_is_named_by_its_column(whole: Path, column: str, value: object) -> None:
    change(whole, f"update captures set {column} = ? where id = 6", value)
    assert f"capture 6: {column}" in differences(whole)


def test_a_changed_digest_of_a_revisit_is_named(whole: Path) -> None:
    change(whole, "update captures set payload_sha256 = ? where record_type = 'revisit'", "0" * 64)
    assert "payload_sha256 is '0000" in differences(whole)


@pytest.mark.parametrize("column", ["title", "summary", "body", "byline", "source", "published_on"])
def test_a_changed_text_of_an_article_is_one_finding(whole: Path, column: str) -> None:
    change(whole, f"update articles set {column} = 'x' where id = 2")
    assert "article 2: content_sha256 is not its digest" in differences(whole)
    assert sum("article 2" in one or "articles: row 2" in one for one in verify(whole).differences) == 1


def test_a_changed_digest_of_an_article_is_named(whole: Path) -> None:
    change(whole, "update articles set content_sha256 = 'x' where id = 2")
    assert "article 2: differs from its current revision in content_sha256" in differences(whole)


@pytest.mark.parametrize("column", ["title", "summary", "body", "byline", "source", "published_on", "content_sha256"])
def test_a_changed_revision_is_named_also_one_that_is_not_current(whole: Path, column: str) -> None:
    change(whole, f"update revision_rows set {column} = 'x' where article_id = 1 and number = 1")
    assert "revision 1 of article 1: content_sha256 is not its digest" in differences(whole)


def test_a_changed_caption_or_label_is_named(whole: Path) -> None:
    change(whole, "update revision_images set caption = 'x' where number = 1 and position = 0")
    assert "revision_images: row article_id 1, number 1, position 0" in differences(whole)
    change(whole, "update revision_attachments set label = 'x'")
    assert "revision_attachments: row article_id 2, number 1, position 0" in differences(whole)


def test_changed_html_of_an_article_is_named(whole: Path) -> None:
    change(whole, "update articles set body_html = '<p>forged</p>' where id = 2")
    assert differences(whole).startswith("articles: row id 2 is not as it was written")


def test_a_missing_current_revision_is_named(whole: Path) -> None:
    change(whole, "delete from revision_rows where article_id = 1 and number = 2")
    assert differences(whole).startswith("revision_rows: row article_id 1, number 2 is missing")


@pytest.mark.parametrize(("table", "kind"), [("images", "image"), ("attachments", "attachment")])
def test_a_changed_image_or_attachment_row_is_named(whole: Path, table: str, kind: str) -> None:
    change(whole, f"update {table} set size_bytes = size_bytes + 1")
    assert f"{kind} " in differences(whole)
    change(whole, f"update {table} set size_bytes = size_bytes - 1, sha256 = ?", "0" * 64)
    assert f"{kind} {'0' * 64}: its bytes in the WARC are not these" in differences(whole)


def test_an_image_that_is_held_through_a_revisit_is_verified_too(tmp_path: Path, clock: Clock) -> None:
    # A layout picture that an article shows later: its bytes were captured before, so its capture is a revisit.
    archive = tmp_path / "archive.db"
    with Night(archive, clock) as night:
        night.put_file(f"{BASE}/images/a.png", picture(), FileRole.REQUISITE)
        night.put_file(f"{STORE}/a.png", picture())
        night.put(article(images=(image_ref("a.png"),)), new_address(1))
    found = verify(archive)
    assert (found.files, found.differences) == (1, [])
    change(archive, "update images set size_bytes = 1")
    assert "image " in differences(archive)


@pytest.mark.parametrize(
    ("sql", "table"),
    [
        ("delete from images", "images"),
        ("delete from articles where id = 1", "articles"),
        ("update article_urls set article_id = 77 where article_id = 2", "articles"),
        ("delete from crawls where id = 1", "crawls"),
    ],
)
def test_a_row_that_points_to_no_row_is_named(whole: Path, sql: str, table: str) -> None:
    change(whole, sql)
    assert f"points to no row of {table}" in differences(whole)


def test_records_after_the_last_commit_and_a_torn_tail_are_not_differences(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    night = Night(archive, clock)
    small_portal(night)
    assert verify(archive).differences == []
    night.writer.close()
    found = verify(archive)
    assert (found.differences, found.captures) == ([], 0)
    path = first_file(archive)
    path.write_bytes(path.read_bytes()[:-10])
    assert verify(archive).differences == []


@pytest.mark.parametrize("word", ["e" + "\u0301" * 40_000, "tru" + "한" * 20_000, "x" * 100_000])
def test_a_word_that_the_index_cuts_is_no_difference(tmp_path: Path, clock: Clock, word: str) -> None:
    archive = tmp_path / "archive.db"
    with Night(archive, clock) as night:
        night.read(new_address(101, "mot").url, article_page("Một", f"Thân {word} bài."))
    assert verify(archive).differences == []


def test_a_torn_record_that_was_accounted_for_is_named(whole: Path) -> None:
    path = warc_files(whole.parent / "warc")[1]
    path.write_bytes(path.read_bytes()[:-10])
    assert re.search(rf"{path.name}: .* the record at offset \d+ is cut off", differences(whole))


def test_a_verification_changes_nothing(whole: Path) -> None:
    before = whole.read_bytes()
    verify(whole)
    assert whole.read_bytes() == before


def test_an_archive_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ArchiveUnusableError, match="no archive"):
        verify(tmp_path / "archive.db")
    assert list(tmp_path.iterdir()) == []


def test_a_database_whose_pages_are_damaged_is_named_and_no_traceback(whole: Path) -> None:
    data = bytearray(whole.read_bytes())
    for offset in range(4096 * 4, len(data) - 4096, 4096):
        data[offset : offset + 200] = b"\xff" * 200
    whole.write_bytes(data)
    with suppress(ArchiveUnusableError):
        assert verify(whole).differences


def test_a_file_that_is_its_captures_payload_is_read_once(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    with Night(archive, clock) as night:
        night.put_file(f"{STORE}/a.png", picture())
        night.put(article(images=(image_ref("a.png"),)), new_address(1))
    with closing(open_for_reading(archive)) as connection:
        watch = ListWatch(connection, archive.parent / "warc", ledger=LedgerRows())
        checked = check_records(connection, archive.parent / "warc", watch=watch)
        ((capture_id, size_bytes),) = connection.execute("select capture_id, size_bytes from images").fetchall()
    assert checked.sizes.of(capture_id) == size_bytes == len(picture())
    assert (checked.sizes.of(-1), checked.sizes.of(10**9)) == (None, None)
