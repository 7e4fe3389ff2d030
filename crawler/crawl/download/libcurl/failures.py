"""What libcurl's errors mean: a failure with a kind, a body that ended early, or an answer that only we can read."""

from typing import Final

import pycurl
from scrapy import Request

from crawler.crawl.outcomes import NetworkError, RefusedError
from crawler.items import Exchange
from crawler.sentences import say

# libcurl refuses the answer: a malformed header line or length, no status line, a head that is too long. The last has
# no name in pycurl (CURLE_TOO_LARGE).
UNREADABLE: Final = (pycurl.E_FTP_WEIRD_SERVER_REPLY, pycurl.E_UNSUPPORTED_PROTOCOL, 100)
# The connection ended before the answer did.
CUT_OFF: Final = (pycurl.E_PARTIAL_FILE, pycurl.E_RECV_ERROR)

# libcurl's words for a head of more than 300 kB, which it gives the code of a lost connection.
_LARGE_HEAD = "Too large response headers"

_KINDS = {
    pycurl.E_COULDNT_RESOLVE_HOST: "no-such-host",
    pycurl.E_COULDNT_CONNECT: "refused",
    pycurl.E_OPERATION_TIMEDOUT: "timeout",
    pycurl.E_SEND_ERROR: "connection-lost",
    pycurl.E_RECV_ERROR: "connection-lost",
}


def is_unreadable(code: int, text: str, *, has_head: bool) -> bool:
    """Whether libcurl refused an answer that the raw reader may read: its head, its chunks, or half a head."""
    return (
        code in UNREADABLE
        or (code in (pycurl.E_OK, pycurl.E_PARTIAL_FILE) and not has_head)
        or (code == pycurl.E_RECV_ERROR and has_head and "chunk" in text)
    )


class UnreadableAnswerError(Exception):
    """Raised when libcurl refuses or changes an answer. `exchange` is what came of it."""

    def __init__(self, why: str, exchange: Exchange) -> None:
        super().__init__(why)
        self.exchange = exchange


def read_error(code: int, text: str, *, request: Request) -> Exception:
    """Return the exception of a transfer that gave no answer."""
    if code == pycurl.E_URL_MALFORMAT:
        return RefusedError("bad-address", say("address-unreadable", url=request.url))
    if code == pycurl.E_GOT_NOTHING:
        return NetworkError("no-answer", say("no-answer"))
    kind = "too-large" if _LARGE_HEAD in text else _KINDS.get(code, f"network-curl-{code}")
    return NetworkError(kind, say("network-failure", error=text or f"libcurl error {code}"))
