"""Compare the records of the WARC files with their rows: one line for each alteration, without its consequences.

A damaged record makes its row wrong. Inserted bytes move all later records. If another tool compresses a file again,
all positions are wrong. Each of these is one difference.
"""

import json
import sqlite3
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterator, Set
from dataclasses import dataclass, field, fields, replace
from pathlib import Path

from crawler.archive.warc.check.file_findings import CheckedFile, findings_of, row_without_record
from crawler.archive.warc.files.ahead import read_ahead
from crawler.archive.warc.files.folder import find_files, serial_in
from crawler.archive.warc.files.record import WarcRecord, with_digest
from crawler.archive.warc.files.scan import Damage, scan_records
from crawler.archive.warc.finding import Finding, and_captures
from crawler.archive.warc.reader import has_true_block_digest, has_true_payload_digest
from crawler.archive.warc.record_to_capture import UNKNOWN_CRAWL, UNKNOWN_METHOD, CaptureReader
from crawler.archive.warc.shelf.losses import read_lost_places, read_missing_records, read_spare_files
from crawler.archive.warc.shelf.record_watch import RecordWatch
from crawler.archive.warc.writer import RECORD_END
from crawler.errors import WarcError
from crawler.items import Capture
from crawler.language.text import show_count

_PLACE, _LENGTH = ("warc_file", "warc_offset"), "warc_length"
NO_ROW = "has no row in captures"
_COLUMNS = tuple(column.name for column in fields(Capture))
# Records that describe the answers after them, and the columns that they give.
_DESCRIBED_BY = {"request": ("method", "request_sha256"), "warcinfo": ("crawl_id",)}


# The sizes of captures with larger ids are not kept, because each takes 8 bytes.
_MOST_SIZES = 2**26


class PayloadSizes:
    """The payload size in bytes of each capture whose record was read whole and agrees with its row."""

    def __init__(self) -> None:
        self._sizes = array("q")

    def note(self, capture_id: int, size_bytes: int) -> None:
        """Note the size of a capture."""
        if 0 <= capture_id < _MOST_SIZES:
            if capture_id >= len(self._sizes):
                self._sizes.extend([-1] * max(1024, capture_id + 1 - len(self._sizes)))
            self._sizes[capture_id] = size_bytes

    def of(self, capture_id: int) -> int | None:
        """Return the payload size of a capture; None if its payload was not read, or anything about it differs."""
        size = self._sizes[capture_id] if 0 <= capture_id < len(self._sizes) else -1
        return size if size >= 0 else None


@dataclass(slots=True)
class RecordCheck:
    """The result of the comparison.

    `lost` are captures that cannot be read at the place in their rows. `rowless` are the ids of records without a row,
    each with the file and offset of its record. `other_payloads` are the ids of records whose rows state a different
    payload. Findings report all of these. `ties` are pairs of files, one of which holds records of the other. `sizes`
    are the sizes of the payloads that were read, without transfer coding.
    """

    records: int = 0
    captures: int = 0
    findings: list[Finding] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    rowless: dict[str, tuple[str, int]] = field(default_factory=dict)
    other_payloads: set[str] = field(default_factory=set)
    ties: set[tuple[str, str]] = field(default_factory=set)
    sizes: PayloadSizes = field(default_factory=PayloadSizes)


