"""Read a document by its kind: the table of kinds and readers."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats import plain_text, rich_text
from crawler.attachments.formats.archives.archive import MESSAGES, read_archive, read_message
from crawler.attachments.formats.archives.entries import Allowance
from crawler.attachments.formats.binary import office as binary_office
from crawler.attachments.formats.binary.unlocking import unlock
from crawler.attachments.formats.embedded import ReadWithin
from crawler.attachments.formats.kinds import Kind, find_kind, strip_lead
from crawler.attachments.formats.markup import html, mht, office_xml, open_document
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.packages.slides import read_pptx
from crawler.attachments.formats.packages.word import read_docx
from crawler.attachments.formats.packages.workbook import read_xlsx
from crawler.attachments.formats.pdf.attached import read_pdf_and_attached
from crawler.attachments.formats.pictures import read_picture
from crawler.attachments.formats.structure.packages import find_package_kind
from crawler.attachments.formats.suite.reader import read_failed, read_foreign
from crawler.attachments.formats.xps.document import read_xps
from crawler.media.documents import is_office_html, is_site_page

_BY_BYTES: dict[Kind, Callable[[bytes], TextReading]] = {
    "flat-odf": open_document.read_flat_odf,
    "rtf": rich_text.read_rtf,
    "mht": mht.read_mht,
    "wordml": office_xml.read_wordml,
    "sheetml": office_xml.read_sheetml,
    "xml": office_xml.read_xml,
}
_WITH_SCANS: dict[Kind, Callable[[bytes, Recogniser], TextReading]] = {
    "odf": open_document.read_odf,
    "picture": read_picture,
    "xps": read_xps,
}
_ARCHIVES = frozenset(("zip", "epub", "packed", *MESSAGES))
_PAGE_SUFFIXES = ("", ".html", ".htm", ".xhtml", ".shtml", ".aspx", ".php")
# Documents within with a doubt that are named.
_MOST_NAMED = 20
_BY_PROGRAM = {"doc": binary_office.read_doc}
# Documents that may hold other documents.
_WITH_OTHERS = {
    "docx": read_docx, "pptx": read_pptx, "xlsx": read_xlsx, "xlsb": read_xlsx, "xls": binary_office.read_xls,
    "ppt": binary_office.read_ppt, "pdf": read_pdf_and_attached,
}  # fmt: skip


def read_document(
    data: bytes, name: str, *, recogniser: Recogniser, path: Path | None = None, left: Allowance | None = None
) -> TextReading:
    """Read the text of a document.

    Args:
        data: its bytes.
        name: its name on the page, or in its archive.
        recogniser: for its scans; it names the programs that may be used.
        path: a file with these bytes, for programs; one is written if there is none.
        left: what the archive that holds the document may still unpack; None if none holds it.
    """
    stripped = strip_lead(data)
    if len(stripped) < len(data):
        data, path = stripped, None
    kind = find_kind(data, name)
    left = left or Allowance()
    reading = _read_kind(kind, data, name=name, recogniser=recogniser, path=path, left=left)
    read = _make_reader(recogniser, left, doubtful=[])
    return read_failed(reading, data, kind=kind, name=name, recogniser=recogniser, left=left, read=read)


def _read_kind(
    kind: Kind, data: bytes, *, name: str, recogniser: Recogniser, path: Path | None, left: Allowance
) -> TextReading:
    if kind == "locked":
        return _read_locked(data, name, recogniser=recogniser, left=left)
    if kind in _BY_NAME:
        return _BY_NAME[kind](data, name)
    if kind in _BY_BYTES:
        return _BY_BYTES[kind](data)
    if kind in _WITH_SCANS:
        return _WITH_SCANS[kind](data, recogniser)
    if kind in _BY_PROGRAM:
        return _read_by_program(kind, data, path=path, recogniser=recogniser, left=left)
    if kind in _ARCHIVES:
        return _read_archive(data, name, kind=kind, recogniser=recogniser, left=left)
    if kind in _WITH_OTHERS:
        return _read_with_others(kind, data, recogniser=recogniser, left=left)
    if kind == "foreign":
        return _read_foreign(data, name, recogniser=recogniser, left=left)
    if kind == "flat-opc":
        return _read_flat(data, name, recogniser=recogniser, left=left)
    return TextReading(reason="unknown-kind")


def _read_page(data: bytes, name: str) -> TextReading:
    """Read a page. One under the name of another kind that no program has saved may replace a file that is gone."""
    reading = html.read_html(data)
    is_named = PurePosixPath(name.lower()).suffix in _PAGE_SUFFIXES
    if is_named or reading.text is None or is_office_html(data) or not is_site_page(data):
        return reading
    return replace(reading, doubts=("structure",), detail="a page of a site under the name of a document")


def _read_plain(data: bytes, name: str) -> TextReading:
    """Read a plain text. Under the name of a PDF file it may be what a server says in place of the file."""
    reading = plain_text.read_plain(data)
    if reading.text is None or PurePosixPath(name.lower()).suffix != ".pdf":
        return reading
    return replace(reading, doubts=("structure",), detail="a plain text under the name of a PDF file")


def _read_locked(data: bytes, name: str, *, recogniser: Recogniser, left: Allowance) -> TextReading:
    unlocked = unlock(data)
    if unlocked is None or find_kind(unlocked, name) == "locked":
        return TextReading(reason="encrypted")
    return read_document(unlocked, name, recogniser=recogniser, left=left)


def _read_by_program(
    kind: Kind, data: bytes, *, path: Path | None, recogniser: Recogniser, left: Allowance
) -> TextReading:
    doubtful: list[tuple[str, tuple[str, ...]]] = []
    read = _make_reader(recogniser, left, doubtful=doubtful)
    if path is not None:
        return _pass_up(_BY_PROGRAM[kind](data, path, recogniser=recogniser, read=read), doubtful)
    with TemporaryDirectory(prefix="portal-archive-") as folder:
        written = Path(folder) / "file"
        written.write_bytes(data)
        return _pass_up(_BY_PROGRAM[kind](data, written, recogniser=recogniser, read=read), doubtful)


def _read_with_others(kind: Kind, data: bytes, *, recogniser: Recogniser, left: Allowance) -> TextReading:
    doubtful: list[tuple[str, tuple[str, ...]]] = []
    read = _make_reader(recogniser, left, doubtful=doubtful)
    return _pass_up(_WITH_OTHERS[kind](data, recogniser, read=read), doubtful)


def _pass_up(reading: TextReading, doubtful: Sequence[tuple[str, tuple[str, ...]]]) -> TextReading:
    """Return a reading with the doubts of the documents within, which `detail` names."""
    if reading.text is None or not doubtful:
        return reading
    doubts = dict.fromkeys((*reading.doubts, *(doubt for _, doubts in doubtful for doubt in doubts)))
    named = ", ".join(f"{name} ({', '.join(doubts)})" for name, doubts in doubtful[:_MOST_NAMED])
    detail = "; ".join(filter(None, (reading.detail, f"doubtful documents within: {named}")))
    return replace(reading, doubts=tuple(doubts), detail=detail)


def _make_reader(recogniser: Recogniser, left: Allowance, *, doubtful: list[tuple[str, tuple[str, ...]]]) -> ReadWithin:
    """Return what reads a document within another, as deep as is allowed. It puts those with doubts into `doubtful`."""

    def read(within: bytes, its_name: str) -> TextReading:
        if left.depth <= 0 or left.is_spent():
            return TextReading(reason="too-large")
        left.depth -= 1
        try:
            reading = read_document(within, its_name, recogniser=recogniser.for_file(), left=left)
        finally:
            left.depth += 1
        if reading.text is not None and reading.doubts:
            doubtful.append((its_name, reading.doubts))
        return reading

    return read


def _read_archive(data: bytes, name: str, *, kind: Kind, recogniser: Recogniser, left: Allowance) -> TextReading:
    def read(within: bytes, its_name: str) -> TextReading:
        return read_document(within, its_name, recogniser=recogniser.for_file(), left=left)

    if kind in MESSAGES:
        return read_message(data, kind, read=read, left=left)
    tools = frozenset(recogniser.tools)
    return read_archive(data, name, is_zip=kind != "packed", read=read, left=left, tools=tools)


def _read_foreign(data: bytes, name: str, *, recogniser: Recogniser, left: Allowance) -> TextReading:
    """Read a document of another program. One that is packed as a zip may hold a picture of its first pages as PDF."""
    read = _make_reader(recogniser, left, doubtful=[])
    reading = read_foreign(data, name, recogniser=recogniser, left=left, read=read)
    if reading.text is not None or find_package_kind(data) != "zip":
        return reading
    parts = _read_archive(data, name, kind="zip", recogniser=recogniser, left=left)
    if parts.text is None:
        return reading
    detail = "; ".join(filter(None, (reading.detail, "only the files in it are read", parts.detail)))
    doubts = tuple(dict.fromkeys((*parts.doubts, "structure")))
    return replace(parts, lacks=reading.lacks or parts.lacks, detail=detail, doubts=doubts)


def _read_flat(data: bytes, name: str, *, recogniser: Recogniser, left: Allowance) -> TextReading:
    try:
        package = office_xml.unpack_flat(data)
    except ValueError as error:
        return TextReading(reason="broken", detail=str(error))
    return read_document(package, name, recogniser=recogniser, left=left)


# Whether their text is the file depends on the name that they are under.
_BY_NAME: dict[Kind, Callable[[bytes, str], TextReading]] = {"html": _read_page, "plain": _read_plain}
