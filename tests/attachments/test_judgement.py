"""The doubts of a reading."""

import pytest

from crawler.archive.attachment_texts import TextReading
from crawler.attachments.judgement import choose_reading, doubt_structure, is_believable, judge
from tests.support.texts.spoilt import ENGLISH, FRENCH, NEWS, SPOILT, write_in_tcvn3


@pytest.mark.parametrize("text", [NEWS, ENGLISH, FRENCH, NEWS.upper(), "Phụ lục I"])
def test_a_right_text_has_no_doubt(text: str) -> None:
    assert judge(TextReading(text, "docx")).doubts == ()
    assert is_believable(text)


@pytest.mark.parametrize("how", SPOILT)
def test_each_way_to_spoil_a_text_has_its_doubt(how: str) -> None:
    spoil, doubt = SPOILT[how]
    assert doubt in judge(TextReading(spoil(NEWS), "pdf")).doubts
    assert not is_believable(spoil(NEWS))


def test_one_spoilt_page_among_many_is_a_doubt() -> None:
    pages = [NEWS] * 20 + [write_in_tcvn3(NEWS)]
    starts = tuple(sum(len(page) + 2 for page in pages[:number]) for number in range(len(pages)))
    judged = judge(TextReading("\n\n".join(pages), "pdf", pages=21, pages_read=21, page_starts=starts))
    assert judged.doubts == ("garbled-pages",)
    assert judged.quality is not None
    assert judged.quality > 0.9


def test_a_table_that_repeats_an_abbreviation_is_no_spoilt_page() -> None:
    quarters = "\n".join(f"Qtr {number} Thu" for number in range(40)) + "\n" + 9 * "Qtr "
    starts = (0, len(quarters) + 2)
    judged = judge(TextReading(f"{quarters}\n\n{9 * NEWS}", "xlsx", pages=2, pages_read=2, page_starts=starts))
    assert judged.doubts == ()


def test_pages_that_gave_next_to_nothing_are_a_doubt() -> None:
    assert judge(TextReading("Ký bởi: UBND", "ocr", pages=9, pages_read=9)).doubts == ("few-letters",)
    assert judge(TextReading("Qtr 1 Thu\nQtr 2 Thu\nQtr 3 Chi\nQtr 4 Chi\nxxxxxx http://sapa.vn", "xls")).doubts == ()
    assert judge(TextReading("Qtr 1 Thu\nPlmk 2 Thu\nXcvb 3 Chi\nQtr 4 Chi", "xls")).doubts == ("garbled",)
    assert judge(TextReading("Lễ hội", "pptx", pages=2, pages_read=2)).doubts == ()
    assert judge(TextReading("Lễ", "ppt", pages=9, pages_read=9)).doubts == ("few-letters",)
    assert judge(TextReading(NEWS, "pdf", pages=9, pages_read=2)).doubts == ("pages-unread",)


@pytest.mark.parametrize("method", ["xls", "xlsx", "odf", "archive"])
def test_sheets_and_files_within_may_be_small(method: str) -> None:
    assert judge(TextReading("Tờ 1\n\nTờ 2\n\nTờ 3", method, pages=9, pages_read=9)).doubts == ()


def test_codes_of_formats_and_a_few_strange_names_are_no_wrong_letters() -> None:
    formats = "Ngày dd/mm/yyyy 02/09/2023\n[$-42A]dd mmmm yyyy 02/09/2023\nd/m/yy\nUBND xã Tả Van\nhh:mm:ss Quyết định"
    assert judge(TextReading(formats, "xls", pages=1, pages_read=1)).doubts == ()
    assert judge(TextReading("Ông Kßtz Brxlw, xã Tả Van", "docx")).doubts == ()
    assert judge(TextReading("ČãþĜåêitpċâýěäéÈËeċâýěäéÈËeČãþĜåêitpãWČSiQDSDODþČãþĜ", "pdf")).doubts == ("garbled",)
    assert judge(TextReading("ČãþĝÅÊITP ĊÂýĚÄÉèË ÃwČSIQDSD", "pdf")).doubts == ("garbled",)
    assert judge(TextReading("Ông Kßtz Brxlw Qwrtz Ñxqt, xã", "docx")).doubts == ("garbled",)


def test_letters_of_east_asia_need_no_spaces() -> None:
    assert judge(TextReading("全 世 界 无 产 者 联 合 起 来 的 大 会", "docx")).doubts == ()


def test_doubts_of_the_reader_are_kept_in_the_order_of_all() -> None:
    reading = TextReading(write_in_tcvn3(NEWS), "doc", doubts=("readers-differ", "structure"))
    assert judge(reading).doubts == ("garbled", "structure", "readers-differ")


def test_a_file_without_text_has_neither_quality_nor_doubts() -> None:
    judged = judge(TextReading(reason="encrypted", doubts=("structure",)))
    assert (judged.quality, judged.doubts) == (None, ())


def test_a_table_that_gave_a_few_of_its_cells_is_a_doubt() -> None:
    assert doubt_structure(promised=200, found=12) == ("structure",)
    assert doubt_structure(promised=200, found=190) == doubt_structure(promised=0, found=0) == ()


def test_of_several_readings_the_better_is_taken_and_their_difference_said() -> None:
    assert choose_reading({"a": NEWS}) == ("a", ())
    assert choose_reading({"a": NEWS, "b": NEWS.upper()}) == ("a", ())
    assert choose_reading({"a": NEWS[:200], "b": NEWS}) == ("b", ())
    assert choose_reading({"a": NEWS[:200] + ENGLISH[:150], "b": NEWS}) == ("b", ("readers-differ",))
    assert choose_reading({"a": write_in_tcvn3(NEWS), "b": NEWS})[0] == "b"
    assert choose_reading({"a": "§ ¶ ¬a ¨b ©c", "b": "¶ ¬a"})[0] == "b"


def test_the_exact_reader_is_taken_though_another_has_some_codes_more() -> None:
    assert choose_reading({"exact": NEWS, "other": NEWS + " HYPERLINK PAGEREF Toc" * 3}) == ("exact", ())


def test_cells_of_one_letter_are_no_letters_that_were_parted() -> None:
    answers = "\n".join(f"{number} {letter}" for number, letter in enumerate("hbgaekcifd" * 3))
    assert judge(TextReading(answers, "pdf")).doubts == ("letters-apart",)
    assert judge(TextReading(answers, "xlsx")).doubts == judge(TextReading(answers, "xls")).doubts == ()


def test_lines_from_top_to_bottom_that_are_read_across_are_doubtful() -> None:
    lines = ("平成二十年四月二十五日", "道路交通法施行令第六条", "右の政令をここに公布す")
    across = "\n".join(" ".join(signs) for signs in zip(*lines, strict=True))
    assert judge(TextReading("\n".join(lines), "pdf")).doubts == ()
    assert judge(TextReading(across, "pdf")).doubts == ("letters-apart",)
