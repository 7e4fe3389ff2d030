"""Files are asked for again by a plan, missing ones the next night, and a night without its files is not complete."""

from datetime import date, timedelta
from pathlib import Path

import msgspec
import pytest

from crawler.archive.frontier.file_looks import FileLook
from crawler.archive.warc.ledger import Failed
from crawler.items import Article, FileRole
from crawler.language.dates import to_iso_utc
from crawler.rebuild.rebuild import rebuild
from crawler.sentences import say
from tests.support.build import (
    BASE,
    Clock,
    Night,
    article,
    article_page,
    file_ref,
    image_ref,
    make_profile,
    new_address,
    picture,
    read_rows,
)
from tests.support.crawling import tables

AT = new_address(1)
STORE = "https://storage.example.vn"
OTHER = "https://other.example.vn"
FILE, IMAGE = f"{STORE}/lci/qd.pdf", f"{STORE}/lci/a.png"
PDF = b"%PDF-1.4 one"


def named(*urls: str, at: int = 1) -> Article:
    """Make an article that names these files; a .png is a picture."""
    names = [url.rpartition("/")[2] for url in urls]
    images = tuple(image_ref(name) for name in names if name.endswith(".png"))
    files = tuple(file_ref(name) for name in names if not name.endswith(".png"))
    return article(f"Tin {at}", images=images, attachments=files)


def hold(night: Night, *urls: str) -> None:
    fetch(night, *urls)
    night.put(named(*urls), AT)


def fetch(night: Night, *urls: str) -> None:
    for url in urls:
        is_picture = url.endswith(".png")
        night.put_file(
            url, picture() if is_picture else PDF + url.encode(), FileRole.IMAGE if is_picture else FileRole.ATTACHMENT
        )


def due(night: Night, *, every_file: bool = False) -> list[FileLook]:
    return night.queries.due_files(every_file=every_file)


def go_to_next_look(archive: Path, clock: Clock) -> int:
    """Go on to the night on which the only file is due, and not the night before; give the number of days."""
    (asked, on), *_ = read_rows(archive, "select asked_on, due_on from file_looks")
    days = (date.fromisoformat(on) - date.fromisoformat(asked)).days
    clock.go_on(days=days - 1)
    if days > 1:
        with Night(archive, clock) as night:
            assert due(night) == []
    clock.go_on(days=1)
    return days


