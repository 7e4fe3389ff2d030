"""Files that are attached to a PDF file: read by their own readers, behind its text, by their names."""

import zlib
from io import BytesIO

import pypdfium2

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.archives.entries import Allowance
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.readers import read_document
from tests.support.attachments.package_files import write_word_package
from tests.support.attachments.pdf_files import Page, make_pdf


def attach(data: bytes, **files: bytes) -> bytes:
    out = BytesIO()
    with pypdfium2.PdfDocument(data) as document:
        for name, held in files.items():
            document.new_attachment(name.replace("_", ".")).set_data(held)
        document.save(out)
    return out.getvalue()


def read(data: bytes) -> TextReading:
    return read_document(data, "a.pdf", recogniser=Recogniser(()))


def test_documents_attached_to_a_pdf_file_are_read_behind_it() -> None:
    word = write_word_package("<w:p><w:r><w:t>Biểu 1: 250 triệu đồng</w:t></w:r></w:p>")
    within = attach(make_pdf([Page(("Tờ trình",))]), bieu_docx=word)
    data = attach(make_pdf([Page(("Hồ sơ",))]), bieu_docx=word, trinh_pdf=within, anh_bin=b"\0\1\2")
    reading = read(data)
    assert reading.text == (
        "Hồ sơ\n\nbieu.docx\nBiểu 1: 250 triệu đồng\n\ntrinh.pdf\nTờ trình\n\nbieu.docx\nBiểu 1: 250 triệu đồng"
    )
    assert (reading.pages, reading.detail, reading.doubts) == (1, None, ())


def test_an_attached_file_that_cannot_be_read_is_named() -> None:
    broken = write_word_package("")[:60]
    reading = read(attach(make_pdf([Page(("Hồ sơ",))]), bieu_docx=broken))
    assert reading.text == "Hồ sơ"
    assert (reading.detail or "").startswith("documents within, not read: bieu.docx (")


def test_no_attached_file_is_begun_when_the_time_is_over() -> None:
    word = write_word_package("<w:p><w:r><w:t>Biểu 1</w:t></w:r></w:p>")
    data = attach(make_pdf([Page(("Hồ sơ",))]), bieu_docx=word)
    reading = read_document(data, "a.pdf", recogniser=Recogniser(()), left=Allowance(until=0.0))
    assert (reading.text, reading.detail) == ("Hồ sơ", "documents within, not read: bieu.docx (too-large)")


def test_attached_files_that_unpack_too_far_are_left_out() -> None:
    def write(held: bytes) -> bytes:
        packed = zlib.compress(held)
        name_of = b"<< /Type /Filespec /F (a.txt) /EF << /F 9 0 R >> >>"
        objects = b"9 0 obj << /Type /EmbeddedFile /Filter /FlateDecode /Length %d >> stream\n%s\nendstream endobj\n"
        tree = b"/Names << /EmbeddedFiles << /Names [(a.txt) %s] >> >>" % name_of
        whole = make_pdf([Page(("Hồ sơ",))])
        # Without its table, PDFium finds the objects itself.
        body = whole[: whole.rindex(b"xref\n", 0, whole.rindex(b"startxref"))]
        return (
            body.replace(b"/Catalog", b"/Catalog " + tree)
            + objects % (len(packed), packed)
            + b"trailer << /Root 1 0 R >>"
        )

    small = read(write("Biểu kèm theo".encode()))
    assert small.text == "Hồ sơ\n\na.txt\nBiểu kèm theo"
    large = read(write(bytes(101 * 1024**2)))
    assert (large.text, large.detail) == ("Hồ sơ", "documents within, not read: attached files (too-large)")
