"""What annotations and form fields show on a page of a PDF file."""

import ctypes
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.attachments.formats.pdf.letters import PageLetters, read_letters

# Of annotations that show no text of their own, or show that of another.
_SILENT = frozenset((pdfium.FPDF_ANNOT_LINK, pdfium.FPDF_ANNOT_POPUP))
_HIDDEN = pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW
# The flag of a field that shows asterisks (ISO 32000-1, 12.7.4.3).
_PASSWORD = 1 << 13
_SPACES = re.compile(r"\s+")
# A word with so large a part of letters that the page alone does not have is one of an annotation.
_OWN = 1 / 3


def read_with_annotations(document: pypdfium2.PdfDocument, number: int) -> tuple[pypdfium2.PdfPage, PageLetters]:
    """Load a page with all that it shows in its content, and read it.

    Texts of annotations that it does not show come at its end.

    Raises:
        PdfiumError: if the page cannot be loaded.
    """
    page, annotations = show_annotations(document, number)
    letters = read_letters(page)
    text = letters.text
    if annotations:
        with closing(document[number]) as alone:
            text = _keep_words(read_letters(alone).text, shown=text)
    shown = _SPACES.sub("", text)
    added = (one for one in annotations if _SPACES.sub("", one) not in shown)
    return page, PageLetters("\n".join((text, *added)), letters.is_guessed, page.pdf is not document)


def _keep_words(text: str, *, shown: str) -> str:
    r"""Return the text of a page with its annotations, in which all words of the page without them are whole.

    PDFium mixes the letters of an annotation with those of the lines that it covers.

    >>> _keep_words("Dummy file", shown="Dumm\nA box\ny file\nfile")
    'Dummy file\nA box\nfile'
    >>> _keep_words("Name:.... Sa Pa", shown="Name:.Giang... Sa Pa")
    'Name:.... Sa Pa\nName:.Giang...'
    """
    words = Counter(text.split())
    if not words - Counter(shown.split()):
        return shown
    letters = Counter(shown) - Counter(text)
    lines = [_find_added(line.split(), words, letters=letters) for line in shown.splitlines()]
    return "\n".join((text, *filter(None, lines)))


def _find_added(line: Sequence[str], words: Counter[str], *, letters: Counter[str]) -> str:
    """Return the words of a line that are neither `words` nor pieces of them; take them, and the letters, as found.

    A word that an annotation is joined to is kept whole.
    """
    added = []
    for word in line:
        if words[word] > 0:
            words[word] -= 1
        elif (own := Counter(word) & letters).total() >= _OWN * len(word):
            letters -= own
            added.append(word)
    return " ".join(added)


def show_annotations(document: pypdfium2.PdfDocument, number: int) -> tuple[pypdfium2.PdfPage, tuple[str, ...]]:
    """Load a page with all that it shows in its content, and the texts of annotations.

    The texts are given apart because an annotation or form field may lack the form in which it is shown.

    Raises:
        PdfiumError: if the page cannot be loaded.
    """
    page = document[number]
    texts = tuple(_read_annotations(page))
    if not texts:
        return page, ()
    # What a page has from the node above it, its fonts among them, is lost when PDFium draws annotations into it. A
    # copy in its own document has all of it.
    with suppress(pypdfium2.PdfiumError):
        alone = pypdfium2.PdfDocument.new()
        alone.import_pages(document, [number])
        copy = alone[0]
        if pdfium.FPDFPage_Flatten(copy, pdfium.FLAT_NORMALDISPLAY) == pdfium.FLATTEN_SUCCESS:
            copy.close()
            page.close()
            page = alone[0]
    return page, tuple(filter(str.strip, texts))


def _read_annotations(page: pypdfium2.PdfPage) -> Iterator[str]:
    """Give the text of each annotation that is shown, "" if it has none."""
    for place in range(pdfium.FPDFPage_GetAnnotCount(page)):
        annotation = pdfium.FPDFPage_GetAnnot(page, place)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        if kind not in _SILENT and not pdfium.FPDFAnnot_GetFlags(annotation) & _HIDDEN:
            is_field = kind == pdfium.FPDF_ANNOT_WIDGET
            text = (
                ""
                if is_field and _is_password(annotation)
                else _read_string(annotation, b"V" if is_field else b"Contents")
            )
            yield text
        pdfium.FPDFPage_CloseAnnot(annotation)


def _is_password(field: object) -> bool:
    flags = ctypes.c_float()
    return bool(pdfium.FPDFAnnot_GetNumberValue(field, b"Ff", flags)) and bool(int(flags.value) & _PASSWORD)


def _read_string(annotation: object, key: bytes) -> str:
    if pdfium.FPDFAnnot_GetValueType(annotation, key) != pdfium.FPDF_OBJECT_STRING:
        return ""
    size = pdfium.FPDFAnnot_GetStringValue(annotation, key, None, 0)
    buffer = (ctypes.c_ushort * (size // 2))()
    pdfium.FPDFAnnot_GetStringValue(annotation, key, buffer, size)
    return bytes(buffer).decode("utf-16-le", "ignore").rstrip("\0").replace("\r", "\n")
