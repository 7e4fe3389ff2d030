"""Reading a file to its end: all packings give the same records, and whatever is damaged is named and passed."""

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from warcio.statusandheaders import StatusAndHeadersParser

from crawler.archive.warc.files.record import WarcRecord
from crawler.archive.warc.files.scan import Damage, scan_records
from crawler.archive.warc.members import unpacked
from crawler.archive.warc.reader import has_true_block_digest, read_record
from crawler.archive.warc.writer import new_record_id, render_exchange, render_metadata, render_warcinfo
from tests.support.build import FIRST_NIGHT, exchange

INFO = render_warcinfo([("software", "tests"), ("crawl", "1")], "x.warc.gz", now=FIRST_NIGHT)
NAME = "sapa-20260901183000000-00001.warc.gz"


def joined(member: object) -> bytes:
    return member if isinstance(member, bytes) else b"".join(member)  # type: ignore[call-overload]


def make_members() -> list[bytes]:
    """Render a warcinfo record, exchanges (one with a WARC text in its body, one empty), and a ledger record."""
    told = b"<pre>\r\n\r\nWARC/1.1 is a format\r\n\r\nWARC/x</pre>"
    bodies = (b"<html>mot</html>", told, b"", gzip.compress(b"packed" * 99, mtime=0), bytes(range(256)) * 700)
    members = [INFO]
    for number, body in enumerate(bodies):
        pair = render_exchange(exchange(f"https://x.vn/{number}", body), new_record_id(), refers_to=None)
        members += [joined(member) for member in pair]
    return [*members, render_metadata(b'{"format": "x"}', FIRST_NIGHT, url="https://x.vn/")]


MEMBERS = make_members()
STARTS = [sum(map(len, MEMBERS[:number])) for number in range(len(MEMBERS))]
WHOLE = b"".join(MEMBERS)
PLAIN = b"".join(map(gzip.decompress, MEMBERS))
HALF = PLAIN.index(b"WARC/1.1\r\nWARC-Type: request", 3000)


def blocks(data: bytes, size: int) -> bytes:
    return b"".join(gzip.compress(data[at : at + size], mtime=0) for at in range(0, len(data), size))


def scan(folder: Path, data: bytes) -> tuple[list[WarcRecord], list[Damage]]:
    path = folder / NAME
    path.write_bytes(data)
    found = list(scan_records(path))
    return [one for one in found if isinstance(one, WarcRecord)], [one for one in found if isinstance(one, Damage)]


def ids(records: list[WarcRecord]) -> list[str]:
    return [record.record_id for record in records]


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    records, damages = scan(tmp_path_factory.mktemp("whole"), WHOLE)
    assert damages == []
    assert len(records) == len(MEMBERS)
    return ids(records)


@pytest.mark.parametrize("blank_lines", [b"", b"\r\n\r\n"])
@pytest.mark.parametrize("part", range(1, 8))
def test_the_parts_that_a_file_is_read_in_do_not_change_a_head(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, part: int, blank_lines: bytes
) -> None:
    # Without compression the parts end at every place of a status line, and before it.
    answer = exchange("https://x.vn/", b"<p>mot</p>")
    answer = replace(answer, response_head=blank_lines + answer.response_head)
    pair = render_exchange(answer, new_record_id(), refers_to=None)
    data = gzip.decompress(INFO) + b"".join(gzip.decompress(joined(member)) for member in pair)
    whole, _ = scan(tmp_path, data)
    monkeypatch.setattr(unpacked, "_RAW_BYTES", part)
    records, damages = scan(tmp_path, data)
    assert damages == []
    assert whole[2].head == answer.response_head
    assert [(record.head, record.block) for record in records] == [(record.head, record.block) for record in whole]


