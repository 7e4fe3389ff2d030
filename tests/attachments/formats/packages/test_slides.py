"""Presentations: slides in the order of the presentation, with notes, tables, charts and comments."""

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.slides import read_pptx
from tests.support.attachments.compound_files import write_compound
from tests.support.attachments.legacy_letters import to_tcvn3
from tests.support.attachments.metafiles import emf_font, emf_text, write_emf
from tests.support.attachments.package_files import STRICT, TRANSITIONAL, write_package


def read(data: bytes) -> TextReading:
    return read_pptx(
        data, Recogniser(()), read=lambda within, name: TextReading(f"{name}: {find_kind(within, name)}", "xlsx")
    )


def slide(text: str, font: str = "Arial") -> str:
    run = f"<a:r><a:rPr><a:latin typeface='{font}'/></a:rPr><a:t>{text}</a:t></a:r>"
    return f"<p:sld xmlns:p='p' xmlns:a='a'><a:p>{run}</a:p></p:sld>"


def test_slides_come_in_the_order_of_the_presentation_with_what_belongs_to_them() -> None:
    for space in (TRANSITIONAL, STRICT):
        main = (
            f"<p:presentation xmlns:p='p' xmlns:r='{space}'><p:sldIdLst><p:sldId id='256' r:id='b'/>"
            "<p:sldId id='257' r:id='a'/></p:sldIdLst></p:presentation>"
        )
        table = (
            "<x xmlns:a='a'><a:tbl><a:tr><a:tc><a:p><a:t>Tên</a:t></a:p></a:tc><a:tc><a:p><a:t>Tiền</a:t></a:p></a:tc>"
            "</a:tr></a:tbl></x>"
        )
        data = write_package(
            "ppt/presentation.xml",
            {
                "ppt/presentation.xml": main, "ppt/slides/slide1.xml": table,
                "ppt/slides/slide2.xml": slide(to_tcvn3("được cử"), ".VnTime"), "ppt/slides/slide3.xml": slide("bỏ"),
                "ppt/n.xml": slide("Ghi chú"), "ppt/c.xml": "<cmLst><cm><text>Góp ý</text></cm></cmLst>",
                "ppt/slideMasters/slideMaster1.xml": slide("Mẫu"),
            },
            names={
                "ppt/presentation.xml": {"a": ("slide", "slides/slide1.xml"), "b": ("slide", "slides/slide2.xml")},
                "ppt/slides/slide2.xml": {"n": ("notesSlide", "../n.xml"), "c": ("comments", "../c.xml")},
            },
            space=space,
        )  # fmt: skip
        reading = read(data)
        assert reading.text == "được cử\nGhi chú\nGóp ý\n\nTên Tiền"
        assert (reading.pages, reading.page_starts) == (2, (0, 23))


def test_a_slide_has_the_texts_of_its_layout_and_master_but_of_no_placeholder() -> None:
    shape = "<p:sp><p:nvSpPr><p:nvPr>{}</p:nvPr></p:nvSpPr><p:txBody><a:p><a:t>{}</a:t></a:p></p:txBody></p:sp>"

    def page(text: str, *, shown: str = "1") -> str:
        shapes = shape.format("<p:ph type='title'/>", "Click to edit") + shape.format("", text)
        return f"<p:x xmlns:p='p' xmlns:a='a' showMasterSp='{shown}'><p:spTree>{shapes}</p:spTree></p:x>"

    main = (
        f"<p:presentation xmlns:p='p' xmlns:r='{TRANSITIONAL}'><p:sldIdLst><p:sldId id='256' r:id='a'/>"
        "<p:sldId id='257' r:id='b'/><p:sldId id='258' r:id='c'/></p:sldIdLst></p:presentation>"
    )
    layouts = {"a": "l1", "b": "l1", "c": "l2"}
    data = write_package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": main, "ppt/a.xml": slide("Một"), "ppt/c.xml": slide("Ba"),
            "ppt/b.xml": slide("Hai").replace("<p:sld ", "<p:sld showMasterSp='0' "),
            "ppt/l1.xml": page("Kiểu"), "ppt/l2.xml": page("Bìa ‹#›", shown="false"), "ppt/m.xml": page("Sở Nội vụ"),
        },
        names={
            "ppt/presentation.xml": {name: ("slide", f"{name}.xml") for name in layouts},
            **{f"ppt/{name}.xml": {"l": ("slideLayout", f"{layout}.xml")} for name, layout in layouts.items()},
            **{f"ppt/{layout}.xml": {"m": ("slideMaster", "m.xml")} for layout in ("l1", "l2")},
        },
    )  # fmt: skip
    assert read(data).text == "Một\nKiểu\nSở Nội vụ\n\nHai\n\nBa\nBìa 3"


