"""Check that values from JSON have the types that a dataclass declares."""

from functools import cache
from typing import Any, get_args, get_type_hints

_PLAIN_TYPES = {str, int, bool, type(None)}
_MOST = 2**63 - 1  # bits of a number in SQLite


def check_types(entry: Any) -> None:
    """Refuse a dataclass if its numbers and texts do not have the declared types: they would get into rows.

    Raises:
        TypeError: if a field has another type.
        ValueError: if a number has more than 64 bits.
    """
    for name, allowed in _types_of(entry.__class__).items():
        value = getattr(entry, name)
        if type(value) not in allowed:
            raise TypeError(f"{name} is {str(value)[:80]!r}")
        if isinstance(value, int) and abs(value) > _MOST:
            raise ValueError(f"{name} is a number of more than 64 bits")


@cache
def _types_of(kind: Any) -> dict[str, set[type]]:
    """Return the types that each field allows, for the fields of plain types."""
    found = {name: set(get_args(hint)) or {hint} for name, hint in get_type_hints(kind).items()}
    return {name: types for name, types in found.items() if types <= _PLAIN_TYPES}
