"""What the words of a text say of its reading."""

import pytest

from crawler.language.quality.text_quality import agreement, measure_text
from tests.support.texts.spoilt import ENGLISH, FRENCH, NEWS, SPOILT


@pytest.mark.parametrize("text", [NEWS, ENGLISH, FRENCH, NEWS.upper(), ENGLISH.upper(), f"{NEWS}\n{ENGLISH}"])
def test_a_text_as_it_was_written_has_quality(text: str) -> None:
    quality = measure_text(text).quality
    assert quality is not None
    assert quality > 0.9


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_text_has_none_and_is_worth_less(how: str) -> None:
    spoilt = measure_text(SPOILT[how][0](NEWS))
    assert spoilt.quality is not None
    assert spoilt.quality < 0.75
    assert spoilt.worth < measure_text(NEWS).worth


def test_numbers_codes_and_abbreviations_are_no_words() -> None:
    table = "STT 1 2 3 1.234.567 12/QĐ-UBND A4 m2 2023a TT-BTC HĐND KH&ĐT 3/6/2013 Ø20 50% (i) iv) * – … 12:30"
    assert measure_text(table).odd == 0
    assert measure_text(table).quality is None


def test_units_and_signs_of_currencies_are_no_words() -> None:
    table = "5 kg 20 mL 3 Mbps 110 kV ¥12 ￥169 57₹ 00﷼ 15₫ 7€ kg/ha"
    assert (measure_text(table).odd, measure_text(table).words) == (0, 1)
    assert measure_text("Nhµ v¨n, s¥n T¥N").odd > 0


def test_labels_of_parts_are_no_words() -> None:
    measures = measure_text("SheetA ColB unusedC Level1Item2 Level12Item103Part4 content2B")
    assert (measures.words, measures.odd) == (0, 0)
    assert measure_text("xqA wKhG Tie61ng").odd == 3


def test_addresses_of_mail_are_no_words() -> None:
    measures = measure_text("Gửi về <vp.btxlctgqd@bkhdt.gov.vn>, xkcdq@mnstr.vn; trước ngày 5")
    assert (measures.words, measures.odd_share) == (4, 0)


def test_a_text_of_a_few_words_is_not_judged() -> None:
    assert measure_text("Phụ lục I").quality is None
    assert measure_text("").quality is None


def test_other_scripts_are_no_wrong_letters() -> None:
    assert measure_text("老街省人民委员会 关于 发布 通知 的 决定 河口 口岸").quality == 1.0
    assert measure_text("Народный комитет провинции Лаокай опубликовал отчёт").quality == 1.0


@pytest.mark.parametrize(
    "text",
    [
        "老街省人民委员会关于发布2024年行政许可目录的通知，河口口岸管理委员会",
        "老街省人民委員會關於發布通知的決定",
        "ラオカイ省の人民委員会は二つの言語で年次報告を発表しました",
        "라오까이성 인민위원회는 올해의 토지 이용에 관한 보고서를 발표했다",
        "ຄະນະກຳມະການ ປະຊາຊົນ ແຂວງ ລາວກາຍ ໄດ້ ປະກາດ",
        "Hội nghị (会议) của tỉnh Lào Cai và Vân Nam (云南省)",
    ],
)
def test_scripts_of_the_neighbours_are_right_words(text: str) -> None:
    assert measure_text(text).odd == 0


@pytest.mark.parametrize(
    ("shift", "script"), [(0xC330 - 0x410 + 0x1000, "Hangul"), (0x9000, "rare Han"), (0x1400 - 0x430, "Canadian")]
)
def test_a_script_that_nobody_wrote_is_wrong_letters(shift: int, script: str) -> None:
    cyrillic = "народный комитет провинции опубликовал годовой отчёт об использовании земли и лесов"
    wrong = "".join(chr(ord(letter) + shift) if letter > " " else letter for letter in cyrillic)
    assert measure_text(wrong).odd_share > 0.5, script


def test_many_scripts_in_one_text_are_wrong_letters() -> None:
    mixed = "народ комитет เวียดนาม ประเทศ ελλάδα γράμμα عربية كلمة հայերեն բառ"
    assert measure_text(mixed).odd_share == 1.0


