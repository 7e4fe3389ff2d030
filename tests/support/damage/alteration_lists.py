"""The alterations by what they do: which lose something, which change one record, which change nothing."""

import gzip
from random import Random

from tests.support.damage.alterations import (
    Alteration,
    add,
    add_foreign,
    append,
    blocks,
    copy,
    delete,
    delete_all,
    delete_list,
    edited,
    flip,
    list_as_folder,
    merge,
    move,
    move_with_list,
    of_list,
    replace_with_list,
    replaced,
    rewrite,
    rewrite_bytes,
    split,
    split_off,
    swap_lists,
    swap_names,
    swap_with_lists,
    swapped,
    take_from_second,
    unpack,
    with_length,
    without,
    zeroed,
)


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
