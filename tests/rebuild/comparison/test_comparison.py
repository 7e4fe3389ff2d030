"""The rehearsal of a parser: what it reads otherwise than the rows, field by field; and storing the better readings."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.fixity import verify
from crawler.cli.commands import run_command
from crawler.items import FileRole, FoundDate, ImageRef
from crawler.rebuild.comparison.apply import apply_better
from crawler.rebuild.comparison.compare import compare
from crawler.rebuild.comparison.outside_run import Origin
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import TABLES, all_rows
from tests.support.build import DESCRIBE, STORE, Clock, Night, article_page, new_address, picture, read_rows
from tests.support.readers.other_reader import Change, read_with, refusing, rewriting
from tests.support.withholding import act

ONE, TWO = new_address(1, "mot").url, new_address(2, "hai").url
PHOTO, PLAN = f"{STORE}/lci/20260801/anh.png", f"{STORE}/lci/20260801/ke-hoach.pdf"
BODY = "Sáng nay, thị xã đã họp tổng kết phong trào trồng cây gây rừng.\n\nHội nghị bàn về {} việc.\n\nHết."


def page(title: str, count: int) -> str:
    return article_page(title, BODY.format(count), day="01/09/2026 08:00", images=[PHOTO], files=PLAN)


def crawl(archive: Path, clock: Clock, *, by: Change | None) -> None:
    """Crawl three nights: one article is edited on the third, and its picture is replaced on the second."""
    for count, shade in ((12, "blue"), (12, "red"), (13, "red")):
        with Night(archive, clock) as night:
            night.put_file(PHOTO, picture(shade))
            night.put_file(PLAN, b"%PDF-1.7 plan", FileRole.ATTACHMENT)
            night.read(ONE, page("Một", count), by=by)
            night.read(TWO, page("Hai", 12), by=by)
        clock.go_on(days=1)


OLDER: dict[str, tuple[Change, set[str]]] = {
    "title": (rewriting(title=lambda one: f"{one.title} - Cổng"), {"title"}),
    "body": (rewriting(body=lambda one: one.body + "\n\nTin khác"), {"body"}),
    "html": (rewriting(body_html=lambda one: one.body_html.replace("<p>", "<p >")), {"body_html"}),
    "byline": (rewriting(byline=lambda _: "Ban biên tập"), {"byline"}),
    "summary": (rewriting(summary=lambda _: "Tóm tắt"), {"summary"}),
    "caption": (
        rewriting(
            images=lambda one: tuple(ImageRef(image.url) for image in one.images), body=lambda one: one.body + "\n\nẢnh"
        ),
        {"captions", "body"},
    ),
    "files": (
        rewriting(attachments=lambda _: (), images=lambda _: ()),
        {"images", "captions", "attachments", "labels"},
    ),
    "day": (rewriting(dates=lambda _: (FoundDate(date(2026, 1, 9), "page"),)), {"published_on"}),
    "no day": (rewriting(dates=lambda _: ()), {"published_on"}),
}


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `rebuild` over an archive; gives its exit code and what it printed."""

    def run(archive: Path, *options: str) -> tuple[int, str]:
        code = run_command(["rebuild", "--archive", str(archive), *options])
        return code, capsys.readouterr().out

    return run


def apply(archive: Path, clock: Clock) -> Any:
    return apply_better(archive, Origin("readings", clock, DESCRIBE))


@pytest.mark.parametrize("name", OLDER)
def test_what_is_read_better_is_named_applied_and_rebuilt(archive: Path, clock: Clock, name: str) -> None:
    older, fields = OLDER[name]
    crawl(archive, clock, by=older)
    before = all_rows(archive)
    found, _ = compare(archive)
    assert {one.field for one in found.differences} == fields
    assert {one.article_id for one in found.differences} == {1, 2}
    assert all_rows(archive) == before
    events = read_rows(archive, "select * from article_events order by id")
    applied = apply(archive, clock)
    assert (applied.applied, applied.unread) == (3, 0)
    assert read_rows(archive, "select * from article_events order by id") == events
    assert compare(archive)[0].differences == []
    assert apply(archive, clock).applied == 0
    assert verify(archive).differences == []
    into = archive.with_name("new.db")
    assert rebuild(archive, into).lines() == []
    if name == "files":
        return  # the first reader never saw that the picture was replaced: a rebuild has a revision more
    rows, held = all_rows(into), all_rows(archive)
    for table in (*TABLES, "article_facts", "article_documents", "number_changes"):
        # Rows without an id of their own may stand in another order.
        cut = 1 if table in ("revision_images", "revision_attachments", "article_dates") else 0
        assert sorted((row[cut:] for row in rows.get(table, ())), key=repr) == sorted(
            (row[cut:] for row in held.get(table, ())), key=repr
        ), table


