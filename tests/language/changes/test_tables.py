"""Numbers of changed tables: rows are paired by their words, cells by their heads; a unit is part of a value."""

import pytest

from crawler.language.changes.diff import diff_texts
from crawler.language.changes.number_changes import find_number_changes
from crawler.language.money.table_sums import by_line, find_in_html

Row = tuple[str, ...]
Change = tuple[str, str, str]
HEAD = ("STT", "Nội dung", "Dự toán", "Quyết toán")
ROWS = (
    ("1", "Xây cầu Nậm Lốt", "900", "880"),
    ("2", "Làm đường Tả Van", "1.250", "1.200"),
    ("3", "Sửa trường Má Tra", "640", "600"),
    ("", "Tổng cộng", "2.790", "2.680"),
)


def table(*rows: Row, head: Row = HEAD, unit: str = "triệu đồng") -> tuple[str, str]:
    """Make a table as the portal has it, and the text that its reader makes of it."""
    above = f"ĐVT: {unit}"
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in (head, *rows))
    text = "\n\n".join((above, *(" ".join(filter(None, row)) for row in (head, *rows))))
    return f"<p>{above}</p><table>{cells}</table>", text


def changes(before: tuple[str, str], after: tuple[str, str]) -> list[Change]:
    (old_html, old), (new_html, new) = before, after
    tables = (by_line(old, find_in_html(old_html, old)), by_line(new, find_in_html(new_html, new)))
    return [(one.kind, one.before, one.after) for one in find_number_changes(diff_texts(old, new), tables=tables)]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("triệu đồng", "tỷ đồng", ("triệu đồng", "tỷ đồng")), ("1.000 đồng", "triệu đồng", ("nghìn đồng", "triệu đồng"))],
)
def test_the_same_figures_under_another_unit_are_other_sums(old: str, new: str, said: tuple[str, str]) -> None:
    found = changes(table(*ROWS, unit=old), table(*ROWS, unit=new))
    assert ("money", f"900 {said[0]}", f"900 {said[1]}") in found
    assert len(found) == 8


def test_a_unit_in_the_head_of_one_column_changes_that_column_alone() -> None:
    new = (*HEAD[:3], "Quyết toán (nghìn đồng)")
    assert changes(table(*ROWS[:2]), table(*ROWS[:2], head=new)) == [
        ("money", "880 triệu đồng", "880 nghìn đồng"),
        ("money", "1.200 triệu đồng", "1.200 nghìn đồng"),
    ]


def test_a_row_that_comes_changes_no_other_row_and_no_number_of_place() -> None:
    came = ("1", "Nạo vét mương Lao Chải", "300", "290")
    pushed = [(str(place), *row[1:]) for place, row in enumerate(ROWS[:3], 2)]
    found = changes(table(*ROWS), table(came, *pushed, ("", "Tổng cộng", "3.090", "2.970")))
    assert found == [
        ("money", "", "300 triệu đồng"),
        ("money", "", "290 triệu đồng"),
        ("money", "2.790 triệu đồng", "3.090 triệu đồng"),
        ("money", "2.680 triệu đồng", "2.970 triệu đồng"),
    ]


def test_rows_that_moved_are_compared_with_what_they_were() -> None:
    moved = (("1", *ROWS[2][1:]), ("2", *ROWS[0][1:]), ("3", *ROWS[1][1:]), ROWS[3])
    assert changes(table(*ROWS), table(*moved)) == []
    moved = (("1", "Sửa trường Má Tra", "700", "600"), *moved[1:])
    assert changes(table(*ROWS), table(*moved)) == [("money", "640 triệu đồng", "700 triệu đồng")]


