"""The ids that later ledger entries give to articles. A replay reads them first, because ids are permanent."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import Entry, PageRead, UnknownEntry, read_entries
from crawler.items import Purpose


@dataclass(slots=True)
class Promises:
    """The ids that the ledger gives to articles.

    Args:
        named: every article's id.
        later: the id that a later page of an address got, for addresses whose first page was not an article. If
            today's reader finds an article in the first page, the article gets this id.
        floor: the highest id; 0 if there is none. Other articles get higher ids.
    """

    named: set[int] = field(default_factory=set)
    later: dict[str, int] = field(default_factory=dict)
    floor: int = 0
    _refused: set[str] = field(default_factory=set)

    def note_record(self, record: WarcRecord) -> None:
        """Note the entries of a record, if it is one of the ledger."""
        if record.kind == "metadata":
            self.note(entry for entry in read_entries(record.block) if not isinstance(entry, UnknownEntry))

    def note(self, entries: Iterable[Entry]) -> None:
        """Note the entries of the next ledger record."""
        for entry in entries:
            if not isinstance(entry, PageRead):
                continue
            if entry.article_id is not None:
                self.floor = max(self.floor, entry.article_id)
                self.named.add(entry.article_id)
                if entry.asked in self._refused:
                    self._refused.discard(entry.asked)
                    self.later.setdefault(entry.asked, entry.article_id)
            elif entry.purpose == Purpose.ARTICLE and entry.asked not in self.later:
                self._refused.add(entry.asked)


def read_promises(records: Iterable[WarcRecord]) -> Promises:
    """Read the ids of articles from the ledger records among some records."""
    promises = Promises()
    for record in records:
        promises.note_record(record)
    return promises
