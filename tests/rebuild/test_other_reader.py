"""A rebuild by a reader that reads pages otherwise than the run's: never a crash, never a silent loss, no id lost."""

from pathlib import Path
from typing import Any

import pytest

from crawler.extract import answer
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import TABLES, all_rows, copy_archive
from tests.support.build import (
    Clock,
    Night,
    article,
    article_page,
    make_archive,
    new_address,
    old_address,
    read_rows,
    small_portal,
)
from tests.support.crawling import command
from tests.support.readers.other_reader import Read, read_with, refusing, rewriting

FIRST, SECOND = new_address(101, "mot").url, new_address(102, "hai").url
OLD, NEW = old_address(103, "ba").url, new_address(104, "ba").url
LONG = "Sáng nay, thị xã đã tổ chức hội nghị tổng kết phong trào trồng cây gây rừng ở các thôn bản. "


def without_rows(archive: Path) -> Path:
    """Take the database away; its WARC files stay."""
    archive.unlink()
    return archive


@pytest.mark.parametrize("kind", ["no-body", "soft-404", "another-layout"])
def test_a_page_that_is_refused_now_is_kept_as_the_rows_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    archive = make_archive(tmp_path, nights=2)
    read_with(monkeypatch, refusing(FIRST, SECOND, kind=kind))
    made = rebuild(archive, tmp_path / "new.db")
    rows, held = all_rows(tmp_path / "new.db"), all_rows(archive)
    for name in TABLES:
        assert rows[name] == held[name], name
    assert len(made.lines()) == 4
    first = made.lines()[0]
    assert first.startswith(
        f"article 1, capture 7, {FIRST}: page: was an article's page, and today's reader refuses it"
    )
    assert first.endswith(f"({kind}: not read); kept as the archive's rows have it")


def test_without_rows_a_refused_article_is_named_as_lost_with_its_captures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = make_archive(tmp_path, nights=2)
    before = {row[3]: row[1] for row in all_rows(archive, ["articles"])["articles"]}
    read_with(monkeypatch, refusing(FIRST))
    made = rebuild(without_rows(archive), tmp_path / "new.db")
    assert [(one.article_id, one.url, "lost" in one.said) for one in made.otherwise] == [(1, FIRST, True)] * 2
    assert all(one.capture_id for one in made.otherwise)
    assert {row[3]: row[1] for row in all_rows(tmp_path / "new.db", ["articles"])["articles"]} == {
        key: number for key, number in before.items() if number != 1
    }
    assert read_rows(tmp_path / "new.db", "select state from frontier where url = ?", FIRST) == [("failed",)]