def test_cells_are_paired_by_their_heads_wherever_the_columns_stand() -> None:
    """Values that changed places under the same heads changed; columns that changed places did not."""
    swapped = tuple((*row[:2], row[3], row[2]) for row in ROWS)
    assert ("money", "900 triệu đồng", "880 triệu đồng") in changes(table(*ROWS), table(*swapped))
    assert changes(table(*ROWS), table(*swapped, head=(*HEAD[:2], HEAD[3], HEAD[2]))) == []
    wider = tuple((*row[:2], "5.000", *row[2:]) for row in ROWS[:1])
    found = changes(table(*ROWS[:1]), table(*wider, head=(*HEAD[:2], "Kế hoạch", *HEAD[2:])))
    assert found == [("money", "", "5.000 triệu đồng")]


def test_a_row_with_other_words_did_not_change_its_numbers() -> None:
    new = (("1", "Trồng rừng phòng hộ", "4.100", "4.000"), ("2", "Mua trâu giống", "75", "70"))
    assert all(not (before and after) for _, before, after in changes(table(*ROWS[:3]), table(*new)))


def test_rows_with_units_of_their_own_are_paired_by_their_names_in_any_order() -> None:
    head = "STT Xã Số hộ Kinh phí"
    rows = ("1 Mường Pung 6.695 534 triệu đồng", "2 Pa Hốc 3.328 19,1 tỷ đồng", "3 Nà Ư 779 60 triệu đồng")
    before = "\n\n".join((head, *rows))
    rows = ("1 Nà Ư 781 85 triệu đồng", "2 Dền Tả 191 33 triệu đồng", "3 Mường Pung 3.850 51,5 tỷ đồng")
    after = "\n\n".join((head, *rows))
    found = [(one.before, one.after) for one in find_number_changes(diff_texts(before, after))]
    assert [pair for pair in found if all(pair)] == [
        ("779", "781"),
        ("60 triệu đồng", "85 triệu đồng"),
        ("6.695", "3.850"),
        ("534 triệu đồng", "51,5 tỷ đồng"),
    ]
    assert {one for pair in found for one in pair}.isdisjoint({"1", "2", "3"})


def test_a_long_list_in_another_order_has_no_changed_number() -> None:
    names = ["".join(chr(97 + place // 26**power % 26) for power in range(4)) for place in range(1500)]
    before, after = (
        "\n\n".join(f"{place} Hộ {name} ở thôn {len(name) * 7} triệu đồng" for place, name in enumerate(order, 1))
        for order in (names, [*names[750:], *names[:750]])
    )
    assert find_number_changes(diff_texts(before, after)) == ()


def test_signs_and_groups_of_cells_are_read() -> None:
    (old, new), head = (("12 500 000", "-250.000"), ("12.500.000", "250.000")), ("TT", "Nội dung", "Thu", "Chi")
    old_row, new_row = ("1", "Chi sự nghiệp", *old), ("1", "Chi sự nghiệp", *new)
    assert changes(table(old_row, head=head, unit="đồng"), table(new_row, head=head, unit="đồng")) == [
        ("money", "-250.000 đồng", "250.000 đồng")
    ]


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        # The numbers of items move with what is inserted above.
        ("1. Giải pháp\n\n2. Tổ chức", "1. Mục tiêu\n\n2. Giải pháp\n\n3. Tổ chức", []),
        ("3 HTX được thành lập", "5 HTX được thành lập", [("number", "3", "5")]),
        ("3 HTX được lập năm 2024", "5 HTX được lập năm 2024", [("number", "3", "5")]),
        ("Đêm lạnh -2 độ C tại đèo", "Đêm lạnh 2 độ C tại đèo", [("number", "-2", "2")]),
        ("- 12 hộ nghèo thoát nghèo", "- 14 hộ nghèo thoát nghèo", [("number", "12 hộ", "14 hộ")]),
        ("-12 hộ nghèo thoát nghèo", "- 12 hộ nghèo thoát nghèo", []),
    ],
)
def test_numbers_of_place_and_signs_in_running_text(before: str, after: str, found: list[Change]) -> None:
    assert [(one.kind, one.before, one.after) for one in find_number_changes(diff_texts(before, after))] == found
