"""What the process compares, and how its result is passed on."""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import msgspec

from crawler.archive.database import open_for_reading
from crawler.archive.fixity.facts import ComparedSums, compare_sums
from crawler.archive.fixity.findings import UNREADABLE, decode_any
from crawler.archive.fixity.index import ComparedIndex, compare_index
from crawler.archive.withheld.open_whole import cover
from crawler.archive.withholdings import read_active
from crawler.errors import PortalArchiveError


@dataclass(frozen=True, slots=True)
class ComparedTexts:
    """The comparisons of what is made from texts; None where the process could not compare to the end."""

    index: ComparedIndex | None = None
    sums: ComparedSums | None = None


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(ComparedTexts).decode


def compare_texts(archive: Path) -> ComparedTexts:
    """Compare the search index and the sums of an archive, read-only.

    No part says what it could not read: the process that asked compares that part again, and knows which rows differ.
    """
    try:
        index = compare_index(archive)
        with closing(open_for_reading(archive)) as connection:
            connection.text_factory = decode_any
            if read_active(connection):
                cover(connection, archive)
            connection.execute("begin")
            return ComparedTexts(index, compare_sums(connection))
    except (*UNREADABLE, sqlite3.Error, PortalArchiveError):
        return ComparedTexts()
