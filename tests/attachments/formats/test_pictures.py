"""Pictures of documents are read by page, however they lie; what was read before the time ended is kept."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageDraw, ImageFont

from crawler.attachments.formats import ocr, pictures
from crawler.attachments.formats.kinds import find_kind
from crawler.attachments.formats.ocr import Recogniser
from crawler.attachments.formats.pictures import read_picture, read_pictures
from crawler.attachments.formats.system_tools import OCR
from crawler.attachments.reader import TextReader
from tests.support.attachments.tools import NEEDS_OCR, TOOLS

LINES = ("UY BAN NHAN DAN XA TA VAN", "THONG BAO LICH TIEP DAN NAM 2023", "SO: 48213/CV-HSTS")


def page(lines: tuple[str, ...] = LINES) -> Image.Image:
    image = Image.new("L", (1000, 160 + 80 * len(lines)), 245)
    for number, line in enumerate(lines):
        ImageDraw.Draw(image).text((80, 60 + 80 * number), line, fill=25, font=ImageFont.load_default(size=40))
    return image


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


@NEEDS_OCR
@pytest.mark.parametrize("has_model", [True, False])
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_page_is_read(monkeypatch: pytest.MonkeyPatch, degrees: int, has_model: bool) -> None:
    if not has_model:
        # Tesseract fails so without its model for sides.
        monkeypatch.setattr(ocr, "_FIND_SIDE", ("-l", "none", "--psm", "0"))
    reading = read_picture(saved(page().rotate(degrees, expand=True), "PNG"), Recogniser(TOOLS))
    assert "48213/CV-HSTS" in (reading.text or "")
    assert "TIEP DAN NAM 2023" in (reading.text or "")


@NEEDS_OCR
@pytest.mark.parametrize("degrees", [0, 90, 180, 270])
def test_a_turned_page_of_a_few_words_is_read(degrees: int) -> None:
    few = page(("THONG BAO 48213",))
    reading = read_picture(saved(few.rotate(degrees, expand=True), "PNG"), Recogniser(TOOLS))
    assert reading.text == "THONG BAO 48213"


@NEEDS_OCR
@pytest.mark.parametrize("options", [{}, {"no_jp2": True}])
def test_a_scan_in_jpeg_2000_is_read(options: dict[str, object]) -> None:
    data = saved(page(("THONG BAO 48213",)), "JPEG2000", **options)
    assert find_kind(data, "a.jp2") == "picture"
    assert read_picture(data, Recogniser(TOOLS)).text == "THONG BAO 48213"


@NEEDS_OCR
def test_a_photograph_in_uneven_light_is_read() -> None:
    lit = Image.new("L", (1000, 1400), 250)
    lit.paste(page())
    shadow = Image.linear_gradient("L").resize(lit.size)
    reading = read_picture(saved(Image.blend(lit, shadow, 0.5), "JPEG"), Recogniser(TOOLS))
    assert "48213/CV-HSTS" in (reading.text or "")
    assert "TIEP DAN NAM 2023" in (reading.text or "")


@NEEDS_OCR
def test_a_picture_too_poor_to_read_surely_is_doubtful_and_a_sharp_one_is_not() -> None:
    sharp = page()
    poor = sharp.resize((sharp.width // 4, sharp.height // 4))
    assert read_picture(saved(sharp, "PNG"), Recogniser(TOOLS)).doubts == ()
    assert read_picture(saved(poor, "PNG"), Recogniser(TOOLS)).doubts == ("unsure-letters",)
    assert read_pictures([saved(poor, "PNG")], Recogniser(TOOLS)).doubts == ("unsure-letters",)


@NEEDS_OCR
def test_a_page_in_shadow_gives_more_than_its_bright_part() -> None:
    # One measure of black for the whole picture gives the first lines alone, and no other sign of a fault.
    lines = tuple(f"{number} {line}" for number in range(1, 5) for line in LINES)
    sheet = Image.new("L", (1000, 1300), 250)
    sheet.paste(page(lines))
    shadow = Image.linear_gradient("L").transpose(Image.Transpose.ROTATE_180).resize(sheet.size)
    dim = ImageChops.multiply(sheet, shadow.point(lambda value: 40 + value * 5 // 6))
    text = read_picture(saved(dim, "JPEG"), Recogniser(TOOLS)).text or ""
    assert text.count("48213/CV-HSTS") >= 3


@NEEDS_OCR
def test_a_page_that_leans_is_levelled() -> None:
    leaning = page(LINES * 3).rotate(12, Image.Resampling.BICUBIC, expand=True, fillcolor=245)
    assert "48213/CV-HSTS" in (read_picture(saved(leaning, "PNG"), Recogniser(TOOLS)).text or "")


@NEEDS_OCR
def test_a_fax_of_half_the_lines_is_read() -> None:
    flat = page(LINES * 2).resize((1000, 320)).point(lambda value: 255 * (value > 150)).convert("1")
    data = saved(flat, "TIFF", compression="group3", dpi=(204, 98))
    # Without it, not one word is right.
    assert (read_picture(data, Recogniser(TOOLS)).text or "").count("DAN NAM 2023") == 2


@NEEDS_OCR
def test_a_picture_is_turned_as_its_camera_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    reading = read_picture(saved(page().rotate(90, expand=True), "JPEG", exif=exif), Recogniser(TOOLS))
    assert "48213/CV-HSTS" in (reading.text or "")


@NEEDS_OCR
@pytest.mark.parametrize("form", ["BMP", "WEBP", "GIF", "TIFF"])
def test_every_format_of_pictures_is_read(form: str) -> None:
    assert "48213" in (read_picture(saved(page(), form), Recogniser(TOOLS)).text or "")


@NEEDS_OCR
def test_transparent_and_deep_pictures_are_read() -> None:
    clear = Image.new("RGBA", page().size, (0, 0, 0, 0))
    clear.putalpha(page().point(lambda value: 255 - value))
    deep = page().convert("I").point(lambda value: value * 256).convert("I;16")
    for image in (clear, deep):
        assert "48213" in (read_picture(saved(image, "PNG"), Recogniser(TOOLS)).text or "")


@NEEDS_OCR
def test_a_long_tiff_is_read_by_page_and_keeps_what_was_read() -> None:
    frames = [page((f"TRANG SO {number} CUA BAO CAO",)) for number in (11, 22, 33)]
    data = saved(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    reading = read_picture(data, Recogniser(TOOLS))
    assert (reading.pages, reading.pages_read, reading.is_cut, len(reading.page_starts)) == (3, 3, False, 3)
    part = read_picture(data, Recogniser(TOOLS, pages=2))
    assert (part.pages, part.pages_read, part.is_cut) == (3, 2, True)
    assert "22" in (part.text or "")
    assert (part.detail or "").startswith("2 of 3 pages were read")


def test_a_page_of_too_many_pixels_is_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "may_decode", lambda *_: False)
    reading = read_picture(saved(page(), "PNG"), Recogniser({OCR}))
    assert (reading.text, reading.reason) == (None, "broken")
    assert "too many pixels" in (reading.detail or "")


def test_a_broken_picture_and_a_missing_program_give_a_reason(tmp_path: Path) -> None:
    assert read_picture(b"\x89PNG\r\n\x1a\n" + bytes(90), Recogniser({OCR})).reason == "broken"
    reading = read_picture(saved(page(), "PNG"), Recogniser(()))
    assert (reading.reason, reading.lacks) == ("no-tool", OCR)


@NEEDS_OCR
def test_pages_beyond_the_limits_are_not_even_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [page((f"TRANG SO {number} CUA BAO CAO",)) for number in (11, 22, 33)]
    drawn: list[bytes] = []
    monkeypatch.setattr(pictures, "write_pgm", lambda image: drawn.append(ocr.write_pgm(image)) or drawn[-1])
    read_picture(saved(frames[0], "TIFF", save_all=True, append_images=frames[1:]), Recogniser(TOOLS, pages=1))
    assert len(drawn) == 1


@NEEDS_OCR
@pytest.mark.parametrize("form", ["JPEG", "TIFF"])
def test_a_picture_whose_end_is_missing_gives_what_is_there(form: str) -> None:
    whole = saved(page((*LINES, "", "", "DONG CUOI CUNG")), form)
    reading = read_picture(whole[: len(whole) * 4 // 5], Recogniser(TOOLS))
    assert "48213" in (reading.text or "")
    assert (reading.is_cut, reading.detail) == (True, "damaged pages: 1")


@NEEDS_OCR
def test_each_page_of_a_tiff_is_turned_by_itself() -> None:
    image = page()
    data = saved(image, "TIFF", save_all=True, append_images=[image.rotate(180), image.rotate(90, expand=True)])
    assert (read_picture(data, Recogniser(TOOLS)).text or "").count("48213/CV-HSTS") == 3


def test_pictures_of_one_document_are_counted_each() -> None:
    one, spent = saved(page(), "PNG"), Recogniser({OCR}, pages=0)
    assert [read_picture(one, spent).pages_read for _ in range(3)] == [0, 0, 0]
    reading = read_pictures([one, one], spent)
    assert (reading.text, reading.pages, reading.pages_read, reading.is_cut) == (None, 2, 0, False)


@pytest.mark.slow
@NEEDS_OCR
def test_a_large_photograph_is_read_in_bounded_memory(tmp_path: Path) -> None:
    photograph = Image.new("RGB", (12000, 8000), "white")
    photograph.paste(page().resize((9000, 3600)), (500, 500))
    with TextReader(TOOLS, lambda: False) as reader:
        reading = reader.read(saved(photograph, "JPEG"), "a.jpg")
    assert "48213" in (reading.text or ""), reading
