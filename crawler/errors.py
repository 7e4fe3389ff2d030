"""Every exception of the project: each docstring says when it is raised, and by which room.

Also what errors of SQLite and of the system mean for a file on disk, in words that name the way out.
"""

import errno
from enum import IntEnum, StrEnum
from pathlib import Path

from crawler.items import Refusal
from crawler.sentences import Sentence


class PortalArchiveError(Exception):
    """Base of all errors. The message is one line for a person."""


class WrongUseError(PortalArchiveError):
    """Raised when a command is used in a wrong way, by any room (exit code 2)."""


class ProfileError(WrongUseError):
    """Raised when a profile is missing, unreadable or not valid, by `profile`."""


class SubscriptionError(WrongUseError):
    """Raised when the file of subscriptions cannot be read or is not valid, by `operations.subscriptions`."""


class SchemaTooNewError(WrongUseError):
    """Raised when a database was written by a newer version than this one, by `archive.schema`."""


class PortalMovedError(WrongUseError):
    """Raised when a portal's base_url differs from the one the archive remembers, by `archive.store`."""


class ArchiveUnusableError(PortalArchiveError):
    """Raised when the archive's files cannot be opened, read or written, by `archive` (exit code 1)."""


class SchemaTooOldError(ArchiveUnusableError):
    """Raised when a database was written by an older version and is opened for reading only, by `archive.schema`."""


class ArchiveLockedError(PortalArchiveError):
    """Raised when another run holds the archive, by `archive.lock` (exit code 5)."""


class WarcError(ArchiveUnusableError):
    """Raised when a WARC file cannot be written, or holds something that is not a WARC record, by `archive.warc`."""


class ServerAwayError(PortalArchiveError):
    """Raised when the PostgreSQL server of a fleet does not answer, by `fleet.server` (exit code 1)."""


class IndexAwayError(PortalArchiveError):
    """Raised when the index over many archives is missing and being built again, by `web.union`."""


class BackupError(PortalArchiveError):
    """Raised when a backup cannot be made, found or restored, by `operations.backup` (exit code 1)."""


class ForkError(WrongUseError):
    """Raised when two histories of one archive would be mixed, by `operations.backup` and `rebuild` (exit code 2).

    `held` is the history that a target holds, and its newest snapshot; None if they are not known.
    """

    def __init__(self, message: str, *, held: tuple[str, str] | None = None) -> None:
        super().__init__(message)
        self.held = held


class ExportError(PortalArchiveError):
    """Raised when an export cannot be written or read, or a query has no result to write, by `export` (exit code 1)."""


class NotAnArticleError(PortalArchiveError):
    """Raised when a page lacks an article's parts, by `extract`.

    `kind` is the name under which the page is recorded in `crawl_errors`; `former` is what rules 1 made of it.
    """

    def __init__(self, kind: str, sentence: Sentence, *, former: Refusal | None = None) -> None:
        super().__init__(str(sentence))
        self.kind = kind
        self.sentence = sentence
        self.former = former


