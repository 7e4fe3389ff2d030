"""The readers that are fuzzed: bytes in, no exception out, in bounded time."""

import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from crawler.attachments.worker import read_text
from crawler.errors import BadFileError
from crawler.extract import parse_page, read_stylesheet
from crawler.extract.answer import read_page
from crawler.extract.page import decode_html
from crawler.extract.replay.safe_css import show_declarations, show_sheet
from crawler.extract.replay.safe_page import LinkTarget, Targets, find_targets, show_page
from crawler.items import Answer, Purpose
from crawler.profile import parse_profile

BASE = "https://a.gov.vn"
PROFILE = parse_profile(f'name = "a"\ntitle = "A"\ncms = "vnpt"\nbase_url = "{BASE}/"\n')
_LIST = f"{BASE}/tin-tuc"
_TYPES = ("text/html; charset=utf-8", "text/html", "text/html; charset=utf-16", "application/octet-stream")
_TARGETS = Targets(sheet=lambda _: "/sheet", file=lambda _: "/file", link=lambda url: LinkTarget(url))


def read_article(data: bytes) -> None:
    """Read an article's page, and show it; the first byte chooses the type that the header states."""
    kind = _TYPES[data[0] % len(_TYPES)] if data else None
    asked = f"{BASE}/tin-tuc/bai-100001"
    for purpose in (Purpose.ARTICLE, Purpose.HOME):
        read_page(Answer(asked, data[1:], kind, None), purpose, asked=asked, listing=None, page=None, profile=PROFILE)
    try:
        page = parse_page(decode_html(data[1:], kind), asked)
    except BadFileError:
        return
    shown = show_page(page, _TARGETS).lower()
    assert "<script" not in shown, "a script is shown"
    find_targets(page)


def read_listing(data: bytes) -> None:
    """Read a listing, a fragment of its pager, and a menu's page."""
    answer = Answer(_LIST, data, "text/html; charset=utf-8", None)
    for purpose, number in ((Purpose.LISTING, None), (Purpose.LISTING, 2), (Purpose.MENU, None)):
        listing = None if purpose is Purpose.MENU else _LIST
        read_page(answer, purpose, asked=_LIST, listing=listing, page=number, profile=PROFILE)


def read_script(data: bytes) -> None:
    """Read a listing whose pager is this script."""
    head = b'<html><body><div class="UIArticleInMenu_Default"><ul class="ArticleList"><li class="row">'
    rows = b'<h2 class="Title"><a href="/tin-tuc/bai-100001">A</a></h2></li></ul>'
    rows += b'<ul class="pagination"><li data-page="2"></ul></div><script>'
    read_listing(head + rows + data + b"</script></body></html>")


def read_sheet(data: bytes) -> None:
    """Read a style sheet, and show it, as a sheet and as an attribute."""
    css = decode_html(data, "text/css")
    read_stylesheet(css, f"{BASE}/a.css", profile=PROFILE)
    shown = show_sheet(css, BASE, sheet=lambda _: "/sheet", file=lambda _: "/file")
    assert "<" not in shown, "a sheet may end its element"
    show_declarations(css, BASE, file=lambda _: "/file")


_OFFICE: tuple[tuple[str, str], ...] = (
    ("a.docx", "word/document.xml"), ("a.xlsx", "xl/worksheets/sheet1.xml"), ("a.pptx", "ppt/slides/slide1.xml"),
    ("a.odt", "content.xml"), ("a.rtf", ""), ("a.html", ""), ("a.txt", ""), ("a.mht", ""), ("a.pdf", ""),
)  # fmt: skip
_PACKAGE: Mapping[str, str] = {
    "word/document.xml": "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml",
    "xl/worksheets/sheet1.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml",
    "ppt/slides/slide1.xml": "application/vnd.openxmlformats-officedocument.presentationml.slide+xml",
}


def read_office(data: bytes) -> None:
    """Read an attachment; the first byte chooses its kind. Of a package, the rest is the part that holds the text."""
    if not data:
        return
    name, part = _OFFICE[data[0] % len(_OFFICE)]
    content = _pack(part, data[1:]) if part else data[1:]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        reading = read_text(path, name, tools=())
    assert reading.reason is not None or reading.text is not None, "neither a text nor a reason"


def _pack(part: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if part == "content.xml":
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        else:
            kind = f'<Override PartName="/{part}" ContentType="{_PACKAGE[part]}"/>'
            archive.writestr("[Content_Types].xml", f"<Types>{kind}</Types>")
            archive.writestr("_rels/.rels", f'<Relationships><Relationship Id="r1" Target="{part}"/></Relationships>')
        if part.startswith("xl/"):
            sheets = '<workbook><sheets><sheet name="A" sheetId="1" r:id="r1" xmlns:r="r"/></sheets></workbook>'
            archive.writestr("xl/workbook.xml", sheets)
        archive.writestr(part, content)
    return out.getvalue()


TARGETS: Mapping[str, Callable[[bytes], None]] = {
    "page": read_article,
    "listing": read_listing,
    "script": read_script,
    "sheet": read_sheet,
    "office": read_office,
}