def test_the_same_reader_reads_the_same(archive: Path, clock: Clock, run: Run) -> None:
    crawl(archive, clock, by=None)
    files = {path: path.read_bytes() for path in archive.parent.rglob("*") if path.is_file()}
    for option in ("--compare", "--apply"):
        assert run(archive, option) == (0, "3 revisions read again, nothing differs\n")
    assert {path: path.read_bytes() for path in files} == files


def test_the_command_compares_then_applies(archive: Path, clock: Clock, run: Run) -> None:
    crawl(archive, clock, by=OLDER["title"][0])
    code, said = run(archive, "--compare")
    assert code == 3
    assert f'article 1, revision 1, capture 3, {ONE}: title: "Một - Cổng" -> "Một"' in said
    assert "3 revisions read again, 3 differences in 2 articles" in said
    code, said = run(archive, "--compare", "--json")
    found = json.loads(said)
    assert (code, found["revisions"], len(found["differences"])) == (3, 3, 3)
    assert found["differences"][0] == {
        "article_id": 1, "revision": 1, "capture_id": 3, "url": ONE, "field": "title", "held": "Một - Cổng",
        "read": "Một",
    }  # fmt: skip
    code, said = run(archive, "--apply")
    assert (code, "3 readings applied" in said) == (0, True)
    assert run(archive, "--compare")[0] == 0


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--into", "new.db", "--compare"),
        ("--into", "new.db", "--apply"),
        ("--into", "new.db", "--json"),
        ("--json",),
    ],
)
def test_options_that_do_not_go_together_are_refused(archive: Path, run: Run, options: tuple[str, ...]) -> None:
    assert run(archive, *options)[0] == 2


def test_a_page_that_is_refused_is_named_and_never_applied(
    archive: Path, clock: Clock, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(archive, clock, by=OLDER["title"][0])
    read_with(monkeypatch, refusing(ONE))
    code, said = run(archive, "--compare")
    assert (code, f"capture 3, {ONE}: page: refused (no-body: not read)" in said) == (3, True)
    code, said = run(archive, "--apply")
    assert (code, "2 pages refused or unreadable, kept as stored, 1 reading applied" in said) == (3, True)
    assert read_rows(archive, "select id, title from articles") == [(1, "Một - Cổng"), (2, "Hai")]


def test_a_missing_file_is_named_and_its_revisions_stay(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, by=OLDER["title"][0])
    first = read_rows(archive, "select warc_file from captures order by id limit 1")[0][0]
    (archive.parent / "warc" / first).rename(archive.with_name("lost.gz"))
    found, better = compare(archive)
    assert (found.revisions, found.unread) == (3, 2)
    assert [(one.article_id, one.number) for one in better] == [(1, 3)]


def test_two_articles_that_are_read_as_one_are_named(
    archive: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl(archive, clock, by=None)
    read_with(monkeypatch, lambda url, read: (read[0], (*read[1], new_address(2, "hai"))) if url == ONE else read)
    found, _ = compare(archive)
    assert {(one.article_id, one.field, one.read) for one in found.differences} == {
        (1, "addresses", f"{TWO}, of article 2")
    }


def test_a_withheld_article_is_compared_without_its_words(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, by=OLDER["title"][0])
    act(archive, "withhold", "1", at=clock())
    found, _ = compare(archive)
    assert {(one.held, one.read) for one in found.differences if one.article_id == 1} == {(None, None)}
    assert apply(archive, clock).applied == 3
    assert read_rows(archive, "select id from articles") == [(2,)]
    act(archive, "release", "1", at=clock())
    assert read_rows(archive, "select id, title from articles") == [(1, "Một"), (2, "Hai")]
    assert verify(archive).differences == []


def test_a_night_after_an_application_finds_nothing_changed(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, by=OLDER["body"][0])
    apply(archive, clock)
    with Night(archive, clock) as night:
        night.read(ONE, page("Một", 13))
    assert read_rows(archive, "select id, revision from articles") == [(1, 3), (2, 2)]


def test_processes_compare_alike(archive: Path, clock: Clock) -> None:
    crawl(archive, clock, by=OLDER["caption"][0])
    assert compare(archive, processes=1) == compare(archive)
