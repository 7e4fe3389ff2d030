"""What a Word document hides is no part of its text: it stands at the end, in marks, with a note."""

from pathlib import Path

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.formats.deleted import NOTE_ON_DELETED, NOTE_ON_HIDDEN
from crawler.attachments.worker import read_text
from tests.support.attachments.package_files import WORD, write_word_package

STYLES = (
    f"<w:styles {WORD}><w:style w:type='paragraph' w:styleId='top'><w:rPr><w:vanish/></w:rPr></w:style>"
    "<w:style w:type='paragraph' w:styleId='under'><w:basedOn w:val='top'/></w:style>"
    "<w:style w:type='character' w:styleId='shown'><w:rPr><w:vanish w:val='0'/></w:rPr></w:style></w:styles>"
)


def read(body: str, folder: Path) -> TextReading:
    path = folder / "file"
    names = {"s": ("styles", "styles.xml")}
    path.write_bytes(write_word_package(body, names=names, parts={"word/styles.xml": STYLES}))
    return read_text(path, "van-ban.docx", tools=frozenset())


def run(text: str, look: str = "") -> str:
    return f"<w:r><w:rPr>{look}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def paragraph(runs: str, look: str = "") -> str:
    return f"<w:p><w:pPr>{look}</w:pPr>{runs}</w:p>"


@pytest.mark.parametrize("look", ["<w:vanish/>", "<w:vanish w:val='true'/>"])
def test_hidden_text_stands_at_the_end_with_a_note(tmp_path: Path, look: str) -> None:
    body = paragraph(run("Chi 5 tỷ") + run(" ẩn", look) + run(".") + run("7 tỷ", look)) + paragraph(
        run("hết", "<w:vanish w:val='0'/>")
    )
    reading = read(body, tmp_path)
    assert (reading.text, reading.detail) == ("Chi 5 tỷ.\nhết\n[-ẩn 7 tỷ-]", NOTE_ON_HIDDEN)


def test_styles_hide_text_and_a_style_of_letters_shows_it(tmp_path: Path) -> None:
    style = "<w:pStyle w:val='under'/>"
    shown = run("thấy", "<w:rStyle w:val='shown'/>")
    reading = read(paragraph(run("Top of Form"), style) + paragraph(run("ẩn") + shown, style), tmp_path)
    assert (reading.text, reading.detail) == ("thấy\n[-Top of Form-]\n[-ẩn-]", NOTE_ON_HIDDEN)


def test_the_hidden_mark_of_a_paragraph_hides_no_text(tmp_path: Path) -> None:
    mark = "<w:rPr><w:vanish/></w:rPr>"
    box = f"<w:r><w:txbxContent>{paragraph(run('hộp'), mark)}</w:txbxContent><w:t>chữ</w:t></w:r>"
    reading = read(paragraph(run("dòng"), mark) + paragraph(box), tmp_path)
    assert (reading.text, reading.detail) == ("dòng\nchữ\nhộp", None)


def test_deleted_and_hidden_text_are_told_apart_in_the_note(tmp_path: Path) -> None:
    deleted = "<w:del><w:r><w:delText>cũ</w:delText></w:r></w:del>"
    reading = read(paragraph(run("mới")) + paragraph(deleted) + paragraph(run("ẩn", "<w:vanish/>")), tmp_path)
    assert reading.text == "mới\n[-cũ-]\n[-ẩn-]"
    assert reading.detail == f"{NOTE_ON_HIDDEN}; {NOTE_ON_DELETED}"
