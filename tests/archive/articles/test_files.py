"""Other bytes under a file's address are a revision of every article that names it; a file that is gone is said."""

from pathlib import Path

import pytest

from crawler.archive.articles.changes import SHARED_ARTICLES
from crawler.archive.warc.ledger import FileRead
from crawler.extract.answer import read_file
from crawler.items import Article, AttachmentRef, FileReading, FileRole
from crawler.rebuild.rebuild import rebuild
from tests.support.build import (
    STORE,
    Clock,
    Night,
    article,
    article_page,
    file_ref,
    image_ref,
    new_address,
    picture,
    read_rows,
)
from tests.support.crawling import tables

FILE, IMAGE = f"{STORE}/lci/qd.pdf", f"{STORE}/lci/a.png"
DOWNLOAD = f"{STORE}/vbdownload/12"
OLD, NEW = b"%PDF-1.4 old", b"%PDF-1.4 new"


def offering(number: int = 1) -> Article:
    return article(f"Tin {number}", attachments=(file_ref("qd.pdf", "Quyết định"),))


def showing(number: int = 1, body: str = "Thân bài.") -> Article:
    return article(f"Tin {number}", body, images=(image_ref("a.png", "Ảnh"),))


def put_pdf(night: Night, data: bytes) -> str:
    return night.put_file(FILE, data, FileRole.ATTACHMENT).sha256


def revisions(night: Night) -> list[tuple[int, int, str | None]]:
    return night.rows("select article_id, number, changed from revisions order by article_id, number")


def file_events(night: Night) -> list[tuple[str, int]]:
    return night.rows("select kind, articles from file_events order by id")


def test_a_replaced_file_is_a_revision_of_every_article_that_names_it(night: Night) -> None:
    old = put_pdf(night, OLD)
    for number in (1, 2):
        night.put(offering(number), new_address(number))
    page = night.rows("select capture_id from revisions order by article_id")
    new = put_pdf(night, NEW)
    changed = '["attachments"]'
    assert revisions(night) == [(1, 1, None), (1, 2, changed), (2, 1, None), (2, 2, changed)]
    assert night.rows("select number, attachment_sha256 from revision_attachments where article_id = 1") == [
        (1, old), (2, new),
    ]  # fmt: skip
    assert night.rows("select kind, detail from article_events where article_id = 2") == [
        ("found", None), ("revised", "attachments"),
    ]  # fmt: skip
    assert file_events(night) == [("replaced", 2)]
    assert {row[0] for row in night.rows("select sha256 from attachments")} == {old, new}
    assert night.rows("select capture_id from revisions where number = 2 order by article_id") == page
    assert night.value("select count(distinct capture_id) from article_events where kind = 'revised'") == 1
    assert night.put(offering(1), new_address(1)) == (1, "unchanged")


def test_looks_at_the_page_do_not_confirm_the_bytes_of_a_file(night: Night) -> None:
    put_pdf(night, OLD)
    night.put(offering(), new_address(1))
    night.clock.go_on(days=3)
    put_pdf(night, OLD)
    checked = night.value("select checked_at from file_looks")
    night.clock.go_on(days=3)
    night.put(offering(), new_address(1))
    assert night.value("select confirmed_at from revisions") > checked
    night.clock.go_on(days=1)
    put_pdf(night, NEW)
    assert night.value("select confirmed_at from revisions where number = 1") == checked


def test_a_file_that_goes_back_makes_a_third_revision(night: Night) -> None:
    put_pdf(night, OLD)
    night.put(offering(), new_address(1))
    put_pdf(night, NEW)
    put_pdf(night, OLD)
    assert [number for _, number, _ in revisions(night)] == [1, 2, 3]


def test_equal_bytes_confirm_and_change_nothing(night: Night) -> None:
    put_pdf(night, OLD)
    night.put(offering(), new_address(1))
    before = night.rows("select checked_at, looks from file_looks")
    night.clock.go_on(hours=1)
    put_pdf(night, OLD)
    assert len(revisions(night)) == 1
    assert night.rows("select * from file_events") == []
    (at, looks), *_ = night.rows("select checked_at, looks from file_looks")
    assert at > before[0][0]
    assert looks == 1


def test_a_304_confirms_what_is_held(night: Night) -> None:
    put_pdf(night, OLD)
    night.put(offering(), new_address(1))
    held = night.rows("select sha256, capture_id, fetched_at from files")
    capture = night.capture(FILE, b"", status=304)
    reading = FileReading(held[0][0], "application/pdf", len(OLD))
    night.writer.apply_file(FileRead(capture.record_id, "attachment", FILE), reading).result()
    assert night.rows("select sha256, capture_id, fetched_at from files") == held
    assert night.value("select looks from file_looks") == 1
    assert len(revisions(night)) == 1


def test_a_304_for_what_was_never_had_is_a_failure(night: Night) -> None:
    capture = night.capture(FILE, b"", status=304)
    night.writer.apply_file(FileRead(capture.record_id, "attachment", FILE), FileReading("x", "y", 0)).result()
    assert night.rows("select sha256, error from files") == [(None, "http-304")]


