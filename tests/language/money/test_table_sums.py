"""Sums in the cells of tables, whose unit stands in a head: which cells are sums, and which are not."""

import pytest

from crawler.language.changes.diff import diff_texts
from crawler.language.changes.number_changes import find_number_changes
from crawler.language.money.sums import find_sums
from crawler.language.money.table_sums import by_line, find_in_html, find_table_sums, merge_sums, place_sums
from crawler.language.tables.text_lines import read_lined_tables

ABOVE = "Đơn vị tính: triệu đồng"
Rows = tuple[tuple[str, ...], ...]


def make_html(above: str, rows: Rows) -> str:
    made = "".join(f"<tr>{''.join(f'<td><p>{cell}</p></td>' for cell in row)}</tr>" for row in rows)
    return f"<p>{above}</p><table><tbody>{made}</tbody></table>"


def make_body(above: str, rows: Rows) -> str:
    """Make the text that the reader of pages makes of such a table."""
    return "\n\n".join(filter(None, (above, *(" ".join(cell for cell in row if cell) for row in rows))))


def in_table(above: str, *rows: tuple[str, ...]) -> list[tuple[str, int | None]]:
    body = make_body(above, rows)
    return [(body[one.start : one.end], one.dong) for one in find_in_html(make_html(above, rows), body)]


def in_lines(text: str, *, is_sheet: bool = False) -> list[tuple[str, int | None]]:
    found = find_table_sums(read_lined_tables(text, is_sheet=is_sheet), is_sheet=is_sheet)
    return [(text[one.start : one.end], one.dong) for one in found]


@pytest.mark.parametrize(
    ("above", "head", "dong"),
    [
        (ABOVE, "Kinh phí", 900_000_000),
        ("(ĐVT: 1.000 đồng)", "Dự toán", 900_000),
        ("Đơn vị: tỷ đồng", "Năm 2024", 900_000_000_000),
        ("Biểu 3. Đơn vị tính: trđ", "Vốn", 900_000_000),
        ("", "Kinh phí (triệu đồng)", 900_000_000),
        ("", "Số tiền (nghìn đồng)", 900_000),
        ("", "Giá trị (tr.đ)", 900_000_000),
        ("", "Triệu đồng", 900_000_000),
        ("", "Kinh phí (ĐVT: triệu đồng)", 900_000_000),
        # The unit of a column is nearer than that of the table.
        (ABOVE, "Quy đổi (tỷ đồng)", 900_000_000_000),
    ],
)
def test_a_cell_has_the_unit_of_its_head(above: str, head: str, dong: int) -> None:
    assert in_table(above, ("TT", "Nội dung", head), ("1", "Xây cầu treo", "900")) == [("900", dong)]


@pytest.mark.parametrize(
    "head",
    [
        "Tỷ lệ (%)", "Số hộ", "Số lượng", "Diện tích (ha)", "STT", "Năm", "Năm xây dựng", "Mã số", "Số quyết định",
        "Đơn giá (đồng/m2)", "Thời gian thực hiện", "Mức hỗ trợ (triệu đồng/hộ)", "So với cùng kỳ", "Trang", "",
        "Số hộ được vay (triệu đồng)", "Vốn (triệu đồng hoặc tỷ đồng)", "Ghi chú", "Vốn (USD)", "Biên bản của hội đồng",
    ],
)  # fmt: skip
def test_a_column_that_counts_or_measures_something_else_has_no_sums(head: str) -> None:
    rows = (("TT", "Nội dung", head, "Kinh phí"), ("1", "Xây cầu treo", "900", "1.250"))
    assert in_table(ABOVE, *rows) == [("1.250", 1_250_000_000)]


@pytest.mark.parametrize("above", ["", "Đơn vị tính: hộ", "Đơn vị tính: triệu đồng/hộ", "Đơn vị: Hội đồng nhân dân"])
def test_without_a_unit_no_cell_is_a_sum(above: str) -> None:
    assert in_table(above, ("Nội dung", "Kinh phí"), ("Xây cầu", "900")) == []


