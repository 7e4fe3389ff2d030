"""Word documents of any build: main parts of other names, chunks, hyphens, fonts of styles, boxes, notes, damage."""

import struct
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.worker import read_text
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni
from tests.support.attachments.metafiles import emf_font, emf_text, write_emf
from tests.support.attachments.package_files import WORD, write_word_package


def read(data: bytes, folder: Path, tools: frozenset[str] = frozenset()) -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, "van-ban.docx", tools=tools)


def paragraph(text: str, look: str = "") -> str:
    return f"<w:p><w:r><w:rPr>{look}</w:rPr><w:t>{text}</w:t></w:r></w:p>"


@pytest.mark.parametrize("main", ["word/document.xml", "word/document2.xml", "Word/Main.XML", "vanban/noidung.xml"])
def test_the_main_part_is_the_one_that_the_package_names(tmp_path: Path, main: str) -> None:
    folder = main.rpartition("/")[0]
    data = write_word_package(
        paragraph("Số: 5/TB"), main=main,
        names={"r1": ("header", "dau.xml"), "r2": ("footnotes", f"/{folder}/chu.xml")},
        parts={f"{folder}/dau.xml": f"<w:hdr {WORD}>{paragraph('Đầu')}</w:hdr>", f"{folder}/chu.xml": f"<w:f {WORD}>"
               f"{paragraph('Chú')}</w:f>", "word/document9.xml": paragraph("sai")},
    )  # fmt: skip
    assert read(data, tmp_path).text == "Số: 5/TB\nĐầu\nChú"


def test_the_words_of_metafiles_are_read_behind_the_text(tmp_path: Path) -> None:
    chart = write_emf(emf_font("Arial"), emf_text("Thu 48213", 0, 0))
    body = paragraph("Số: 5/TB")
    data = write_word_package(body, names={"i": ("image", "/word/media/a.emf")}, parts={"word/media/a.emf": chart})
    assert read(data, tmp_path).text == "Số: 5/TB\nThu 48213"


def test_a_hyphen_that_does_not_break_is_a_hyphen(tmp_path: Path) -> None:
    body = "<w:p><w:r><w:t>Số: 123/QĐ</w:t><w:noBreakHyphen/><w:t>UB</w:t><w:softHyphen/><w:t>ND</w:t></w:r></w:p>"
    assert read(write_word_package(body), tmp_path).text == "Số: 123/QĐ-UBND"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.html", "<html><body><p>Phụ lục một</p></body></html>"),
        ("a.txt", "Phụ lục một"),
        ("a.rtf", r"{\rtf1 Ph\u7909? l\u7909?c m\u7897?t}"),
        ("a.docx", write_word_package(paragraph("Phụ lục một"))),
    ],
)
def test_a_chunk_of_another_kind_is_read_where_it_stands(tmp_path: Path, name: str, content: str | bytes) -> None:
    body = paragraph("trước") + '<w:altChunk r:id="c1"/>' + paragraph("sau")
    data = write_word_package(body, names={"c1": ("aFChunk", f"/word/{name}")}, parts={f"word/{name}": content})
    assert read(data, tmp_path).text == "trước\nPhụ lục một\nsau"


def test_a_document_that_is_set_in_another_is_read_behind_it_or_named(tmp_path: Path) -> None:
    names = {"a": ("package", "/word/a.docx"), "b": ("oleObject", "/word/b.bin"), "c": ("oleObject", "/word/c.bin")}
    locked = write_compound({"EncryptedPackage": b"x"})
    parts: dict[str, str | bytes] = {
        "word/a.docx": write_word_package(paragraph("Phụ lục")), "word/b.bin": write_compound({"Package": locked}),
        "word/c.bin": write_compound({"Package": b"{\\rtf1"}),
    }  # fmt: skip
    reading = read(write_word_package(paragraph("Văn bản"), names=names, parts=parts), tmp_path)
    assert (reading.text, reading.doubts) == ("Văn bản\n\nPhụ lục", ())
    assert reading.detail == "documents within, not read: word/b.bin (encrypted)"


