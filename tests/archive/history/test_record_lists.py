"""Record lists: one line a record, whatever the packing; a chain of digests over all files, also after a death."""

import gzip
import hashlib
from pathlib import Path

import pytest

from crawler.archive.history.record_lists import (
    LIST_SUFFIX,
    digest_list,
    list_path,
    parse_list,
    read_previous,
    write_list,
)
from crawler.archive.warc import writer as writer_module
from crawler.archive.warc.reader import warc_files
from crawler.archive.withheld.withheld_db import withheld_path
from crawler.body import collect
from crawler.rebuild.rebuild import rebuild
from tests.support.build import BASE, Clock, Night, exchange, make_archive, read_rows, small_portal
from tests.support.wire.warc_records import read_records
from tests.support.withholding import SECRET, act, make_nights


def _lines(path: Path) -> list[tuple[str, str, str]]:
    listed = parse_list(path.with_name(path.name + LIST_SUFFIX).read_bytes())
    assert listed is not None
    return [(one.sha256, one.record_id, one.kind) for one in listed]


def _members(path: Path) -> list[bytes]:
    """Unpack each member with the standard library."""
    data = path.read_bytes()
    places = [record.position for record in read_records(path)]
    return [gzip.decompress(data[place.offset :][: place.length]) for place in places]


def _chain(archive: Path) -> list[tuple[str, str] | None]:
    """Give what the warcinfo record of each file says of the one before."""
    found = []
    for path in warc_files(archive.parent / "warc"):
        lines = next(read_records(path)).block.decode().splitlines()
        said = read_previous(dict(line.split(": ", 1) for line in lines))
        found.append((said.name, said.list_sha256) if said else None)
    return found


def test_a_list_has_the_digest_the_id_and_the_type_of_each_record(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    (path,) = warc_files(archive.parent / "warc")
    records = list(read_records(path))
    expected = [
        (hashlib.sha256(member).hexdigest(), record.record_id, record.kind)
        for member, record in zip(_members(path), records, strict=True)
    ]
    assert _lines(path) == expected
    assert {kind for _, _, kind in expected} == {"warcinfo", "request", "response", "revisit", "metadata"}


def test_a_file_that_is_compressed_anew_keeps_its_list(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    (path,) = warc_files(archive.parent / "warc")
    before = list_path(path.parent, path.name).read_bytes()
    path.write_bytes(b"".join(gzip.compress(member, 9, mtime=0) for member in _members(path)))
    assert write_list(path, path.name) == hashlib.sha256(before).hexdigest()
    assert list_path(path.parent, path.name).read_bytes() == before


def test_a_file_that_is_no_longer_one_member_a_record_gets_no_list(tmp_path: Path) -> None:
    archive = make_archive(tmp_path)
    (path,) = warc_files(archive.parent / "warc")
    whole = gzip.decompress(path.read_bytes())
    for data in (gzip.compress(whole), path.read_bytes()[:-5], whole, b"x" + path.read_bytes()):
        path.write_bytes(data)
        assert write_list(path, path.name) is None


def test_each_file_names_the_list_of_the_one_before_and_the_row_of_the_last_has_its_own(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=3)
    folder = archive.parent / "warc"
    names = [path.name for path in warc_files(folder)]
    lists = [digest_list(folder, name) for name in names]
    assert _chain(archive) == [None, (names[0], lists[0]), (names[1], lists[1])]
    assert read_rows(archive, "select name, list_sha256 from warc_files order by serial") == [
        *zip(names, lists, strict=True)
    ]


def test_files_that_are_closed_within_a_run_are_in_the_chain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "MAX_FILE_BYTES", 4000)
    archive = make_archive(tmp_path)
    names = [path.name for path in warc_files(archive.parent / "warc")]
    assert len(names) > 2
    assert [said[0] if said else None for said in _chain(archive)] == [None, *names[:-1]]


def test_the_files_of_an_operators_acts_are_in_the_chain(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    make_nights(archive, clock, first=1, last=2)
    act(archive, "withhold", SECRET.url, at=clock())
    assert withheld_path(archive).exists()
    make_nights(archive, clock, first=3, last=3)
    names = [path.name for path in warc_files(archive.parent / "warc")]
    assert [said[0] if said else None for said in _chain(archive)] == [None, *names[:-1]]


def test_the_next_run_lists_the_file_of_a_dead_one(tmp_path: Path, clock: Clock) -> None:
    archive = tmp_path / "archive.db"
    night = Night(archive, clock)
    small_portal(night)
    night.writer.commit().result()
    night.capture(f"{BASE}/later", b"later")
    night.writer.close()
    with Night(archive, clock, with_adoption=True) as later:
        small_portal(later, edition=2)
    first, second = warc_files(archive.parent / "warc")
    assert len(_lines(first)) == len(list(read_records(first)))
    assert _chain(archive) == [None, (first.name, digest_list(first.parent, first.name))]
    assert len(_lines(second)) > 1


def test_a_rebuild_gives_the_digests_of_the_lists(tmp_path: Path) -> None:
    archive = make_archive(tmp_path, nights=2)
    rebuild(archive, tmp_path / "new.db")
    listed = "select * from warc_files order by serial"
    assert read_rows(tmp_path / "new.db", listed) == read_rows(archive, listed)


def test_a_large_body_is_listed_like_any_other(tmp_path: Path) -> None:
    with Night(tmp_path / "archive.db", Clock()) as night:
        night.record(exchange(f"{BASE}/large.mp4", collect([b"0123456789abcdef" * 300_000])))
    (path,) = warc_files(tmp_path / "warc")
    before = list_path(path.parent, path.name).read_bytes()
    assert write_list(path, path.name) == hashlib.sha256(before).hexdigest()


@pytest.mark.parametrize("content", [b"x\n", b"0" * 64 + b" urn:uuid:1 response\n", b"\xff\xff"])
def test_what_is_no_list_is_none(content: bytes) -> None:
    assert parse_list(content) is None