@pytest.mark.parametrize(
    "cell", ["50%", "2024", "- 900", "12 50", "900 hộ", "1,500", "x", "-", "0", "5.000.000.000", "3/4", "12.5.7"]
)
def test_a_cell_that_disagrees_with_its_head_is_no_sum(cell: str) -> None:
    """A year alone, a share, what can be read in two ways, and a number too large for its unit."""
    assert in_table(ABOVE, ("Nội dung", "Kinh phí"), ("Xây cầu", cell)) == []


@pytest.mark.parametrize(
    ("cell", "dong"), [("12 500 000", 12_500_000), ("-900.000", -900_000), ("−12 500", -12_500), ("–1.200", -1_200)]
)
def test_a_cell_of_its_own_shows_groups_parted_by_spaces_and_a_minus_sign(cell: str, dong: int) -> None:
    assert in_table("Đơn vị: đồng", ("Nội dung", "Kinh phí"), ("Xây cầu", cell)) == [(cell, dong)]


def test_a_table_shows_how_it_writes_numbers() -> None:
    head = ("Nội dung", "Kinh phí")
    assert in_table(ABOVE, head, ("Cầu", "1,500.5"), ("Đường", "1,500")) == [
        ("1,500.5", 1_500_500_000),
        ("1,500", 1_500_000_000),
    ]
    assert in_table(ABOVE, head, ("Cầu", "12,5"), ("Đường", "1.500")) == [
        ("12,5", 12_500_000),
        ("1.500", 1_500_000_000),
    ]
    # Points that part groups, and points that begin a part of one: no number with signs is sure.
    assert in_table(ABOVE, head, ("Cầu", "1.234.567"), ("Đường", "12.5"), ("Kè", "900")) == [("900", 900_000_000)]
    assert in_table(ABOVE, head, ("Cầu", "12.5"), ("Đường", "1.500")) == [("12.5", 12_500_000)]


def test_heads_over_several_columns_and_rows_are_read_with_the_columns_below() -> None:
    html = (
        f"<p>{ABOVE}</p><table><tr><th rowspan='2'>TT</th><th rowspan='2'>Nội dung</th><th colspan='2'>Kinh phí</th>"
        "<th rowspan='2'>Số hộ</th></tr><tr><td>Năm 2023</td><td>Tỷ lệ (%)</td></tr>"
        "<tr><td>A</td><td>B</td><td>1</td><td>2</td><td>3</td></tr>"
        "<tr><td>1</td><td>Xây cầu</td><td>900</td><td>45</td><td>12</td></tr></table>"
    )
    body = f"{ABOVE}\n\nTT Nội dung Kinh phí Số hộ\n\nNăm 2023 Tỷ lệ (%)\n\nA B 1 2 3\n\n1 Xây cầu 900 45 12"
    [found] = find_in_html(html, body)
    assert (body[found.start : found.end], found.start, found.unit) == ("900", body.index("900"), "triệu đồng")


def test_a_column_of_units_says_which_rows_are_money() -> None:
    rows = (
        ("Chỉ tiêu", "ĐVT", "Kế hoạch", "Thực hiện", "So sánh (%)"),
        ("Thu ngân sách", "Triệu đồng", "1.200", "1.350", "112,5"),
        ("Hộ nghèo", "Hộ", "340", "310", "91"),
        ("Giá trị sản xuất", "Tỷ đồng", "15", "17", "113"),
    )
    assert in_table("", *rows) == [
        ("1.200", 1_200_000_000), ("1.350", 1_350_000_000), ("15", 15_000_000_000), ("17", 17_000_000_000),
    ]  # fmt: skip


def test_another_head_among_the_rows_says_what_is_below_it() -> None:
    rows = (
        ("TT", "Nội dung", "Kế hoạch", "Thực hiện"),
        ("1", "Xây cầu", "900", "850"),
        ("TT", "Hỗ trợ cây giống", "Số hộ", "Diện tích (ha)"),
        ("1", "Lê Tai nung", "45", "120"),
        ("TT", "Nguồn", "Số hộ", "Kinh phí"),
        ("1", "Dự án", "31", "700"),
    )
    assert [said for said, _ in in_table(ABOVE, *rows)] == ["900", "850", "700"]