def test_letters_of_fonts_of_symbols_are_shown_as_they_are_drawn(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>2010</w:t><w:sym w:font='Symbol' w:char='F02D'/><w:t>2015</w:t></w:r></w:p>"
        + paragraph("\uf0fe\uf041", "<w:rFonts w:ascii='Wingdings' w:hAnsi='Wingdings'/>").removesuffix("</w:p>")
        + "<w:r><w:t>đồng ý</w:t><w:sym w:font='Symbol' w:char='FFFFFFFF'/></w:r></w:p>"
        "<w:p><w:r><w:ruby><w:rt><w:r><w:t>đọc</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>chữ</w:t></w:r></w:rubyBase>"
        "</w:ruby></w:r></w:p>"
    )
    assert read(write_word_package(body), tmp_path).text == "2010−2015\n☑ đồng ý\nđọc chữ"


def test_hyphens_that_keep_a_line_together_are_hyphens(tmp_path: Path) -> None:
    data = write_word_package(paragraph("Số: 12/QĐ\u2011UBND, 3/KH\u2010UBND, 2010–2015"))
    assert read(data, tmp_path).text == "Số: 12/QĐ-UBND, 3/KH-UBND, 2010–2015"


def test_chunks_within_chunks_end(tmp_path: Path) -> None:
    data = write_word_package(paragraph("lõi"))
    for _ in range(6):
        body = paragraph("vỏ") + '<w:altChunk r:id="c1"/>'
        data = write_word_package(body, names={"c1": ("aFChunk", "in.docx")}, parts={"word/in.docx": data})
    text = read(data, tmp_path).text or ""
    assert 1 <= text.count("vỏ") <= 6


def test_legacy_letters_are_decoded_by_the_font_of_run_style_and_document(tmp_path: Path) -> None:
    styles = (
        f"<w:styles {WORD}><w:docDefaults><w:rFonts w:ascii='.VnTime' w:hAnsi='.VnTime'/></w:docDefaults>"
        "<w:style w:type='paragraph' w:styleId='Hoa'><w:rPr><w:rFonts w:hAnsi='.VnTimeH'/></w:rPr></w:style>"
        "<w:style w:type='paragraph' w:styleId='Con'><w:basedOn w:val='Hoa'/></w:style>"
        "<w:style w:type='character' w:styleId='Chu'><w:rPr><w:rFonts w:ascii='VNI-Times'/></w:rPr></w:style>"
        "</w:styles>"
    )
    body = (
        paragraph(to_tcvn3("được"))
        + f"<w:p><w:pPr><w:pStyle w:val='Con'/></w:pPr><w:r><w:t>{to_tcvn3('cộng hoà')}</w:t></w:r></w:p>"
        + paragraph(to_vni("người"), "<w:rStyle w:val='Chu'/>")
        + paragraph("Số", "<w:rFonts w:ascii='Arial' w:hAnsi='Arial'/>")
    )
    data = write_word_package(body, names={"s": ("styles", "styles.xml")}, parts={"word/styles.xml": styles})
    assert read(data, tmp_path).text == "được\nCỘNG HOÀ\nngười\nSố"


@pytest.mark.parametrize("font", ["", "<w:rFonts w:ascii='.VnTime'/>"])
def test_a_letter_that_a_legacy_text_lost_is_restored_with_a_doubt(tmp_path: Path, font: str) -> None:
    text = "Căn cứ quyết định của trưởng thôn, người dân được cử"
    lost = to_tcvn3(text).replace("\u00ad", "")
    reading = read(write_word_package(paragraph(lost, font)), tmp_path)
    assert (reading.text, reading.doubts) == (text, ("legacy-letters",))
    assert read(write_word_package(paragraph(to_tcvn3(text), font)), tmp_path).doubts == ()


