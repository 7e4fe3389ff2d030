"""Large bodies: the same records, rows and readings as small ones give, in a memory that does not grow with them."""

import asyncio
import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import find_unread, read_attachment
from crawler.archive.database import open_for_reading
from crawler.archive.fixity import verify
from crawler.archive.warc import answers
from crawler.archive.warc.captures import as_capture
from crawler.archive.warc.ledger import FileRead
from crawler.archive.warc.reader import mend_torn_tail, warc_files
from crawler.archive.warc.writer import new_record_id, render_exchange
from crawler.body import SPOOL_ABOVE_BYTES, Body, collect, sha256_of, spool_folder, spooled_bytes
from crawler.crawl.parser_process.client import ParserProcess
from crawler.crawl.parser_process.protocol import FileQuestion, read_question, write_question
from crawler.extract.answer import read_file
from crawler.items import Answer, Exchange, FileReading, FileRole
from crawler.rebuild.rebuild import rebuild
from tests.support.archives.rows import all_rows, copy_archive
from tests.support.build import BASE, STORE, Clock, Night, exchange, http_head, make_profile
from tests.support.wire.warc_records import TornFileError, read_records
from tests.support.wire.warc_tools import warcio_check, warcio_kinds

MIB = 1024 * 1024
NOISE = random.Random(11).randbytes(MIB)
URL = f"{STORE}/lci/ban-do.pdf"
PLAIN = http_head("HTTP/1.1 200 OK", (b"Content-Type", b"application/pdf"))
CHUNKED = http_head("HTTP/1.1 200 OK", (b"Content-Type", b"application/pdf"), (b"Transfer-Encoding", b"chunked"))
PACKED = http_head("HTTP/1.1 200 OK", (b"Content-Encoding", b"gzip"), (b"Transfer-Encoding", b"chunked"))


def pdf(mebibytes: int) -> Iterator[bytes]:
    yield b"%PDF-1.7\n"
    for _ in range(mebibytes):
        yield NOISE
    yield b"\nstartxref\n9\n%%EOF\n"


