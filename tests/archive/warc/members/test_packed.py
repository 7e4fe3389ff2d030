"""Bodies that are compressed already are stored in gzip members as they are; all others are compressed."""

import gzip
import random
from pathlib import Path

import pytest

from crawler.archive.warc.members.packed import is_compressed, pack, pack_parts
from crawler.body import Body, collect

# A picture has no bytes to save. A document with a large picture in it has: its beginning.
_PICTURE = random.Random(17).randbytes(100_000)
_TEXT = "Ủy ban nhân dân thị xã Sa Pa thông báo lịch tiếp công dân. ".encode() * 2000
_HEAD = b"WARC/1.1\r\nWARC-Type: response\r\n\r\nHTTP/1.1 200 OK\r\n\r\n"


def _render(body: Body, *, in_parts: bool) -> bytes:
    parts = [_HEAD, *body.chunks()]
    return b"".join(pack_parts(parts, body)) if in_parts else pack(b"".join(parts), body)


@pytest.mark.parametrize("in_parts", [False, True])
@pytest.mark.parametrize("data", [_PICTURE, _TEXT, _TEXT + _PICTURE, b"", b"x", _PICTURE[:20_000]])
def test_every_gzip_reader_gives_the_bytes_back(data: bytes, in_parts: bool, tmp_path: Path) -> None:
    body = collect([data], tmp_path, spool_above=50_000)
    assert gzip.decompress(_render(body, in_parts=in_parts)) == _HEAD + data


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_picture_is_stored(in_parts: bool) -> None:
    assert _PICTURE[1000:50_000] in _render(Body(_PICTURE), in_parts=in_parts)


@pytest.mark.parametrize("in_parts", [False, True])
def test_a_text_is_compressed(in_parts: bool) -> None:
    assert len(_render(Body(_TEXT), in_parts=in_parts)) < len(_TEXT) / 10


@pytest.mark.parametrize("data", [_TEXT[:20_000] + _PICTURE, _PICTURE + _TEXT, _PICTURE + _TEXT + _PICTURE])
def test_a_file_of_which_a_part_can_be_compressed_is_compressed(data: bytes) -> None:
    assert not is_compressed(Body(data))
