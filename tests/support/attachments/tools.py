"""The programs and libraries that read attachments on this machine, and marks for tests that need one."""

from pathlib import Path

import pytest

from crawler.attachments.formats.system_tools import ARCHIVES, OCR, PDF_READER, SUITE, find_tools

TOOLS = find_tools()
NEEDS_OCR = pytest.mark.skipif(OCR not in TOOLS, reason="tesseract with its Vietnamese model is not installed")
NEEDS_ARCHIVES = pytest.mark.skipif(ARCHIVES not in TOOLS, reason="libarchive is not installed")
NEEDS_POPPLER = pytest.mark.skipif(PDF_READER not in TOOLS, reason="pdftotext is not installed")
NEEDS_SUITE = pytest.mark.skipif(SUITE not in TOOLS, reason="LibreOffice is not installed")


def put_antiword(folder: Path, monkeypatch: pytest.MonkeyPatch, *, said: str) -> None:
    """Put a program of this name first on the PATH. It gives the same text for every file."""
    _put(folder, "antiword", monkeypatch, does=f"echo '{said}'")


def put_soffice(folder: Path, monkeypatch: pytest.MonkeyPatch, *, does: str) -> None:
    """Put a program of this name first on the PATH, with the command line of LibreOffice: `$into` is what it writes.

    Args:
        folder: for the program.
        monkeypatch: for the PATH.
        does: lines of a shell script.
    """
    find = "case $before in --convert-to) form=$word;; --outdir) out=$word;; esac"
    find = f"for word; do before=$last; last=$word; {find}; done"
    _put(folder, SUITE, monkeypatch, does=f'{find}; mkdir -p "$out"; into="$out/file.$form"\n{does}')


def _put(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, *, does: str) -> None:
    program = folder / "bin" / name
    program.parent.mkdir(exist_ok=True)
    program.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
