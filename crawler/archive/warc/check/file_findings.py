"""The findings of one WARC file, in words. A consequence of another finding is not reported again."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import Damage
from crawler.archive.warc.finding import NAMED_IDS, Finding, and_captures
from crawler.archive.warc.shelf.record_watch import RecordWatch
from crawler.language.text import show_count


@dataclass(slots=True)
class CheckedFile:
    """What was found in one file. `accounted` is the size up to which its records have rows.

    `altered` counts records that differ from what was written. `again` are ids of records that are also in another
    place. `strange` counts records of a file without a row, if no run can have left the file. `moved` are captures
    whose rows name another place, `resized` those whose rows differ only in the length, `of_other_runs` those whose
    rows differ from the warcinfo record only in the run. `lost_places` are offsets that a rebuild or the start of a run
    reported as losses already; `known_missing` are listed records that it reported. `is_left_empty`: the file has no
    byte and no row, and no run leaves such a file.
    """

    name: str
    size: int
    accounted: int
    is_closed: bool
    damages: list[Damage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    moved: dict[int, tuple[str, int]] = field(default_factory=dict)  # captures: where their rows say that they are
    resized: list[Finding] = field(default_factory=list)
    of_other_runs: list[Finding] = field(default_factory=list)
    altered: int = 0
    again: list[str] = field(default_factory=list)
    behind: int = 0
    without_member: int = 0
    strange: int = 0
    is_left_empty: bool = False
    lost_places: frozenset[int | None] = frozenset()
    known_missing: frozenset[str] = frozenset()

    def add(self, record: WarcRecord, said: str) -> None:
        """Add a finding for a record."""
        self.add_text(record.record_id, said)

    def add_text(self, record_id: str, said: str) -> None:
        """Add a finding for the record of an id, unless it has one already."""
        if not record_id or all(one.key != record_id or one.kind != "record" for one in self.findings):
            self.findings.append(Finding("record", said, file=self.name, key=record_id))

    def take_moved(self, name: str) -> list[int]:
        """Remove and return the captures whose rows name a file of this name."""
        ids = [number for number, place in self.moved.items() if place[0] == name]
        for number in ids:
            del self.moved[number]
        return ids


def findings_of(file: CheckedFile, without_record: list[sqlite3.Row], *, watch: RecordWatch) -> Iterator[Finding]:
    """Yield the findings of a file. A consequence of another finding is not reported again."""
    found = list(_find(file, without_record, watch=watch))
    yield from found
    if len(file.of_other_runs) == 1:
        yield from file.of_other_runs
    elif file.of_other_runs and not found:  # else a record was inserted, or is in another file
        ids = [int(one.key or 0) for one in file.of_other_runs]
        said = f"warc/{file.name}: a warcinfo record is of another run than the rows behind it{and_captures(ids, ':')}"
        yield Finding("file", said, file=file.name)


def _find(file: CheckedFile, without_record: list[sqlite3.Row], *, watch: RecordWatch) -> Iterator[Finding]:
    _add_replaced(file, without_record, watch=watch)
    yield from file.findings
    gone = [row["id"] for row in without_record]
    if file.without_member:
        said = (
            f"warc/{file.name}: another tool packed the file anew, so that no row can point there: "
            f"{show_count(file.without_member, 'record')} share gzip members{and_captures(gone, '; lost are')}"
        )
        yield Finding("file", said, file=file.name)
        yield from (Finding("damage", str(one), file=file.name, key=str(one.offset)) for one in file.damages)
        yield from _listed_otherwise(file, watch)
        return
    # The finding about the size covers missing or extra bytes at the end.
    damages = [
        one
        for one in file.damages
        if not (file.is_closed and one.offset >= file.accounted) and not (one.is_cut and file.size < file.accounted)
    ]
    for number, damage in enumerate(damages):
        # A lost row cannot be told from its neighbour's when records moved: the last line takes all that are left.
        taken = gone if number == len(damages) - 1 else _lost_in(damage, without_record)
        gone = [one for one in gone if one not in taken]
        said = f"{damage}{and_captures(taken, '; lost with it')}"
        yield Finding("damage", said, file=file.name, key=str(damage.offset))
    listed = list(_listed_otherwise(file, watch))
    if damages or (file.altered and not listed and not without_record and not file.again):
        # An altered record may be longer or shorter, and moves those after it.
        yield from listed
        return
    yield from list(_without_damage(file, without_record)) or listed


def _add_replaced(file: CheckedFile, without_record: list[sqlite3.Row], *, watch: RecordWatch) -> None:
    """Report records that are in the place of others. Remove the rows that were lost with the replaced records."""
    for line, record_id in watch.replaced(file.name):
        file.altered += 1
        file.again = [one for one in file.again if one != record_id]
        gone = [row for row in without_record if row["record_id"] == line.record_id]
        for row in gone:
            without_record.remove(row)
        lost = and_captures([row["id"] for row in gone], "; lost with it")
        said = f"stands in the place of {line.record_id}{lost}"
        for number, one in enumerate(file.findings):
            if one.key == record_id:
                file.findings[number] = replace(one, text=f"{one.text}; it {said}")
                break
        else:
            file.add_text(record_id, f"warc/{file.name}, record {record_id}: {said}")


def _listed_otherwise(file: CheckedFile, watch: RecordWatch) -> Iterator[Finding]:
    """Report in one line how a file differs from its record list."""
    missing, unlisted = watch.missing(file.name), watch.unlisted(file.name)
    missing = [one for one in missing if one.record_id not in file.known_missing]
    parts = [
        f"{show_count(len(ids), 'record')} {what}: {', '.join(ids[:NAMED_IDS])}"
        for ids, what in (([one.record_id for one in missing], "of its list missing"), (unlisted, "not in its list"))
        if ids
    ]
    if parts:
        yield Finding("record", f"warc/{file.name}: {'; '.join(parts)}", file=file.name)


def _without_damage(file: CheckedFile, without_record: list[sqlite3.Row]) -> Iterator[Finding]:
    moved = and_captures([*file.moved], "; at other places stand")
    said = None
    if file.strange:
        captures = show_count(file.strange, "capture")
        said = f"no run of this archive left it: {captures} that no row knows"
    elif file.size < file.accounted:
        cut = "".join(f"; the record at offset {one.offset} {one.what}" for one in file.damages if one.is_cut)
        lost = and_captures([row["id"] for row in without_record], "; lost with the rest")
        said = f"{file.size} bytes, where {file.accounted} were written{cut}{lost}{moved}"
    elif file.is_closed and file.size > file.accounted:
        more = f", by {show_count(file.behind, 'record')}" if file.behind else ""
        said = f"longer than the {file.accounted} bytes it was closed with{more}{moved}"
    elif file.again and not file.accounted:
        said = f"{show_count(len(file.again), 'capture')} that stand in other places too"
    elif file.is_left_empty:
        said = "is empty, and no run of this archive left it"
    if said is not None:
        yield Finding("file", f"warc/{file.name}: {said}", file=file.name)
        return
    yield from _moved_findings(file) if file.moved else file.resized
    yield from map(row_without_record, without_record)


def _lost_in(damage: Damage, rows: list[sqlite3.Row]) -> list[int]:
    end = damage.offset + damage.length
    return [
        row["id"] for row in rows if row["record_id"] == damage.record_id or damage.offset <= row["warc_offset"] < end
    ]


def _moved_findings(file: CheckedFile) -> Iterator[Finding]:
    """Report records that are not where their rows say: one line for each file that the rows name."""
    by_file = Counter(name for name, _ in file.moved.values())
    for name, count in by_file.items():
        ids = [number for number, place in file.moved.items() if place[0] == name]
        if count == 1:
            columns = "warc_offset" if name == file.name else "warc_file"
            said = f"capture {ids[0]}: {columns} is not where its record stands, in warc/{file.name}"
            yield Finding("row", said, table="captures", key=str(ids[0]))
        else:
            where = "at other places" if name == file.name else f"here, and not in warc/{name}"
            said = f"warc/{file.name}: {show_count(count, 'capture')} stand {where}{and_captures(ids, ':')}"
            yield Finding("file", said, file=file.name)


def row_without_record(row: sqlite3.Row) -> Finding:
    """Return the finding that a capture has no record."""
    said = f"capture {row['id']}: no record {row['record_id']} in warc/{row['warc_file']}"
    return Finding("row", said, table="captures", key=str(row["id"]))
