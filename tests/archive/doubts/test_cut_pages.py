"""A page that was cut is no edit, wherever it was cut; a shortening is one."""

from pathlib import Path

import pytest

from tests.support.build import BASE, STORE, Clock, Night, new_address, read_rows
from tests.support.pages.article_pages import next_night, text, whole_page

AT = new_address(1000, "hoi-nghi-tong-ket")
URL = AT.url
TITLE = "Hội nghị tổng kết"
BODY = text(1)
FILE = f"{STORE}/lci/ke-hoach.pdf"
PAGE = whole_page(TITLE, BODY, author="Lò Thị Mai", file=FILE)
# A proxy that cut a page may end it in its own way.
PROXY = ("", "</html>", "</body></html>", "</div></div></div></div></div></body></html>", "<p>502</p></body></html>")


def states(archive: Path) -> tuple[object, ...]:
    revisions = read_rows(archive, "select count(*) from revisions")[0][0]
    errors = [kind for (kind,) in read_rows(archive, "select kind from crawl_errors order by id")]
    return revisions, errors, read_rows(archive, "select seen_on, state from articles")[0]


def cut_at(words: str, *, within: int = 0) -> str:
    """Cut the page behind some words, or within a tag, entity or letter some characters further."""
    return PAGE[: PAGE.index(words) + len(words) + within]


WORDS = " ".join(BODY.split("\n\n")[2].split()[:9])
SIMPLE = whole_page(TITLE, BODY)
SHORTER = "\n\n".join(BODY.split("\n\n")[:4])
CUTS = {
    "in the text": cut_at(WORDS),
    "in a word": cut_at(WORDS, within=3),
    "in a tag": cut_at(BODY.split("\n\n")[2], within=2),
    "before a paragraph": cut_at(BODY.split("\n\n")[3], within=4),
    "in the first paragraph": cut_at(" ".join(BODY.split()[:12])),
    "before the byline": cut_at(BODY.split("\n\n")[-1], within=10),
    "in an attribute": cut_at('<div class="author">Lò Thị Mai</div><div class="File'),
    "before the file": cut_at("Lò Thị Mai</div>"),
    "in the file's address": cut_at("/lci/ke-"),
}


