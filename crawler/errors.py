"""Every exception of the project. Each docstring says when it is raised, and by which room."""

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
    """Raised when the index over many archives is missing and being made anew, by `web.union`."""


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
