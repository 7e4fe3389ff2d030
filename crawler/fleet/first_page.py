"""The first request to a portal, before it has a profile: its robots.txt and its home page, by the standard library."""

import asyncio
import re
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import IO
from urllib.parse import urlsplit

from crawler import settings
from crawler.errors import BadFileError
from crawler.politeness.politeness import ASKED, DOWN, Politeness
from crawler.politeness.robots_rules import read_rules

_SCHEMES = ("http", "https")
_SECONDS = 30.0
_MAX_BYTES = 4 * 1024 * 1024


class UnusableAddressError(Exception):
    """Raised when an address gives no home page, by `fetch_home`. The message says why, for a person."""


@dataclass(frozen=True, slots=True)
class HomePage:
    """A home page: the address that answered, the type that its head states, and its bytes."""

    url: str
    content_type: str
    body: bytes


class _OwnHostOnly(urllib.request.HTTPRedirectHandler):
    """If a redirect stays on the host (with or without `www.`), follow it. Otherwise refuse the address."""

    # The standard library calls it so.
    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message, newurl: str
    ) -> urllib.request.Request | None:
        """Return the request to follow with."""
        if _bare_host(newurl) != _bare_host(req.full_url):
            raise UnusableAddressError(f"leads to another host: {newurl}; list that one if it is the portal")
        return super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]


def fetch_home(address: str, politeness: Politeness) -> HomePage:
    """Fetch the home page of an address, if robots.txt allows it; each request waits for its turn among all crawls.

    An address without a scheme is asked by HTTPS, and by HTTP if nothing answers there.

    Raises:
        UnusableAddressError: if there is none.
    """
    if "://" in address:
        try:
            return _fetch_from(_origin(address), politeness)
        except _NoAnswerError as error:
            if isinstance(error.reason, ssl.SSLError):
                raise UnusableAddressError(f"{error}; without https:// it is asked by HTTP too") from error
            raise
    try:
        return _fetch_from(_origin(f"https://{address}"), politeness)
    except _NoAnswerError as error:
        try:
            return _fetch_from(_origin(f"http://{address}"), politeness)
        except _NoAnswerError:
            raise error from None


def _fetch_from(origin: str, politeness: Politeness) -> HomePage:
    # As crawls: no proxy of the environment, and certificates as browsers take them (Python 3.13 is stricter).
    context = ssl.create_default_context()
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context), _OwnHostOnly()
    )
    home = f"{origin}/"
    _ask_robots(opener, home, politeness=politeness)
    with _in_turn(home, politeness):
        return _get(opener, home)


def _ask_robots(opener: urllib.request.OpenerDirector, home: str, *, politeness: Politeness) -> None:
    try:
        with _in_turn(home, politeness):
            robots = _get(opener, f"{home}robots.txt")
        rules = read_rules(robots.body, None)
    except _StatusError as error:
        if 400 <= error.status < 500 and error.status != 429:
            return
        raise UnusableAddressError(f"robots.txt answers {error.status}; try again later") from error
    except BadFileError as error:
        raise UnusableAddressError(f"robots.txt cannot be read: {error}") from error
    if not rules.can_fetch(home, settings.BOT_NAME):
        raise UnusableAddressError("robots.txt forbids the home page")


@contextmanager
def _in_turn(url: str, politeness: Politeness) -> Iterator[None]:
    """Wait for the turn of a request, and hold its connection while the block runs.

    Raises:
        UnusableAddressError: if crawls found that the host rests.
    """
    parts = urlsplit(url)
    seconds = max(politeness.rest_seconds(kind, parts.netloc) for kind in (ASKED, DOWN))
    if seconds > 0:
        raise UnusableAddressError(f"is not asked for {seconds:.0f} s more, as crawls found; try again then")
    with asyncio.Runner() as runner:
        turn = politeness.turn(parts.netloc, _server_of(parts.hostname or "", parts.port))
        runner.run(turn.__aenter__())
        try:
            yield
        finally:
            runner.run(turn.__aexit__(None, None, None))


def _server_of(host: str, port: int | None) -> str | None:
    """Return the first server address of a name, as a connection takes it. None if it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        return None
    return str(found[0][4][0]) if found else None


class _StatusError(UnusableAddressError):
    """Raised when an answer has another status than 200, by `_get`."""

    def __init__(self, status: int) -> None:
        super().__init__(f"answers {status}")
        self.status = status


class _NoAnswerError(UnusableAddressError):
    """Raised when nothing answers, by `_get`. A certificate that is refused is an answer."""

    def __init__(self, reason: object) -> None:
        super().__init__(f"does not answer: {reason}")
        self.reason = reason


def _get(opener: urllib.request.OpenerDirector, url: str) -> HomePage:
    headers = {"User-Agent": settings.USER_AGENT, **settings.DEFAULT_REQUEST_HEADERS, "Accept-Encoding": "identity"}
    try:
        with opener.open(urllib.request.Request(url, headers=headers), timeout=_SECONDS) as answer:  # noqa: S310 - http
            if answer.status != 200:
                raise _StatusError(answer.status)
            return HomePage(answer.url, answer.headers.get("Content-Type", ""), answer.read(_MAX_BYTES))
    except urllib.error.HTTPError as error:
        raise _StatusError(error.code) from error
    except (OSError, ValueError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise UnusableAddressError(f"its certificate is refused: {reason.verify_message}") from error
        raise _NoAnswerError(reason) from error


def _origin(address: str) -> str:
    """Return the scheme and host of an address; a name with other letters than ASCII as it is asked for.

    >>> _origin("HTTPS://Sa-Pa.vn.:8443/tin-tuc"), _origin("http://sapả.vn")
    ('https://sa-pa.vn:8443', 'http://xn--sap-2gz.vn')
    """
    try:
        parts = urlsplit(address)
        host = (parts.hostname or "").removesuffix(".").encode("idna").decode("ascii")
        port = f":{parts.port}" if parts.port is not None else ""
    except ValueError as error:
        raise UnusableAddressError("is no http or https address") from error
    # `https:/a.vn` and `https//a.vn` lack a sign; their host is no other one's `https`.
    is_host = ":" in host or (re.fullmatch(r"[a-z0-9_.-]*[a-z0-9][a-z0-9_.-]*", host) and host not in _SCHEMES)
    if parts.scheme not in _SCHEMES or not is_host or re.search(r"[@\s]", parts.netloc):
        raise UnusableAddressError("is no http or https address")
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def _bare_host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")
