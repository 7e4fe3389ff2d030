"""What annotations show that only the second reader draws."""

from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pdf.document import read_pdf
from crawler.attachments.formats.pdf.second_reader import add_lacking
from crawler.attachments.formats.system_tools import PDF_READER
from tests.support.attachments.pdf_files import Page, make_pdf
from tests.support.attachments.tools import NEEDS_POPPLER

_FONT = "/F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
# The field is the first object after the catalog and the pages.
_FORM = f"/AcroForm << /Fields [3 0 R] /NeedAppearances true /DR << /Font << {_FONT} >> >> >>"


@NEEDS_POPPLER
def test_the_choices_of_a_list_are_read() -> None:
    field = "/Subtype /Widget /FT /Ch /T (a) /F 4 /Rect [40 600 200 680] /DA (/F1 11 Tf) /V () /Opt [(Ta Van) (Ban Ho)]"
    data = make_pdf([Page(("List of communes",), places=("40 700",), annotations=(field,))])
    # Without a table of offsets, so that every program searches for the objects.
    data = data[: data.index(b"xref\n")].replace(b"/Type /Catalog", f"/Type /Catalog {_FORM}".encode())
    data += b"trailer\n<< /Size 9 /Root 1 0 R >>\nstartxref\n0\n%%EOF\n"
    reading = read_pdf(data, Recogniser((PDF_READER,)))
    assert (reading.text or "").splitlines() == ["List of communes", "Ta Van", "Ban Ho"]
    assert reading.doubts == ()


def test_lines_of_another_text_are_not_added() -> None:
    text = "Danh mục công trình"
    assert add_lacking(text, "Céng tr×nh") == text
    assert add_lacking(text, "D\na\nn\nh\nm\nụ\nc\ncông trình") == text
    assert add_lacking(text, f"{text}\ncông\n\ufffd\ufffd") == text