def check_records(
    connection: sqlite3.Connection, folder: Path, *, watch: RecordWatch, only: Set[str] | None = None
) -> RecordCheck:
    """Compare every record with its row and with the list of its file, and every row with its record.

    With `only`, read only the files of these names; missing files are reported in any case.

    A record after the last commit has no row, and is not a difference. A record that a run is writing now is not one
    either.
    """
    found = RecordCheck()
    known = {row["name"]: row for row in connection.execute("select * from warc_files order by serial")}
    last_serial = max((row["serial"] for row in known.values()), default=0)
    spare = read_spare_files(connection)
    losses, known_missing = read_lost_places(connection), frozenset(read_missing_records(connection))
    seen: dict[str, CheckedFile] = {}
    files: dict[str, CheckedFile] = {}
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
        file = files[one.name] = CheckedFile(one.name, one.path.stat().st_size, accounted, is_closed)
        file.lost_places, file.known_missing = losses.get(one.name, frozenset()), known_missing
        file.is_left_empty = row is None and not one.is_open and not file.size
        is_strange = row is None and not one.is_open and (serial_in(one.name) or 0) <= last_serial
        _Comparison(connection, file, found=found, seen=seen, is_strange=is_strange, watch=watch).run(one.path)
    without_record = _find_without_record(connection, found, seen=seen, only=only)
    _join_renamed(found, files, without_record=without_record, watch=watch)
    found.ties |= {(file.name, name) for file in files.values() for name, _ in file.moved.values()}
    missing = sorted(known.keys() - there)
    if len(missing) > 1 and not there:
        found.ties |= {(missing[0], name) for name in missing}
        found.findings.append(Finding("file", f"warc/: none of its {len(missing)} files is there", file=missing[0]))
        return found
    _add_findings(found, files, missing=missing, without_record=without_record, watch=watch)
    return found


def _add_findings(
    found: RecordCheck, files: dict[str, CheckedFile], *, missing: list[str],
    without_record: dict[str, list[sqlite3.Row]], watch: RecordWatch,
) -> None:  # fmt: skip
    """Add the findings of missing files, of each file, and of the rows that are in no file."""
    _add_missing(found, missing, files=files, without_record=without_record)
    for name, file in files.items():
        found.lost |= file.moved.keys()
        found.findings += findings_of(file, without_record.pop(name, []), watch=watch)
    for rows in without_record.values():
        found.findings += map(row_without_record, rows)


def _find_without_record(
    connection: sqlite3.Connection, found: RecordCheck, *, seen: Collection[str], only: Set[str] | None
) -> dict[str, list[sqlite3.Row]]:
    """Count the captures, and return those whose record was not read, by the file that their row names."""
    without_record: dict[str, list[sqlite3.Row]] = defaultdict(list)
    for row in connection.execute(*_chosen_captures(only)):
        found.captures += 1
        if row["record_id"] not in seen:
            without_record[row["warc_file"]].append(row)
            found.lost.add(row["id"])
    return without_record


def _chosen_captures(only: Set[str] | None) -> tuple[str, tuple[str, ...]]:
    """Return the query of the captures in some files, and its parameters."""
    sql = "select id, record_id, warc_file, warc_offset from captures"
    if only is None:
        return sql, ()
    among = "warc_file in (select value from json_each(?))"
    return f"{sql} where {among}", (json.dumps(sorted(only)),)


def _add_missing(
    found: RecordCheck, names: list[str], *, files: dict[str, CheckedFile], without_record: dict[str, list[sqlite3.Row]]
) -> None:
    """Report the files that are missing, with their captures, or with the file that holds the captures now."""
    for name in names:
        gone = [row["id"] for row in without_record.pop(name, [])]
        others = {other.name: ids for other in files.values() if (ids := other.take_moved(name))}
        found.lost.update(*others.values())
        for other in others:
            files[other].without_member = 0  # the finding names the place of the records now
        where = "".join(
            f"; {show_count(len(ids), 'capture')} of it stand in warc/{other}" for other, ids in others.items()
        )
        said = f"warc/{name}: the file is missing{and_captures(gone, '; with it')}{where}"
        found.findings.append(Finding("file", said, file=name))


def _join_renamed(
    found: RecordCheck, files: dict[str, CheckedFile], *, without_record: dict[str, list[sqlite3.Row]],
    watch: RecordWatch,
) -> None:  # fmt: skip
    """Join a row without a record and a record without a row, if both have the same place."""
    record_at = {
        place: record_id for record_id, place in found.rowless.items() if not watch.is_unlisted(place[0], record_id)
    }
    for name, rows in without_record.items():
        for row in [row for row in rows if (name, row["warc_offset"]) in record_at]:
            rows.remove(row)
            record_id = record_at[name, row["warc_offset"]]
            file = files[name]
            file.findings = [one for one in file.findings if one.key != record_id]
            file.altered += 1  # unless the row was altered: then no record moved
            said = f"capture {row['id']}: record_id is {row['record_id']!r}, in the WARC {record_id!r}"
            file.findings.append(Finding("row", said, table="captures", key=str(row["id"])))


