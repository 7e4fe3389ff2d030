"""An archive gives the texts of the files in it, each under its name; what was not read is named."""

import gzip
import io
import logging
import struct
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats import readers
from crawler.attachments.formats.archives import entries
from crawler.attachments.formats.system_tools import ARCHIVES, OCR, find_tools
from crawler.attachments.worker import read_text
from crawler.replica.content import scans
from crawler.replica.content.documents import write_docx, write_pdf
from tests.support.attachments.rar_files import write_rar_4, write_rar_5
from tests.support.attachments.tools import NEEDS_ARCHIVES

TOOLS = find_tools() - {OCR}
PDF, DOCX = write_pdf(("Số: 1/QĐ-UBND về việc thu hồi đất",)), write_docx(("Kế hoạch năm 2023",))
FILES = {"Quyết định số 1.pdf": PDF, "phụ lục/Biểu 01.docx": DOCX, "ghi chú.txt": "Tả Van".encode()}
TEXT = (
    "Quyết định số 1.pdf\nSố: 1/QĐ-UBND về việc thu hồi đất\n\n"
    "phụ lục/Biểu 01.docx\nKế hoạch năm 2023\n\nghi chú.txt\nTả Van"
)  # fmt: skip


def read(data: bytes, folder: Path, name: str = "a.zip", tools: Any = TOOLS) -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, name, tools=tools)


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, data in files.items():
            package.writestr(name, data)
    return out.getvalue()


def with_names(packed: bytes, names: dict[str, bytes]) -> bytes:
    """Put other bytes of the same length in place of names, and take the mark of UTF-8 off."""
    for name, raw in names.items():
        assert len(name) == len(raw)
        packed = packed.replace(name.encode(), raw)
    return packed


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as package:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            package.addfile(info, io.BytesIO(data))
    return out.getvalue()


def seven_zipped(files: dict[str, bytes], folder: Path) -> bytes:
    import libarchive

    path = folder / "a.7z"
    with libarchive.file_writer(str(path), "7zip") as package:
        for name, data in files.items():
            package.add_file_from_memory(name, len(data), [data])
    return path.read_bytes()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_zip_gives_each_file_by_name(tmp_path: Path, method: int) -> None:
    reading = read(zipped(FILES, method), tmp_path)
    assert (reading.text, reading.method, reading.reason) == (TEXT, "archive", None)
    assert (reading.pages, reading.pages_read, reading.is_cut) == (3, 3, False)
    assert reading.page_starts == tuple(TEXT.index(name) for name in FILES)


@NEEDS_ARCHIVES
def test_rar_7z_tar_and_gzip_give_each_file_by_name(tmp_path: Path) -> None:
    packings = [
        write_rar_4(FILES),
        write_rar_5(FILES),
        seven_zipped(FILES, tmp_path),
        tarred(FILES),
        tarred(FILES, "w:gz"),
    ]
    for packed in packings:
        reading = read(packed, tmp_path, "a.rar")
        assert reading.text == TEXT
        assert "libarchive" in (reading.tool or "")
    assert (
        read(gzip.compress(PDF), tmp_path, "Quyết định.pdf.gz").text
        == "Quyết định.pdf\nSố: 1/QĐ-UBND về việc thu hồi đất"
    )


def test_without_the_library_an_archive_says_what_it_lacks(tmp_path: Path) -> None:
    reading = read(write_rar_5(FILES), tmp_path, "a.rar", tools=())
    assert (reading.reason, reading.lacks) == ("no-tool", ARCHIVES)
    assert read(zipped(FILES), tmp_path, tools=()).text == TEXT


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Phụ lục.txt".encode(), "Phụ lục.txt"),
        (b"K\xea\xec hoa\xf2ch.txt", "Kế hoạch.txt"),
        (b"caf\x82 r\x82sum\x82.txt", "café résumé.txt"),
        (b"quyet dinh.txt", "quyet dinh.txt"),
        (b"Danh s\xb8ch tr\xad\xebng th\xabn.txt", "Danh sách trưởng thôn.txt"),
        (b"Danh sa\xf9ch tr\xf6\xf4\xfbng tho\xe2n.txt", "Danh sách trưởng thôn.txt"),
        ("Quyß║┐t ─æß╗ïnh.txt".encode(), "Quyết định.txt"),
    ],
)
def test_names_of_older_programs_are_decoded(tmp_path: Path, raw: bytes, shown: str) -> None:
    plain = "x" * len(raw)
    packed = zipped({plain: b"mot"}).replace(plain.encode(), raw)
    assert read(packed, tmp_path).text == f"{shown}\nmot"


