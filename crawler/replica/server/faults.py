"""Faults that can be set on any path: their kinds, and the one that a request meets."""

import re
import threading
import zlib
from dataclasses import dataclass
from urllib.parse import unquote

from crawler.replica.server.edit_faults import EDIT_KINDS
from crawler.replica.server.file_faults import FILE_HOST, FILE_KINDS
from crawler.replica.server.page_faults import PAGE_KINDS
from crawler.replica.server.trap_faults import TRAP_KINDS
from crawler.replica.server.way_faults import WAY_KINDS
from crawler.replica.server.wire_faults import WIRE_KINDS

STATUSES = ("400", "401", "403", "404", "410", "429", "451", "500", "502", "503", "504")
KINDS = (
    *STATUSES,
    "503-retry-after",
    "429-retry-after",
    "soft404",
    "redirect-home",
    "redirect-elsewhere",
    "redirect-loop",
    "redirect-private",
    "redirect-metadata",
    "hang",
    "slow",
    "slow-head",
    "drip",
    "truncate",
    "reset",
    "empty",
    "huge",
    "gzip-bomb",
    "large",
    "bad-header",
    "wrong-length",
    "not-an-image",
    "wrong-charset",
    *PAGE_KINDS,
    *EDIT_KINDS,
    *FILE_KINDS,
    *WAY_KINDS,
    *TRAP_KINDS,
    *WIRE_KINDS,
)
_GROUPS = {
    "@articles": r"^/[^/?]+/[^/?]*-\d+(\?|$)|^/\d+/\d+/\d+/\d+/[^/]+/[^/]+",
    "@listings": r"^/[a-z0-9-]+(\?|$)",
    "@pager": r"^/DesktopModule/",
    "@files": r"^/(sitefolders|hli-ubnd-responsive)/",
    "@file-host": FILE_HOST,
    "@pages": r"^/(?!(sitefolders|hli-ubnd-responsive|styles|images|js)/|robots\.txt|rss\.aspx)",
}
_SPELLED = re.compile(
    r"(?P<pattern>.+?)=(?P<kind>" + "|".join(sorted(map(re.escape, KINDS), key=len, reverse=True)) + r")"
    r"(?P<options>(,(times|share|retry_after)=[\d.]+)*)"
)


@dataclass
class ServerFault:
    """A fault on a path. `met` is the number of requests that met it."""

    pattern: re.Pattern[str] | str
    kind: str
    times: int | None
    share: float
    retry_after: int
    met: int = 0

    def covers(self, target: str) -> bool:
        """Return whether the fault is on the target (path and query), compared raw and decoded."""
        spellings = (target, unquote(target))
        if isinstance(self.pattern, str):
            hit = self.pattern in spellings or self.pattern in (one.split("?")[0] for one in spellings)
        else:
            hit = any(self.pattern.search(one) for one in spellings)
        return hit and (self.share >= 1 or zlib.crc32(target.encode()) % 1000 < self.share * 1000)


class Faults:
    """The current faults of the portal. They can change while it serves."""

    def __init__(self) -> None:
        self._faults: list[ServerFault] = []
        self._lock = threading.Lock()

    def set(
        self,
        path_or_regex: str | re.Pattern[str],
        kind: str,
        *,
        times: int | None = None,
        share: float = 1.0,
        retry_after: int = 1,
    ) -> None:
        """Set a fault on a path. A later fault on the same path has priority.

        Args:
            path_or_regex: an exact path (with or without query), a pattern, a string that begins with `^` (a
                pattern too), or one of the groups `@articles`, `@listings`, `@pager`, `@files`, `@file-host`, `@pages`.
            kind: one of `KINDS`.
            times: the number of requests that meet it; None for all.
            share: 0 to 1, the part of the paths that have the fault, always the same ones.
            retry_after: seconds, for the `-retry-after` kinds.

        Raises:
            ValueError: if the kind is unknown.
        """
        if kind not in KINDS:
            raise ValueError(f"no fault of kind {kind!r}; there are {', '.join(KINDS)}")
        pattern = path_or_regex
        if isinstance(pattern, str) and (pattern in _GROUPS or pattern.startswith("^")):
            pattern = re.compile(_GROUPS.get(pattern, pattern))
        with self._lock:
            self._faults.insert(0, ServerFault(pattern, kind, times, share, retry_after))

    def set_spelled(self, spelled: str) -> None:
        """Set a fault written as on the command line: `PATTERN=KIND[,times=N][,share=F][,retry_after=S]`.

        Raises:
            ValueError: if it is not in this form.
        """
        match = _SPELLED.fullmatch(spelled)
        if not match:
            raise ValueError(f"{spelled!r} is no fault: expected PATTERN=KIND[,times=N][,share=F][,retry_after=S]")
        options = dict(part.split("=") for part in match["options"].split(",") if part)
        self.set(
            match["pattern"],
            match["kind"],
            times=int(options["times"]) if "times" in options else None,
            share=float(options.get("share", 1)),
            retry_after=int(float(options.get("retry_after", 1))),
        )

    def clear(self) -> None:
        """Remove all faults."""
        with self._lock:
            self._faults.clear()

    def meet(self, target: str) -> ServerFault | None:
        """Return the fault for this request, and count it."""
        with self._lock:
            for fault in self._faults:
                if fault.covers(target) and (fault.times is None or fault.met < fault.times):
                    fault.met += 1
                    return fault
        return None
