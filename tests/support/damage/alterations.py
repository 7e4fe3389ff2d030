"""Alterations of the WARC files of a small archive of two nights: what disks, tools and people do to them.

Each takes the folder `warc/`. The first file is altered, if nothing else is said.
"""

import gzip
import re
from collections.abc import Callable
from pathlib import Path

from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.writer import new_record_id, render_exchange, render_warcinfo
from tests.support.build import FIRST_NIGHT, exchange
from tests.support.wire.warc_records import read_records

Alteration = Callable[[Path], None]


def first_and_second(folder: Path) -> tuple[Path, Path]:
    first, second, *_ = sorted(folder.glob("*.warc.gz"))
    return first, second


def records_of(path: Path) -> list[WarcRecord]:
    return list(read_records(path))


def members_of(path: Path) -> list[bytes]:
    data = path.read_bytes()
    places = [record.position for record in records_of(path)]
    return [data[place.offset : place.offset + place.length] for place in places]


def flip(kind: str, *, nth: int = 0, share: float = 0.5) -> Alteration:
    """Flip a bit in the nth record of a kind."""

    def alter(folder: Path) -> None:
        path, _ = first_and_second(folder)
        place = [record.position for record in records_of(path) if record.kind == kind][nth]
        data = bytearray(path.read_bytes())
        data[place.offset + int(place.length * share)] ^= 0x10
        path.write_bytes(data)

    return alter


def rewrite(change: Callable[[list[bytes]], list[bytes]]) -> Alteration:
    """Write the first file again, of changed members."""

    def alter(folder: Path) -> None:
        path, _ = first_and_second(folder)
        path.write_bytes(b"".join(change(members_of(path))))

    return alter


def rewrite_bytes(change: Callable[[bytes], bytes]) -> Alteration:
    def alter(folder: Path) -> None:
        path, _ = first_and_second(folder)
        path.write_bytes(change(path.read_bytes()))

    return alter


def move(name: str) -> Alteration:
    """Give the first file another name, also in a subfolder."""

    def alter(folder: Path) -> None:
        path, _ = first_and_second(folder)
        to = folder / name.format(path.name)
        to.parent.mkdir(exist_ok=True)
        path.rename(to)

    return alter


def copy(name: str) -> Alteration:
    def alter(folder: Path) -> None:
        path, _ = first_and_second(folder)
        to = folder / name.format(path.name)
        to.parent.mkdir(exist_ok=True)
        to.write_bytes(path.read_bytes())

    return alter


def unpack(folder: Path) -> None:
    path, _ = first_and_second(folder)
    path.with_suffix("").write_bytes(b"".join(map(gzip.decompress, members_of(path))))
    path.unlink()


def merge(*, reverse: bool = False) -> Alteration:
    def alter(folder: Path) -> None:
        first, second = first_and_second(folder)
        parts = [first.read_bytes(), second.read_bytes()]
        (folder / "merged.warc.gz").write_bytes(b"".join(parts[::-1] if reverse else parts))
        first.unlink()
        second.unlink()

    return alter


def split(folder: Path) -> None:
    path, _ = first_and_second(folder)
    members = members_of(path)
    half = len(members) // 2
    for number, part in enumerate((members[:half], members[half:])):
        (folder / f"{path.name.removesuffix('.warc.gz')}.part{number}.warc.gz").write_bytes(b"".join(part))
    path.unlink()


def swap_names(folder: Path) -> None:
    first, second = first_and_second(folder)
    first.rename(folder / "x")
    second.rename(first)
    (folder / "x").rename(second)


def swap_with_lists(folder: Path) -> None:
    swap_names(folder)
    first, second = (path.with_name(f"{path.name}.sha256") for path in first_and_second(folder))
    first.rename(folder / "x")
    second.rename(first)
    (folder / "x").rename(second)


def append(folder: Path) -> None:
    """Append the second file to the first."""
    first, second = first_and_second(folder)
    first.write_bytes(first.read_bytes() + second.read_bytes())
    second.unlink()


def split_off(name: str) -> Alteration:
    """Move the second half of a file to another one."""

    def alter(folder: Path) -> None:
        path, _ = first_and_second(folder)
        members = members_of(path)
        half = len(members) // 2
        path.write_bytes(b"".join(members[:half]))
        (folder / name).write_bytes(b"".join(members[half:]))

    return alter


def move_with_list(name: str) -> Alteration:
    """Give the first file and its list another name, also in a folder of their own."""

    def alter(folder: Path) -> None:
        path, _ = first_and_second(folder)
        to = folder / name.format(path.name)
        to.parent.mkdir(exist_ok=True)
        path.with_name(f"{path.name}.sha256").rename(to.with_name(f"{to.name}.sha256"))
        path.rename(to)

    return alter


