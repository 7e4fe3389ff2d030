"""Read an FTS5 query: leave the parts out for which an index is known to find nothing, tell what it can mark. Pure."""

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


_PHRASES = re.compile(r'(?:\{(?P<columns>[a-z_ ]+)\} : )?(?:NEAR\()?(?P<phrases>"[^"]*"(?: "[^"]*")*)')
# Only toned columns have these letters; only the column of pairs has those signs (`pairs`).
_TONED_LETTER, _PAIR = re.compile("[ăâđêôơư]"), re.compile("[ǁǂǃ]")
_MOST_READ = 4000


def list_marked_forms(query: str) -> list[str]:
    """List the forms of a text in which a query of `expressions` can mark words: "folded", "toned".

    A word without marks, sought in all columns, marks in the folded ones all that it marks in the toned.

    >>> list_marked_forms('("sat lo" OR "satlo")'), list_marked_forms('("ǁxaǁde" AND "xa⁴ đê²")')
    (['folded'], ['toned'])
    >>> list_marked_forms('("thu hoi" AND {title_toned} : "va²")')
    ['folded', 'toned']
    """
    if len(query) > _MOST_READ:
        return ["folded", "toned"]
    forms = set[str]()
    for match in _PHRASES.finditer(query):
        if match["columns"]:
            forms.update("toned" if name.endswith("_toned") else "folded" for name in match["columns"].split())
            continue
        for phrase in re.findall('"[^"]*"', match["phrases"]):
            if _TONED_LETTER.search(phrase):
                forms.add("toned")
            elif not _PAIR.search(phrase):
                forms.update(("folded",) if phrase.isascii() else ("folded", "toned"))
    return sorted(forms) or ["folded"]


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
