"""Find the histories in the WARC files of a folder by their ledger records, and choose one of them.

A section of a file begins with its warcinfo record, and belongs to one run or act. Its first ledger record names the
ledger record before it; in a later file of the same run, the warcinfo record does so. If two runs name the same record
as their predecessor, or a run names one in the middle of another run, the history forks there.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.history.lineage import Head, HistoryLink
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.ledger import is_ledger, parse_link
from crawler.errors import ForkError, WarcError


@dataclass(slots=True)
class Section:
    """A part of a WARC file: the id of its warcinfo record, the ledger record before it, and its own in order."""

    file: str
    warcinfo: str
    parent: str | None
    link: HistoryLink | None = None
    records: list[str] = field(default_factory=list)


@dataclass(slots=True)
class HistorySegment:
    """A run or act: the id of its first ledger record, its link, its sections, and all its ledger records in order."""

    record_id: str
    link: HistoryLink
    sections: list[Section]
    before: str | None

    @property
    def records(self) -> list[str]:
        """The ids of its ledger records."""
        return [record for section in self.sections for record in section.records]


@dataclass(frozen=True, slots=True)
class Selection:
    """The part of the files that belongs to the chosen history. `left_out` are the files that hold nothing of it.

    `skipped` are the warcinfo records of sections of other histories. `last` are ledger records after which the rest
    of the section belongs to another history.
    """

    skipped: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    left_out: tuple[str, ...] = ()

    def choose(self, records: Iterable[WarcRecord]) -> Iterator[WarcRecord]:
        """Yield the records of a file that belong to the history."""
        is_in = True
        for record in records:
            if record.kind == "warcinfo":
                is_in = record.record_id not in self.skipped
            if is_in:
                yield record
            is_in = is_in and record.record_id not in self.last


class Histories:
    """Collects the sections of all files, then finds the histories."""

    def __init__(self) -> None:
        self._sections: list[Section] = []

    def note(self, record: WarcRecord, path: Path) -> None:
        """Note a warcinfo or metadata record. Files come in the order of their serials."""
        if record.kind == "warcinfo":
            self._sections.append(Section(path.name, record.record_id, read_parent(record)))
        elif record.kind == "metadata" and is_ledger(record.block) and self._sections:
            section = self._sections[-1]
            section.link = section.link or _read_link(record)
            section.records.append(record.record_id)

    def select(self, wanted: str | None) -> Selection:
        """Choose the only history, or the one whose name begins with `wanted`.

        Raises:
            ForkError: if there are several histories and `wanted` is None, or `wanted` matches none or several.
        """
        segments = self._join()
        ends = _find_ends(segments)
        if wanted is None and len(ends) <= 1:
            return Selection()
        named = {_name(end): end for end in ends}
        begin = (wanted or "").lower()
        found = [end for name, end in named.items() if name.startswith(begin) or end.link.history.startswith(begin)]
        if wanted is None or len(found) != 1:
            raise ForkError(_refuse(named, wanted))
        return self._follow(found[0], segments)

    def _join(self) -> dict[str, HistorySegment]:
        """Join sections to segments, by the first ledger record of each."""
        segments: dict[str, HistorySegment] = {}
        owner: dict[str, HistorySegment] = {}
        last: dict[str, HistorySegment] = {}  # of each history, and of each archive
        for section in self._sections:
            if section.link is not None:
                first, link = section.records[0], section.link
                held = segments.get(first)
                if held is not None:
                    held.sections.append(section)  # the same file under another name
                    continue
                # If its predecessor is lost, the last known record of its history takes the place.
                lost = last.get(link.history) or last.get(link.archive)
                before = link.parent if link.parent in owner else lost.records[-1] if link.parent and lost else None
                segment = segments[first] = HistorySegment(first, link, [section], before)
            elif section.parent in owner:
                segment = owner[section.parent]
                segment.sections.append(section)
            else:
                continue  # written before archives had a history: part of each
            owner |= dict.fromkeys(section.records, segment)
            last[segment.link.history] = last[segment.link.archive] = segment
        return segments

    def _follow(self, end: HistorySegment, segments: dict[str, HistorySegment]) -> Selection:
        """Go back from the end of a history to its beginning."""
        owner = {record: segment for segment in segments.values() for record in segment.records}
        kept, last = {end.record_id}, set()
        segment = end
        while segment.before is not None:
            before = segment.before
            segment = owner[before]
            kept.add(segment.record_id)
            if before != segment.records[-1]:
                last.add(before)
        skipped = set()
        for one in segments.values():
            behind_end = False
            for section in one.sections:
                if one.record_id not in kept or behind_end:
                    skipped.add(section.warcinfo)
                behind_end = behind_end or not last.isdisjoint(section.records)
        files = {section.file for section in self._sections if section.warcinfo not in skipped}
        left_out = [section.file for section in self._sections if section.file not in files]
        return Selection(frozenset(skipped), frozenset(last), tuple(dict.fromkeys(left_out)))


def read_parent(warcinfo: WarcRecord) -> str | None:
    """Return the id of the ledger record before a section, which its warcinfo record names; None if it names none."""
    for line in warcinfo.block.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(":")
        if key == "parent":
            return value.strip()
    return None


def _read_link(record: WarcRecord) -> HistoryLink | None:
    """Read the link of a ledger record; None without one, or if this version does not know its form (a loss)."""
    with suppress(WarcError):
        return parse_link(record.block)
    return None


def refuse_foreign(record: WarcRecord, head: Head | None) -> None:
    """Refuse to adopt a run or act that does not follow the last record that the database has.

    Raises:
        ForkError: if the ledger record begins a run or act that follows another record.
    """
    link = _read_link(record) if record.kind == "metadata" else None
    if link is None or link.parent == (head.last_record_id if head else None):
        return
    raise ForkError(
        f"warc/{record.position.warc_file}: is of history {link.history[:8]} and does not go on from this database; it "
        "belongs to another copy of the archive, or a file before it is lost. Move it away, or `rebuild` the database"
    )


def _find_ends(segments: dict[str, HistorySegment]) -> list[HistorySegment]:
    """Return the segments whose last record is the predecessor of no other segment."""
    gone_on_from = {segment.before for segment in segments.values()}
    return [segment for segment in segments.values() if segment.records[-1] not in gone_on_from]


def _name(end: HistorySegment) -> str:
    return end.record_id.removeprefix("urn:uuid:")


def _refuse(named: dict[str, HistorySegment], wanted: str | None) -> str:
    said = []
    for name, end in named.items():
        history, archive = end.link.history[:8], end.link.archive[:8]
        said.append(f"{name[:8]} (history {history} of archive {archive}, ends in {end.sections[-1].file})")
    which = f"none or several begin with {wanted!r}" if wanted else "say which with --history"
    return f"warc/: the files hold {len(named)} histories: {', '.join(said)}; {which}"
