"""Normal form, folding, tones, document numbers and slugs; token boundaries as SQLite sees them."""

import random
import re
import sqlite3
import sys
import unicodedata

import pytest

from crawler.language.text import (
    DOCUMENT_NUMBER,
    SEPARATORS,
    contains_marks,
    find_document_numbers,
    fold,
    fold_and_mark,
    locate_document_numbers,
    mark_tones,
    matches_slug,
    normalize_text,
    slugify,
)

ODD_TEXTS = (
    "Thị ủy – Thị uỷ; hòa/hoà giải (Ảnh trên) “Dân Vận khéo”",
    "18.500 lượt, 03/6/2013, 25-NQ/TW, 1234/QÐ-UBND, km², m³, CO₂, ½ ha",
    "a\u0301b \u0301 c\u0305d e\u0338f x\u0301\u0301y \u0323\u0301 -\u0309z",
    "кириллица ЙЁ Ελληνικά ΆΣ ᾈ 中文 한국어 हिन्दी ไทย العربية İı ŉ ﬁ Ⅷ ⓐ ẞß",
    "Ǖ Ḹ ṩ Ẩ ẫ Ỡ ữ Đđ Ðð Ɖɖ ƠơƯư K Å Ω",
    "🎉 👨‍👩‍👧 ☎️ \ue000abc a_b a'b a’b a\u00adb a\u200bb",
    "\x00nul\x00inside \x01\x02 \x7f",
    "thịxã HỘINGHỊ quyết25 4D QL4D covid19",
)


def cut_tokens(*texts: str) -> list[list[str]]:
    """Return each text's tokens, as the tokenizer of the index cuts them."""
    connection = sqlite3.connect(":memory:")
    connection.execute("create virtual table t using fts5(x, tokenize='unicode61 remove_diacritics 0')")
    connection.execute("create virtual table v using fts5vocab(t, instance)")
    connection.executemany("insert into t(rowid, x) values (?, ?)", enumerate(texts))
    tokens: list[list[str]] = [[] for _ in texts]
    for document, term in connection.execute("select doc, term from v order by doc, offset"):
        tokens[document].append(term)
    connection.close()
    return tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\u00a0" * 37 + "Ảnh: Hồng Hải", "Ảnh: Hồng Hải"),
        ("  Thị\u2003ủy \t\r\n Sa\u202fPa ", "Thị ủy Sa Pa"),
        ("Hội\u200b ng\u00adhị\ufeff\u2060", "Hội nghị"),
        (unicodedata.normalize("NFD", "Nguyễn Đình Lợi"), "Nguyễn Đình Lợi"),
        ("Thị uỷ và thị ủy, Trng tâm", "Thị uỷ và thị ủy, Trng tâm"),
        ("a\x00b\ud800c", "abc"),
        ("\u00a0", ""),
    ],
)
def test_normalize_text_changes_only_spaces_and_the_invisible(text: str, expected: str) -> None:
    assert normalize_text(text) == expected
    assert normalize_text(expected) == expected


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_fold_gives_the_same_for_both_forms(form: str) -> None:
    assert fold(unicodedata.normalize(form, "Đường Nguyễn Huệ, ỦY BAN")) == "duong nguyen hue, uy ban"


def test_fold_knows_every_d_with_stroke() -> None:
    assert fold("đ Đ Ð ð Ɖ ɖ") == "d d d d d d"


def test_fold_takes_every_vietnamese_mark() -> None:
    vowels = "aàảãáạăằẳẵắặâầẩẫấậeèẻẽéẹêềểễếệiìỉĩíịoòỏõóọôồổỗốộơờởỡớợuùủũúụưừửữứựyỳỷỹýỵ"
    assert fold(vowels) == "a" * 18 + "e" * 12 + "i" * 6 + "o" * 18 + "u" * 12 + "y" * 6
    assert fold(vowels.upper()) == fold(vowels)


@pytest.mark.parametrize(
    ("one", "other"),
    [("hòa", "hoà"), ("thủy", "thuỷ"), ("Uỷ", "ủy"), ("lý", "lí"), ("Sĩ", "sỹ"), ("quý", "quí"), ("khoẻ", "khỏe")],
)
def test_mark_tones_makes_other_spellings_equal(one: str, other: str) -> None:
    assert mark_tones(one) == mark_tones(other)
    assert mark_tones(unicodedata.normalize("NFD", one)) == mark_tones(one)


def test_mark_tones_keeps_words_apart() -> None:
    words = [
        "hoa",
        "hòa",
        "hoá",
        "hoả",
        "hoạ",
        "dan",
        "dân",
        "dần",
        "dàn",
        "đan",
        "đần",
        "bao",
        "bão",
        "báo",
        "CO2",
        "cò",
    ]
    assert len({mark_tones(word) for word in words}) == len(words)


