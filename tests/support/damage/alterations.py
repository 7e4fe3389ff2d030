"""Alterations of the WARC files of a small archive of two nights: what disks, tools and people do to them.

Each takes the folder `warc/`. The first file is altered, if nothing else is said.
"""

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from random import Random

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


def _unknown(kind: bytes) -> bytes:
    head = b"WARC/1.1\r\nWARC-Type: " + kind + b"\r\nWARC-Record-ID: <urn:uuid:x>\r\nWARC-Target-URI: http://x.vn/\r\n"
    body = b"HTTP/1.1 200 OK\r\n\r\nabc"
    length = b"WARC-Date: 2026-09-01T00:00:00Z\r\nContent-Length: %d\r\n\r\n" % len(body)
    return gzip.compress(head + length + body + b"\r\n\r\n", mtime=0)


# What loses a record, or holds something that cannot be read.
LOSSY: dict[str, Alteration] = {
    "a bit of a response": flip("response", nth=3),
    "a bit in the trailer of a response": flip("response", nth=3, share=0.99),
    "a bit of an article's page": flip("response", nth=6),
    "a bit of a request": flip("request", nth=3),
    "a bit of a file's first record": flip("warcinfo"),
    "a bit of the record of a run's beginning": flip("metadata"),
    "a bit of the last record": flip("metadata", nth=-1),
    "the end cut off": rewrite_bytes(lambda data: data[:-100]),
    "cut at the end of a record": rewrite(lambda members: members[:-1]),
    "half of a file": rewrite_bytes(lambda data: data[: len(data) // 2]),
    "bytes cut out": rewrite_bytes(lambda data: data[:5000] + data[5090:]),
    "a response deleted": without(b"response", 3),
    "a request deleted": without(b"request", 3),
    "a block of zeros": zeroed(0.4, 512),
    "zeros over the beginning": zeroed(0.0, 2048),
    "zeros over the end": zeroed(0.9, 2048),
    "a length too large": replaced(b"response", lambda one: with_length(one, 40), 3),
    "a length too small": replaced(b"response", lambda one: with_length(one, -20), 3),
    "bytes between records": rewrite(lambda members: [*members[:6], b"garbage" * 9, *members[6:]]),
    "bytes behind the end": rewrite_bytes(lambda data: data + b"garbage" * 9),
    "zeros behind the end": rewrite_bytes(lambda data: data + bytes(4096)),
    "an empty file": rewrite_bytes(lambda data: b""),
    "a file that is no WARC": rewrite_bytes(lambda data: b"%PDF-1.7\n" + bytes(5000)),
    "the first file deleted": delete(0),
    "a foreign file": add_foreign,
    "a file with the name of a WARC": add("x.warc.gz", b"no archive"),
}
_ID = rb"WARC-Record-ID: <[^\r]*"
# One record is another than it was, where it was.
OF_ONE_RECORD: dict[str, Alteration] = (
    {
        f"{what} of a {kind.decode()}": replaced(
            kind, change, 2 if kind.startswith(b"re") and kind != b"revisit" else 0
        )
        for kind in (b"response", b"request", b"metadata", b"revisit")
        for what, change in (
            ("another id", edited(_ID, b"WARC-Record-ID: <urn:uuid:another>")),
            ("no id", edited(_ID + rb"\r\n", b"")),
            ("another type", edited(rb"WARC-Type: [a-z]+", b"WARC-Type: resource")),
            ("another date", edited(rb"WARC-Date: 2026", b"WARC-Date: 2024")),
            ("no digest", edited(rb"WARC-Block-Digest: [^\r]*\r\n", b"")),
        )
    }
    | {
        f"{into}: a {kind.decode()} of another file": take_from_second(kind, nth, into=into)
        for into in ("more", "over", "moved")
        for kind, nth in ((b"response", 2), (b"request", 2), (b"metadata", 0), (b"warcinfo", 0))
    }
    | {
        f"a {kind.decode()} without its last line end": replaced(
            kind, lambda one: gzip.compress(gzip.decompress(one)[:-2], mtime=0), 1
        )
        for kind in (b"response", b"request", b"metadata")
    }
    | {
        "another method in a request": replaced(b"request", edited(rb"\r\n\r\nGET ", b"\r\n\r\nGEU "), 2),
        "another run in the first record": replaced(b"warcinfo", edited(rb"crawl: 1", b"crawl: 7"), 0),
        "another packing of a response": replaced(b"response", edited(rb"^", b""), 2),
        "an unknown record put in": rewrite(lambda members: [*members[:6], _unknown(b"mystery"), *members[6:]]),
        "a foreign answer put in": rewrite(lambda members: [*members[:6], _unknown(b"response"), *members[6:]]),
    }
)
# What keeps every record.
HARMLESS: dict[str, Alteration] = {
    "one member for all": rewrite(lambda members: [gzip.compress(b"".join(map(gzip.decompress, members)), mtime=0)]),
    "packed in blocks": rewrite(blocks),
    "members packed anew": rewrite(lambda members: [gzip.compress(gzip.decompress(one), mtime=0) for one in members]),
    "not packed": unpack,
    "renamed": move("altes-archiv.warc.gz"),
    "renamed without its end": move("archive-copy"),
    "renamed as if open": move("{}.open"),
    "in a folder": move("old/{}"),
    "merged": merge(),
    "merged in the wrong order": merge(reverse=True),
    "split": split,
    "names swapped": swap_names,
    "names swapped with the lists": swap_with_lists,
    "appended to another": append,
    "split into a new file": split_off("part.warc.gz"),
    "split into a file of a later name": split_off("sapa-20260930183000000-00090.warc.gz"),
    "in a folder with its list": move_with_list("old/{}"),
    "renamed with its list": move_with_list("altes-archiv.warc.gz"),
    "exchanges swapped": rewrite(swapped),
    "turned round": rewrite(lambda members: members[::-1]),
    "shuffled": rewrite(lambda members: Random(1).sample(members, len(members))),
    "twice": copy("copy-of-{}"),
    "twice, in a folder": copy("old/{}"),
    "all records twice": rewrite(lambda members: members * 2),
    "one record twice": rewrite(lambda members: members + members[4:6]),
    "notes beside": add("notes.txt", b"do not delete"),
}
# What is not as it was, and no record is lost that a rebuild could bring in.
OF_LISTS_AND_FOLDER: dict[str, Alteration] = {
    "another file with its list": replace_with_list,
    "lists swapped": swap_lists,
    "no list": delete_list,
    "a folder for a list": list_as_folder,
    "an empty list": of_list(lambda _: b""),
    "a list of other bytes": of_list(lambda _: bytes(range(256))),
    "a list cut off": of_list(lambda data: data[:-70]),
    "a list turned round": of_list(lambda data: b"".join(data.splitlines(keepends=True)[::-1])),
    "an empty file of a later name": add("sapa-20260930183000000-00090.warc.gz", b""),
    "a list of no file": add("sapa-20260930183000000-00090.warc.gz.sha256", b""),
    "no file at all": delete_all,
}
