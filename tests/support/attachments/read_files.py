"""A site whose articles offer files with texts of every form that the reader of attachments shows."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from PIL import Image

from crawler.archive.attachment_texts import HeldText, TextReading, put_text
from crawler.archive.database import open_for_writing
from crawler.archive.page_pictures.store import PagePicture, PictureStore
from crawler.items import AttachmentRef, FileRole
from tests.support.web_archive import NEW, STORE, Maker, Site, article

PAGES = ("Quyết định\nMức hỗ trợ 12.000.000 đồng", "", "Điều 2. Đường Má Tra bị sạt lở\nĐiều 3. <b>Hết</b>")
LONG = "\n".join(f"Dòng {number} của biểu, {number * 7} đồng" for number in range(1, 2001))
ZIP = "phụ lục 1.docx\nBiểu một\n\nphụ lục 2.docx\nSạt lở ở Má Tra"


def joined(*pages: str) -> tuple[str, tuple[int, ...]]:
    """Join pages as the readers of files do. Give the text, and where each page begins."""
    starts, text = [], ""
    for page in pages:
        starts.append(len(text) + (2 if text and page else 0))
        text += f"\n\n{page}" if text and page else page
    return text, tuple(starts)


_TEXT, _STARTS = joined(*PAGES)
READINGS = {
    "quyet-dinh.pdf": TextReading(_TEXT, "pdf", pages=5, pages_read=3, is_cut=True, page_starts=_STARTS),
    "quet.pdf": TextReading("Nhận dạng từ ảnh", "ocr", is_ocr=True, pages=2, pages_read=1, doubts=("few-letters",)),
    "bieu.xlsx": TextReading(LONG, "xlsx", pages=1, pages_read=1, page_starts=(0,)),
    "ho-so.zip": TextReading(ZIP, "archive", detail="not read: phim.mp4 (unknown-kind)", page_starts=(0, 25)),
    "khoa.pdf": TextReading(reason="encrypted"),
    "cu.doc": TextReading("Văn bản không có trang", "doc"),
}
_SIZE = (700, 990)
NAMES = (*READINGS, "chua-doc.pdf")


def bytes_of(name: str) -> bytes:
    """Return the bytes of a file: each is another one, and none can be read."""
    return b"%PDF-1.4 " + name.encode()


SHA = {name: sha256(bytes_of(name)).hexdigest() for name in NAMES}


def build_files(folder: Path) -> Path:
    """Build an archive with one article that offers every file."""
    archive = folder / "archive.db"
    maker = Maker(archive)
    for name in SHA:
        maker.file(f"{STORE}/{name}", bytes_of(name), FileRole.ATTACHMENT, b"application/pdf")
    files = tuple(AttachmentRef(f"{STORE}/{name}", f"Tệp {name}") for name in SHA)
    maker.article(article("Bài có tệp", "Má Tra bị sạt lở nặng.", attachments=files), NEW)
    maker.writer.finish("complete")
    maker.writer.close()
    put_readings(archive, READINGS)
    with PictureStore(archive) as store:
        drawn = [PagePicture(page, *_SIZE, draw(page)) for page in (1, 2, 3, 5)]
        store.put(SHA["quyet-dinh.pdf"], drawn, pages=5, reason="broken")
        store.put(SHA["quet.pdf"], [PagePicture(1, *_SIZE, draw(9))], pages=400, reason="too-large")
    return archive


def draw(number: int) -> bytes:
    """Draw a page that shows some lines, another for each number."""
    page = Image.new("RGB", _SIZE, "white")
    for line in range(12 + number):
        page.paste("black", (60, 60 + 30 * line, 300 + 25 * (line * number % 8), 66 + 30 * line))
    out = BytesIO()
    page.save(out, "WEBP")
    return out.getvalue()


def put_readings(archive: Path, readings: dict[str, TextReading]) -> None:
    """Store what a reader made of files, each named by its bytes."""
    with closing(open_for_writing(archive)) as connection:
        for name, reading in readings.items():
            put_text(connection, archive, sha256=sha256(bytes_of(name)).hexdigest(), held=HeldText(reading, 2))


def put_reading(archive: Path, reading: TextReading) -> None:
    """Store what was read of the only attachment of an archive."""
    with closing(open_for_writing(archive)) as connection:
        (sha256_of_file,) = connection.execute("select sha256 from attachments").fetchone()
        put_text(connection, archive, sha256=sha256_of_file, held=HeldText(reading, 2))


@contextmanager
def open_files(folder: Path) -> Iterator[Site]:
    """Serve the archive."""
    site = Site(build_files(folder))
    try:
        yield site
    finally:
        site.close()
