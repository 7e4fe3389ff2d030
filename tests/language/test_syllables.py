"""The grammar of syllables: every word of real Vietnamese, and nothing that wrong letters make of it."""

import re
import unicodedata

import pytest

from crawler.language.syllables import is_bare_syllable, is_syllable
from tests.support.texts.spoilt import NEWS

# One of each rhyme that is easily forgotten.
RARE = """
    nghiêng nguệch ngoạc khuya khuỷu quýnh quých quýt xoong moóc thuở huơ yểng yếm yết gìn gì giếng giặc giữ quơ
    quốc quẹo ngoằn ngoèo loăng quăng huỵch tuýp khuếch tuềnh toàng ngoách xoáy ngoáy bươu hươu rượu Kạn Đắk Lắk Pắc
    Ẳng ỷ Ý ưu oanh uất uy ếch Huếch luân chuyện tuyết nguyên thuỷ thủy hoà hòa khoẻ khỏe
"""
WRONG = "ngị cế gé qả tàt mảc đặcc Céng héi viÖt nghÜa ñaïi hoïc xaõ hoäi hộii thưưng bôn2 ꞌa áà strường nước̣"


def test_every_word_of_news_is_a_syllable() -> None:
    words = re.findall(r"[^\W\d_]+", NEWS)
    assert len(words) > 60
    assert [word for word in words if not is_syllable(word)] == []


@pytest.mark.parametrize("word", RARE.split())
def test_rare_rhymes_are_syllables_in_any_case_and_form(word: str) -> None:
    assert is_syllable(word)
    assert is_syllable(word.upper())
    assert is_syllable(unicodedata.normalize("NFD", word))


@pytest.mark.parametrize("word", WRONG.split())
def test_what_breaks_the_grammar_is_no_syllable(word: str) -> None:
    assert not is_syllable(word)


def test_a_bare_syllable_is_one_that_lost_its_marks() -> None:
    assert all(map(is_bare_syllable, ["nuoc", "huyen", "duoc", "Viet", "UBND", "nguoi"])) is False
    assert all(map(is_bare_syllable, ["nuoc", "huyen", "duoc", "Viet", "nguoi"]))
    assert not any(map(is_bare_syllable, ["nước", "school", "print"]))
