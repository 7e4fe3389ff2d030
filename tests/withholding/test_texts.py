"""The texts of withheld attachments: read like all others, kept withheld, and back after a release."""

from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from crawler.attachments.harvest import Bounds, harvest_rebuilt, harvest_texts
from crawler.attachments.reader import TextReader
from crawler.items import FileRole
from crawler.rebuild.rebuild import rebuild
from crawler.replica.content.documents import write_pdf
from tests.support.build import STORE, Clock, Night, article_page, new_address, read_rows
from tests.support.withholding import act, leaks

PLAN, LIST = f"{STORE}/lci/ke-hoach.pdf", f"{STORE}/lci/danh-sach.pdf"
UNBOUND = Bounds(None, lambda: False)
SECRET_WORDS = ("Vừ Thị Dợ", "vu thi do")
TEXTS = "select attachment_sha256, text, reason from attachment_texts order by 1"


def crawl_night(archive: Path, clock: Clock) -> None:
    with Night(archive, clock) as night:
        night.put_file(PLAN, write_pdf(("Số: 4821/KH-UBND", "Người nhận: bà Vừ Thị Dợ")), FileRole.ATTACHMENT)
        night.put_file(LIST, write_pdf(("Danh sách các thôn trồng rừng",)), FileRole.ATTACHMENT)
        night.read(new_address(1, "nha").url, article_page("Cấp nhà mới", "Tin ngắn của huyện.", files=PLAN))
        night.read(new_address(2, "rung").url, article_page("Trồng rừng", "Tin ngắn của xã.", files=LIST))
    clock.go_on(days=1)


def found(archive: Path, text: str) -> int:
    sql = "select count(*) from articles_fts where articles_fts match fts_query(?)"
    return int(read_rows(archive, sql, text)[0][0])


@pytest.fixture
def twins(tmp_path: Path) -> tuple[Path, Path, Clock]:
    """Two archives of one equal night, of which no attachment is read yet, and the clock after it."""
    for name in ("one", "twin"):
        (tmp_path / name).mkdir()
        clock = Clock()
        crawl_night(tmp_path / name / "archive.db", clock)
    return tmp_path / "one" / "archive.db", tmp_path / "twin" / "archive.db", clock


@pytest.mark.parametrize("what", ["1", PLAN])
def test_what_is_withheld_is_read_and_stays_withheld(what: str, twins: tuple[Path, Path, Clock]) -> None:
    archive, twin, clock = twins
    act(archive, "withhold", what, at=clock())
    assert harvest_texts(archive, UNBOUND).with_text == harvest_texts(twin, UNBOUND).with_text == 2
    assert leaks(archive, SECRET_WORDS) == []
    assert (found(archive, "vu thi do"), found(archive, "danh sach cac thon")) == (0, 1)
    assert verify(archive).differences == []
    act(archive, "release", what, at=clock())
    assert read_rows(archive, TEXTS) == read_rows(twin, TEXTS)
    assert found(archive, "Vừ Thị Dợ") == found(twin, "Vừ Thị Dợ") == 1
    assert not harvest_texts(archive, UNBOUND).has_files


@pytest.mark.parametrize("do", ["withhold", "release"])
def test_what_is_withheld_or_released_while_it_is_read_ends_as_it_should(
    do: str, twins: tuple[Path, Path, Clock], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive, twin, clock = twins
    if do == "release":
        act(archive, "withhold", "1", at=clock())
    read = TextReader.read
    waiting = [do]

    def read_meanwhile(reader: TextReader, data: bytes, name: str) -> object:
        if waiting:
            act(archive, waiting.pop(), "1", at=clock())
        return read(reader, data, name)

    monkeypatch.setattr(TextReader, "read", read_meanwhile)
    assert harvest_texts(archive, UNBOUND).with_text == 2
    if do == "withhold":
        assert leaks(archive, SECRET_WORDS) == []
        act(archive, "release", "1", at=clock())
    harvest_texts(twin, UNBOUND)
    assert read_rows(archive, TEXTS) == read_rows(twin, TEXTS)
    assert found(archive, "Vừ Thị Dợ") == 1


def test_a_rebuild_reads_what_is_withheld(twins: tuple[Path, Path, Clock]) -> None:
    archive, twin, clock = twins
    act(archive, "withhold", "1", at=clock())
    into = archive.with_name("new.db")
    rebuild(archive, into)
    assert harvest_rebuilt(into, archive.parent / "warc", bounds=UNBOUND).with_text == 2
    assert leaks(into, SECRET_WORDS) == []
    act(into, "release", "1", at=clock())
    harvest_texts(twin, UNBOUND)
    assert read_rows(into, TEXTS) == read_rows(twin, TEXTS)