def test_a_late_file_completes_every_revision_that_lacks_it_with_one_event(night: Night) -> None:
    night.put_failure(FILE, "timeout", "attachment")
    night.put_failure(IMAGE, "timeout", "image")
    said = article("Tin", images=(image_ref("a.png"),), attachments=(file_ref("qd.pdf"),))
    night.put(said, new_address(1))
    night.put(offering(2), new_address(2))
    new = put_pdf(night, NEW)
    night.put_file(IMAGE, picture())
    assert len(revisions(night)) == 2
    assert night.rows("select attachment_sha256 from article_attachments") == [(new,), (new,)]
    assert night.value("select count(*) from article_images where image_sha256 is null") == 0
    completed = night.rows("select article_id from article_events where kind = 'completed' order by 1")
    assert completed == [(1,), (2,)]


@pytest.mark.parametrize("kind", ["http-404", "http-410", "not-a-file", "empty"])
def test_a_file_that_is_gone_is_said_once_and_stays(night: Night, kind: str) -> None:
    old = put_pdf(night, OLD)
    night.put(offering(), new_address(1))
    night.put_failure(FILE, kind, "attachment")
    night.put_failure(FILE, kind, "attachment")
    assert file_events(night) == [("gone", 1)]
    assert night.rows("select kind from crawl_errors") == [(kind,)]
    assert night.rows("select attachment_sha256 from article_attachments") == [(old,)]
    assert len(revisions(night)) == 1
    put_pdf(night, NEW)
    assert file_events(night) == [("gone", 1), ("returned", 1), ("replaced", 1)]
    assert night.rows("select error from files") == [(None,)]


@pytest.mark.parametrize("kind", ["timeout", "http-503", "host-down", "truncated"])
def test_a_failure_is_no_sign_that_a_held_file_is_gone(night: Night, kind: str) -> None:
    put_pdf(night, OLD)
    night.put(offering(), new_address(1))
    night.put_failure(FILE, kind, "attachment")
    assert file_events(night) == []
    assert night.rows("select error, sha256 is not null from files") == [(kind, 1)]


def show_in_many(night: Night, count: int, *, data: bytes) -> None:
    night.put_file(IMAGE, data)
    for number in range(1, count + 1):
        night.put(showing(number), new_address(number))


def test_a_picture_in_many_articles_that_changes_is_one_event(night: Night) -> None:
    show_in_many(night, SHARED_ARTICLES + 1, data=picture("red"))
    night.put_file(IMAGE, picture("green"))
    assert file_events(night) == [("replaced-in-many", SHARED_ARTICLES + 1)]
    for number in range(1, SHARED_ARTICLES + 2):
        assert night.put(showing(number), new_address(number))[1] == "unchanged"
    assert {number for _, number, _ in revisions(night)} == {1}
    # A true edit shows the picture of its time.
    assert night.put(showing(1, "Thân bài đã sửa."), new_address(1)) == (1, "changed")
    images = night.rows("select number, image_sha256 from revision_images where article_id = 1 order by number")
    assert images[0][1] != images[1][1]


def test_a_picture_in_twenty_articles_that_changes_is_a_revision_of_each(night: Night) -> None:
    show_in_many(night, SHARED_ARTICLES, data=picture("red"))
    night.put_file(IMAGE, picture("green"))
    assert night.value("select count(*) from revisions where number = 2") == SHARED_ARTICLES
    assert file_events(night) == [("replaced", SHARED_ARTICLES)]


def test_a_page_that_names_no_file_is_remembered_without_an_error(night: Night) -> None:
    night.put_failure(f"{STORE}/vbdownload/12", "a-page", "attachment")
    assert night.rows("select * from crawl_errors") == []
    assert night.rows("select sha256, error from files") == [(None, "a-page")]


def test_less_than_is_held_without_its_end_is_cut_until_another_run_gets_the_same(archive: Path, clock: Clock) -> None:
    whole = b"%PDF-1.7" + b"x" * 9_000 + b"%%EOF"
    with Night(archive, clock) as night:
        put_pdf(night, whole)
        night.put(offering(), new_address(1))
    for length, expected in ((5_000, 1), (4_000, 1), (4_000, 2)):
        clock.go_on(days=1)
        with Night(archive, clock) as night:
            put_pdf(night, whole[:length])
            assert len(revisions(night)) == expected
    assert read_rows(archive, "select distinct kind from crawl_errors") == [("truncated",)]


WHOLE, OTHER = picture("red", (800, 600), "JPEG"), picture("green", (1600, 1200), "JPEG")


