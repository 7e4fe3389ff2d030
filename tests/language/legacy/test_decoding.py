"""Legacy letters: recognised by font and by spelling, and no other text changed."""

import time
import unicodedata

import pytest

from crawler.language.legacy.decoding import Run, decode_legacy, decode_runs, looks_legacy, restore_runs
from tests.support.attachments.legacy_letters import TCVN3, VNI, to_tcvn3, to_vni

NEWS = """Quyết định về việc phê duyệt kế hoạch sử dụng đất năm 2012 của huyện Sa Pa.
Uỷ ban nhân dân tỉnh Lào Cai; Căn cứ Luật Tổ chức; Xét đề nghị của Giám đốc Sở Tài nguyên và Môi trường,
Điều 1. Giao cho người được uỷ quyền những diện tích đất ở nông thôn, ghi rõ ở phụ lục kèm theo.
Nơi nhận: như Điều 3; lưu: văn thư. Các trường trung học phổ thông nghỉ tết; ông Giàng A Lử ký thay."""
UNCHANGED = [
    NEWS,
    "Ủy ban: có thông báo là bà Lò Thị Mẩy có hộ khẩu tại xã Tả Phìn, tù do té ngã, đã ký tên ở đó",
    "The naïve café's résumé, Motörhead® © 2007 «Paris» 5 µm, ±3 °C, £5, §12, ½ cup",
    "Élève de l'école française; forêt, été, où, là, gâteau, thé, blé, dîner, pâté, né à Nîmes, Noël, maïs, français",
    "Für die Bürger: Straßenverkehr, Gebühren, über, schön, höher, Änderung, größer, Öl, Übung, müßte, Füße, Köln",
    "Türkçe öğretmenler için büyük çalışma, güzel gün, şehir, çocuk, ünlü, kötü, düşünce, görüş, İstanbul",
    "Señor Núñez: año, niño, mañana, más, también, así, días, sólo, según, qué, cómo, él, está, aquí, jamás",
    "São Paulo, João, não, então, coração, lições, às, à, vovó, avô, pé, só, já, também, você, três, mês",
]
ENCODERS = [pytest.param(to_tcvn3, "tcvn3", id="tcvn3"), pytest.param(to_vni, "vni", id="vni")]


def test_all_134_letters_have_a_form_in_each_set() -> None:
    # A capital with a tone has no code in TCVN3.
    assert (len(VNI), len(TCVN3)) == (134, 67 + 7)


@pytest.mark.parametrize(("encode", "font"), [(to_tcvn3, ".VnTime"), (to_vni, "VNI-Times")])
def test_every_letter_is_decoded_by_font(encode, font) -> None:
    for letter in set(TCVN3) | set(VNI):
        decoded = decode_legacy(encode(letter), font)
        assert decoded == letter or (encode is to_tcvn3 and decoded == letter.lower()), letter


@pytest.mark.parametrize("text", UNCHANGED)
def test_other_text_is_unchanged(text: str) -> None:
    assert decode_legacy(text) == text
    assert decode_legacy("\n".join(text.split())) == "\n".join(text.split())
    assert looks_legacy(text) is None


@pytest.mark.parametrize(("encode", "letters"), ENCODERS)
def test_legacy_text_is_recognised_by_its_spelling(encode, letters) -> None:
    assert looks_legacy(encode(NEWS)) == letters
    assert decode_legacy(encode(NEWS)) == NEWS


@pytest.mark.parametrize(("encode", "letters"), ENCODERS)
def test_unicode_and_legacy_in_one_text_are_parted(encode, letters) -> None:
    mixed = "\n".join(
        [NEWS, encode(NEWS), UNCHANGED[2], NEWS.replace("\n", " ") + " " + encode(NEWS.replace("\n", " "))]
    )
    expected = "\n".join([NEWS, NEWS, UNCHANGED[2], NEWS.replace("\n", " ") + " " + NEWS.replace("\n", " ")])
    assert decode_legacy(mixed) == expected


def test_unicode_words_in_a_legacy_font_follow_the_rest_of_the_file() -> None:
    runs = [Run("thông báo có học, ", ".VnTime"), Run("số 3 ", "Arial"), Run("hòa", ".VnTime")]
    assert decode_runs(runs) == "thông báo có học, số 3 hòa"


def test_legacy_runs_beside_a_unicode_run_of_one_font_are_decoded() -> None:
    runs = [Run("ng\u00adêi\n", ".VnTime"), Run("Ủy ban Lào Cai\n", ".VnTime"), Run("®\u00adîc", ".VnArial")]
    assert decode_runs(runs) == "người\nỦy ban Lào Cai\nđược"


def test_words_of_one_cell_follow_the_rest_of_a_legacy_text() -> None:
    assert decode_legacy(to_tcvn3(f"{NEWS}\nsự\nsố\nĐVT\nQĐ-UBND\nĐắk Lắk")).splitlines()[4:] == [
        "sự", "số", "ĐVT", "QĐ-UBND", "Đắk Lắk",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("font", "expected"),
    [
        (".VnTimeH", "CỘNG HOÀ"), (".VNTIMEH", "CỘNG HOÀ"), ("ABCDEF+.VnArialH,Bold", "CỘNG HOÀ"),
        (".VnArial NarrowH", "CỘNG HOÀ"), (".VnTime", "cộng hoà"), ("VnTime-Bold", "cộng hoà"),
        (".VnBlack", "cộng hoà"),
    ],
)  # fmt: skip
def test_a_font_of_capitals_gives_capitals(font: str, expected: str) -> None:
    assert decode_legacy("céng hoµ", font) == expected


