"""The programs and libraries that read attachments on this machine, and marks for tests that need one."""

import pytest

from crawler.attachments.formats.system_tools import ARCHIVES, OCR, PDF_READER, find_tools

TOOLS = find_tools()
NEEDS_OCR = pytest.mark.skipif(OCR not in TOOLS, reason="tesseract with its Vietnamese model is not installed")
NEEDS_ARCHIVES = pytest.mark.skipif(ARCHIVES not in TOOLS, reason="libarchive is not installed")
NEEDS_POPPLER = pytest.mark.skipif(PDF_READER not in TOOLS, reason="pdftotext is not installed")
