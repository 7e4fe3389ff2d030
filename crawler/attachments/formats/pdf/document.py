"""Read the texts of PDF files: their letters, and OCR for scanned pages and for pages whose letters are wrong."""

import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from itertools import chain, product

import pypdfium2
import pypdfium2.raw as pdfium

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.ocr import DOTS_PER_INCH, Recogniser
from crawler.attachments.formats.pages import JoinedText, count_letters, join_pages
from crawler.attachments.formats.pdf.annotations import read_with_annotations
from crawler.attachments.formats.pdf.letters import UNKNOWN_LETTER, PageLetters, has_lost_lines
from crawler.attachments.formats.pdf.repair import repair_pdf
from crawler.attachments.formats.pdf.second_reader import LEAST_GAIN, SecondReader, Settled, add_lacking, settle
from crawler.attachments.formats.pdf.xfa import read_xfa
from crawler.attachments.formats.system_tools import PDF_READER
from crawler.attachments.judgement import is_believable
from crawler.attachments.limits import FILE_SECONDS
from crawler.language.legacy.decoding import decode_legacy
from crawler.language.quality.text_quality import agreement, count_words, measure_text
from crawler.language.text import fold

MAX_PAGES = 2000
# A page with fewer letters than the first number is a scan, if it shows anything. With fewer than the second, it is a
# scan if pictures cover most of it: a scan with an electronic signature has the signature as text. So has one with
# more letters, on less of the page than this: several signatures.
_FEW_LETTERS, _SOME_LETTERS = 16, 400
_SMALL_PART, _CELLS = 0.12, 40
_MOST_OF_A_PAGE = 0.5
# Two texts of one page are the same if they share so large a part of their words.
_SAME_WORDS = 0.5
# A picture that shows more than this has other words, too: those of a scan beside its electronic signature.
_MORE_LETTERS = 1.25
# A picture that shows fewer than so large a part of the letters of a page does not replace them.
_LEAST_SEEN = 0.3
# Letters of a scan with more wrong words than this are a layer that is not believed.
_MOST_ODD = 0.2
# With more unknown letters than so large a part of the others, what the picture shows is better.
_MOST_UNKNOWN = 0.02
# Two readers may dispute so large a part of the words of a file, or this many of one page, before the text is doubtful.
_DISPUTED, _DISPUTED_WORDS = 0.03, 30
# Of the letters of a file.
_MANY_WRONG = 0.05
# A scan of a heading alone has this many letters.
_FEWEST_SHOWN = 20
_DRAWN = [pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING]
_MAX_SIDE_PIXELS = 5000
_POINTS_PER_INCH = 72
# Without OCR, a file is read for this long. The rest of its minute is for its start and its last page.
_LETTERS_SECONDS = 0.75 * FILE_SECONDS


@dataclass(slots=True)
class _Pages:
    """Progress of reading one file: its pages by how they were read, `replaced` by a picture, and `blank`.

    Args:
        unsure: pages whose text is that of their pictures, of which the program is not sure.
        unread: pages whose pictures were not recognised, though they are scans.
        unchecked: pages whose letters seem wrong, and whose pictures were not recognised.
        wrong_letters: those of all `letters` that are on such pages, or on others that their pictures do not confirm.
        shown: scans whose letters no other reading confirms, with `shown_letters` in their pictures.
    """

    recogniser: Recogniser
    second: SecondReader
    started: float = field(default_factory=time.monotonic)
    ocr_seconds: float = 0.0
    read: int = 0
    with_letters: int = 0
    by_second: int = 0
    words: int = 0
    disputed: float = 0.0
    is_page_disputed: bool = False
    has_lost_lines: bool = False
    has_guesses: bool = False
    with_ocr: int = 0
    replaced: int = 0
    blank: int = 0
    unsure: int = 0
    unread: int = 0
    unchecked: int = 0
    letters: int = 0
    wrong_letters: int = 0
    shown: int = 0
    shown_letters: int = 0
    broken: list[int] = field(default_factory=list)

    @property
    def is_disputed(self) -> bool:
        return self.is_page_disputed or self.disputed > _DISPUTED * self.words

    @property
    def has_wrong_pages(self) -> bool:
        """Whether a part of the letters, of whole pages, seems to be wrong."""
        return self.wrong_letters > _MANY_WRONG * self.letters

    @property
    def has_few_letters(self) -> bool:
        """Whether the pictures of scans gave fewer letters than a page of text has."""
        return self.shown_letters < _FEWEST_SHOWN * self.shown

    def is_over(self) -> bool:
        return time.monotonic() - self.started - self.ocr_seconds > _LETTERS_SECONDS


