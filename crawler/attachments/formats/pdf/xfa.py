"""Read forms in XFA (XML Forms Architecture 3.3), whose pages show nothing but that another program is needed."""

import ctypes
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

import pypdfium2
import pypdfium2.raw as pdfium
from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from crawler.attachments.formats.elements.names import local_name

# The form with its words, and what was filled in.
_PACKETS = ("template", "datasets")
_MAX_BYTES = 20 * 1024**2
_NAME_BYTES = 64
_WORDS = ("text", "exData")


def read_xfa(document: pypdfium2.PdfDocument) -> str | None:
    """Return the words and values of a form in XFA, a line for each; None if the file is no such form.

    A form that has common pages too is read by these.
    """
    if pdfium.FPDF_GetFormType(document) != pdfium.FORMTYPE_XFA_FULL:
        return None
    packets = {_name_packet(document, place): place for place in range(pdfium.FPDF_GetXFAPacketCount(document))}
    lines: list[str] = []
    for name in _PACKETS:
        if name in packets:
            try:
                root = fromstring(_read_packet(document, packets[name]))
            except (ParseError, DefusedXmlException, ValueError):
                continue
            lines += _find_words(root, is_form=name == "template")
    return "\n".join(lines)


def _find_words(root: Element, *, is_form: bool) -> Iterator[str]:
    for element in root.iter():
        name = local_name(element)
        if name in _WORDS if is_form else len(element) == 0:
            text = " ".join("".join(element.itertext()).split())
            if text:
                yield text


def _name_packet(document: pypdfium2.PdfDocument, place: int) -> str:
    name = ctypes.create_string_buffer(_NAME_BYTES)
    size = pdfium.FPDF_GetXFAPacketName(document, place, name, _NAME_BYTES)
    return name.value.decode("latin-1") if 0 < size <= _NAME_BYTES else ""


def _read_packet(document: pypdfium2.PdfDocument, place: int) -> bytes:
    size = ctypes.c_ulong()
    pdfium.FPDF_GetXFAPacketContent(document, place, None, 0, size)
    if not 0 < size.value <= _MAX_BYTES:
        return b""
    content = ctypes.create_string_buffer(size.value)
    pdfium.FPDF_GetXFAPacketContent(document, place, content, size.value, size)
    return content.raw