def chunked(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        if part:
            yield b"%x\r\n" % len(part)
            yield part
            yield b"\r\n"
    yield b"0\r\n\r\n"


def packed(parts: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(1, wbits=31)
    for part in parts:
        yield packer.compress(part)
    yield packer.flush()


WIRES: dict[str, tuple[bytes, Callable[[Iterator[bytes]], Iterator[bytes]]]] = {
    "plain": (PLAIN, lambda parts: parts),
    "chunked": (CHUNKED, chunked),
    "packed": (PACKED, lambda parts: chunked(packed(parts))),
}


def large(folder: Path, wire: str = "plain", mebibytes: int = 3) -> Exchange:
    head, code = WIRES[wire]
    return exchange(URL, head=head, body=collect(code(pdf(mebibytes)), folder))


@contextmanager
def bounded_memory(mebibytes: int) -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < mebibytes * MIB, f"{peak / MIB:.1f} MiB"


def crawl_one(archive: Path, wire: str, mebibytes: int) -> str:
    """Crawl a large attachment as the pipeline does; give the SHA-256 of its bytes."""
    with Night(archive, Clock()) as night:
        came = large(spool_folder(archive), wire, mebibytes)
        capture = night.record(came)
        answer = Answer(
            URL, b"", "application/pdf", "gzip" if wire == "packed" else None, spooled=came.body,
            transfer_encoding=None if wire == "plain" else "chunked",
        )  # fmt: skip
        reading = read_file(answer, FileRole.ATTACHMENT, asked=URL, profile=night.profile)
        assert reading.refusal is None
        night.writer.apply_file(FileRead(capture.record_id, FileRole.ATTACHMENT.value, URL), reading).result()
        return reading.sha256


@pytest.mark.parametrize("wire", WIRES)
def test_a_large_body_is_never_in_memory_on_its_way_from_the_wire_to_a_rebuild(tmp_path: Path, wire: str) -> None:
    archive, into = tmp_path / "archive.db", tmp_path / "new.db"
    with bounded_memory(24):  # the modules loaded meanwhile are a third of it
        sha256 = crawl_one(archive, wire, 40)
        assert sha256 == sha256_of(pdf(40))
        assert verify(archive).differences == []
        rebuild(archive, into)
        with closing(open_for_reading(archive)) as connection:
            (unread,) = find_unread(connection, version=1, tools=())
            file = read_attachment(connection, archive.parent / "warc", unread=unread, max_bytes=100 * MIB)
            assert file.size_bytes == unread.size_bytes > 40 * MIB
    assert all_rows(into) == all_rows(archive)
    assert warcio_check(*warc_files(tmp_path / "warc")).returncode == 0
    assert not spool_folder(archive).exists()


@pytest.mark.parametrize("wire", WIRES)
def test_a_spooled_body_gives_the_record_that_the_same_bytes_in_memory_give(tmp_path: Path, wire: str) -> None:
    spooled = large(tmp_path, wire)
    in_memory = exchange(URL, head=spooled.response_head, body=spooled.body.read())
    assert spooled.body.path is not None
    blocks = []
    for number, one in enumerate((spooled, in_memory)):
        _, member = render_exchange(one, new_record_id(), refers_to=None)
        path = tmp_path / f"sapa-{number}-00001.warc.gz"
        path.write_bytes(member if isinstance(member, bytes) else b"".join(member))
        (record,) = read_records(path)
        assert gzip.decompress(path.read_bytes()).endswith(record.block + b"\r\n\r\n")
        assert warcio_check(path).returncode == 0
        assert warcio_kinds(path) == ["response"]
        stated = [record.fields.get(f"warc-{name}-digest") for name in ("block", "payload")]
        blocks.append((record.block, stated))
    assert blocks[0] == blocks[1]


def test_a_large_record_that_is_torn_is_mended_and_a_damaged_one_is_named(tmp_path: Path) -> None:
    request, member = render_exchange(large(tmp_path), new_record_id(), refers_to=None)
    whole = b"".join(member) if not isinstance(member, bytes) else member
    path = tmp_path / "sapa-1-00001.warc.gz.open"
    for length in (1, 500_000, SPOOL_ABOVE_BYTES + 7, len(whole) - 9, len(whole) - 1):
        path.write_bytes(request + whole[:length])
        with pytest.raises(TornFileError):
            list(read_records(path))
        assert mend_torn_tail(path) == length
        assert path.read_bytes() == request


def test_a_death_with_a_large_record_behind_the_last_commit_is_adopted(tmp_path: Path) -> None:
    archive = tmp_path / "one" / "archive.db"
    night = Night(archive, Clock())
    came = large(spool_folder(archive), "chunked")
    night.record(came)
    dead = copy_archive(archive, tmp_path / "dead")
    spool_folder(dead).mkdir()
    (spool_folder(dead) / "left.body").write_bytes(b"x" * 99)
    night.writer.close()
    with Night(dead, Clock(), with_adoption=True) as later:
        assert later.adopted is not None
        assert later.adopted.captures == 1
        assert not spool_folder(dead).exists()
        assert later.record(large(spool_folder(dead), "plain")).record_type == "revisit"
    assert verify(dead).differences == []
    assert not spool_folder(dead).exists()


def test_the_parser_process_gets_the_path_of_a_large_file_and_leaves_it(tmp_path: Path) -> None:
    body = large(tmp_path).body
    question = FileQuestion(Answer(URL, b"", "application/pdf", None, spooled=body), URL, FileRole.ATTACHMENT)
    message = write_question(question)
    assert len(message) < 1000
    received = read_question(message)
    assert isinstance(received, FileQuestion)
    assert received.answer.spooled is not None
    assert sha256_of(received.answer.spooled.chunks()) == sha256_of(body.chunks())
    del received
    assert body.path is not None
    assert body.path.exists()


def test_a_large_file_is_examined_in_the_parser_process(tmp_path: Path) -> None:
    body = large(tmp_path, "packed").body
    answer = Answer(URL, b"", "application/octet-stream", "gzip", spooled=body, transfer_encoding="chunked")

    async def examine() -> FileReading:
        with closing(ParserProcess(make_profile())) as parser:
            return await parser.read_file(answer, FileRole.ATTACHMENT, asked=URL)

    reading = asyncio.run(examine())
    assert (reading.sha256, reading.media_type) == (sha256_of(pdf(3)), "application/pdf")
    assert [path for path in tmp_path.iterdir() if path != body.path] == []


def test_a_large_page_is_read_from_its_file(tmp_path: Path) -> None:
    archive = tmp_path / "archive.db"
    page = b"<html><body>" + b"<p>x</p>" * 400_000 + b"</body></html>"
    with Night(archive, Clock()) as night:
        body = collect([page], night.writer.spool)
        assert body.path is not None
        assert spooled_bytes(night.writer.spool) == len(page)
        capture = night.record(exchange(f"{BASE}/dai", head=http_head("HTTP/1.1 200 OK"), body=body))
    with closing(open_for_reading(archive)) as connection:
        row = connection.execute("select * from captures where id = ?", (capture.id,)).fetchone()
        answer = answers.read_answer(connection, tmp_path / "warc", capture=as_capture(row))
    assert answer.spooled is not None
    assert Body(answer.body).size_bytes == 0
    assert answer.spooled.read() == page
