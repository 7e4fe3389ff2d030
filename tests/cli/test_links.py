"""A path that is a link is the archive that it leads to, for everything that lies beside it."""

import asyncio
import sys
from pathlib import Path

import pytest
from datasette.app import Datasette

from crawler.archive.lock import hold_archive
from crawler.cli import main
from crawler.errors import WrongUseError
from crawler.exit_codes import ExitCode
from crawler.replica import Replica
from crawler.settings import follow_link
from tests.support.build import make_archive, read_rows
from tests.support.crawling import run, write_profile

NOW = "2026-09-03T00:00:00Z"


@pytest.fixture
def real(tmp_path: Path) -> Path:
    (tmp_path / "disk").mkdir()
    return make_archive(tmp_path / "disk").rename(tmp_path / "disk" / "kho.db")


@pytest.fixture(params=["chain", "in a folder that is a link"])
def link(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A link to the archive, in a folder of its own."""
    folder, to = tmp_path / "srv", tmp_path / "disk" / "kho.db"
    folder.mkdir()
    if request.param == "chain":
        (folder / "between.db").symlink_to("../disk/kho.db")
        (folder / "archive.db").symlink_to(folder / "between.db")
        return folder / "archive.db"
    (tmp_path / "way").symlink_to(folder)
    (tmp_path / "way" / "archive.db").symlink_to(to)
    return tmp_path / "way" / "archive.db"


def test_every_command_takes_a_link_for_the_archive(
    real: Path, link: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORTAL_ARCHIVE_NOW", NOW)
    monkeypatch.setenv("PORTAL_ARCHIVE_TEXTS_MINUTES", "0")
    target = real.parent.with_name("target")
    rebuilt, restored = link.with_name("rebuilt.db"), link.with_name("restored.db")
    (real.parent / "again").mkdir()
    rebuilt.symlink_to(real.parent / "again" / "new.db")
    restored.symlink_to(real.parent.with_name("other") / "back.db")
    said = ["--reason", "lý do", "--by", "toà soạn"]
    lines = [
        ["withhold", "1", *said],
        ["verify"],
        ["backup", "--to", str(target)],
        ["backup", "--to", str(target), "--drill"],
        ["release", "1", *said],
        ["decide", "1", "removed", *said],
        ["export", "--format", "csv"],
        ["texts"],
    ]
    for line in lines:
        assert main([*line, "--archive", str(link)]) == ExitCode.OK, (line, capfd.readouterr())
    assert main(["rebuild", "--archive", str(link), "--into", str(rebuilt)]) == ExitCode.OK
    assert main(["restore", "--from", str(target), "--into", str(restored)]) == ExitCode.OK
    main(["status", "--archive", str(link)])
    assert "cannot be read" not in capfd.readouterr().out
    with hold_archive(real):
        assert main(["rebuild", "--archive", str(link), "--into", str(rebuilt)]) == ExitCode.WRONG_USE
    assert (real.parent / "kho.withheld.db").is_file()
    assert (real.parent / "again" / "new.db").is_file()
    assert (real.parent.with_name("other") / "back.db").is_file()
    # Beside the link lies nothing, and no link was replaced.
    assert all(path.is_symlink() for path in link.parent.iterdir()), list(link.parent.iterdir())


def test_a_run_that_holds_the_archive_is_seen_through_the_link(real: Path, link: Path) -> None:
    with hold_archive(real):
        assert main(["crawl", "--portal", "sapa", "--archive", str(link)]) == ExitCode.LOCKED


@pytest.mark.parametrize("is_immutable", [False, True])
def test_datasette_itself_reads_the_captures_beside_the_archive(real: Path, link: Path, is_immutable: bool) -> None:
    files = {"immutables": [str(link)]} if is_immutable else {"files": [str(link)]}
    site = Datasette(**files)
    asyncio.run(site.invoke_startup())
    assert site.get_database("archive").path == str(real)


def test_scrapy_itself_makes_a_new_archive_where_the_link_leads(tmp_path: Path) -> None:
    (tmp_path / "srv").mkdir()
    (tmp_path / "disk").mkdir()
    link = tmp_path / "srv" / "archive.db"
    link.symlink_to("../disk/archive.db")
    with Replica(articles=8) as portal:
        profile = write_profile(portal, tmp_path)
        line = [sys.executable, "-m", "scrapy", "crawl", "portal", "-a", f"portal={profile}", "-s", f"ARCHIVE={link}"]
        ended = run(line)
    assert ended.code == 0, ended.err[-2000:]
    assert read_rows(tmp_path / "disk" / "archive.db", "select outcome from crawls") == [("complete",)]
    assert list((tmp_path / "disk" / "warc").glob("*.warc.gz"))
    assert [path.name for path in link.parent.iterdir()] == ["archive.db"]


def test_a_path_that_is_no_link_stays_as_it_is(tmp_path: Path) -> None:
    assert follow_link(Path("archive.db")) == Path("archive.db")
    (tmp_path / "way").symlink_to(tmp_path)
    assert follow_link(tmp_path / "way" / "archive.db") == tmp_path / "way" / "archive.db"


def test_a_link_in_a_circle_is_refused(tmp_path: Path) -> None:
    one, other = tmp_path / "one.db", tmp_path / "other.db"
    one.symlink_to(other)
    other.symlink_to(one)
    with pytest.raises(WrongUseError, match="leads nowhere"):
        follow_link(one)
    assert main(["status", "--archive", str(one)]) == ExitCode.WRONG_USE


def test_warc_files_beside_a_link_are_not_passed_over(tmp_path: Path) -> None:
    """Earlier versions wrote them there."""
    (tmp_path / "srv").mkdir()
    archive = make_archive(tmp_path / "srv")
    (tmp_path / "disk").mkdir()
    archive.rename(tmp_path / "disk" / "archive.db")
    archive.symlink_to(tmp_path / "disk" / "archive.db")
    with pytest.raises(WrongUseError, match="lies beside a link; move it to"):
        follow_link(archive)
    (tmp_path / "srv" / "warc").rename(tmp_path / "disk" / "warc")
    assert follow_link(archive) == tmp_path / "disk" / "archive.db"
