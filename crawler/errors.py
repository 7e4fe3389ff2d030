"""Every exception of the project, by who raises it and when."""


class PortalArchiveError(Exception):
    """Base of all errors that a person can be told in one line."""


class WrongUseError(PortalArchiveError):
    """Raised when a command is asked for what it must not or cannot do, by any room (exit code 2)."""


class ProfileError(WrongUseError):
    """Raised when a profile is missing, unreadable, or says what it may not, by `profile`."""


class SchemaTooNewError(WrongUseError):
    """Raised when a database was written by a newer version than this one, by `archive.schema`."""


class PortalMovedError(WrongUseError):
    """Raised when a portal's base_url differs from the one the archive remembers, by `archive.store`."""


class ArchiveUnusableError(PortalArchiveError):
    """Raised when the archive's files cannot be opened, read or written, by `archive` (exit code 1)."""


class SchemaTooOldError(ArchiveUnusableError):
    """Raised when a database was written by an older version and is only to be read, by `archive.schema`."""


class ArchiveLockedError(PortalArchiveError):
    """Raised when another run holds the archive, by `archive.lock` (exit code 5)."""


class WarcError(ArchiveUnusableError):
    """Raised when a WARC file cannot be written, or holds what is not a WARC record, by `archive.warc`."""


class BackupError(PortalArchiveError):
    """Raised when a backup cannot be made, found or restored whole, by `backup` (exit code 1)."""


class ExportError(PortalArchiveError):
    """Raised when an export cannot be written, or a query gives no rows that can, by `export` (exit code 1)."""


class NotAnArticleError(PortalArchiveError):
    """Raised when a page lacks an article's parts, by `extract`.

    `kind` is the name under which the page is recorded in `crawl_errors`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class NotAListingError(PortalArchiveError):
    """Raised when a page holds no list of articles and no pager, by `extract`."""


class BadFileError(PortalArchiveError):
    """Raised when a fetched file is not what its reference promises, by `archive.files`.

    `kind` is the name under which the file is recorded in `crawl_errors`.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class ReadingError(PortalArchiveError):
    """Raised when a parser failed on an answer or died of it, by `reader`: an error of our own."""


class TextReaderError(PortalArchiveError):
    """Raised when the process that reads attachments cannot be started, by `texts` (exit code 1)."""
