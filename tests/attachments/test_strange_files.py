"""Files as offices and portals really publish them: saved under other names, cut, damaged, in other encodings.

Each is made here and read as a whole, as the reading process does it.
"""

import base64
import gzip
import quopri
import tarfile
import unicodedata
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.system_tools import ARCHIVES
from crawler.attachments.worker import read_text
from crawler.replica.content.documents import write_docx, write_pdf
from tests.support.attachments.tools import NEEDS_ARCHIVES, TOOLS
from tests.support.texts.spoilt import write_in_tcvn3

SAID = "Quyết định số 123/QĐ-UBND"
TEXT = f"Ủy ban nhân dân xã Tả Van thông báo lịch tiếp công dân. {SAID} của Chủ tịch về việc người được hưởng trợ cấp."
OFFICE = 'xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:x="urn:schemas-microsoft-com:office:excel"'
PAGE = f"<html {OFFICE}><head><style>p {{margin:0}}</style></head><body><p class=MsoNormal>{TEXT}</p></body></html>"
BOM = b"\xef\xbb\xbf"
WORDML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><?mso-application progid="Word.Document"?>'
    '<w:wordDocument xmlns:w="http://schemas.microsoft.com/office/word/2003/wordml"><w:body><w:p><w:r>'
    f"<w:t>{TEXT}</w:t></w:r></w:p></w:body></w:wordDocument>"
)
SHEETML = (
    '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><ss:Workbook '
    'xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet"><ss:Worksheet><ss:Table><ss:Row><ss:Cell>'
    f'<ss:Data ss:Type="String">{TEXT}</ss:Data></ss:Cell></ss:Row></ss:Table></ss:Worksheet></ss:Workbook>'
)


def windows(text: str) -> bytes:
    """Encode a text in the Vietnamese code page: tone marks follow their letters."""
    out = []
    for letter in unicodedata.normalize("NFC", text):
        try:
            out.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            parts = unicodedata.normalize("NFD", letter)
            tones = [part for part in parts if part in "\u0300\u0301\u0303\u0309\u0323"]
            base = unicodedata.normalize("NFC", "".join(part for part in parts if part not in tones))
            out.append((base + "".join(tones)).encode("cp1258"))
    return b"".join(out)


def mht(encoding: str, body: bytes, charset: str = "utf-8") -> bytes:
    head = (
        "MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n"
        'Content-Type: multipart/related; boundary="----=_Next"\r\n\r\nA page in one file.\r\n\r\n------=_Next\r\n'
        f"Content-Location: file:///C:/a.htm\r\nContent-Transfer-Encoding: {encoding}\r\n"
        f'Content-Type: text/html; charset="{charset}"\r\n\r\n'
    )
    return head.encode() + body + b"\r\n------=_Next--\r\n"


