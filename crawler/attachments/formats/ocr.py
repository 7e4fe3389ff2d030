"""Recognise the text in pictures of pages with Tesseract and its Vietnamese model."""

import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.attachments.formats.pages import count_letters
from crawler.attachments.formats.system_tools import OCR, OCR_LANGUAGE, ToolError, name_ocr, run_tool
from crawler.attachments.limits import MAX_OCR_PAGES, OCR_SECONDS, PAGE_SECONDS

# The resolution that Tesseract is trained for.
DOTS_PER_INCH = 300


@dataclass(slots=True)
class _Budget:
    """What an attachment may still spend on OCR, all files in it together."""

    pages: int
    until: float


class Recogniser:
    """Recognises pictures of pages within the pages and seconds that one attachment may have for OCR.

    One object serves one file: every scan and picture in it. `for_file` gives one for a file in an archive. It raises
    nothing; it counts what it did.

    Attributes:
        tools: programs that may be used.
        tried: pages that were given to the program.
        recognised: pages that gave letters.
        left_out: pages that were not recognised: no program, no time, or it failed.
        failed: the last error.
    """

    def __init__(self, tools: Collection[str], *, seconds: float = OCR_SECONDS, pages: int = MAX_OCR_PAGES) -> None:
        self.tools = tools
        self.tried = self.recognised = self.left_out = 0
        self.failed: str | None = None
        self._budget = _Budget(pages, time.monotonic() + seconds)

    def for_file(self) -> "Recogniser":
        """Return a recogniser for another file of the same attachment: it counts anew and spends of the same budget."""
        other = Recogniser(self.tools)
        other._budget = self._budget
        return other

    def read_page(self, picture: bytes, suffix: str = "") -> str:
        """Return the text in a picture of one page; "" if there is none, or if it was left out.

        Args:
            picture: a file that Tesseract opens, such as PNG, JPEG, TIFF, PGM.
            suffix: of its name, with the dot.
        """
        if OCR not in self.tools or self._budget.pages <= 0 or time.monotonic() > self._budget.until:
            self.left_out += 1
            return ""
        self.tried += 1
        self._budget.pages -= 1
        try:
            text = recognise(picture, suffix)
        except ToolError as error:
            self.left_out, self.failed = self.left_out + 1, str(error)
            return ""
        self.recognised += count_letters(text) > 0
        return text

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


def recognise(picture: bytes, suffix: str) -> str:
    """Return the text in a picture of a page; "" if there is none.

    Raises:
        ToolError: if the program fails or takes too long.
    """
    with TemporaryDirectory(prefix="portal-archive-") as folder:
        path = Path(folder) / f"page{suffix}"
        path.write_bytes(picture)
        command = [OCR, str(path), "stdout", "-l", OCR_LANGUAGE, "--dpi", str(DOTS_PER_INCH), "--psm", "3"]
        return run_tool(command, seconds=PAGE_SECONDS).out
