"""Texts of files compared: what is shown of them, and that no size makes it slow."""

import random
from collections.abc import Sequence
from time import process_time

import pytest

from crawler.web.attachment.comparison import MOST_COMPARED, MOST_SHOWN, FileComparison, compare_files_texts
from crawler.web.attachment.lines import align_lines
from crawler.web.attachment.queries import FileText


def file(text: str, method: str = "pdf", *, starts: tuple[int, ...] = ()) -> FileText:
    return FileText(
        "0" * 64, "a", "x/y", 1, 1, url=None, fetched_at=None, is_read=True, text=text, method=method,
        is_ocr=False, reason=None, detail=None, pages=None, is_cut=False, doubts=(), starts=starts,
    )  # fmt: skip


def compare(before: str, after: str, method: str = "pdf") -> FileComparison:
    return compare_files_texts(file(before, method), file(after, method), most=MOST_SHOWN)


def pieces(compared: FileComparison) -> list[tuple[str, str]]:
    return [
        (piece.kind, piece.text)
        for stretch in compared.stretches
        for paragraph in stretch.changed
        for piece in paragraph.pieces
        if piece.kind != "same"
    ]


def test_a_row_that_came_into_a_table_is_the_only_change() -> None:
    rows = [f"{number}\t{number * 1000} đồng" for number in range(500)]
    compared = compare("\n".join(rows), "\n".join([*rows[:250], "mới\t7 đồng", *rows[250:]]), "xlsx")
    assert pieces(compared) == [("added", "mới\t7 đồng")]
    assert [(stretch.first[-1:], stretch.left_out) for stretch in compared.stretches if not stretch.changed] == [
        ((), 248),
        ((rows[251],), 248),
    ]


def test_a_change_is_said_to_be_on_its_page_of_each_file() -> None:
    first, second, third = (f"Trang {page}\nkhông đổi {page}\n" for page in ("một", "hai", "ba"))
    before, after = f"{first}{second}Tổng 5 tỷ đồng\n{third}", f"Bìa mới\n\n{first}{second}Tổng 9 tỷ đồng\n{third}"
    compared = compare_files_texts(
        file(before, starts=(0, len(first), before.index(third))),
        file(after, starts=(0, after.index(first), after.index(second), after.index(third))),
        most=MOST_SHOWN,
    )
    assert [one.pages for one in compared.stretches if one.changed] == [(None, (1, 1)), ((2, 2), (3, 3))]
    # What fills several pages is on all of them; a file of one page has no page to name.
    other = "\n".join(f"mới {number}" for number in range(6))
    (stretch,) = compare_files_texts(
        file(before, starts=(0, len(first), before.index(third))), file(other, starts=(0,)), most=MOST_SHOWN
    ).stretches
    assert stretch.pages == ((1, 3), None)


def test_numbers_of_rows_that_came_or_went_are_not_named_one_by_one() -> None:
    before, after = "A\t1 đồng\nB\t2 đồng\nC\t30 đồng", "A\t1 đồng\nC\t40 đồng\nD\t8 đồng"
    assert [(one.before, one.after) for one in compare(before, after, "xlsx").numbers] == [("30 đồng", "40 đồng")]
    assert ("", "8 đồng") in [(one.before, one.after) for one in compare(before, f"{before}\nD\t8 đồng").numbers]


@pytest.mark.parametrize("method", ["xlsx", "docx"])
def test_a_file_whose_table_has_another_unit_has_other_sums(method: str) -> None:
    text = "Đơn vị tính: {}\nSTT\tNội dung\tDự toán\tQuyết toán\n1\tXây cầu\t900\t880\n2\tLàm đường\t750\t700"
    found = compare(text.format("triệu đồng"), text.format("nghìn đồng"), method).numbers
    assert [(one.before, one.after) for one in found][:2] == [
        ("900 triệu đồng", "900 nghìn đồng"),
        ("880 triệu đồng", "880 nghìn đồng"),
    ]


def test_neighbouring_rows_are_compared_each_with_its_own() -> None:
    before = "A\t1 đồng\nB\t2 đồng\nC\t3 đồng"
    assert pieces(compare(before, "A\t1 đồng\nB\t5 đồng\nC\t6 đồng", "xlsx")) == [
        ("removed", "2"), ("added", "5"), ("removed", "3"), ("added", "6"),
    ]  # fmt: skip


def test_a_word_is_found_in_a_long_text_that_was_broken_into_other_lines() -> None:
    words = [f"từ{number % 3000}" for number in range(6000)]
    changed = [*words[:3100], "KHÁC", *words[3101:]]
    before, after = (
        "\n".join(" ".join(of[place : place + width]) for place in range(0, 6000, width))
        for of, width in ((words, 11), (changed, 13))
    )
    found = pieces(compare(before, after))
    assert ("added", "KHÁC") in found
    assert len(found) < 10


