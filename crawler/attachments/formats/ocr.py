"""Recognise the text in pictures of pages with Tesseract and its Vietnamese model."""

import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import groupby, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image, UnidentifiedImageError

from crawler.attachments.formats.pages import count_letters
from crawler.attachments.formats.system_tools import OCR, OCR_LANGUAGE, ToolError, name_ocr, run_tool
from crawler.attachments.limits import MAX_OCR_PAGES, OCR_SECONDS, PAGE_SECONDS

# The resolution that Tesseract is trained for.
DOTS_PER_INCH = 300
# Tesseract finds which side of a page is up (--psm 0, with its model for this), else it divides and reads it (--psm 3).
# With --psm 1 it does both, but reads a turned page worse than one that was turned before (measured).
_FIND_SIDE = ("-l", "osd", "--psm", "0")
_READ = ("-l", OCR_LANGUAGE, "--psm", "3", "-c", "tessedit_create_tsv=1")
# Black is what is darker than its surroundings (Sauvola), not than one value for the whole picture.
_UNEVEN_LIGHT = ("-c", "thresholding_method=2")
_TURN = re.compile(r"^Rotate: (90|180|270)$", re.MULTILINE)
_SURENESS = re.compile(r"^Orientation confidence: ([0-9]{1,9})", re.MULTILINE)
# Of a page of some lines it says 10 to 18, of a few figures or noise 0 to 4, even of a side that is wrong.
_LEAST_SURENESS = 8
# Clockwise, as Tesseract says it; Pillow turns the other way.
_TURNS = {90: Image.Transpose.ROTATE_270, 180: Image.Transpose.ROTATE_180, 270: Image.Transpose.ROTATE_90}
# How sure Tesseract is of its letters, in hundredths: 74 to 96 of upright pages, 27 to 61 of the same upside down
# (measured).
_MOST_UPSIDE_DOWN = 70.0
# Of pages of which it was less sure, it read at most half of the words rightly; from 83 on 84 in a hundred, from 90 on
# nearly all (measured on drawn pages in Vietnamese at 50 to 200 dots per inch, some with noise and blur). Of words
# without marks that it read rightly it was sure by 79 to 89.
_SURE = 80.0
_LEAST_SECONDS = 5.0
# A page is judged in this many parts across and down, without those at its edges: a scanner's are black. Its light is
# uneven if the brightest point of a part is less than so large a part of the brightest of all.
_PARTS, _PART_PIXELS, _DIM = 8, 32, 0.6
# Tesseract levels lines that lean less than 8 degrees (measured). Those that lean more are tried in steps, both ways.
_MOST_LEAN, _LEAN_STEP, _LEAN_PIXELS, _WHITE = 20.0, 2.5, 400, 255
# The rows of words in Tesseract's table: page, block, paragraph, line ... confidence, text.
_COLUMNS, _LINE, _CONFIDENCE, _WORD = 12, slice(1, 5), 10, 11
# Tesseract's Vietnamese model knows two capitals of one look, and gives one letter as both.
_ETH = re.compile("Đ?Ð")
_PGM = ".pgm"
# What Tesseract would be given, with the format that a page is drawn in. What Pillow raises on broken ones.
PICTURE_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM", "JPEG2000")
UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError, NotImplementedError, EOFError)


@dataclass(slots=True)
class _Budget:
    """What an attachment may still spend on OCR, all files in it together."""

    pages: int
    until: float


