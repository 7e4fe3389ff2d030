"""Examine an attachment: whether it is a file, and its media type. Also examine page requisites.

A dead address often answers 200 with a page or a short text. A file under a wrong name is still a file: any known
format is accepted under any name. Only the bytes can give a reason to refuse a file.
"""

import re

from crawler.body import Body, sha256_of
from crawler.errors import BadFileError
from crawler.items import FileReading
from crawler.language.text import fold
from crawler.media.end_marks import PDF_HEADER_BYTES, PDF_TYPE, TAIL_BYTES, has_end_mark
from crawler.media.json_texts import read_json
from crawler.media.signatures import PDF, sniff_media_type
from crawler.sentences import say

# A name with one of these suffixes names a file. Other names prove nothing (`/vbdownload/12`, `DownloadFile.ashx`).
DOCUMENT_SUFFIX = re.compile(
    r"\.(pdf|docx?|docm|dotx?|xlsx?|xlsm|xlsb|pptx?|ppsx?|pptm|odt|ods|odp|rtf|csv|txt|xml|eml|msg|zip|rar|7z|gz|dwg)$",
    re.IGNORECASE,
)
# Detected types that override the server's statement. Other signatures are short, and such files are rare.
_SNIFFED_TYPES = frozenset(("image/png", "image/jpeg", "image/gif", "image/tiff", "image/webp")).union(
    f"application/{name}" for name in ("pdf", "zip", "x-ole-storage", "vnd.rar", "rtf")
)
_CONTAINERS = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".ods": "application/vnd.oasis.opendocument.spreadsheet",
    ".doc": "application/msword",
    ".xls": "application/vnd.ms-excel",
    ".ppt": "application/vnd.ms-powerpoint",
}
# Formats of other archives, of Office before 1997, and JPEG 2000. `sniff_media_type` does not know them.
_OLD_FORMATS = (
    b"PK\x05\x06", b"PK\x07\x08", b"RE~^", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"AC10", b"%!PS", b"\xffWPC",
    b"\x31\xbe\x00\x00", b"\xdb\xa5\x2d\x00", b"\xfe\x37\x00\x23", b"\x09\x00\x04\x00", b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00", b"\x09\x08\x10\x00", b"\x09\x08\x08\x00", b"ITSF", b"8BPS", b"ID3", b"OggS",
    b"\0\0\0\x0cjP  ",
)  # fmt: skip
# A file with one of these suffixes has a known signature. Bytes without one are not such a file.
_STRICT_SUFFIXES = frozenset((".pdf", ".docx", ".docm", ".xlsx", ".xlsm", ".pptx", ".odt", ".ods", ".odp", ".zip"))
# A shorter PDF or ZIP is not judged by its end mark.
_LEAST_BYTES_WITH_END = 2_048
# The first bytes show whether the body is a page or an error text.
_JUDGED_BYTES = 256 * 1024

_HEAD_BYTES = 16_384
_PAGE_START = re.compile(
    rb"\s*+(?:(?><!--.*?-->|<\?xml[^>]*>)\s*+)*+<(?:!doctype\s+html|html|head|body|title|script|meta)\b"
)
# The marks that Word, Excel, LibreOffice, WPS, Google Docs and export libraries write into the head of saved HTML.
_OFFICE_MARKS = re.compile(
    rb"urn:schemas-microsoft-com:office:(?:word|excel|powerpoint|office)|schemas\.microsoft\.com/office/|"
    rb"<meta[^<>]{1,400}content\s*=\s*[\"']?(?:word\.document|excel\.sheet|powerpoint\.\w|"
    rb"microsoft\W{1,3}(?:word|excel|powerpoint)|libreoffice|openoffice|staroffice|wps|kingsoft|aspose|abbyy|spire\.|"
    rb"gembox|crystal reports|phpexcel|phpspreadsheet|phpword)|<!--\[if gte mso|themes\.googleusercontent\.com/fonts|"
    rb"class=[\"']?(?:ritz|(?:c\d+ ){0,9}doc-content)\b|\bx:(?:num|str|fmla)\b"
)
# These marks also get into pages when editors paste text.
_PASTED_MARKS = re.compile(rb"\bmso-(?:style|number-format|pagination|data-placement)[\w-]*\s*:")
# A portal's own page can have Office's marks: SharePoint writes them, and editors paste from Word. These count in
# mark-up only, because the text of a document may mention them.
_SITE_MARKS = re.compile(
    rb"<[^<>]*(?:sharepoint|__viewstate|_spbodyonload|type\s*=\s*[\"']?password|jquery)|<nav\b|<iframe\b"
)
# Marks of a site's pages, which an exported table does not have.
_PAGE_MARKS = re.compile(
    rb"<script\b[^<>]{0,400}\bsrc\b|<link\b[^<>]{0,400}\bstylesheet|<(?:form|input|button|header|footer)\b|"
    rb"<a\b[^<>]{0,400}href\s*=\s*[\"']?/"
)
_TAG = re.compile(rb"<[^<>]*>")
_HEADING = re.compile(rb"<(?:title|h[1-3])\b[^<>]{0,400}>([^<]{0,400})")
# An error page may have its words in a table. An export has at least a row of headings and a row of values, or a text.
_ROW, _CELL = re.compile(rb"<tr\b"), re.compile(rb"<t[dh]\b")
_LEAST_ROWS, _LEAST_CELLS = 2, 4
_LEAST_TEXT_BYTES = 1_000
_EXPORT_SUFFIXES = frozenset((".doc", ".xls", ".rtf"))
_EXPORT_TYPES = frozenset(f"application/{name}" for name in ("msword", "vnd.ms-excel", "ms-excel", "x-msexcel"))
_OFFICE_XML = re.compile(rb"<\?mso-application|urn:schemas-microsoft-com:office:|schemas\.microsoft\.com/office/")
# The words of an error text, folded. Only short texts are judged by them.
_ERROR_WORDS = re.compile(
    r"not found|no such file|does ?n.t exist|not exist|khong (tim thay|ton tai|co quyen|duoc phep)|khong the|"
    r"\berrors?\b|\bloi\b|denied|forbidden|unauthori[sz]ed|exception|invalid|(http|status|code|ma)\W{0,3}[45]\d\d\b|"
    r"^\W*[45]\d\d\b|"
    r"da bi (xoa|go)|het han|dang nhap|expired|timeout|unavailable|bad request|object reference"
)
_SHORT_TEXT_BYTES, _SHORT_NOTE_BYTES = 2_048, 512
_TEXT_NAMES = frozenset((".txt", ".csv", ".xml", ".eml"))
_PAGE_NAMES = frozenset((".html", ".htm", ".mht", ".mhtml"))
_JSON_NAMES = frozenset((".json", ".geojson"))
# Tables that web applications write as text under an Office name.
_TEXT_IN_OFFICE_NAMES = frozenset((".doc", ".xls", ".rtf"))


