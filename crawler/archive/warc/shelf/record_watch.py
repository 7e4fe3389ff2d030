"""The interface of a watcher that sees all records while they are compared with rows: it compares record lists."""

from typing import Protocol

from crawler.archive.history.record_lists import ListedRecord
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import Damage


class RecordWatch(Protocol):
    """Sees every record and damage of a file, in order, while it is compared with its rows."""

    def see(self, name: str, one: WarcRecord | Damage, *, is_behind: bool) -> bool | None:
        """Return whether a record is as it was written, by the list of its file; None if no list has it.

        `is_behind`: the record comes after the last commit.
        """

    def missing(self, name: str) -> list[ListedRecord]:
        """Return the listed records of a file that were not seen, and that no damage can explain."""

    def unlisted(self, name: str) -> list[str]:
        """Return the ids of records that the file's list does not name, or names at another position."""

    def replaced(self, name: str) -> list[tuple[ListedRecord, str]]:
        """Return the listed records of a file that others replace, each with the id of the other record."""

    def is_unlisted(self, name: str, record_id: str) -> bool:
        """Return whether a file has a list that does not name a record."""
