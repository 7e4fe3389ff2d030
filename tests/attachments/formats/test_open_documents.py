"""OpenDocument texts, sheets and presentations, packed and flat: every word that is shown, by line and row."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.deleted import NOTE_ON_DELETED, NOTE_ON_HIDDEN
from crawler.attachments.formats.markup import open_document
from crawler.attachments.worker import read_text
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni
from tests.support.attachments.metafiles import emf_font, emf_text, write_emf, write_wmf
from tests.support.attachments.tools import NEEDS_OCR, TOOLS

_NAMES = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = " ".join(
    [f'xmlns:{name}="{_NAMES}:{name}:1.0"' for name in ("office", "text", "table", "presentation")]
    + [f'xmlns:draw="{_NAMES}:drawing:1.0"', f'xmlns:svg="{_NAMES}:svg-compatible:1.0"']
    + ['xmlns:dc="http://purl.org/dc/elements/1.1/"']
)
OLD = "http://openoffice.org/2000"
BODY = """<office:body><office:text>
<text:tracked-changes><text:changed-region><text:deletion><text:p>đã bỏ đi</text:p></text:deletion>
</text:changed-region></text:tracked-changes>
<text:h>ỦY BAN<text:s text:c="3"/>NHÂN DÂN</text:h>
<text:p>Số: 123/QĐ-<text:span>UBND</text:span><text:note><text:note-citation>1</text:note-citation>
<text:note-body><text:p>Chú thích</text:p></text:note-body></text:note> ngày<text:line-break/>2/9/2023</text:p>
<text:p><draw:frame><draw:text-box><text:p>Trong khung</text:p></draw:text-box><svg:desc>mô tả</svg:desc>
</draw:frame>Cạnh khung</text:p>
<text:list><text:list-item><text:p>Điều 1</text:p></text:list-item></text:list>
<table:table><table:table-row><table:table-cell><text:p>UBND XÃ</text:p><text:p>TẢ VAN</text:p></table:table-cell>
<table:table-cell><text:p>CỘNG HÒA</text:p></table:table-cell></table:table-row>
<table:table-row><table:table-cell><table:table><table:table-row><table:table-cell><text:p>a</text:p>
</table:table-cell></table:table-row><table:table-row><table:table-cell><text:p>b</text:p></table:table-cell>
</table:table-row></table:table></table:table-cell></table:table-row></table:table>
<text:p>Nơi nhận</text:p></office:text></office:body>"""
SHOWN = "\n".join((
    "ỦY BAN NHÂN DÂN", "Số: 123/QĐ-UBND ngày 2/9/2023", "Chú thích", "Cạnh khung", "Trong khung", "Điều 1",
    "UBND XÃ TẢ VAN CỘNG HÒA", "a", "b", "Nơi nhận", "", "[-đã bỏ đi-]",
))  # fmt: skip
KINDS = {"odt": "text", "ods": "spreadsheet", "odp": "presentation"}


def content(body: str, spaces: str = SPACES, root: str = "document-content") -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?><office:{root} {spaces}>{body}</office:{root}>'


def packed(parts: dict[str, str | bytes], kind: str = "odt") -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", f"application/vnd.oasis.opendocument.{KINDS[kind]}", zipfile.ZIP_STORED)
        for name, text in parts.items():
            package.writestr(name, text)
    return out.getvalue()


def read(data: bytes, folder: Path, name: str = "a.odt") -> TextReading:
    path = folder / "file"
    path.write_bytes(data)
    return read_text(path, name, tools=())


def test_a_text_gives_its_words_by_line_and_what_changes_took_out_at_the_end(tmp_path: Path) -> None:
    reading = read(packed({"content.xml": content(BODY)}), tmp_path)
    assert (reading.text, reading.method, reading.doubts) == (SHOWN, "odf", ())
    assert reading.detail == NOTE_ON_DELETED


def test_hidden_text_stands_at_the_end_in_marks(tmp_path: Path) -> None:
    spaces = f'{SPACES} xmlns:style="{_NAMES}:style:1.0"'
    looks = '<style:text-properties text:display="{}"/>'
    style = f'<style:style style:name="{{}}" style:parent-style-name="{{}}">{looks}</style:style>'
    styles = style.format("An", "", "none") + style.format("Hiện", "An", "true")
    body = (
        '<office:automatic-styles><style:style style:name="P1" style:parent-style-name="An"/></office:automatic-styles>'
        '<office:body><office:text><text:p>Giá <text:span text:style-name="An">5 tỷ</text:span> 3 tỷ</text:p>'
        '<text:p text:style-name="P1">Nháp</text:p><text:p text:style-name="Hiện">Hiện</text:p>'
        '<text:section text:display="none"><text:p>Bản cũ</text:p></text:section>'
        '<text:section text:is-hidden="false"><text:p>Bản mới</text:p></text:section></office:text></office:body>'
    )
    parts: dict[str, str | bytes] = {
        "content.xml": content(body, spaces), "styles.xml": content(styles, spaces, "document-styles"),
    }  # fmt: skip
    reading = read(packed(parts), tmp_path)
    assert reading.text == "Giá 3 tỷ\nHiện\nBản mới\n\n[-5 tỷ-]\n[-Nháp-]\n[-Bản cũ-]"
    assert (reading.detail, reading.doubts) == (NOTE_ON_HIDDEN, ())


@pytest.mark.parametrize("name", ["a.fodt", "a.odt", "a.doc"])
def test_a_text_in_one_file_gives_the_same(tmp_path: Path, name: str) -> None:
    assert read(content(BODY, root="document").encode(), tmp_path, name).text == SHOWN


def test_a_text_of_openoffice_1_gives_the_same(tmp_path: Path) -> None:
    old = SPACES
    for name in ("office", "text", "table", "presentation"):
        old = old.replace(f"{_NAMES}:{name}:1.0", f"{OLD}/{name}")
    kind = '<!DOCTYPE office:document-content PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "office.dtd">'
    body = content(BODY, old).replace("?>", f"?>{kind}", 1)
    package = packed({"content.xml": body, "META-INF/manifest.xml": "<manifest/>"})
    assert read(package, tmp_path, "a.sxw").text == SHOWN


def test_headers_notes_of_others_and_charts_follow(tmp_path: Path) -> None:
    note = "<office:annotation><dc:creator>An</dc:creator><text:p>Cần xem lại</text:p></office:annotation>"
    text = f"<office:body><office:text><text:p>Báo cáo{note}</text:p></office:text></office:body>"
    style = "<office:master-styles><text:p>Đầu trang</text:p></office:master-styles>"
    chart = "<office:body><office:chart><text:p>Thu ngân sách</text:p></office:chart></office:body>"
    parts = {
        "Object 1/content.xml": content(chart),
        "styles.xml": content(style, root="document-styles"),
        "content.xml": content(text),
    }
    assert read(packed(parts), tmp_path).text == "Báo cáo\nCần xem lại\n\nĐầu trang\n\nThu ngân sách"


def test_a_workbook_gives_rows_repeated_cells_and_values_without_text(tmp_path: Path) -> None:
    def row(*cells: str, repeated: int = 1) -> str:
        return f'<table:table-row table:number-rows-repeated="{repeated}">{"".join(cells)}</table:table-row>'

    def cell(text: str = "", keys: str = "") -> str:
        return f"<table:table-cell {keys}>{text and f'<text:p>{text}</text:p>'}</table:table-cell>"

    rows = (
        row(cell("Ngày"), cell("Số tiền"))
        + row(cell(keys='office:date-value="2023-09-02"'), cell(keys='office:value="15000000.0"'))
        + row(cell("02/09/2023", 'office:date-value="2023-09-02"'), cell(keys='office:value="0.154"'))
        + row(cell("x", 'table:number-columns-repeated="3"'), repeated=2)
        + row(cell(keys='table:number-columns-repeated="16384"'), repeated=1048573)
        + row(cell("thừa", 'table:number-columns-repeated="1000000"'), repeated=1000000)
    )
    body = f'<office:body><office:spreadsheet><table:table table:name="A">{rows}</table:table>'
    body += f"<table:table>{row(cell('Trang hai'))}</table:table></office:spreadsheet></office:body>"
    reading = read(packed({"content.xml": content(body)}, "ods"), tmp_path, "a.ods")
    first, second = (reading.text or "").split("\n\n")
    assert first.startswith("A\nNgày Số tiền\n02/09/2023 15000000\n02/09/2023 0.154\nx x x\nx x x\nthừa thừa")
    assert first.count("thừa") == open_document._MOST_REPEATED**2
    assert second == "Trang hai"
    assert (reading.pages, reading.page_starts) == (2, (0, len(first) + 2))


def test_a_presentation_gives_its_slides_as_pages(tmp_path: Path) -> None:
    def slide(text: str) -> str:
        box = f"<draw:frame><draw:text-box><text:p>{text}</text:p></draw:text-box></draw:frame>"
        notes = f"<presentation:notes>{box.replace(text, 'ghi chú ' + text)}</presentation:notes>"
        return f"<draw:page>{box}{notes}</draw:page>"

    slides = "".join(slide(f"trang chiếu số {number}") for number in ("một", "hai"))
    body = f"<office:body><office:presentation>{slides}</office:presentation></office:body>"
    reading = read(packed({"content.xml": content(body)}, "odp"), tmp_path, "a.odp")
    assert (reading.pages, reading.pages_read, len(reading.page_starts)) == (2, 2, 2)
    assert (reading.text or "")[reading.page_starts[1] :] == "trang chiếu số hai\nghi chú trang chiếu số hai"


def test_slides_have_the_footers_fixed_dates_and_numbers_that_their_style_shows(tmp_path: Path) -> None:
    space = "xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0'"
    looks = "".join(
        f"<style:style {space} style:name='{name}'><style:drawing-page-properties {shown}/></style:style>"
        for name, shown in (
            ("a", "presentation:display-footer='true' presentation:display-page-number='false'"),
            ("b", "presentation:display-footer='false' presentation:display-page-number='true'"),
        )
    )
    told = (
        "<presentation:footer-decl presentation:name='f'>UBND xã</presentation:footer-decl>"
        "<presentation:date-time-decl presentation:name='d' presentation:source='fixed'>2/9"
        "</presentation:date-time-decl><presentation:date-time-decl presentation:name='e'/>"
    )
    use = "presentation:use-footer-name='f' presentation:use-date-time-name"
    slides = f"<draw:page draw:style-name='a' {use}='d'/><draw:page draw:style-name='b' {use}='e'/>"
    body = f"<office:automatic-styles>{looks}</office:automatic-styles><office:body><office:presentation>{told}{slides}"
    data = packed({"content.xml": content(f"{body}</office:presentation></office:body>")}, "odp")
    reading = read(data, tmp_path, "a.odp")
    assert (reading.text, reading.pages) == ("UBND xã\n2/9\n\n2", 2)


@pytest.mark.parametrize(
    "parts",
    [
        {"META-INF/manifest.xml": "<manifest:encryption-data/>", "content.xml": "\0\1locked"},
        {"META-INF/manifest.xml": "<manifest/>", "encrypted-package": "\0\1locked"},
    ],
)
def test_a_document_with_a_password_says_so(tmp_path: Path, parts: dict[str, str]) -> None:
    assert read(packed(parts), tmp_path).reason == "encrypted"


def test_damage_leaves_what_stands_before_it_with_a_doubt(tmp_path: Path) -> None:
    before = SHOWN.partition("\nNơi nhận")[0]
    cut = BODY[: BODY.index("nhận</text:p>")]
    for reading in (
        read(packed({"content.xml": content(BODY).partition("nhận</text:p>")[0]}), tmp_path),
        read(content(cut, root="document").encode(), tmp_path, "a.fodt"),
    ):
        assert (reading.text or "").startswith(before)
        assert reading.doubts == ("structure",)
        assert NOTE_ON_DELETED in (reading.detail or "")
    styles = content(BODY).replace("UTF-8", "TCVN-3")  # no encoding
    reading = read(packed({"content.xml": content(BODY), "styles.xml": styles}), tmp_path)
    assert (reading.text, reading.doubts) == (SHOWN, ("structure",))
    assert "styles.xml" in (reading.detail or "")


def test_damaged_grown_and_empty_documents_give_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(packed({"content.xml": content(BODY)[:400]}), tmp_path).reason == "broken"
    assert read(packed({"content.xml": content(BODY).replace("UTF-8", "TCVN-3")}), tmp_path).reason == "broken"
    assert read(content(BODY, root="document").encode()[:400], tmp_path, "a.fodt").reason == "broken"
    entity = '<!DOCTYPE x [<!ENTITY a "aaaa">]>'
    assert read(packed({"content.xml": entity + "<a>&a;</a>"}), tmp_path).reason == "broken"
    assert read(packed({"content.xml": content("")}), tmp_path).reason == "no-text"
    monkeypatch.setattr(open_document, "MAX_UNPACKED_BYTES", 100)
    assert read(packed({"content.xml": content(BODY)}), tmp_path).reason == "too-large"


@NEEDS_OCR
def test_a_document_of_scans_is_recognised_and_a_seal_is_not(tmp_path: Path) -> None:
    scan = Image.effect_noise((1000, 300), 6).point(lambda value: min(255, value + 110))
    ImageDraw.Draw(scan).text((60, 60), "QUYET DINH 48213/UBND", fill=0, font=ImageFont.load_default(size=48))
    out = BytesIO()
    scan.save(out, "PNG")
    frame = "<office:body><office:text><text:p><draw:frame/></text:p></office:text></office:body>"
    parts: dict[str, str | bytes] = {"content.xml": content(frame), "Pictures/1.png": out.getvalue()}
    path = tmp_path / "file"
    path.write_bytes(packed(parts))
    reading = read_text(path, "a.odt", tools=TOOLS)
    assert "48213/UBND" in (reading.text or "")
    assert (reading.method, reading.is_ocr, reading.pages, reading.pages_read) == ("ocr", True, 1, 1)
    titled = parts | {"content.xml": content(frame.replace("<draw:frame/>", "Tờ trình<draw:frame/>"))}
    path.write_bytes(packed(titled))
    whole = read_text(path, "a.odt", tools=TOOLS)
    assert (whole.text or "").splitlines()[0] == "Tờ trình"
    assert "48213/UBND" in (whole.text or "")
    assert read(packed(parts), tmp_path).reason == "no-tool"
    parts["Pictures/1.png"] = b"\x89PNG\r\n\x1a\n" + bytes(90)
    assert read(packed(parts), tmp_path).reason == "no-text"


LEVEL = '<text:list-level-style-number text:level="{}" style:num-format="{}" {}/>'
STYLE = 'xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"'


def item(text: str, more: str = "") -> str:
    return f"<text:list-item {more}><text:p>{text}</text:p><text:p>tiếp</text:p></text:list-item>"


def test_lists_and_headings_have_their_numbers(tmp_path: Path) -> None:
    levels = LEVEL.format(1, "1", 'style:num-prefix="Điều " style:num-suffix="."') + LEVEL.format(
        2, "a", 'style:num-suffix=")" text:display-levels="2"'
    )
    roman = LEVEL.format(1, "I", 'style:num-list-format="Phần %1%:" text:start-value="3"')
    outline = "".join(
        f'<text:outline-level-style text:level="{level}" style:num-format="{form}" text:display-levels="2"/>'
        for level, form in ((1, "1"), (2, "1"), (3, ""))
    )
    styles = (
        f'<office:styles><text:list-style style:name="Luat">{levels}</text:list-style>'
        f'<text:outline-style style:name="Outline">{outline}</text:outline-style></office:styles>'
    )
    automatic = (
        f'<office:automatic-styles><text:list-style style:name="L1">{roman}</text:list-style>'
        '<style:style style:name="P1" style:family="paragraph" style:list-style-name=""/></office:automatic-styles>'
    )
    ninth = item("chín", 'text:start-value="9"')
    inner = f"<text:list>{item('con')}{item('con')}</text:list>"
    body = (
        '<text:h text:outline-level="1">Chung</text:h><text:h text:outline-level="2">Riêng</text:h>'
        '<text:h text:outline-level="3">Sâu</text:h><text:h text:outline-level="1" text:style-name="P1">Trần</text:h>'
        f'<text:list text:style-name="Luat">{item("một")}<text:list-item><text:p>hai</text:p>{inner}</text:list-item>'
        '<text:list-header><text:p>đầu</text:p></text:list-header></text:list><text:p>giữa</text:p>'
        f'<text:list text:style-name="Luat" text:continue-numbering="true">{item("ba")}</text:list>'
        f'<text:list text:style-name="Luat" xml:id="x">{item("lại")}{ninth}</text:list>'
        f'<text:list text:style-name="L1">{item("phần")}</text:list>'
        f'<text:list text:style-name="Luat" text:continue-list="x">{item("mười")}</text:list>'
        "<table:table><table:table-row><table:table-cell><text:list text:style-name=\"Luat\">" + item("ô")
        + "</text:list></table:table-cell></table:table-row></table:table>"
    )  # fmt: skip
    body = f"{automatic}<office:body><office:text>{body}</office:text></office:body>"
    parts: dict[str, str | bytes] = {
        "content.xml": content(body, f"{SPACES} {STYLE}"),
        "styles.xml": content(styles, f"{SPACES} {STYLE}", "document-styles"),
    }  # fmt: skip
    lines = (read(packed(parts), tmp_path).text or "").splitlines()
    assert [line for line in lines if line != "tiếp"] == [
        "1 Chung", "1.1 Riêng", "Sâu", "Trần", "Điều 1. một", "Điều 2. hai", "2.a) con", "2.b) con", "đầu", "giữa",
        "Điều 3. ba", "Điều 1. lại", "Điều 9. chín", "Phần III: phần", "Điều 10. mười", "Điều 1. ô tiếp",
    ]  # fmt: skip


def test_a_list_may_number_all_its_levels_as_one(tmp_path: Path) -> None:
    levels = "".join(LEVEL.format(level, "1", 'style:num-suffix="."') for level in (1, 2))
    named = f'<text:list-style style:name="L" text:consecutive-numbering="true">{levels}</text:list-style>'
    inner = f"<text:list><text:list-item><text:p>hai</text:p></text:list-item>{item('ba')}</text:list>"
    listed = f"<text:list-item><text:p>một</text:p>{inner}</text:list-item>{item('bốn')}"
    body = f'<office:body><office:text><text:list text:style-name="L">{listed}</text:list></office:text></office:body>'
    parts: dict[str, str | bytes] = {
        "content.xml": content(f"<office:automatic-styles>{named}</office:automatic-styles>{body}", f"{SPACES} {STYLE}")
    }
    lines = (read(packed(parts), tmp_path).text or "").splitlines()
    assert [line for line in lines if line != "tiếp"] == ["1. một", "2. hai", "3. ba", "4. bốn"]


def test_letters_that_say_how_a_word_is_spoken_are_no_part_of_it(tmp_path: Path) -> None:
    word = "<text:ruby><text:ruby-base>漢字</text:ruby-base><text:ruby-text>かんじ</text:ruby-text></text:ruby>"
    body = f"<office:body><office:text><text:p>{word}.</text:p></office:text></office:body>"
    assert read(packed({"content.xml": content(body)}), tmp_path).text == "漢字 かんじ."


def test_the_stand_ins_for_page_numbers_titles_and_dates_are_no_text(tmp_path: Path) -> None:
    numbers = "<text:page-number>&lt;number&gt;</text:page-number>/<text:page-count>9</text:page-count>"
    anew = "<text:title>???</text:title><text:date>00/00/0000</text:date><text:time>00:00:00</text:time>"
    footer = f"<text:p>Trang {numbers}</text:p><text:p>{anew}<text:title>Kế hoạch 2026</text:title></text:p>"
    parts: dict[str, str | bytes] = {
        "content.xml": content("<office:body><office:text><text:p>Báo cáo</text:p></office:text></office:body>"),
        "styles.xml": content(f"<office:master-styles>{footer}</office:master-styles>", root="document-styles"),
    }
    assert read(packed(parts), tmp_path).text == "Báo cáo\n\nTrang /\nKế hoạch 2026"


def test_controls_of_forms_and_formulas_show_what_they_hold(tmp_path: Path) -> None:
    option = "<form:option form:label='{}' form:current-selected='{}'/>"
    choices = (
        f"<form:listbox form:name='x'>{option.format('Tày', 'false')}{option.format('Dao', 'true')}</form:listbox>"
    )
    controls = f"<form:radio form:label='Nữ'/><form:text form:name='Tên' form:current-value='Má A Dế'/>{choices}"
    form = f"<office:forms><form:form form:name='Form'>{controls}</form:form></office:forms>"
    text = f"<office:body><office:text>{form}<text:p>Tờ khai</text:p></office:text></office:body>"
    spaces = f'{SPACES} xmlns:form="{_NAMES}:form:1.0"'
    formula = (
        "<math><semantics><mrow><mi>S</mi><mo>=</mo><mn>2</mn></mrow><annotation>S = 2</annotation></semantics></math>"
    )
    parts: dict[str, str | bytes] = {"content.xml": content(text, spaces), "Object 1/content.xml": formula}
    assert read(packed(parts), tmp_path).text == "Nữ\nMá A Dế\nDao\nTờ khai\n\nS = 2"


FO = 'xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0"'


def test_legacy_letters_are_decoded_by_the_font_of_text_cell_and_document(tmp_path: Path) -> None:
    face = '<style:font-face style:name="{}" svg:font-family="\'{}\'"/>'
    look = '<style:style style:name="{}" {}><style:text-properties style:font-name="{}"/></style:style>'
    styles = (
        f"<office:font-face-decls>{face.format('F1', '.VnTime')}{face.format('F2', 'VNI-Times')}"
        f"{face.format('F3', 'Arial')}</office:font-face-decls><office:automatic-styles>"
        + look.format("T1", 'style:family="text"', "F2") + look.format("T2", 'style:family="text"', "F3")
        + look.format("ce1", 'style:family="table-cell"', "F1")
        + look.format("P2", 'style:family="paragraph"', "F3")
        + '<style:style style:name="P1" style:family="paragraph" style:parent-style-name="Standard"/>'
        + "</office:automatic-styles>"
    )  # fmt: skip
    shared = '<style:text-properties style:font-name="{}"/>'
    shared = f'<style:default-style style:family="paragraph">{shared}</style:default-style>'
    plain, of_cells = shared.format("F1"), shared.format("F3").replace("paragraph", "table-cell")
    body = (
        f'<text:p text:style-name="P1">{to_tcvn3("thư")} <text:span text:style-name="T1">{to_vni("người")}</text:span>'
        f' {to_tcvn3("dưới")} <text:span text:style-name="T2">chú ô này</text:span> {to_tcvn3("cử")}</text:p>'
        f'<table:table><table:table-row><table:table-cell table:style-name="ce1"><office:annotation>'
        f'<text:p text:style-name="P2">chú ô này</text:p></office:annotation><text:p>{to_tcvn3("Ký tự")}</text:p>'
        "</table:table-cell></table:table-row></table:table>"
    )
    body = f"{styles}<office:body><office:text>{body}</office:text></office:body>"
    spaces = f"{SPACES} {STYLE} {FO}"
    parts: dict[str, str | bytes] = {
        "content.xml": content(body, spaces),
        "styles.xml": content(f"<office:styles>{plain}{of_cells}</office:styles>", spaces, "document-styles"),
    }
    assert read(packed(parts), tmp_path).text == "thư người dưới chú ô này cử\nchú ô này Ký tự"
    other = f"<office:styles>{shared.format('F3')}{of_cells}</office:styles>"
    parts["styles.xml"] = content(other, spaces, "document-styles")
    assert (read(packed(parts), tmp_path).text or "").endswith("\nchú ô này Ký tự")
    column = '<table:table-column table:number-columns-repeated="2"{}/>'
    columns = column.format("") + column.format(' table:default-cell-style-name="ce1"')
    by_column = body.replace(' table:style-name="ce1"', "").replace("<table:table>", f"<table:table>{columns}")
    by_column = by_column.replace(
        "<table:table-cell>", '<table:table-cell table:number-columns-repeated="3"/><table:table-cell>'
    )
    parts["content.xml"] = content(by_column, spaces)
    assert (read(packed(parts), tmp_path).text or "").endswith("\nchú ô này Ký tự")


def test_the_words_of_metafiles_are_read_behind_the_text(tmp_path: Path) -> None:
    body = content("<office:body><office:text><text:p>Số: 5/TB</text:p></office:text></office:body>")
    chart = write_emf(emf_font(".VnTime"), emf_text(to_tcvn3("được 48213"), 0, 0))
    same = write_wmf([("Số: 5/TB".replace("ố", "o"), 0, 0)])
    parts: dict[str, str | bytes] = {"content.xml": body, "Pictures/1.emf": chart, "Pictures/2.wmf": b"\x01\0\x09\0"}
    assert read(packed(parts), tmp_path).text == "Số: 5/TB\n\nđược 48213"
    assert (
        read(packed({"content.xml": body, "ObjectReplacements/Object 1": same}), tmp_path).text
        == "Số: 5/TB\n\nSo: 5/TB"
    )
