"""Workbooks of any build: strict, odd styles, cells as shown, text boxes, notes, charts, headers."""

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.workbook import read_xlsx
from tests.support.attachments.legacy_letters import to_tcvn3
from tests.support.attachments.metafiles import emf_font, emf_text, write_emf
from tests.support.attachments.package_files import STRICT, TRANSITIONAL, write_package, write_word_package

_SHEET = "xl/worksheets/sheet1.xml"


def workbook(
    cells: str, *, styles: str = "", strings: str = "", after: str = "", space: str = TRANSITIONAL,
    is_1904: bool = False, end: str = "",
    names: dict[str, tuple[str, str]] | None = None, more: dict[str, str | bytes] | None = None, state: str = "visible",
    named: dict[str, dict[str, tuple[str, str]]] | None = None,
) -> bytes:  # fmt: skip
    main = (
        f"<workbook xmlns='x' xmlns:r='{space}'><workbookPr date1904='{int(is_1904)}'/><sheets>"
        f"<sheet name='Biểu 1' sheetId='7' state='{state}' r:id='r1'/></sheets>{end}</workbook>"
    )
    parts: dict[str, str | bytes] = {
        "xl/workbook.xml": main, _SHEET: f"<worksheet xmlns='x'><sheetData>{cells}</sheetData>{after}</worksheet>",
        "xl/styles.xml": f"<styleSheet xmlns='x'>{styles}</styleSheet>", "xl/s.xml": f"<sst xmlns='x'>{strings}</sst>",
        **(more or {}),
    }  # fmt: skip
    own = {
        "r1": ("worksheet", "worksheets/sheet1.xml"), "r2": ("styles", "styles.xml"), "r3": ("sharedStrings", "s.xml"),
    }  # fmt: skip
    return write_package(
        "xl/workbook.xml", parts, names={"xl/workbook.xml": own, _SHEET: names or {}, **(named or {})}, space=space
    )


def read(data: bytes) -> TextReading:
    return read_xlsx(
        data, Recogniser(()), read=lambda within, name: TextReading(f"{name}: {find_kind(within, name)}", "docx")
    )


def lines(data: bytes) -> list[str]:
    text = read(data).text
    assert text is not None
    return text.splitlines()[1:]


STYLES = (
    "<numFmts><numFmt numFmtId='170' formatCode='&quot;Ngày &quot;dd&quot; tháng &quot;mm'/></numFmts>"
    "<fonts><font><name val='Arial'/></font><font><name val='.VnTime'/></font></fonts>"
    "<cellStyleXfs><xf numFmtId='9'/></cellStyleXfs><cellXfs><xf numFmtId='0' fontId='0'/>"
    "<xf numFmtId='14' fontId='0'/>"
    "<xf numFmtId='170' fontId='9'/><xf numFmtId='10'/><xf numFmtId='0' fontId='1'/></cellXfs>"
)


def test_cells_are_shown_as_their_formats_show_them() -> None:
    cells = (
        "<row><c s='1'><v>45171</v></c><c s='2'><v>45171</v></c><c s='3'><v>0.1540</v></c><c><v>15000000</v></c></row>"
        "<row><c t='b'><v>1</v></c><c t='e'><v>#N/A</v></c><c t='str'><v>kết quả</v></c>"
        "<c t='d'><v>2023-09-02T00:00:00</v></c>"
        "<c t='inlineStr'><is><t>chữ</t></is></c><c s='1'/><c s='99'><v>7</v></c><c t='s'><v>99</v></c></row>"
        "<row><c><v>3.3000000000000003</v></c><c><f>A1</f><v>12</v></c></row>"
    )
    assert lines(workbook(cells, styles=STYLES)) == [
        "2/9/2023 (02/09/2023) Ngày 02 tháng 09 (02/09/2023) 15.40% 15000000",
        "TRUE #N/A kết quả 02/09/2023 chữ 7", "3.3 12",
    ]  # fmt: skip
    assert lines(workbook("<row><c s='1'><v>43709</v></c></row>", styles=STYLES, is_1904=True))[0].startswith(
        "2/9/2023 "
    )