def examine_attachment(
    content: bytes | Body, stated_type: str | None, *, path: str, name: str | None = None
) -> FileReading:
    """Find the media type of an attachment by its first bytes, then by its name, then by the header.

    Only the beginning and the end of a large file are examined.

    Args:
        content: the decoded bytes.
        stated_type: the media type of the header.
        path: the path of the address, decoded.
        name: the file name in the answer's header, None if there is none. It has priority over the path's.

    Raises:
        BadFileError: `empty` if there are no bytes; `a-page` if a page came from an address that does not name a file;
            `not-a-file` if a page, an error text or other bytes came instead of the file.
    """
    body = content if isinstance(content, Body) else Body(content)
    if not body.size_bytes:
        raise BadFileError("empty", say("empty"))
    data = body.peek(_JUDGED_BYTES)
    suffix = suffix_of(name) if name and suffix_of(name) else suffix_of(path)
    sniffed = sniff_media_type(data)
    if sniffed not in _SNIFFED_TYPES and not data.startswith(_OLD_FORMATS) and PDF in data[:PDF_HEADER_BYTES]:
        # A ZIP file that stores a PDF uncompressed is a ZIP file.
        sniffed = PDF_TYPE
    if sniffed not in _SNIFFED_TYPES and not data.startswith(_OLD_FORMATS):
        _refuse_no_file(data, stated_type, suffix=suffix, size=body.size_bytes)
    ends = data if body.size_bytes <= _JUDGED_BYTES else data + body.tail(TAIL_BYTES)
    lacks_end = body.size_bytes >= _LEAST_BYTES_WITH_END and has_end_mark(ends, size=body.size_bytes) is False
    media_type = sniffed if sniffed in _SNIFFED_TYPES else stated_type or "application/octet-stream"
    if sniffed in ("application/zip", "application/x-ole-storage"):
        media_type = _CONTAINERS.get(suffix, sniffed)
    return FileReading(
        sha256_of(body.chunks()), media_type or "application/octet-stream", body.size_bytes, name=name,
        lacks_end=lacks_end,
    )  # fmt: skip


def examine_requisite(content: bytes | Body, stated_type: str | None) -> FileReading:
    """Record a style sheet or layout picture with the media type of the header.

    Raises:
        BadFileError: kind `empty` without bytes.
    """
    body = content if isinstance(content, Body) else Body(content)
    if not body.size_bytes:
        raise BadFileError("empty", say("empty"))
    return FileReading(sha256_of(body.chunks()), stated_type or "application/octet-stream", body.size_bytes)


def suffix_of(path: str) -> str:
    """Return the suffix of a path's last part with its dot, in lower case; "" if it has none.

    >>> suffix_of("/a/QD 12.PDF"), suffix_of("/a.b/c")
    ('.pdf', '')
    """
    dot = path.rfind(".")
    return path[dot:].strip().lower() if dot > path.rfind("/") else ""


