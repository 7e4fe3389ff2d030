"""Content codings are decoded in reverse order, within a size limit; a body that does not fit its header is refused."""

import gzip
import random
import tracemalloc
import zlib

import brotli
import pytest

from crawler.errors import BadFileError
from crawler.media.content_coding import decode_payload, is_cut_short

TEXT = "Nội dung của trang. ".encode() * 500
LIMIT = 1024 * 1024


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def kind_of_refusal(body: bytes, coding: str | None, max_bytes: int = LIMIT) -> str:
    with pytest.raises(BadFileError) as caught:
        decode_payload(body, coding, max_bytes=max_bytes)
    return caught.value.kind


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        (None, TEXT),
        ("", TEXT),
        ("identity", TEXT),
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("x-gzip", gzip.compress(TEXT, mtime=0)),
        ("GZIP", gzip.compress(TEXT, mtime=0)),
        (" gzip ", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
        ("gzip", gzip.compress(TEXT[:70], mtime=0) + gzip.compress(TEXT[70:], mtime=0)),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"\0" * 512),
        ("deflate, gzip", gzip.compress(zlib.compress(TEXT), mtime=0)),
        ("gzip, identity, br", brotli.compress(gzip.compress(TEXT, mtime=0))),
    ],
)
def test_a_coding_is_decoded(coding: str | None, body: bytes) -> None:
    assert decode_payload(body, coding, max_bytes=LIMIT) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, br"])
def test_an_empty_body_stays_empty_with_any_header(coding: str) -> None:
    assert decode_payload(b"", coding, max_bytes=LIMIT) == b""


NOISE = random.Random(1).randbytes(5000)
PLAIN = [
    TEXT,
    b"<html>plain</html>",
    "Nội dung của trang".encode("utf-16"),
    b"%PDF-1.4\n\0\1\2",
    b"\x89PNG\r\n\x1a\n\0\0",
]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, deflate", "utf-8", "binary", "aes128gcm", "zstd"])
@pytest.mark.parametrize("body", PLAIN)
def test_a_coding_that_readable_bytes_do_not_have_is_taken_as_none(coding: str, body: bytes) -> None:
    assert decode_payload(body, coding, max_bytes=LIMIT) == body
    assert not is_cut_short(body, coding, max_bytes=LIMIT)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip, gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip, utf-8", gzip.compress(TEXT, mtime=0)),
        ("utf-8, gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip", zlib.compress(TEXT)),
        ("deflate", gzip.compress(TEXT, mtime=0)),
    ],
)
def test_the_codings_that_the_bytes_have_are_decoded(coding: str, body: bytes) -> None:
    assert decode_payload(body, coding, max_bytes=LIMIT) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, deflate", "utf-8", "aes128gcm", "zstd"])
def test_bytes_that_are_neither_coded_so_nor_readable_are_refused(coding: str) -> None:
    assert kind_of_refusal(NOISE, coding) == "bad-encoding"


@pytest.mark.parametrize(
    ("coding", "whole"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw_deflate(TEXT)),
        ("br", brotli.compress(TEXT)),
    ],
)
def test_a_coded_body_that_ends_too_early_is_refused(coding: str, whole: bytes) -> None:
    for length in (1, len(whole) // 2, len(whole) - 1):
        assert kind_of_refusal(whole[:length], coding) == "bad-encoding"


def test_an_unknown_coding_is_refused_by_its_name() -> None:
    with pytest.raises(BadFileError, match="zstd") as caught:
        decode_payload(NOISE, "zstd", max_bytes=LIMIT)
    assert caught.value.kind == "bad-encoding"


CODED = [
    ("gzip", gzip.compress(TEXT, mtime=0)),
    ("deflate", zlib.compress(TEXT)),
    ("deflate", raw_deflate(TEXT)),
    ("br", brotli.compress(TEXT)),
]


@pytest.mark.parametrize(("coding", "whole"), CODED)
def test_what_was_cut_is_decoded_as_far_as_it_goes_if_that_is_known(coding: str, whole: bytes) -> None:
    noise = NOISE.hex().encode()
    whole = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}[coding](noise)
    part = decode_payload(whole[: len(whole) // 2], coding, max_bytes=LIMIT, is_cut=True)
    assert len(noise) // 4 < len(part) < len(noise)
    assert noise.startswith(part)


@pytest.mark.parametrize(("coding", "whole"), CODED)
def test_a_compressed_stream_without_its_end_is_cut_short(coding: str, whole: bytes) -> None:
    assert not is_cut_short(whole, coding, max_bytes=LIMIT)
    assert not is_cut_short(whole[:-1], None, max_bytes=LIMIT)
    for length in (len(whole) // 2, len(whole) - 1):
        assert is_cut_short(whole[:length], coding, max_bytes=LIMIT)
    assert not is_cut_short(whole[:-1], coding, max_bytes=10)  # larger than anyone reads


def test_a_body_of_exactly_the_limit_passes_and_one_byte_more_does_not() -> None:
    for coding, pack in (("", bytes), ("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)):
        assert decode_payload(pack(b"a" * 4096), coding, max_bytes=4096) == b"a" * 4096
        assert kind_of_refusal(pack(b"a" * 4097), coding, 4096) == "too-large"


@pytest.mark.parametrize(
    ("coding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress), ("br", brotli.compress)]
)
def test_a_decompression_bomb_is_refused_before_it_fills_the_memory(coding: str, pack: object) -> None:
    bomb = pack(b"\0" * 32 * LIMIT)  # type: ignore[operator]
    assert len(bomb) < LIMIT
    tracemalloc.start()
    try:
        assert kind_of_refusal(bomb, coding) == "too-large"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * LIMIT
