"""Every odd answer is parted into head and body, however its bytes arrive, and none of them is lost."""

from pathlib import Path

import pytest

from crawler.body import BodySink
from crawler.crawl.download.raw_framing import MAX_HEAD_BYTES, AnswerReader, HeadTooLongError
from crawler.media.content_coding import decode_page
from crawler.media.http_head import parse_head
from crawler.media.transfer_coding import undo_bytes
from tests.support.wire.odd_answers import HTML, ODD_ANSWERS, PAGE, chunked, head

# Only the content coding shows that these end early.
CUT_INSIDE = {name for name, answer in ODD_ANSWERS.items() if name.startswith("coding-") and answer.is_cut}


def _reader(folder: Path, method: str = "GET") -> AnswerReader:
    return AnswerReader(method, BodySink(folder))


def _read(
    wire: bytes, folder: Path, *, step: int = 1 << 20, cause: str | None = None
) -> tuple[AnswerReader, bytes, str | None]:
    reader = _reader(folder)
    for start in range(0, len(wire), step):
        if reader.is_over:
            break
        reader.feed(wire[start : start + step])
    body, truncated = reader.finish(cause=cause)
    return reader, body.read(), truncated


@pytest.mark.parametrize("name", [name for name in ODD_ANSWERS if name not in CUT_INSIDE])
def test_an_odd_answer_is_parted_into_head_and_body(tmp_path: Path, name: str) -> None:
    answer = ODD_ANSWERS[name]
    reader, body, truncated = _read(answer.wire, tmp_path, cause="disconnect" if answer.is_reset else None)
    if answer.refused == "no-answer":
        assert not reader.has_begun
        return
    assert (truncated is not None) is answer.is_cut
    assert reader.is_over or not answer.stays_open
    assert reader.head + body in answer.wire
    assert answer.wire.startswith(reader.head + body) or name.startswith("interim")
    if answer.payload is not None:
        parsed = parse_head(reader.head)
        payload = undo_bytes(body, parsed.transfer_encoding)
        assert decode_page(payload, parsed.header("content-encoding"), max_bytes=1 << 20) == answer.payload
    elif answer.refused == "not-http":
        assert (reader.head, reader.status, body) == (b"", 0, answer.wire)
    elif answer.refused == "bad-status":
        assert not 100 <= reader.status <= 599


@pytest.mark.parametrize("step", [1, 7])
def test_how_the_bytes_arrive_makes_no_difference(tmp_path: Path, step: int) -> None:
    for name, answer in ODD_ANSWERS.items():
        if len(answer.wire) < 20_000:
            whole, *rest = _read(answer.wire, tmp_path)
            parts, *same = _read(answer.wire, tmp_path, step=step)
            assert (parts.head, parts.status, parts.is_over, *same) == (
                whole.head,
                whole.status,
                whole.is_over,
                *rest,
            ), name


def test_what_comes_after_an_answer_is_dropped(tmp_path: Path) -> None:
    for message in (
        head(HTML, f"Content-Length: {len(PAGE)}") + PAGE,
        head("Transfer-Encoding: chunked") + chunked(PAGE),
    ):
        reader, body, truncated = _read(message + b"HTTP/1.1 200 OK\r\n\r\n", tmp_path)
        assert (reader.head + body, reader.is_over, truncated) == (message, True, None)


def test_an_answer_to_head_has_no_body(tmp_path: Path) -> None:
    reader = _reader(tmp_path, "HEAD")
    reader.feed(head(HTML, "Content-Length: 5000"))
    assert reader.is_over
    assert reader.finish(cause=None)[1] is None


@pytest.mark.parametrize("cause", ["time", "disconnect"])
def test_an_answer_that_is_given_up_says_why_unless_it_was_whole(tmp_path: Path, cause: str) -> None:
    for wire in (head(HTML) + PAGE, head(HTML, "Content-Length: 9000") + PAGE, head(HTML)[:-2], b"HTTP/1.1 2"):
        assert _read(wire, tmp_path, cause=cause)[2] == cause
    last_chunk = head(HTML, "Transfer-Encoding: chunked") + chunked(PAGE, last=b"0\r\n")
    agreed = head(HTML, "Content-Length: 5", f"Content-Length: {len(PAGE)}") + PAGE
    for wire in (last_chunk, agreed):
        assert _read(wire, tmp_path, cause=cause)[2] is None


LONG = "X-More: " + "a" * 1000


@pytest.mark.parametrize(
    "wire", [head(LONG)[:-2] + LONG.encode() * 1100, head(LONG, first="HTTP/1.1 103 Hints") * 1100]
)
def test_a_head_without_end_is_given_up(tmp_path: Path, wire: bytes) -> None:
    assert len(wire) > MAX_HEAD_BYTES
    with pytest.raises(HeadTooLongError):
        _read(wire, tmp_path, step=60_000)


def test_the_head_of_many_interim_answers_is_left_out(tmp_path: Path) -> None:
    wire = head(first="HTTP/1.1 103 Early Hints") * 50 + head(HTML, f"Content-Length: {len(PAGE)}") + PAGE
    reader, body, _ = _read(wire, tmp_path, step=3)
    assert (reader.status, body) == (200, PAGE)
    assert reader.head.startswith(b"HTTP/1.1 200 OK\r\n")
