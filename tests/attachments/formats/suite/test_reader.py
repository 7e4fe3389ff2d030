"""LibreOffice reads what no reader of ours reads, and tells nothing that stood in no file."""

import shutil
import struct
import tempfile
import time
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.archives.entries import Allowance
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.readers import read_document
from crawler.attachments.formats.system_tools import SUITE
from crawler.attachments.reader import StoppedError, TextReader
from crawler.attachments.worker import read_text
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.package_files import write_word_package
from tests.support.attachments.tools import NEEDS_SUITE, put_soffice
from tests.support.processes.running import wait_until_gone

WORDPERFECT = b"\xffWPC\x10\x00\x00\x00\x01\x0a\x02\x01" + bytes(40)
SPACES = " ".join(
    f"xmlns:{name}='urn:oasis:names:tc:opendocument:xmlns:{name}:1.0'" for name in ("office", "text", "table")
)
META = "<meta><meta:generator>LibreOffice/7.4.7.2$Linux_X86_64</meta:generator></meta>"


def read(data: bytes, folder: Path, name: str = "a.wpd") -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, name, tools=(SUITE,))


def give(body: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, styles: str = "") -> None:
    """Make `soffice` give an OpenDocument file with this body for every file."""
    content = f"<office:document-content {SPACES}><office:body>{body}</office:body></office:document-content>"
    styles = f"<office:document-styles {SPACES}>{styles}</office:document-styles>"
    made = write_open_document(folder / "made.odt", content, styles=styles)
    put_soffice(folder, monkeypatch, does=f'cp {made} "$into"')


def write_open_document(path: Path, content: str, *, styles: str) -> Path:
    folder = path.with_suffix(".parts")
    folder.mkdir()
    (folder / "content.xml").write_text(content, encoding="utf-8")
    (folder / "styles.xml").write_text(styles, encoding="utf-8")
    (folder / "meta.xml").write_text(META, encoding="utf-8")
    shutil.make_archive(str(path), "zip", folder)
    return Path(f"{path}.zip")


def cell(place: str, formula: str, shown: str) -> str:
    """Return a cell as LibreOffice writes it."""
    kind = "n" if shown.isdigit() else "e" if shown.startswith("#") else "str"
    return f'<c r="{place}" s="0" t="{kind}"><f aca="false">{formula}</f><v>{shown}</v></c>'


def give_workbook(cells: str, folder: Path, monkeypatch: pytest.MonkeyPatch, *, after: str = "") -> None:
    """Make `soffice` give a workbook with these cells in its first row for every file."""
    rows = f'<row r="1">{cells}</row>'
    app = "<Properties><Application>LibreOffice/7.4.7.2$Linux_X86_64</Application></Properties>"
    folder.mkdir(exist_ok=True)
    (folder / "made.xlsx").write_bytes(workbook(rows, after=after, more={"docProps/app.xml": app}))
    put_soffice(folder, monkeypatch, does=f'cp {folder}/made.xlsx "$into"')


OWN = '<c r="A1" s="0" t="str"><v>Hạn</v></c>'


def workbook(rows: str, *, after: str = "", styles: str = "", more: dict[str, str] | None = None) -> bytes:
    """Return a workbook of one sheet: its rows, what is after them, its other parts."""
    schemas, packages = "http://schemas.openxmlformats.org", "application/vnd.openxmlformats-"
    sheets, relations = f"{packages}officedocument.spreadsheetml", f"{schemas}/officeDocument/2006/relationships"
    links = f"<Relationships xmlns='{schemas}/package/2006/relationships'><Relationship Id='r1' Type='{relations}/"
    main, end = f"xmlns='{schemas}/spreadsheetml/2006/main'", "'/></Relationships>"
    parts = {
        "[Content_Types].xml": (
            f"<Types xmlns='{schemas}/package/2006/content-types'>"
            f"<Default Extension='rels' ContentType='{packages}package.relationships+xml'/>"
            f"<Override PartName='/xl/workbook.xml' ContentType='{sheets}.sheet.main+xml'/>"
            f"<Override PartName='/xl/styles.xml' ContentType='{sheets}.styles+xml'/>"
            f"<Override PartName='/xl/worksheets/sheet1.xml' ContentType='{sheets}.worksheet+xml'/></Types>"
        ),
        "_rels/.rels": f"{links}officeDocument' Target='xl/workbook.xml{end}",
        "xl/_rels/workbook.xml.rels": f"{links}worksheet' Target='worksheets/sheet1.xml'/>"
        f"<Relationship Id='r2' Type='{relations}/styles' Target='styles.xml{end}",
        "xl/styles.xml": f"<styleSheet {main}>{styles}</styleSheet>",
        "xl/workbook.xml": (
            f"<workbook {main} xmlns:r='{relations}'><sheets><sheet name=\"Biểu 1\" sheetId='1' r:id='r1'/></sheets>"
            "</workbook>"
        ),
        "xl/worksheets/sheet1.xml": f"<worksheet {main}><sheetData>{rows}</sheetData>{after}</worksheet>",
        **(more or {}),
    }
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        for name, part in parts.items():
            package.writestr(name, part)
    return packed.getvalue()