@pytest.mark.parametrize("kind", ["soft-404", "no-body"])
def test_a_later_look_that_is_refused_is_no_evidence_against_the_article(
    archive: Path, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    for body in (LONG, LONG + "Hôm sau.", LONG + "Hôm sau nữa.", LONG + "Hôm kia."):
        with Night(archive, clock) as night:
            assert night.read(FIRST, article_page("Một", body)) == 1
        clock.go_on(days=1)

    def change(url: str, read: Read) -> Read:
        is_later = read[0].article is not None and "Hôm" in read[0].article.body
        return refusing(FIRST, kind=kind)(url, read) if is_later else read

    read_with(monkeypatch, change)
    made = rebuild(without_rows(archive), tmp_path / "new.db")
    assert len(made.otherwise) == 3
    assert read_rows(tmp_path / "new.db", "select id, state, revision, last_seen_at, seen_on from articles") == [
        (1, "live", 1, "2026-09-04T18:30:00Z", "2026-09-05")
    ]
    assert read_rows(tmp_path / "new.db", "select * from misses") == []


@pytest.mark.parametrize("urls", [(OLD,), (NEW,)])
def test_two_addresses_that_read_otherwise_now_stay_one_article(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, urls: tuple[str, ...]
) -> None:
    archive = make_archive(tmp_path, nights=2)
    assert read_rows(archive, "select distinct article_id from article_urls where url in (?, ?)", OLD, NEW) == [(3,)]
    read_with(monkeypatch, rewriting(*urls, body=lambda article: article.body + "\n\nĐoạn đọc thêm được."))
    rebuild(archive, tmp_path / "new.db")
    assert read_rows(tmp_path / "new.db", "select id from articles order by id") == [(1,), (2,), (3,), (4,)]
    at = "select distinct article_id from article_urls where url in (?, ?)"
    assert read_rows(tmp_path / "new.db", at, OLD, NEW) == [(3,)]


def test_two_articles_that_are_read_as_one_now_keep_their_ids(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_archive(tmp_path, nights=2)

    def change(url: str, read: Read) -> Read:
        page, addresses = read
        return (page, (*addresses, new_address(102, "hai"))) if url == FIRST else read

    read_with(monkeypatch, change)
    rebuild(archive, tmp_path / "new.db")
    assert read_rows(tmp_path / "new.db", "select id, title from articles order by id") == read_rows(
        archive, "select id, title from articles order by id"
    )
    assert read_rows(tmp_path / "new.db", "select article_id from article_urls where url = ?", SECOND) == [(2,)]


def test_twins_that_are_merged_now_are_named(archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = new_address(1, "tin"), new_address(2, "tin")
    for _ in range(2):
        with Night(archive, clock) as night:
            assert night.read(one.url, article_page("Tin", LONG)) == 1
            assert night.read(other.url, article_page("Tin", LONG)) == 2
        clock.go_on(days=1)

    def change(url: str, read: Read) -> Read:
        return (read[0], (*read[1], other)) if url == one.url else read

    read_with(monkeypatch, change)
    made = rebuild(archive, archive.with_name("new.db"))
    assert read_rows(archive.with_name("new.db"), "select id from articles") == [(1,)]
    assert read_rows(archive.with_name("new.db"), "select * from article_redirects") == [(2, 1)]
    assert [(found.article_id, found.field, found.said) for found in made.otherwise] == [
        (2, "article", "is read as article 1 now; the id leads there")
    ]


@pytest.mark.parametrize(
    "change",
    [
        rewriting(FIRST, title=lambda _: ""),
        rewriting(FIRST, title=lambda _: " \n"),
        lambda url, read: (read[0], ()) if url == FIRST else read,
    ],
    ids=["title", "blank title", "addresses"],
)
@pytest.mark.parametrize("has_rows", [True, False])
def test_an_article_without_title_or_address_now_is_kept_or_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: Any, has_rows: bool
) -> None:
    archive = make_archive(tmp_path, nights=2)
    titles = read_rows(archive, "select id, title from articles order by id")
    read_with(monkeypatch, change)
    made = rebuild(archive if has_rows else without_rows(archive), tmp_path / "new.db")
    assert {found.article_id for found in made.otherwise} == {1}
    assert read_rows(tmp_path / "new.db", "select id, title from articles order by id") == titles[not has_rows :]


def test_a_reader_that_fails_on_a_page_ends_no_rebuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_archive(tmp_path)

    def change(url: str, read: Read) -> Read:
        if url in (FIRST, "https://sapa.example.vn/tin-tuc"):
            raise ZeroDivisionError("a fault of the reader")
        return read

    read_with(monkeypatch, change)
    made = rebuild(archive, tmp_path / "new.db")
    assert [(found.article_id, found.url, "ZeroDivisionError" in found.line()) for found in made.otherwise] == [
        (None, "https://sapa.example.vn/tin-tuc", True),
        (1, FIRST, True),
    ]
    texts = "select id, title, body, captions from articles order by id"
    assert read_rows(tmp_path / "new.db", texts) == read_rows(archive, texts)


def test_a_reader_that_fails_on_a_file_ends_no_rebuild(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = make_archive(tmp_path)

    def fail(*_: object, **__: object) -> None:
        raise ValueError("not today")

    monkeypatch.setattr(answer, "read_file", fail)
    made = rebuild(archive, tmp_path / "new.db")
    assert [found.field for found in made.otherwise] == ["file", "file"]
    assert len(all_rows(tmp_path / "new.db", ["articles"])["articles"]) == 3


def test_an_article_that_is_read_earlier_now_gets_the_id_that_it_got_later(
    archive: Path, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at, other = new_address(1, "mot").url, new_address(2, "hai").url
    broken = "<html><body>Trang đang được nâng cấp mã nguồn, mời quý vị quay lại.</body></html>"
    with Night(archive, clock) as night:
        assert night.read(at, broken) is None
        assert night.read(other, article_page("Hai", LONG)) == 1
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert night.read(at, article_page("Một", LONG + "Một.")) == 2

    def change(url: str, read: Read) -> Read:
        given = answer.Answer(at, article_page("Một", LONG + "Một.").encode(), "text/html; charset=utf-8", None)
        asked = {"asked": at, "listing": None, "page": None, "profile": night.profile}
        return todays(given, answer.Purpose.ARTICLE, **asked) if url == at else read

    todays = answer.read_page
    read_with(monkeypatch, change)
    rebuild(archive, tmp_path / "new.db")
    rows = read_rows(tmp_path / "new.db", "select id, url, first_seen_at from articles order by id")
    assert rows == [(1, other, "2026-09-01T18:30:00Z"), (2, at, "2026-09-01T18:30:00Z")]


def test_a_start_after_a_death_adopts_by_another_reader(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = Night(tmp_path / "alive" / "archive.db", clock)
    small_portal(alive)
    dead = copy_archive(alive.writer.archive, tmp_path / "dead")
    alive.writer.commit().result()
    for path in alive.writer.folder.iterdir():
        (dead.parent / "warc" / path.name).write_bytes(path.read_bytes())
    alive.writer.close()
    read_with(monkeypatch, refusing(FIRST))
    with Night(dead, clock, with_adoption=True) as night:
        assert night.adopted is not None
        assert [found.article_id for found in night.adopted.otherwise] == [1]
        assert night.rows("select id from articles order by id") == [(2,), (3,)]
        monkeypatch.undo()
        assert night.read(FIRST, article_page("Một", LONG)) == 4


def test_the_command_names_them_and_ends_with_3(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.put(article("Tin", "Thân bài."), new_address(1))  # what was captured is no article's page
    archive.unlink()
    done = command("rebuild", "--archive", archive, "--into", archive.with_name("new.db"))
    assert (done.code, "article 1, capture 1, " in done.out, "lost, since" in done.out) == (3, True, True)
    assert read_rows(archive.with_name("new.db"), "select id from articles") == []
