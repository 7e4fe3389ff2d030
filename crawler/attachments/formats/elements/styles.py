"""Follow a style to the styles that it is based on. Pure."""

from collections.abc import Iterator, Mapping
from typing import TypeVar

# The chain of a damaged document may be a circle.
_MOST_STYLES_IN_CHAIN = 12
_Style = TypeVar("_Style", int, str)
_Told = TypeVar("_Told")


def follow_bases(style: _Style | None, bases: Mapping[_Style, _Style]) -> Iterator[_Style]:
    """Give a style, the style that it is based on, and so on: at most 12, none if `style` is None.

    >>> list(follow_bases("Title", {"Title": "Heading", "Heading": "Normal"}))
    ['Title', 'Heading', 'Normal']
    >>> len(list(follow_bases("A", {"A": "B", "B": "A"})))
    12
    """
    for _ in range(_MOST_STYLES_IN_CHAIN):
        if style is None:
            return
        yield style
        style = bases.get(style)


def find_told(style: str | None, told: Mapping[str, _Told], *, bases: Mapping[str, str]) -> _Told | None:
    """Return the value of the nearest style of a chain that has one; None if none of them has one.

    >>> find_told("Title", {"Heading": ".VnTimeH", "Body": ".VnTime"}, bases={"Title": "Heading", "Heading": "Body"})
    '.VnTimeH'
    """
    return next((told[one] for one in follow_bases(style, bases) if one in told), None)