def test_legacy_letters_are_decoded_by_the_fonts_of_themes_and_tables(tmp_path: Path) -> None:
    theme = (
        "<a:theme xmlns:a='a'><a:majorFont><a:latin typeface='.VnTimeH'/><a:ea typeface='MS Gothic'/></a:majorFont>"
        "<a:minorFont><a:latin typeface='.VnTime'/></a:minorFont></a:theme>"
    )
    styles = (
        f"<w:styles {WORD}><w:style w:type='paragraph' w:styleId='Dau'><w:rPr><w:rFonts w:hAnsiTheme='majorHAnsi'/>"
        "</w:rPr></w:style><w:style w:type='table' w:styleId='Bang'><w:rPr><w:rFonts w:hAnsi='VNI-Times'/></w:rPr>"
        "<w:tblStylePr w:type='firstCol'><w:rPr><w:rFonts w:hAnsi='Arial'/></w:rPr></w:tblStylePr></w:style></w:styles>"
    )
    body = (
        f"<w:p><w:pPr><w:pStyle w:val='Dau'/></w:pPr><w:r><w:t>{to_tcvn3('cộng hoà')}</w:t></w:r></w:p>"
        + paragraph(to_tcvn3("được"), "<w:rFonts w:ascii='Arial' w:hAnsi='Arial' w:asciiTheme='minorAscii'/>")
        + "<w:tbl><w:tblPr><w:tblStyle w:val='Bang'/></w:tblPr><w:tr><w:tc>"
        + paragraph(to_vni("người"))
        + "</w:tc></w:tr></w:tbl>"
        + paragraph("Số")
    )
    data = write_word_package(
        body, names={"s": ("styles", "styles.xml"), "t": ("theme", "theme/theme1.xml")},
        parts={"word/styles.xml": styles, "word/theme/theme1.xml": theme},
    )  # fmt: skip
    assert read(data, tmp_path).text == "CỘNG HOÀ\nđược\nngười\nSố"


def test_fields_show_a_text_in_their_code_and_a_result_but_for_those_that_keep_a_value(tmp_path: Path) -> None:
    def run(*pieces: str) -> str:
        parts = {"{": "begin", "|": "separate", "}": "end"}
        shown = (
            f"<w:fldChar w:fldCharType='{parts[one]}'/>" if one in parts
            else f"<w:t>{one[1:]}</w:t>" if one[0] == "=" else f"<w:instrText>{one}</w:instrText>"
            for one in pieces
        )  # fmt: skip
        return "<w:p>" + "".join(f"<w:r>{one}</w:r>" for one in shown) + "</w:p>"

    body = run("=Họ tên: ", "{", " MACROBUTTON No", "Macro [điền]", "}", "=.") + run(
        "{", "MACROBUTTON a [bỏ]", "|", "=kết quả", "}", "{", "IF ", "{", "MACROBUTTON a [bỏ]", "}", "}"
    )
    kept = run("{", "SET a", "|", "=giữ", "}", "=lại ", "{", r"EQ \f(1,2)", "}") + run("{", "ASK b", "|", "=hỏi")
    text = read(write_word_package(body + kept + run("=hết")), tmp_path).text
    assert text == "Họ tên: [điền].\nkết quả\nlại 1/2\nhết"


def test_paragraphs_in_lists_have_their_numbers(tmp_path: Path) -> None:
    level = "<w:lvl w:ilvl='{}'><w:start w:val='{}'/><w:numFmt w:val='{}'/><w:lvlText w:val='{}'/></w:lvl>"
    rows = (
        (0, 1, "decimal", "Điều %1."),
        (1, 2, "lowerLetter", "%2)"),
        (2, 1, "decimal", "%1.%3"),
        (3, 1, "bullet", "·"),
    )
    levels = "".join(level.format(*row) for row in rows)
    lists = (
        f"<w:numbering {WORD}><w:abstractNum w:abstractNumId='7'>{levels}</w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num><w:num w:numId='2'><w:abstractNumId w:val='7'/>"
        "<w:lvlOverride w:ilvl='0'><w:startOverride w:val='9'/></w:lvlOverride></w:num></w:numbering>"
    )
    styles = (
        f"<w:styles {WORD}><w:style w:type='paragraph' w:styleId='Dieu'><w:pPr><w:numPr><w:numId w:val='1'/></w:numPr>"
        "</w:pPr></w:style></w:styles>"
    )

    def item(text: str, number: int, depth: int) -> str:
        look = f"<w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{number}'/></w:numPr>"
        look += "<w:pPrChange><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr></w:pPrChange>"
        return f"<w:p><w:pPr>{look}</w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"

    by_style = "<w:p><w:pPr><w:pStyle w:val='Dieu'/></w:pPr><w:r><w:t>Hiệu lực</w:t></w:r></w:p>"
    body = (
        item("Phạm vi", 1, 0) + item("một", 1, 1) + item("hai", 1, 1) + by_style + item("ba", 1, 1) + item("sâu", 1, 2)
        + item("chấm", 1, 3) + item("lại", 2, 0) + item("tiếp", 2, 0) + item("không", 0, 0) + paragraph("hết")
    )  # fmt: skip
    data = write_word_package(
        body, names={"n": ("numbering", "so.xml"), "s": ("styles", "s.xml")},
        parts={"word/so.xml": lists, "word/s.xml": styles},
    )  # fmt: skip
    assert (read(data, tmp_path).text or "").splitlines() == [
        "Điều 1. Phạm vi", "b) một", "c) hai", "Điều 2. Hiệu lực", "b) ba", "2.1 sâu", "chấm", "Điều 9. lại",
        "Điều 10. tiếp", "không", "hết",
    ]  # fmt: skip