class Recogniser:
    """Recognises pictures of pages within the pages and seconds that one attachment may have for OCR.

    One object serves one file: every scan and picture in it. `for_file` gives one for a file in an archive. It raises
    nothing; it counts what it did, and calls `on_scan` before each page.

    Attributes:
        tools: programs that may be used.
        tried: pages that were given to the program.
        recognised: pages that gave letters.
        unsure: of these, the pages of whose letters the program is not sure.
        left_out: pages that were not recognised: no program, no time, or it failed.
        failed: the last error.
    """

    def __init__(
        self, tools: Collection[str], *, seconds: float = OCR_SECONDS, pages: int = MAX_OCR_PAGES,
        on_scan: Callable[[], None] | None = None,
    ) -> None:  # fmt: skip
        self.tools = tools
        self._on_scan = on_scan
        self.tried = self.recognised = self.unsure = self.left_out = 0
        self.failed: str | None = None
        self._budget = _Budget(pages, time.monotonic() + seconds)

    def for_file(self) -> "Recogniser":
        """Return a recogniser for another file of the same attachment: it counts from 0, and uses the same budget."""
        other = Recogniser(self.tools, on_scan=self._on_scan)
        other._budget = self._budget
        return other

    def read_page(self, picture: bytes, suffix: str = "") -> str:
        """Return the text in a picture of one page; "" if there is none, or if it was left out.

        Args:
            picture: a file that Tesseract opens, such as PNG, JPEG, TIFF, PGM.
            suffix: of its name, with the dot.
        """
        if self.is_spent():
            self.left_out += 1
            return ""
        if self._on_scan is not None:
            self._on_scan()
        self.tried += 1
        self._budget.pages -= 1
        try:
            read = recognise(picture, suffix)
        except ToolError as error:
            self.left_out, self.failed = self.left_out + 1, str(error)
            return ""
        has_letters = count_letters(read.text) > 0
        self.recognised += has_letters
        self.unsure += has_letters and read.sureness < _SURE
        return read.text

    def is_spent(self) -> bool:
        """Whether no more pages are read: a caller need not draw them."""
        return OCR not in self.tools or self._budget.pages <= 0 or time.monotonic() > self._budget.until

    def leave_out(self, why: str | None = None) -> None:
        """Count a page that is not given to the program."""
        self.left_out, self.failed = self.left_out + 1, why or self.failed

    @property
    def lacks(self) -> str | None:
        """The program that is missing and would have read more; for `TextReading.lacks`."""
        return OCR if self.left_out and OCR not in self.tools else None

    @property
    def tool(self) -> str | None:
        """The program that was used, with its version; for `TextReading.tool`."""
        return name_ocr() if self.tried else None

    @property
    def detail(self) -> str | None:
        """What was not read; for `TextReading.detail`. None if nothing was left out."""
        notes = [f"scanned pages that were not recognised: {self.left_out}"] if self.left_out else []
        return "; ".join(notes + ([self.failed] if self.failed else [])) or None


@dataclass(frozen=True, slots=True)
class Recognised:
    """The text of a picture, and how sure the program is of its letters: 0 to 100."""

    text: str
    sureness: float

    @property
    def worth(self) -> float:
        """A number that is larger for the reading with more letters of which the program is sure."""
        return self.sureness * count_letters(self.text)


def recognise(picture: bytes, suffix: str, *, seconds: float = PAGE_SECONDS) -> Recognised:
    """Return the text in a picture of a page, with any side of it up; "" if there is none.

    A photograph in uneven light is read again with a measure of black by place, and a page that leans too much after it
    is levelled. The better reading counts.

    Raises:
        ToolError: if the program fails or takes too long.
    """
    until = time.monotonic() + seconds
    read = _recognise(picture, suffix, until=until)
    if not read.text or _is_uneven(picture):
        read = _recognise_again(picture, suffix, first=read, until=until, light=_UNEVEN_LIGHT)
    if not read.text or read.sureness < _MOST_UPSIDE_DOWN:
        lean = _find_lean(picture)
        read = _recognise_again(_level(picture, lean), _PGM, first=read, until=until) if lean else read
    return read


def _recognise_again(
    picture: bytes, suffix: str, *, first: Recognised, until: float, light: Sequence[str] = ()
) -> Recognised:
    """Return the better of a reading and another one, if there is time for it."""
    if time.monotonic() > until - _LEAST_SECONDS:
        return first
    try:
        return max(first, _recognise(picture, suffix, until=until, light=light), key=lambda one: one.worth)
    except ToolError:
        return first


def _is_uneven(picture: bytes) -> bool:
    """Return whether parts of a page are much darker than others, their brightest points compared."""
    try:
        with Image.open(BytesIO(picture), formats=PICTURE_FORMATS) as image:
            small = image.convert("L").resize((_PARTS * _PART_PIXELS, _PARTS * _PART_PIXELS), reducing_gap=2.0)
    except UNREADABLE:
        return False
    inner = [number * _PART_PIXELS for number in range(1, _PARTS - 1)]
    parts = [small.crop((x, y, x + _PART_PIXELS, y + _PART_PIXELS)) for x in inner for y in inner]
    brightest = [max(part.tobytes()) for part in parts]
    return min(brightest) < _DIM * max(brightest)


