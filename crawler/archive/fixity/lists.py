"""Check WARC files against record lists: which lists can be trusted, and which records differ from their list."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from pathlib import Path

from crawler.archive.fixity.ledger_rows import LedgerRows, Place
from crawler.archive.history.record_lists import (
    LIST_SUFFIX,
    ListedRecord,
    digest_list,
    list_path,
    parse_list,
    read_list,
    read_previous,
)
from crawler.archive.warc.files.folder import FolderFile, find_files, serial_in
from crawler.archive.warc.files.record import WarcRecord, with_digest
from crawler.archive.warc.files.scan import Damage, scan_records
from crawler.archive.warc.finding import Finding
from crawler.archive.warc.reader import has_true_block_digest
from crawler.archive.warc.shelf.losses import are_files_missing, read_lost_places, read_spare_files
from crawler.archive.warc.writer import OPEN_SUFFIX

_LEDGER = "metadata"
_END = 2**62  # after every record of a file


@dataclass(slots=True)
class _Comparison:
    """The comparison of a file with its list: positions in the list by id, the records seen, and damages.

    `damaged` are the positions in the list after which there was damage. `unlisted` are records that are not in the
    list, or come in another order. `newcomers` are those that are not in the list, by the position before them.
    """

    lines: list[ListedRecord]
    place_of: dict[str, int]
    seen: set[int] = field(default_factory=set)
    damaged: list[int] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    newcomers: dict[int, list[str]] = field(default_factory=dict)
    last: int = -1

    def replaced(self) -> dict[int, str]:
        """Return the positions of records that were not seen, with the id of the record that is there instead.

        Empty if no record of the list was seen: then it is another file.
        """
        found: dict[int, str] = {}
        for before, ids in self.newcomers.items() if self.seen else ():
            free = (place for place in range(before + 1, before + 1 + len(ids)) if place < len(self.lines))
            found.update((place, one) for place, one in zip(free, ids, strict=False) if place not in self.seen)
        return found


class ListWatch:
    """Compares records with the lists of their files, and gives the unaltered ledger records to `LedgerRows`.

    The list of a file is trusted if it has the digest that the next file, or a row, states. `ties` are pairs of files,
    one of which has records or the list of the other.
    """

    def __init__(self, connection: sqlite3.Connection, folder: Path, *, ledger: LedgerRows) -> None:
        self.findings: list[Finding] = []
        self.ties: set[tuple[str, str]] = set()
        self._ledger = ledger
        self._files: dict[str, _Comparison] = {}
        self._places: dict[str, Place] = {}  # places of ledger records, by id: a file may have been renamed or joined
        self._positions: dict[str, int] = defaultdict(int)
        self._begun_as: dict[str, str] = {}  # for each file: the file that its records were written to
        self._met: set[str] = set()
        self._owners: dict[str, str] = {}  # the files of listed records, read when a record is in another file
        rows = {row["name"]: row for row in connection.execute("select * from warc_files order by serial")}
        self._rows = rows.keys()
        refused = {name for name, places in read_lost_places(connection).items() if None in places}
        needless = refused | read_spare_files(connection).keys()
        found = [file for file in find_files(folder) if file.name not in needless]
        self._names = {file.name for file in found}
        stated = dict(_read_chain(found))
        if are_files_missing(connection):  # their lists were renamed with them
            there = {*rows, *(file.name for file in found)}
            stated = {
                name: digest for name, digest in stated.items() if name in there or list_path(folder, name).exists()
            }
        owners = {row["list_sha256"]: name for name, row in rows.items()} | {one: name for name, one in stated.items()}
        owned = set[str]()
        held = {digest_list(folder, name) for name in rows}
        for name in sorted({*rows, *stated, *(one.name for one in found if one.has_warc_name)}):
            own = rows[name]["list_sha256"] if name in rows else None
            chained = stated.get(name)
            if name not in rows and chained in held and not list_path(folder, name).exists():
                continue  # the list and its file have the name of another file now
            owner = self._check_list(folder, name, own=own, chained=chained, owners=owners)
            if owner is not None:
                owned.add(owner)
                self._load(folder, name, owner=owner)
        self.findings += _check_rows(connection, rows, files=found)
        known = self._files.keys() | self._rows
        self._strays = {} if are_files_missing(connection) else _find_stray_lists(folder, known)
        self._unlisted_files = {name: row["serial"] for name, row in rows.items() if name not in owned}

    def _check_list(
        self, folder: Path, name: str, *, own: str | None, chained: str | None, owners: Mapping[str | None, str]
    ) -> str | None:
        """Add findings about a list, or about the row that states its digest.

        Returns:
            The file to which the list belongs, according to the digests that files and rows state (`owners`). None if
            the list cannot be trusted.
        """
        digest = digest_list(folder, name)
        if digest is None:
            if own or chained:
                self.findings.append(Finding("list", f"warc/{name}: its record list is missing", file=name))
            return None
        if digest not in (own, chained):
            owner = owners.get(digest)
            if own or chained:
                witness = "the next file" if chained else "its row"
                said = f"warc/{name}: its record list is not the one that {witness} states"
                said += f", but that of {owner}" if owner else ""
                self.findings.append(Finding("list", said, file=name))
            if owner is not None:
                self.ties.add((name, owner))
            return owner
        if own != digest and name in self._rows:
            said = f"warc/{name}: its row states {'another' if own else 'no'} record list"
            self.findings.append(Finding("row", said, table="warc_files", key=name))
        return name if digest == chained else owners[digest]

    def _load(self, folder: Path, name: str, *, owner: str) -> None:
        lines = parse_list(list_path(folder, name).read_bytes()) or []
        self._files[name] = _Comparison(lines, {line.record_id: place for place, line in enumerate(lines)})
        serial = serial_in(owner) or 0
        places = {line.record_id: (serial, place) for place, line in enumerate(lines) if line.kind == _LEDGER}
        self._places.update(places)

    def see(self, name: str, one: WarcRecord | Damage, *, is_behind: bool) -> bool | None:
        """Compare a record with the list of its file; see `warc.shelf.record_watch.RecordWatch`."""
        file = self._files.get(name)
        self._positions[name] += 1
        if isinstance(one, Damage):
            if file is not None:
                file.damaged.append(file.last)
            elif not is_behind:
                self._ledger.note_lost((serial_in(self._origin_of(name)) or 0, self._positions[name]))
            return None
        stated = one.fields.get("warc-filename", "") if one.kind == "warcinfo" else None
        # A record that is also in another file was inserted here.
        if stated is not None and (name not in self._begun_as or stated == name or stated not in self._names):
            self._begun_as[name] = stated if serial_in(stated) is not None else name
            self.ties.add((name, self._begun_as[name]))
        self._met.add(self._origin_of(name))
        for ids in self._strays.values():
            ids.discard(one.record_id)
        is_true = self._compare(file, one) if file is not None else None
        if file is None or one.record_id not in file.place_of:
            self._tie_to_owner(name, one.record_id)
        if one.kind == _LEDGER and is_true is not False:
            self._take_ledger(name, one, is_behind=is_behind)
        return is_true

    def _tie_to_owner(self, name: str, record_id: str) -> None:
        """Note that a file holds a record that the list of another file names."""
        if not self._owners:
            self._owners = {one: owner for owner, file in self._files.items() for one in file.place_of}
        if record_id in self._owners:
            self.ties.add((name, self._owners[record_id]))

    def _origin_of(self, name: str) -> str:
        """Return the file that the current record was written to, since people rename and join files."""
        return self._begun_as.get(name, name)

    def _compare(self, file: _Comparison, record: WarcRecord) -> bool | None:
        place = file.place_of.get(record.record_id)
        if place is None or place in file.seen or place < file.last:
            file.unlisted.append(record.record_id)
        if place is None:
            file.newcomers.setdefault(file.last, []).append(record.record_id)
        if place is None or place in file.seen:
            return None
        file.seen.add(place)
        file.last = max(file.last, place)
        return (record.digest or with_digest(record).digest) == file.lines[place].sha256

    def _take_ledger(self, name: str, record: WarcRecord, *, is_behind: bool) -> None:
        listed = self._places.get(record.record_id)
        is_own = self._origin_of(name) == name
        if listed is None and is_own and (is_behind or name in self._files):
            return
        place = listed or (serial_in(self._origin_of(name)) or 0, self._positions[name])
        if has_true_block_digest(record):
            self._places.pop(record.record_id, None)
            self._ledger.take(record, place)
        elif listed is None:
            self._ledger.note_lost(place)

    def missing(self, name: str) -> list[ListedRecord]:
        """Return the listed records of a file that were not seen, and that no damage can explain."""
        file = self._files.get(name)
        if file is None:
            return []
        taken = set(file.replaced())
        for after in file.damaged:
            place = after + 1
            while place < len(file.lines) and place not in file.seen:
                taken.add(place)
                place += 1
        return [line for place, line in enumerate(file.lines) if place not in file.seen | taken]

    def unlisted(self, name: str) -> list[str]:
        """Return the ids of records that the list of a file does not name, or names at another position."""
        if name not in self._files:
            return []
        told = list(self._files[name].replaced().values())
        return [one for one in self._files[name].unlisted if one not in told]

    def replaced(self, name: str) -> list[tuple[ListedRecord, str]]:
        """Return the listed records of a file that others replace, each with the id of the other record."""
        file = self._files.get(name)
        return [(file.lines[place], one) for place, one in file.replaced().items()] if file is not None else []

    def is_unlisted(self, name: str, record_id: str) -> bool:
        """Return whether a file has a list that does not name a record."""
        return name in self._files and record_id not in self._files[name].place_of

    def end_of(self, names: Set[str]) -> None:
        """Note altered or missing ledger records of some files. Call after these files were read."""
        serials = {serial_in(name) for name in names}
        for place in self._places.values():
            if place[0] in serials:
                self._ledger.note_lost(place)
        for name in names - self._met:
            self._ledger.note_lost((serial_in(name) or 0, _END))

    def end(self) -> None:
        """Note all altered or missing ledger records, and report lists without a file.

        Call after all files were read.
        """
        for name, ids in self._strays.items():
            if ids:  # otherwise its records are in other files
                said = f"warc/{name}{LIST_SUFFIX}: is the record list of no file"
                self.findings.append(Finding("list", said, file=name))
        for place in self._places.values():
            self._ledger.note_lost(place)
        for name, serial in self._unlisted_files.items():
            if name not in self._met:
                self._ledger.note_lost((serial, _END))


def _read_chain(files: list[FolderFile]) -> Iterator[tuple[str, str]]:
    """Yield file and SHA-256 of each record list that the warcinfo record of a next file states."""
    for file in files:
        first = next(iter(scan_records(file.path)), None) if file.has_warc_name else None
        if isinstance(first, WarcRecord) and first.kind == "warcinfo":
            lines = first.block.decode("utf-8", "replace").splitlines()
            said = read_previous(dict(line.split(": ", 1) for line in lines if ": " in line))
            if said is not None:
                yield said.name, said.list_sha256


def _find_stray_lists(folder: Path, known: Set[str]) -> dict[str, set[str]]:
    """Return the record lists whose files are missing and not named anywhere, with the ids in the lists."""
    found = {}
    for path in sorted(folder.rglob(f"*{LIST_SUFFIX}")):
        file = path.with_suffix("")
        name = file.relative_to(folder).as_posix()
        is_ours = serial_in(name) is not None  # people also put files with digests there
        if is_ours and name not in known and not file.exists() and not file.with_name(file.name + OPEN_SUFFIX).exists():
            found[name] = {line.record_id for line in read_list(path.parent, file.name)} or {""}
    return found


def _check_rows(
    connection: sqlite3.Connection, rows: dict[str, sqlite3.Row], *, files: list[FolderFile]
) -> Iterator[Finding]:
    """Report rows of WARC files that do not agree with their names or with other rows."""
    last = max((row["serial"] for row in rows.values()), default=0)
    for name, row in rows.items():
        if (serial := serial_in(name)) is not None and serial != row["serial"]:
            yield Finding("row", f"warc/{name}: its row has the serial {row['serial']}", table="warc_files", key=name)
        elif row["closed"] not in (0, 1) or (not row["closed"] and (row["list_sha256"] or row["serial"] < last)):
            yield Finding("row", f"warc/{name}: its row says that it is not closed", table="warc_files", key=name)
    named = {row[0] for row in connection.execute("select distinct warc_file from captures")}
    is_whole = rows.keys() <= {file.name for file in files}  # if not, a file may have been moved
    for file in files:
        if file.is_open and file.name in rows and rows[file.name]["closed"] == 1:
            what = "ends in .open, as if a run were writing it, but its row says that it is closed"
            yield Finding("file", f"warc/{file.name}: its name {what}", file=file.name)
        is_past = not file.is_open and (serial_in(file.name) or last + 1) < last
        if file.has_warc_name and file.name not in rows and (file.name in named or (is_whole and is_past)):
            former = next((name for name, row in rows.items() if row["serial"] == serial_in(file.name)), None)
            what = f"its row has another name: {former}" if former else "has no row in warc_files"
            said = f"warc/{file.name}: {what}"
            yield Finding("row", said, table="warc_files", key=file.name, former_key=former)
