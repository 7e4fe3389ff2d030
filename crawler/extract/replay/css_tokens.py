"""Parse style sheets with any content."""

import re

import tinycss2

# The library makes numbers of digits, and Python makes none of more than 4,300. No address has as many.
_LONG_NUMBER = re.compile(r"[0-9]{1000,}")


def parse_sheet(css: str) -> list[object]:
    """Return the rules of a style sheet, without comments and white space."""
    return list(tinycss2.parse_stylesheet(_shorten(css), skip_comments=True, skip_whitespace=True))


def parse_values(css: str) -> list[object]:
    """Return the tokens of a style sheet or of declarations, in order, without comments."""
    return list(tinycss2.parse_component_value_list(_shorten(css), skip_comments=True))


def serialize(token: object) -> str:
    """Return the text of a token."""
    return str(tinycss2.serialize([token]))


def _shorten(css: str) -> str:
    return _LONG_NUMBER.sub("0", css)
