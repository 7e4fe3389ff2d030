"""Pages and XML that office programs save as documents give their words in order, and no mark-up."""

import quopri
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.deleted import NOTE_ON_DELETED
from crawler.attachments.worker import read_text
from crawler.replica.content.documents import write_docx
from tests.support.attachments.legacy_letters import to_tcvn3

WORD_HTML = """<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word">
<head><meta charset=utf-8><title>Tên tệp</title><style>p.MsoNormal {margin:0}</style>
<!--[if gte mso 9]><xml><w:WordDocument><w:View>Print</w:View></w:WordDocument></xml><![endif]--></head>
<body lang=VI><div class=WordSection1><p class=MsoNormal>Số: 12/QĐ-<span
lang=VI>UBND</span><o:p></o:p></p><xml>cài đặt</xml>
<table><tr><td><p>UBND THỊ XÃ</p><p>SA PA</p></td><td>CỘNG HÒA</td></tr>
<tr><td>1</td><td>Giàng&nbsp;A&nbsp;Lử</td></tr></table>
<p>giữ <del>bỏ đi</del><ins>thêm</ins></p><br clear=all style='page-break-before:always'>
<![if !supportEmptyParas]><p>Trang hai</p><![endif]><script>var a = "mã";</script></div></body></html>"""
SHOWN = "Số: 12/QĐ-UBND\nUBND THỊ XÃ SA PA CỘNG HÒA\n1 Giàng A Lử\ngiữ thêm\n\nTrang hai"


def read(data: bytes, folder: Path, name: str = "a.doc") -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, name, tools=())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_html_of_word_gives_its_words_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    reading = read(WORD_HTML.encode(encoding), tmp_path)
    assert (reading.text, reading.method, reading.detail) == (SHOWN, "html", None)


def test_html_in_the_vietnamese_code_page_is_decoded_though_it_says_otherwise(tmp_path: Path) -> None:
    for said in ("windows-1258", "windows-1252", "utf-8", "x-nonsense"):
        page = f"<html xmlns:w='urn:schemas-microsoft-com:office:word'><meta charset={said}><p>ng\u01b0\u01a1\u0300i"
        assert read(page.encode("cp1258"), tmp_path).text == "người"


def test_html_in_the_western_code_page_with_other_letters_as_numbers_is_decoded(tmp_path: Path) -> None:
    text = "Xã Séo Mý Tỷ: hãy góp ý với người dân, đã ký nhận"
    page = f"<html xmlns:w='urn:schemas-microsoft-com:office:word'><meta charset=windows-1252><p>{text}"
    assert read(page.encode("cp1252", "xmlcharrefreplace"), tmp_path).text == text


def test_a_bare_table_of_a_portal_is_read_and_told_apart(tmp_path: Path) -> None:
    table = "<table border='1'><tr><th>STT</th><th>Họ tên</th></tr><tr><td>1</td><td>Thào A Sinh</td></tr></table>"
    reading = read(table.encode(), tmp_path, "danh-sach.xls")
    assert reading.text == "STT Họ tên\n1 Thào A Sinh"
    assert reading.detail == "a page without the marks of an office program"


def test_a_page_of_a_site_under_the_name_of_a_document_is_doubtful(tmp_path: Path) -> None:
    gone = "<html><head><title>404</title></head><body><h1>Không tìm thấy</h1><p>Tệp không tồn tại.</p></body></html>"
    assert read(gone.encode(), tmp_path).doubts == ("structure",)
    assert read(gone.encode(), tmp_path, "404.html").doubts == ()
    assert read(WORD_HTML.encode(), tmp_path).doubts == ()


def test_a_table_within_a_cell_parts_its_rows_by_lines(tmp_path: Path) -> None:
    inner = "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>"
    page = f"<table><tr><td><p>Đầu</p>{inner}<p>Cuối</p></td></tr></table>"
    assert read(page.encode(), tmp_path).text == "Đầu\na b\nc\nCuối"


def test_items_of_lists_have_the_numbers_that_a_browser_shows(tmp_path: Path) -> None:
    page = """<html xmlns:w='urn:schemas-microsoft-com:office:word'><ol><li>Phạm vi<ol type=a><li>một<li>hai</ol>
    <li value=5>Đối tượng<ul><li>gạch</ul><li>Hiệu lực</ol><ol start=3 type=I><li>Ba</ol>
    <ol style='list-style-type: none'><li>trơn</ol><li>lạc</li><ol start=-2><li>âm</ol>"""
    assert (read(page.encode(), tmp_path).text or "").splitlines() == [
        "1. Phạm vi", "a. một", "b. hai", "5. Đối tượng", "gạch", "6. Hiệu lực", "III. Ba", "trơn", "lạc", "1. âm",
    ]  # fmt: skip


