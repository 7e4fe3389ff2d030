"""What is lost or damaged stays in the status until it is mended."""

from pathlib import Path

from crawler.archive.warc.reader import warc_files
from crawler.operations.health.status import read_status
from crawler.operations.journal.database import journal_path
from crawler.rebuild.rebuild import rebuild
from tests.support.build import Clock, make_archive
from tests.support.crawling import command
from tests.support.damage.alterations import flip


def warned(archive: Path) -> list[tuple[str, str]]:
    return [(one.kind, one.sentence_en) for one in read_status(archive, Clock()()).warnings]


def test_what_a_verification_found_is_told_until_a_whole_one_finds_nothing(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=2)
    assert command("verify", "--archive", archive).code == 0
    assert not journal_path(archive).exists()
    sound = (first := warc_files(tmp_path / "warc")[0]).read_bytes()
    flip("response", nth=3)(tmp_path / "warc")
    assert command("verify", "--archive", archive).code == 1
    ((kind, said),) = warned(archive)
    assert kind == "verification"
    assert ": 1, of them in WARC files: 1." in said
    first.write_bytes(sound)
    assert command("verify", "--archive", archive, "--quick").code == 0
    assert [kind for kind, _ in warned(archive)] == ["verification"]
    shown = command("status", "--archive", archive)
    assert said in shown.out.splitlines()
    assert command("verify", "--archive", archive).code == 0
    assert warned(archive) == []


def test_an_archive_whose_journal_cannot_be_written_is_verified_all_the_same(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=2)
    journal_path(archive).mkdir()
    flip("response", nth=3)(tmp_path / "warc")
    assert command("verify", "--archive", archive).code == 1


def test_losses_of_a_rebuild_are_told_until_another_brings_them_in(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=2)
    sound = (first := warc_files(tmp_path / "warc")[0]).read_bytes()
    flip("response", nth=3)(tmp_path / "warc")
    lost = rebuild(archive, tmp_path / "new.db").losses
    ((kind, said),) = warned(tmp_path / "new.db")
    assert (kind, f": {len(lost)}; the table losses names each." in said) == ("losses", True)
    first.write_bytes(sound)
    rebuild(archive, tmp_path / "newer.db")
    assert warned(tmp_path / "newer.db") == []