def is_office_html(data: bytes) -> bool:
    """Return whether HTML was saved by an office program: it has marks of the program, and none of a site."""
    head = data[:_HEAD_BYTES].replace(b"\x00", b"").lower()
    if _SITE_MARKS.search(head):
        return False
    is_pasted = _PASTED_MARKS.search(head) is not None and not _PAGE_MARKS.search(head)
    return is_pasted or _OFFICE_MARKS.search(head) is not None


def is_site_page(data: bytes) -> bool:
    """Return whether HTML has marks of a site's page, or words of an error in its headings or its only line."""
    markup = data.replace(b"\x00", b"").lower()
    return _is_of_site(markup, _TAG.sub(b" ", markup).strip())


def _is_of_site(markup: bytes, shown: bytes) -> bool:
    if _SITE_MARKS.search(markup) or _PAGE_MARKS.search(markup):
        return True
    said = [*_HEADING.findall(markup), b"" if _has_table(markup) else shown[:_SHORT_NOTE_BYTES]]
    if any(_ERROR_WORDS.search(fold(words.decode("utf-8", "replace"))) for words in said):
        return True
    return _is_error_text(shown, ".doc")


def _has_table(markup: bytes) -> bool:
    return len(_ROW.findall(markup)) >= _LEAST_ROWS and len(_CELL.findall(markup)) >= _LEAST_CELLS


def _is_export(data: bytes) -> bool:
    """Return whether a portal's script made HTML as a document: a table or a text, without marks of a site's page.

    It may still be a page. The reader of its text reports that.
    """
    markup = data.replace(b"\x00", b"").lower()
    shown = _TAG.sub(b" ", markup).strip()
    return (len(shown) >= _LEAST_TEXT_BYTES or _has_table(markup)) and not _is_of_site(markup, shown)


def _refuse_no_file(data: bytes, stated_type: str | None, *, suffix: str, size: int) -> None:
    """Raise if a file of no known format is a page, an error text, or does not fit its name. Examine its beginning."""
    head = data[:_HEAD_BYTES].replace(b"\x00", b"").lower().lstrip(b"\xef\xbb\xbf\xff\xfe")
    names_file = DOCUMENT_SUFFIX.search(suffix) is not None
    is_offered = suffix in _EXPORT_SUFFIXES or (not names_file and stated_type in _EXPORT_TYPES)
    if _PAGE_START.match(head) or (not names_file and stated_type in ("text/html", "application/xhtml+xml")):
        if suffix in _PAGE_NAMES or is_office_html(data) or (is_offered and _is_export(data)):
            return
        if names_file:
            raise BadFileError("not-a-file", say("page-for-file", suffix=suffix))
        raise BadFileError("a-page", say("page-for-download"))
    if not _is_text(data):
        if suffix in _STRICT_SUFFIXES:
            raise BadFileError("not-a-file", say("other-bytes-for-file", suffix=suffix))
        return
    if _is_error_text(data, suffix) or (
        not names_file and stated_type in ("text/plain", "application/json") and _is_short(data)
    ):
        raise BadFileError("not-a-file", say("text-for-file", bytes=size))
    if suffix in _TEXT_NAMES or not names_file or _OFFICE_XML.search(head) or head.startswith(b"mime-version:"):
        return
    is_office_text = suffix in _TEXT_IN_OFFICE_NAMES and (
        _is_table(data) or _is_export(data) or is_office_html(data) or not _is_short(data)
    )
    if not is_office_text:
        raise BadFileError("not-a-file", say("text-for-file", bytes=size))


def _is_short(data: bytes) -> bool:
    return len(data) < _SHORT_TEXT_BYTES


def _is_text(data: bytes) -> bool:
    """Return whether bytes are text in UTF-8, UTF-16 or an 8-bit encoding: no control characters except white space."""
    head = data[:_HEAD_BYTES]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    return not any(byte < 9 or 13 < byte < 27 or 27 < byte < 32 for byte in head)


def _is_table(data: bytes) -> bool:
    """Return whether a text has at least two lines with the same number of fields, separated by tabs or semicolons."""
    lines = [line for line in data[:_HEAD_BYTES].splitlines()[:20] if line.strip()]
    counts = {(line.count(b"\t"), line.count(b";")) for line in lines}
    return len(lines) > 1 and len(counts) == 1 and any(counts.pop())


def _is_error_text(data: bytes, suffix: str) -> bool:
    """Return whether bytes are JSON without a JSON suffix, or a short text with the words of an error."""
    bare = data.strip()
    if suffix not in _JSON_NAMES and bare.startswith((b"{", b"[")):
        try:
            read_json(bare.decode())
        except ValueError:
            pass
        else:
            return True
    most = _SHORT_NOTE_BYTES if suffix in _TEXT_NAMES else _SHORT_TEXT_BYTES
    text = data.replace(b"\x00", b"").decode("utf-8", "replace")
    return len(data) < most and _ERROR_WORDS.search(fold(text)) is not None