def test_mht_gives_its_page_then_its_other_parts(tmp_path: Path) -> None:
    body = quopri.encodestring(WORD_HTML.encode()).decode()
    mht = (
        "MIME-Version: 1.0\nContent-Type: multipart/related; boundary=\"----=_Part\"\n\nĐây là một trang web.\n"
        "------=_Part\nContent-Location: file:///C:/a.htm\nContent-Transfer-Encoding: quoted-printable\n"
        f"Content-Type: text/html; charset=\"utf-8\"\n\n{body}\n"
        "------=_Part\nContent-Transfer-Encoding: base64\nContent-Type: image/png\n\niVBORw0KGgo=\n"
        "------=_Part\nContent-Transfer-Encoding: base64\nContent-Type: text/html; charset=utf-8\n\n"
        "PHA+xJDhuqd1IHRyYW5nPC9wPg==\n------=_Part--\n"
    )  # fmt: skip
    for data in (mht.encode(), b"\r\n\r\n" + mht.replace("\n", "\r\n").encode()):
        reading = read(data, tmp_path)
        assert (reading.text, reading.method) == (f"{SHOWN}\n\nĐầu trang", "mht")


def test_word_2003_gives_body_tables_and_notes_and_what_changes_took_out_at_the_end(tmp_path: Path) -> None:
    text = "<w:p><w:r><w:t>{}</w:t></w:r></w:p>"
    xml = (
        "<?xml version='1.0' encoding='UTF-8' standalone='yes'?><?mso-application progid='Word.Document'?>"
        "<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml' xmlns:aml='a' xmlns:o='o'>"
        "<o:DocumentProperties><o:Title>tên</o:Title></o:DocumentProperties><w:body>"
        "<w:p><w:r><w:t>Số: 12/QĐ</w:t><w:noBreakHyphen/><w:t>UBND</w:t><w:tab/><w:t>x</w:t></w:r></w:p>"
        f"<w:tbl><w:tr><w:tc>{text.format('a')}{text.format('b')}</w:tc><w:tc>{text.format('c')}</w:tc></w:tr></w:tbl>"
        "<aml:annotation><aml:content><w:r><w:delText>bỏ</w:delText></w:r></aml:content></aml:annotation>"
        "<w:p><w:r><w:instrText>HYPERLINK</w:instrText><w:t>cổng</w:t></w:r></w:p></w:body></w:wordDocument>"
    )
    reading = read(xml.encode(), tmp_path)
    assert (reading.text, reading.method) == ("Số: 12/QĐ-UBND x\na b c\ncổng\n[-bỏ-]", "wordml")
    assert reading.detail == NOTE_ON_DELETED


SHEETS = (
    "<?xml version='1.0'?>\n<?mso-application progid='Excel.Sheet'?>\n"
    "<Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'"
    " xmlns:ss='urn:schemas-microsoft-com:office:spreadsheet'>"
    "<Styles><Style ss:ID='a'/></Styles><Worksheet ss:Name='Một'><Table>"
    "<Row><Cell><Data ss:Type='String'>Xã{}</Data></Cell>"
    "<Cell ss:Index='4'><Data ss:Type='DateTime'>2023-09-02T00:00:00.000</Data></Cell>"
    "<Cell><Data ss:Type='Number'>15000000</Data></Cell><Cell><Data ss:Type='Number'>0.5</Data></Cell></Row></Table>"
    "</Worksheet><Worksheet ss:Name='Hai'><Table><Row>"
    "<Cell><ss:Data xmlns='h'>Tả <B>Van</B></ss:Data></Cell></Row></Table>"
    "</Worksheet></Workbook>"
)


def test_excel_2003_gives_cells_as_they_are_shown(tmp_path: Path) -> None:
    for data in (SHEETS.format("").encode(), SHEETS.format("").encode("utf-16"), b"\r\n" + SHEETS.format("").encode()):
        reading = read(data, tmp_path, "a.xls")
        assert (reading.text, reading.method) == ("Một\nXã 02/09/2023 15000000 0.5\n\nHai\nTả Van", "sheetml")


def test_excel_2003_shows_numbers_by_the_formats_of_their_styles(tmp_path: Path) -> None:
    style = "<Style ss:ID='{}'><NumberFormat ss:Format='{}'/></Style>"
    styles = style.format("p", "Percent") + style.format("n", "#,##0.00") + style.format("d", "Short Date")
    styles += "<Style ss:ID='c' ss:Parent='p'/>"
    cell = "<Cell ss:StyleID='{}'><Data ss:Type='Number'>{}</Data></Cell>"
    row = "".join(cell.format(*one) for one in (("p", 0.154), ("n", 1250.5), ("d", 45171), ("c", 1), ("x", 7)))
    sheets = (
        SHEETS.format("").replace("<Styles>", f"<Styles>{styles}").replace("</Table>", f"<Row>{row}</Row></Table>", 1)
    )
    assert "15.40% 1,250.50 2/9/2023 (02/09/2023) 100.00% 7" in (read(sheets.encode(), tmp_path, "a.xls").text or "")
    from_1904 = sheets.replace("<Styles>", "<ExcelWorkbook><Date1904/></ExcelWorkbook><Styles>", 1)
    assert "3/9/2027 (03/09/2027)" in (read(from_1904.encode(), tmp_path, "a.xls").text or "")
    booleans = sheets.replace("'Number'>1<", "'Boolean'>1<").replace("'Number'>7<", "'Boolean'>0<")
    assert "(02/09/2023) TRUE FALSE" in (read(booleans.encode(), tmp_path, "a.xls").text or "")