def read_pdf(data: bytes, recogniser: Recogniser) -> TextReading:
    """Read a PDF file; pages that are scans or have wrong letters by OCR, if it is installed."""
    try:
        return _read_document(pypdfium2.PdfDocument(data), data, recogniser=recogniser)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
            return _read_unopened(data, recogniser, otherwise=TextReading(reason="encrypted"))
    with suppress(pypdfium2.PdfiumError):
        repaired = repair_pdf(data)
        if repaired is not None:
            reading = _read_document(pypdfium2.PdfDocument(repaired), repaired, recogniser=recogniser)
            if reading.text:
                return _doubt(reading, why="a damaged PDF, repaired")
    return _read_unopened(data, recogniser, otherwise=TextReading(reason="broken", detail="not a readable PDF"))


def _read_document(document: pypdfium2.PdfDocument, data: bytes, *, recogniser: Recogniser) -> TextReading:
    with document:
        done = _Pages(recogniser, SecondReader(data, recogniser.tools))
        form = read_xfa(document)
        pages = _read_pages(document, done)
        joined = join_pages(pages if form is None else chain([f"{next(pages, '')}\n{form}"], pages))
        reading = _report(done, len(document), joined=joined)
    return reading if form is None or not reading.text else _doubt(reading, why="a form in XFA, without its layout")


def _doubt(reading: TextReading, *, why: str) -> TextReading:
    detail = "; ".join((why, *filter(None, [reading.detail])))
    return replace(reading, detail=detail, doubts=(*reading.doubts, "structure"))


def _read_unopened(data: bytes, recogniser: Recogniser, *, otherwise: TextReading) -> TextReading:
    """Read a file that PDFium cannot open by the second reader, which repairs more and knows more locks."""
    pages = SecondReader(data, recogniser.tools).read_all()
    joined = join_pages(pages)
    if not joined.text:
        return otherwise
    return TextReading(
        joined.text, "pdf", detail="PDFium cannot open it", tool=PDF_READER, is_cut=joined.is_cut, pages=len(pages),
        pages_read=len(pages), doubts=("readers-differ",), page_starts=joined.starts,
    )  # fmt: skip


def _report(done: _Pages, pages: int, *, joined: JoinedText) -> TextReading:
    text, recogniser = joined.text, done.recogniser
    tools = [f"pypdfium2 {pypdfium2.PYPDFIUM_INFO}", *([PDF_READER] if done.by_second else [])]
    tools += [recogniser.tool] if recogniser.tool else []
    methods = (["pdf"] if done.with_letters else []) + (["ocr"] if done.with_ocr else [])
    notes = [f"pages read: {done.read} of {pages}"] if done.read < pages else []
    notes += [f"broken pages: {', '.join(map(str, done.broken))}"] if done.broken else []
    notes += [f"pages with wrong letters, recognised from their picture: {done.replaced}"] if done.replaced else []
    notes += ["lines from top to bottom without a font"] if done.has_lost_lines else []
    notes += [f"scanned pages that were not recognised: {done.unread}"] if done.unread else []
    notes += [f"pages with wrong letters that were not recognised: {done.unchecked}"] if done.unchecked else []
    notes += [recogniser.failed] if recogniser.failed else []
    unread = done.unread or done.broken or done.read < pages
    return TextReading(
        text or None,
        "+".join(methods) if text else None,
        is_ocr=bool(text and done.with_ocr),
        reason=None if text else "no-tool" if recogniser.lacks else "no-text",
        detail="; ".join(notes) or None,
        tool=", ".join(tools),
        lacks=recogniser.lacks,
        pages=pages,
        pages_read=done.read - done.blank,
        is_cut=joined.is_cut or bool(text and unread),
        doubts=(
            *(("few-letters",) if done.has_few_letters else ()),
            *(("pages-unread",) if unread else ()),
            *(("readers-differ",) if done.is_disputed else ()),
            *(("garbled",) if done.has_guesses else ()),
            *(("garbled-pages",) if done.has_wrong_pages else ()),
            *(("structure",) if done.has_lost_lines else ()),
            *(("wrong-layer",) if done.replaced else ()),
            *joined.doubts,
            *(("unsure-letters",) if done.unsure > _MANY_WRONG * done.read else ()),
        ),
        page_starts=joined.starts if text else (),
    )