def test_lines_are_aligned_by_those_that_are_there_once() -> None:
    blocks = align_lines(["x", "a", "x", "b", "x"], ["x", "b", "x"])
    assert [(block.before, block.after) for block in blocks if not block.is_same] == [(("a", "x"), ())]
    assert align_lines([], []) == []
    for left, right in ((["a"], []), ([], ["a"]), (["a", "b"], ["b", "a"])):
        found = align_lines(left, right)
        assert [line for block in found for line in block.before] == left
        assert [line for block in found for line in block.after] == right


def test_more_changes_than_a_page_shows_are_counted() -> None:
    before = [f"dòng {number}" for number in range(1500)]
    after = [f"{line} mới" if number % 2 else line for number, line in enumerate(before)]
    compared = compare("\n".join(before), "\n".join(after))
    shown = sum(len(stretch.changed) for stretch in compared.stretches)
    assert (shown, compared.more) == (MOST_SHOWN, 750 - MOST_SHOWN)


def test_what_is_beyond_the_limit_is_said_not_to_be_compared() -> None:
    compared = compare("a b\n" * MOST_COMPARED, "a b\n" * MOST_COMPARED + "c")
    assert (compared.is_equal, compared.is_cut) == (True, True)
    assert not compare("a", "b").is_cut


@pytest.mark.parametrize("name", ["random", "reversed", "one line", "same lines", "once each", "gaps"])
def test_no_pair_of_texts_takes_long(name: str) -> None:
    chance = random.Random(1)
    numbers = [str(number) for number in range(40_000)]
    texts = {
        "random": ["\n".join(chance.choice("abc") for _ in range(100_000)) for _ in range(2)],
        "reversed": ["\n".join(numbers), "\n".join(numbers[::-1])],
        "one line": ["x y " * 50_000, "y x " * 50_000],
        "same lines": ["a\n" * 100_000, "b\n" * 100_000],
        "once each": [
            "\n".join(f"Trang {n} có {n * 7}" for n in range(8000)),
            "\n".join(f"tệp {n} là x{n}" for n in range(8000)),
        ],
        "gaps": ["\n".join(chance.choice("abc") if n % 400 else f"mốc {n}" for n in range(80_000)) for _ in range(2)],
    }[name]
    began = process_time()
    compare(*texts)
    # Measured: at most 2.5 s; without bounds minutes.
    assert process_time() - began < 15


@pytest.mark.parametrize("method", ["pdf", "xlsx"])
def test_a_replaced_table_of_sums_is_compared_in_dong(method: str) -> None:
    before = "Đơn vị tính: triệu đồng\nTT Nội dung Kinh phí\n1 Xây cầu treo 900\n2 Làm đường 1.200\nTổng cộng 2.100"
    compared = compare(before, before.replace("900", "950").replace("2.100", "2.150"), method)
    assert [(one.kind, one.before, one.after) for one in compared.numbers][:1] == [
        ("money", "900 triệu đồng", "950 triệu đồng")
    ]
    counted = before.replace("Kinh phí", "Số hộ")
    assert [one.kind for one in compare(counted, counted.replace("900", "950"), method).numbers] == ["number"]


ROWS = (("Cầu treo Nậm Lốt", "1.250", "1.200"), ("Đường Tả Van", "3.400", "3.350"), ("Trường Má Tra", "640", "600"))


def plan(rows: Sequence[tuple[str, str, str]], head: str = "Dự toán\tQuyết toán") -> str:
    lines = ["\t".join((str(place), *row)) for place, row in enumerate(rows, 1)]
    return "\n".join(("Đơn vị tính: triệu đồng", f"STT\tTên công trình\t{head}", *lines))


@pytest.mark.parametrize("method", ["docx", "pdf"])
def test_rows_of_any_file_are_compared_each_by_its_name_and_heads(method: str) -> None:
    def told(after: str) -> list[tuple[str, str]]:
        texts = [one.replace("\t", " ") if method == "pdf" else one for one in (plan(ROWS), after)]
        return [(one.before, one.after) for one in compare(*texts, method).numbers]

    swapped = [(name, last, first) for name, first, last in ROWS]
    assert told(plan(swapped, "Quyết toán\tDự toán")) == []
    assert told(plan(swapped))[:2] == [
        ("1.250 triệu đồng", "1.200 triệu đồng"),
        ("1.200 triệu đồng", "1.250 triệu đồng"),
    ]
    moved = (("Trường Má Tra", "700", "600"), *ROWS[:2])
    assert told(plan(moved)) == [("640 triệu đồng", "700 triệu đồng")]