def of_list(change: Callable[[bytes], bytes]) -> Alteration:
    """Edit the record list of the first file."""

    def alter(folder: Path) -> None:
        path, _ = first_and_second(folder)
        path = path.with_name(f"{path.name}.sha256")
        path.write_bytes(change(path.read_bytes()))

    return alter


def replace_with_list(folder: Path) -> None:
    """Overwrite the first file and its list with the second."""
    for suffix in ("", ".sha256"):
        first, second = (path.with_name(path.name + suffix) for path in first_and_second(folder))
        first.write_bytes(second.read_bytes())


def swap_lists(folder: Path) -> None:
    swap_with_lists(folder)
    swap_names(folder)


def delete_list(folder: Path) -> None:
    path, _ = first_and_second(folder)
    path.with_name(f"{path.name}.sha256").unlink()


def list_as_folder(folder: Path) -> None:
    delete_list(folder)
    path, _ = first_and_second(folder)
    path.with_name(f"{path.name}.sha256").mkdir()


def delete_all(folder: Path) -> None:
    for path in folder.glob("*.warc.gz"):
        path.unlink()


def take_from_second(kind: bytes, nth: int, *, into: str) -> Alteration:
    """Copy (`more`) or move (`moved`) a record of the second file into the first, or lay it over one there (`over`)."""

    def alter(folder: Path) -> None:
        first, second = first_and_second(folder)
        others, members = members_of(second), members_of(first)
        at = index_of(others, kind, nth)
        members[5 : 6 if into == "over" else 5] = [others[at]]
        first.write_bytes(b"".join(members))
        if into == "moved":
            second.write_bytes(b"".join(others[:at] + others[at + 1 :]))

    return alter


def delete(number: int) -> Alteration:
    return lambda folder: first_and_second(folder)[number].unlink()


def add_foreign(folder: Path) -> None:
    """Lay a WARC file of another program into the folder."""
    pair = render_exchange(exchange("https://elsewhere.vn/"), new_record_id(), refers_to=None)
    info = render_warcinfo([("software", "Heritrix")], "CRAWL-00000.warc.gz", now=FIRST_NIGHT)
    parts = [info, *(one if isinstance(one, bytes) else b"".join(one) for one in pair)]
    (folder / "CRAWL-20260101-00000-host.warc.gz").write_bytes(b"".join(parts))


def add(name: str, data: bytes) -> Alteration:
    return lambda folder: (folder / name).write_bytes(data) and None


def with_length(member: bytes, by: int) -> bytes:
    """State another Content-Length in a record."""
    changed = re.sub(
        rb"Content-Length: (\d+)",
        lambda found: b"Content-Length: %d" % (int(found[1]) + by),
        gzip.decompress(member),
        count=1,
    )
    return gzip.compress(changed, mtime=0)


def edited(pattern: bytes, by: bytes) -> Callable[[bytes], bytes]:
    """Edit the header of a record, and compress the record again."""

    def change(member: bytes) -> bytes:
        plain = gzip.decompress(member)
        assert re.search(pattern, plain), pattern
        return gzip.compress(re.sub(pattern, by, plain, count=1), mtime=0)

    return change


def index_of(members: list[bytes], kind: bytes, nth: int = 1) -> int:
    return [n for n, one in enumerate(members) if b"WARC-Type: " + kind in gzip.decompress(one)[:60]][nth]


def without(kind: bytes, nth: int = 1) -> Alteration:
    def change(members: list[bytes]) -> list[bytes]:
        at = index_of(members, kind, nth)
        return members[:at] + members[at + 1 :]

    return rewrite(change)


def replaced(kind: bytes, change: Callable[[bytes], bytes], nth: int = 1) -> Alteration:
    def alter(members: list[bytes]) -> list[bytes]:
        at = index_of(members, kind, nth)
        return [*members[:at], change(members[at]), *members[at + 1 :]]

    return rewrite(alter)


def zeroed(start: float, size: int) -> Alteration:
    def change(data: bytes) -> bytes:
        at = int(len(data) * start)
        return data[:at] + bytes(min(size, len(data) - at)) + data[at + size :]

    return rewrite_bytes(change)


def swapped(members: list[bytes]) -> list[bytes]:
    """Swap two exchanges."""
    a, b = index_of(members, b"request", 1), index_of(members, b"request", 3)
    return [*members[:a], *members[b : b + 2], *members[a + 2 : b], *members[a : a + 2], *members[b + 2 :]]


def blocks(members: list[bytes]) -> list[bytes]:
    plain = b"".join(map(gzip.decompress, members))
    return [gzip.compress(plain[at : at + 4096], mtime=0) for at in range(0, len(plain), 4096)]
