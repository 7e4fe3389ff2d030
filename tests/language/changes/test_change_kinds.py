"""The classes of a change: what the changed numbers and the changed words say of it."""

import pytest

from crawler.language.changes.change_kinds import classify_change
from crawler.language.changes.diff import diff_texts
from crawler.language.changes.number_changes import find_number_changes
from tests.support.processes.cpu_time import is_linear, least_seconds

_BRIDGE = "Cầu Bản Dền được cấp 900 triệu đồng ngày 12/3/2026, ông Lê Văn Tám cho biết."
_SCHOOL = "Trường Tả Van được hỗ trợ 12 triệu đồng theo 1234/QĐ-UBND."


def classes_of(before: str, after: str) -> list[str]:
    """The classes of an edit of a body."""
    numbers = find_number_changes(diff_texts(before, after))
    return classify_change(["body"], [before], after=[after], numbers=numbers)


def test_paragraphs_that_moved_change_no_number_name_or_date() -> None:
    assert classes_of(f"{_BRIDGE}\n\n{_SCHOOL}", f"{_SCHOOL}\n\n{_BRIDGE}") == ["text"]


def test_sentences_that_moved_within_a_paragraph_change_no_number() -> None:
    assert classes_of(f"{_BRIDGE} {_SCHOOL}", f"{_SCHOOL} {_BRIDGE}") == ["text"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Chi 1.500 triệu đồng.", "Chi 1,5 tỷ đồng."),
        ("Mở ngày 1/9/2026.", "Mở ngày 01/09/2026."),
        ("Mở ngày 1/9/2026.", "Mở ngày 01 tháng 9 năm 2026."),
        ("Mở ngày 1.9.2026.", "Mở ngày 01-9-2026."),
    ],
)
def test_a_number_written_another_way_is_a_change_of_text(before: str, after: str) -> None:
    assert classes_of(before, after) == ["text"]


@pytest.mark.parametrize(
    ("before", "after", "classes"),
    [
        ("Chi 5 tỷ đồng.", "Chi 7 tỷ đồng.", ["number"]),
        ("Theo 12/QĐ-UBND của huyện.", "Theo 13/QĐ-UBND của huyện.", ["number"]),
        ("Mở ngày 1/9/2026.", "Mở ngày 2/9/2026.", ["date"]),
        ("Giảm 2 điểm phần trăm.", "Giảm 2 phần trăm.", ["number", "text"]),
        ("Chi 5 tỷ đồng. Ông A nói.", "Chi 7 tỷ đồng. Ông B nói.", ["number", "name"]),
        ("Chi 5 tỷ đồng.", "Chi 7 tỷ đồng cho trường học.", ["number", "text"]),
    ],
)
def test_a_number_or_date_that_changed_is_told(before: str, after: str, classes: list[str]) -> None:
    assert classes_of(before, after) == classes


@pytest.mark.parametrize("word", ["12", "5 tỷ", "w{i}"])
def test_long_texts_of_words_that_come_again_take_linear_time(word: str) -> None:
    def seconds(count: int) -> float:
        kept = [word.format(i=i) for i in range(count)]
        before, after = (" ".join(f"{one} {side}" for one in kept) for side in "xy")
        assert classify_change(["body"], [before], after=[after], numbers=[]) == ["text"]
        return least_seconds(lambda: classify_change(["body"], [before], after=[after], numbers=[]))

    assert is_linear(seconds, 4_000, at_least=0.05)