@pytest.mark.parametrize("digits", ["9" * 30, "9" * 100_000])
def test_a_number_longer_than_any_sum_is_none(digits: str) -> None:
    assert in_table(ABOVE, ("Nội dung", "Kinh phí"), ("Xây cầu", digits)) == []


def test_a_row_that_the_body_does_not_have_is_passed_over() -> None:
    rows = (("Nội dung", "Kinh phí"), ("Xây cầu", "900"), ("Làm đường", "1.200"))
    body = make_body(ABOVE, rows).replace("Xây cầu 900", "Xây 900")
    found = find_in_html(make_html(ABOVE, rows), body)
    assert [body[one.start : one.end] for one in found] == ["1.200"]


def test_a_table_around_a_table_serves_the_layout() -> None:
    inner = "<table><tr><td>Nội dung</td><td>Kinh phí</td></tr><tr><td>Cầu</td><td>900</td></tr></table>"
    html = f"<table><tr><td><p>{ABOVE}</p>{inner}</td><td>Số 12</td></tr></table>"
    body = f"{ABOVE}\n\nNội dung Kinh phí\n\nCầu 900\n\nSố 12"
    assert [body[one.start : one.end] for one in find_in_html(html, body)] == ["900"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"{ABOVE}\nTT Nội dung Dự toán\n1 Xây cầu 900\n2 Trường số 2 1.200\n3 Trường số 3\n", ["900", "1.200"]),
        ("TT Nội dung Kinh phí (triệu đồng)\n1 Xây cầu 900\n2 Làm đường 1.200\n", ["900", "1.200"]),
        ("ĐVT: 1.000 đồng\nNội dung Kế hoạch Thực hiện\nCầu 9.000 8.000\nĐường 1.200 850\n",
         ["9.000", "8.000", "1.200", "850"]),
        # A column that counts, one that nobody knows, and one of years.
        (f"{ABOVE}\nTT Nội dung Số hộ Kinh phí\n1 Cầu 45 1.900\n2 Đường 4 1.200\n", ["1.900", "1.200"]),
        (f"{ABOVE}\nNội dung Trang Kinh phí Ghi chú\nCầu 45 1.900\nĐường 4 1.200\n", ["1.900", "1.200"]),
        (f"{ABOVE}\nNội dung Kế hoạch Thực hiện Tỷ lệ (%)\nCầu 9.000 4.500 50\nĐường 1.000 1.200 120\n",
         ["9.000", "4.500", "1.000", "1.200"]),
        ("TT Nội dung Số hộ Kinh phí (triệu đồng)\n1 Cầu 45 1.900\n2 Đường 4 1.200\n", ["1.900", "1.200"]),
        # The same, where the words of the head do not show where a column begins, or in two lines.
        (f"{ABOVE}\nnội dung số hộ kinh phí\nCầu 45 1.900\nĐường 4 1.200\n", []),
        (f"{ABOVE}\nTT Nội dung Kinh phí\nSố hộ Tổng số\n1 Cầu 45 1.900\n2 Đường 4 1.200\n", []),
        # A column of the head is empty: which one, nobody knows.
        (f"{ABOVE}\nNội dung Số hộ Kinh phí\nCầu 45\nĐường 40\n", []),
        (f"{ABOVE}\nNội dung Vốn Trung ương Vốn Địa phương\nCầu 9.000 8.000\nĐường 7.000 6.000\n", []),
        (f"{ABOVE}\nNội dung Vốn giao Vốn\nCầu 2023 900\nĐường 2024 1.200\n", ["900", "1.200"]),
        # Groups parted by spaces, or two columns.
        (f"{ABOVE}\nNội dung Kế hoạch Thực hiện\nCầu 12 900\nĐường 4 200\n", []),
        # Two columns: a tab parts them, or other rows part groups by points.
        (f"{ABOVE}\nNội dung\tKế hoạch\tThực hiện\nCầu\t12\t900\nĐường\t4\t200\n", ["12", "900", "4", "200"]),
        (f"{ABOVE}\nNội dung Kế hoạch Thực hiện\nCầu 12 900\nĐường 1.200 900\nKè 1.400 -\n",
         ["12", "900", "1.200", "900", "1.400"]),
        # One row is no table, prose is none.
        (f"{ABOVE}\nNội dung Kinh phí\nXây cầu 900\n", []),
        ("(đơn vị: đồng)\nXã đã hỗ trợ cho 4500\nhộ nghèo và 1200\ncon bò của xã.\n", []),
        ("Quyết định số 12\nXây cầu 900\nĐường 1.200\n", []),
    ],
)  # fmt: skip
def test_lines_of_a_file_are_rows_only_where_nothing_else_is_possible(text: str, expected: list[str]) -> None:
    assert [said for said, _ in in_lines(text)] == expected