class NotAListingError(PortalArchiveError):
    """Raised when a page holds no list of articles and no pager, by `extract`."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.sentence = sentence


class BadFileError(PortalArchiveError):
    """Raised when a fetched file is not what its reference promises, by `media` and `extract`.

    `kind` is the name under which the file is recorded in `crawl_errors`.
    """

    def __init__(self, kind: str, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.kind = kind
        self.sentence = sentence


class ReadingError(PortalArchiveError):
    """Raised when the parser failed on an answer, died of it or was not done in time, by `crawl.parser_process`.

    `kind` is the name under which the answer is recorded in `crawl_errors`.
    """

    def __init__(self, kind: str, sentence: Sentence) -> None:
        super().__init__(str(sentence))
        self.kind = kind
        self.sentence = sentence


class TextReaderError(PortalArchiveError):
    """Raised when the process that reads attachments cannot be started, by `attachments` (exit code 1)."""


class Fault(StrEnum):
    """Why a file cannot be read or written."""

    FULL = "full"
    FAILING = "failing"
    DAMAGED = "damaged"
    SHUT = "shut"
    BUSY = "busy"
    OTHER = "other"


class SqliteCode(IntEnum):
    """Result codes of SQLite, which never change. Its module has them, too, but takes its time at every start."""

    PERM = 3
    BUSY = 5
    LOCKED = 6
    READONLY = 8
    IOERR = 10
    CORRUPT = 11
    FULL = 13
    CANTOPEN = 14
    NOTADB = 26


_OF_SQLITE = {
    SqliteCode.FULL: Fault.FULL,
    SqliteCode.IOERR: Fault.FAILING,
    SqliteCode.CORRUPT: Fault.DAMAGED,
    SqliteCode.NOTADB: Fault.DAMAGED,
    SqliteCode.CANTOPEN: Fault.SHUT,
    SqliteCode.READONLY: Fault.SHUT,
    SqliteCode.PERM: Fault.SHUT,
    SqliteCode.BUSY: Fault.BUSY,
    SqliteCode.LOCKED: Fault.BUSY,
}
_OF_SYSTEM = {
    errno.ENOSPC: Fault.FULL,
    errno.EDQUOT: Fault.FULL,
    errno.EFBIG: Fault.FULL,
    errno.EIO: Fault.FAILING,
    errno.ENOENT: Fault.SHUT,
    errno.ENOTDIR: Fault.SHUT,
    errno.EACCES: Fault.SHUT,
    errno.EPERM: Fault.SHUT,
    errno.EROFS: Fault.SHUT,
}
_WORDS = {
    Fault.FULL: "the disk is full; make room on it, then run the command again",
    Fault.FAILING: "the disk reports an error; the log of the system says more",
    Fault.DAMAGED: "the file is damaged, or is no SQLite database",
    Fault.SHUT: "the folder must exist, and this user must be allowed to read and write there",
    Fault.BUSY: "another program holds the database; run the command again when that has ended",
}

_REMEDY = "; `portal-archive rebuild` makes a new database from the WARC files"


def fault_of(error: BaseException) -> Fault:
    """Return why a file cannot be used, by an error or by what caused the error."""
    cause: BaseException | None = error
    while cause is not None:
        found = _fault_of(cause)
        if found is not Fault.OTHER:
            return found
        cause = cause.__cause__
    return Fault.OTHER


def say_fault(error: BaseException) -> str:
    """Say why a file cannot be used and what to do, as the rest of a sentence. For an unknown fault, say the error.

    >>> import sqlite3
    >>> say_fault(OSError(errno.ENOSPC, "No space left on device"))
    'the disk is full; make room on it, then run the command again'
    >>> say_fault(OSError(errno.EMFILE, "Too many open files")), say_fault(sqlite3.OperationalError("no such table: x"))
    ('Too many open files', 'no such table: x')
    """
    said = error.strerror if isinstance(error, OSError) else str(error)
    return _WORDS.get(fault_of(error)) or said or type(error).__name__


def say_archive_fault(error: BaseException) -> str:
    """Say why the database of an archive cannot be used and what to do, as the rest of a sentence."""
    return say_fault(error) + (_REMEDY if fault_of(error) is Fault.DAMAGED else "")


def name_fault(error: BaseException, path: Path) -> BaseException:
    """Return an error that names the archive and the way out, for one of the disk or of SQLite. Return others as is."""
    if isinstance(error, PortalArchiveError) or fault_of(error) is Fault.OTHER:
        return error
    named = ArchiveUnusableError(f"{path}: cannot be written any more: {say_archive_fault(error)}")
    named.__cause__ = error
    return named


def _fault_of(error: BaseException) -> Fault:
    if isinstance(error, OSError):
        return _OF_SYSTEM.get(error.errno or 0, Fault.OTHER)
    # The lowest byte of a code is the kind, the others say more. Errors of the module itself have no code.
    code = getattr(error, "sqlite_errorcode", None)
    return _OF_SQLITE.get(code & 0xFF, Fault.OTHER) if code is not None else Fault.OTHER