@pytest.mark.parametrize(("first", "following", "read"), [(1, 7, 3), (1, 1, 128), (40, 1000, 41)])
def test_the_size_of_the_parts_does_not_change_what_is_read(
    first: int, following: int, read: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = WHOLE + gzip.compress(PLAIN) + PLAIN + WHOLE
    expected = scan(tmp_path, data)
    for name, size in (("_FIRST_BYTES", first), ("_NEXT_BYTES", following), ("_RAW_BYTES", read)):
        monkeypatch.setattr(unpacked, name, size)
    assert scan(tmp_path, data) == expected


def test_a_file_with_a_member_for_each_record_gives_their_positions(tmp_path: Path) -> None:
    records, _ = scan(tmp_path, WHOLE)
    assert all(record.has_member for record in records)
    assert [record.position.offset for record in records] == STARTS
    assert [read_record(tmp_path, record.position).block for record in records] == [one.block for one in records]
    assert records[3].header + records[3].block + b"\r\n\r\n" == gzip.decompress(MEMBERS[3])


@pytest.mark.parametrize(
    "packed",
    [
        PLAIN,
        gzip.compress(PLAIN, mtime=0),
        blocks(PLAIN, 100),
        blocks(PLAIN, 4096) + gzip.compress(b"", mtime=0),
        *(blocks(PLAIN, size) for size in (len(gzip.decompress(INFO)) - 2, 7)),
        gzip.compress(PLAIN[:HALF], mtime=0) + PLAIN[HALF:],
    ],
    ids=["plain", "one member", "blocks of 100", "bgzip", "blocks within line ends", "blocks of 7", "gzip and plain"],
)
def test_every_packing_gives_the_same_records_and_says_that_they_have_no_members(
    tmp_path: Path, expected: list[str], packed: bytes
) -> None:
    records, damages = scan(tmp_path, packed)
    assert damages == []
    assert ids(records) == expected
    assert all(has_true_block_digest(record) for record in records)
    assert not any(record.has_member for record in records[1:])


def test_only_the_records_that_share_a_member_are_without_one(tmp_path: Path, expected: list[str]) -> None:
    shared = gzip.compress(b"".join(map(gzip.decompress, MEMBERS[3:5])), mtime=0)
    records, damages = scan(tmp_path, b"".join([*MEMBERS[:3], shared, *MEMBERS[5:]]))
    assert (ids(records), damages) == (expected, [])
    assert [number for number, record in enumerate(records) if not record.has_member] == [3, 4]


def test_a_file_that_goes_on_without_compression_is_read_on(tmp_path: Path, expected: list[str]) -> None:
    plain = b"".join(map(gzip.decompress, MEMBERS[:5]))
    records, damages = scan(tmp_path, plain + b"".join(MEMBERS[5:]))
    assert (ids(records), damages) == (expected, [])
    assert [record.has_member for record in records[4:6]] == [False, True]


@pytest.mark.parametrize("number", range(len(MEMBERS)))
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.999])
def test_a_flipped_bit_costs_its_own_record_alone(
    tmp_path: Path, expected: list[str], number: int, share: float
) -> None:
    data = bytearray(WHOLE)
    data[STARTS[number] + int(len(MEMBERS[number]) * share)] ^= 0x10
    records, damages = scan(tmp_path, bytes(data))
    if not damages:  # a code that no byte uses: the record is as it was
        assert ids(records) == expected
        assert records[number].header + records[number].block + b"\r\n\r\n" == gzip.decompress(MEMBERS[number])
        return
    (damage,) = damages
    assert ids(records) == expected[:number] + expected[number + 1 :]
    assert (damage.offset, damage.length) == (STARTS[number], len(MEMBERS[number]))
    if share > 0.9:
        assert damage.record_id == expected[number]
    assert not damage.is_cut


def with_length(member: bytes, change: Callable[[int], int]) -> bytes:
    stated = re.sub(
        rb"Content-Length: (\d+)", lambda found: b"Content-Length: %d" % change(int(found[1])), gzip.decompress(member)
    )
    return gzip.compress(stated, mtime=0)


@pytest.mark.parametrize("change", [lambda size: size + 9, lambda size: size - 9, lambda size: 10**17])
def test_a_wrong_content_length_costs_its_own_record_alone(
    tmp_path: Path, expected: list[str], change: Callable[[int], int]
) -> None:
    for number in (0, 3, 4, len(MEMBERS) - 1):
        wrong = with_length(MEMBERS[number], change)
        records, (damage,) = scan(tmp_path, b"".join([*MEMBERS[:number], wrong, *MEMBERS[number + 1 :]]))
        assert ids(records) == expected[:number] + expected[number + 1 :]
        assert (damage.offset, damage.record_id) == (STARTS[number], expected[number])
        assert not damage.is_cut


@pytest.mark.parametrize(
    "junk", [b"\0" * 5000, b"x", b"\x1f\x8b\x08", b"%PDF-1.7\n" * 40, gzip.compress(b"other", mtime=0)]
)
@pytest.mark.parametrize("number", [0, 4, len(MEMBERS)])
def test_bytes_between_members_cost_no_record(tmp_path: Path, expected: list[str], junk: bytes, number: int) -> None:
    data = b"".join([*MEMBERS[:number], junk, *MEMBERS[number:]])
    records, (damage,) = scan(tmp_path, data)
    assert ids(records) == expected
    assert (damage.offset, damage.length) == (sum(map(len, MEMBERS[:number])), len(junk))


def test_a_cut_in_the_middle_costs_one_record_and_one_at_the_end_is_told_as_such(
    tmp_path: Path, expected: list[str]
) -> None:
    cut = b"".join([*MEMBERS[:4], MEMBERS[4][:-20], *MEMBERS[5:]])
    records, (damage,) = scan(tmp_path, cut)
    assert ids(records) == expected[:4] + expected[5:]
    assert (damage.is_cut, damage.record_id) == (False, expected[4])
    for taken in (1, 20, len(MEMBERS[-1]) - 1):
        records, (damage,) = scan(tmp_path, WHOLE[:-taken])
        assert ids(records) == expected[:-1]
        assert damage.is_cut
        assert damage.offset == STARTS[-1]


