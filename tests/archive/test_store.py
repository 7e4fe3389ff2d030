"""The store: portals, runs, captures, files and errors, and the counts in a run's row."""

from io import BytesIO

import msgspec
import pytest
from PIL import Image

from crawler.archive import store
from crawler.archive.verdicts.rules import RULES
from crawler.archive.warc import captures
from crawler.archive.warc.ledger import FileRead, ListingWalked, PageRead
from crawler.errors import ArchiveUnusableError, PortalMovedError
from crawler.items import FileRole
from tests.support.build import (
    BASE,
    STORE,
    Clock,
    Night,
    article,
    because,
    image_ref,
    link,
    listing,
    make_profile,
    new_address,
    picture,
    read_rows,
)

A, B = new_address(1, "mot"), new_address(2, "hai")
IMAGE = f"{STORE}/lci/a.png"


def errors(night: Night) -> list[tuple[object, ...]]:
    return night.rows("select url, kind, crawl_id from crawl_errors order by id")


def counts(night: Night) -> tuple[object, ...]:
    return read_rows(
        night.writer.archive,
        """select outcome, requests, articles_new, articles_changed, articles_unchanged, images_new, errors
           from crawls order by id desc limit 1""",
    )[0]


def is_known(night: Night, url: str, role: str) -> bool:
    return night.queries.known_files([(url, role)]).result() == {(url, role)}


def test_a_portals_row_follows_its_profile(night: Night) -> None:
    profile = make_profile('[rights]\nnotice = "Lời"\nsource = "Nguồn"\n')
    store.put_portal(
        night.writer.connection, msgspec.structs.replace(profile, title="Tên mới"), profile_json="{}", rules=RULES
    )
    assert night.rows("select name, title, base_url, timezone, rights_notice, rights_source from portals") == [
        ("sapa", "Tên mới", "https://sapa.example.vn/", "Asia/Ho_Chi_Minh", "Lời", "Nguồn")
    ]


def test_a_portal_that_moved_is_refused_with_what_to_write(night: Night) -> None:
    moved = msgspec.structs.replace(night.profile, base_url="https://elsewhere.vn/")
    with pytest.raises(PortalMovedError, match=r'moved_from = \["https://sapa\.example\.vn/"\]'):
        store.check_portal(night.writer.connection, moved)
    with pytest.raises(PortalMovedError):
        store.put_portal(night.writer.connection, moved, profile_json="{}", rules=RULES)
    allowed = msgspec.structs.replace(moved, moved_from=("https://sapa.example.vn/",))
    store.put_portal(night.writer.connection, allowed, profile_json="{}", rules=RULES)
    assert night.value("select base_url from portals") == "https://elsewhere.vn/"


def test_another_spelling_of_the_same_address_is_no_move(night: Night) -> None:
    for spelling in ("https://sapa.example.vn", "https://Sapa.Example.vn/"):
        same = msgspec.structs.replace(night.profile, base_url=spelling)
        store.check_portal(night.writer.connection, same)


def test_a_runs_row_counts_its_rows(clock: Clock, night: Night) -> None:
    night.put_file(IMAGE, picture())
    night.put(article(), A)
    night.put(article("Hai"), B)
    night.put(article("Hai", "Đổi cùng đêm."), B)
    night.put_failure(new_address(9).url, "timeout", attempted=True)
    night.put_failure(f"{STORE}/khac.png", "foreign-host", "image")
    night.writer.finish("partial", because("so"))
    night.writer.close()
    assert counts(night) == ("partial", 5, 2, 0, 0, 1, 2)
    clock.go_on(days=1)
    with Night(night.writer.archive, clock) as second:
        second.put(article(), A)
        second.put(article("Hai", "Đổi."), B)
        second.put(article("Ba"), new_address(3, "ba"))
        second.put_file(f"{STORE}/lci/b.png", picture())
    assert counts(second) == ("complete", 4, 1, 1, 1, 0, 0)


def test_a_runs_row_says_running_until_it_is_finished(night: Night) -> None:
    row = night.rows("select id, portal, outcome, finished_at, full from crawls")
    assert row == [(night.writer.crawl_id, "sapa", "running", None, 0)]


def test_a_dead_file_is_one_error_for_any_number_of_tries(night: Night) -> None:
    for _ in range(3):
        night.put_failure(IMAGE, "http-404", "image")
    assert errors(night) == [(IMAGE, "http-404", 1)]
    assert night.rows("select url, role, sha256, error from files") == [(IMAGE, "image", None, "http-404")]


def test_a_dead_file_that_fails_otherwise_is_a_new_error(night: Night) -> None:
    night.put_failure(IMAGE, "http-404", "image")
    night.put_failure(IMAGE, "timeout", "image")
    assert [row[1] for row in errors(night)] == ["http-404", "timeout"]


def test_a_dead_file_that_comes_back_is_held_and_its_error_gone(night: Night) -> None:
    night.put_failure(IMAGE, "http-404", "image")
    night.put_file(IMAGE, picture())
    assert night.value("select error from files") is None
    assert is_known(night, IMAGE, "image")


