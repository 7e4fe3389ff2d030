"""The nightly verification: the last run first, within a time; what it looks at turns over the nights."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.archive.fixity.quick import NIGHTS, verify_quickly
from tests.support.archives.rows import change, copy_archive
from tests.support.build import FIRST_NIGHT, make_archive


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("template"), nights=3)


def damage(path: Path) -> None:
    """Flip bits in the middle of a WARC file, more than the header of a gzip member has: that says no content."""
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    for place in range(middle, middle + 16):
        data[place] ^= 1
    path.write_bytes(data)


def test_a_sound_archive_has_no_line_and_the_share_is_said(template: Path) -> None:
    found = verify_quickly(template, now=FIRST_NIGHT, seconds=60)
    assert found.findings == []
    (note,) = found.notes
    assert "looked at 1 file of the last run" in note
    assert "2 of 2 other files" in note
    assert "100% of the articles" in note


def test_the_night_s_own_rows_and_files_are_looked_at_without_any_time(template: Path, tmp_path: Path) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    change(archive, "update crawls set requests = 99 where id = 3")
    path = sorted((archive.parent / "warc").glob("*.warc.gz"))[-1]
    damage(path)
    found = verify_quickly(archive, now=FIRST_NIGHT, seconds=0, timer=iter(range(99)).__next__)
    assert sorted(one.kind for one in found.findings) in (
        ["damage", "row"],
        ["row", "record"],
        ["damage"],
        ["record", "row"],
    ), found.differences
    assert "0 of 2 other files" in found.notes[0]
    assert "0% of the articles" in found.notes[0]


def test_over_the_nights_every_file_and_article_is_looked_at(template: Path, tmp_path: Path) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    change(archive, "update revision_rows set body = 'x' where article_id = 2 and number = 1")
    nights = {file.name: 0 for file in sorted((archive.parent / "warc").glob("*.warc.gz"))[:2]}
    for name in nights:
        other = copy_archive(archive, tmp_path / name)
        damage(other.parent / "warc" / name)
        for night in range(NIGHTS):
            # Time for one file and one part of the articles a night: the clock stands still between two looks.
            ticks = iter([0, 0, 9, 0, 9])
            found = verify_quickly(other, now=FIRST_NIGHT + timedelta(days=night), seconds=1, timer=ticks.__next__)
            nights[name] += any(one.kind in ("damage", "record") for one in found.findings)
            assert len(found.findings) <= 2
    assert all(nights.values()), nights
    assert sum(nights.values()) == NIGHTS


def test_a_missing_file_and_an_edited_list_are_named_each_night(template: Path, tmp_path: Path) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    first, second = sorted((archive.parent / "warc").glob("*.warc.gz"))[:2]
    first.unlink()
    second.with_name(f"{second.name}.sha256").write_text("", encoding="utf-8")
    found = verify_quickly(archive, now=FIRST_NIGHT, seconds=0, timer=iter(range(99)).__next__)
    assert sorted(one.kind for one in found.findings) == ["file", "list"], found.differences


@pytest.mark.parametrize("cut", ["the last record", "half", "all"])
def test_a_lost_ledger_record_is_one_finding_without_the_rows_that_it_wrote(
    template: Path, tmp_path: Path, cut: str
) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    path = sorted((archive.parent / "warc").glob("*.warc.gz"))[-1]
    data = path.read_bytes()
    if cut == "all":
        path.unlink()
    else:
        path.write_bytes(data[:-100] if cut == "the last record" else data[: len(data) // 2])
    found = verify_quickly(archive, now=FIRST_NIGHT, seconds=60)
    assert len(found.findings) == 1, found.differences


def test_it_changes_nothing(template: Path) -> None:
    before = template.read_bytes()
    verify_quickly(template, now=FIRST_NIGHT, seconds=60)
    assert template.read_bytes() == before
    with sqlite3.connect(template) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