def _read_pages(document: pypdfium2.PdfDocument, done: _Pages) -> Iterator[str]:
    for number in range(min(len(document), MAX_PAGES)):
        if done.is_over():
            return
        done.read += 1
        try:
            page, letters = read_with_annotations(document, number)
        except pypdfium2.PdfiumError:
            done.broken.append(number + 1)
            yield ""
            continue
        settled = _read_again(letters, number, done=done)
        done.has_lost_lines |= not settled.is_second and has_lost_lines(page)
        is_guessed = letters.is_guessed and not settled.is_second
        yield _complete(page, PageLetters(settled.text, is_guessed), done=done)
        page.close()


def _read_again(letters: PageLetters, number: int, *, done: _Pages) -> Settled:
    """Return the better text of a page, of two readers where two are installed."""
    second = done.second.read_page(number)
    settled = settle(add_lacking(letters.text, second) if letters.has_annotations else letters.text, second)
    words = count_words(settled.text)
    done.words += words
    done.disputed += words * (1 if settled.is_disputed else settled.missed)
    done.is_page_disputed |= settled.is_disputed and words >= _DISPUTED_WORDS
    done.by_second += settled.is_second
    return settled


def _complete(page: pypdfium2.PdfPage, letters: PageLetters, *, done: _Pages) -> str:
    """Return the text of a page: its letters, what its picture shows, or both."""
    count = count_letters(letters.text)
    # Without letters, there are only glyphs that nobody knows.
    text = letters.text if count else letters.text.replace(UNKNOWN_LETTER, "")
    left_out, unsure = done.recogniser.left_out, done.recogniser.unsure
    is_wrong = letters.is_guessed or not is_believable(decode_legacy(text))
    kept = text
    if _is_scan(page, count):
        recognised = _recognise_page(page, done)
        kept = _add_picture(text, recognised)
        is_left_out = done.recogniser.left_out > left_out
        done.unread += is_left_out
        promises_text = UNKNOWN_LETTER in letters.text or _is_covered(page)
        if promises_text and not is_left_out and not _is_confirmed(text, recognised):
            done.shown += 1
            done.shown_letters += count_letters(recognised)
    elif is_wrong:
        recognised = _recognise_page(page, done)
        kept = _choose(text, recognised, is_guessed=letters.is_guessed)
        done.unchecked += done.recogniser.left_out > left_out
        done.wrong_letters += count if kept == text and not _is_confirmed(text, recognised) else 0
    done.letters += count
    # A page without letters that nobody recognised was not read.
    done.blank += not count and done.recogniser.left_out > left_out
    done.replaced += is_wrong and text not in kept
    done.has_guesses |= letters.is_guessed and text in kept
    done.with_ocr += kept != text
    done.unsure += kept != text and done.recogniser.unsure > unsure
    done.with_letters += count > 0 and text in kept
    return kept


def _is_scan(page: pypdfium2.PdfPage, letters: int) -> bool:
    if letters >= _SOME_LETTERS:
        return _is_covered(page) and _stand_apart(page)
    if not letters:
        # Letters of a font without Unicode are a picture, too.
        return next(page.get_objects(max_depth=1), None) is not None
    if letters < _FEW_LETTERS:
        return next(page.get_objects(filter=_DRAWN), None) is not None
    return _is_covered(page)


