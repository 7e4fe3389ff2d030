"""Files of fixed pages (XPS): pages in their order, letters joined by their places, scans where there are none."""

from io import BytesIO

from PIL import Image

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.readers import read_document
from tests.support.attachments.legacy_letters import to_tcvn3
from tests.support.attachments.package_files import write_package


def write_xps(
    pages: list[str], *, names: dict[str, dict[str, tuple[str, str]]] | None = None,
    more: dict[str, str | bytes] | None = None,
) -> bytes:  # fmt: skip
    listed = "".join(f"<PageContent Source='Pages/{number}.fpage'/>" for number in range(len(pages)))
    parts: dict[str, str | bytes] = {
        "Tep.fdseq": "<Sequence><DocumentReference Source='/Documents/1/Doc.fdoc'/></Sequence>",
        "Documents/1/Doc.fdoc": f"<FixedDocument>{listed}</FixedDocument>", **(more or {}),
    }  # fmt: skip
    for number, page in enumerate(pages):
        text = f"<?xml version='1.0' encoding='utf-16'?><FixedPage xmlns='f'>{page}</FixedPage>"
        parts[f"Documents/1/Pages/{number}.fpage"] = text.encode("utf-16")
    return write_package("none", parts, names={"": {"r": ("fixedrepresentation", "Tep.fdseq")}, **(names or {})})


def glyphs(text: str, x: float, y: float, *, indices: str = "", more: str = "") -> str:
    look = f"OriginX='{x}' OriginY='{y}' FontRenderingEmSize='10' Indices='{indices}'"
    return f"<Glyphs UnicodeString='{text}' {look}>{more}</Glyphs>"


def read(data: bytes) -> TextReading:
    return read_document(data, "a.xps", recogniser=Recogniser(()))


def test_pages_come_in_their_order_with_letters_joined_by_their_places() -> None:
    words = glyphs("Quy", 0, 10, indices="5,60;6,50;7,50") + glyphs("ết", 16, 10) + glyphs("định", 29, 10)
    moved = (
        "<Canvas><Canvas.RenderTransform><MatrixTransform Matrix='2,0,0,2,0,0'/></Canvas.RenderTransform>"
        f"<Canvas RenderTransform='1,0,0,1,100,0'>{glyphs('Số', 0, 50)}</Canvas>{glyphs('12', 115, 50)}</Canvas>"
        + glyphs("tỷ", 261, 100, more="<Glyphs.RenderTransform><MatrixTransform Matrix='x'/></Glyphs.RenderTransform>")
    )
    data = write_xps([words + glyphs("{}{1}", 0, 30), moved, ""])
    assert find_kind(data, "a.bin") == "xps"
    reading = read(data)
    assert reading.text == "Quyết định\n{1}\n\nSố 12 tỷ"
    assert (reading.method, reading.pages, reading.page_starts, reading.doubts) == ("xps", 3, (0, 16, 24), ())


def test_legacy_letters_of_fixed_pages_are_told_by_their_spelling() -> None:
    text = "Quyết định về việc thu hồi đất của hộ ông Giàng A Lử"
    assert read(write_xps([glyphs(to_tcvn3(text), 0, 10)])).text == text


def test_glyphs_without_letters_and_lost_pages_are_doubtful() -> None:
    reading = read(write_xps([glyphs("Số 12", 0, 10) + glyphs("", 0, 30, indices="7;8")]))
    assert (reading.text, reading.doubts, reading.detail) == ("Số 12", ("structure",), "texts of glyphs alone: 1")
    alone = read(write_xps([glyphs("", 0, 30, indices="7;8")]))
    assert (alone.reason, alone.detail) == ("no-text", "texts of glyphs alone: 1")
    lost = write_xps([glyphs("Số 12", 0, 10), ""]).replace(b"Pages/1.fpage", b"Pages/9.fpage")
    assert read(lost).doubts == ("structure",)


def test_scans_on_fixed_pages_are_given_to_a_recogniser() -> None:
    scan = BytesIO()
    Image.effect_noise((300, 300), 50).save(scan, "PNG")
    names = {"Documents/1/Pages/0.fpage": {"i": ("required-resource", "/i.png"), "f": ("required-resource", "/f.ttf")}}
    reading = read(write_xps(["<Path/>"], names=names, more={"i.png": scan.getvalue(), "f.ttf": bytes(9_000)}))
    assert (reading.reason, reading.lacks) == ("no-tool", "tesseract")
    assert read(write_xps(["<Path/>"])).reason == "no-text"
