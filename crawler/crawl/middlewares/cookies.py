"""Cookies within a run: some portals show nothing to a client that does not send back what they set."""

import re
from email.message import Message
from http.cookiejar import Cookie, CookieJar, DefaultCookiePolicy
from typing import Self
from urllib.parse import urlsplit
from urllib.request import Request as UrllibRequest

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.http import Response

from crawler.profile import DEFAULT_PORTS

# RFC 6265, 6.1: a client keeps at least 50 cookies of a domain, of 4096 bytes each. Ours keeps no more.
MAX_COOKIES = 50
MAX_COOKIE_BYTES = 4096
# Of all cookies of a host. Servers refuse each request with more: nginx takes 8 kB in a line, IIS 16 kB in all.
MAX_SENT_BYTES = 7000
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class CookiesMiddleware:
    """Sends each host the cookies that it set earlier in the run. They end with the run.

    Each host has its own jar, so no cookie leads from one host to another, also if it names a domain, and the
    Public Suffix List is not needed. http and https of a host share a jar; other ports are other hosts.
    """

    def __init__(self) -> None:
        self._jars: dict[str, CookieJar] = {}

    @classmethod
    def from_crawler(cls, _crawler: Crawler) -> Self:
        """Make it for a crawler."""
        return cls()

    def process_request(self, request: Request) -> None:
        """Add the host's cookies to a request."""
        request.headers.pop("Cookie", None)
        jar = self._jars.get(_host_of(request.url)) if self._jars else None
        if jar and (cookies := _cookies_for(jar, request.url)):
            request.headers["Cookie"] = cookies.encode("latin-1")

    def process_response(self, request: Request, response: Response) -> Response:
        """Keep the cookies of an answer, and say in `request.meta["has_new_cookies"]` whether a repeat would differ."""
        lines = response.headers.getlist("Set-Cookie")
        if not lines:
            return response
        host = _host_of(request.url)
        jar = self._jars.setdefault(host, CookieJar(_Policy()))
        before = _cookies_for(jar, request.url)
        answer = _Answer()
        for line in lines:
            answer["Set-Cookie"] = line.decode("latin-1")
        asked = UrllibRequest(request.url)  # noqa: S310 - the profile's hosts only
        jar.extract_cookies(answer, asked)  # type: ignore[arg-type]
        if _is_too_much(jar):
            jar.clear()
            jar.extract_cookies(answer, asked)  # type: ignore[arg-type]
        if _is_too_much(jar):
            jar.clear()
        request.meta["has_new_cookies"] = _cookies_for(jar, request.url) != before
        return response


class _Policy(DefaultCookiePolicy):
    """Keeps no cookie that cannot be sent back."""

    def set_ok(self, cookie: Cookie, request: UrllibRequest) -> bool:
        """Whether a cookie is kept."""
        sent = f"{cookie.name}={cookie.value or ''}"
        return len(sent) <= MAX_COOKIE_BYTES and not _CONTROL.search(sent) and super().set_ok(cookie, request)


class _Answer(Message):
    """The part of an answer that a jar reads: its header lines."""

    def info(self) -> Message:
        """Return the header lines."""
        return self


def _is_too_much(jar: CookieJar) -> bool:
    sent = sum(len(cookie.name) + len(cookie.value or "") + len("=; ") for cookie in jar)
    return len(jar) > MAX_COOKIES or sent > MAX_SENT_BYTES


def _host_of(url: str) -> str:
    parts = urlsplit(url)
    is_default = parts.port in (None, *DEFAULT_PORTS.values())
    return f"{parts.hostname}" if is_default else f"{parts.hostname}:{parts.port}"


def _cookies_for(jar: CookieJar, url: str) -> str:
    """Return the `Cookie` header for an address, "" for none."""
    asked = UrllibRequest(url)  # noqa: S310 - the profile's hosts only
    jar.add_cookie_header(asked)
    return str(asked.get_header("Cookie") or "")
