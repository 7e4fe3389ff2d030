"""Texts whose letters were encoded twice are restored; others stay as they are."""

import pytest

from crawler.language.legacy.twice import restore_twice_encoded
from tests.support.attachments.legacy_letters import to_tcvn3, to_vni
from tests.support.texts.spoilt import ENGLISH, FRENCH, NEWS

TEXT = f"{NEWS}\nĐơn vị: xã Tả Van là nơi họp; số tiền “12.500.000” đồng – Ờ, Ố, à."


def encode_twice(text: str) -> str:
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def test_a_text_that_was_encoded_twice_is_restored() -> None:
    assert restore_twice_encoded(encode_twice(TEXT)) == TEXT
    assert restore_twice_encoded(TEXT.encode().decode("latin-1")) == TEXT
    assert restore_twice_encoded(encode_twice(TEXT).replace("\u00a0", " ")) == TEXT


def test_letters_that_lost_a_byte_are_unknown_or_the_only_one_that_they_can_be() -> None:
    lossy = TEXT.encode().decode("cp1252", "ignore")
    restored = restore_twice_encoded(lossy)
    assert "Đơn vị: xã Tả Van" in restored
    assert "ti\ufffdn" in restored
    assert "á»" not in restored


def test_a_part_that_was_encoded_twice_and_a_text_that_was_three_times_are_restored() -> None:
    assert restore_twice_encoded(TEXT + "\n" + encode_twice(NEWS)) == TEXT + "\n" + NEWS
    assert restore_twice_encoded(encode_twice(encode_twice(TEXT))) == TEXT


@pytest.mark.parametrize("text", [TEXT, ENGLISH, FRENCH, to_tcvn3(TEXT), to_vni(TEXT), "Ã Ä Æ á» são Ãlvaro 25° ñ" * 9])
def test_any_other_text_stays(text: str) -> None:
    assert restore_twice_encoded(text) == text