@pytest.mark.parametrize("font", [".VnTime", "VNI-Times", "VNI-Helve-Condense", "VNI Times"])
def test_unicode_text_in_a_legacy_font_stays(font: str) -> None:
    assert decode_legacy("Cộng hoà xã hội", font) == "Cộng hoà xã hội"
    assert decode_legacy("thông báo", font) == "thông báo"


def test_a_word_cut_between_two_runs_is_decoded() -> None:
    runs = [
        Run("Tr\u00ad", ".VnTime"),
        Run("ëng ", ".VnTime,Bold"),
        Run("thông báo số ", "Arial"),
        Run("hoäi", "VNI-Times"),
    ]
    assert decode_runs(runs) == "Trưởng thông báo số hội"


def test_private_letters_of_symbol_fonts_are_their_bytes() -> None:
    assert decode_legacy("c\uf0e9ng ho\uf0b5", ".VnTime") == "cộng hoà"
    assert decode_legacy("c\u00e9ng ho\u03bc", ".VnTime") == "cộng hoà"


@pytest.mark.parametrize("hyphen", ["-", "\u2010"])
def test_a_horn_that_came_as_hyphen_is_restored_and_hyphens_stay(hyphen: str) -> None:
    text = f"{NEWS}\nSố 12/QĐ-UBND - 2010-2015, Hà Nội-Huế, người được cử"
    assert decode_legacy(to_tcvn3(text).replace("\u00ad", hyphen)) == text


def test_a_horn_that_was_kept_leaves_the_hyphens() -> None:
    assert decode_legacy(to_tcvn3(f"{NEWS} t-a")) == f"{NEWS} t-a"


def test_a_horn_that_was_dropped_is_restored() -> None:
    assert decode_legacy(to_tcvn3(NEWS).replace("\u00ad", "")).replace("lu:", "lưu:") == NEWS


def test_windows_1258_is_composed() -> None:
    text = NEWS.replace("ỷ", "ủ")
    # The code page has combining tones, and the letters ă â đ ê ô ơ ư.
    parted = "".join(
        char if char in "ăâđêôơưĂÂĐÊÔƠƯ" else unicodedata.normalize("NFD", char)
        for char in unicodedata.normalize("NFC", text)
    )
    assert decode_legacy(parted) == unicodedata.normalize("NFC", text)


def test_legacy_bytes_read_as_windows_1258_are_decoded() -> None:
    for encode in (to_tcvn3, to_vni):
        assert decode_legacy(encode(NEWS).encode("latin-1").decode("cp1258", "replace")) == NEWS


def test_a_million_letters_take_seconds() -> None:
    started = time.process_time()
    decode_legacy(to_tcvn3(NEWS) * 200)
    decode_legacy("é" * 500_000 + "\n" + "-é" * 200_000)
    assert time.process_time() - started < 10


def test_a_line_in_unicode_keeps_its_letters_beside_one_that_a_file_holds_in_legacy_letters() -> None:
    # Each letter of the second line is in Windows-1258 too, and its bytes are syllables of TCVN3 as well.
    assert decode_legacy("Danh s¸ch cö tri\nVàng A Chư 14/08/2024\n").splitlines()[1] == "Vàng A Chư 14/08/2024"
    # "à" is no letter of TCVN3, and "Súa" would be another name in it.
    line = "Danh s¸ch ng\u00adêi cao tuæi ®\u00adîc cö\nVàng A Súa,\n"
    assert decode_legacy(line).splitlines() == ["Danh sách người cao tuổi được cử", "Vàng A Súa,"]


def test_a_lost_letter_is_restored_beside_its_capital() -> None:
    lost = to_tcvn3("Phạm Đức Ước, Trưởng thôn; Giàng A Sử, Người cao tuổi; Nguyễn Thị Hường, bí thư xã").replace(
        "\u00ad", ""
    )
    assert decode_legacy(lost) == "Phạm Đức Ước, Trưởng thôn; Giàng A Sử, Người cao tuổi; Nguyễn Thị Hường, bí thư xã"


@pytest.mark.parametrize("horn", ["", "-"])
def test_a_lost_letter_is_restored_in_runs_of_a_font_by_all_of_them(horn: str) -> None:
    words = ["trưởng", " thôn", " được cử", " QĐ-UBND"]
    lost = [Run(to_tcvn3(word).replace("\u00ad", horn), ".VnTime") for word in words]
    between = [part for run in lost for part in (run, Run("|", "Arial"))]
    assert restore_runs(between) == "trưởng| thôn| được cử| QĐ-UBND|"
    # A letter that is there anywhere was not dropped.
    for font in (".VnTime", "Arial"):
        assert restore_runs([*between, Run("\u00ad", font)]).startswith(decode_runs(between))
