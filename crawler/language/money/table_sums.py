"""Find the sums in tables whose unit is in the head of a column, above the table, or in a column of units. Pure.

A cell is a sum only if a unit is stated for it and the head of its column names money and nothing else. Where
head and cell disagree, nothing is said of the cell.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from crawler.language.money.amounts import GROUPS, SHORT_UNIT, TABLE_UNIT, UNIT, read_number, scale_of
from crawler.language.money.sums import Sum
from crawler.language.normal_form import compose
from crawler.language.tables.grids import Cell, Table
from crawler.language.tables.stored_html import read_tables

# No table of an office has a larger sum: then the unit of the head is not that of the cell. The budget of the state has
# 2.5 million tỷ.
_LARGEST, _LEAST = 10**15, 1000

# A minus sign is directly before its number. Only a separate cell shows that spaces part groups of one number.
_SIGNED = "[-–−]?"
_NUMBER = re.compile(f"{_SIGNED}(?:{GROUPS})")
_SPACED = re.compile(f"{_SIGNED}[0-9]{{1,3}}(?: [0-9]{{3}})+")
_YEAR = re.compile("(?:19|20)[0-9]{2}")
_LETTER = re.compile(r"[^\W\d_]")
# A unit in the head of a column: "Kinh phí (triệu đồng)", "Thành tiền (đ)", "Triệu đồng", "ĐVT: 1.000đ".
_CURRENCY = r"(?i:đồng|vnđ|vnd|đ)(?!\w)"
_MAGNITUDE = rf"(?P<unit>{UNIT}|{SHORT_UNIT}\.?|1[.,]?000)\s?"
_HEAD_UNIT = re.compile(
    rf"(?:^|[(:\[;,–-])\s?(?:{_MAGNITUDE})?{_CURRENCY}(?=\s?(?:[)\]:;,.]|$))"
    rf"|(?<![\w.,])(?P<alone>{UNIT})\s(?i:đồng)(?!\w|\s?/)"
)
_SPELT = {"tr": "triệu", "ng": "nghìn", "k": "nghìn"}
_CELL_UNIT = re.compile(rf"(?:{_MAGNITUDE})?{_CURRENCY}")
_UNIT_COLUMN = re.compile(r"(?i:đvt|đơn vị(?: tính)?)\.?")
# What is counted, measured, named or compared, and prices of one piece.
_OTHER = re.compile(
    r"(?i:%|/|\b(?:stt|tt|số tt|thứ tự|tỷ lệ|tỉ lệ|tỷ trọng|tỉ trọng|tốc độ|tăng|giảm|so với|so sánh|số lượng"
    r"|khối lượng|sản lượng|năng suất|công suất|quy mô|diện tích|chiều dài|đơn giá|định mức|(?<!tổng )mức|hệ số|mã"
    r"|ký hiệu|điện thoại|tài khoản|thời gian|thời hạn|ghi chú|đợt|lần|tuổi|năm sinh|biên chế|ha|km2?|km²|m[23²³]|kg"
    r"|tấn|tạ|người|hộ|khẩu|lượt|học sinh|usd|euro|đô la|số (?:dự án|công trình|xã|thôn|bản|cháu|con|cây|buổi|ngày"
    r"|tháng|tờ|thửa|văn bản|quyết định|nhà|phòng|lớp|trường|đơn vị|hồ sơ|vụ|trường hợp|suất|tiết|giờ|hiệu|phiếu"
    r"|hóa đơn|hoá đơn|qđ))\b|^\s*năm\s*$|\bnăm (?:xây|khởi|hoàn|thực hiện|hỗ trợ|phê|sử dụng))"
)
_MONEY = re.compile(
    r"(?i:\b(?:kinh phí|số tiền|thành tiền|tiền|dự toán|quyết toán|vốn|thu|chi|giá trị|tổng|cộng|kế hoạch|thực hiện|ước"
    r"|ngân sách|ns\w{0,4}|nstw|nsđp|lương|phí|lệ phí|thuế|nộp|doanh thu|lợi nhuận|giải ngân|hỗ trợ|đầu tư|nguồn"
    r"|tạm ứng|thanh toán|dư nợ|nợ|số dư|trúng thầu|giá gói thầu|điều chỉnh|trung ương|địa phương|tỉnh|huyện"
    r"|(?:năm )?(?:19|20)[0-9]{2}|quý [1-4iv]+|tháng [0-9]{1,2})\b)"
)
# Signs by which a table shows how it writes numbers. One comma or point before three figures shows nothing.
_VIETNAMESE = re.compile(
    r"[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})|0,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]{1,3}(?:\.[0-9]{3}){2,}"
)
_FOREIGN = re.compile(
    r"[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})|0\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+|[0-9]{1,3}(?:,[0-9]{3}){2,}"
)
_TYPED_OR_SHORT = re.compile(r"[0-9]{1,3}[.,][0-9]{3}")
# Columns of a lined table that have no numbers after the label.
_BESIDE = re.compile(r"(?i:^\s*(?:stt|tt|số tt)\b|\bghi chú\b)")
_MAY_STATE = re.compile(r"(?i:đồng|vn[đd]|(?<!\w)(?:tr|ng)?\.?đ(?!\w))")
# A head names this many columns with numbers, at least.
_LEAST_NAMED = 2
_ORDINAL = re.compile(r"\(?[A-Za-z0-9]{1,2}\)?(?:\s?=.*)?")


# The sums of tables by the line that has them, their places counted from its beginning.
TableLines = Mapping[str, tuple[Sum, ...]]


@dataclass(frozen=True, slots=True)
class _Columns:
    """The head of a table: the texts over each column, the unit of the whole table, the column of units (or None).

    `count` is the number of columns with numbers.
    """

    count: int
    heads: dict[int, tuple[str, ...]]
    unit: str | None
    of_units: int | None


def find_table_sums(tables: Sequence[Table], *, is_sheet: bool = False) -> Iterator[Sum]:
    """Yield the sums in the cells of tables, table by table; `unit` of each is the unit that its head states.

    Args:
        tables: with the places of their cells; cells without one are passed over.
        is_sheet: whether they are of a workbook, in whose numbers our reader parts the groups by commas.
    """
    for table in tables:
        for rows in _cut_sections(table.rows):
            first = next((place for place, row in enumerate(rows) if _has_values(row)), len(rows))
            numbered = {cell.column for row in rows[first:] for cell in row if _is_value(cell)}
            columns = _read_columns(table, rows[:first], count=len(numbered))
            yield from _find_in_rows(table, rows[first:], columns=columns, is_sheet=is_sheet)


def _cut_sections(rows: Sequence[tuple[Cell, ...]]) -> Iterator[Sequence[tuple[Cell, ...]]]:
    """Cut a table where another head begins among its rows: the columns below may mean something else."""
    start, has_values = 0, False
    for place, row in enumerate(rows):
        if has_values and _is_head(row):
            yield rows[start:place]
            start, has_values = place, False
        has_values = has_values or _has_values(row)
    yield rows[start:]


def _is_head(row: Sequence[Cell]) -> bool:
    named = [cell for cell in row if cell.column > 0 and (_OTHER.search(cell.text) or _MONEY.search(cell.text))]
    return len(named) >= _LEAST_NAMED and not any(_is_number(cell.text) for cell in row)


def _is_value(cell: Cell) -> bool:
    return cell.column > 0 and _is_number(cell.text)


def _is_number(text: str) -> bool:
    return _NUMBER.fullmatch(text) is not None or _SPACED.fullmatch(text) is not None


def _has_values(row: Sequence[Cell]) -> bool:
    """Return whether a row has a label and a number that is not a year, and does not number the columns."""
    numbers = [cell.text for cell in row if _is_number(cell.text)]
    labels = [cell.text for cell in row if _LETTER.search(cell.text)]
    if not numbers or not labels or all(map(_YEAR.fullmatch, numbers)):
        return False
    return not all(_ORDINAL.fullmatch(cell.text) for cell in row if cell.text)


def _read_columns(table: Table, head: Sequence[Sequence[Cell]], *, count: int) -> _Columns:
    unit = _read_table_unit(table.above)
    heads: dict[int, tuple[str, ...]] = {}
    for row in head:
        texts = [cell.text for cell in row if cell.text]
        if len(texts) == 1 and (stated := _read_table_unit(texts[0])) is not None:
            unit = stated
            continue
        if len(texts) == 1 and len(row) == 1 and not table.is_lined:
            continue  # the name of the table
        for cell in row:
            for column in range(cell.column, cell.column + cell.width):
                over = heads.get(column, ())
                heads[column] = over if cell.text in ("", *over) else (*over, cell.text)
    of_units = next((column for column, texts in heads.items() if texts and _UNIT_COLUMN.fullmatch(texts[-1])), None)
    return _Columns(count, heads, unit, of_units)


def _read_table_unit(text: str) -> str | None:
    """Return the unit that a line states for a whole table: "đồng", "triệu đồng"."""
    match = TABLE_UNIT.search(text)
    if match is None or TABLE_UNIT.search(text, match.end()) is not None:
        return None
    return _name(match["unit"])


def _name(magnitude: str | None) -> str:
    if not magnitude:
        return "đồng"
    words = " ".join(magnitude.lower().rstrip(".").split())
    return f"{_SPELT.get(words, 'nghìn' if words[0] == '1' else words)} đồng"


def _find_in_rows(table: Table, rows: Sequence[Sequence[Cell]], *, columns: _Columns, is_sheet: bool) -> Iterator[Sum]:
    values = [cell for row in rows for cell in row if _is_value(cell)]
    years = _find_years(values)
    style = "foreign" if is_sheet else _tell_style([cell.text.lstrip("-–−") for cell in values])
    units: dict[tuple[int, str | None], str | None] = {}
    unit = columns.unit
    for row in rows:
        texts = [cell for cell in row if cell.text]
        if len(texts) == 1 and (whole := _read_table_unit(texts[0].text)) is not None:
            unit = whole
        own = _read_row_unit(row, columns.of_units) if columns.of_units is not None else unit
        for cell in row:
            if cell.start is None or cell.width > 1 or cell.column in years or not _is_value(cell):
                continue
            key = (cell.column, own)
            if key not in units:
                units[key] = _tell_unit(columns, cell.column, own=own, is_lined=table.is_lined)
            if (stated := units[key]) is not None:
                head = _name_column(columns, cell.column, is_lined=table.is_lined)
                yield from _read_cell(cell, stated, style=style, head=head)


def _find_years(values: Sequence[Cell]) -> set[int]:
    """Return the columns that have years alone."""
    others = {cell.column for cell in values if not _YEAR.fullmatch(cell.text)}
    return {cell.column for cell in values} - others


def _tell_style(numbers: Sequence[str]) -> str:
    """Tell how a table writes its numbers; "mixed" where they contradict each other."""
    is_ours = any(map(_VIETNAMESE.fullmatch, numbers))
    is_foreign = any(map(_FOREIGN.fullmatch, numbers))
    return "mixed" if is_ours and is_foreign else "ours" if is_ours else "foreign" if is_foreign else "open"


def _read_row_unit(row: Sequence[Cell], column: int) -> str | None:
    """Return the unit that a row states in the column of units; None if it is not money."""
    text = next((cell.text for cell in row if cell.column == column), "")
    match = _CELL_UNIT.fullmatch(text)
    return _name(match["unit"]) if match else None


def _tell_unit(columns: _Columns, column: int, *, own: str | None, is_lined: bool) -> str | None:
    """Tell the unit of a column's numbers; None if they may be anything else.

    Args:
        columns: the head.
        column: which one.
        own: the unit of the table, or of the row.
        is_lined: whether the table was read from lines.
    """
    heads = columns.heads.get(column, ())
    label = columns.heads.get(0, ())
    is_one = is_lined and label == heads
    if is_one:
        heads = tuple(_BESIDE.sub(" ", text) for text in heads)
    elif is_lined and any(one.search(_BESIDE.sub(" ", text)) for text in label for one in (_OTHER, _MONEY)):
        return None  # the head names more columns than there are numbers: one of them is empty
    if not heads:
        return own if columns.count == 1 else None
    stated = {_name(match["unit"] or match["alone"]) for text in heads for match in _HEAD_UNIT.finditer(text)}
    if len(stated) > 1 or any(_OTHER.search(_HEAD_UNIT.sub(" ", text)) for text in heads):
        return None
    if stated and columns.of_units is None:
        return stated.pop() if columns.count == 1 or not is_one else None
    # One head over all numbers must name money as often as there are numbers.
    said = sum(len(_MONEY.findall(text)) for text in heads)
    return own if said >= (columns.count if is_one else 1) else None


def _name_column(columns: _Columns, column: int, *, is_lined: bool) -> str:
    """Return the words over a column, without its unit; "" if one head is over all columns."""
    heads = columns.heads.get(column, ())
    if is_lined and heads == columns.heads.get(0, ()):
        return ""
    return " ".join(" ".join(_HEAD_UNIT.sub(" ", text).strip(" ()[]:;,–-") for text in heads).split()).lower()


def _read_cell(cell: Cell, unit: str, *, style: str, head: str) -> Iterator[Sum]:
    """Yield the sum of a cell, if its number can be read in one way and is of a size that its unit has."""
    magnitude = unit.removesuffix("đồng").strip() or None
    number = _read_value(cell.text, style=style, has_unit=magnitude is not None)
    if number is None or cell.start is None:
        return
    amount, end = number * scale_of(magnitude), cell.start + len(cell.text)
    if _LEAST <= abs(amount) <= _LARGEST:
        yield Sum(amount, "VND", None, cell.start, end, end, end, unit, head)


def _read_value(text: str, *, style: str, has_unit: bool) -> Decimal | None:
    if not text[0].isdigit():
        number = _read_value(text[1:], style=style, has_unit=has_unit)
        return -number if number is not None else None
    text = text.replace(" ", "")
    if text.isdigit():
        return read_number(text, has_unit=False)
    if style == "mixed":
        return None
    if style == "foreign":
        # Twelve and a half with three places, or typed by hand as twelve thousand and a half.
        is_open = "." in text and _TYPED_OR_SHORT.fullmatch(text)
        return None if is_open else read_number(text, has_unit=False)
    return read_number(text, has_unit=has_unit)


def merge_sums(said: Sequence[Sum], in_tables: Iterable[Sum]) -> list[Sum]:
    """Join the sums of a text with those of its tables that overlap with none of them, in the order of the text.

    What the words say of a number is true of the cell, too: it is one sum.

    Args:
        said: in their order.
        in_tables: in any order.
    """
    starts = [one.start for one in said]
    free = [one for one in in_tables if not _is_said(one, said[max(0, bisect_right(starts, one.end) - 2) :])]
    return sorted((*said, *free), key=lambda one: one.start) if free else list(said)


def _is_said(cell: Sum, near: Sequence[Sum]) -> bool:
    return any(one.start < cell.end and cell.start < one.end for one in near[:2])


def find_in_html(html: str, body: str) -> list[Sum]:
    r"""Find the sums in the tables of an article's stored HTML, at their places in its body; [] without such tables.

    >>> html = "<p>ĐVT: triệu đồng</p><table><tr><td>Nội dung</td><td>Vốn</td></tr><tr><td>Cầu</td><td>900</td></tr>"
    >>> [(one.dong, one.start) for one in find_in_html(html, "ĐVT: triệu đồng\n\nNội dung Vốn\n\nCầu 900")]
    [(900000000, 35)]
    """
    if "<table" not in html or not _MAY_STATE.search(compose(html)):
        return []
    return list(find_table_sums(read_tables(html, body)))


def by_line(text: str, sums: Iterable[Sum]) -> TableLines:
    """Return the sums of tables by the line of the text that has them, their places counted from its beginning.

    A line that is in the text once more, where it may say something else, is left out.
    """
    found: dict[tuple[int, int], list[Sum]] = {}
    for one in sums:
        start = text.rfind("\n", 0, one.start) + 1
        end = text.find("\n", one.end)
        found.setdefault((start, end if end >= 0 else len(text)), []).append(move_sum(one, -start))
    lines = Counter(text.split("\n"))
    held = Counter(text[start:end] for start, end in found)
    known: dict[str, tuple[Sum, ...]] = {}
    for (start, end), own in found.items():
        line = text[start:end]
        if lines[line] == held[line] and known.setdefault(line, tuple(own)) != tuple(own):
            held[line] = 0
            del known[line]
    return known


def place_sums(text: str, lines: TableLines) -> Iterator[Sum]:
    """Yield the sums that `by_line` found for the lines of a text, at their places in it."""
    start = 0
    for line in text.split("\n"):
        for one in lines.get(line, ()):
            yield move_sum(one, start)
        start += len(line) + 1


def move_sum(one: Sum, by: int) -> Sum:
    """Return a sum at another place."""
    start, end, rate_end, said_end = (place + by for place in (one.start, one.end, one.rate_end, one.said_end))
    return replace(one, start=start, end=end, rate_end=rate_end, said_end=said_end)