CHART = """<c:chartSpace xmlns:c='c' xmlns:a='a'><c:chart>
<c:title><c:tx><c:rich><a:p><a:t>Thu ngân sách</a:t></a:p></c:rich></c:tx></c:title>
<c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>Lào Cai</c:v></c:pt></c:strCache></c:strRef></c:tx>
<c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>2023</c:v></c:pt><c:pt idx='1'><c:v>2024</c:v></c:pt></c:strCache>
</c:strRef></c:cat>
<c:val><c:numRef><c:numCache><c:formatCode>#,##0.0</c:formatCode><c:pt idx='0'><c:v>1234.5</c:v></c:pt>
<c:pt idx='1' formatCode='0%'><c:v>0.5</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser>
<c:ser><c:tx><c:v>Sa Pa</c:v></c:tx><c:xVal><c:numLit><c:pt idx='0'><c:v>7</c:v></c:pt></c:numLit></c:xVal>
<c:yVal><c:numLit><c:pt idx='0'><c:v>x</c:v></c:pt></c:numLit></c:yVal></c:ser></c:chart></c:chartSpace>"""


def test_a_slide_has_the_points_of_its_charts_and_the_documents_set_on_it() -> None:
    held = write_compound({"Package": write_package("xl/workbook.xml", {"xl/workbook.xml": "<workbook/>"})})
    data = write_package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": "<p/>", "ppt/slides/slide1.xml": slide("Một"), "ppt/chart.xml": CHART,
            "ppt/box.xml": "<d xmlns:a='a'><a:p><a:t>Ước tính</a:t></a:p></d>",
            "ppt/a.xlsx": write_package("xl/workbook.xml", {"xl/workbook.xml": "<workbook/>"}), "ppt/b.bin": held,
            "ppt/c.bin": write_compound({"Equation Native": b"x"}),
        },
        names={
            "ppt/slides/slide1.xml": {
                "c": ("chart", "../chart.xml"), "a": ("package", "../a.xlsx"), "b": ("oleObject", "../b.bin"),
                "d": ("oleObject", "../c.bin"), "e": ("package", "../lost.xlsx"),
            },
            "ppt/chart.xml": {"u": ("chartUserShapes", "box.xml")},
        },
    )  # fmt: skip
    assert read(data).text == (
        "Một\nThu ngân sách\nLào Cai\n2023 1,234.5\n2024 50%\nSa Pa\n7 x\nƯớc tính\nppt/a.xlsx: xlsx\nppt/b.bin: xlsx"
    )


