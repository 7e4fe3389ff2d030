"""Leave the parts of an FTS5 query out that an index is known to find nothing for. Pure."""

import re
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise

_NOTHING = '""'
_PIECE = re.compile(
    r'(?P<unit>(?:\{[a-z_ ]+\} : )?(?:NEAR\((?:[^()]*), [0-9]+\)|"[^"]*"(?: \*)?))|(?P<sign>\(|\)|AND|OR|NOT) ?| '
)
_NAME = re.compile(r"(?<!\w)[a-z]{4,}(?!\w)")


def list_names(query: str) -> list[str]:
    """List the words of letters without marks in a query.

    >>> list_names('("dat dai" OR {title} : "datdai")')
    ['datdai']
    """
    return list(dict.fromkeys(_NAME.findall("".join(re.findall('"[^"]*"', query)))))


def leave_out(query: str, unknown: Container[str]) -> str:
    """Simplify a query of `expressions` for an index that lacks some words. It finds and marks the same.

    >>> leave_out('("dat dai" OR ("datdai" AND "a"))', {"datdai"})
    '"dat dai"'
    """
    pieces = [match["unit"] or match["sign"] for match in _PIECE.finditer(query) if match["unit"] or match["sign"]]
    return _read_chain(iter([*pieces, ")"]), unknown)


def _read_chain(pieces: Iterator[str], unknown: Container[str]) -> str:
    parts: list[str] = []
    operators: list[str] = []
    for piece in pieces:
        if piece == ")":
            break
        if piece in ("AND", "OR", "NOT"):
            operators.append(piece)
        elif piece == "(":
            parts.append(_read_chain(pieces, unknown))
        else:
            words = re.findall(r"\w+", "".join(re.findall('"[^"]*"', piece)))
            parts.append(_NOTHING if any(word in unknown for word in words) else piece)
    return _join(parts, operators)


def _join(parts: Sequence[str], operators: Sequence[str]) -> str:
    if not operators:
        return parts[0]
    kinds = set(operators)
    if kinds == {"OR"}:
        kept = [part for part in parts if part != _NOTHING]
        return kept[0] if len(kept) == 1 else f"({' OR '.join(kept)})" if kept else _NOTHING
    if kinds == {"AND"}:
        return _NOTHING if _NOTHING in parts else f"({' AND '.join(parts)})"
    if operators == ["NOT"]:
        return parts[0] if _NOTHING in parts else f"({parts[0]} NOT {parts[1]})"
    # AND binds closer than OR, and NOT closer than both.
    weakest = next(one for one in ("OR", "AND", "NOT") if one in kinds)
    cuts = [-1, *(place for place, one in enumerate(operators) if one == weakest), len(operators)]
    groups = [_join(parts[a + 1 : b + 1], operators[a + 1 : b]) for a, b in pairwise(cuts)]
    return _join(groups, [weakest] * (len(groups) - 1))