class _Comparison:
    """Compares the records of one file with their rows."""

    def __init__(
        self, connection: sqlite3.Connection, file: CheckedFile, *, found: RecordCheck, seen: dict[str, CheckedFile],
        is_strange: bool, watch: RecordWatch,
    ) -> None:  # fmt: skip
        self._connection = connection
        self._is_strange = is_strange
        self._watch = watch
        self._file = file
        self._found = found
        self._seen = seen
        self._reader = CaptureReader()
        # The last record of each kind of `_DESCRIBED_BY`, if it is altered.
        self._altered_infos: dict[str, str | None] = {}

    def run(self, path: Path) -> None:
        """Read the whole file."""
        file = self._file
        for one in read_ahead(_scan_with_digest(path, file.name)):
            place = one.position.offset if isinstance(one, WarcRecord) else one.offset
            is_true = self._watch.see(file.name, one, is_behind=place >= file.accounted)
            if place in file.lost_places and not self._has_row(one):
                continue
            if isinstance(one, WarcRecord):
                self._compare(one, is_true)
            # A run may still be writing what comes after the last commit.
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
        file.behind += record.position.offset >= file.accounted
        # A finding reports a record that the list of its file does not name.
        is_more = self._watch.is_unlisted(file.name, record.record_id)
        is_altered = not is_more and not (is_true if is_true is not None else _is_whole(record))
        if record.kind in _DESCRIBED_BY:
            self._altered_infos[record.kind] = record.record_id if is_altered else None
        if is_altered:
            file.altered += 1
            file.add(record, self._altered(record))
        try:
            stated = self._reader.read(record)
        except WarcError as error:
            lost = self._lose_row_at(record)
            if not is_altered:
                file.altered += 1
                place = f"warc/{file.name}, the record at offset {record.position.offset}"
                file.add(record, f"{place}: {error}{and_captures(lost, '; lost with it')}")
            self._seen.setdefault(record.record_id, file)
            return
        if stated is None:
            if is_altered and (row := self._row(record.record_id)) is not None:
                self._seen.setdefault(record.record_id, file)  # it was an answer
                self._lose(record, row)
            return
        self._compare_answer(record, stated, is_altered=is_altered, is_more=is_more)

    def _compare_answer(self, record: WarcRecord, stated: Capture, *, is_altered: bool, is_more: bool) -> None:
        file = self._file
        row = self._row(record.record_id)
        other = self._seen.get(record.record_id)
        if other is not None and (row is None or row["id"] not in other.moved or not _is_at(record, row)):
            file.again.append(record.record_id)
            return
        if other is not None and row is not None:
            # The other place was seen first, and is the extra one.
            del other.moved[row["id"]]
            other.again.append(record.record_id)
        self._seen[record.record_id] = file
        if row is not None and is_altered:
            self._lose(record, row)
        elif row is not None:
            self._compare_row(record, stated, row=row)
        elif self._is_strange:
            file.strange += 1
        elif record.position.offset < file.accounted:
            self._found.rowless[record.record_id] = (file.name, record.position.offset)
            if not is_more:
                file.add(record, f"warc/{file.name}, record {record.record_id}: {NO_ROW}")

    def _altered(self, record: WarcRecord) -> str:
        what = "is not the one that its list names"
        if record.end != RECORD_END:
            what = "does not end as it was written"
        if not has_true_block_digest(record):
            what = "its block does not have the digest it states"
        return f"warc/{self._file.name}, record {record.record_id}: {what}"

    def _lose(self, record: WarcRecord, row: sqlite3.Row) -> None:
        """Note that the record of a row is altered. This explains all differences of the row."""
        self._found.lost.add(row["id"])
        if not _is_at(record, row):
            self._file.moved[row["id"]] = (row["warc_file"], row["warc_offset"])

    def _lose_row_at(self, record: WarcRecord) -> list[int]:
        """Note and return the capture whose row points to a record that gives no capture."""
        place = record.position
        rows = self._connection.execute(
            "select id, record_id from captures where warc_file = ? and warc_offset = ?",
            (place.warc_file, place.offset),
        ).fetchall()
        for row in rows:
            self._seen.setdefault(row["record_id"], self._file)
            self._found.lost.add(row["id"])
        return [row["id"] for row in rows]

    def _compare_row(self, record: WarcRecord, stated: Capture, *, row: sqlite3.Row) -> None:
        file = self._file
        is_true = has_true_payload_digest(record, stated.payload_sha256)
        if record.kind == "response" and not is_true:
            file.add(record, f"capture {row['id']}: its payload does not have the digest its record states")
        if record.kind == "revisit":
            digest = self._original_digest(record, row["id"])
            stated = replace(stated, payload_sha256=row["payload_sha256"] if digest is None else digest)
        unstated = _unstated(stated)
        wanted = {name: getattr(stated, name) for name in _COLUMNS if name not in unstated}
        unequal = [name for name, value in wanted.items() if row[name] != value]
        if not _is_at(record, row):
            file.moved[row["id"]] = (row["warc_file"], row["warc_offset"])
            unequal = [name for name in unequal if name not in (*_PLACE, _LENGTH)]
        if row["warc_file"] != file.name:
            # The warcinfo record before it here belongs to another file.
            unequal = [name for name in unequal if name != "crawl_id"]
        # The finding about the altered record explains this difference.
        explained = {
            name for kind, columns in _DESCRIBED_BY.items() if self._altered_infos.get(kind) for name in columns
        }
        unequal = [name for name in unequal if name not in explained]
        if "payload_sha256" in unequal:
            self._found.other_payloads.add(record.record_id)
        if unequal:
            said = "; ".join(f"{name} is {row[name]!r}, in the WARC {wanted[name]!r}" for name in unequal)
            finding = Finding("row", f"capture {row['id']}: {said}", table="captures", key=str(row["id"]))
            alone = {_LENGTH: file.resized, "crawl_id": file.of_other_runs}
            among = alone.get(unequal[0]) if len(unequal) == 1 else None
            (file.findings if among is None else among).append(finding)
        elif record.kind == "response" and is_true and b"transfer-encoding" not in record.head.lower():
            self._found.sizes.note(row["id"], record.body.size_bytes)

    def _row(self, record_id: str) -> sqlite3.Row | None:
        found: sqlite3.Row | None = self._connection.execute(
            "select * from captures where record_id = ?", (record_id,)
        ).fetchone()
        return found

    def _original_digest(self, record: WarcRecord, capture_id: int) -> str | None:
        """Return the digest of the payload that a revisit refers to; None if the rows of its records do not give it."""
        refers_to = record.fields.get("warc-refers-to", "")
        if refers_to in self._found.other_payloads:
            return None
        original = self._connection.execute(
            "select payload_sha256 from captures where record_id = ? and record_type = 'response'", (refers_to,)
        ).fetchone()
        if original is None:
            if refers_to not in self._found.rowless:
                self._file.add(record, f"capture {capture_id}: revisits record {refers_to}, which is not held")
            return None
        return str(original["payload_sha256"])


def _scan_with_digest(path: Path, name: str) -> Iterator[WarcRecord | Damage]:
    """Read the records of a file with their digests, which the thread that reads ahead computes."""
    for one in scan_records(path, name=name):
        yield with_digest(one) if isinstance(one, WarcRecord) else one


def _is_whole(record: WarcRecord) -> bool:
    return record.end == RECORD_END and has_true_block_digest(record)


def _is_at(record: WarcRecord, row: sqlite3.Row) -> bool:
    """Return whether a record is at the place in its row."""
    place = record.position
    return record.has_member and (row["warc_file"], row["warc_offset"]) == (place.warc_file, place.offset)


def _unstated(stated: Capture) -> set[str]:
    """Name the columns that the remaining records do not give."""
    names = {"id"}
    if stated.crawl_id == UNKNOWN_CRAWL:
        names.add("crawl_id")
    if stated.method == UNKNOWN_METHOD:
        names |= {"method", "request_sha256"}
    return names