def test_mark_tones_of_a_word_never_equals_a_typed_word() -> None:
    assert mark_tones("Á") != fold("A5")
    assert mark_tones("bão") == "bao⁴"


@pytest.mark.parametrize("form", [fold, mark_tones])
@pytest.mark.parametrize("text", ODD_TEXTS)
def test_forms_keep_the_tokens_of_odd_text(form, text: str) -> None:
    for variant in (text, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text)):
        before, after = cut_tokens(variant, form(variant))
        assert len(before) == len(after)


@pytest.mark.parametrize("form", [fold, mark_tones])
def test_forms_keep_the_tokens_around_every_character(form) -> None:
    """x?y has the same number of tokens in all forms, for every character, so `highlight()` marks the right words."""
    characters = [chr(code) for code in range(1, 0x20000) if not 0xD800 <= code < 0xE000]
    chunks = [characters[start : start + 4096] for start in range(0, len(characters), 4096)]
    # "q" ends each sample, so that a missing or extra token shows at its own place.
    texts = ["\n".join(f"x{c}y {c} {c}z q" for c in chunk) for chunk in chunks]
    tokens = cut_tokens(*texts, *map(form, texts))
    for before, after in zip(tokens[: len(texts)], tokens[len(texts) :], strict=True):
        assert [n for n, token in enumerate(before) if token == "q"] == [
            n for n, token in enumerate(after) if token == "q"
        ]


@pytest.mark.parametrize("form", [fold, mark_tones])
def test_forms_keep_the_tokens_of_random_text(form) -> None:
    generator = random.Random(25)
    alphabet = "aâăàấđĐÐyYquhkl 0123.,-/_"
    alphabet += "\u0300\u0301\u0302\u0303\u0305\u0309\u031b\u0323\u0338İẞ²½йΆ中क़\u00a0\u200b🎉"
    texts = ["".join(generator.choices(alphabet, k=30)) for _ in range(2000)]
    tokens = cut_tokens(*texts, *map(form, texts))
    for number, text in enumerate(texts):
        assert len(tokens[number]) == len(tokens[len(texts) + number]), repr(text)


def test_forms_survive_anything_a_string_can_hold() -> None:
    text = "".join(map(chr, range(0, sys.maxunicode + 1, 7)))
    assert len(fold(text)) <= len(text)
    assert mark_tones(text)
    assert normalize_text(text)


def test_contains_marks_in_both_forms() -> None:
    assert contains_marks(unicodedata.normalize("NFD", "hoà"))
    assert contains_marks("Ðình")
    assert not contains_marks("Sapa25")
    assert not contains_marks("m²")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("thực hiện quyết 25-NQ/TW và", ("25-NQ/TW",)),
        ("số 25- NQ/TW, 25 -NQ/TW; 25–NQ/TW", ("25-NQ/TW",)),
        ("Quyết định số 1234/QĐ-UBND ngày 3/6/2013", ("1234/QĐ-UBND",)),
        ("Quyết định số 1234/QÐ-UBND", ("1234/QĐ-UBND",)),
        (unicodedata.normalize("NFD", "56/QĐ-UBND"), ("56/QĐ-UBND",)),
        ("Thông tư 12/2023/TT-BTC, 45/2019/QH14.", ("12/2023/TT-BTC", "45/2019/QH14")),
        ("Quyết định 749/QĐ-TTg; 01-KL/ThU; 123a/KH-UBND", ("749/QĐ-TTg", "01-KL/ThU", "123a/KH-UBND")),
        ("Báo cáo số 105/BC và số: 7/TB", ("105/BC", "7/TB")),
        *((f"số 1234/QĐ{dash}UBND", ("1234/QĐ-UBND",)) for dash in "-‐‑‒–—―−﹘﹣－"),
        *((f"25{dash}NQ/TW, 105{dash}KL", ("25-NQ/TW",)) for dash in "‐‑‒–—―−"),
        *((f"số 12{slash}2023{slash}TT-BTC", ("12/2023/TT-BTC",)) for slash in "/⁄∕／"),
        ("Quyết định 1234/QĐ-\nUBND", ("1234/QĐ-UBND",)),
        ("Quyết định 1234/QĐ\u2011 \r\n  UBND", ("1234/QĐ-UBND",)),
        ("Quyết định 1234/\nQĐ-UBND", ("1234/QĐ-UBND",)),
        ("năm 2023 — UBND — HĐND, 2010–2015, 5−7 HĐ, 30‑11", ()),
        ("ngày 30/11 - UBND thị xã, năm 2023 - UBND - HĐND, 24/7, 03/6/2013, 50 km/h", ()),
        ("phương án 12 Sa Pa-Lào Cai, 4D/QL", ()),
        ("Số: 12 /QĐ - UBND; Số 13 / QĐ – UBND", ("12/QĐ-UBND", "13/QĐ-UBND")),
        ("Số: 45 /KH-UBND, số 105 / BC", ("45/KH-UBND", "105/BC")),
        ("30/NQ - HĐND, 12/2023 / TT - BTC, 25 - NQ/TW", ("30/NQ-HĐND", "12/2023/TT-BTC", "25-NQ/TW")),
        ("12/QĐ-UBND - HĐND, số 12-KL - UBND tỉnh", ("12/QĐ-UBND", "12-KL")),
        ("năm học 2023 - THCS/THPT, số 12 - HĐND, 12/2023 - UBND, tổ 3 / KH, 1 - A/B, 5/a - UBND", ()),
    ],
)
def test_find_document_numbers(text: str, expected: tuple[str, ...]) -> None:
    assert find_document_numbers(text) == expected


