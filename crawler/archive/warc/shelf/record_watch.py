"""What sees the records while they are compared with their rows: the lists of records are compared so."""

from typing import Protocol

from crawler.archive.history.record_lists import ListedRecord
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import Damage


class RecordWatch(Protocol):
    """Sees every record and damage of a file, in order, while it is compared with its rows."""

    def see(self, name: str, one: WarcRecord | Damage, *, is_behind: bool) -> bool | None:
        """Tell whether a record is as it was written: by the list of its file, or None if none has it.

        `is_behind`: it lies behind the last commit.
        """

    def missing(self, name: str) -> list[ListedRecord]:
        """Give the listed records of a file that were not seen, and that no damage can have taken."""

    def unlisted(self, name: str) -> list[str]:
        """Give the ids of records that the file's list does not name, or names in another place."""

    def replaced(self, name: str) -> list[tuple[ListedRecord, str]]:
        """Give the listed records of a file in whose places others stand, each with the id of that other."""

    def is_unlisted(self, name: str, record_id: str) -> bool:
        """Whether a file has a list that does not name a record."""