def _find_lean(picture: bytes) -> float:
    """Return by how many degrees a page leans, anticlockwise; 0 if no lean makes its lines stand out more."""
    try:
        with Image.open(BytesIO(picture), formats=PICTURE_FORMATS) as image:
            small = image.convert("L")
    except UNREADABLE:
        return 0.0
    small.thumbnail((_LEAN_PIXELS, _LEAN_PIXELS))
    steps = int(_MOST_LEAN / _LEAN_STEP)
    leans = [step * _LEAN_STEP for step in range(-steps, steps + 1)]
    return max(leans, key=lambda lean: (_contrast_of_lines(small, lean), lean == 0))


def _contrast_of_lines(page: Image.Image, lean: float) -> int:
    """Return how much neighbouring rows of a page differ once it is levelled: most if they are lines and gaps."""
    level = page.rotate(-lean, Image.Resampling.BILINEAR, fillcolor=_WHITE)
    rows = level.resize((1, level.height), Image.Resampling.BOX).tobytes()
    return sum((one - other) ** 2 for one, other in pairwise(rows))


def _level(picture: bytes, lean: float) -> bytes:
    with Image.open(BytesIO(picture), formats=PICTURE_FORMATS) as image:
        grey = image.convert("L")
    return write_pgm(grey.rotate(-lean, Image.Resampling.BICUBIC, expand=True, fillcolor=_WHITE))


def _recognise(picture: bytes, suffix: str, *, until: float, light: Sequence[str] = ()) -> Recognised:
    picture, suffix, is_known = _turn_up(picture, suffix, light=light, seconds=(until - time.monotonic()) / 4)
    read = _read(picture, suffix, light=light, seconds=until - time.monotonic())
    if is_known or not read.text or read.sureness > _MOST_UPSIDE_DOWN or time.monotonic() > until - _LEAST_SECONDS:
        return read
    # Its lines run level now; it may still be upside down.
    try:
        other = _read(_turn(picture, 180), _PGM, light=light, seconds=until - time.monotonic())
    except (ToolError, *UNREADABLE):
        return read
    return max(read, other, key=lambda one: one.sureness)


def _turn_up(picture: bytes, suffix: str, *, light: Sequence[str], seconds: float) -> tuple[bytes, str, bool]:
    """Return a picture turned as the program says, its suffix, and whether it is surely upright now."""
    try:
        said = _run(picture, suffix, task=(*_FIND_SIDE, *light), seconds=seconds)
        sureness, turn = _SURENESS.search(said), _TURN.search(said)
        is_known = sureness is not None and int(sureness[1]) >= _LEAST_SURENESS
        return (_turn(picture, int(turn[1])), _PGM, is_known) if turn else (picture, suffix, is_known)
    except (ToolError, *UNREADABLE):
        # Too few letters, or the model is not installed.
        return picture, suffix, False


def _read(picture: bytes, suffix: str, *, light: Sequence[str], seconds: float) -> Recognised:
    rows = [row.split("\t") for row in _run(picture, suffix, task=(*_READ, *light), seconds=seconds).splitlines()]
    words = [row for row in rows[1:] if len(row) == _COLUMNS and row[_WORD].strip()]
    lines = [" ".join(row[_WORD] for row in line) for _, line in groupby(words, key=lambda row: row[_LINE])]
    letters = sum(len(row[_WORD]) for row in words)
    sureness = sum(float(row[_CONFIDENCE]) * len(row[_WORD]) for row in words) / max(letters, 1)
    return Recognised(_ETH.sub("Đ", "\n".join(lines)), sureness)


def _turn(picture: bytes, degrees: int) -> bytes:
    with Image.open(BytesIO(picture), formats=PICTURE_FORMATS) as image:
        return write_pgm(image.convert("L").transpose(_TURNS[degrees]))


def write_pgm(image: Image.Image) -> bytes:
    """Return a grey picture as a Netpbm file (PGM, P5), which is written and read fastest."""
    return b"P5 %d %d 255\n" % image.size + image.tobytes()


def _run(picture: bytes, suffix: str, *, task: Sequence[str], seconds: float) -> str:
    with TemporaryDirectory(prefix="portal-archive-") as folder:
        path = Path(folder) / f"page{suffix}"
        path.write_bytes(picture)
        command = [OCR, str(path), "stdout", "--dpi", str(DOTS_PER_INCH), *task]
        return run_tool(command, seconds=seconds).out
