"""What backups say of themselves."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import BackupError, WrongUseError
from crawler.operations.backup.manifest import (
    BackedUpFile,
    Manifest,
    name_next,
    parse_name,
    read_manifest,
    read_record,
    render_manifest,
    render_record,
    whole_snapshots,
)
from crawler.operations.backup.storage import BackupStorage, make_storage

AT = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
FILE = BackedUpFile("sapa-1-00001.warc.gz", "warc/sapa-1-00001.warc.gz", 5, "ab" * 32)
MANIFEST = Manifest(
    name="archive-20261124T013000Z-00001", created_at="2026-11-24T01:30:00Z", software="portal-archive/0", schema="m1",
    archive="urn:uuid:1", crawls=1, articles=2, size_bytes=3, sha256="cd" * 32, database_bytes=4,
    database_sha256="ef" * 32, warc=(FILE,), missing=("sapa-2-00002.warc.gz",),
)  # fmt: skip


@pytest.fixture
def target(tmp_path: Path) -> BackupStorage:
    return make_storage(str(tmp_path / "target"))


def test_a_manifest_is_read_back_as_it_was_written(target: BackupStorage) -> None:
    target.write(f"snapshots/{MANIFEST.name}.json", [render_manifest(MANIFEST)])
    name = parse_name(MANIFEST.name)
    assert name is not None
    assert read_manifest(target, name) == MANIFEST


def test_a_record_is_read_back_as_it_was_written(target: BackupStorage) -> None:
    target.write(f"warc/{FILE.name}.json", [render_record(FILE, "2026-11-24T01:30:00Z")])
    assert read_record(target, FILE.name) == FILE


def test_names_count_up_even_if_the_clock_goes_back() -> None:
    files = {"archive-20990101T000000Z-00007.db.gz": 1, "notes.txt": 1}
    assert str(name_next(AT, files)) == "archive-20261124T013000Z-00008"
    assert str(name_next(AT, {})) == "archive-20261124T013000Z-00001"


def test_only_what_has_a_manifest_is_a_snapshot_and_the_last_made_is_the_newest() -> None:
    later, earlier = "archive-20990101T000000Z-00007", "archive-20261124T013000Z-00008"
    files = {f"{later}.json": 1, f"{later}.db.gz": 1, f"{earlier}.json": 1, "archive-20261125T013000Z-00009.db.gz": 1}
    assert [str(name) for name in whole_snapshots(files)] == [later, earlier]


@pytest.mark.parametrize("name", ["../../etc/x.warc.gz", "/x.warc.gz", "x.txt", "a/b.warc.gz", ".warc.gz/.."])
def test_a_file_name_that_leads_elsewhere_is_refused(name: str, target: BackupStorage) -> None:
    bad = replace(MANIFEST, warc=(replace(FILE, name=name),))
    target.write(f"snapshots/{MANIFEST.name}.json", [render_manifest(bad)])
    found = parse_name(MANIFEST.name)
    assert found is not None
    with pytest.raises(BackupError, match="is damaged: it names a file"):
        read_manifest(target, found)


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b'{"format": "portal-archive-backup/1", "warc": 3}'])
def test_a_damaged_manifest_is_said_to_be_one(data: bytes, target: BackupStorage) -> None:
    target.write(f"snapshots/{MANIFEST.name}.json", [data])
    found = parse_name(MANIFEST.name)
    assert found is not None
    with pytest.raises(BackupError, match=r"\.json is damaged"):
        read_manifest(target, found)


def test_a_newer_format_asks_for_an_update(target: BackupStorage) -> None:
    target.write(f"snapshots/{MANIFEST.name}.json", [render_manifest(MANIFEST).replace(b"backup/2", b"backup/4")])
    found = parse_name(MANIFEST.name)
    assert found is not None
    with pytest.raises(WrongUseError, match="update portal-archive"):
        read_manifest(target, found)