def test_find_document_numbers_skips_no_text_that_has_one() -> None:
    """The quick looks before the search, against the search alone, over texts of the characters that matter."""
    generator = random.Random(17)
    pieces = [
        *"1289 azđAĐÐÔƯ/-–‑−.,\u200b\u0300\n",
        "/2023",
        "QĐ",
        "UBND",
        "số ",
        "Số: ",
        "12/",
        " - ",
        "-NQ",
        "/TW",
        "7/QĐ-",
        "3-",
    ]
    found = 0
    for _ in range(20_000):
        text = "".join(generator.choices(pieces, k=generator.randrange(3, 9)))
        numbers = [match["number"] or match["short"] for match in DOCUMENT_NUMBER.finditer(normalize_text(text))]
        shown = [re.sub("[–‑−]", "-", number.replace(" ", "")).replace("Ð", "Đ") for number in numbers]
        assert list(find_document_numbers(text)) == list(dict.fromkeys(shown)), text
        found += bool(numbers)
    assert found > 300
    # No normal form makes a separator, so a text without one has no number.
    made = {code: normalize_text(chr(code)) for code in range(sys.maxunicode + 1) if chr(code) not in SEPARATORS}
    assert not [code for code, text in made.items() if set(text) & set(SEPARATORS)]


def test_both_forms_at_once_are_each_form_alone() -> None:
    generator = random.Random(18)
    for text in (*ODD_TEXTS, "", "\n\n", " a  b\n c"):
        assert fold_and_mark(text) == (fold(text), mark_tones(text))
    for _ in range(500):
        text = "".join(generator.choices("aâăàấđĐÐyYquhkl 0 \n-\u0300\u0323İẞ²क़\u00a0🎉", k=60))
        assert fold_and_mark(text) == (fold(text), mark_tones(text))


def test_forms_stay_right_when_the_memory_of_words_is_emptied() -> None:
    words = [f"Hoà{number}" for number in range(70_000)]
    assert fold(" ".join(words)) == " ".join(f"hoa{number}" for number in range(70_000))
    assert mark_tones("Hoà0") == mark_tones("hòa0")


def test_slugify_cuts_at_96_characters_even_in_a_word() -> None:
    title = "Tổng kết 10 năm thực hiện quyết 25-NQ/TW và sơ kết 3 năm thực hiện phong trào thu đua xây dựng mô"
    slug = slugify(title)
    assert slug == "tong-ket-10-nam-thuc-hien-quyet-25-nq-tw-va-so-ket-3-nam-thuc-hien-phong-trao-thu-dua-xay-dung-m"
    assert len(slug) == 96
    assert matches_slug(title, slug)


def test_matches_slug_allows_for_double_hyphens_and_refuses_other_titles() -> None:
    long = "Ủy ban nhân dân thành phố Hải Phòng " * 4
    cut = slugify(long)[:90].rstrip("-")
    assert matches_slug(long, cut + "-" * (96 - len(cut)))
    assert not matches_slug("Thông báo tuyển dụng", "thong-bao")
    assert not matches_slug("Thông báo tuyển dụng 2024", slugify("Thông báo tuyển dụng 2025"))


def test_the_search_at_separators_finds_what_a_search_of_the_whole_text_finds() -> None:
    dice = random.Random(7)
    pieces = [
        *"128 /-–‑.,:aQ",
        "QĐ",
        "UBND",
        "Số: ",
        "số ",
        "12/",
        "-NQ",
        "/TW",
        "2023/",
        "2023",
        "NQ",
        " - ",
        " /",
        "/ ",
    ]
    found = 0
    for _ in range(20_000):
        text = normalize_text("".join(dice.choices(pieces, k=dice.randrange(3, 14))))
        whole = [match.span("number" if match["number"] else "short") for match in DOCUMENT_NUMBER.finditer(text)]
        assert [(start, end) for _, start, end in locate_document_numbers(text)] == whole, repr(text)
        found += len(whole)
    assert found > 100