def test_a_held_file_that_fails_later_stays_held(night: Night) -> None:
    night.put_file(IMAGE, picture())
    night.put_failure(IMAGE, "http-404", "image")
    assert [row[1] for row in errors(night)] == ["http-404"]
    assert night.rows("select error, sha256 is not null from files") == [("http-404", 1)]


def test_a_file_that_is_not_what_it_should_be_is_refused_and_keeps_its_capture(night: Night) -> None:
    reading = night.put_file(IMAGE, b"<html>404</html>")
    assert reading.refusal is not None
    assert errors(night) == [(IMAGE, "not-an-image", 1)]
    assert night.rows("select capture_id from crawl_errors") == night.rows(
        "select id from captures where url = ?", IMAGE
    )
    assert night.rows("select * from images") == []


def test_a_picture_that_costs_too_much_to_draw_is_held_and_named_once(night: Night) -> None:
    out = BytesIO()
    Image.new("RGB", (7_000, 7_000)).save(out, "JPEG", progressive=True, quality=1)
    for url in (IMAGE, f"{IMAGE}?again"):
        assert night.put_file(url, out.getvalue()).undrawn
    assert errors(night) == [(IMAGE, "picture-too-large", 1)]
    assert night.rows("select width, height, thumbnail from images") == [(7_000, 7_000, None)]
    assert night.rows("select error from files") == [(None,), (None,)]


def test_a_file_is_held_by_role(night: Night) -> None:
    night.put_file(IMAGE, picture())
    assert is_known(night, IMAGE, "image")
    assert not is_known(night, IMAGE, "attachment")
    assert not is_known(night, f"{STORE}/lci/b.png", "image")


def test_the_same_bytes_under_two_addresses_are_one_image(night: Night) -> None:
    first = night.put_file(IMAGE, picture())
    second = night.put_file(f"{STORE}/lci/b.png", picture())
    assert first.sha256 == second.sha256
    rows = night.rows("select sha256, media_type, width, height, size_bytes, capture_id from images")
    assert rows == [(first.sha256, "image/png", 40, 30, len(picture()), 1)]
    assert night.value("select length(thumbnail) from images") > 0


def test_an_attachment_has_its_own_table(night: Night) -> None:
    found = night.put_file(f"{STORE}/k.pdf", b"%PDF-1.7 k", FileRole.ATTACHMENT)
    assert night.rows("select * from attachments") == [(found.sha256, "application/pdf", 10, 1)]
    assert night.rows("select * from images") == []


def test_a_refused_page_is_an_error_with_its_capture_and_no_article(night: Night) -> None:
    night.put_listing(listing(link(A)))
    night.put_refusal(A.url, "another-layout")
    assert errors(night) == [(A.url, "another-layout", 1)]
    assert night.rows("select capture_id from crawl_errors") == night.rows(
        "select id from captures where url = ?", A.url
    )
    assert night.rows("select * from articles") == []


def test_an_attempt_without_an_answer_counts_as_a_request(night: Night) -> None:
    night.put_failure(A.url, "timeout", attempted=True)
    night.put_failure(B.url, "robots", attempted=False)
    assert night.value("select requests from crawls") == 1


def test_a_listing_walk_is_kept_once_a_run(night: Night) -> None:
    night.walked(missing="page 2: timeout")
    night.walked()
    assert night.rows("select url, missing from listing_walks") == [(f"{BASE}/tin-tuc", None)]


def test_a_capture_that_no_record_has_is_named(night: Night) -> None:
    with pytest.raises(ArchiveUnusableError, match="urn:uuid:none"):
        captures.capture_by_record(night.writer.connection, "urn:uuid:none")


def test_the_portal_of_every_entry_is_found_by_its_run_or_its_capture(night: Night) -> None:
    connection = night.writer.connection
    record = night.capture(A.url).record_id
    assert store.entry_portal(connection, PageRead(record, "article", A.url)) == "sapa"
    assert store.entry_portal(connection, FileRead(record, "image", A.url)) == "sapa"
    assert (
        store.entry_portal(connection, ListingWalked(1, A.url, "2026-11-24T18:30:00Z", None, 1, 1, (), True)) == "sapa"
    )
    with pytest.raises(ArchiveUnusableError, match="crawl 9"):
        store.entry_portal(connection, ListingWalked(9, A.url, "2026-11-24T18:30:00Z", None, 1, 1, (), True))


def test_a_capture_comes_back_as_it_was_given(night: Night) -> None:
    capture = night.capture(A.url, b"abc", method="POST", request_body=b"page=1", truncated="length")
    assert captures.capture_by_record(night.writer.connection, capture.record_id) == capture
    assert (capture.media_type, capture.method, capture.truncated) == ("text/html", "POST", "length")


def test_referenced_rows_cannot_be_deleted(night: Night) -> None:
    night.put_file(IMAGE, picture())
    night.put(article(images=(image_ref("a.png"),)), A)
    for table in ("captures", "crawls", "portals", "images", "articles", "revision_rows"):
        with pytest.raises(Exception, match="FOREIGN KEY constraint failed"):
            night.writer.connection.execute(f"delete from {table}")
