"""Compare the records of the WARC files with their rows: one line for each alteration, whatever it drags along.

A damaged record takes its row with it, bytes that are put in move all records behind them, and a file that another
tool compressed anew has no positions any more. Each of these is one difference.
"""

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from crawler.archive.warc.files.folder import find_files, serial_in
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import Damage, scan_records
from crawler.archive.warc.finding import NAMED_IDS, Finding, and_captures
from crawler.archive.warc.reader import has_true_block_digest, has_true_payload_digest
from crawler.archive.warc.record_to_capture import UNKNOWN_CRAWL, UNKNOWN_METHOD, CaptureReader
from crawler.archive.warc.shelf.losses import read_lost_places, read_missing_records, read_spare_files
from crawler.archive.warc.shelf.record_watch import RecordWatch
from crawler.errors import WarcError
from crawler.items import Capture
from crawler.language.text import show_count

_POSITION = ("warc_file", "warc_offset", "warc_length")
NO_ROW = "has no row in captures"


@dataclass(slots=True)
class RecordCheck:
    """What the comparison found.

    `lost` are captures that cannot be read where their rows say. `rowless` are the ids of records without a row, each
    with the file and offset of its record. Both are said.
    """

    records: int = 0
    captures: int = 0
    findings: list[Finding] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    rowless: dict[str, tuple[str, int]] = field(default_factory=dict)


@dataclass(slots=True)
class _File:
    """What was found in one file. `accounted` is the size up to which its records have rows.

    `altered` counts records that are not as they were written, `again` records that other places hold, `strange` those
    of a file that no row knows and no run may have left. `moved` are captures whose rows say another place.
    `lost_places` are offsets that a rebuild or a start named as losses already; `known_missing` are listed records,
    likewise.
    """

    name: str
    size: int
    accounted: int
    is_closed: bool
    damages: list[Damage] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    moved: dict[int, tuple[str, int]] = field(default_factory=dict)  # captures: where their rows say that they are
    altered: int = 0
    again: int = 0
    behind: int = 0
    without_member: int = 0
    strange: int = 0
    lost_places: frozenset[int | None] = frozenset()
    known_missing: frozenset[str] = frozenset()

    def add(self, record: WarcRecord, said: str) -> None:
        """Add what is wrong with a record."""
        self.findings.append(Finding("record", said, file=self.name, key=record.record_id))

    def take_moved(self, name: str) -> list[int]:
        """Take out, and return, the captures that should stand in a file of this name."""
        ids = [number for number, place in self.moved.items() if place[0] == name]
        for number in ids:
            del self.moved[number]
        return ids


def check_records(
    connection: sqlite3.Connection, folder: Path, *, watch: RecordWatch, only: Set[str] | None = None
) -> RecordCheck:
    """Compare every record with its row and with the list of its file, and every row with its record.

    With `only`, read the files of these names alone; files that are missing are named in any case.

    A record behind the last commit has no row, and is no difference. Nor is one that a run is writing now.
    """
    found = RecordCheck()
    known = {row["name"]: row for row in connection.execute("select * from warc_files order by serial")}
    last_serial = max((row["serial"] for row in known.values()), default=0)
    spare = read_spare_files(connection)
    losses, known_missing = read_lost_places(connection), frozenset(read_missing_records(connection))
    seen: dict[str, _File] = {}
    files: dict[str, _File] = {}
    there: set[str] = set()
    for one in find_files(folder):
        row = known.get(one.name)
        is_needless = (one.name in spare and spare[one.name].is_still(one.path)) or None in losses.get(one.name, ())
        if row is None and (is_needless or not one.is_warc()):
            continue
        there.add(one.name)
        if only is not None and one.name not in only:
            continue
        accounted, is_closed = (row["size_bytes"], bool(row["closed"])) if row else (0, False)
        file = files[one.name] = _File(one.name, one.path.stat().st_size, accounted, is_closed)
        file.lost_places, file.known_missing = losses.get(one.name, frozenset()), known_missing
        is_strange = row is None and not one.is_open and (serial_in(one.name) or 0) <= last_serial
        _Comparison(connection, file, found=found, seen=seen, is_strange=is_strange, watch=watch).run(one.path)
    without_record = defaultdict(list)
    for row in connection.execute(*_chosen_captures(only)):
        found.captures += 1
        if row["record_id"] not in seen:
            without_record[row["warc_file"]].append(row)
            found.lost.add(row["id"])
    _join_renamed(found, files, without_record=without_record)
    _add_missing(found, sorted(known.keys() - there), files=files, without_record=without_record)
    for name, file in files.items():
        found.lost |= file.moved.keys()
        found.findings += _findings_of(file, without_record.pop(name, []), watch=watch)
    for rows in without_record.values():
        found.findings += map(_without_record, rows)
    return found