def test_an_extension_that_has_the_name_of_a_setting_does_not_change_the_days() -> None:
    data = workbook("<row><c s='1'><v>43709</v></c></row>", styles=STYLES, is_1904=True, end=(
        "<extLst><ext><y:workbookPr xmlns:y='y' defaultImageDpi='32767'/></ext></extLst>"
    ))  # fmt: skip
    assert lines(data) == ["2/9/2023 (02/09/2023)"]


def test_formats_that_only_have_a_number_are_those_of_the_standard() -> None:
    forms = "".join(f"<xf numFmtId='{number}'/>" for number in (0, 12, 13, 48))
    styles = f"<cellXfs>{forms}</cellXfs>"
    cells = "<row><c s='1'><v>2.5</v></c><c s='2'><v>0.0625</v></c><c s='3'><v>1250</v></c></row>"
    assert lines(workbook(cells, styles=styles)) == ["2 1/2 1/16 1.3E+3"]


def test_texts_have_the_words_that_their_format_puts_around_them() -> None:
    styles = "<numFmts><numFmt numFmtId='170' formatCode='&quot;Xã &quot;@'/></numFmts>"
    styles += "<cellXfs><xf numFmtId='0'/><xf numFmtId='170'/></cellXfs>"
    texts = "<c s='1' t='s'><v>0</v></c><c s='1' t='str'><v>Mường Hoa</v></c>"
    cells = f"<row>{texts}<c s='1' t='inlineStr'><is><t>Nậm Cang</t></is></c><c t='s'><v>0</v></c></row>"
    data = workbook(cells, styles=styles, strings="<si><t>Tả Van</t></si>")
    assert lines(data) == ["Xã Tả Van Xã Mường Hoa Xã Nậm Cang Tả Van"]


def test_letters_that_xml_cannot_hold_are_read_or_left_as_they_are_written() -> None:
    strings = "<si><t>một_x000d_hai_x0007__x005F_x000D__xD83D_ _x0110_iều</t></si>"
    assert lines(workbook("<row><c t='s'><v>0</v></c></row>", strings=strings)) == ["một", "hai_x000D__xD83D_ Điều"]


def test_formulas_without_results_make_a_table_doubtful() -> None:
    names = "".join(
        f"<row><c t='inlineStr'><is><t>Thôn {number}</t></is></c><c><v>5</v></c></row>" for number in range(9)
    )
    empty = "<row><c><f>SUM(B1:B9)</f></c><c t='str'><f>A1</f><v/></c></row>"
    few = read(workbook(names + empty))
    assert (few.doubts, few.detail) == ((), "formulas without a result: 1")
    many = read(workbook(names + 2 * empty + "<row><c><f>B1</f><v></v></c></row>"))
    assert (many.doubts, many.detail) == (("structure",), "formulas without a result: 3")


def test_a_pivot_table_without_its_cells_makes_a_workbook_doubtful() -> None:
    row = "<row><c r='{0}{1}'><v>5</v></c></row>"
    beside = "".join(row.format("B", number) for number in range(3, 20))
    within = "".join(row.format("D", number) for number in range(3, 6))
    more: dict[str, str | bytes] = {
        "xl/pivotTables/p.xml": "<pivotTableDefinition><location ref='D3:F5'/></pivotTableDefinition>"
    }
    for cells, doubts, detail in (
        (beside, ("structure",), "pivot tables without their cells: 1"),
        (beside + within, (), None),
    ):
        data = workbook(cells, names={"p": ("pivotTable", "../pivotTables/p.xml")}, more=more)
        reading = read(data)
        assert (reading.doubts, reading.detail) == (doubts, detail)


def test_the_strict_variant_is_read() -> None:
    data = workbook("<row><c t='s'><v>0</v></c></row>", strings="<si><t>nghiêm</t></si>", space=STRICT)
    assert lines(data) == ["nghiêm"]


