"""Bodies: a small one stays in memory, a large one goes to a spool file, which lives as long as it is needed."""

import gc
from pathlib import Path

import pytest

from crawler.body import Body, BodySink, spool_folder


def fill(folder: Path, *parts: bytes) -> Body:
    sink = BodySink(folder, spool_above=10)
    for part in parts:
        sink.write(part)
    assert sink.size_bytes == sum(map(len, parts))
    return sink.finish()


@pytest.mark.parametrize("parts", [(), (b"",), (b"0123456789",), (b"0123456789a",), (b"0" * 9, b"ab", b"c" * 99_999)])
def test_a_body_is_the_bytes_that_came_in_memory_or_on_disk(tmp_path: Path, parts: tuple[bytes, ...]) -> None:
    body = fill(tmp_path / "spool", *parts)
    data = b"".join(parts)
    assert body.read() == b"".join(body.chunks()) == data
    assert body.size_bytes == len(data)
    assert body.peek(3) == data[:3]
    with body.open() as stream:
        assert stream.read() == data
    assert (body.path is not None) == (len(data) > 10)
    assert body.path is None or (body.path.parent == tmp_path / "spool" and body.data == b"")


def test_a_spool_file_goes_with_the_last_body_that_names_it(tmp_path: Path) -> None:
    body = fill(tmp_path, b"x" * 20)
    same = Body(file=body.file)
    del body
    gc.collect()
    assert len(list(tmp_path.iterdir())) == 1
    del same
    gc.collect()
    assert list(tmp_path.iterdir()) == []


def test_a_discarded_body_leaves_no_file(tmp_path: Path) -> None:
    sink = BodySink(tmp_path, spool_above=10)
    sink.write(b"x" * 20)
    assert len(list(tmp_path.iterdir())) == 1
    sink.discard()
    fill(tmp_path, b"x" * 20).discard()
    Body(b"in memory").discard()
    assert list(tmp_path.iterdir()) == []


def test_spool_files_lie_beside_the_archive() -> None:
    assert spool_folder(Path("/srv/archive.db")) == Path("/srv/archive.db.spool")
