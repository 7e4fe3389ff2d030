"""The trusted record lists of a folder: they say which records a file was written with, and in what order."""

import hashlib
from collections.abc import Iterable, Set
from pathlib import Path

from crawler.archive.history.record_lists import LIST_SUFFIX, ListedRecord, parse_list
from crawler.archive.warc.files.survey import Segment, digest_id

# The digest of an empty list: its run died before the first record.
EMPTY_LIST = hashlib.sha256(b"").hexdigest()


class FolderLists:
    """Reads the lists of a folder and its subfolders.

    A list is trusted if it has the digest that the next WARC file states. No file states the digest of the last list:
    it is trusted if it begins with a warcinfo record.
    """

    def __init__(self, folder: Path, segments: Iterable[Segment]) -> None:
        known = list(segments)
        self._stated = {one.previous.name: one.previous.list_sha256 for one in known if one.previous is not None}
        self._paths: dict[str, Path] = {}
        owners = {digest: name for name, digest in self._stated.items()}
        begun = {one.info_id: one.stated for one in known if one.info_id and one.stated}
        for path in sorted(folder.rglob(f"*{LIST_SUFFIX}"), key=lambda path: -len(path.parts)):
            digest, lines = _read(path)
            # People rename files together with their lists. So the content of a list counts, not its name.
            owner = owners.get(digest) or begun.get(lines[0].record_id) if lines else None
            self._paths.setdefault(owner or path.name.removesuffix(LIST_SUFFIX), path)

    @property
    def names(self) -> Set[str]:
        """The names of the files that have lists."""
        return self._paths.keys()

    def read(self, name: str) -> list[ListedRecord]:
        """Read the list of a file by the file's name; [] if there is no trusted list."""
        return self._read(name)[1]

    def says_empty(self, name: str) -> bool:
        """Return whether the list of a file exists, is empty, and has the digest that the next file states."""
        if name not in self._paths:
            return False
        digest, _ = _read(self._paths[name])
        return digest == self._stated.get(name, digest) == EMPTY_LIST

    def digest(self, name: str, *, ids: set[bytes]) -> str | None:
        """Return the SHA-256 of a trusted list. The list of the last file must also name all records of the file.

        Args:
            ids: digests of the ids of the file's records.
        """
        digest, lines = self._read(name)
        if not lines or (name not in self._stated and not ids <= {digest_id(line.record_id) for line in lines}):
            return None
        return digest

    def find_owners(self, ids: set[bytes]) -> dict[bytes, str]:
        """Find the file that each record was written to. Keys are digests of record ids."""
        found: dict[bytes, str] = {}
        for name in self._paths:
            listed = {digest_id(line.record_id) for line in self.read(name)}
            found |= dict.fromkeys(listed & ids, name)
        return found

    def _read(self, name: str) -> tuple[str, list[ListedRecord]]:
        digest, lines = _read(self._paths[name]) if name in self._paths else ("", [])
        is_last = name not in self._stated and lines[:1] and lines[0].kind == "warcinfo"
        return digest, lines if is_last or self._stated.get(name) == digest else []


def _read(path: Path) -> tuple[str, list[ListedRecord]]:
    try:
        content = path.read_bytes()
    except OSError:
        content = b""
    return hashlib.sha256(content).hexdigest(), parse_list(content) or []


def part_by_lists(segments: list[Segment], lists: FolderLists) -> list[Segment]:
    """Split the records of a file by the files that they were written to, according to record lists.

    Return the segments unchanged if their lists name all their records. If a file has no list and its last record is
    the only warcinfo record, reverse the order of its records.

    Args:
        segments: all segments of one file, in order.
    """
    odd = [one for one in segments if one.stated is None or _lacks(lists, one)]
    if not odd:
        return segments
    owners = lists.find_owners(set().union(*(one.id_set() for one in segments)))
    entries = [(one, number) for one in segments for number in range(len(one.offsets))]
    first, *others = segments
    if not owners and not first.has_info and [len(one.offsets) for one in others if one.has_info] == [1]:
        return [_gather(entries[::-1], stated=others[0].stated)]
    parts: dict[str, list[tuple[Segment, int]]] = {}
    for one, number in entries:
        owner = owners.get(one.id_at(number), one.stated)
        if owner is None:
            return segments  # another kind of file, or its list is lost
        parts.setdefault(owner, []).append((one, number))
    made = [_gather(part, stated=owner) for owner, part in parts.items()]
    made[0].damages = [damage for one in segments for damage in one.damages]
    return made


def _lacks(lists: FolderLists, segment: Segment) -> bool:
    """Return whether a segment has records that the list of its file does not name."""
    listed = {digest_id(line.record_id) for line in lists.read(segment.stated or "")}
    return bool(listed) and not segment.id_set() <= listed


def _gather(entries: list[tuple[Segment, int]], *, stated: str | None) -> Segment:
    """Make a segment from records of others, each given by its segment and its index there."""
    made = Segment(entries[0][0].file, stated=stated)
    for one, number in entries:
        if one.has_info and number == 0:
            made.info_id, made.previous, made.date = one.info_id, one.previous, one.date
        if number in one.tellers:
            made.tellers.append(len(made.offsets))
        made.date = made.date or one.date
        made.is_ours = made.is_ours or one.is_ours
        made.all_have_members = made.all_have_members and one.all_have_members
        made.ids += one.id_at(number)
        made.offsets.append(one.offsets[number])
        made.lengths.append(one.lengths[number])
    return made