def test_zeros_over_a_part_of_a_file_cost_what_they_cover(tmp_path: Path, expected: list[str]) -> None:
    data = bytearray(WHOLE)
    data[STARTS[2] + 5 : STARTS[5] + 5] = bytes(STARTS[5] - STARTS[2])
    records, (damage,) = scan(tmp_path, bytes(data))
    assert ids(records) == expected[:2] + expected[6:]
    assert (damage.offset, damage.length) == (STARTS[2], STARTS[6] - STARTS[2])


@pytest.mark.parametrize("pack", [lambda data: data, lambda data: gzip.compress(data, mtime=0)])
def test_a_wrong_length_in_a_file_without_members_costs_its_own_record_alone(
    tmp_path: Path, expected: list[str], pack: Callable[[bytes], bytes]
) -> None:
    for number, by in ((0, 9), (4, -3), (4, 40), (6, 10**9), (len(MEMBERS) - 1, 5)):
        plain = [gzip.decompress(member) for member in MEMBERS]
        plain[number] = gzip.decompress(with_length(MEMBERS[number], lambda size, by=by: size + by))  # type: ignore[misc]
        records, (damage,) = scan(tmp_path, pack(b"".join(plain)))
        assert ids(records) == expected[:number] + expected[number + 1 :]
        assert damage.record_id == expected[number]


def test_a_damaged_single_member_gives_what_is_before_the_damage(tmp_path: Path, expected: list[str]) -> None:
    data = bytearray(gzip.compress(PLAIN, mtime=0))
    at = len(gzip.compress(PLAIN[:HALF], mtime=0))
    data[at : at + 9] = bytes(9)
    records, damages = scan(tmp_path, bytes(data))
    sound = ids([record for record in records if has_true_block_digest(record)])
    assert 5 <= len(sound) < len(expected)
    assert sound == [one for one in expected if one in sound]
    assert damages
    assert sum(damage.length for damage in damages) == len(data)


def test_a_changed_letter_in_a_member_of_many_records_is_found_by_its_digest(
    tmp_path: Path, expected: list[str]
) -> None:
    data = bytearray(gzip.compress(PLAIN, 0, mtime=0))
    data[data.index(b"<html>mot") + 7] ^= 1
    records, (damage,) = scan(tmp_path, bytes(data))
    assert ids(records) == expected
    assert [has_true_block_digest(record) for record in records].count(False) == 1
    assert "incorrect data check" in damage.what


@pytest.mark.parametrize("data", [b"", b"\n"])
def test_a_file_of_nothing_gives_nothing(tmp_path: Path, data: bytes) -> None:
    records, damages = scan(tmp_path, data)
    assert records == []
    assert len(damages) == len(data)


@pytest.mark.parametrize(
    "data", [b"\0" * 3_000_000, b"PK\x03\x04" * 999, b"SQLite format 3\0", gzip.compress(b"words", mtime=0)]
)
def test_a_file_that_is_no_warc_is_one_damage(tmp_path: Path, data: bytes) -> None:
    assert scan(tmp_path, data)[0] == []
    (damage,) = scan(tmp_path, data)[1]
    assert (damage.offset, damage.length, damage.what) == (0, len(data), damage.what)


def test_a_header_of_a_megabyte_is_read(tmp_path: Path) -> None:
    long = b"a" * 2_500_000
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; x=" + long + b"\r\n\r\n"
    members = render_exchange(
        exchange("https://x.vn/" + "b" * 1_500_000, b"body", head=head), "urn:x:1", refers_to=None
    )
    (request, response), damages = scan(tmp_path, b"".join(map(joined, members)))
    assert damages == []
    assert (response.head, response.body.read()) == (head, b"body")
    assert len(request.url) > 1_500_000


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (damage,) = scan_records(tmp_path / "gone.warc.gz")
    assert "cannot be read" in str(damage)


@pytest.mark.parametrize(
    "lines",
    [
        b"X-Plain: a b\r\n",
        b"X-Trailing: a  \t \r\nX-Empty: \r\nX-None:\r\n",
        b"X-Colon: a: b: c\r\nx-lower:no blank\r\nX-Tab:\ta\r\nX-Two:  a\r\n",
        b"X-Folded: a\r\n b\r\n\tc\r\nX-After: d\r\n",
        "X-Vietnamese: Sa Pa, Lào Cai\r\n".encode(),
        b"X-Latin: caf\xe9\r\nX Blank In: a\r\nNo colon at all\r\n",
        b"X-Bare: a\nX-Bare-2: b\n",
        b"X-Twice: a\r\nX-Twice: b\r\nX-Id: <urn:x>\r\n",
    ],
)
def test_named_fields_are_those_that_warcio_reads(lines: bytes, tmp_path: Path) -> None:
    header = b"WARC/1.1\r\nWARC-Type: metadata\r\nContent-Length: 0\r\n" + lines + b"\r\n"
    path = tmp_path / "a.warc"
    path.write_bytes(header + b"\r\n\r\n")
    (record,) = scan_records(path)
    stated = StatusAndHeadersParser(["WARC/1.1"]).parse(BytesIO(header)).headers
    assert record.fields == {name.lower(): value.strip("<>") for name, value in stated}
