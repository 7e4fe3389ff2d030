"""Heads of messages: every one is read, and a malformed one loses no line."""

import pytest

from crawler.media.http_head import head_length, parse_head

HTML = b"<html>\r\n\r\n</html>"


@pytest.mark.parametrize(
    ("stated", "kind"), [("Text/HTML; charset=x", "text/html"), ("", None), (";", None), ("image/png", "image/png")]
)
def test_a_media_type_is_stated_without_parameters(stated: str, kind: str | None) -> None:
    assert parse_head(f"HTTP/1.1 200 OK\r\nContent-Type: {stated}\r\n\r\n".encode()).media_type == kind


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"HTTP/1.1 200 OK", 200), (b"HTTP/1.1 200", 200), (b"HTTP/1.1\t404\tNot Found", 404), (b"http/1.1 301 x", 301),
        (b"HTTP/1.1 999 No", 999), (b"HTTP/1.1 099 x", 99), (b"HTTP/1.1 20 OK", 20), (b"ICY 200 OK", 200),
        (b"HTTP/1.1  200  OK", 200), (b"HTTP/1.1", 0), (b"HTTP/1.1 OK", 0), (b"", 0), (b"HTTP/1.1 -200 x", 0),
        (b"HTTP/2 200", 200), (b"HTTP/1.1 " + b"9" * 5000, 0), (b"HTTP/1.1 18446744073709551616 x", 0),
    ],
)  # fmt: skip
def test_a_status_is_read_from_every_line_that_names_one(line: bytes, status: int) -> None:
    assert parse_head(line + b"\r\nA: b\r\n\r\n").status == status


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nA: b\r\n\r\n",
        b"HTTP/1.1 200 OK\nA: b\n\n",
        b"HTTP/1.1 200 OK\r\nA: b\n\r\n",
        b"\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nA: 1\r\n  2\r\nno colon\r\n: no name\r\nX: \x00\r\n\r\n",
        b"http/1.0 200\r\n\r\n",
        b"",
    ],
)
def test_a_head_ends_at_its_first_blank_line(head: bytes) -> None:
    assert head_length(head + HTML, is_answer=True) == len(head)


def test_a_head_that_was_cut_off_takes_the_whole_message() -> None:
    assert head_length(b"HTTP/1.1 200 OK\r\nContent-Ty", is_answer=True) == 27
    assert parse_head(b"HTTP/1.1 200 OK\r\nContent-Ty").headers == ((b"Content-Ty", b""),)


def test_headers_keep_order_case_repeats_and_odd_names() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nset-COOKIE: a\r\nTi\xc3\xaau: x\r\nName : y \r\n: z\r\nSet-Cookie:b\r\n\r\n")
    assert head.headers == (
        (b"set-COOKIE", b"a"), (b"Ti\xc3\xaau", b"x"), (b"Name", b"y"), (b"", b"z"), (b"Set-Cookie", b"b"),
    )  # fmt: skip
    assert head.header("NAME") == "y"


def test_several_transfer_encodings_are_one_value() -> None:
    head = parse_head(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n")
    assert head.transfer_encoding == "gzip, chunked"
    assert parse_head(b"HTTP/1.1 200 OK\r\n\r\n").transfer_encoding is None