def test_a_style_may_name_a_level_alone_of_the_list_of_its_base(tmp_path: Path) -> None:
    level = "<w:lvl w:ilvl='{}'><w:start w:val='1'/><w:numFmt w:val='{}'/>{}<w:lvlText w:val='{}'/></w:lvl>"
    levels = level.format(0, "upperRoman", "", "Phần %1") + level.format(1, "decimalZero", "<w:isLgl/>", "Mục %1.%2")
    lists = (
        f"<w:numbering {WORD}><w:abstractNum w:abstractNumId='7'>{levels}</w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num></w:numbering>"
    )
    style = "<w:style w:type='paragraph' w:styleId='{}'>{}<w:pPr><w:numPr>{}</w:numPr></w:pPr></w:style>"
    upper = style.format("Phan", "", "<w:numId w:val='1'/>")
    lower = style.format("Muc", "<w:basedOn w:val='Phan'/>", "<w:ilvl w:val='1'/>")
    styles = f"<w:styles {WORD}>{upper}{lower}</w:styles>"
    body = "".join(
        f"<w:p><w:pPr><w:pStyle w:val='{style}'/></w:pPr><w:r><w:t>{text}</w:t></w:r></w:p>"
        for style, text in (("Phan", "một"), ("Muc", "a"), ("Muc", "b"), ("Phan", "hai"), ("Muc", "c"))
    )
    data = write_word_package(
        body, names={"n": ("numbering", "so.xml"), "s": ("styles", "s.xml")},
        parts={"word/so.xml": lists, "word/s.xml": styles},
    )  # fmt: skip
    # A number with a zero before it keeps it beside a level above that is shown in digits.
    assert (read(data, tmp_path).text or "").splitlines() == [
        "Phần I một", "Mục 1.01 a", "Mục 1.02 b", "Phần II hai", "Mục 2.01 c",
    ]  # fmt: skip


@pytest.mark.parametrize(("form", "zeros"), [("w:val='decimal'", ""), ("w:val='custom' w:format='001, 002'", "00")])
def test_a_level_without_a_first_number_begins_with_zero(form: str, zeros: str, tmp_path: Path) -> None:
    lists = (
        f"<w:numbering {WORD}><w:abstractNum w:abstractNumId='7'><w:lvl w:ilvl='0'>"
        f"<mc:AlternateContent xmlns:mc='mc'><mc:Choice><w:numFmt {form}/></mc:Choice></mc:AlternateContent>"
        "<w:lvlText w:val='Biểu %1.'/></w:lvl></w:abstractNum><w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num>"
        "</w:numbering>"
    )
    look = "<w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr>"
    body = "".join(f"<w:p>{look}<w:r><w:t>{text}</w:t></w:r></w:p>" for text in ("thu", "chi"))
    data = write_word_package(body, names={"n": ("numbering", "so.xml")}, parts={"word/so.xml": lists})
    assert read(data, tmp_path).text == f"Biểu {zeros}0. thu\nBiểu {zeros}1. chi"