def test_an_attachment_is_asked_for_weekly_for_thirty_days_then_every_ninety(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        hold(night, FILE)
    waits = []
    for _ in range(8):
        waits.append(go_to_next_look(archive, clock))
        with Night(archive, clock) as night:
            assert [look.url for look in due(night)] == [FILE]
            fetch(night, FILE)
    young = [wait for place, wait in enumerate(waits) if sum(waits[:place]) < 30]
    assert 1 <= young[0] <= 7
    assert set(young[1:]) == {7}
    first, *old = waits[len(young) :]
    assert 1 <= first <= 90
    assert set(old) == {90}


def test_a_picture_is_asked_for_after_its_page_changed(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        hold(night, IMAGE)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert due(night) == []
        night.put(named(IMAGE), AT)
        assert due(night) == []
        night.put(article("Tin 1", "Thân bài đã sửa.", images=(image_ref("a.png"),)), AT)
        assert due(night) == [FileLook(IMAGE, FileRole.IMAGE, is_conditional=True)]


def test_a_picture_is_asked_for_within_730_days(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        hold(night, IMAGE)
        on = night.value("select julianday(due_on) - julianday(asked_on) from file_looks")
        assert 1 <= on <= 730


def test_every_fourth_look_is_unconditional(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        hold(night, FILE)
    conditional = []
    while len(conditional) < 8:
        clock.go_on(days=91)
        with Night(archive, clock) as night:
            conditional += [look.is_conditional for look in due(night)]
            hold(night, FILE)
    assert conditional == [True, True, True, False, True, True, True, False]


def test_so_many_held_files_a_night_attachments_first_and_the_most_overdue_first(archive: Path, clock: Clock) -> None:
    profile = make_profile("[relook]\nfiles_per_night = 3\n")
    images = [f"{STORE}/lci/{n}.png" for n in range(3)]
    files = [f"{STORE}/lci/{n}.pdf" for n in range(5)]
    with Night(archive, clock, profile) as night:
        hold(night, *files, *images)
        planned = [
            row[0] for row in night.rows("select url from file_looks where role = 'attachment' order by due_on, url")
        ]
    clock.go_on(days=800)
    asked: list[str] = []
    for _ in range(3):
        with Night(archive, clock, profile) as night:
            looks = due(night)
            asked += [look.url for look in looks]
            fetch(night, *(look.url for look in looks[:2]))
            assert len(due(night)) <= 1, "those of an earlier run of the night count, too"
            fetch(night, *(look.url for look in looks[2:]))
            assert due(night) == []
        clock.go_on(days=1)
    assert asked == [*planned, *sorted(images, key=asked.index)]
    with Night(archive, clock, make_profile("[relook]\nfiles_per_night = 0\n")) as night:
        assert due(night) == []
        assert {look.url for look in due(night, every_file=True)} == {*files, *images}


def test_a_full_run_leaves_held_files_out_and_takes_missing_ones(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.put_failure(IMAGE, "timeout", "image")
        fetch(night, FILE)
        night.put(named(FILE, IMAGE), AT)
    clock.go_on(days=100)
    with Night(archive, clock, full=True) as night:
        assert [look.url for look in due(night)] == [IMAGE]
        assert [look.url for look in due(night, every_file=True)] == [IMAGE, FILE]


def test_looks_at_files_are_spread(archive: Path, clock: Clock) -> None:
    files = [f"{STORE}/lci/{n}.pdf" for n in range(140)]
    with Night(archive, clock) as night:
        hold(night, *files)
        counts = [row[0] for row in night.rows("select count(*) from file_looks group by due_on")]
    assert len(counts) == 7
    assert max(counts) < 40


def test_a_missing_file_is_tried_the_next_night_and_then_more_and_more_rarely(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.put_failure(FILE, "timeout", "attachment")
        night.put(named(FILE), AT)
    waits = []
    for _ in range(8):
        waits.append(go_to_next_look(archive, clock))
        with Night(archive, clock) as night:
            assert due(night) == [FileLook(FILE, FileRole.ATTACHMENT, is_conditional=False)]
            night.put_failure(FILE, "timeout", "attachment")
    assert waits[0] == 1
    assert all(most // 2 < wait <= most for wait, most in zip(waits, (1, 2, 4, 8, 16, 30, 30, 30), strict=True)), waits
    with Night(archive, clock) as night:
        assert night.rows("select kind, count(*) from crawl_errors group by kind") == [("file-gap", 1), ("timeout", 1)]


def test_a_missing_file_is_tried_again_by_a_later_run_of_its_night(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.put_failure(FILE, "timeout", "attachment")
        night.put_failure(f"{STORE}/lci/b.pdf", "http-404", "attachment")
        night.put(named(FILE, f"{STORE}/lci/b.pdf"), AT)
    clock.go_on(hours=1)
    with Night(archive, clock) as night:
        assert [look.url for look in due(night)] == [FILE]


def test_missing_files_do_not_count_as_held_ones(archive: Path, clock: Clock) -> None:
    files = [f"{STORE}/lci/{n}.pdf" for n in range(60)]
    with Night(archive, clock) as night:
        for url in files:
            night.put_failure(url, "timeout", "attachment")
        night.put(named(*files), AT)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert len(due(night)) == 60


def test_a_file_on_an_unnamed_host_is_asked_for_once_the_profile_names_it(archive: Path, clock: Clock) -> None:
    url = f"{OTHER}/lci/qd.pdf"
    with Night(archive, clock) as night:
        night.put_failure(url, "foreign-host", "attachment")
        night.put(article(attachments=(file_ref("qd.pdf"),)), AT)
        night.writer.connection.execute("update revision_attachments set url = ?", (url,))
    clock.go_on(days=40)
    with Night(archive, clock) as night:
        assert due(night) == []
    with Night(archive, clock, msgspec.structs.replace(make_profile(), asset_hosts=("other.example.vn",))) as night:
        assert [look.url for look in due(night)] == [url]


def gaps(night: Night) -> list[str]:
    return [one.kind for one in night.queries.facts().file_gaps]


def fail(night: Night, count: int, kind: str = "timeout", *, host: str = STORE, first: int = 0) -> None:
    for number in range(first, first + count):
        night.put_failure(f"{host}/x/{number}.png", kind, "image")


def test_single_dead_files_make_no_night_incomplete(night: Night) -> None:
    hold(night, *(f"{STORE}/lci/{n}.png" for n in range(30)))
    fail(night, 9)
    assert gaps(night) == []


def test_ten_missing_files_and_more_than_a_tenth_make_it_incomplete(night: Night) -> None:
    for number in range(90):
        night.put_file(f"{STORE}/lci/{number}.png", picture())
    fail(night, 10)
    assert gaps(night) == [], "a tenth of 100"
    fail(night, 1, first=50)
    assert gaps(night) == ["files-missing"]
    said = str(night.queries.facts().file_gaps[0])
    assert said.startswith("11 of 101 files wanted for the first time")
    assert "storage.example.vn" in said


@pytest.mark.parametrize("kind", ["http-404", "http-410", "a-page"])
def test_files_that_answer_as_absent_are_not_missing(night: Night, kind: str) -> None:
    fail(night, 40, kind)
    assert gaps(night) == []


def test_the_host_to_name_is_said(night: Night) -> None:
    fail(night, 12, "foreign-host", host=OTHER)
    assert [str(one) for one in night.queries.facts().file_gaps] == [
        "12 of 12 files wanted for the first time lie on other.example.vn, which the profile does not name: "
        "if it is the portal's, add it to asset_hosts"
    ]


def test_the_host_that_redirects_lead_to_is_said(night: Night) -> None:
    at = to_iso_utc(night.clock())
    for number in range(12):
        url, said = f"{STORE}/x/{number}.png", say("page-off-host", host="moi.example.vn")
        night.writer.fail(Failed(night.writer.crawl_id, url, at, "foreign-host", said, "image")).result()
    assert "lie on moi.example.vn, which the profile does not name" in str(night.queries.facts().file_gaps[0])


@pytest.mark.parametrize("kind", ["refused", "no-such-host", "host-down", "robots-not-now", "tls-expired"])
def test_a_file_host_that_does_not_answer_at_all_is_down(night: Night, kind: str) -> None:
    fail(night, 1, kind)
    assert [str(one) for one in night.queries.facts().file_gaps] == [
        "the file host storage.example.vn is down: 1 files could not be had from it"
    ]


@pytest.mark.parametrize("kind", ["timeout", "http-503", "truncated", "network-ConnectionLost"])
def test_failures_that_may_be_the_files_own_need_three(night: Night, kind: str) -> None:
    fail(night, 2, kind)
    assert gaps(night) == []
    fail(night, 1, kind, first=2)
    assert gaps(night) == ["file-host-down"]


@pytest.mark.parametrize("kind", ["http-404", "http-403", "not-an-image"])
def test_a_host_that_answered_once_tonight_is_not_down(night: Night, kind: str) -> None:
    fail(night, 5, "refused")
    fail(night, 1, kind, first=9)
    assert gaps(night) == []


def test_the_portals_own_host_is_not_judged_by_its_files(night: Night) -> None:
    fail(night, 5, "timeout", host=BASE)
    assert gaps(night) == []


def test_files_that_failed_while_their_host_was_well_do_not_make_it_down(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        hold(night, IMAGE)
        fail(night, 5)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        fail(night, 5)
        assert gaps(night) == []


def test_a_host_that_stays_down_is_said_again(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        hold(night, IMAGE)
    for _ in range(3):
        clock.go_on(days=1)
        with Night(archive, clock) as night:
            fail(night, 5)
            assert gaps(night) == ["file-host-down"]


def test_a_night_is_judged_by_its_own_files(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        fail(night, 30)
    clock.go_on(days=1)
    with Night(archive, clock) as night:
        assert gaps(night) == []


def test_a_rebuild_gives_the_same_plan(archive: Path, clock: Clock, tmp_path: Path) -> None:
    clock.now += timedelta(minutes=5)
    with Night(archive, clock) as night:
        fetch(night, FILE, IMAGE)
        night.read(AT.url, article_page("Tin", "Thân bài.", images=[IMAGE], files=FILE))
        fail(night, 3)
    clock.go_on(days=8)
    with Night(archive, clock) as night:
        fail(night, 2)
        night.put_failure(FILE, "http-404", "attachment")
        night.put_file(IMAGE, picture("blue"))
    assert read_rows(archive, "select kind, articles from file_events order by id") == [("gone", 1), ("replaced", 1)]
    rebuild(archive, tmp_path / "new.db")
    built, made = tables(tmp_path / "new.db"), tables(archive)
    for name in ("file_looks", "file_events", "files", "crawl_errors", "revision_rows", "revision_images"):
        assert built[name] == made[name], name
    assert len(made["file_looks"]) == 5
