"""Recognise the text in pictures of pages with Tesseract and its Vietnamese model."""

from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.attachments.formats.system_tools import OCR, OCR_LANGUAGE, run_tool
from crawler.attachments.limits import PAGE_SECONDS

# The resolution that Tesseract is trained for.
DOTS_PER_INCH = 300


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
