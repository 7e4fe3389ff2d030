"""Transfer codings: the payload is the same however the bytes were cut, and a fault in them is seen."""

import gzip
import zlib

import pytest

from crawler.media.transfer_coding import TransferDecoder, read_codings, undo, undo_bytes

TEXT = "Ủy ban nhân dân thị xã thông báo.\r\n".encode() * 50


def chunked(
    data: bytes, size: int = 100, *, pad: bytes = b"", end: bytes = b"0\r\n\r\n", eol: bytes = b"\r\n"
) -> bytes:
    parts = [data[at : at + size] for at in range(0, len(data), size)]
    return b"".join(b"%x" % len(part) + pad + eol + part + eol for part in parts) + end


RAW_DEFLATE = zlib.compressobj(wbits=-15)
CODED = [
    ("chunked", chunked(TEXT)),
    ("chunked", chunked(TEXT, pad=b"   ")),
    ("chunked", chunked(TEXT, pad=b" ; name=\"a;b\"")),
    ("chunked", chunked(TEXT, end=b"000\r\nTrailer: x\r\nOther: y\r\n\r\n")),
    ("chunked", chunked(TEXT, eol=b"\n", end=b"0\n\n")),
    ("Chunked, chunked", chunked(TEXT, size=7)),
    ("gzip, chunked", chunked(gzip.compress(TEXT, mtime=0))),
    ("x-gzip , chunked", chunked(gzip.compress(TEXT[:99], mtime=0) + gzip.compress(TEXT[99:], mtime=0))),
    ("deflate, chunked", chunked(zlib.compress(TEXT))),
    ("deflate, chunked", chunked(RAW_DEFLATE.compress(TEXT) + RAW_DEFLATE.flush())),
    ("gzip", gzip.compress(TEXT, mtime=0)),
    ("identity", TEXT),
    ("", TEXT),
    (None, TEXT),
    ("unheard-of", TEXT),
]  # fmt: skip


@pytest.mark.parametrize("step", [1, 2, 3, 64, 10**6])
@pytest.mark.parametrize(("coding", "body"), CODED)
def test_a_payload_is_the_same_wherever_the_network_cut_the_body(coding: str | None, body: bytes, step: int) -> None:
    decoder = TransferDecoder(coding)
    parts = [part for at in range(0, len(body), step) for part in decoder.feed(body[at : at + step])]
    assert b"".join([*parts, *decoder.finish()]) == TEXT
    assert decoder.is_whole


@pytest.mark.parametrize(
    ("coding", "body", "payload"),
    [
        ("chunked", chunked(TEXT, end=b""), TEXT),
        ("chunked", chunked(TEXT)[:500], None),
        ("chunked", chunked(TEXT, end=b"xyz\r\n\r\n"), TEXT),
        ("gzip, chunked", chunked(gzip.compress(TEXT, mtime=0)[:-12]), None),
        ("gzip, chunked", chunked(gzip.compress(TEXT, mtime=0), end=b""), TEXT),
        ("chunked", b"", b""),
        ("chunked", b"<html>\r\nno chunks</html>", b"<html>\r\nno chunks</html>"),
        ("chunked", b"abc", b"abc"),
        ("chunked", b"<" * 40_000, b"<" * 40_000),
    ],
)
@pytest.mark.parametrize("step", [1, 10**6])
def test_a_body_that_does_not_end_gives_what_came_and_is_not_whole(
    coding: str, body: bytes, payload: bytes | None, step: int
) -> None:
    decoder = TransferDecoder(coding)
    parts = [part for at in range(0, len(body), step) for part in decoder.feed(body[at : at + step])]
    got = b"".join([*parts, *decoder.finish()])
    assert not decoder.is_whole
    assert got == payload if payload is not None else TEXT.startswith(got) and got


def test_a_coding_that_the_bytes_do_not_have_is_taken_as_none() -> None:
    assert undo_bytes(chunked(TEXT), "gzip, chunked") == TEXT
    assert undo_bytes(TEXT, "deflate") == TEXT


def test_bytes_after_the_last_chunk_are_no_payload() -> None:
    assert undo_bytes(chunked(TEXT) + b"HTTP/1.1 400 Bad\r\n\r\n", "chunked") == TEXT


def test_a_bomb_comes_in_small_parts() -> None:
    bomb = chunked(gzip.compress(bytes(20_000_000), mtime=0))
    parts = undo([bomb], "gzip, chunked")
    assert max(len(part) for part in parts) <= 64 * 1024


def test_only_codings_that_change_the_bytes_are_named() -> None:
    assert read_codings(None) == read_codings("identity, unheard-of") == ()
    assert read_codings(" x-gzip;q=1 ,CHUNKED") == ("x-gzip", "chunked")


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
@pytest.mark.parametrize("step", [1, 7, 4096, 50_000])
def test_a_damaged_body_gives_the_same_however_it_is_cut(coding: str, step: int) -> None:
    text = b"".join(b"%d dong thu %d\n" % (number * 7919 % 10_007, number) for number in range(20_000))
    packed = bytearray(gzip.compress(text, mtime=0) if coding == "gzip" else zlib.compress(text))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    parts = [bytes(packed[at : at + step]) for at in range(0, len(packed), step)]
    assert b"".join(undo(parts, coding)) == undo_bytes(bytes(packed), coding)
    assert undo_bytes(bytes(packed), coding)[:1000] == text[:1000]


@pytest.mark.parametrize("body", [b"\0\0", b"\x1f\x8bx", b"\x1f\x8b\x08\x08ten tep khong het \xff"])
def test_a_plain_body_under_a_coding_is_plain_however_it_is_cut(body: bytes) -> None:
    assert b"".join(undo([body[:1], body[1:]], "gzip")) == undo_bytes(body, "gzip")