def _chosen_captures(only: Set[str] | None) -> tuple[str, tuple[str, ...]]:
    """Return the query of the captures in some files, and its parameters."""
    sql = "select id, record_id, warc_file, warc_offset from captures"
    if only is None:
        return sql, ()
    among = "warc_file in (select value from json_each(?))"
    return f"{sql} where {among}", (json.dumps(sorted(only)),)


def _add_missing(
    found: RecordCheck, names: list[str], *, files: dict[str, _File], without_record: dict[str, list[sqlite3.Row]]
) -> None:
    """Name the files that are missing, with their captures, or where those stand by now."""
    for name in names:
        gone = [row["id"] for row in without_record.pop(name, [])]
        others = {other.name: ids for other in files.values() if (ids := other.take_moved(name))}
        found.lost.update(*others.values())
        for other in others:
            files[other].without_member = 0  # it is said where the records are now
        where = "".join(
            f"; {show_count(len(ids), 'capture')} of it stand in warc/{other}" for other, ids in others.items()
        )
        said = f"warc/{name}: the file is missing{and_captures(gone, '; with it')}{where}"
        found.findings.append(Finding("file", said, file=name))


def _join_renamed(found: RecordCheck, files: dict[str, _File], *, without_record: dict[str, list[sqlite3.Row]]) -> None:
    """Join a row that lost its record with the record that lost its row, where both are at one place."""
    record_at = {place: record_id for record_id, place in found.rowless.items()}
    for name, rows in without_record.items():
        for row in [row for row in rows if (name, row["warc_offset"]) in record_at]:
            rows.remove(row)
            record_id = record_at[name, row["warc_offset"]]
            file = files[name]
            file.findings = [one for one in file.findings if one.key != record_id]
            said = f"capture {row['id']}: record_id is {row['record_id']!r}, in the WARC {record_id!r}"
            file.findings.append(Finding("row", said, table="captures", key=str(row["id"])))


def _without_record(row: sqlite3.Row) -> Finding:
    said = f"capture {row['id']}: no record {row['record_id']} in warc/{row['warc_file']}"
    return Finding("row", said, table="captures", key=str(row["id"]))


