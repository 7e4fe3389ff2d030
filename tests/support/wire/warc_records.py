"""A strict reader of a WARC file, for tests: it ends at the first damage."""

from collections.abc import Collection, Iterator
from pathlib import Path

from crawler.archive.warc.files.record import BadRecordError, WarcRecord, is_at_record, next_record
from crawler.archive.warc.members.unpacked import Unpacked
from crawler.archive.warc.writer import OPEN_SUFFIX
from crawler.errors import WarcError


class TornFileError(WarcError):
    """Raised when a file ends inside a member, by `read_records`. `offset` is the end of the last complete member."""

    def __init__(self, name: str, offset: int) -> None:
        super().__init__(f"warc/{name}: the record at offset {offset} is cut off")
        self.offset = offset


def read_records(path: Path, start: int = 0, *, kinds: Collection[str] | None = None) -> Iterator[WarcRecord]:
    """Read the records of a file, starting at the offset of a member. With `kinds`, pass over all others.

    Raises:
        TornFileError: if the file ends inside a member.
        WarcError: if a member is damaged or holds no WARC record.
    """
    name = path.name.removesuffix(OPEN_SUFFIX)
    with path.open("rb") as stream:
        source = Unpacked(stream, offset=start)
        try:
            while is_at_record(source):
                if (record := next_record(source, name, kinds=kinds)) is not None:
                    yield record
        except BadRecordError as error:
            if error.is_cut:
                raise TornFileError(name, error.offset) from error
            raise WarcError(f"warc/{name}: the record at offset {error.offset} {error}") from error