SUMS = (
    "<row r='1'><c r='A1' t='inlineStr'><is><t>Tả Van</t></is></c><c r='B1'><v>15</v></c></row>"
    "<row r='2'><c r='A2'><f>B1*2+4</f></c><c r='B2'><f>A2+B1</f></c></row>"
)
COUNTED = "formulas without a result: 2; counted by soffice, not stored in the file"


@pytest.mark.parametrize(
    ("data", "name", "title"),
    [
        (WORDPERFECT, "a.doc", "WordPerfect"),
        (b"\x31\xbe\0\0\0\xab".replace(b"\x31", b"\x32") + bytes(90), "a.wri", "Windows Write"),
        (b"\0\0\x02\0\x06\x04\x06\0\x08\0", "a.bin", "Lotus 1-2-3"),
        (b"\0\0\x02\0\x02\x10\xc9\0\x02\0", "a.wb2", "Quattro Pro"),
        (b"ID;PWXL;N;E\nC;Y1;X1;K1\nE\n", "a.slk", "SYLK"),
        (write_compound({"VisioDocument": b"x"}), "a.vsd", "Visio"),
        (write_compound({"Contents": b"x", "Quill/QuillSub/CONTENTS": b"CHNKINK"}), "a.pub", "Publisher"),
        (write_compound({"CONTENTS": b"CHNKWKS "}), "a.wps", "Microsoft Works"),
        (write_compound({"PerfectOffice_MAIN": WORDPERFECT}), "a.wpd", "WordPerfect"),
        (write_compound({"NativeContent_MAIN": b"x"}), "a.qpw", "Quattro Pro"),
    ],
)  # fmt: skip
def test_a_document_of_another_program_is_named_where_the_program_is_missing(
    data: bytes, name: str, title: str
) -> None:
    reading = read_document(data, name, recogniser=Recogniser(()))
    assert (reading.reason, reading.lacks) == ("no-tool", "soffice")
    assert reading.detail == f"a document of {title}; soffice is not installed"


def test_what_the_program_makes_of_a_document_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give("<office:text><text:p>Kế hoạch xã Tả Van</text:p></office:text>", tmp_path, monkeypatch)
    reading = read(WORDPERFECT, tmp_path)
    assert (reading.text, reading.tool, reading.doubts) == ("Kế hoạch xã Tả Van", "LibreOffice 7.4.7.2", ())


def test_a_day_that_the_program_shows_anew_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fields = (
        '<text:date text:date-value="2026-11-30">30/11/26</text:date>'
        '<text:date text:fixed="true" text:date-value="2010-09-02">02/09/2010</text:date>'
        "<text:file-name>a</text:file-name>"
    )
    give(f"<office:text><text:p>Sa Pa, {fields}</text:p></office:text>", tmp_path, monkeypatch)
    reading = read(WORDPERFECT, tmp_path)
    assert reading.text == "Sa Pa, 02/09/2010"
    assert reading.detail == "not stored in the file, left out: 2 fields of the day or place"


LOTUS = b"\0\0\x02\0\x06\x04\x06\0\x08\0"