def test_odd_styles_do_not_lose_the_cells() -> None:
    odd = "<fonts><font><sz val='-x'/><family val='99'/></font></fonts>"
    odd += "<fills><fill><patternFill patternType='?'/></fill></fills>"
    broken = "<cellXfs><xf numFmtId='abc' fontId='-5'/></cellXfs><cellStyles><cellStyle/></cellStyles>"
    cells = "<row r='x'><c r='??' s='0'><v>5</v></c><c s='-1'><v>không số</v></c></row>"
    assert lines(workbook(cells, styles=odd + broken)) == ["5 không số"]
    damaged = read(workbook(cells, styles="<fonts><font></fills>"))
    assert (damaged.text, damaged.doubts) == ("Biểu 1\n5 không số", ("structure",))


def test_legacy_letters_are_decoded_by_the_font_of_cell_and_run() -> None:
    strings = (
        f"<si><t>{to_tcvn3('được')}</t></si><si><r><t>Số </t></r><r><rPr><rFont val='.VnTimeH'/></rPr>"
        f"<t>{to_tcvn3('cộng hoà')}</t></r><rPh><t>đọc</t></rPh></si>"
    )
    cells = "<row><c t='s' s='4'><v>0</v></c><c t='s'><v>1</v></c></row>"
    assert lines(workbook(cells, styles=STYLES, strings=strings)) == ["được Số CỘNG HOÀ"]


def test_what_stands_outside_of_cells_is_read() -> None:
    box = "<x xmlns:a='a'><sp><txBody><a:p><a:r><a:t>Hộp </a:t></a:r><a:r><a:t>chữ</a:t></a:r></a:p></txBody></sp></x>"
    chart = "<c:c xmlns:c='c' xmlns:a='a'><c:title><a:p><a:r><a:t>Thu ngân sách</a:t></a:r></a:p></c:title></c:c>"
    note = "<r><t>Ghi </t></r><r><t>chú</t></r>"
    note = f"<comments><commentList><comment><text>{note}</text></comment></commentList></comments>"
    drawing = "xl/drawings/d.xml"
    data = workbook(
        "<row><c><v>1</v></c></row>", after="<headerFooter><oddHeader>&amp;CSở Y tế</oddHeader></headerFooter>",
        names={"d": ("drawing", "../drawings/d.xml"), "n": ("comments", "/xl/comments1.xml")},
        named={drawing: {"c": ("chart", "../charts/c.xml")}},
        more={drawing: box, "xl/charts/c.xml": chart, "xl/comments1.xml": note}, state="hidden",
    )  # fmt: skip
    assert lines(data) == ["1", "Hộp chữ", "Thu ngân sách", "Ghi chú", "Sở Y tế"]
    assert read(data).detail == "hidden sheets, read too: Biểu 1"


def test_a_workbook_without_its_list_of_sheets_gives_all_sheets() -> None:
    data = write_package("xl/workbook.xml", {
        "xl/workbook.xml": "<workbook/>", _SHEET: "<worksheet><row><c><v>1</v></c></row></worksheet>",
        "xl/worksheets/sheet10.xml": "<worksheet><row><c><v>10</v></c></row></worksheet>",
        "xl/worksheets/sheet2.xml": "<worksheet><row><c><v>2</v></c></row></worksheet>",
    })  # fmt: skip
    assert read(data).text == "1\n\n2\n\n10"


def test_documents_that_are_set_on_a_sheet_are_read_behind_it_and_so_are_metafiles() -> None:
    look, chart = (write_emf(emf_font("Arial"), emf_text(text, 0, 0)) for text in ("xl a docx docx", "Thu 48213"))
    data = workbook(
        "<row><c><v>7</v></c></row>",
        names={"p": ("package", "../a.docx"), "v": ("vmlDrawing", "../v.vml"), "x": ("package", "../lost.docx")},
        more={"xl/a.docx": write_word_package(""), "xl/v.vml": "<xml/>", "xl/a.emf": look, "xl/b.emf": chart},
        named={"xl/v.vml": {"a": ("image", "a.emf"), "b": ("image", "b.emf")}},
    )
    assert lines(data) == ["7", "xl/a.docx: docx", "Thu 48213"]
    reading = read_xlsx(data, Recogniser(()), read=lambda _data, _name: TextReading(reason="encrypted"))
    assert reading.detail == "documents within, not read: xl/a.docx (encrypted)"
