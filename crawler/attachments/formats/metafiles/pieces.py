"""Join the pieces of text that a drawing sets one by one: letters to words, words to lines, by their places. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from crawler.language.legacy.decoding import Run

# Parts of the height of the letters. A space is a quarter of it; letters of one word are nearer.
_NEAR, _SAME_LINE = 0.15, 0.5
# What a letter is wide where the drawing does not say it.
_WIDTH = 0.5
# Signs of fonts of symbols that have no meaning elsewhere: bullets.
_SIGNS = frozenset(map(chr, range(0xF000, 0xF100)))


@dataclass(frozen=True, slots=True)
class Face:
    """The font of a piece: its name, the height of its letters, and the codec of its bytes."""

    name: str | None = None
    height: float = 0.0
    codec: str = "cp1252"


NO_FACE = Face()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some letters, and where they begin; `width` is 0 if the drawing does not say it."""

    text: str
    left: float
    base: float
    width: float
    face: Face

    @property
    def right(self) -> float:
        """Where its letters end."""
        return self.left + (self.width or _WIDTH * self.face.height * len(self.text))


def join_pieces(pieces: Iterable[Piece]) -> list[Run]:
    """Return the pieces as runs in their order: pieces of a line join, each other piece has its own line."""
    runs: list[Run] = []
    before: Piece | None = None
    for piece in pieces:
        if _SIGNS.issuperset(piece.text.strip()):
            continue
        # A program that draws a shadow, or bold letters, sets them twice.
        if before is not None and piece.text == before.text and _is_over(before, piece):
            continue
        between = "" if before is None else _between(before, piece)
        runs.append(Run(between + piece.text, piece.face.name))
        before = piece
    return [*runs, Run("\n")] if runs else []


def _between(before: Piece, piece: Piece) -> str:
    height = max(before.face.height, piece.face.height, 1.0)
    gap = piece.left - before.right
    if abs(piece.base - before.base) > _SAME_LINE * height or gap < -height:
        return "\n"
    return "" if gap <= _NEAR * height and before.width else " "


def _is_over(before: Piece, piece: Piece) -> bool:
    height = max(before.face.height, 1.0)
    return abs(piece.base - before.base) < _NEAR * height and abs(piece.left - before.left) < _NEAR * height