@pytest.mark.parametrize("fonts", ["", "<w:rPr><w:rFonts w:hAnsiTheme='minorHAnsi'/></w:rPr>"])
def test_labels_of_lists_are_in_the_letters_of_the_theme_or_of_the_text(fonts: str, tmp_path: Path) -> None:
    lists = (
        f"<w:numbering {WORD}><w:abstractNum w:abstractNumId='7'><w:lvl w:ilvl='0'><w:start w:val='1'/>"
        f"<w:numFmt w:val='decimal'/><w:lvlText w:val='{to_tcvn3('Điều')} %1.'/>{fonts}</w:lvl></w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num></w:numbering>"
    )
    theme = "<a:theme xmlns:a='a'><a:minorFont><a:latin typeface='.VnTime'/></a:minorFont></a:theme>"
    font = "Arial" if fonts else ".VnTime"
    text = "được cử" if fonts else to_tcvn3("được cử")
    body = (
        "<w:p><w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='1'/></w:numPr></w:pPr><w:r><w:rPr>"
        f"<w:rFonts w:ascii='{font}' w:hAnsi='{font}'/></w:rPr><w:t>{text}</w:t></w:r></w:p>"
    )
    data = write_word_package(
        body, names={"n": ("numbering", "so.xml"), "t": ("theme", "t.xml")},
        parts={"word/so.xml": lists, "word/t.xml": theme},
    )  # fmt: skip
    assert read(data, tmp_path).text == "Điều 1. được cử"


def test_articles_go_on_through_chapters_and_levels_of_their_own_are_used(tmp_path: Path) -> None:
    level = "<w:lvl w:ilvl='{}'><w:start w:val='{}'/><w:numFmt w:val='{}'/>{}<w:lvlText w:val='{}'/></w:lvl>"
    levels = (
        level.format(0, 1, "upperRoman", "", "Chương %1.")
        + level.format(1, 1, "decimal", "<w:lvlRestart w:val='0'/>", "Điều %2.")
        + level.format(2, 1, "decimal", "<w:isLgl/><w:suff w:val='nothing'/>", "%1.%3-")
        + level.format(3, 1, "none", "", "(mới)")
    )  # fmt: skip
    own = f"<w:lvlOverride w:ilvl='0'>{level.format(0, 4, 'upperLetter', '', 'Phần %1:')}</w:lvlOverride>"
    lists = (
        f"<w:numbering {WORD}><w:abstractNum w:abstractNumId='7'>{levels}</w:abstractNum>"
        "<w:abstractNum w:abstractNumId='8'><w:numStyleLink w:val='Luat'/></w:abstractNum>"
        "<w:abstractNum w:abstractNumId='9'></w:abstractNum>"
        "<w:num w:numId='1'><w:abstractNumId w:val='7'/></w:num><w:num w:numId='2'><w:abstractNumId w:val='8'/></w:num>"
        f"<w:num w:numId='3'><w:abstractNumId w:val='9'/>{own}</w:num></w:numbering>"
    )
    styles = f"<w:styles {WORD}><w:style w:type='numbering' w:styleId='Luat'><w:numId w:val='1'/></w:style></w:styles>"
    rows = (
        ("một", 2, 0), ("a", 1, 1), ("b", 1, 1), ("sâu", 1, 2), ("hai", 1, 0), ("c", 1, 1), ("đ", 1, 3),
        ("riêng", 3, 0),
    )  # fmt: skip
    body = "".join(
        f"<w:p><w:pPr><w:numPr><w:ilvl w:val='{depth}'/><w:numId w:val='{number}'/></w:numPr></w:pPr>"
        f"<w:r><w:t>{text}</w:t></w:r></w:p>"
        for text, number, depth in rows
    )
    data = write_word_package(
        body, names={"n": ("numbering", "so.xml"), "s": ("styles", "s.xml")},
        parts={"word/so.xml": lists, "word/s.xml": styles},
    )  # fmt: skip
    # The list by a style is counted with those of the definition that the style has.
    assert (read(data, tmp_path).text or "").splitlines() == [
        "Chương I. một", "Điều 1. a", "Điều 2. b", "1.1-sâu", "Chương II. hai", "Điều 3. c", "(mới) đ", "Phần D: riêng",
    ]  # fmt: skip


def test_rows_are_lines_and_boxes_and_charts_are_read_once(tmp_path: Path) -> None:
    cell = "<w:tc>" + paragraph("a") + paragraph("b") + "</w:tc><w:tc>" + paragraph("c") + "</w:tc>"
    box = f"<w:txbxContent>{paragraph('hộp')}</w:txbxContent>"
    body = (
        f"<w:tbl><w:tr>{cell}</w:tr><w:tr>{cell}</w:tr></w:tbl><w:p><w:r><w:t>mo</w:t></w:r><w:r><mc:AlternateContent>"
        f"<mc:Choice>{box}</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>t</w:t></w:r>"
        "</w:p><w:moveFrom><w:r><w:t>cũ</w:t></w:r></w:moveFrom><w:p><w:r><w:t>x</w:t></w:r></w:p>"
    )
    point = "<c:strCache><c:pt><c:v>Sa Pa</c:v></c:pt></c:strCache>"
    chart = f"<c:c xmlns:c='c' xmlns:a='a'><a:p><a:t>Biểu đồ</a:t></a:p>{point}</c:c>"
    data = write_word_package(body, names={"h": ("chart", "charts/c.xml")}, parts={"word/charts/c.xml": chart})
    assert read(data, tmp_path).text == "a b c\na b c\nmot\nhộp\nx\nBiểu đồ\nSa Pa\n[-cũ-]"


