"""Pictures pasted into pages, on their whole way: rows, the site, a rebuild, the check, a withholding."""

import json
from contextlib import closing
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from crawler.archive.database import open_for_reading
from crawler.archive.fixity import verify
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import TABLES, all_rows
from tests.support.build import Clock, Night, article_page, new_address, picture
from tests.support.pages.article_pages import paste, text
from tests.support.web_archive import Site
from tests.support.withholding import act

MAP, SEAL = picture("red", (80, 60)), picture("blue", (90, 70), "JPEG")
MAP_SHA, SEAL_SHA = sha256(MAP).hexdigest(), sha256(SEAL).hexdigest()
PLAN, OTHER = new_address(1, "quy-hoach"), new_address(2, "khac")


@pytest.fixture
def archive(tmp_path: Path, clock: Clock) -> Path:
    """An archive of two nights: a plan with two pasted pictures, and another article with one of them."""
    path = tmp_path / "archive.db"
    for number in (1, 2):
        with Night(path, clock) as night:
            night.read(PLAN.url, article_page("Quy hoạch", text(1), images=[paste(MAP), paste(SEAL)]))
            night.read(OTHER.url, article_page("Tin khác", text(2 + number), images=[paste(SEAL, "image/gif")]))
        clock.go_on(days=1)
    return path


def rows(archive: Path, sql: str) -> list[tuple[object, ...]]:
    with closing(open_for_reading(archive)) as connection:
        return [tuple(row) for row in connection.execute(sql)]


def test_each_picture_is_held_once_with_its_thumbnail_under_a_short_address(archive: Path) -> None:
    assert rows(archive, "select url, image_sha256, caption from revision_images where article_id = 1") == [
        (f"data:image/png;sha256={MAP_SHA}", MAP_SHA, "Ảnh: Quy hoạch"),
        (f"data:image/jpeg;sha256={SEAL_SHA}", SEAL_SHA, "Ảnh: Quy hoạch"),
    ]
    assert rows(archive, "select sha256, width, thumbnail is not null, capture_id from images order by width") == [
        (MAP_SHA, 80, 1, 1), (SEAL_SHA, 90, 1, 1),
    ]  # fmt: skip
    assert rows(archive, "select revision from articles") == [(1,), (2,)]
    assert rows(archive, "select count(*) from file_looks") == [(0,)]
    assert max(len(str(value)) for row in rows(archive, "select body_html from revisions") for value in row) < 4000


def test_a_picture_that_changes_is_a_revision(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.read(
            PLAN.url, article_page("Quy hoạch", text(1), images=[paste(picture("green", (80, 60))), paste(SEAL)])
        )
    assert rows(archive, "select changed from revisions where article_id = 1 and number = 2") == [('["images"]',)]


def test_a_rebuild_gives_equal_rows_and_both_are_sound(archive: Path, tmp_path: Path) -> None:
    into = tmp_path / "new.db"
    rebuild(archive, into)
    assert all_rows(archive, TABLES) == all_rows(into, TABLES)
    assert verify(archive).differences == verify(into).differences == []


def test_what_cannot_be_a_picture_is_named_once_and_never_asked_for(tmp_path: Path, clock: Clock) -> None:
    path, broken = tmp_path / "archive.db", paste(b"rubbish" * 50)
    for _ in range(2):
        with Night(path, clock) as night:
            night.read(PLAN.url, article_page("Quy hoạch", text(1), images=[broken]))
        clock.go_on(days=1)
    assert rows(path, "select kind from crawl_errors") == [("not-an-image",)]
    assert rows(path, "select image_sha256 from revision_images") == [(None,)]
    assert rows(path, "select error, sha256 from files") == [("not-an-image", None)]


def test_the_site_shows_the_picture_in_the_text_and_sends_its_bytes(archive: Path) -> None:
    site = Site(archive)
    try:
        page = site.get("/article/1").text
        assert f'src="/image/{MAP_SHA}"' in page
        assert "data:image" not in page
        answer = site.get(f"/image/{SEAL_SHA}")
        assert (answer.content, answer.headers["content-type"]) == (SEAL, "image/jpeg")
        assert json.loads(site.get("/archive/revision_images.json?_shape=array").text)[0]["image_sha256"] == MAP_SHA
    finally:
        site.close()


def test_a_withheld_picture_is_nowhere_and_the_others_of_its_page_stay(archive: Path, clock: Clock) -> None:
    act(archive, "withhold", f"image:{MAP_SHA}", at=clock() + timedelta(hours=1))
    assert f"sha256={MAP_SHA}".encode() not in archive.read_bytes()
    site = Site(archive)
    try:
        assert site.get(f"/image/{MAP_SHA}").status_code == 451
        assert site.get(f"/image/{SEAL_SHA}").content == SEAL
        statuses = [site.get(f"/capture/{number}?part=raw").status_code for number in (1, 2, 3, 4)]
        assert statuses == [451, 200, 451, 200]
    finally:
        site.close()


def test_a_withheld_article_keeps_no_page_public_for_a_picture_it_shares(archive: Path, clock: Clock) -> None:
    act(archive, "withhold", PLAN.url, at=clock() + timedelta(hours=1))
    site = Site(archive)
    try:
        assert site.get(f"/image/{SEAL_SHA}").content == SEAL
        assert site.get(f"/image/{MAP_SHA}").status_code == 451
        assert [site.get(f"/capture/{number}?part=raw").status_code for number in (1, 3)] == [451, 451]
    finally:
        site.close()