def test_cells_of_a_workbook_are_never_parted_by_spaces() -> None:
    text = f"{ABOVE}\nNội dung Kế hoạch Thực hiện\nCầu 12 900\nĐường 4 1,200\n"
    assert [dong for _, dong in in_lines(text, is_sheet=True)] == [12_000_000, 900_000_000, 4_000_000, 1_200_000_000]


def test_what_the_words_say_of_a_cell_is_said_once() -> None:
    rows = (("Nội dung", "Kinh phí"), ("Cầu", "900"), ("Đường", "300 triệu đồng"), ("Tổng cộng", "1.200"))
    body = make_body(ABOVE, rows)
    said = sorted(find_sums(body), key=lambda one: one.start)
    found = merge_sums(said, find_in_html(make_html(ABOVE, rows), body))
    assert [one.dong for one in found] == [900_000_000, 300_000_000, 1_200_000_000]


def test_a_line_that_stands_twice_with_another_meaning_has_no_sums() -> None:
    text = "900\n900\nCầu 5"
    rows = (("Nội dung", "Kinh phí"), ("Cầu", "900"))
    body = make_body(ABOVE, rows)
    lines = by_line(body, find_in_html(make_html(ABOVE, rows), body))
    assert [one.start for one in place_sums(f"x\n{body}", lines)] == [body.index("900") + 2]
    moved = [next(iter(lines.values()))[0]]
    assert by_line(text, [type(moved[0])(moved[0].amount, "VND", None, 0, 3, 3, 3, "triệu đồng")]) == {}


def test_a_replaced_table_is_compared_in_dong() -> None:
    head = ("TT", "Nội dung", "Kinh phí", "Số hộ")
    before = (head, ("1", "Xây cầu treo Nậm Cang", "900", "45"), ("2", "Làm đường Tả Van", "1.200", "60"))
    after = (head, ("1", "Xây cầu treo Nậm Cang", "1.500", "40"), ("2", "Làm đường Tả Van", "1.200", "60"))
    bodies = [make_body(ABOVE, rows) for rows in (before, after)]
    lines = [
        by_line(body, find_in_html(make_html(ABOVE, rows), body))
        for body, rows in zip(bodies, (before, after), strict=True)
    ]
    found = find_number_changes(diff_texts(*bodies), tables=(lines[0], lines[1]))
    assert [(one.kind, one.before, one.after) for one in found] == [
        ("money", "900 triệu đồng", "1.500 triệu đồng"),
        ("number", "45", "40"),
    ]


@pytest.mark.parametrize(
    "piece", ["<table><tr><td>", "<tr><td>1</td>", "<td rowspan='99' colspan='99'>đồng", "<p>ĐVT: đồng</p><table>"]
)
def test_long_runs_of_tags_take_linear_time(piece: str) -> None:
    html = f"<p>{ABOVE}</p><table><tr><td>đồng</td></tr>{piece * (200_000 // len(piece))}"
    assert find_in_html(html, "x\n\n" * 1000) == []


def test_long_runs_of_lines_take_linear_time() -> None:
    for line in ("ĐVT: đồng\n", "Cầu 5\n", "ĐVT: đồng\nCầu 900.000\nĐường 900.000\n", "1 " * 200):
        assert in_lines(f"{ABOVE}\n{line * (200_000 // len(line))}") is not None