def test_a_name_that_is_kept_beside_the_old_one_counts(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("KE_HOACH.TXT")
    name = "Kế hoạch.txt".encode()
    info.extra = struct.pack("<HHBI", 0x7075, 5 + len(name), 1, 0) + name
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(info, b"mot")
    assert read(out.getvalue(), tmp_path).text == "Kế hoạch.txt\nmot"


def test_names_that_lead_elsewhere_are_only_shown(tmp_path: Path) -> None:
    files = {"../../etc/a.txt": b"mot", "C:\\b\\c.txt": b"hai", "/d.txt": b"ba", "e\x1b[2J.txt": b"bon"}
    before = sorted(tmp_path.rglob("*"))
    reading = read(zipped(files), tmp_path)
    assert reading.text == "etc/a.txt\nmot\n\nb/c.txt\nhai\n\nd.txt\nba\n\ne[2J.txt\nbon"
    assert sorted(tmp_path.rglob("*")) == sorted({*before, tmp_path / "file"})


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    files = {"a.txt": b"mot", "b.exe": b"MZ\x90\x00", "khoa.pdf": scans.lock(PDF), "hong.docx": DOCX[:900]}
    reading = read(zipped(files), tmp_path)
    assert reading.text == "a.txt\nmot"
    assert reading.detail == "not read: b.exe (unknown-kind), khoa.pdf (encrypted), hong.docx (broken)"
    assert (reading.pages, reading.pages_read, reading.is_cut) == (3, 1, True)
    assert "pages-unread" in reading.doubts


@NEEDS_ARCHIVES
def test_files_with_a_password_say_so(tmp_path: Path) -> None:
    locked = bytearray(zipped({"a.txt": b"mot" * 9}, zipfile.ZIP_STORED))
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    for packed in (
        bytes(locked),
        write_rar_4({"a.txt": b"mot"}, is_locked=True),
        write_rar_5({"a.txt": b"mot"}, is_locked=True),
    ):
        reading = read(packed, tmp_path)
        assert (reading.text, reading.reason) == (None, "encrypted")


def test_archives_within_archives_are_read_to_a_depth(tmp_path: Path) -> None:
    packed = zipped({"sâu.txt": b"day"})
    for number in range(2):
        packed = zipped({f"lớp {number}.zip": packed, f"{number}.txt": b"x"})
    assert read(packed, tmp_path).text == "lớp 1.zip\nlớp 0.zip\nsâu.txt\nday\n\n0.txt\nx\n\n1.txt\nx"
    for number in range(9):
        packed = zipped({f"{number}.zip": packed, f"n{number}.txt": b"y"})
    reading = read(packed, tmp_path)
    assert (reading.text or "").count("y") == entries.MAX_DEPTH
    assert "too-large" in (reading.detail or "")


def test_an_archive_that_unpacks_to_too_much_is_read_within_limits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readers, "Allowance", lambda: entries.Allowance(files=3, unpacked=10_000))
    reading = read(zipped({"to.txt": b"a" * 20_000, **{f"{number}.txt": b"mot" for number in range(9)}}), tmp_path)
    assert (reading.text or "").count("mot") == 2
    assert "to.txt (too-large)" in (reading.detail or "")
    assert "8.txt (beyond the limits)" in (reading.detail or "")
    assert reading.is_cut


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    reading = read(zipped({"a.txt": b"mot", "bom.txt": bytes(60 * 1024**2)}), tmp_path)
    assert (reading.text, reading.detail) == ("a.txt\nmot", "not read: bom.txt (too-large)")


@NEEDS_ARCHIVES
def test_a_cut_archive_gives_the_files_before_the_cut(tmp_path: Path) -> None:
    files = {"a.txt": b"mot", "b.txt": bytes(range(256)) * 40, "c.txt": b"ba"}
    for packed in (zipped(files, zipfile.ZIP_STORED), write_rar_4(files), write_rar_5(files), tarred(files)):
        reading = read(packed[:6000], tmp_path)
        assert (reading.text or "").startswith("a.txt\nmot")
        assert reading.is_cut


def test_files_that_systems_add_are_left_out(tmp_path: Path) -> None:
    files = {"a.txt": b"mot", "__MACOSX/._a.txt": b"x", "Thumbs.db": b"x", "b/.DS_Store": b"x"}
    reading = read(zipped(files), tmp_path)
    assert (reading.text, reading.detail) == ("a.txt\nmot", None)


def test_an_archive_without_text_gives_its_reason(tmp_path: Path) -> None:
    assert read(zipped({"a.exe": b"MZ"}), tmp_path).reason == "unknown-kind"
    assert read(zipped({"a.txt": b" "}), tmp_path).reason == "no-text"
    assert read(zipped({}), tmp_path).reason == "no-text"


def test_what_the_library_of_archives_lacks_is_no_line_of_the_log() -> None:
    find_tools()
    assert logging.getLogger(ARCHIVES).getEffectiveLevel() >= logging.WARNING
