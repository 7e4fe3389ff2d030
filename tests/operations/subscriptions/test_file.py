"""The operator's file: what it can ask, and how a bad one is refused."""

from pathlib import Path

import pytest

from crawler.errors import SubscriptionError
from crawler.operations.subscriptions.file import load_subscriptions, parse_subscriptions

SECRET = "json://bot:s3cr3t@127.0.0.1"


def write(*lines: str) -> str:
    return "\n".join(["[[subscription]]", *lines])


@pytest.mark.parametrize(
    ("text", "key", "expected"),
    [
        (write('name = "a"', 'search = "x"', 'every = "daily"'), "every", "`night` or `week`"),
        (write('name = "a"', 'search = "x"', "every = 3"), "every", "`night` or `week`"),
        (write('name = "Tên"', 'search = "x"'), "name", "lower-case letters"),
        (write('search = "x"'), "name", "missing"),
        (write('name = "a"', 'search = "x"', f'To = "{SECRET}"'), "To", "unknown; expected one of name, title, to"),
        (write('name = "a"', 'search = "x"', 'to = "s3cr3t"'), "to", "an Apprise address"),
        (write('name = "a"', 'search = "x"', f'to = ["{SECRET}"]'), "to", "an Apprise address"),
        (write('name = "a"', 'search = "?!"'), "search", "words"),
        (write('name = "a"', "article = -1"), "article", "the number of an article"),
        (write('name = "a"', "article = 1", 'search = "x"'), "article", "no `search`"),
        (write('name = "a"', 'document = "1/QĐ"', 'search = "x"'), "document", "no `search`"),
        (write('name = "a"', 'only = "gone"'), "only", "`new`, `changed` or `removed`"),
        (write('name = "a"', 'sums_above = "nhiều"'), "sums_above", "a sum in đồng"),
        (write('name = "a"', 'sums_above = "1,500 tỷ"'), "sums_above", "a sum in đồng"),
        (write('name = "a"', "sums_above = 0"), "sums_above", "a sum in đồng"),
        (write('name = "a"', 'sums_above = "1 tỷ"', 'only = "new"'), "only", "`changed`, or nothing"),
        (write('name = "a"'), "search", "a question"),
    ],
)
def test_a_bad_file_is_refused_with_file_key_and_what_was_expected(text: str, key: str, expected: str) -> None:
    with pytest.raises(SubscriptionError) as refused:
        parse_subscriptions(text, "theo-doi.toml")
    message = str(refused.value)
    assert message.startswith(f"theo-doi.toml: subscription 1, key `{key}`: ")
    assert expected in message
    assert "s3cr3t" not in message


def test_the_faulty_one_is_named_by_its_place(tmp_path: Path) -> None:
    path = tmp_path / "subscriptions.toml"
    path.write_text(write('name = "a"', 'only = "new"') + "\n" + write('name = "a"', 'only = "removed"'))
    with pytest.raises(SubscriptionError, match="subscription 2, key `name`: expected a name of its own"):
        load_subscriptions(path)
    for text in ("[[subscription]", "x = 1", "subscription = 3"):
        path.write_text(text)
        with pytest.raises(SubscriptionError, match=str(path)):
            load_subscriptions(path)
    with pytest.raises(SubscriptionError, match="cannot be read"):
        load_subscriptions(tmp_path / "none.toml")


@pytest.mark.parametrize("stated", ['"1 tỷ"', '"1.000 triệu đồng"', "1000000000", '"1.000.000.000 đ"', '"một tỷ đồng"'])
def test_a_threshold_is_read_as_sums_are_written(stated: str) -> None:
    (one,) = parse_subscriptions(write('name = "a"', f"sums_above = {stated}"))
    assert one.least_dong == 10**9