@pytest.mark.parametrize(
    "formula", ["TODAY()", "CELL(&quot;FILENAME&quot;)", "[1]Sheet1!A1", "INDIRECT(&quot;A1&quot;)+5"]
)
def test_results_that_follow_from_the_day_are_left_out(
    formula: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = cell("B1", formula, "46356") + cell("C1", "B1+1", "46357") + cell("D1", "SUM($A$1:C5)", "92713")
    other = cell("E1", "A1+1", "16") + cell("F1", "CONCATENATE(A2,&quot;B1&quot;)", "B1") + cell("G1", "G:G*2", "32")
    give_workbook(OWN + new + other, tmp_path, monkeypatch)
    reading = read(LOTUS, tmp_path, "a.wk1")
    assert (reading.text, reading.doubts) == ("Biểu 1\nHạn 16 B1 32", ("structure",))
    assert reading.detail == "not stored in the file, left out: 3 results of formulas"


@pytest.mark.parametrize(
    ("formula", "shown"),
    [
        ("nam+1", "Hạn"), ("OFFSET(A1,0,1)", "Hạn"), ("'Biểu 1'!$B$1+1", "Hạn"), ("Hai!A1", "Hạn"), ("A:B", "Hạn"),
        ("1:3", "Hạn"), ("'Biểu 1'!A1+TRUE", "Hạn 7"), ("A:A", "Hạn 7"), ("2:3", "Hạn 7"), ("LOG10(A1)", "Hạn 7"),
    ],
)  # fmt: skip
def test_a_formula_that_may_show_any_cell_follows_from_the_day(
    formula: str, shown: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    give_workbook(OWN + cell("B1", "NOW()", "46356") + cell("C1", formula, "7"), tmp_path, monkeypatch)
    assert read(LOTUS, tmp_path, "a.wk1").text == f"Biểu 1\n{shown}"


def test_all_cells_that_a_formula_fills_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    array = '<c r="B1" s="0" t="n"><f t="array" ref="B1:C1" aca="false">TODAY()+{1,2}</f><v>46357</v></c>'
    filled = '<c r="C1" s="0" t="n"><v>46358</v></c>' + cell("D1", "C1*2", "92716")
    give_workbook(OWN + array + filled, tmp_path, monkeypatch)
    assert read(LOTUS, tmp_path, "a.wk1").text == "Biểu 1\nHạn"


def test_all_results_are_left_out_if_they_are_too_many_to_follow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = '<c r="B1" s="0" t="n"><f t="array" ref="B1:Z9999" aca="false">TODAY()*A2:A3</f><v>46357</v></c>'
    filled = '<c r="C1" s="0" t="n"><v>46358</v></c>' + cell("AA1", "2+2", "4")
    give_workbook(OWN + large + filled, tmp_path, monkeypatch)
    assert read(LOTUS, tmp_path, "a.wk1").text == "Biểu 1\nHạn"


def test_formulas_that_the_program_cannot_count_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = cell("A1", "CONCATENATE(&quot;TODAY()&quot;,A2)", "Hôm nay") + cell("B1", "thue(A1)", "#NAME?")
    give_workbook(cells + cell("C1", "1/0", "#DIV/0!"), tmp_path, monkeypatch)
    reading = read(LOTUS, tmp_path, "a.wk1")
    assert (reading.text, reading.doubts) == ("Biểu 1\nHôm nay #DIV/0!", ("structure",))
    assert reading.detail == "formulas that soffice cannot count: 1"


def test_the_number_of_the_page_that_the_program_puts_below_sheets_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    footer = "&amp;C&amp;&quot;Times New Roman,Regular&quot;&amp;12Page &amp;P"
    after = f"<headerFooter><oddHeader>&amp;CSở Y tế</oddHeader><oddFooter>{footer}</oddFooter></headerFooter>"
    give_workbook(OWN, tmp_path, monkeypatch, after=after)
    assert read(b"ID;PWXL\nE\n", tmp_path, "a.slk").text == "Biểu 1\nHạn\nSở Y tế"


def test_a_file_that_the_program_cannot_read_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_soffice(tmp_path, monkeypatch, does="exit 0")
    reading = read(WORDPERFECT, tmp_path)
    assert (reading.reason, reading.lacks) == ("broken", None)
    assert reading.detail == "a document of WordPerfect; soffice cannot read it"


def test_a_damaged_workbook_is_read_with_a_doubt_and_letters_of_no_language_are_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    damaged = write_compound({"Workbook": b"x" * 5000})
    ours = read_document(damaged, "a.xls", recogniser=Recogniser(()))
    assert (ours.reason, ours.lacks) == ("broken", None)
    give_workbook(OWN.replace("Hạn", "Thôn Bản Hồ"), tmp_path, monkeypatch)
    reading = read(damaged, tmp_path, "a.xls")
    assert (reading.text, reading.doubts) == ("Biểu 1\nThôn Bản Hồ", ("structure",))
    assert reading.detail == f"read by soffice alone; {ours.detail}"
    folder = tmp_path / "garbled"
    folder.mkdir()
    wrong = " ".join(f"ÐÏà¡±á{letter}þÿÞ{letter}" for letter in "bcdghklmnpqrst")
    give_workbook(OWN.replace("Hạn", wrong), folder, monkeypatch)
    assert read(damaged, folder, "a.xls") == ours


def test_formulas_without_results_wait_for_the_program(tmp_path: Path) -> None:
    reading = read_document(workbook(SUMS), "a.xlsx", recogniser=Recogniser(()))
    assert (reading.text, reading.doubts, reading.lacks) == ("Biểu 1\nTả Van 15", ("structure",), "soffice")


@NEEDS_SUITE
def test_formulas_without_results_are_counted_and_the_note_says_who_counted(tmp_path: Path) -> None:
    reading = read(workbook(SUMS), tmp_path, "a.xlsx")
    assert (reading.text, reading.detail, reading.doubts) == ("Biểu 1\nTả Van 15\n34 49", COUNTED, ())
    assert (reading.method, reading.lacks, (reading.tool or "")[:12]) == ("xlsx", None, "LibreOffice ")


def test_counts_that_lack_cells_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_workbook(cell("A1", "1+1", "2"), tmp_path, monkeypatch)
    reading = read(workbook(SUMS), tmp_path, "a.xlsx")
    assert (reading.text, reading.doubts) == ("Biểu 1\nTả Van 15", ("structure",))
    assert reading.detail == "formulas without a result: 2"


def test_counts_that_follow_from_the_day_are_left_out_and_the_doubt_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = '<c r="A1" s="0" t="str"><v>Tả Van</v></c><c r="B1" s="0" t="n"><v>15</v></c>'
    give_workbook(own + cell("C1", "B1*2", "30") + cell("D1", "TODAY()", "46356"), tmp_path, monkeypatch)
    reading = read(workbook(SUMS), tmp_path, "a.xlsx")
    assert (reading.text, reading.doubts) == ("Biểu 1\nTả Van 15 30", ("structure",))
    assert reading.detail == f"{COUNTED}; not stored in the file, left out: 1 results of formulas"


def test_counts_of_which_nothing_is_left_are_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = '<c r="A1" s="0" t="str"><v>Tả Van</v></c><c r="B1" s="0" t="n"><v>15</v></c>'
    give_workbook(own + cell("C1", "RAND()", "3"), tmp_path, monkeypatch)
    reading = read(workbook(SUMS), tmp_path, "a.xlsx")
    assert (reading.text, reading.detail) == ("Biểu 1\nTả Van 15", "formulas without a result: 2")


@NEEDS_SUITE
def test_counted_dates_are_shown_by_our_formats(tmp_path: Path) -> None:
    styles = "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='15'/></cellXfs>"
    days = "".join(f"<c r='{column}3' s='{1 + (column > 'D')}'><v>45171</v></c>" for column in "ABCDEFGH")
    reading = read(workbook(f"{SUMS}<row r='3'>{days}</row>", styles=styles), tmp_path, "a.xlsx")
    shown = " ".join(4 * ["02/09/2023"] + 4 * ["02-Sep-23 (02/09/2023)"])
    assert (reading.text or "").splitlines()[1:] == ["Tả Van 15", "34 49", shown]
    assert (reading.detail, reading.doubts) == (COUNTED, ())


def test_the_program_is_not_started_when_the_time_of_the_file_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_soffice(tmp_path, monkeypatch, does=f"touch {tmp_path}/started")
    over = Allowance(suite_until=time.monotonic() + 1)
    reading = read_document(WORDPERFECT, "a.wpd", recogniser=Recogniser((SUITE,)), left=over)
    assert (reading.reason, reading.detail) == ("timed-out", "a document of WordPerfect; no time is left for soffice")
    assert not (tmp_path / "started").exists()


def test_a_program_ends_with_the_reader_and_its_folder_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folders, pids = tmp_path / "folders", tmp_path / "pids"
    folders.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folders))
    does = f"sleep 600 & echo $$ $! > {pids}.new; mv {pids}.new {pids}; sleep 600"
    put_soffice(tmp_path, monkeypatch, does=does)
    with TextReader((SUITE,), pids.exists) as reader, pytest.raises(StoppedError):
        reader.read(WORDPERFECT, "a.wpd")
    wait_until_gone(*map(int, pids.read_text().split()))
    assert list(folders.iterdir()) == []


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


