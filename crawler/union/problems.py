"""Why the index cannot read an archive, as a word that pages have a sentence for. The log has what SQLite says."""

import sqlite3
from enum import StrEnum

from crawler.errors import ArchiveLockedError, ArchiveUnusableError, SchemaTooNewError


class ArchiveProblem(StrEnum):
    """Kinds of trouble with an archive; each is a sentence `union_unread_…` of the catalogues."""

    DAMAGED = "damaged"
    LOCKED = "locked"
    FULL = "full"
    NEWER = "newer"
    TWICE = "twice"
    IDS = "ids"
    OTHER = "other"


class PortalTwiceError(ArchiveUnusableError):
    """Raised when another archive of the folder holds a portal too, by `feed`."""


class IdTooHighError(ArchiveUnusableError):
    """Raised when an id has no room in a public id, by `ids`."""


_BY_CLASS: tuple[tuple[type[Exception], ArchiveProblem], ...] = (
    (SchemaTooNewError, ArchiveProblem.NEWER),
    (ArchiveLockedError, ArchiveProblem.LOCKED),
    (PortalTwiceError, ArchiveProblem.TWICE),
    (IdTooHighError, ArchiveProblem.IDS),
)
_BY_CODE = {
    sqlite3.SQLITE_CORRUPT: ArchiveProblem.DAMAGED,
    sqlite3.SQLITE_NOTADB: ArchiveProblem.DAMAGED,
    sqlite3.SQLITE_BUSY: ArchiveProblem.LOCKED,
    sqlite3.SQLITE_LOCKED: ArchiveProblem.LOCKED,
    sqlite3.SQLITE_FULL: ArchiveProblem.FULL,
}


def kind_of(error: Exception) -> ArchiveProblem:
    """Tell of which kind an error is, by its class, or by SQLite's code in it or in what it came from."""
    for kind, unread in _BY_CLASS:
        if isinstance(error, kind):
            return unread
    cause: BaseException | None = error
    while isinstance(cause, ArchiveUnusableError):
        cause = cause.__cause__
    # Values of a kind that no crawl of ours writes: bytes where text must be, nothing where something must.
    if isinstance(cause, TypeError | ValueError | AttributeError | sqlite3.IntegrityError | sqlite3.DataError):
        return ArchiveProblem.DAMAGED
    code = getattr(cause, "sqlite_errorcode", None)
    if code is None:
        # "Could not decode to UTF-8" is Python's own, and has no code.
        is_text = isinstance(cause, sqlite3.OperationalError) and "decode" in str(cause)
        return ArchiveProblem.DAMAGED if is_text else ArchiveProblem.OTHER
    return _BY_CODE.get(code & 0xFF, ArchiveProblem.OTHER)


def read_kind(stored: str) -> ArchiveProblem:
    """Return the kind that the index keeps; `OTHER` for the prose of a version before."""
    return ArchiveProblem(stored) if stored in set(ArchiveProblem) else ArchiveProblem.OTHER
