"""Pictures of the pages of attachments: drawn once, in bounds, never of what is withheld, and made anew when lost."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crawler.archive.lock import hold_archive
from crawler.archive.page_pictures.store import pictures_path, read_drawn, read_picture
from crawler.attachments import page_pictures
from crawler.attachments.harvest import Bounds
from crawler.attachments.page_pictures import DrawnPages, draw_missing
from crawler.items import FileRole
from crawler.replica.content.documents import write_docx, write_pdf
from crawler.withholding.act import Intent, carry_out
from tests.support.archives.rows import utc
from tests.support.build import STORE, Clock, Night, article, file_ref, new_address, picture, read_rows

UNBOUND = Bounds(None, lambda: False)
MOST = 10**9
FILES = {
    "ke-hoach.pdf": write_pdf(("Số: 4821/KH-UBND", "Kế hoạch trồng rừng")),
    "quet.png": picture("blue", (320, 200)),
    "van-ban.docx": write_docx("Văn bản"),
    "hong.pdf": b"%PDF-1.7 hong",
}


@pytest.fixture
def crawled(archive: Path, clock: Clock) -> Path:
    """An archive of one article with files of several kinds."""
    with Night(archive, clock) as night:
        for name, data in FILES.items():
            night.put_file(f"{STORE}/lci/{name}", data, FileRole.ATTACHMENT)
        night.put(article("Có tệp", "Tin.", attachments=tuple(file_ref(name) for name in FILES)), new_address(1))
    return archive


def draw(archive: Path, *, again: bool = False, most_bytes: int = MOST) -> DrawnPages:
    return draw_missing(archive, UNBOUND, most_bytes=most_bytes, again=again)


def digest_of(archive: Path, name: str) -> str:
    sql = "select attachment_sha256 from revision_attachments where url like ?"
    return str(read_rows(archive, sql, f"%{name}")[0][0])


def stored(archive: Path) -> list[tuple[str, int]]:
    with closing(sqlite3.connect(pictures_path(archive))) as connection:
        return connection.execute("select sha256, page from pictures order by 1, 2").fetchall()


def act(archive: Path, do: str, what: str) -> str | None:
    wish = Intent(do, what, "Lộ số căn cước", "Ban biên tập")
    moment = utc("2026-10-20T00:00:00Z")
    return carry_out(archive, wish, clock=lambda: moment, warcinfo_fields=(("software", "test"),)).note


def test_each_file_is_drawn_once_and_what_has_no_pages_is_not(crawled: Path) -> None:
    first = draw(crawled)
    assert (first.pages, first.files, first.left, first.ended) == (2, 2, 0, None)
    reasons = {name: read_drawn(crawled, digest_of(crawled, name)) for name in FILES}
    assert {name: drawn and (list(drawn.sizes), drawn.reason) for name, drawn in reasons.items()} == {
        "ke-hoach.pdf": ([1], None), "quet.png": ([1], None), "van-ban.docx": ([], "unknown-kind"),
        "hong.pdf": ([], "broken"),
    }  # fmt: skip
    found = read_picture(crawled, digest_of(crawled, "ke-hoach.pdf"), page=1)
    assert found is not None
    assert (found[:4], found[8:12]) == (b"RIFF", b"WEBP")
    assert draw(crawled) == DrawnPages()
    again = draw(crawled, again=True)
    assert (again.files, again.left) == (0, 0)


def test_a_lost_or_damaged_store_is_made_anew(crawled: Path) -> None:
    draw(crawled)
    for spoil in (Path.unlink, lambda path: path.write_bytes(b"not a database" * 500)):
        spoil(pictures_path(crawled))
        assert read_picture(crawled, digest_of(crawled, "quet.png"), page=1) is None
        assert draw(crawled).files == 2
        assert read_picture(crawled, digest_of(crawled, "quet.png"), page=1) is not None


def test_the_pictures_of_a_withheld_file_vanish_with_it_and_come_back(crawled: Path) -> None:
    draw(crawled)
    digest = digest_of(crawled, "quet.png")
    shown = read_picture(crawled, digest, page=1)
    assert shown is not None
    assert act(crawled, "withhold", f"attachment:{digest}") is None
    assert digest not in {one for one, _ in stored(crawled)}
    # Overwritten, not only forgotten.
    assert shown not in pictures_path(crawled).read_bytes()
    assert draw(crawled).files == 0
    act(crawled, "release", f"attachment:{digest}")
    assert draw(crawled).files == 1
    assert read_picture(crawled, digest, page=1) is not None


def test_the_pictures_of_a_withheld_article_s_files_vanish(crawled: Path) -> None:
    draw(crawled)
    act(crawled, "withhold", "1")
    assert stored(crawled) == []


def test_what_a_file_withheld_meanwhile_showed_is_not_stored(crawled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = digest_of(crawled, "quet.png")
    drawn = page_pictures.TextReader.draw

    def withhold_and_draw(reader: page_pictures.TextReader, *given: object) -> object:
        if len(stored(crawled)) == 1:
            act(crawled, "withhold", f"attachment:{digest}")
        return drawn(reader, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(page_pictures.TextReader, "draw", withhold_and_draw)
    draw(crawled)
    assert digest not in {one for one, _ in stored(crawled)}


def test_a_store_that_cannot_be_written_is_told_to_who_withholds(crawled: Path) -> None:
    draw(crawled)
    pictures_path(crawled).unlink()
    pictures_path(crawled).mkdir()
    note = act(crawled, "withhold", f"attachment:{digest_of(crawled, 'quet.png')}")
    assert note is not None
    assert "drawn pages" in note


def test_the_pass_ends_at_its_bounds(crawled: Path) -> None:
    assert draw(crawled, most_bytes=0) == DrawnPages()
    assert not pictures_path(crawled).exists()
    stopped = draw_missing(crawled, Bounds(None, lambda: True), most_bytes=MOST)
    assert (stopped.files, stopped.left, stopped.ended) == (0, 4, "stopped")
    late = draw_missing(crawled, Bounds(-1.0, lambda: False), most_bytes=MOST)
    assert (late.files, late.ended) == (0, "out-of-time")
    full = draw(crawled, most_bytes=1)
    assert (full.files, full.ended) == (1, "1 bytes are drawn")
    with hold_archive(crawled):
        assert draw(crawled).ended == "locked"


def test_a_file_that_kills_or_stalls_the_process_loses_only_its_own_pages(crawled: Path) -> None:
    with page_pictures.TextReader((), lambda: False) as reader:
        assert reader.draw(FILES["ke-hoach.pdf"], "a.pdf", seconds=0.0).reason == "timed-out"
        assert len(reader.draw(FILES["ke-hoach.pdf"], "a.pdf").pictures) == 1
        assert reader.read(FILES["ke-hoach.pdf"], "a.pdf").text == "Số: 4821/KH-UBND\nKế hoạch trồng rừng"
