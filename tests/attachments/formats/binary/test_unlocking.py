"""Files that are encrypted, but open in every program without a question, are read; those with a password are not."""

import struct
from hashlib import md5
from io import BytesIO
from pathlib import Path

import olefile
import pytest
import xlwt
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from msoffcrypto.format.ooxml import OOXMLFile

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.worker import read_text
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.package_files import write_package

KNOWN = "VelvetSweatshop"
_BLOCK, _BOF, _SHEET = 1024, 0x0809, 0x0085
_SALT = bytes(range(16))


def read(data: bytes, folder: Path, name: str) -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, name, tools=())


def package() -> bytes:
    sheet = "<worksheet><row><c t='inlineStr'><is><t>Danh sách hộ nghèo</t></is></c></row></worksheet>"
    # The library that locks it here writes no small files.
    noise = b"".join(md5(bytes([number])).digest() for number in range(256)) * 8
    parts: dict[str, str | bytes] = {"xl/workbook.xml": "<workbook/>", "xl/worksheets/sheet1.xml": sheet}
    return write_package("xl/workbook.xml", parts | {"xl/media/a.bin": noise})


def crypt(data: bytes, *, key: bytes, at: int = 0) -> bytes:
    """Encrypt a part of the stream of a workbook; the key changes with each block [MS-OFFCRYPTO 2.3.6.2]."""
    out = b""
    while len(out) < len(data):
        block, skip = divmod(at + len(out), _BLOCK)
        rc4 = Cipher(ARC4(md5(key + struct.pack("<I", block)).digest()), None).encryptor()
        rc4.update(bytes(skip))
        out += rc4.update(data[len(out) : len(out) + _BLOCK - skip])
    return out


def lock(stream: bytes, password: str) -> bytes:
    """Encrypt the stream of a workbook: the contents of its records, not their heads [MS-XLS 2.2.10]."""
    first = md5(password.encode("utf-16-le")).digest()[:5]
    key = md5((first + _SALT) * 16).digest()[:5]
    checked = crypt(bytes(16) + md5(bytes(16)).digest(), key=key)
    locked = b""
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        body = stream[at + 4 : at + 4 + size]
        at += 4 + size
        if kind == _SHEET:
            # The place of a sheet: all records move by that of the password, which stands behind the first.
            body = struct.pack("<I", struct.unpack_from("<I", body)[0] + 58) + body[4:]
        plain = size if kind == _BOF else 4 if kind == _SHEET else 0
        shown = body[:plain] + crypt(body, key=key, at=len(locked) + 4)[plain:]
        locked += struct.pack("<HH", kind, size) + shown
        if len(locked) == 4 + size:
            locked += struct.pack("<HHHHH", 0x002F, 54, 1, 1, 1) + _SALT + checked
    return locked


def workbook(password: str) -> bytes:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Hộ nghèo")
    for number in range(60):
        sheet.write(number, 0, f"Giàng A Lử thứ {number}")
    stream = BytesIO()
    book.save(stream)
    with olefile.OleFileIO(BytesIO(stream.getvalue())) as compound:
        return write_compound({"Workbook": lock(compound.openstream("Workbook").read(), password)})


@pytest.mark.parametrize(("password", "is_open"), [(KNOWN, True), ("mật khẩu", False)])
def test_a_package_is_read_only_with_the_password_that_programs_know(
    tmp_path: Path, password: str, is_open: bool
) -> None:
    out = BytesIO()
    OOXMLFile(BytesIO(package())).encrypt(password, out)
    reading = read(out.getvalue(), tmp_path, "a.xlsx")
    assert (reading.text, reading.reason) == (("Danh sách hộ nghèo", None) if is_open else (None, "encrypted"))


@pytest.mark.parametrize(("password", "is_open"), [(KNOWN, True), ("mật khẩu", False)])
def test_a_workbook_is_read_only_with_the_password_that_programs_know(
    tmp_path: Path, password: str, is_open: bool
) -> None:
    reading = read(workbook(password), tmp_path, "a.xls")
    if is_open:
        assert (reading.text or "").startswith("Hộ nghèo\nGiàng A Lử thứ 0\n")
        assert (reading.text or "").endswith("Giàng A Lử thứ 59")
    else:
        assert reading.reason == "encrypted"


def test_a_damaged_locked_file_is_encrypted(tmp_path: Path) -> None:
    locked = write_compound({"EncryptedPackage": bytes(900), "EncryptionInfo": b"\xff" * 900})
    assert read(locked, tmp_path, "a.xlsx").reason == "encrypted"