def test_the_reading_with_more_right_words_is_worth_more() -> None:
    half = NEWS[: len(NEWS) // 2]
    assert measure_text(NEWS).worth > measure_text(half).worth
    assert measure_text(NEWS).worth > measure_text(f"{half} {SPOILT['legacy letters'][0](half)}").worth


def test_agreement_is_of_the_words_whatever_their_order() -> None:
    assert agreement("một hai ba", "ba, hai. MỘT") == 1.0
    assert agreement("một hai ba bốn", "một") == 0.25
    assert agreement("một", "") == 0.0


def test_letters_that_stand_alone_as_in_no_language_are_apart_and_lists_are_not() -> None:
    assert measure_text("H e re i s so me fo rma tte d te xt").is_apart
    assert measure_text("Nort h Buon a Vist a Driv e, Singapor e, Th e Metropoli s Towe r").is_apart
    crosses = "Đạt x Không đạt x Tốt x Khá x Trung bình x Yếu x"
    answers = "Câu 1 A Câu 2 B Câu 3 D Câu 4 C Câu 5 A"
    items = "a) Hồ sơ b) Đơn đề nghị c) Bản sao d) Giấy tờ đ) Các tài liệu khác e) Lệ phí theo quy định"
    assert not any(measure_text(text).is_apart for text in (crosses, answers, items))


def test_words_with_unknown_letters_are_counted_and_signs_around_words_are_not() -> None:
    assert measure_text(f"{NEWS} \ufffd\ufffd\ufffd ph\ufffd duy\ufffdt k\ufffdnh").has_unknown
    assert not measure_text(
        f"{NEWS} \ufffdWorkers of the World, Unite!\ufffd \ufffd một \ufffd hai \ufffd ba"
    ).has_unknown
    assert not measure_text(f"{NEWS} duy\ufffdt").has_unknown
    assert measure_text("\ufffd \ufffd \ufffd \ufffd Ý").has_unknown
    assert not measure_text("\ufffd một\n\ufffd hai").has_unknown
    assert measure_text("Tourismusverein Allg\ufffdu, K\ufffdferhofen, Sommer und Winter").has_unknown


@pytest.mark.parametrize(
    "text",
    [
        "Erdgas – zuverlässig, sicher, günstig! für Reinbek, Wentorf & Wohltorf",
        "Další nehoda kamionu uzavřela na větší část odpoledne úsek dálnice z Brna na Kroměříž",
        "SEÇİLİ DÖNEMDE YASAL SINIR OLAN TOPLAM TUTARINI AŞAN FATURANIZ BULUNMAMAKTADIR",
        "Empty MediaBox and CropBox: TextField, AcroForm, ColorDodge, PDFBox",
    ],
)
def test_languages_with_many_accents_and_names_of_programs_are_no_wrong_letters(text: str) -> None:
    measured = measure_text(text)
    assert measured.odd_share < 0.15


@pytest.mark.parametrize(
    "text",
    [
        "Y Bhăm Êban\nH'Hen Niê\nY Wang Mlô\nH'Yam Bkrông\nY Thông Kbuôr\nY Ngông Kdăm",
        "A Glưn\nY Phiah\nA Jring Đeng\nY Hlưk\nA Thưp\nXa Ngai",
        "Ka Să Hạnh\nCil Múp Ha Krang\nKră Jăn Ha Nhơ\nĐạ Cát K'Bes",
        "Krong Pac\nČư M'gar\nEa H'leo\nKrông Bŭk\nM'Đrăk\nBuôn Akŏ Dhông\nČư Êbur",
        "a.xlsx\nb.xls\nc.docx\nd.pptx\nbang_2.pdf\nxlsx_content\ndocx_content",
        "1. content1A\n1. content1B\n2. content2B\n3. content3B\nPhase2A\nPhase2C",
    ],
)
def test_short_lists_of_names_of_highlands_files_and_parts_are_no_wrong_letters(text: str) -> None:
    assert measure_text(text).odd_share < 0.1


def test_columns_of_letters_and_labels_are_neither_apart_nor_without_marks() -> None:
    assert not measure_text("A B C D E G H I K L M N " * 4).is_apart
    assert not measure_text("A = 0.00 A = 0.05 A = 0.10 " * 20).is_apart
    assert measure_text("Ma So Ten Ma So Ten Ma So Ten Ma So Ten").lost_share == 0
    assert measure_text("U y b a n n h â n d â n t ỉ n h L à o C a i").is_apart
