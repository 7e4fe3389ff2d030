"""A better reader makes no revision: a revision of an older reader is read again before a page is compared with it."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.warc.ledger import PageReread, parse_entries
from crawler.archive.warc.reader import warc_files
from crawler.extract.version import READER_VERSION
from crawler.items import Article, FileRole, FoundDate, ImageRef
from crawler.rebuild.rebuild import rebuild
from crawler.search.hits import search_articles
from tests.support.archives.rows import TABLES, all_rows
from tests.support.build import STORE, Clock, Night, article_page, new_address, old_address, picture, read_rows
from tests.support.readers.other_reader import Change, refusing, rewriting
from tests.support.wire.warc_records import read_records

AT = new_address(1, "mot").url
PHOTO, PLAN = f"{STORE}/lci/20260801/anh.png", f"{STORE}/lci/20260801/ke-hoach.pdf"
BODY = (
    "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng.\n\nHội nghị bàn về 12 việc.\n\nHết."
)
PAGE = article_page("Một", BODY, day="01/09/2026 08:00", images=[PHOTO], files=PLAN)
EDITED = article_page("Một", BODY.replace("12 việc", "13 việc"), day="01/09/2026 08:00", images=[PHOTO], files=PLAN)


def _captions_in_body(article: Article) -> str:
    return "\n\n".join([article.body, *(image.caption or "" for image in article.images)])


# What the first reader read otherwise.
OLDER = {
    "caption in the body": rewriting(
        body=_captions_in_body, images=lambda one: tuple(ImageRef(image.url) for image in one.images)
    ),
    "title not trimmed": rewriting(title=lambda one: f"{one.title} - Cổng thông tin"),
    "paragraph lost": rewriting(body=lambda one: one.body.replace("\n\nHết.", "")),
    "paragraph added": rewriting(body=lambda one: f"{one.body}\n\nTin liên quan"),
    "byline of nobody": rewriting(byline=lambda _: "Ban biên tập"),
    "summary of its own": rewriting(summary=lambda one: one.body.split("\n\n")[0]),
    "source of its own": rewriting(source=lambda _: "Báo Lào Cai"),
    "no picture": rewriting(images=lambda _: ()),
    "no attachment": rewriting(attachments=lambda _: ()),
    "label lost": rewriting(attachments=lambda one: tuple(replace(file, label=None) for file in one.attachments)),
    "another day": rewriting(dates=lambda _: (FoundDate(date(2026, 1, 9), "page"),)),
    "much at once": rewriting(
        title=lambda one: one.title.upper(), body=lambda one: one.body[:40], byline=lambda _: "A", images=lambda _: ()
    ),
}


def crawl(archive: Path, clock: Clock, page: str = PAGE, *, by: Change | None = None, **more: Any) -> None:
    with Night(archive, clock) as night:
        night.put_file(PHOTO, picture("blue"))
        night.put_file(PLAN, b"%PDF-1.7 plan", FileRole.ATTACHMENT)
        assert night.read(AT, page, by=by, **more) == 1
    clock.go_on(days=1)


def rereads(archive: Path) -> list[PageReread]:
    return [
        entry
        for path in warc_files(archive.parent / "warc")
        for record in read_records(path, kinds=("metadata",))
        for entry in parse_entries(record.block)
        if isinstance(entry, PageReread)
    ]


def assert_rebuilt_equal(archive: Path) -> None:
    into = archive.with_name("new.db")
    assert rebuild(archive, into).lines() == []
    rows, held = all_rows(into), all_rows(archive)
    for name in (*TABLES, "article_facts", "article_documents", "number_changes", "last_looks"):
        assert rows.get(name) == held.get(name), name


@pytest.mark.parametrize("older", OLDER.values(), ids=OLDER)
def test_the_same_page_read_better_is_no_revision(archive: Path, clock: Clock, older: Change) -> None:
    crawl(archive, clock, by=older)
    wrong = read_rows(archive, "select content_sha256 from articles")
    crawl(archive, clock)
    assert read_rows(archive, "select revision, changed_at, state from articles") == [(1, None, "live")]
    assert "revised" not in {row[0] for row in read_rows(archive, "select kind from article_events")}
    assert read_rows(archive, "select articles_changed, articles_unchanged from crawls")[1] == (0, 1)
    assert read_rows(archive, "select reader, changed from revisions") == [(READER_VERSION, None)]
    record = read_rows(archive, "select record_id from captures where url = ? order by id", AT)[0][0]
    assert rereads(archive) == [PageReread(record, 1, 1, READER_VERSION)]
    if older is not OLDER["no picture"]:  # a list of pictures is no part of the digest
        assert read_rows(archive, "select content_sha256 from articles") != wrong
    assert_rebuilt_equal(archive)


@pytest.mark.parametrize("name", ["caption in the body", "summary of its own", "much at once"])
def test_an_edit_changes_only_what_the_portal_changed(archive: Path, clock: Clock, name: str) -> None:
    crawl(archive, clock, by=OLDER[name])
    crawl(archive, clock, EDITED)
    rows = read_rows(archive, "select number, changed, classes, reader from revisions order by number")
    assert rows == [(1, None, None, READER_VERSION), (2, '["body"]', '["number"]', READER_VERSION)]
    assert read_rows(archive, "select detail_args from article_events where kind = 'revised'") == [
        ('{"fields":["body"]}',)
    ]
    assert read_rows(archive, "select before, after from number_changes") == [("12", "13")]
    assert_rebuilt_equal(archive)


def test_the_search_finds_the_new_words_and_not_the_old_ones(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, by=rewriting(body=lambda one: one.body.replace("Hết.", "Nhầm lẫn.")))
    crawl(archive, clock)
    with Night(archive, clock) as night:
        found = {
            text: [hit.article_id for hit in search_articles(night.writer.connection, text).hits]
            for text in ("nham lan", "het")
        }
    assert found == {"nham lan": [], "het": [1]}


def test_a_later_revision_of_an_older_reader_is_read_again(archive: Path, clock: Clock) -> None:
    older = OLDER["caption in the body"]
    crawl(archive, clock, by=older)
    crawl(archive, clock, EDITED, by=older)
    assert read_rows(archive, "select changed from revisions where number = 2") == [('["body"]',)]
    crawl(archive, clock, EDITED)
    rows = read_rows(archive, "select number, reader, changed from revisions order by number")
    assert rows == [(1, None, None), (2, READER_VERSION, '["body"]')]


def test_a_revision_of_other_bytes_follows_its_page(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, by=OLDER["title not trimmed"])
    with Night(archive, clock) as night:
        night.put_file(PHOTO, picture("red"))
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert night.read(AT, PAGE) == 1
    assert read_rows(archive, "select number, title, reader, changed from revisions order by number") == [
        (1, "Một - Cổng thông tin", None, None),
        (2, "Một", READER_VERSION, '["images"]'),
    ]


def test_the_other_address_of_an_article_joins_it_as_it_is_read_now(archive: Path, clock: Clock) -> None:
    old = old_address(77, "mot").url
    crawl(archive, clock, by=OLDER["paragraph added"])
    with Night(archive, clock) as night:
        assert night.read(old, PAGE) == 1
        assert night.read(new_address(2, "khac").url, article_page("Một", "Tin khác hẳn, cùng đầu đề.")) == 2
    assert read_rows(archive, "select id, revision from articles order by id") == [(1, 1), (2, 1)]
    assert_rebuilt_equal(archive)


def test_nothing_is_read_again_where_nothing_differs(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, by=lambda _, read: read)
    crawl(archive, clock)
    assert rereads(archive) == []
    assert read_rows(archive, "select number, reader from revisions") == [(1, None)]


@pytest.mark.parametrize("loss", ["file", "refused"])
def test_a_capture_that_cannot_be_read_is_compared_as_it_was_read(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    crawl(archive, clock, by=OLDER["paragraph added"])
    with Night(archive, clock) as night:
        if loss == "file":
            shutil.move(warc_files(night.writer.folder)[0], archive.with_name("lost"))
        else:
            held = night.writer.reread
            assert held is not None
            night.writer.reread = lambda capture: refusing(AT)(AT, (held(capture), ()))[0]  # type: ignore[arg-type]
        assert night.read(AT, PAGE) == 1
    assert read_rows(archive, "select number, reader, changed from revisions order by number") == [
        (1, None, None),
        (2, READER_VERSION, '["body"]'),
    ]
    if loss == "refused":
        assert rereads(archive) == []
