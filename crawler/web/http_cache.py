"""Conditional requests (RFC 9110, 8.8 and 13), and figures that are counted only when the archive has changed.

A page depends on the archive, the journal, the drawn pages and the withheld rows beside it, this software, the request
and the hour. A change of the first four writes a file; the others are in the key. So a 304 needs no query.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from typing import Generic, TypeVar

from datasette.utils.asgi import Request, Response

from crawler import __version__, settings
from crawler.archive.database import read_mark
from crawler.archive.page_pictures.store import pictures_path
from crawler.archive.withheld.withheld_db import withheld_path
from crawler.language.numbers import whole_number
from crawler.web.negotiation import choose_form, is_negotiated
from crawler.web.security_headers import EMBED_POLICY, FRAME_POLICY, MATERIAL_POLICY, SITE_POLICY

# A file written less than this many seconds ago may change again with the same modification time.
_SETTLED_SECONDS = 2
_BESIDE = ("", "-wal")
# The content policies of pages; a page's tag ends with the index of its policy here.
_POLICIES = (SITE_POLICY, FRAME_POLICY, MATERIAL_POLICY, EMBED_POLICY)
# While the archive changes, figures may be this old, in seconds. If it does not change, they stay valid.
STALE_SECONDS = 15.0
# How long a page is kept for other visitors, how large it may be, and all of them together, in characters.
_KEPT_SECONDS, _KEPT_PAGE_BYTES, _KEPT_BYTES = 60.0, 512 * 1024, 16 * 1024**2
# The headers of a page with older figures: a visitor must not keep it.
NOT_HELD = {"cache-control": "no-store"}

T = TypeVar("T")
# A page, and its content policy as `mark_answer` gives it.
Made = tuple[Response, str | None]


@dataclass(frozen=True, slots=True)
class Validators:
    """What identifies a page: the key of its tag, and the time of the last write to the archive.

    `modified` is a Unix time in seconds; None while the archive is being written. `is_negotiated` if the address has
    two forms, of which the header `Accept` chooses.
    """

    key: str
    modified: int | None
    is_negotiated: bool = False


def read_validators(request: Request, archive: Path) -> Validators:
    """Return the validators of a page that is made now. Call it before the archive is read."""
    times: list[int] = []
    key = blake2b(digest_size=16)
    for path in (archive, archive.with_name("operations.db"), pictures_path(archive), withheld_path(archive)):
        for suffix in _BESIDE:
            try:
                found = path.with_name(path.name + suffix).stat()
            except OSError:
                key.update(b"-;")
                continue
            key.update(f"{found.st_mtime_ns} {found.st_size} {found.st_ino};".encode())
            times.append(found.st_mtime_ns)
    query = bytes(request.scope.get("query_string") or b"")
    host = request.headers.get("host", "")
    hour = settings.clock().strftime("%Y-%m-%d %H")
    described = (request.scheme, host, request.path, settings.site_address() or "", hour, _software_mark())
    has_forms = is_negotiated(request.path)
    form = (choose_form(request.headers.get("accept", "")),) if has_forms else ()
    key.update(repr((*described, query, *form)).encode("utf-8", "backslashreplace"))
    return Validators(key.hexdigest(), _settled(max(times, default=0)), has_forms)


def find_held(request: Request, validators: Validators) -> str | None:
    """Return the content policy of the visitor's copy by its tag; None if the visitor has no current copy.

    A browser stores the headers of a 304 with its copy, so they must be those of the page.
    """
    for tag in request.headers.get("if-none-match", "").split(","):
        key, _, policy = tag.strip().removeprefix("W/").strip('"').partition("-")
        place = whole_number(policy, at_most=len(_POLICIES) - 1)
        if key == validators.key and place is not None:
            return _POLICIES[place]
    return None


def is_unmodified(request: Request, validators: Validators) -> bool:
    """Whether the visitor's copy is current by its time alone; only for a page that exists."""
    since = parse_http_date(request.headers.get("if-modified-since", ""))
    if since is None or "if-none-match" in request.headers or validators.modified is None:
        return False
    return since.timestamp() >= validators.modified


def mark_answer(response: Response, validators: Validators) -> str | None:
    """Add the validators to an answer that may be cached and has no tag; return its content policy, else None."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    policy: str = headers.get("content-security-policy", MATERIAL_POLICY)  # the default of `add_security_headers`
    if response.status != 200 or "etag" in headers or "no-store" in headers.get("cache-control", ""):
        return None
    if policy not in _POLICIES:
        return None
    response.headers |= _headers(validators, policy)
    return policy


def answer_held(validators: Validators, policy: str, *, cache: str) -> Response:
    """Answer 304: the visitor's copy is still good."""
    headers = {**_headers(validators, policy), "cache-control": cache, "content-security-policy": policy}
    return Response(b"", status=304, headers=headers)


