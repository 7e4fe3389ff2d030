"""Exchanges of Scrapy's own handler, which hands on no heads; and what the warcinfo record says of a handler."""

import ipaddress

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.crawl.download.reconstruct import describe_capture, reconstruct_exchange
from crawler.media.http_head import parse_head

ASKED = Request("https://x.vn/a?b=c#d", method="POST", body=b"page=1", headers={"Accept": "*/*"})


def answer(**more: object) -> Response:
    said = {"status": 200, "headers": {"Content-Type": ["text/html"], "Set-Cookie": ["a", "b"]}, "body": b"x"}
    return Response("https://x.vn/a?b=c#d", **(said | more))  # type: ignore[arg-type]


def test_heads_are_made_of_what_the_engine_knows() -> None:
    made = reconstruct_exchange(ASKED, answer(ip_address=ipaddress.ip_address("192.0.2.7")))
    assert made.request_head == b"POST /a?b=c HTTP/1.1\r\nHost: x.vn\r\nContent-Length: 6\r\nAccept: */*\r\n\r\n"
    assert made.request_body == b"page=1"
    assert made.response_head == b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n"
    assert (made.url, made.body.read(), made.ip_address) == ("https://x.vn/a?b=c", b"x", "192.0.2.7")
    assert made.truncated is None


@pytest.mark.parametrize(("status", "phrase"), [(404, "Not Found"), (599, ""), (999, "")])
def test_a_status_line_has_the_usual_phrase_or_none(status: int, phrase: str) -> None:
    made = reconstruct_exchange(ASKED, answer(status=status))
    assert made.response_head.startswith(f"HTTP/1.1 {status} {phrase}\r\n".encode())
    assert parse_head(made.response_head).status == made.status == status


def test_an_undone_transfer_coding_is_not_stated_and_an_early_end_is() -> None:
    made = reconstruct_exchange(ASKED, answer(headers={"Transfer-Encoding": "chunked"}, flags=["dataloss"]))
    assert parse_head(made.response_head).transfer_encoding is None
    assert made.truncated == "disconnect"


@pytest.mark.parametrize(("status", "kept"), [(204, False), (304, False), (200, True)])
def test_a_length_that_the_engine_invents_for_an_answer_without_body_is_not_stated(status: int, kept: bool) -> None:
    made = reconstruct_exchange(ASKED, answer(status=status, headers={"Content-Length": "0", "ETag": '"a"'}, body=b""))
    assert (b"Content-Length" in made.response_head) == kept
    assert b'ETag: "a"' in made.response_head or b'Etag: "a"' in made.response_head


class ExactHandler:
    """A handler whose responses have an exchange."""

    is_exact = True


@pytest.mark.parametrize(
    ("handler", "said"),
    [
        ("crawler.crawl.handlers.scrapy_http.ScrapyDownloadHandler", "Reconstructed, since"),
        (ExactHandler, "Nothing is reconstructed:"),
    ],
)
def test_a_warc_file_says_of_the_handler_that_runs_what_is_reconstructed(handler: str | type, said: str) -> None:
    assert describe_capture(handler).startswith(said)
    assert "\n" not in describe_capture(handler)


def test_the_exact_description_names_the_lines_that_may_be_joined() -> None:
    assert "Over TLS" in describe_capture(ExactHandler)