def test_excel_2003_puts_the_words_of_a_format_around_texts(tmp_path: Path) -> None:
    style = "<Style ss:ID='x'><NumberFormat ss:Format='0;-0;0;&quot;Xã &quot;@'/></Style>"
    row = "<Row><Cell ss:StyleID='x'><Data ss:Type='String'>Tả Phìn</Data></Cell></Row>"
    sheets = SHEETS.format("").replace("<Styles>", f"<Styles>{style}").replace("</Table>", f"{row}</Table>", 1)
    assert "Xã Tả Phìn" in (read(sheets.encode(), tmp_path, "a.xls").text or "")


def test_excel_2003_reads_legacy_letters_by_the_fonts_of_cells(tmp_path: Path) -> None:
    style = "<Style ss:ID='{}' ss:Parent='{}'><Font ss:FontName='{}'/></Style>"
    styles = style.format("t", "", ".VnTimeH") + style.format("v", "", "VNI-Times") + "<Style ss:ID='c' ss:Parent='v'/>"
    cell = "<Cell ss:StyleID='{}'><Data ss:Type='String'>{}</Data></Cell>"
    cells = cell.format("t", "céng hoµ") + cell.format("c", "ñöôïc cö") + cell.format("a", "Tả Van")
    part = "daân <Font html:Face='.VnTime'>®îc</Font> toäc"
    mixed = f"<Row ss:StyleID='v'><Cell><Data ss:Type='String'>{part}</Data></Cell></Row>"
    sheets = (
        SHEETS.format("").replace("<Styles>", f"<Styles>{styles}").replace("<Workbook ", "<Workbook xmlns:html='h' ")
    )
    data = sheets.replace("</Table>", f"<Row>{cells}</Row>{mixed}</Table>", 1).encode()
    text = read(data, tmp_path, "a.xls").text or ""
    assert "CỘNG HOÀ được cư Tả Van\ndân đợc tộc" in text


def test_word_2003_reads_legacy_letters_by_the_fonts_of_runs_styles_and_the_document(tmp_path: Path) -> None:
    fonts = "<w:rFonts w:ascii='{0}' w:h-ansi='{0}'/>"
    look = "<w:rPr>" + fonts + "</w:rPr>"
    paragraph = "<w:p><w:pPr>{}</w:pPr><w:r>{}<w:t>{}</w:t></w:r></w:p>"
    styles = (
        f"<w:styles><w:defaultFonts w:ascii='VNI-Times' w:h-ansi='VNI-Times'/><w:style w:styleId='base'>"
        f"{look.format('.VnTimeH')}</w:style><w:style w:styleId='own'><w:basedOn w:val='base'/></w:style></w:styles>"
    )
    body = (
        paragraph.format("<w:pStyle w:val='own'/>", "", "céng hoµ")
        + paragraph.format("", look.format("Times New Roman"), "Tả Van")
        + paragraph.format("<w:pStyle w:val='own'/>", look.format(".VnTime"), "céng hoµ")
        + paragraph.format("", "<w:rPr><w:rStyle w:val='own'/></w:rPr>", "x· héi")
        + paragraph.format("", "", "ñöôïc cö")
    )
    xml = (
        f"<w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'>{styles}{{}}</w:wordDocument>"
    )
    reading = read(xml.format(f"<w:body>{body}</w:body>").encode(), tmp_path)
    assert (reading.text, reading.method) == ("CỘNG HOÀ\nTả Van\ncộng hoà\nXÃ HỘI\nđược cư", "wordml")