def _is_covered(page: pypdfium2.PdfPage) -> bool:
    """Return whether pictures cover most of a page."""
    width, height = page.get_size()
    covered = 0.0
    # Some scanners cut a page into strips.
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE]):
        left, bottom, right, top = picture.get_bounds()
        covered += (right - left) * (top - bottom)
        if covered > _MOST_OF_A_PAGE * width * height:
            return True
    return False


def _stand_apart(page: pypdfium2.PdfPage) -> bool:
    """Return whether all letters of a page are on a small part of it."""
    left, bottom, right, top = page.get_bbox()
    cells: set[tuple[int, int]] = set()
    with closing(page.get_textpage()) as letters:
        for place in range(letters.count_rects()):
            x, y, end, head = letters.get_rect(place)
            columns = _find_cells(x - left, end - left, side=right - left)
            cells.update(product(columns, _find_cells(y - bottom, head - bottom, side=top - bottom)))
            if len(cells) > _SMALL_PART * _CELLS**2:
                return False
    return True


def _find_cells(start: float, end: float, *, side: float) -> range:
    """Return the cells of a side that are between two places, those beyond it at its edge."""
    first, last = (min(max(int(_CELLS * place / max(side, 1)), 0), _CELLS - 1) for place in (start, end))
    return range(first, last + 1)


def _is_confirmed(text: str, recognised: str) -> bool:
    """Return whether the picture of a page shows its letters, and not many others."""
    if not count_letters(text) or count_letters(recognised) > _MORE_LETTERS * count_letters(text):
        return False
    return agreement(fold(text), fold(recognised)) >= _SAME_WORDS


def _add_picture(text: str, recognised: str) -> str:
    """Return the letters of a scan with what its picture shows; only one of them if they are of the same words."""
    if not count_letters(recognised):
        return text
    has_more = count_letters(recognised) > _MORE_LETTERS * count_letters(text)
    is_same = agreement(fold(text), fold(recognised)) >= _SAME_WORDS and not has_more
    if is_same or measure_text(text).odd_share > _MOST_ODD:
        return _choose(text, recognised)
    return f"{text}\n{recognised}"


def _choose(text: str, recognised: str, *, is_guessed: bool = False) -> str:
    """Return what the picture of a page shows if its letters are wrong, else its letters."""
    if not text.strip():
        return recognised
    if count_letters(recognised) < _LEAST_SEEN * count_letters(text):
        # A table of letters, or a drawing: what was recognised is not what the file says.
        return text
    seen = measure_text(recognised)
    # Letters that the file does not name may be those of a heading; OCR reads other words a little worse.
    lacks_many = text.count(UNKNOWN_LETTER) > _MOST_UNKNOWN * count_letters(text)
    least = 0 if lacks_many or is_guessed else LEAST_GAIN * seen.words
    is_better = seen.worth > max(measure_text(text).worth, 0) + least
    return recognised if is_better else text


def _recognise_page(page: pypdfium2.PdfPage, done: _Pages) -> str:
    if done.recogniser.is_spent():
        # Drawing takes as long as reading, page by page.
        done.recogniser.leave_out()
        return ""
    began = time.monotonic()
    try:
        text = done.recogniser.read_page(_draw(page), ".pgm")
    except (ValueError, pypdfium2.PdfiumError):
        text = ""  # a page of no size cannot be drawn
    done.ocr_seconds += time.monotonic() - began
    return text


def _draw(page: pypdfium2.PdfPage) -> bytes:
    """Draw a page in grey, as a Netpbm file (PGM, P5)."""
    scale = min(DOTS_PER_INCH / _POINTS_PER_INCH, _MAX_SIDE_PIXELS / max(*page.get_size(), 1))
    bitmap = page.render(scale=scale, grayscale=True)
    pixels = memoryview(bitmap.buffer).cast("B")
    rows = [pixels[bitmap.stride * y : bitmap.stride * y + bitmap.width] for y in range(bitmap.height)]
    return b"P5 %d %d 255\n" % (bitmap.width, bitmap.height) + b"".join(rows)