def _headers(validators: Validators, policy: str) -> dict[str, str]:
    headers = {"etag": f'W/"{validators.key}-{_POLICIES.index(policy)}"'}
    if validators.is_negotiated:
        headers["vary"] = "Accept"
    if validators.modified is not None:
        headers["last-modified"] = format_http_date(datetime.fromtimestamp(validators.modified, UTC))
    return headers


def format_http_date(at: datetime) -> str:
    """Write a time as HTTP does (RFC 9110, 5.6.7).

    >>> format_http_date(datetime(2026, 8, 27, 18, 5, tzinfo=UTC))
    'Thu, 27 Aug 2026 18:05:00 GMT'
    """
    return format_datetime(at.astimezone(UTC), usegmt=True)


def parse_http_date(text: str) -> datetime | None:
    """Parse a time as HTTP writes it; None if it is invalid or has no zone.

    >>> parse_http_date("Thu, 27 Aug 2026 18:05:00 GMT").isoformat(), parse_http_date("2026-08-27")
    ('2026-08-27T18:05:00+00:00', None)
    """
    try:
        at = parsedate_to_datetime(text)
    except (TypeError, ValueError, OverflowError):
        return None
    return at if at.tzinfo else None


def _settled(written_ns: int) -> int | None:
    """Return the full second after a time; None while another write may still fall into it."""
    after = written_ns // 1_000_000_000 + 1
    return after if time.time() - after >= _SETTLED_SECONDS else None


@lru_cache(maxsize=1)
def _software_mark() -> str:
    """Return a digest of the software that makes the pages: its version and its files."""
    mark = blake2b(__version__.encode(), digest_size=8)
    folder = Path(str(resources.files("crawler.web")))
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".html", ".xml", ".css", ".svg"):
            mark.update(path.read_bytes())
    return mark.hexdigest()


class KeptPages:
    """Keeps pages for the next visitors who ask the same; while one is being made, the others wait for it.

    A page is kept under the key of its validators, so a change of the archive ends its life at once. Only pages of a
    settled archive are kept: a write just now may share its time with the next one.
    """

    def __init__(self) -> None:
        self._pages: OrderedDict[str, tuple[float, Made]] = OrderedDict()
        self._bytes = 0
        self._making: dict[str, asyncio.Lock] = {}

    async def find_or_make(self, validators: Validators, make: Callable[[], Awaitable[Made]]) -> Made:
        """Return the page that is kept, else the one that `make` makes."""
        if validators.modified is None:
            return await make()
        key = validators.key
        async with self._making.setdefault(key, asyncio.Lock()):
            try:
                return self._find(key) or self._keep(key, await make())
            finally:
                self._making.pop(key, None)

    def _find(self, key: str) -> Made | None:
        kept = self._pages.get(key)
        if kept is None or time.monotonic() - kept[0] > _KEPT_SECONDS:
            return None
        self._pages.move_to_end(key)
        return kept[1]

    def _keep(self, key: str, made: Made) -> Made:
        response, policy = made
        if policy is not None and len(response.body or b"") <= _KEPT_PAGE_BYTES:
            self._drop(key)
            self._pages[key] = (time.monotonic(), made)
            self._bytes += len(response.body or b"")
            while self._bytes > _KEPT_BYTES:
                self._drop(next(iter(self._pages)))
        return made

    def _drop(self, key: str) -> None:
        kept = self._pages.pop(key, None)
        if kept is not None:
            self._bytes -= len(kept[1][0].body or b"")


class Counted(Generic[T]):
    """Keeps a figure of each archive until the archive has changed and the figure is STALE_SECONDS old."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[object, float, T]] = {}

    def read(self, archive: Path, count: Callable[[], T]) -> T:
        """Return the figure of an archive; count it again if needed."""
        state = read_mark(archive)
        kept = self._kept.get(archive)
        now = time.monotonic()
        if kept is not None and (kept[0] == state or now - kept[1] < STALE_SECONDS):
            return kept[2]
        value = count()
        self._kept[archive] = (state, now, value)
        return value

    def is_current(self, archive: Path) -> bool:
        """Whether the last figure is that of the archive's current state."""
        kept = self._kept.get(archive)
        return kept is not None and kept[0] == read_mark(archive)
