"""JSON that a portal wrote."""

import pytest

from crawler.media.json_texts import read_json


def _nested(depth: int) -> str:
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("text", [_nested(101), "[" * 100_000, '{"a":' * 101 + "1" + "}" * 101, "[", "", "9" * 4301])
def test_what_is_too_deep_is_refused_as_what_is_no_json(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)


@pytest.mark.parametrize(
    "text", [_nested(100), "[" + "[]," * 5000 + "[]]", '"' + "[" * 5000 + '"', '["\\"' + "[" * 5000 + '"]']
)
def test_wide_texts_and_brackets_in_strings_are_read(text: str) -> None:
    assert read_json(text)
