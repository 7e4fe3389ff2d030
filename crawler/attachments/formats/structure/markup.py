"""Find the kind of a text file by the beginning of its mark-up: HTML, MHT, and the XML of Office programs. Pure."""

import codecs
import re

_HEAD_BYTES = 16 * 1024
# A mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF32_LE, "utf-32-le"), (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"),
)  # fmt: skip
# What may come before the first element: declarations, comments, conditional comments of Office, a document type.
_PROLOG = re.compile(r"(?:\s+|\ufeff|<\?.*?\?>|<!--.*?-->|<!\[.*?\]>|<!doctype[^>\[]*(?:\[.*?\]\s*)?>)", re.DOTALL)
_DOCTYPE_HTML = re.compile(r"<!doctype\s+html\b")
_ELEMENT = re.compile(r"<(?:([\w.-]+):)?([a-z][\w.-]*)((?:\s[^<>]*)?/?>|\s[^<>]*$)", re.DOTALL)
# Elements that begin a page or a part of one, as scripts write it.
_HTML = frozenset((
    "html", "head", "body", "title", "meta", "link", "base", "style", "script", "table", "thead", "tbody", "tr",
    "td", "div", "p", "span", "center", "font", "b", "i", "strong", "h1", "h2", "h3", "h4", "ul", "ol", "br", "hr",
    "form", "pre", "xml", "noscript",
))  # fmt: skip
_HEADERS = re.compile(r"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)+")
# Programs write it before each message of a mailbox (RFC 4155).
_OF_MAILBOX = re.compile(r"\Afrom [^\n]*\n")
_NAMES = re.compile(r"^([\w-]+):", re.MULTILINE)
# Servers add these to every message (RFC 5321, 4.4; RFC 5322, 3.6.4).
_OF_MAIL = frozenset(("received", "message-id", "return-path", "delivered-to"))
_MESSAGE = re.compile(r"^content-type:\s*(?:multipart/(?:related|mixed|alternative)|text/html)", re.MULTILINE)
# Root elements, by the address of their name space: [MS-OI29500], ODF 1.3 part 3, XML of Office 2003.
_ROOTS = (
    ("worddocument", "schemas.microsoft.com/office/word/2003", "wordml"),
    ("package", "schemas.microsoft.com/office/2006/xmlpackage", "flat-opc"),
    ("workbook", "urn:schemas-microsoft-com:office:spreadsheet", "sheetml"),
    ("document", "urn:oasis:names:tc:opendocument:xmlns:office", "flat-odf"),
    ("document", "openoffice.org/2000/office", "flat-odf"),
)


def read_head(data: bytes) -> str:
    """Return the beginning of a file as text in lower case, without its mark of byte order."""
    head = data[:_HEAD_BYTES]
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return head[len(mark) :].decode(encoding, "replace").lower()
    # UTF-16 without a mark: in mark-up, every second byte is 0.
    if head[:1] and head[1:2] == b"\0" and head[3:4] == b"\0":
        return head.decode("utf-16-le", "replace").lower()
    if head[:1] == b"\0" and head[2:3] == b"\0":
        return head.decode("utf-16-be", "replace").lower()
    return head.decode("latin-1").lower()


def find_markup_kind(data: bytes) -> str | None:
    r"""Return the kind of a file that begins with mark-up; None for any other file.

    >>> find_markup_kind(b"\xef\xbb\xbf\r\n<!-- x --><html xmlns:o='urn:'>"), find_markup_kind(b"<table border=1><tr>")
    ('html', 'html')
    >>> find_markup_kind(b"MIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n")
    'mht'
    >>> find_markup_kind(b"<?xml version='1.0'?><a/>"), find_markup_kind(b"a < b"), find_markup_kind(b"{\\rtf1")
    ('xml', None, 'rtf')
    """
    head = read_head(data)
    start = head.lstrip("\ufeff \t\r\n\0")
    if start.startswith("{\\rtf"):
        return "rtf"
    if not start.startswith("<"):
        headers = _HEADERS.match(_OF_MAILBOX.sub("", start.replace("\r\n", "\n")))
        return _find_message_kind(headers[0]) if headers else None
    return _find_root_kind(head)


def _find_message_kind(headers: str) -> str | None:
    """Return `mail` for what was sent from one to another, `mht` for a page that a program saved in its form."""
    names = set(_NAMES.findall(headers))
    is_typed = "mime-version" in names
    if "from" in names and (names & _OF_MAIL or (is_typed and "to" in names)):
        return "mail"
    return "mht" if is_typed and _MESSAGE.search(headers) else None


def _find_root_kind(head: str) -> str | None:
    at = 0
    while (skipped := _PROLOG.match(head, at)) and skipped.end() > at:
        if _DOCTYPE_HTML.match(skipped[0]):
            return "html"
        at = skipped.end()
    element = _ELEMENT.match(head, at)
    if element is None:
        # A comment that is longer than the head hides the root.
        return "html" if head.startswith(("<!--", "<![")) and "<html" in head else None
    name, attributes = element[2], element[3]
    kind = next((kind for root, space, kind in _ROOTS if name == root and space in attributes), None)
    if kind is not None:
        return kind
    if name in _HTML and element[1] is None:
        return "html"
    return "xml" if head.lstrip("\ufeff \t\r\n").startswith("<?xml") else None
