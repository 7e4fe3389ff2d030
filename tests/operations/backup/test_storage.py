"""Places of backups: folders, and what fsspec reaches."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from crawler.errors import BackupError, WrongUseError
from crawler.operations.backup.storage import (
    BackupStorage,
    digest_of,
    file_chunks,
    make_storage,
    open_storage,
    read_whole,
    redact,
    show,
)


@pytest.fixture(params=["folder", "file-url", "memory"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> BackupStorage:
    places = {
        "folder": str(tmp_path / "target"),
        "file-url": (tmp_path / "target").as_uri(),
        "memory": f"memory://{uuid4()}/target",
    }
    return make_storage(places[request.param])


def _cut_off() -> Iterator[bytes]:
    yield b"half"
    raise BackupError("the source broke")


def test_what_is_written_is_read_back_with_its_length_and_digest(target: BackupStorage) -> None:
    data = os.urandom(3_000_000)
    written = target.write("warc/a", [data[:10], b"", data[10:]])
    assert read_whole(target, "warc/a") == data
    assert written == digest_of(target.read("warc/a"))
    assert target.sizes("warc") == {"a": len(data)}


def test_a_folder_that_is_not_there_is_shown_from_an_empty_one(target: BackupStorage) -> None:
    assert target.sizes("warc") is None
    target.write("warc/a", [b"x"])
    target.remove("warc/a")
    assert not target.sizes("warc")


def test_what_is_not_there_is_said(target: BackupStorage) -> None:
    for act in (lambda: read_whole(target, "warc/none"), lambda: target.remove("warc/none")):
        with pytest.raises(BackupError, match="warc/none cannot be"):
            act()


def test_a_write_that_is_cut_off_leaves_the_earlier_file_of_a_folder(tmp_path: Path) -> None:
    target = make_storage(str(tmp_path / "target"))
    target.write("warc/a", [b"whole"])
    with pytest.raises(BackupError, match="the source broke"):
        target.write("warc/a", _cut_off())
    assert read_whole(target, "warc/a") == b"whole"
    assert target.sizes("warc") == {"a": 5}


def test_a_folder_is_made_but_not_the_one_above_it(tmp_path: Path) -> None:
    make_storage(str(tmp_path / "target"))
    assert (tmp_path / "target").is_dir()
    with pytest.raises(BackupError, match="is the disk mounted"):
        make_storage(str(tmp_path / "mount" / "target"))
    assert not (tmp_path / "mount").exists()


def test_a_file_is_no_place(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path / "file", tmp_path / "file" / "target"):
        with pytest.raises(BackupError):
            make_storage(str(place))
    with pytest.raises(BackupError, match="no such folder"):
        open_storage(str(tmp_path / "none"))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nope://host/x", "Protocol not known: nope"),
        ("s3://bucket/x", "s3fs"),
        ("backup@host:/srv/x", "fsspec URL such as sftp://"),
        ("remote:x", "fsspec URL such as sftp://"),
    ],
)
def test_a_place_that_cannot_be_had_from_here_is_wrong_use_with_a_way_out(url: str, words: str) -> None:
    with pytest.raises(WrongUseError) as caught:
        make_storage(url)
    assert words in str(caught.value)


def test_a_host_that_does_not_answer_is_said_without_the_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with pytest.raises(BackupError) as caught:
            make_storage(f"ftp://me:s3cret@127.0.0.1:{port}/x")
    assert "refused" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_secrets_are_taken_out_wherever_they_stand() -> None:
    url = "sftp://me:p%40ss@host/x?key=abc"
    assert show(url) == "sftp://host/x"
    shown = redact(f"login failed at {url} with p@ss", url)
    assert "p@ss" not in shown
    assert "p%40ss" not in shown
    assert "abc" not in shown


def test_a_part_of_a_file_is_read_to_its_length_and_a_shorter_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert b"".join(file_chunks(path, 4)) == b"0123"
    with pytest.raises(BackupError, match="2 bytes shorter"):
        list(file_chunks(path, 12))
