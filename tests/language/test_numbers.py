import unicodedata

import pytest

from crawler.language.numbers import LARGEST, whole_number


@pytest.mark.parametrize("text", ["0", "7", "007", "15", "9223372036854775807", "0" * 40 + "15"])
def test_number_in_ascii_digits_is_read(text: str) -> None:
    assert whole_number(text) == int(text)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "-1", "+1", "1_000", "1,000", "1.0", "1e3", "0x10", " 1", "1 ", "1\n", "1\x00", "²", "1²", "٣", "१",
        "１", "Ⅳ", "½", "\ud800", "nan", "inf", "9223372036854775808", "9" * 19, "1" * 20, "1" * 4301, "0" * 4301,
    ],
)  # fmt: skip
def test_other_text_is_no_number(text: str) -> None:
    assert whole_number(text) is None


def test_every_character_but_the_ten_digits_is_refused() -> None:
    numbers = [
        c for c in map(chr, range(0x110000)) if unicodedata.category(c)[0] == "N" and whole_number(c) is not None
    ]

    assert numbers == list("0123456789")


def test_number_over_the_largest_that_makes_sense_is_refused() -> None:
    assert whole_number("65535", at_most=65535) == 65535
    assert whole_number("65536", at_most=65535) is None
    assert whole_number(str(LARGEST)) == LARGEST