def test_a_slide_has_the_points_and_labels_of_charts_of_newer_kinds() -> None:
    space = "http://schemas.microsoft.com/office/drawing/2014/chartex"
    newer = f"""<cx:chartSpace xmlns:cx='{space}' xmlns:a='a'><cx:chartData><cx:data id='0'>
<cx:strDim><cx:f>x</cx:f><cx:lvl><cx:pt idx='0'>Đầu năm</cx:pt><cx:pt idx='1'>Thu</cx:pt></cx:lvl></cx:strDim>
<cx:numDim><cx:lvl formatCode='#,##0'><cx:pt idx='0'>1200</cx:pt><cx:pt idx='1'>x</cx:pt></cx:lvl></cx:numDim>
</cx:data></cx:chartData><cx:chart><cx:title><cx:tx><cx:txData><cx:v>Quỹ</cx:v></cx:txData></cx:tx>
<cx:txPr><a:p><a:r><a:t>Quỹ</a:t></a:r></a:p></cx:txPr></cx:title>
<cx:series><cx:tx><cx:txData><cx:v>Xã</cx:v></cx:txData></cx:tx></cx:series></cx:chart></cx:chartSpace>"""
    label = (
        "<c:dLbl><a:p><a:fld type='CELLRANGE'><a:t>[CELLRANGE]</a:t></a:fld><a:r><a:t>đồng</a:t></a:r></a:p></c:dLbl>"
    )
    labelled = CHART.replace("<c:cat>", f"{label}<c:cat>", 1).replace(
        "</c:val>", "</c:val><c:dlblRangeCache><c:pt idx='1'><c:v>tăng mạnh</c:v></c:pt></c:dlblRangeCache>", 1
    )
    data = write_package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": "<p/>", "ppt/slides/slide1.xml": slide("Một"), "ppt/a.xml": newer,
            "ppt/b.xml": labelled,
        },
        names={"ppt/slides/slide1.xml": {"a": ("chartEx", "../a.xml"), "b": ("chart", "../b.xml")}},
    )  # fmt: skip
    lines = (read(data).text or "").splitlines()
    assert lines[:5] == ["Một", "Quỹ", "Xã", "Đầu năm 1,200", "Thu x"]
    assert lines[5:10] == ["Thu ngân sách", "đồng", "Lào Cai", "2023 1,234.5", "2024 50% tăng mạnh"]


def test_the_words_of_metafiles_are_read_with_the_slide_that_shows_them() -> None:
    chart, table = (write_emf(emf_font("Arial"), emf_text(text, 0, 0)) for text in ("Thu 48213", "Chi 300"))
    main = (
        f"<p:presentation xmlns:p='p' xmlns:r='{TRANSITIONAL}'><p:sldIdLst><p:sldId id='256' r:id='a'/>"
        "<p:sldId id='257' r:id='b'/></p:sldIdLst></p:presentation>"
    )
    data = write_package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": main, "ppt/slides/slide1.xml": slide("Một"), "ppt/slides/slide2.xml": slide("Hai"),
            "ppt/media/a.emf": chart, "ppt/media/b.wmf": table, "ppt/drawings/v.vml": "<xml/>",
        },
        names={
            "ppt/presentation.xml": {"a": ("slide", "slides/slide1.xml"), "b": ("slide", "slides/slide2.xml")},
            "ppt/slides/slide1.xml": {"i": ("image", "../media/a.emf")},
            "ppt/slides/slide2.xml": {"v": ("vmlDrawing", "../drawings/v.vml")},
            "ppt/drawings/v.vml": {"i": ("image", "../media/b.wmf")},
        },
    )  # fmt: skip
    assert read(data).text == "Một\nThu 48213\n\nHai\nChi 300"


def test_paragraphs_have_the_numbers_that_the_slide_shows() -> None:
    def line(text: str, look: str = "", depth: int = 0) -> str:
        return f"<a:p><a:pPr lvl='{depth}'>{look}</a:pPr><a:r><a:t>{text}</a:t></a:r></a:p>"

    first = "<a:buAutoNum type='arabicPeriod'/>"
    letters, circles = "<a:buAutoNum type='alphaLcParenR'/>", "<a:buAutoNum type='circleNumDbPlain'/>"
    fifth = "<a:buAutoNum type='romanUcParenBoth' startAt='5'/>"
    lines = [
        line("một", first), line("chữ", letters, 1), line("", first), line("hai", first), line("không"),
        line("năm", fifth), line("vòng", circles),
    ]  # fmt: skip
    body = f"<p:txBody>{''.join(lines)}</p:txBody><p:txBody>{line('mới', first)}</p:txBody>"
    data = write_package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": f"<p:presentation xmlns:p='p' xmlns:r='{TRANSITIONAL}'/>",
            "ppt/slides/slide1.xml": f"<p:sld xmlns:p='p' xmlns:a='a'>{body}</p:sld>",
        },
    )
    assert read(data).text == "1. một\na) chữ\n2. hai\nkhông\n(V) năm\n1 vòng\n1. mới"