class _Comparison:
    """Compares the records of one file with their rows."""

    def __init__(
        self, connection: sqlite3.Connection, file: _File, *, found: RecordCheck, seen: dict[str, _File],
        is_strange: bool, watch: RecordWatch,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._is_strange = is_strange
        self._watch = watch
        self._file = file
        self._found = found
        self._seen = seen
        self._reader = CaptureReader()

    def run(self, path: Path) -> None:
        """Read the whole file."""
        file = self._file
        for one in scan_records(path, name=file.name):
            place = one.position.offset if isinstance(one, WarcRecord) else one.offset
            is_true = self._watch.see(file.name, one, is_behind=place >= file.accounted)
            if place in file.lost_places and not self._has_row(one):
                continue
            if isinstance(one, WarcRecord):
                self._compare(one, is_true)
            # What lies behind the last commit may still be written.
            elif not one.is_cut or one.offset < file.accounted:
                file.damages.append(one)

    def _has_row(self, one: WarcRecord | Damage) -> bool:
        return isinstance(one, WarcRecord) and (
            one.kind not in ("response", "revisit") or self._row(one.record_id) is not None
        )

    def _compare(self, record: WarcRecord, is_true: bool | None) -> None:
        file = self._file
        self._found.records += 1
        file.without_member += not record.has_member
        is_behind = record.position.offset >= file.accounted
        file.behind += is_behind
        is_altered = not (is_true if is_true is not None else has_true_block_digest(record))
        if is_altered:
            file.altered += 1
            file.add(record, self._altered(record))
        try:
            stated = self._reader.read(record)
        except WarcError as error:
            if not is_altered:
                file.add(record, str(error))
            self._seen.setdefault(record.record_id, file)
            return
        if stated is None:
            return
        row = self._row(record.record_id)
        other = self._seen.get(record.record_id)
        if other is not None and (row is None or row["id"] not in other.moved or not _is_at(record, row)):
            file.again += 1
            return
        if other is not None and row is not None:
            # The other place was seen first, and is the one too many.
            del other.moved[row["id"]]
            other.again += 1
        self._seen[record.record_id] = file
        if row is not None:
            self._compare_row(record, stated, row=row, is_altered=is_altered)
        elif self._is_strange:
            file.strange += 1
        elif not is_behind:
            self._found.rowless[record.record_id] = (file.name, record.position.offset)
            file.add(record, f"warc/{file.name}, record {record.record_id}: {NO_ROW}")

    def _altered(self, record: WarcRecord) -> str:
        what = "is not the one that its list names"
        if not has_true_block_digest(record):
            what = "its block does not have the digest it states"
        return f"warc/{self._file.name}, record {record.record_id}: {what}"

    def _compare_row(self, record: WarcRecord, stated: Capture, *, row: sqlite3.Row, is_altered: bool) -> None:
        file = self._file
        if is_altered:
            # What the row says otherwise follows from the record.
            self._found.lost.add(row["id"])
            if not _is_at(record, row):
                file.moved[row["id"]] = (row["warc_file"], row["warc_offset"])
            return
        if record.kind == "response" and not has_true_payload_digest(record, stated.payload_sha256):
            file.add(record, f"capture {row['id']}: its payload does not have the digest its record states")
        if record.kind == "revisit":
            digest = self._original_digest(record, row["id"])
            stated = replace(stated, payload_sha256=row["payload_sha256"] if digest is None else digest)
        wanted = {name: value for name, value in asdict(stated).items() if name not in _unstated(stated)}
        unequal = [name for name, value in wanted.items() if row[name] != value]
        if not _is_at(record, row):
            file.moved[row["id"]] = (row["warc_file"], row["warc_offset"])
            unequal = [name for name in unequal if name not in _POSITION]
        if unequal:
            said = "; ".join(f"{name} is {row[name]!r}, in the WARC {wanted[name]!r}" for name in unequal)
            finding = Finding("row", f"capture {row['id']}: {said}", table="captures", key=str(row["id"]))
            file.findings.append(finding)

    def _row(self, record_id: str) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(
            "select * from captures where record_id = ?", (record_id,)
        ).fetchone()
        return found

    def _original_digest(self, record: WarcRecord, capture_id: int) -> str | None:
        """Return the digest of the payload that a revisit refers to; None if its record has no row."""
        refers_to = record.fields.get("warc-refers-to", "")
        original = self._connection.execute(
            "select payload_sha256 from captures where record_id = ? and record_type = 'response'", (refers_to,)
        ).fetchone()
        if original is None:
            if refers_to not in self._found.rowless:
                self._file.add(record, f"capture {capture_id}: revisits record {refers_to}, which is not held")
            return None
        return str(original["payload_sha256"])


def _is_at(record: WarcRecord, row: sqlite3.Row) -> bool:
    """Whether a record stands where its row says."""
    place = record.position
    return record.has_member and (row["warc_file"], row["warc_offset"]) == (place.warc_file, place.offset)


def _unstated(stated: Capture) -> set[str]:
    """Name the columns that the records left do not tell."""
    names = {"id"}
    if stated.crawl_id == UNKNOWN_CRAWL:
        names.add("crawl_id")
    if stated.method == UNKNOWN_METHOD:
        names |= {"method", "request_sha256"}
    return names


def _findings_of(file: _File, without_record: list[sqlite3.Row], *, watch: RecordWatch) -> Iterator[Finding]:
    """Say what is wrong with a file. What one difference explains is not said again."""
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
    # Bytes that are missing at the end, or too many there, are said with the size.
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
        # An altered record may be longer or shorter, and moves those behind it.
        yield from listed
        return
    yield from list(_without_damage(file, without_record)) or listed


def _listed_otherwise(file: _File, watch: RecordWatch) -> Iterator[Finding]:
    """Say what the list of a file names otherwise, in one line."""
    missing, unlisted = watch.missing(file.name), watch.unlisted(file.name)
    missing = [one for one in missing if one.record_id not in file.known_missing]
    parts = [
        f"{show_count(len(ids), 'record')} {what}: {', '.join(ids[:NAMED_IDS])}"
        for ids, what in (([one.record_id for one in missing], "of its list missing"), (unlisted, "not in its list"))
        if ids
    ]
    if parts:
        yield Finding("record", f"warc/{file.name}: {'; '.join(parts)}", file=file.name)


def _without_damage(file: _File, without_record: list[sqlite3.Row]) -> Iterator[Finding]:
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
        said = f"{show_count(file.again, 'capture')} that stand in other places too"
    if said is not None:
        yield Finding("file", f"warc/{file.name}: {said}", file=file.name)
        return
    yield from _moved_findings(file)
    yield from map(_without_record, without_record)


def _lost_in(damage: Damage, rows: list[sqlite3.Row]) -> list[int]:
    end = damage.offset + damage.length
    return [
        row["id"] for row in rows if row["record_id"] == damage.record_id or damage.offset <= row["warc_offset"] < end
    ]


def _moved_findings(file: _File) -> Iterator[Finding]:
    """Say which records stand elsewhere than their rows say: one line for each file that they were in."""
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
