"""What share of a portal is held is told with true numbers, and the rest by kind."""

import json
from pathlib import Path

import pytest

from crawler.cli import main
from crawler.items import FileRole, Purpose
from crawler.operations.health.coverage import read_coverage
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import TABLES, all_rows
from tests.support.build import BASE, STORE, Clock, Night, article_page, new_address, picture
from tests.support.pages.article_pages import paste, text

HOME = (
    '<html><head><title>Sa Pa</title></head><body><ul class="menu"><li><a href="/">Trang chủ</a></li>'
    '<li><a href="/tin-tuc">Tin</a></li><li><a href="/thong-bao">Báo</a></li><li><a href="/ban-do">Bản đồ</a></li>'
    '<li><a href="/cu">Cũ</a></li><li><a href="/moi">Mới</a></li></ul></body></html>'
)
ROWS = "".join(
    f'<li class="row"><h2 class="Title"><a href="{to}">Bài {number}</a></h2></li>'
    for number, to in enumerate([*(new_address(one).url for one in (1, 2, 3, 4)), "/khong-ro/a/b/c"])
)
LISTING = f'<html><body><div class="UIArticleInMenu_Default"><ul class="ArticleList">{ROWS}</ul></div></body></html>'
FRAMES = '<iframe src="https://maps.example/x"></iframe><video src="/v.mp4"></video><iframe src="/khao-sat"></iframe>'


def crawl(archive: Path, clock: Clock) -> None:
    """A night of a portal with known truth: two of four listed articles, three of five pictures, one of three files."""
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", HOME, Purpose.HOME)
        night.read(f"{BASE}/tin-tuc", LISTING, Purpose.LISTING)
        night.walked(f"{BASE}/tin-tuc")
        night.walked(f"{BASE}/thong-bao", whole=False, missing=None)
        night.capture(f"{BASE}/ban-do")
        night.put_gone(f"{BASE}/cu")
        night.put_file(f"{STORE}/a.png", picture())
        night.put_file(f"{STORE}/a.pdf", b"%PDF-1.4 x %%EOF", FileRole.ATTACHMENT)
        night.put_failure(f"{STORE}/b.png", "http-404", FileRole.IMAGE)
        night.put_failure(f"{STORE}/b.pdf", "a-page", FileRole.ATTACHMENT)
        night.put_failure("https://bo.vn/c.pdf", "foreign-host", FileRole.ATTACHMENT)
        images = [f"{STORE}/a.png", f"{STORE}/b.png", paste(picture("red", (80, 60)))]
        night.read(new_address(1).url, article_page("Một", text(1), images=images, files=f"{STORE}/a.pdf"))
        links = f'<a href="{STORE}/b.pdf">B</a><a href="https://bo.vn/c.pdf">C</a><a href="{STORE}/d.pdf">D</a>{FRAMES}'
        more = article_page("Hai", text(2), images=[f"{STORE}/c.png", paste(picture("blue", (80, 60)))])
        night.read(new_address(2).url, more.replace("</div></div>", f"{links}</div></div>"))
        night.put_gone(new_address(3).url)


EXPECTED = {
    "portal": "sapa",
    "pictures": {"total": 5, "held": 3, "share": 0.6, "rest": {"http-404": 1, "not-asked": 1}},
    "files": {"total": 3, "held": 1, "share": 0.3333, "rest": {"foreign-host": 1, "not-asked": 1}},
    "rows": {"total": 4, "held": 2, "share": 0.5, "rest": {"http-404": 1, "pending": 1}},
    "menu": {
        "total": 5, "held": 1, "share": 0.2,
        "rest": {"http-404": 1, "list-in-part": 1, "no-list": 1, "not-asked": 1},
    },
    "unkept": {"embed": 1, "frame": 1, "video": 1},
}  # fmt: skip


def test_shares_and_the_rest_are_those_of_the_portal(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    crawl(archive, clock)
    assert [one.as_json() for one in read_coverage(archive)] == [EXPECTED]


def test_entries_of_a_sub_menu_count_each_once_in_any_spelling(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    links = "".join(f'<li><a href="/{path}">x</a></li>' for path in ("gioi-thieu", "lien-he", "gioi-thieu/a"))
    menu = f'<ul class="menu">{links}</ul>'
    content = f'<div class="ArticleContent">{text(1)}</div>'
    entry = f'<div class="ArticleDetailControl"><div class="ArticleHeader">A</div>{content}</div>'
    with Night(archive, clock) as night:
        night.read(f"{BASE}/", f"<html><body>{menu}</body></html>", Purpose.HOME)
        for path in ("/gioi-thieu", "/Gioi-Thieu/", "/lien-he", "/gioi-thieu/a", "/gioi-thieu/b"):
            shown = "<html><body><input></body></html>" if path in ("/lien-he", "/gioi-thieu/b") else entry
            night.read(f"{BASE}{path}", f"<html><body>{shown}</body></html>", Purpose.MENU)
    (found,) = read_coverage(archive)
    part = found.parts["menu"]
    assert (part.total, part.held, sum(part.rest.values())) == (4, 2, 2)
    assert "no-list" not in part.rest


def test_a_rebuild_counts_the_same_and_gives_equal_rows(tmp_path: Path, clock: Clock) -> None:
    archive, into = tmp_path / "archive.db", tmp_path / "new.db"
    crawl(archive, clock)
    rebuild(archive, into)
    assert all_rows(archive, TABLES) == all_rows(into, TABLES)
    assert read_coverage(into) == read_coverage(archive)


def test_what_is_not_kept_is_that_of_the_last_look(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    page = article_page("Một", text(1))
    shown = [page.replace("</div></div>", f"{more}</div></div>") for more in (FRAMES, "", FRAMES)]
    counts = []
    for one in shown:
        with Night(archive, clock) as night:
            night.read(new_address(1).url, one)
        clock.go_on(days=1)
        counts.append(sum(read_coverage(archive)[0].unkept.values()))
    assert counts == [3, 0, 3]


def test_status_says_it_in_words_and_as_json(tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    archive = tmp_path / "archive.db"
    crawl(archive, clock)
    main(["status", "--archive", str(archive), "--coverage"])
    said = capsys.readouterr().out
    assert "sapa: pictures 60.0 % held, 3 of 5  (http-404: 1; not-asked: 1)" in said
    assert "sapa: not kept: foreign frames: 1; frames: 1; videos: 1" in said
    main(["status", "--archive", str(archive), "--coverage", "--json"])
    assert json.loads(capsys.readouterr().out)["coverage"] == [EXPECTED]
    main(["status", "--archive", str(archive), "--json"])
    assert "coverage" not in json.loads(capsys.readouterr().out)


def test_an_empty_archive_has_no_share(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    with Night(archive, clock):
        pass
    (found,) = read_coverage(archive)
    assert {part.share for part in found.parts.values()} == {None}
    assert "sapa: pictures: there are none" in found.lines("en")