def zipped(files: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def tarred(name: str, data: bytes) -> bytes:
    out = BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        archive.addfile(entry, BytesIO(data))
    return out.getvalue()


PLAIN: dict[str, tuple[Callable[[], bytes], str]] = {
    "a letter cut at the end": (lambda: (TEXT * 3 + "ệ").encode()[:-1], "a.txt"),
    "a letter cut at the beginning": (lambda: TEXT.encode()[1:], "a.txt"),
    "a bad byte in each line": (lambda: b"\xff\n".join([TEXT.encode()] * 9), "a.txt"),
    "a line in a Western code page": (lambda: TEXT.encode() + b"\ncaf\xe9 \x93a\x94\n" + TEXT.encode(), "a.txt"),
    "UTF-16 without a mark": (lambda: TEXT.encode("utf-16-le"), "a.txt"),
    "UTF-16 of the other order": (lambda: TEXT.encode("utf-16-be"), "a.csv"),
    "UTF-16 cut within a letter": (lambda: TEXT.encode("utf-16-le")[:-1], "a.txt"),
    "UTF-16 under another name": (lambda: TEXT.encode("utf-16-le"), "a.doc"),
    "the Vietnamese code page": (lambda: windows(TEXT), "a.txt"),
    "letters and marks apart": (lambda: unicodedata.normalize("NFD", TEXT).encode(), "a.txt"),
    "filled with zeros": (lambda: TEXT.encode() + bytes(512), "a.txt"),
}
MARKUP: dict[str, tuple[Callable[[], bytes], str]] = {
    "HTML": (lambda: PAGE.encode(), "a.doc"),
    "HTML with a mark": (lambda: BOM + PAGE.encode(), "a.xls"),
    "HTML in UTF-16": (lambda: PAGE.encode("utf-16"), "a.doc"),
    "HTML in UTF-16 without a mark": (lambda: PAGE.encode("utf-16-le"), "a.doc"),
    "HTML of references": (lambda: PAGE.encode("ascii", "xmlcharrefreplace"), "a.doc"),
    "HTML in the code page": (
        lambda: b"<meta charset=windows-1258><table><tr><td>" + windows(TEXT) + b"</table>", "a.xls",
    ),
    "a table only": (lambda: f"<style>td {{}}</style><table><tr><td>{TEXT}</td></tr></table>".encode(), "a.xls"),
    "an old document type": (lambda: b"\r\n<!DOCTYPE HTML PUBLIC '-//W3C//DTD HTML 4.0//EN'>" + PAGE.encode(), "a.doc"),
    "MHT in base64": (lambda: mht("base64", base64.encodebytes(PAGE.encode())), "a.doc"),
    "MHT in UTF-16": (lambda: mht("base64", base64.encodebytes(PAGE.encode("utf-16")), "unicode"), "a.doc"),
    "MHT of a workbook": (lambda: mht("8bit", PAGE.encode()), "a.xls"),
    "MHT with a mark": (lambda: BOM + mht("quoted-printable", quopri.encodestring(PAGE.encode())), "a.doc"),
    "WordML": (lambda: WORDML.encode(), "a.doc"),
    "WordML in UTF-16": (lambda: WORDML.replace("UTF-8", "UTF-16").encode("utf-16"), "a.doc"),
    "WordML that was cut": (lambda: WORDML.encode()[:-40], "a.doc"),
    "an XML workbook": (lambda: SHEETML.encode(), "a.xls"),
}  # fmt: skip
PACKED: dict[str, tuple[Callable[[], bytes], str]] = {
    "a document behind blank lines": (lambda: b"\r\n\r\n" + write_docx((TEXT,)), "a.docx"),
    "a document behind a mark": (lambda: BOM + write_docx((TEXT,)), "a.docx"),
    "a document before zeros": (lambda: write_docx((TEXT,)) + bytes(600), "a.docx"),
    "a document under another name": (lambda: write_docx((TEXT,)), "a.pdf"),
    "a ZIP named a PDF file": (lambda: zipped({"phụ lục.docx": write_docx((TEXT,))}), "a.pdf"),
    "a ZIP of a page named a document": (lambda: zipped({"a.doc": PAGE.encode()}), "a.zip"),
    "a ZIP in a ZIP": (lambda: zipped({"b.zip": zipped({"a.docx": write_docx((TEXT,))})}), "a.zip"),
    "a program that unpacks itself": (lambda: b"MZ" + bytes(500) + zipped({"a.docx": write_docx((TEXT,))}), "a.exe"),
}
BY_LIBRARY: dict[str, tuple[Callable[[], bytes], str]] = {
    "a tar": (lambda: tarred("thư mục/a.docx", write_docx((TEXT,))), "a.tgz"),
    "a compressed document": (lambda: gzip.compress(write_docx((TEXT,))), "a.docx.gz"),
    "a ZIP without its end": (lambda: zipped({"a.docx": write_docx((TEXT,))})[:-30], "a.zip"),
}


@pytest.mark.parametrize("case", [*PLAIN, *MARKUP, *PACKED, *BY_LIBRARY])
def test_a_file_gives_its_words_whatever_it_is_called_and_however_it_was_saved(tmp_path: Path, case: str) -> None:
    if case in BY_LIBRARY and ARCHIVES not in TOOLS:
        pytest.skip("libarchive is not installed")
    make, name = {**PLAIN, **MARKUP, **PACKED, **BY_LIBRARY}[case]
    path = tmp_path / "file"
    path.write_bytes(make())
    reading = read_text(path, name, tools=TOOLS & {ARCHIVES})
    assert SAID in (reading.text or ""), reading
    assert "người được hưởng trợ cấp" in (reading.text or "")
    assert "margin" not in (reading.text or "")
    assert reading.doubts == (("structure",) if case == "WordML that was cut" else ())


@NEEDS_ARCHIVES
def test_an_archive_without_its_end_is_not_taken_for_the_document_in_it(tmp_path: Path) -> None:
    cut = zipped({"a.pdf": write_pdf((SAID,)), "b.docx": write_docx(("Phụ lục hai",))})[:-30]
    assert find_kind(cut, "a.zip") == "packed"
    path = tmp_path / "file"
    path.write_bytes(cut)
    reading = read_text(path, "a.zip", tools=TOOLS & {ARCHIVES})
    assert [line for line in (reading.text or "").split("\n") if line] == ["a.pdf", SAID, "b.docx", "Phụ lục hai"]


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
@pytest.mark.parametrize("around", ["{}", "<html><body><p style='font-family:.VnTime'>{}</p></body></html>"])
def test_legacy_letters_are_decoded_in_texts_and_pages(tmp_path: Path, around: str, encoding: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(around.format(write_in_tcvn3("bộ trưởng, người được hưởng trợ cấp của tỉnh")).encode(encoding))
    reading = read_text(path, "a.txt" if around == "{}" else "a.doc", tools=())
    assert reading.text == "bộ trưởng, người được hưởng trợ cấp của tỉnh"


def test_bytes_that_are_no_document_give_no_text(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for data, name in (
        (bytes(900), "a.doc"),
        (b"\r\n\r\n", "a.docx"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(99), "a.heic"),
    ):
        path.write_bytes(data)
        assert read_text(path, name, tools=()).text is None