def test_legacy_letters_are_decoded_by_the_fonts_that_slides_inherit() -> None:
    """A title has the theme's first font, all else its second, unless layout, master, shape or presentation say."""

    def shape(text: str, kind: str = "", *, levels: str = "", look: str = "", depth: int = 0) -> str:
        return (
            f"<p:sp><p:nvSpPr><p:nvPr>{kind}</p:nvPr></p:nvSpPr>{look}<p:txBody><a:lstStyle>{levels}</a:lstStyle>"
            f"<a:p><a:pPr lvl='{depth}'/><a:r><a:t>{to_tcvn3(text)}</a:t></a:r></a:p></p:txBody></p:sp>"
        )

    def level(font: str, depth: int = 1) -> str:
        return f"<a:lvl{depth}pPr><a:defRPr><a:latin typeface='{font}'/></a:defRPr></a:lvl{depth}pPr>"

    def part(name: str, body: str) -> str:
        return f"<p:{name} xmlns:p='p' xmlns:a='a' xmlns:r='{TRANSITIONAL}'>{body}</p:{name}>"

    theme = (
        "<a:theme xmlns:a='a'><a:majorFont><a:latin typeface='.VnTimeH'/></a:majorFont>"
        "<a:minorFont><a:latin typeface='.VnTime'/></a:minorFont></a:theme>"
    )
    run = "<a:r><a:rPr><a:latin typeface='{}'/></a:rPr><a:t>{}</a:t></a:r>"
    shown = [
        shape("được", "<p:ph type='ctrTitle'/>"), shape("cử", "<p:ph idx='1'/>"),
        shape("mười", "<p:ph idx='1'/>", depth=1), shape("người", "<p:ph idx='7'/>"),
        shape("hướng", look="<p:style><a:fontRef idx='major'/></p:style>"), shape("đường"),
        shape("tường", levels=level(".VnArialH")), shape("dương", "<p:ph type='dt' idx='10'/>"),
        f"<p:sp><p:txBody><a:p>{run.format('+mj-lt', to_tcvn3('nước'))}</a:p></p:txBody></p:sp>",
    ]  # fmt: skip
    styles = (
        f"<p:txStyles><p:titleStyle>{level('+mj-lt')}</p:titleStyle><p:bodyStyle>{level('+mn-lt')}"
        f"{level('.VnArialH', 2)}</p:bodyStyle></p:txStyles>"
    )
    notes = f"<p:notesStyle>{level('+mj-lt')}</p:notesStyle>"
    chart = "<c:chart xmlns:c='c' xmlns:a='a'><c:title><a:p><a:r><a:t>{}</a:t></a:r></a:p></c:title></c:chart>"
    data = write_package(
        "ppt/presentation.xml",
        {
            "ppt/presentation.xml": part("p", f"<p:defaultTextStyle>{level('.VnTimeH')}</p:defaultTextStyle>"),
            "ppt/slides/slide1.xml": part("sld", "".join(shown)), "ppt/theme.xml": theme,
            "ppt/l.xml": part("x", shape("bỏ", "<p:ph idx='7'/>", levels=level(".VnArialH"))),
            "ppt/m.xml": part("x", shape("bỏ", "<p:ph type='dt' idx='2'/>", levels=level("+mj-lt")) + styles),
            "ppt/n.xml": part("x", shape("bướm", "<p:ph type='body' idx='1'/>")), "ppt/nm.xml": part("x", notes),
            "ppt/c.xml": chart.format(to_tcvn3("ước tính")),
        },
        names={
            "ppt/slides/slide1.xml": {
                "l": ("slideLayout", "../l.xml"), "n": ("notesSlide", "../n.xml"), "c": ("chart", "../c.xml"),
            },
            "ppt/l.xml": {"m": ("slideMaster", "m.xml")}, "ppt/m.xml": {"t": ("theme", "theme.xml")},
            "ppt/n.xml": {"n": ("notesMaster", "nm.xml")}, "ppt/nm.xml": {"t": ("theme", "theme.xml")},
        },
    )  # fmt: skip
    assert (read(data).text or "").split("\n") == [
        "ĐƯỢC", "cử", "MƯỜI", "NGƯỜI", "HƯỚNG", "ĐƯỜNG", "TƯỜNG", "DƯƠNG", "NƯỚC", "ước tính", "BƯỚM",
    ]  # fmt: skip
