"""Cells of CSV that a spreadsheet would run."""

from typing import TypeVar

T = TypeVar("T")

# What spreadsheets take for the beginning of a formula, and what they skip before it (OWASP, CSV injection).
_BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def escape_cell(cell: T) -> T | str:
    """Put an apostrophe before a text that a spreadsheet would take for a formula; every other cell stays.

    >>> escape_cell("=1+1"), escape_cell("-5 độ"), escape_cell(-5), escape_cell("Sa Pa")
    ("'=1+1", "'-5 độ", -5, 'Sa Pa')
    """
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_BEGINNINGS) else cell
