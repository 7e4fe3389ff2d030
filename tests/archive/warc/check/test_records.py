"""Verification of WARC files: each alteration is one line, and what is left alone is none."""

from pathlib import Path

import pytest

from crawler.archive.fixity import verify
from tests.support.archives.rows import copy_archive
from tests.support.build import make_archive
from tests.support.damage.alteration_lists import HARMLESS, LOSSY, OF_LISTS_AND_FOLDER, OF_ONE_RECORD
from tests.support.damage.alterations import first_and_second, records_of

# Notes of a person are no part of the archive.
NO_LINE = {"notes beside"}
ALL = LOSSY | HARMLESS | OF_ONE_RECORD | OF_LISTS_AND_FOLDER


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_archive(tmp_path_factory.mktemp("template"), nights=2)


@pytest.mark.parametrize("name", ALL)
def test_an_alteration_of_the_warc_files_is_one_line_that_names_the_file(
    template: Path, tmp_path: Path, name: str
) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    ALL[name](archive.parent / "warc")
    found = verify(archive).differences
    assert len(found) == (0 if name in NO_LINE else 1), found
    assert all(line.startswith("warc/") for line in found)


def test_a_damaged_record_is_named_with_its_address_and_its_capture(template: Path, tmp_path: Path) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    LOSSY["a bit in the trailer of a response"](archive.parent / "warc")
    (line,) = verify(archive).differences
    assert "is damaged" in line
    assert "response https://storage.example.vn/lci/20251231/anh.png urn:uuid:" in line
    assert line.endswith("lost with it capture 4")


def test_two_damaged_records_are_two_lines(template: Path, tmp_path: Path) -> None:
    archive = copy_archive(template, tmp_path / "copy")
    LOSSY["a bit in the trailer of a response"](archive.parent / "warc")
    _, path = first_and_second(archive.parent / "warc")
    place = records_of(path)[5].position
    data = bytearray(path.read_bytes())
    data[place.offset + place.length - 5] ^= 1  # in the sum behind the member
    path.write_bytes(data)
    assert len(verify(archive).differences) == 2
