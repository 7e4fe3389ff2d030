"""The order in which a rebuild replays the files of a folder, also if they were renamed, split, merged or compressed.

Each WARC-Record-ID is used once. If rows cannot point to a file, it gets a copy or link to which they can (`placing`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path

from crawler.archive.history.record_lists import ListedRecord, digest_list, put_list
from crawler.archive.warc.files.folder import FolderFile, find_files, serial_in
from crawler.archive.warc.files.placing import FOUND_PREFIX, is_placed, place
from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.survey import Segment, digest_id, merge_places, survey
from crawler.archive.warc.ledger import is_ledger, parse_link
from crawler.archive.warc.reader import read_record
from crawler.archive.warc.shelf.folder_lists import FolderLists, part_by_lists
from crawler.archive.warc.shelf.losses import (
    DAMAGED,
    FILE,
    LISTED,
    MISSING,
    Loss,
    SpareFile,
    damage_loss,
    digest_of_file,
)
from crawler.archive.warc.writer import Position
from crawler.errors import WarcError


@dataclass(frozen=True, slots=True)
class FileGroup:
    """The remains of one original file: a segment, or several copies or parts of it, the best one first.

    `order` are the ids of its records in the order of its record list; [] without a list.
    """

    serial: int
    segments: list[Segment]
    order: list[str] = field(default_factory=list)

    def places(self) -> Iterator[Position]:
        """Yield the positions of its records in order, each record once."""
        for segment, number in self._in_order():
            yield segment.position(number)

    def _in_order(self) -> Iterable[tuple[Segment, int]]:
        """Return its records in the order of its list. A record that is not in the list follows its predecessor."""
        if not self.order:
            return merge_places(self.segments)
        place_of = {digest_id(one): place for place, one in enumerate(self.order)}
        found, last = [], -1
        for segment, number in merge_places(self.segments):
            last = place_of.get(segment.id_at(number), last)
            found.append((last, segment, number))
        return [(segment, number) for _, segment, number in sorted(found, key=itemgetter(0))]

    def tellers(self) -> Iterator[Position]:
        """Yield the positions of its warcinfo and ledger records in order."""
        known = {id(segment): set(segment.tellers) for segment in self.segments}
        for segment, number in self._in_order():
            if number in known[id(segment)]:
                yield segment.position(number)

    def file_names(self) -> list[str]:
        """Name the files that its records are read from."""
        if len(self.segments) == 1:
            return [self.segments[0].file.name]
        return list(dict.fromkeys(position.warc_file for position in self.places()))


@dataclass(slots=True)
class Arrangement:
    """The content of a folder, in order. `losses` are the files and bytes that cannot be read.

    `spare` are files whose records are all in other files. `copied` are new copies or links, each as (old, new).
    `serials` are the serials in file names or warcinfo records, `held` the serials of original files of which at least
    one record is there. `empty` are files of runs that died before their first record.
    """

    folder: Path
    groups: list[FileGroup] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    spare: list[SpareFile] = field(default_factory=list)
    copied: list[tuple[str, str]] = field(default_factory=list)
    serials: set[int] = field(default_factory=set)
    held: set[int] = field(default_factory=set)
    empty: list[FolderFile] = field(default_factory=list)
    lists: FolderLists = field(init=False)

    def known_names(self) -> set[str]:
        """Return the names of files whose records are there: in warcinfo records, as used now, and before a copy."""
        stated = {one.stated for group in self.groups for one in group.segments if one.stated}
        return stated | {file.name for file in self.used_files()} | {old for old, _ in self.copied}

    def digest_list(self, file: FolderFile) -> str | None:
        """Return the SHA-256 of the record list of a file that rows name; None if there is no trusted list."""
        of_file = (one for group in self.groups for one in group.segments if one.file.name == file.name)
        return self.lists.digest(file.name, ids=set().union(*(one.id_set() for one in of_file)))

    def used_files(self) -> list[FolderFile]:
        """Return the files that rows name, in the order of their first records."""
        files = {segment.file.name: segment.file for group in self.groups for segment in group.segments}
        return [files[name] for name in dict.fromkeys(name for group in self.groups for name in group.file_names())]

    def records(self, group: FileGroup) -> Iterator[WarcRecord]:
        """Read the records of a group in order. A record that changed since the survey is a loss."""
        for position in group.places():
            try:
                yield read_record(self.folder, position)
            except WarcError as error:
                self.losses.append(Loss(DAMAGED, str(error), position.warc_file, position.offset))

    def tellers(self) -> Iterator[WarcRecord]:
        """Read the warcinfo and ledger records of all files in order: they say to which run all others belong."""
        for group in self.groups:
            for position in group.tellers():
                yield read_record(self.folder, position)


def arrange(folder: Path) -> Arrangement:
    """Survey a folder, copy or link the files that rows cannot point to, and put everything in order."""
    made = Arrangement(folder)
    files = list(find_files(folder))
    surveyed = [segments for file in files if (segments := _survey(file, made))]
    made.lists = FolderLists(folder, [segment for one in surveyed for segment in one])
    _note_empty(made, files)
    surveyed = [part_by_lists(segments, made.lists) for segments in surveyed]
    for parts in surveyed:
        _note_held(made, parts)
    placed = _place_all(surveyed, made)
    for serial, segments in _by_serial([segment for one in placed for segment in one]):
        best_first = sorted(segments, key=_how_far_from_whole)
        name = best_first[0].stated or best_first[0].file.name
        group = FileGroup(serial, best_first, [line.record_id for line in made.lists.read(name)])
        made.groups.append(group)
        made.losses += _losses_of(group)
    made.losses += _listed_losses(made)
    made.losses += _lists_without_file(made)
    _note_gaps(made)
    _note_spare(made, surveyed)
    return made


def _how_far_from_whole(segment: Segment) -> tuple[int, int, bool, str]:
    """Return the sort key of copies. Later come copies with fewer records, more damages, or a changed name."""
    name = segment.file.name
    return -len(segment.offsets), len(segment.damages), name != (segment.stated or name), name


def _survey(file: FolderFile, made: Arrangement) -> list[Segment]:
    """Survey a file, and return the segments that an archive wrote. Note a loss if there is none."""
    if (serial := serial_in(file.name)) is not None:
        made.serials.add(serial)
    segments = survey(file)
    is_named = serial_in(file.name) is not None or any(segment.is_ours for segment in segments)
    ours = [one for one in segments if one.offsets and (one.is_ours or (is_named and not one.has_info))]
    if not ours:
        _note_held(made, segments)
    if len(ours) < len([one for one in segments if one.offsets]):
        made.losses.append(Loss(FILE, "holds records that no run of an archive wrote; they are left out", file.name))
    elif not ours and file.has_warc_name and not file.is_open and (size := file.path.stat().st_size):
        made.losses.append(Loss(FILE, f"holds no record that can be read in its {size} bytes", file.name))
    return ours


def _note_empty(made: Arrangement, files: Iterable[FolderFile]) -> None:
    """Note empty files. The record list shows that a run died before its first record; otherwise it is a loss."""
    for file in files:
        if not file.has_warc_name or file.is_open or file.path.stat().st_size:
            continue
        if made.lists.says_empty(file.name):
            made.empty.append(file)
        else:
            made.losses.append(Loss(FILE, "holds no record that can be read in its 0 bytes", file.name))


def _note_held(made: Arrangement, segments: list[Segment]) -> None:
    """Note the serials of the original files whose records are in a file."""
    name = segments[0].file.name
    named = {one.stated or name for one in segments} | ({name} if name.startswith(FOUND_PREFIX) else set())
    held = {serial for one in named if (serial := serial_in(one)) is not None}
    made.serials |= held
    made.held |= held


def _place_all(surveyed: list[list[Segment]], made: Arrangement) -> list[list[Segment]]:
    """Return the segments of files that rows can point to. Make these files where they are missing."""
    fit = [one for one in surveyed if is_placed(one[0].file) and all(segment.all_have_members for segment in one)]
    unfit = [one for one in surveyed if one not in fit]
    covered = set().union(*(segment.id_set() for one in fit for segment in one)) if unfit else set()
    for segments in unfit:
        ids = set().union(*(segment.id_set() for segment in segments))
        if ids <= covered:
            continue
        name = segments[0].stated if _is_whole_file(made.lists, segments) else None
        name = name or f"{FOUND_PREFIX}{max(made.serials, default=0) + 1:05d}.warc.gz"
        try:
            new = place(made.folder, segments, name=name)
        except WarcError as error:
            made.losses.append(Loss(FILE, str(error), segments[0].file.name))
            continue
        covered |= ids
        _place_list(segments[0], new, made=made)
        again = part_by_lists(_survey(new, made), made.lists)
        _note_held(made, again)
        again[0].damages = [damage for segment in segments for damage in segment.damages]
        made.copied.append((segments[0].file.name, new.name))
        fit.append(again)
    return fit


def _is_whole_file(lists: FolderLists, segments: list[Segment]) -> bool:
    """Return whether segments make up one whole original file, as far as its record list shows."""
    ids = {digest_id(line.record_id) for line in lists.read(segments[0].stated or "")}
    return len(segments) == 1 and (not ids or ids == segments[0].id_set())


def _place_list(segment: Segment, new: FolderFile, *, made: Arrangement) -> None:
    """Copy the record list of a file to its copy, if the list came from another folder together with the file."""
    name = segment.stated or ""
    if new.name == name and (lines := made.lists.read(name)) and digest_list(made.folder, name) is None:
        put_list(made.folder, name, lines=lines)


def _by_serial(segments: list[Segment]) -> list[tuple[int, list[Segment]]]:
    """Group the copies of each original file, and sort the groups by serial, or by date without a serial."""
    known: dict[tuple[int, str], list[Segment]] = {}
    unknown = []
    # Two files with one name may belong to two histories. Copies of one file have the same warcinfo record.
    infos = {segment.stated: segment.info_id for segment in segments if segment.stated and segment.info_id}
    for segment in segments:
        name = segment.stated or segment.file.name
        serial = serial_in(name)
        if serial is None or (segment.stated is None and name.startswith(FOUND_PREFIX)):
            unknown.append(segment)
        else:
            known.setdefault((serial, segment.info_id or infos.get(name, name)), []).append(segment)
    groups = [(serial, min(one.date for one in found), found) for (serial, _), found in known.items()]
    for segment in unknown:
        before = [serial for serial, date, _ in groups if date <= segment.date]
        groups.append((max(before, default=0), segment.date, [segment]))
    return [(serial, found) for serial, _, found in sorted(groups, key=lambda one: one[:2])]


def _losses_of(group: FileGroup) -> Iterator[Loss]:
    """Yield a loss for each damage whose record no copy holds."""
    held = set().union(*(segment.id_set() for segment in group.segments))
    for segment in group.segments:
        others = (one for one in group.segments if one is not segment and not one.damages)
        if any(one.id_set() >= segment.id_set() for one in others):
            continue
        for damage in segment.damages:
            is_being_written = damage.is_cut and segment.file.is_open
            if not is_being_written and digest_id(damage.record_id) not in held:
                yield damage_loss(damage)


def _listed_losses(made: Arrangement) -> Iterator[Loss]:
    """Yield a loss for each listed record that no file holds and no damage can explain."""
    missing = [one for group in made.groups for one in _missing_in(made.lists, group)]
    if not missing:
        return
    # A listed record that is not in its file may be in another one, because people split files.
    held = set().union(*(segment.id_set() for group in made.groups for segment in group.segments))
    for name, line in missing:
        if digest_id(line.record_id) not in held:
            yield Loss(LISTED, f"{line.record_id} ({line.kind}) is in its record list, and in no file", name)


def _lists_without_file(made: Arrangement) -> Iterator[Loss]:
    """Yield a loss, with the number of records, for each record list whose file is not there under any name."""
    names = {one.stated or one.file.name for group in made.groups for one in group.segments}
    lists = made.lists.names - names
    if not lists:
        return
    held = set().union(*(segment.id_set() for group in made.groups for segment in group.segments))
    for name in sorted(lists):
        lines = made.lists.read(name)
        gone = [line for line in lines if digest_id(line.record_id) not in held]
        if gone:
            made.held.add(serial_in(name) or 0)  # reported here
            yield Loss(
                MISSING, f"{name} is missing: {len(gone)} of the {len(lines)} records in its list are in no file"
            )


def _missing_in(lists: FolderLists, group: FileGroup) -> list[tuple[str, ListedRecord]]:
    """Return the listed records that a group lacks, with the name of its file; [] if a damage can explain them."""
    name = group.segments[0].stated or group.segments[0].file.name
    damaged = {damage.record_id for segment in group.segments for damage in segment.damages}
    if "" in damaged:
        return []
    held = set().union(*(segment.id_set() for segment in group.segments))
    lines = lists.read(name)
    return [(name, one) for one in lines if one.record_id not in damaged and digest_id(one.record_id) not in held]


def _note_gaps(made: Arrangement) -> None:
    """Note the serials that no file has, except serials that the history jumped over."""
    by_serial = {group.serial: group for group in reversed(made.groups)}
    before = 0
    for serial in sorted(made.held - {0}):
        if serial > before + 1 and not (serial in by_serial and _jump_of(made, by_serial[serial]) == serial - 1):
            first, last = before + 1, serial - 1
            named = f"the file with the serial {first} is" if first == last else f"the files {first} to {last} are"
            made.losses.append(Loss(MISSING, f"{named} missing in {made.folder.name}/"))
        before = serial


def _jump_of(made: Arrangement, group: FileGroup) -> int:
    """Return the serial up to which the history jumped at the beginning of a group; 0 if it did not."""
    for position in group.tellers():
        try:
            block = read_record(made.folder, position).block
            if not is_ledger(block):
                continue  # the warcinfo record
            link = parse_link(block)
        except WarcError:
            return 0
        return link.above.serial if link is not None and link.above is not None else 0
    return 0


def _note_spare(made: Arrangement, surveyed: list[list[Segment]]) -> None:
    """Note the files that no row needs, because other files hold each of their records."""
    used = {file.name for file in made.used_files()}
    new_names = dict(made.copied)
    for segments in surveyed:
        file = segments[0].file
        if file.name in used:
            continue
        ids = set().union(*(segment.id_set() for segment in segments))
        holders = [one.file.name for group in made.groups for one in group.segments if ids & one.id_set()]
        held_in = new_names.get(file.name) or next((name for name in holders if name in used), "")
        if held_in:
            made.spare.append(SpareFile(file.name, file.path.stat().st_size, digest_of_file(file.path), held_in))
