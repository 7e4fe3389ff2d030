"""The programs and libraries that read attachments on this machine, and marks for tests that need one."""

from pathlib import Path

import pytest

from crawler.attachments.formats.system_tools import ARCHIVES, OCR, PDF_READER, find_tools

TOOLS = find_tools()
NEEDS_OCR = pytest.mark.skipif(OCR not in TOOLS, reason="tesseract with its Vietnamese model is not installed")
NEEDS_ARCHIVES = pytest.mark.skipif(ARCHIVES not in TOOLS, reason="libarchive is not installed")
NEEDS_POPPLER = pytest.mark.skipif(PDF_READER not in TOOLS, reason="pdftotext is not installed")


def put_antiword(folder: Path, monkeypatch: pytest.MonkeyPatch, *, said: str) -> None:
    """Put a program of this name first on the PATH. It gives the same text for every file."""
    program = folder / "bin" / "antiword"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho '{said}'\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