def test_paragraphs_of_lists_of_word_2003_have_their_numbers(tmp_path: Path) -> None:
    level = "<w:lvl w:ilvl='{}'><w:start w:val='{}'/><w:nfc w:val='{}'/><w:lvlText w:val='{}'/></w:lvl>"
    lists = (
        f"<w:lists><w:listDef w:listDefId='4'>{level.format(0, 3, 0, 'Điều %1.')}{level.format(1, 1, 4, '%1.%2)')}"
        "</w:listDef><w:list w:ilfo='2'><w:ilst w:val='4'/></w:list></w:lists>"
    )
    place = "<w:p><w:pPr><w:listPr>{}</w:listPr></w:pPr><w:r><w:t>{}</w:t></w:r></w:p>"
    rows = (
        ("<w:ilvl w:val='0'/><w:ilfo w:val='2'/>", "một"), ("<w:ilvl w:val='1'/><w:ilfo w:val='2'/>", "hai"),
        ("<wx:t wx:val='VII.'/>", "ba"), ("<wx:t wx:val='·'/>", "bốn"),
        ("<w:ilvl w:val='9'/><w:ilfo w:val='8'/>", "năm"),
    )  # fmt: skip
    body = "".join(place.format(*row) for row in rows)
    xml = (
        "<?xml version='1.0'?><w:wordDocument xmlns:w='http://schemas.microsoft.com/office/word/2003/wordml'"
        f" xmlns:wx='x'>{lists}<w:body>{body}</w:body></w:wordDocument>"
    )
    whole = read(xml.encode(), tmp_path)
    assert (whole.text or "").splitlines() == ["Điều 3. một", "3.a) hai", "VII. ba", "bốn", "năm"]
    assert (whole.is_cut, whole.doubts) == (False, ())
    cut = read(xml[:-60].encode(), tmp_path)
    assert (cut.is_cut, cut.doubts) == (True, ("structure",))
    assert "một" in (cut.text or "")
    ampersand = read(xml.replace("năm", "năm & sáu").encode(), tmp_path)
    assert (ampersand.is_cut, ampersand.doubts) == (False, ())


def test_a_text_that_goes_on_in_the_next_line_of_a_page_is_judged_as_one(tmp_path: Path) -> None:
    text = to_tcvn3("Sở\nXây dựng: về\nviệc cấp phép, giai đoạn 2010–2015, được duyệt")
    page = f"<html><body><p>Tờ trình của Đảng ủy</p><p>{text}</p><pre>Bảng\nhai</pre></body></html>"
    shown = "Tờ trình của Đảng ủy\nSở Xây dựng: về việc cấp phép, giai đoạn 2010–2015, được duyệt\nBảng hai"
    assert (read(page.encode(), tmp_path).text or "") == shown


def test_xml_with_a_bare_ampersand_still_gives_its_words(tmp_path: Path) -> None:
    reading = read(SHEETS.format(" A & B").encode(), tmp_path, "a.xls")
    assert reading.text is not None
    assert "Xã A & B" in reading.text
    assert "damaged XML" in (reading.detail or "")


def test_xml_that_would_grow_is_not_expanded(tmp_path: Path) -> None:
    entity = "<!DOCTYPE x [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]>"
    reading = read(SHEETS.format("&b;").replace("?>\n<?mso", f"?>{entity}<?mso").encode(), tmp_path, "a.xls")
    assert "aaaaaaaaaaa" not in (reading.text or "")


def test_a_package_in_one_file_is_read_as_the_package(tmp_path: Path) -> None:
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    main = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    word = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    flat = (
        "<?xml version='1.0'?><?mso-application progid='Word.Document'?>"
        "<pkg:package xmlns:pkg='http://schemas.microsoft.com/office/2006/xmlPackage'>"
        "<pkg:part pkg:name='/_rels/.rels' pkg:contentType='r'><pkg:xmlData><Relationships xmlns='x'>"
        f"<Relationship Type='{office}' Target='word/document.xml'/></Relationships></pkg:xmlData></pkg:part>"
        f"<pkg:part pkg:name='/word/document.xml' pkg:contentType='{main}'><pkg:xmlData><w:document xmlns:w='{word}'>"
        "<w:body><w:p><w:r><w:t>Số: 12/QĐ-UBND</w:t></w:r></w:p></w:body></w:document></pkg:xmlData></pkg:part>"
        "<pkg:part pkg:name='/word/media/a.png' pkg:contentType='image/png'><pkg:binaryData>iVBO</pkg:binaryData>"
        "</pkg:part>"
        "</pkg:package>"
    )
    reading = read(flat.encode(), tmp_path)
    assert (reading.text, reading.method) == ("Số: 12/QĐ-UBND", "docx")
    assert read(flat[:300].encode(), tmp_path).reason == "broken"
    assert read(write_docx(("một",)), tmp_path).method == "docx"


@pytest.mark.parametrize("mark", ['<font face=".VnTime">', "<span style='font-family:&quot;.VnTime&quot;'>"])
def test_short_legacy_texts_of_a_page_are_decoded_by_their_fonts(tmp_path: Path, mark: str) -> None:
    page = f"<html><body><p>{mark}{to_tcvn3('được')}</p><p>Sapa®</p><p>{mark}{to_tcvn3('thư ký')}</p></body></html>"
    assert (read(page.encode(), tmp_path).text or "").split() == ["được", "Sapa®", "thư", "ký"]
