"""Answers that a visitor holds already: validators by the state of the archive's files (RFC 9110, 8.8 and 13).

A page is made of the archive, the journal beside it, this software, the question and the hour. Whatever changes any
of them writes a file, or is in the key: so a page need not be made to know that it is the same as before.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path
from typing import Generic, TypeVar

from datasette.utils.asgi import Request, Response

from crawler import __version__
from crawler import settings as own
from crawler.web.security_headers import FRAME_POLICY, MATERIAL_POLICY, SITE_POLICY

# A file written within so many seconds may be written again without its time telling (the clock's grain).
_SETTLED_SECONDS = 2
_BESIDE = ("", "-wal")
# What the pages are sent with, by its number in their tags.
_POLICIES = (SITE_POLICY, FRAME_POLICY, MATERIAL_POLICY)
# While the archive changes, figures may be so old, in seconds. While it does not, they stay.
STALE_SECONDS = 15.0
# The headers of a page with such: a visitor must not hold it for the page of the archive as it is.
NOT_HELD = {"cache-control": "no-store"}

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Validators:
    """By what a visitor's copy of a page is known: the key of its tag, and when the archive was written last.

    `modified` is a Unix time in seconds, None while the archive is being written.
    """

    key: str
    modified: int | None


def read_validators(request: Request, archive: Path) -> Validators:
    """Give the validators of a page as it is to be made now; to be asked before the archive is read."""
    times: list[int] = []
    key = blake2b(digest_size=16)
    for path in (archive, archive.with_name("operations.db")):
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
    hour = own.clock().strftime("%Y-%m-%d %H")
    told = (request.scheme, host, request.path, own.site_address() or "", hour, _software_mark())
    key.update(repr((*told, query)).encode("utf-8", "backslashreplace"))
    return Validators(key.hexdigest(), _settled(max(times, default=0)))


def find_held(request: Request, validators: Validators) -> str | None:
    """Give the content policy of the very page that the visitor holds, by its tag; None if it holds none.

    A browser takes the headers of "not modified" over into what it holds, so they must be those of the page.
    """
    for tag in request.headers.get("if-none-match", "").split(","):
        key, _, policy = tag.strip().removeprefix("W/").strip('"').partition("-")
        if key == validators.key and policy.isascii() and policy.isdigit() and int(policy) < len(_POLICIES):
            return _POLICIES[int(policy)]
    return None


def is_unmodified(request: Request, validators: Validators) -> bool:
    """Tell if the visitor holds it by time alone; for a page that was found to be there."""
    asked = request.headers.get("if-modified-since", "")
    if not asked or "if-none-match" in request.headers or validators.modified is None:
        return False
    try:
        since = parsedate_to_datetime(asked)
    except (TypeError, ValueError):
        return False
    return since.timestamp() >= validators.modified


def mark_answer(response: Response, validators: Validators) -> str | None:
    """Put the validators on an answer that has none of its own and may be kept; give its content policy, else None."""
    headers = {name.lower(): value for name, value in response.headers.items()}
    policy: str = headers.get("content-security-policy", MATERIAL_POLICY)  # the shelter's, where nothing is said
    if response.status != 200 or "etag" in headers or "no-store" in headers.get("cache-control", ""):
        return None
    if policy not in _POLICIES:
        return None
    response.headers |= _headers(validators, policy)
    return policy


def answer_held(validators: Validators, policy: str, *, cache: str) -> Response:
    """Answer that the visitor's copy is still good."""
    headers = {**_headers(validators, policy), "cache-control": cache, "content-security-policy": policy}
    return Response(b"", status=304, headers=headers)


def _headers(validators: Validators, policy: str) -> dict[str, str]:
    headers = {"etag": f'W/"{validators.key}-{_POLICIES.index(policy)}"'}
    if validators.modified is not None:
        headers["last-modified"] = formatdate(validators.modified, usegmt=True)
    return headers


def _settled(written_ns: int) -> int | None:
    """Give the full second after a time, once no other write can fall into it."""
    after = written_ns // 1_000_000_000 + 1
    return after if time.time() - after >= _SETTLED_SECONDS else None


@lru_cache(maxsize=1)
def _software_mark() -> str:
    """Give the mark of the software that makes the pages: its version, and its files as they are."""
    mark = blake2b(__version__.encode(), digest_size=8)
    folder = Path(str(resources.files("crawler.web")))
    for path in sorted(folder.rglob("*")):
        if path.suffix in (".py", ".html", ".css", ".svg"):
            mark.update(path.read_bytes())
    return mark.hexdigest()


class Counted(Generic[T]):
    """Keeps a figure of each archive until the archive has changed, and it is STALE_SECONDS old."""

    def __init__(self) -> None:
        self._kept: dict[Path, tuple[object, float, T]] = {}

    def read(self, archive: Path, count: Callable[[], T]) -> T:
        """Give the figure of an archive, counted anew if it must be."""
        state = _state_of(archive)
        kept = self._kept.get(archive)
        now = time.monotonic()
        if kept is not None and (kept[0] == state or now - kept[1] < STALE_SECONDS):
            return kept[2]
        value = count()
        self._kept[archive] = (state, now, value)
        return value

    def is_current(self, archive: Path) -> bool:
        """Tell if the figure that was given last is that of the archive as it is now."""
        kept = self._kept.get(archive)
        return kept is not None and kept[0] == _state_of(archive)


def _state_of(archive: Path) -> tuple[tuple[int, int] | None, ...]:
    """Give what changes when a database is written."""
    states: list[tuple[int, int] | None] = []
    for suffix in ("", "-wal"):
        try:
            found = archive.with_name(archive.name + suffix).stat()
            states.append((found.st_mtime_ns, found.st_size))
        except OSError:
            states.append(None)
    return tuple(states)
