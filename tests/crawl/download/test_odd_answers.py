"""The table of odd answers, measured by curl: what curl reads is read, or refused by name."""

import pycurl
import pytest

from tests.support.wire.odd_answers import ODD_ANSWERS, PAGE
from tests.support.wire.odd_server import serve_odd_answers

# curl hands on these bytes, which are no page.
COMPRESSED_PAGE = "coding-unsaid-gzip"


def _ask_curl(url: str) -> bytes | None:
    """Return what curl reads, None if it refuses the answer."""
    curl = pycurl.Curl()
    curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
    curl.setopt(pycurl.ACCEPT_ENCODING, "gzip, deflate, br")
    curl.setopt(pycurl.TIMEOUT, 5)
    curl.setopt(pycurl.URL, url)
    try:
        body = curl.perform_rb()
    except pycurl.error:
        return None
    return bytes(body)


def test_what_curl_reads_is_read_or_refused_by_name() -> None:
    differing, read_by_curl = [], 0
    with serve_odd_answers() as server:
        for name, answer in ODD_ANSWERS.items():
            body = _ask_curl(server.url(name))
            read_by_curl += body is not None
            if body is not None and name != COMPRESSED_PAGE and answer.payload != body and answer.refused is None:
                differing.append(name)
    assert differing == []
    assert read_by_curl > 90


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_an_odd_answer_is_read_or_refused(name: str) -> None:
    answer = ODD_ANSWERS[name]
    assert (answer.payload is None) is (answer.refused is not None)
    assert answer.payload is None or answer.payload in (PAGE, b"") or PAGE.startswith(answer.payload)