@pytest.mark.parametrize(
    ("nights", "held", "numbers"),
    [
        ([WHOLE[:5_000], WHOLE], [False, True], [1, 1]),
        ([WHOLE[:5_000], WHOLE[:4_000], WHOLE[:4_000], WHOLE[:4_000]], [False, False, True, True], [1, 1, 1, 1]),
        # More bytes than are held, but not all of another picture.
        ([WHOLE, OTHER[:-50], WHOLE, OTHER[:-50], OTHER[:-50]], [True] * 5, [1, 1, 1, 1, 2]),
    ],
)
def test_a_picture_without_its_end_waits_until_it_comes_whole_or_the_same_again(
    archive: Path, clock: Clock, tmp_path: Path, nights: list[bytes], held: list[bool], numbers: list[int]
) -> None:
    found = []
    for data in nights:
        with Night(archive, clock) as night:
            night.put_file(IMAGE, data)
            night.read(new_address(1).url, article_page("Tin 1", "Thân bài.", images=[IMAGE]))
            found.append(night.rows("select revision, image_sha256 is not null from articles join article_images")[0])
        clock.go_on(days=1)
    assert found == list(zip(numbers, held, strict=True))
    assert read_rows(archive, "select distinct kind from crawl_errors") == [("truncated",)]
    rebuild(archive, tmp_path / "new.db")
    assert tables(tmp_path / "new.db") == tables(archive)


def test_a_file_that_never_came_otherwise_is_as_the_portal_has_it(night: Night) -> None:
    put_pdf(night, b"%PDF-1.7" + b"x" * 9_000)
    assert night.value("select count(*) from attachments") == 1


def offering_download() -> Article:
    return article("Tin 1", attachments=(AttachmentRef(DOWNLOAD, "Tải về"), file_ref("qd.pdf", "Quyết định")))


def test_an_address_known_as_a_page_is_no_attachment(night: Night) -> None:
    old = put_pdf(night, OLD)
    night.put_failure(DOWNLOAD, "a-page", "attachment")
    night.put(offering_download(), new_address(1))
    assert night.rows("select url, label, attachment_sha256 from article_attachments") == [(FILE, "Quyết định", old)]


def test_an_address_that_turns_out_to_be_a_page_makes_no_revision(night: Night) -> None:
    night.put_failure(DOWNLOAD, "timeout", "attachment")
    night.put_failure(FILE, "timeout", "attachment")
    night.put(offering_download(), new_address(1))
    night.put_failure(DOWNLOAD, "a-page", "attachment")
    new = put_pdf(night, NEW)
    assert night.put(offering_download(), new_address(1)) == (1, "unchanged")
    assert len(revisions(night)) == 1
    assert night.rows("select url, attachment_sha256 from article_attachments") == [(DOWNLOAD, None), (FILE, new)]


def test_an_address_without_a_name_is_a_file_by_its_answer(night: Night) -> None:
    night.put_file(DOWNLOAD, OLD, FileRole.ATTACHMENT)
    night.put(offering_download(), new_address(1))
    assert night.value("select count(*) from article_attachments where attachment_sha256 is not null") == 1
    night.put_file(DOWNLOAD, NEW, FileRole.ATTACHMENT)
    assert [number for _, number, _ in revisions(night)] == [1, 2]
    night.put_failure(DOWNLOAD, "a-page", "attachment")
    assert night.put(offering_download(), new_address(1)) == (1, "unchanged")
    assert file_events(night)[-1] == ("gone", 1)


def test_the_name_that_an_answer_states_is_kept_and_read_back(archive: Path, clock: Clock, tmp_path: Path) -> None:
    with Night(archive, clock) as night:
        stated = (b"Content-Disposition", b"attachment; filename*=UTF-8''Ph%E1%BB%A5%20l%E1%BB%A5c.docx")
        capture = night.capture(DOWNLOAD, b"PK\x03\x04..", content_type="application/x-zip", headers=[stated])
        answer = night.queries.answer(capture)
        reading = read_file(answer, FileRole.ATTACHMENT, asked=DOWNLOAD, profile=night.profile)
        night.writer.apply_file(FileRead(capture.record_id, "attachment", DOWNLOAD), reading).result()
    assert read_rows(archive, "select name from files") == [("Phụ lục.docx",)]
    assert read_rows(archive, "select media_type like '%wordprocessingml%' from attachments") == [(1,)]
    rebuild(archive, tmp_path / "new.db")
    assert tables(tmp_path / "new.db") == tables(archive)


def test_a_rebuild_tells_the_same_of_files(archive: Path, clock: Clock, tmp_path: Path) -> None:
    pages = {n: article_page(f"Tin {n}", "Thân bài.", images=[IMAGE], files=FILE) for n in range(1, 24)}
    with Night(archive, clock) as night:
        night.put_file(IMAGE, picture("red"))
        put_pdf(night, OLD)
        for number, page in pages.items():
            night.read(new_address(number).url, page)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        night.put_file(IMAGE, picture("green"))
        put_pdf(night, NEW)
        for number in (1, 2):
            night.read(new_address(number).url, pages[number])
    kinds = read_rows(archive, "select kind, articles from file_events order by id")
    assert kinds == [("replaced-in-many", 23), ("replaced", 23)]
    rebuild(archive, tmp_path / "new.db")
    assert tables(tmp_path / "new.db") == tables(archive)
