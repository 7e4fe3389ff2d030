"""Compare two versions of a text: paragraph by paragraph, then word by word. Pure, and bounded in time.

Texts are in the archive's normal form: NFC, a blank line between paragraphs, single spaces.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from crawler.language.changes.alignment import Budget, Opcode, align

# Two paragraphs are versions of each other if they share at least this part of their words.
_LIKE = 0.35
# With more paragraphs than this on one side, paragraphs are paired by their position only.
_MAX_PARAGRAPHS = 60

# A number with its minus sign and group separators, a document number, a word with its inner hyphens, or a single sign.
_TOKEN = re.compile(r"(?:(?<=[\s(])[-–−])?[0-9]+(?:[.,/:–-][0-9]+)*(?:[-/][^\W_]+)*%?|[^\W_]+(?:[-/'’][^\W_]+)*|\S")

Kind = Literal["same", "removed", "added"]


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of words that was kept, removed or added.

    `start` is its position in its own text (of removed words, the older text). `spaced` if white space precedes it.
    """

    kind: Kind
    text: str
    start: int = 0
    spaced: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the comparison.

    `same`, `changed` (see `pieces`), `removed`, `added`; `moved-from` and `moved-to` at the old and the new place of
    a paragraph that moved word for word. `before` and `after` are its whole texts, "" if it has none.
    """

    kind: Literal["same", "changed", "removed", "added", "moved-from", "moved-to"]
    before: str
    after: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    start: int
    end: int


def diff_texts(before: str | None, after: str | None) -> tuple[Paragraph, ...]:
    """Compare two texts of paragraphs.

    >>> [(p.kind, [(x.kind, x.text) for x in p.pieces]) for p in diff_texts("Chi 5 tỷ.", "Chi 7 tỷ.")]
    [('changed', [('same', 'Chi'), ('removed', '5'), ('added', '7'), ('same', 'tỷ.')])]
    """
    left, right = _paragraphs(before), _paragraphs(after)
    budget = Budget()
    found: list[Paragraph] = []
    for operation, i, j, k, m in align(left, right, may_compare=budget.may_compare):
        if operation == "equal":
            found += [Paragraph("same", text, text, (Piece("same", text),)) for text in right[k:m]]
        else:
            found += _diff_block(left[i:j], right[k:m], budget=budget)
    return tuple(_mark_moved(found))


def diff_lines(before: str | None, after: str | None) -> Paragraph:
    """Compare two short texts word by word, as one paragraph even if they have breaks.

    >>> [(x.kind, x.text) for x in diff_lines(None, "Lê Văn A").pieces]
    [('added', 'Lê Văn A')]
    """
    old, new = before or "", after or ""
    return Paragraph("changed", old, new, _diff_words(old, new, budget=Budget()))


def _paragraphs(text: str | None) -> list[str]:
    return [paragraph for paragraph in (text or "").split("\n\n") if paragraph.strip()]


def _diff_block(left: list[str], right: list[str], *, budget: Budget) -> list[Paragraph]:
    """Compare paragraphs without equal ones: similar ones word by word, in order; the others are removed or added."""
    found: list[Paragraph] = []
    i = k = 0
    for pair in _pair_alike(left, right):
        found += _removed_and_added(left[i : pair[0]], right[k : pair[1]])
        old, new = left[pair[0]], right[pair[1]]
        found.append(Paragraph("changed", old, new, _diff_words(old, new, budget=budget)))
        i, k = pair[0] + 1, pair[1] + 1
    return found + _removed_and_added(left[i:], right[k:])


def _removed_and_added(left: list[str], right: list[str]) -> list[Paragraph]:
    gone = [Paragraph("removed", text, "", (Piece("removed", text),)) for text in left]
    return gone + [Paragraph("added", "", text, (Piece("added", text),)) for text in right]


def _pair_alike(left: list[str], right: list[str]) -> list[tuple[int, int]]:
    """Pair old and new paragraphs, in the order of both, with the highest total likeness."""
    if not left or not right:
        return []
    if len(left) == len(right) == 1:
        return [(0, 0)] if _likeness(Counter(_words(left[0])), Counter(_words(right[0]))) > 0 else []
    if max(len(left), len(right)) > _MAX_PARAGRAPHS:
        return [(place, place) for place in range(min(len(left), len(right)))]
    bags = [[Counter(_words(text)) for text in side] for side in (left, right)]
    likeness = [[_likeness(old, new) for new in bags[1]] for old in bags[0]]
    return _best_path(lambda i, k: likeness[i][k] if likeness[i][k] >= _LIKE else 0.0, len(left), columns=len(right))


def _best_path(gain: Callable[[int, int], float], rows: int, *, columns: int) -> list[tuple[int, int]]:
    """Find the pairs, ascending in both numbers, with the highest sum of gains. Pairs without a gain are left out."""
    best = [[0.0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for k in range(columns - 1, -1, -1):
            best[i][k] = max(best[i + 1][k], best[i][k + 1], gain(i, k) + best[i + 1][k + 1])
    pairs, i, k = [], 0, 0
    while i < rows and k < columns:
        if gain(i, k) and best[i][k] == gain(i, k) + best[i + 1][k + 1]:
            pairs.append((i, k))
            i, k = i + 1, k + 1
        elif best[i][k] == best[i + 1][k]:
            i += 1
        else:
            k += 1
    return pairs


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """Return the share of words that two bags of words have in common, 0 to 1."""
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0.0


def _words(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _tokens(text: str) -> list[_Token]:
    return [_Token(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def _diff_words(before: str, after: str, *, budget: Budget) -> tuple[Piece, ...]:
    left, right = _tokens(before), _tokens(after)
    pieces: list[Piece] = []
    for operation, i, j, k, m in _join_islands(_align_words(left, right, budget=budget), left):
        if operation == "equal":
            # The words that begin one text can come after removed words of the other.
            piece = _piece("same", after, tokens=right[k:m])
            spaced = piece.spaced or _is_spaced(before, left[i].start)
            pieces.append(Piece(piece.kind, piece.text, piece.start, spaced))
            continue
        if i < j:
            pieces.append(_piece("removed", before, tokens=left[i:j]))
        if k < m:
            pieces.append(_piece("added", after, tokens=right[k:m]))
    return tuple(pieces)


def _piece(kind: Kind, text: str, *, tokens: Sequence[_Token]) -> Piece:
    start = tokens[0].start
    return Piece(kind, text[start : tokens[-1].end], start, _is_spaced(text, start))


def _is_spaced(text: str, place: int) -> bool:
    return place > 0 and text[place - 1].isspace()


def _align_words(left: list[_Token], right: list[_Token], *, budget: Budget) -> list[Opcode]:
    return align([word.text for word in left], [word.text for word in right], may_compare=budget.may_compare)


def _join_islands(opcodes: list[Opcode], left: list[_Token]) -> list[Opcode]:
    """Join two changes if only one sign is between them, or one word and both changes are long."""
    found: list[Opcode] = []
    for number, opcode in enumerate(opcodes):
        following = opcodes[number + 1] if number + 1 < len(opcodes) else None
        if (
            found
            and following
            and opcode[0] == "equal"
            and _is_island(found[-1], opcode, following=following, left=left)
        ):
            found.append(("replace", *opcode[1:]))
        else:
            found.append(opcode)
        if len(found) > 1 and found[-1][0] != "equal" and found[-2][0] != "equal":
            last, before = found.pop(), found.pop()
            found.append(("replace", before[1], last[2], before[3], last[4]))
    return found


def _is_island(before: Opcode, opcode: Opcode, *, following: Opcode, left: list[_Token]) -> bool:
    words = left[opcode[1] : opcode[2]]
    if all(not any(letter.isalnum() for letter in word.text) for word in words):
        return len(words) == 1
    sizes = [max(one[2] - one[1], one[4] - one[3]) for one in (before, following)]
    return len(words) == 1 and min(sizes) >= 3


def _mark_moved(paragraphs: list[Paragraph]) -> list[Paragraph]:
    """Mark as moved a paragraph that was removed in one place and added in another, word for word."""
    gone = Counter(p.before for p in paragraphs if p.kind == "removed")
    come = Counter(p.after for p in paragraphs if p.kind == "added")
    moved = gone & come
    left = {"removed": Counter(moved), "added": Counter(moved)}
    found = []
    for paragraph in paragraphs:
        text = paragraph.before or paragraph.after
        if paragraph.kind in left and left[paragraph.kind][text] > 0:
            left[paragraph.kind][text] -= 1
            kind: Literal["moved-from", "moved-to"] = "moved-from" if paragraph.kind == "removed" else "moved-to"
            found.append(Paragraph(kind, text, text, (Piece("same", text),)))
        else:
            found.append(paragraph)
    return found