@pytest.mark.parametrize(
    ("where", "end"),
    [*((where, "") for where in CUTS), *(("in a word", end) for end in PROXY[1:]), ("in a tag", PROXY[2])],
)
def test_a_cut_page_is_no_edit_and_is_tried_again(archive: Path, clock: Clock, where: str, end: str) -> None:
    with next_night(archive, clock) as night:
        night.read(URL, PAGE)
    with next_night(archive, clock) as night:
        assert night.read(URL, CUTS[where] + end) is None
        due = [(entry.url, entry.state) for entry in night.queries.due()]
        assert (URL, "failed") in due
    assert states(archive) == (1, ["truncated"], ("2026-09-02", "live"))
    with next_night(archive, clock) as night:
        night.read(URL, PAGE)
    assert states(archive) == (1, ["truncated"], ("2026-09-04", "live"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_a_page_cut_within_a_letter_or_an_entity_is_no_edit(archive: Path, clock: Clock, encoding: str) -> None:
    def page(at: int | None) -> bytes:
        mark = "\ufeff" if encoding == "utf-16-le" else ""
        return (mark + PAGE.replace("ộ", "&#7897;")).encode(encoding)[:at]

    with next_night(archive, clock) as night:
        night.read(URL, PAGE)
    whole = page(None)
    for at in (whole.index("&#7897;".encode(encoding), 900) + 3, len(whole) * 2 // 3, len(whole) * 2 // 3 + 1):
        with next_night(archive, clock) as night:
            assert night.read(URL, page(at).decode(encoding, "replace").lstrip("\ufeff")) is None
    assert read_rows(archive, "select count(*) from revisions") == [(1,)]


@pytest.mark.parametrize("footer", ["Bản quyền", ""])
@pytest.mark.parametrize("paragraphs", [1, 3, 5])
def test_a_shortening_is_an_edit_on_its_night(archive: Path, clock: Clock, footer: str, paragraphs: int) -> None:
    long = text(1, paragraphs=12)
    with next_night(archive, clock) as night:
        night.read(URL, whole_page(TITLE, long, footer=footer))
    shorter = "\n\n".join(long.split("\n\n")[: 12 - paragraphs])
    with next_night(archive, clock) as night:
        assert night.read(URL, whole_page(TITLE, shorter, footer=footer)) == 1
    assert read_rows(archive, "select body from articles") == [(shorter,)]
    assert read_rows(archive, "select kind from crawl_errors") == []


def test_a_shortening_with_another_footer_is_an_edit_on_its_night(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        night.read(URL, PAGE)
    shorter = "\n\n".join(BODY.split("\n\n")[:4])
    with next_night(archive, clock) as night:
        night.read(URL, whole_page(TITLE, shorter, author="Lò Thị Mai", file=FILE, footer="Giấy phép số 12"))
    assert read_rows(archive, "select body from articles") == [(shorter,)]


def test_a_portal_whose_pages_never_end_is_followed(archive: Path, clock: Clock) -> None:
    bodies = [BODY, "\n\n".join(BODY.split("\n\n")[:3]), text(2)]
    for body in bodies:
        with next_night(archive, clock) as night:
            page = whole_page(TITLE, body, footer="")
            assert night.read(URL, page[: page.index("</div></div></div>") + 12]) == 1
    assert read_rows(archive, "select body from revisions order by number") == [(body,) for body in bodies]


def test_pages_that_all_lack_their_end_from_some_night_on_are_believed(archive: Path, clock: Clock) -> None:
    others = [f"{BASE}/tin-tuc/tin-{number}-{number + 2000}" for number in range(4)]
    with next_night(archive, clock) as night:
        night.read(URL, SIMPLE)
        for number, url in enumerate(others):
            night.read(url, whole_page(f"Tin {number}", text(number)))
    with next_night(archive, clock) as night:
        assert night.read(URL, without_end(SHORTER)) is None
        for number, url in enumerate(others):
            assert night.read(url, without_end(text(number), f"Tin {number}")) == number + 2
    with next_night(archive, clock) as night:
        assert night.read(URL, without_end(SHORTER)) == 1
    assert read_rows(archive, "select count(*) from revisions where article_id = 1") == [(2,)]


def without_end(body: str, title: str = TITLE) -> str:
    page = whole_page(title, body, footer="")
    return page[: page.index("</div></div></div>") + 18]


def test_where_no_page_has_an_end_a_cut_one_lacks_what_the_others_go_on_with(archive: Path, clock: Clock) -> None:
    others = [f"{BASE}/tin-tuc/tin-{number}-{number + 2000}" for number in range(4)]

    def going_on(body: str, title: str = TITLE) -> str:
        return f'{without_end(body, title)}<div class="box">Liên kết: <a href="/">Trang chủ</a>'

    with next_night(archive, clock) as night:
        night.read(URL, going_on(BODY))
        for number, url in enumerate(others):
            night.read(url, going_on(text(number), f"Tin {number}"))
    page = going_on(BODY)
    given = []
    for _ in range(8):
        with next_night(archive, clock) as night:
            given.append(night.read(URL, page[: page.index(WORDS) + len(WORDS)]))
            new = new_address(3000 + len(given), "tin-moi")
            assert night.read(new.url, going_on(text(9), "Tin mới")[:700]) is None
    assert given == [*[None] * 6, 1, 1]
    with next_night(archive, clock) as night:
        assert night.read(others[1], going_on("\n\n".join(text(1).split("\n\n")[:3]), "Tin 1")) == 3
    assert read_rows(archive, "select count(*) from revisions where article_id = 3") == [(2,)]


def test_a_page_that_ends_in_its_way_night_after_night_is_believed(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        night.read(URL, SIMPLE)
    broken = whole_page(TITLE, SHORTER, behind="<div><div>")
    given = []
    for _ in range(8):
        with next_night(archive, clock) as night:
            given.append(night.read(URL, broken))
    assert given == [*[None] * 6, 1, 1]


def test_pages_cut_at_other_places_each_night_are_never_believed(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        night.read(URL, SIMPLE)
    for at in range(9):
        with next_night(archive, clock) as night:
            assert night.read(URL, SIMPLE[: SIMPLE.index(WORDS) + 20 * at] + "</html>") is None


def test_an_answer_that_is_marked_as_cut_is_never_believed_without_its_end(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        assert night.read(URL, CUTS["in the text"], truncated="length") is None
        night.read(URL, PAGE)
    for _ in range(4):
        with next_night(archive, clock) as night:
            assert night.read(URL, CUTS["in the text"], truncated="disconnect") is None
    assert read_rows(archive, "select count(*) from revisions") == [(1,)]


def test_a_wrong_length_of_a_whole_page_hides_no_edit(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        night.read(URL, SIMPLE, truncated="disconnect")
    with next_night(archive, clock) as night:
        night.read(URL, whole_page(TITLE, text(2)), truncated="disconnect")
    assert read_rows(archive, "select count(*) from revisions") == [(2,)]


def test_a_new_article_without_the_end_of_the_portals_pages_waits(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        for number in range(3):
            night.read(f"{BASE}/tin-tuc/tin-{number}-{number + 2000}", whole_page(f"Tin {number}", text(number)))
        assert night.read(URL, CUTS["in the text"]) is None
    with next_night(archive, clock) as night:
        assert night.read(URL, PAGE) == 4
    assert read_rows(archive, "select count(*) from revisions where article_id = 4") == [(1,)]


def test_a_page_cut_before_its_article_is_no_miss(archive: Path, clock: Clock) -> None:
    with next_night(archive, clock) as night:
        night.read(URL, PAGE)
    for end in ('<div class="ArticleContent">', '<div class="ArticleHeader">', '<div id="main">'):
        with next_night(archive, clock) as night:
            assert night.read(URL, cut_at(end)) is None
    assert read_rows(archive, "select * from misses") == []
    assert {kind for (kind,) in read_rows(archive, "select kind from crawl_errors")} == {"truncated"}


def test_runs_by_the_old_rules_take_a_cut_page_as_an_edit(archive: Path, clock: Clock, night: Night) -> None:
    night.writer.connection.execute("update crawls set rules = 1")
    night.read(URL, SIMPLE)
    night.read(URL, SIMPLE[: SIMPLE.index(WORDS)])
    assert night.value("select count(*) from revisions") == 2