@NEEDS_SUITE
def test_a_workbook_of_lotus_is_read_within_the_bounds_of_the_process_that_reads() -> None:
    label = record(0x0F, b"\xff" + struct.pack("<HH", 0, 0) + b"'Muong Hoa\0")
    number = record(0x0D, b"\xff" + struct.pack("<HHH", 1, 0, 1840))
    data = record(0, b"\x06\x04") + record(6, bytes(8)) + label + number + record(1, b"")
    with TextReader((SUITE,), lambda: False) as reader:
        reading = reader.read(data, "a.wk1")
    assert reading.text is not None
    assert reading.text.split()[-3:] == ["Muong", "Hoa", "1840"]


def test_the_doubts_of_a_document_within_another_are_those_of_both() -> None:
    within = '<w:p><w:r><w:t>Kế hoạch</w:t></w:r><w:object r:id="r1"/></w:p>'
    parts: dict[str, str | bytes] = {"word/embeddings/bang.xlsx": workbook(SUMS)}
    data = write_word_package(within, parts=parts, names={"r1": ("package", "embeddings/bang.xlsx")})
    reading = read_document(data, "a.docx", recogniser=Recogniser(()))
    assert reading.text == "Kế hoạch\n\nBiểu 1\nTả Van 15"
    assert reading.doubts == ("structure",)
    assert reading.detail == "doubtful documents within: word/embeddings/bang.xlsx (structure)"
