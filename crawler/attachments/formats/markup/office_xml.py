"""Read documents that Office saves as one XML file: Word and Excel of 2003, and packages in one file (flat OPC)."""

import base64
import html
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from io import BytesIO
from xml.etree.ElementTree import Element, ParseError, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.cells.shown import show_date, show_number, show_text
from crawler.attachments.formats.deleted import NOTE_ON_DELETED, mark_deleted
from crawler.attachments.formats.elements.names import get, local_name
from crawler.attachments.formats.encodings import decode_text
from crawler.attachments.formats.list_numbers import LARGEST, LEVELS, PLACES, STYLES_BY_CODE, Level, Numbering
from crawler.attachments.formats.markup.html import MAX_BYTES
from crawler.attachments.formats.markup.office_fonts import StyleFonts, WordFonts, read_cell_runs
from crawler.attachments.formats.pages import join_runs
from crawler.attachments.judgement import doubt_structure
from crawler.language.legacy.decoding import Run
from crawler.language.numbers import whole_number

_BROKEN = (ParseError, DefusedXmlException, ValueError, LookupError)
# For damaged XML. None of these may take more than linear time.
_TAG = re.compile(r"<[^<>]*>")
_ROOT, _END_CHARACTERS = re.compile(r"<([A-Za-z][\w.:-]*)"), 200
_SETTINGS = re.compile(r"<(o:DocumentProperties|Styles|w:styles)\b[^<>]*>(?:[^<]|<(?!/\1>))*</\1>")
_LINE = re.compile(r"</?(?:\w+:)?(?:row|p|tr|worksheet)\b", re.IGNORECASE)
_CELL = re.compile(r"</?(?:\w+:)?(?:cell|tc|tab|br)\b", re.IGNORECASE)
_SPACES = frozenset(("tab", "br", "cr"))
# It is in numbers of documents, and is searched for as a hyphen.
_DASHES = {"noBreakHyphen": "-"}
_PLACE = re.compile("%([1-9])")
# Names that number formats have in workbooks of 2003.
_NAMED_FORMATS = {
    "Percent": "0.00%", "Short Date": "d/m/yyyy", "Medium Date": "d/m/yyyy", "Long Date": "d/m/yyyy",
    "General Date": "d/m/yyyy h:mm", "Short Time": "h:mm", "Medium Time": "h:mm", "Long Time": "h:mm:ss",
    "Fixed": "0.00", "Standard": "#,##0.00", "Scientific": "0.00E+00", "General Number": "General",
}  # fmt: skip
# Texts that no page shows: field codes, properties, styles, pictures in letters.
_UNSEEN = frozenset((
    "DocumentProperties", "CustomDocumentProperties", "styles", "Styles", "binData", "docPr", "instrText",
))  # fmt: skip


def read_wordml(data: bytes) -> TextReading:
    """Read a document of Word 2003 (WordprocessingML 2003): body, notes, headers; at the end, what changes took out."""
    deleted: list[Run] = []
    reading = _read(data, "wordml", read=partial(_read_wordml, deleted=deleted))
    if not deleted or not reading.text:
        return reading
    return replace(reading, detail="; ".join(filter(None, (reading.detail, NOTE_ON_DELETED))))


def read_sheetml(data: bytes) -> TextReading:
    """Read a workbook of Excel 2003 (SpreadsheetML 2003), sheet by sheet, row by row."""
    return _read(data, "sheetml", read=_read_sheets)


def read_xml(data: bytes) -> TextReading:
    """Read any other XML: the texts of its elements, one a line."""
    return _read(data, "xml", read=_read_elements)


def unpack_flat(data: bytes) -> bytes:
    """Return a flat OPC file as the zip package that it stands for.

    Raises:
        ValueError: if it is damaged.
    """
    out = BytesIO()
    try:
        with zipfile.ZipFile(out, "w") as package:
            types = []
            for _, element in iterparse(BytesIO(_from_root(data))):
                if local_name(element) != "part":
                    continue
                part, kind = get(element, "name").lstrip("/"), get(element, "contentType")
                types.append(f'<Override PartName="/{_quote(part)}" ContentType="{_quote(kind)}"/>')
                package.writestr(part, _content_of(element))
                element.clear()
            package.writestr("[Content_Types].xml", f"<Types>{''.join(types)}</Types>")
    except _BROKEN as error:
        raise ValueError(f"not a readable package ({type(error).__name__})") from error
    return out.getvalue()


