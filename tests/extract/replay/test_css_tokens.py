"""Style sheets are parsed whatever their numbers are."""

import pytest

from crawler.extract.replay.css_tokens import parse_sheet, parse_values, serialize

DIGITS = "1" * 4301


@pytest.mark.parametrize(
    "value", [f"{DIGITS}px", f"-{DIGITS}", f"+{DIGITS}%", f"1e{DIGITS}", f"{DIGITS}e9", f".{DIGITS}em", f"#{DIGITS}"]
)
def test_number_of_thousands_of_digits_is_parsed(value: str) -> None:
    css = f"a{{width:{value};background:url(/a.png)}}"
    assert len(parse_sheet(css)) == 1
    assert "url(" in "".join(serialize(token) for token in parse_values(css))
