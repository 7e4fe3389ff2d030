"""An archive whose article's files were replaced: a table of sums, a decision, a scan, and one without text."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path

from crawler.archive.attachment_texts import HeldText, TextReading, put_text
from crawler.archive.database import open_for_writing
from crawler.items import FileRole
from tests.support.build import BASE, Clock, Night, article, file_ref, link, listing, new_address
from tests.support.web_archive import Site

ROWS = [f"{number}\tXã {number}\t{number}.500.000 đồng" for number in range(1, 61)]
_SHEET = "\n".join(ROWS)
_DECISION = "Điều 1. Hỗ trợ mỗi hộ\n12.000.000 đồng trong năm nay.\n\nĐiều 2. Thi hành."
TEXTS = {
    ("bieu.xlsx", 1): TextReading(_SHEET, "xlsx", page_starts=(0,), pages=1),
    ("bieu.xlsx", 2): TextReading(_SHEET.replace("\t7.500.000", "\t9.900.000"), "xlsx", page_starts=(0,), pages=1),
    ("quyet-dinh.pdf", 1): TextReading(_DECISION, "pdf", page_starts=(0, 51), pages=2),
    # The same words on other lines, but one.
    ("quyet-dinh.pdf", 2): TextReading(
        _DECISION.replace("hộ\n12.000.000 đồng trong", "hộ 15.000.000 đồng\ntrong"), "pdf", page_starts=(0, 51), pages=2
    ),
    ("quet.pdf", 1): TextReading("Thông báo họp", "ocr", is_ocr=True, doubts=("few-letters",)),
    ("quet.pdf", 2): TextReading("Thông báo họp", "ocr", is_ocr=True),
    ("khoa.pdf", 1): TextReading("Kế hoạch", "pdf"),
    ("khoa.pdf", 2): TextReading(reason="encrypted"),
}


def bytes_of(name: str, version: int) -> bytes:
    """Return the bytes of a version of a file."""
    return b"%PDF-1.4 " + f"{name} {version}".encode()


def digest_of(name: str, version: int) -> str:
    """Return the digest of a version of a file."""
    return sha256(bytes_of(name, version)).hexdigest()


def build_replaced(folder: Path) -> Path:
    """Build an archive of two nights: on the second each file of article 1 has other bytes under its address."""
    archive, clock = folder / "archive.db", Clock()
    names = list(dict.fromkeys(name for name, _ in TEXTS))
    page = new_address(101, "co-tep")
    for version in (1, 2):
        with Night(archive, clock) as run:
            run.put_listing(listing(link(page), title="Tin tức"))
            for name in names:
                data = bytes_of(name, version)
                run.put_file(f"https://storage.example.vn/lci/{name}", data, FileRole.ATTACHMENT)
            run.put(article("Bài có tệp", "Xem tệp.", attachments=tuple(file_ref(name, name) for name in names)), page)
            run.walked(f"{BASE}/tin-tuc")
        clock.go_on(days=1)
    with closing(open_for_writing(archive)) as connection:
        for (name, version), reading in TEXTS.items():
            put_text(connection, archive, sha256=digest_of(name, version), held=HeldText(reading, 2))
    return archive


@contextmanager
def open_replaced(folder: Path) -> Iterator[Site]:
    """Serve the archive."""
    site = Site(build_replaced(folder))
    try:
        yield site
    finally:
        site.close()