def _strip_tags(markup: str) -> str:
    """Return the text between the tags of damaged XML, rows and paragraphs on their own lines."""
    bare = _SETTINGS.sub(" ", markup)
    return html.unescape(_TAG.sub(lambda tag: "\n" if _LINE.match(tag[0]) else _inline(tag[0]), bare))


def _inline(tag: str) -> str:
    """Return what a tag within a line is replaced by: words may go on after marks of fonts, not after a cell."""
    return " " if _CELL.match(tag) else ""


def _quote(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _content_of(part: Element) -> bytes:
    for child in part:
        if local_name(child) == "xmlData" and len(child):
            return tostring(child[0])
        if local_name(child) == "binaryData":
            return base64.b64decode(child.text or "")
    return b""


def _read(data: bytes, method: str, *, read: Callable[[BytesIO], Iterator[list[Run]]]) -> TextReading:
    cut = _from_root(data[:MAX_BYTES])
    pages: list[list[Run]] = []
    detail = None
    is_whole = True
    try:
        pages.extend(read(BytesIO(cut)))
        tool: str | None = "defusedxml"
    except _BROKEN as error:
        # Portals write such files by hand, and forget to quote an ampersand.
        markup = decode_text(cut).text
        pages, tool, is_whole = [[Run(_strip_tags(markup))]], None, _has_end(markup)
        detail = f"damaged XML ({type(error).__name__})"
    joined = join_runs(pages)
    if not joined.text:
        return TextReading(reason="broken" if detail else "no-text", detail=detail, tool=tool)
    is_cut = joined.is_cut or len(data) > MAX_BYTES or not is_whole
    doubts = (*joined.doubts, *(() if is_whole else doubt_structure(promised=1, found=0)))
    return TextReading(joined.text, method, detail=detail, tool=tool, is_cut=is_cut, doubts=doubts)


def _has_end(markup: str) -> bool:
    """Return whether the root of damaged XML is closed: what follows an ampersand that is not quoted is all there."""
    root = _ROOT.search(markup)
    return root is not None and f"</{root[1]}" in markup[-_END_CHARACTERS:]


def _from_root(data: bytes) -> bytes:
    """Return XML without the blank lines that may be before its declaration."""
    return data.lstrip(b"\r\n\t ") if data[:1] in b"\r\n\t " else data


def _read_wordml(file: BytesIO, *, deleted: list[Run]) -> Iterator[list[Run]]:
    pieces: list[Run] = []
    taken_out: list[Run] = []
    numbering, fonts = Numbering(), WordFonts()
    unseen = cells = 0
    for event, element in iterparse(file, events=("start", "end")):
        name = local_name(element)
        fonts.see(event, element)
        step = 1 if event == "start" else -1
        if name in _UNSEEN:
            unseen += step
        if name == "tc":
            cells += step
        if event == "start" or unseen:
            continue
        shown = _show_element(name, element, in_cell=cells > 0, numbering=numbering)
        pieces += [Run(shown, fonts.font() if name == "t" else None)] if shown else []
        taken_out += [Run(element.text or "", fonts.font())] if name == "delText" else []
        if name == "p":
            deleted += mark_deleted(taken_out)
            taken_out.clear()
            element.clear()
    yield [*pieces, *deleted]


def _show_element(name: str, element: Element, *, in_cell: bool, numbering: Numbering) -> str:
    if name == "t":
        return element.text or ""
    if name in ("listDef", "list", "listPr"):
        return _read_list(numbering, element)
    if name in ("p", "tc"):
        return " " if in_cell or name == "tc" else "\n"
    if name == "tr":
        return "\n"
    return _DASHES.get(name, " ") if name in _SPACES or name in _DASHES else ""


def _read_list(numbering: Numbering, element: Element) -> str:
    """Read a definition of a list or a list; return the label of a paragraph that is in one, with a space."""
    name, values = local_name(element), {local_name(child): get(child, "val") for child in element}
    if name == "listDef":
        levels = {_whole(get(one, "ilvl")): _read_level(one) for one in element if local_name(one) == "lvl"}
        numbering.lists[get(element, "listDefId")] = levels
    elif name == "list":
        numbering.definitions[get(element, "ilfo")] = values.get("ilst", "")
    elif "t" in values:
        # The program wrote what it showed.
        return f"{values['t']} " if any(map(str.isalnum, values["t"])) else ""
    else:
        return numbering.count(values.get("ilfo", ""), min(_whole(values.get("ilvl", "")), LEVELS - 1))[0]
    return ""


def _read_level(element: Element) -> Level:
    values = {local_name(child): get(child, "val") for child in element}
    text = _PLACE.sub(lambda place: PLACES[int(place[1]) - 1], values.get("lvlText", ""))
    return Level(
        STYLES_BY_CODE.get(_whole(values.get("nfc", "")), "decimal"), text, _whole(values.get("start", "1")),
        space="" if values.get("suff", "").lower() == "nothing" else " ",
    )  # fmt: skip


def _whole(text: str) -> int:
    return whole_number(text, at_most=LARGEST) or 0


def _read_sheets(file: BytesIO) -> Iterator[list[Run]]:
    runs: list[Run] = []
    codes: dict[str, str] = {}
    fonts = StyleFonts()
    is_1904 = False
    for event, element in iterparse(file, events=("start", "end")):
        name = local_name(element)
        is_1904 = is_1904 or name == "Date1904"
        if event == "start":
            runs += [Run(get(element, "Name") + "\n")] if name == "Worksheet" else []
        elif name == "Style":
            own, base = get(element, "ID"), get(element, "Parent")
            told = {local_name(child): child for child in element}
            code = get(told["NumberFormat"], "Format") if "NumberFormat" in told else ""
            codes[own] = _NAMED_FORMATS.get(code, code) or codes.get(base, "")
            fonts.learn(own, base=base, font=get(told["Font"], "FontName") if "Font" in told else None)
        elif name == "Row":
            runs += [*_read_row(element, codes, fonts=fonts, is_1904=is_1904), Run("\n")]
            element.clear()
        elif name == "Worksheet":
            yield runs
            runs = []
            element.clear()
    if runs:
        yield runs


def _read_row(row: Element, codes: dict[str, str], *, fonts: StyleFonts, is_1904: bool) -> Iterator[Run]:
    for cell in row:
        style = get(cell, "StyleID") or get(row, "StyleID")
        for data in cell.iter():
            if local_name(data) == "Data":
                yield from _show_cell(data, code=codes.get(style, ""), font=fonts.find(style), is_1904=is_1904)
                yield Run(" ")


def _show_cell(data: Element, *, code: str, font: str | None, is_1904: bool) -> Iterator[Run]:
    """Give a value as a sheet shows it by its number format: 15000000 without decimals, a date as 03/06/2013."""
    text = "".join(data.itertext()).strip()
    shown = _show_value(text, get(data, "Type"), code=code, is_1904=is_1904)
    return iter(show_text(list(read_cell_runs(data, font)), code)) if shown == text else iter([Run(shown, font)])


def _show_value(text: str, kind: str, *, code: str, is_1904: bool) -> str:
    try:
        if kind == "DateTime":
            return show_date(datetime.fromisoformat(text.removesuffix("Z")), code or "General")
        if kind == "Number":
            return show_number(float(text), code or "General", is_1904=is_1904)
        if kind == "Boolean":
            return "TRUE" if float(text) else "FALSE"
    except (ValueError, OverflowError):
        return text
    return text


def _read_elements(file: BytesIO) -> Iterator[list[Run]]:
    lines: list[str] = []
    for _, element in iterparse(file):
        lines += [(element.text or "").strip(), (element.tail or "").strip()]
        element.clear()
    yield [Run("\n".join(line for line in lines if line))]