def test_a_text_is_read_no_further_than_it_is_kept(tmp_path: Path) -> None:
    # The damage at its end is never reached, nor are the paragraphs that would take a minute.
    body = paragraph("đồng " * 20_000) * 30 + "<w:p><w:r></w:p>"
    reading = read(write_word_package(body), tmp_path)
    assert (len(reading.text or "") > 990_000, reading.is_cut, reading.doubts) == (True, True, ())


def test_word_art_and_fields_of_forms_are_read(tmp_path: Path) -> None:
    art = "<w:pict><v:shape xmlns:v='v'><v:textpath string='DỰ THẢO'/></v:shape></w:pict>"
    chosen = "<w:ddList><w:result w:val='1'/><w:listEntry w:val='Nam'/><w:listEntry w:val='Nữ'/></w:ddList>"
    first = "<w:ddList><w:listEntry w:val='Tày'/><w:listEntry w:val='Dao'/></w:ddList>"
    checked = (
        "<w:checkBox><w:default w:val='0'/><w:checked/></w:checkBox><w:checkBox><w:default w:val='0'/></w:checkBox>"
    )
    field = "<w:p><w:r><w:fldChar w:fldCharType='begin'><w:ffData>{}</w:ffData></w:fldChar></w:r></w:p>"
    body = f"<w:p><w:r><w:t>Tờ khai</w:t>{art}</w:r></w:p>{''.join(map(field.format, (chosen, first, checked)))}"
    assert read(write_word_package(body), tmp_path).text == "Tờ khai DỰ THẢO\nNữ\nTày\n☒☐"


def test_a_damaged_part_leaves_what_stands_before_it_with_a_doubt(tmp_path: Path) -> None:
    data = write_word_package(paragraph("trước " * 9) + "<w:p><w:r><w:t>cụt" + "</w:q>")
    reading = read(data, tmp_path)
    assert (reading.text, reading.doubts) == (("trước " * 9).strip(), ("structure",))
    assert "word/document.xml" in (reading.detail or "")


def test_a_part_that_cannot_be_unpacked_to_its_end_leaves_its_beginning(tmp_path: Path) -> None:
    words = [f"Hộ {number * 7919 % 10007}" for number in range(4_000)]
    data = bytearray(write_word_package("".join(map(paragraph, words))))
    with zipfile.ZipFile(BytesIO(data)) as package:
        part = package.getinfo("word/document.xml")
    middle = part.header_offset + part.compress_size // 2
    data[middle : middle + 40] = bytes(40)
    reading = read(bytes(data), tmp_path)
    lines = (reading.text or "").splitlines()
    assert len(lines) > 1_000
    assert lines[:1_000] == words[:1_000]
    assert (reading.doubts, reading.detail) == (("structure",), "damaged parts: word/document.xml")
    del data[20:]
    assert read(bytes(data), tmp_path).reason == "broken"


def test_a_part_that_lies_nowhere_leaves_the_others(tmp_path: Path) -> None:
    data = BytesIO(write_word_package(paragraph("Số 12"), names={"h": ("header", "header1.xml")}))
    lost = zipfile.ZipInfo("word/header1.xml")
    lost.extra = struct.pack("<HHQ", 1, 8, 2**63)  # where it begins, for large packages
    with zipfile.ZipFile(data, "a") as package:
        package.writestr(lost, "<x/>")
    patched = bytearray(data.getvalue())
    at = patched.rindex(b"PK\x01\x02") + 42
    patched[at : at + 4] = b"\xff" * 4
    reading = read(bytes(patched), tmp_path)
    assert (reading.text, reading.doubts) == ("Số 12", ("structure",))
