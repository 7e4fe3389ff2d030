"""Number the paragraphs of lists as office programs do: "Điều 1.", "a)", "2.1". Pure."""

import re
from dataclasses import dataclass, field

# The signs that stand for the number of a level in the text of a label, as binary Word has them.
PLACES = "\x00\x01\x02\x03\x04\x05\x06\x07\x08"
LEVELS, LARGEST = len(PLACES), 9999
# The codes of the ways to write a number, in formats of Word before 2007 [MS-OSHARED 2.2.1.3].
STYLES_BY_CODE = {
    0: "decimal", 1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 5: "ordinal",
    22: "decimalZero", 23: "bullet", 255: "none",
}  # fmt: skip
_PLACE = re.compile(f"[{PLACES[0]}-{PLACES[-1]}]")
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
    (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_ENDINGS = {1: "st", 2: "nd", 3: "rd"}
_BULLET = "bullet"
# The numbers of paragraphs on slides (ECMA-376, 20.1.10.61): how they are written, and what is around them.
_SCHEME = re.compile("(alphaLc|alphaUc|arabic|romanLc|romanUc)(ParenBoth|ParenR|Period|Plain)")
_SCHEME_STYLES = {"alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman"}
_SCHEME_SIGNS = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}."}
_UNSHOWN = (_BULLET, "none")
_ZERO = "decimalZero"


@dataclass(frozen=True, slots=True)
class Level:
    r"""A level of a list.

    Args:
        style: how its number is written (ECMA-376, 17.18.59), as `decimal`.
        text: its label, with a sign of `PLACES` for the number of each level: "Điều \x00.".
        start: its first number.
        font: of its label.
        space: what is between label and text.
        counts_anew_below: it counts again after a paragraph of a level below this one; None: after each level above
            it. 0 never, as articles do that go on through all chapters.
        is_legal: the numbers of the levels above are shown in digits.
    """

    style: str = "decimal"
    text: str = ""
    start: int = 1
    font: str | None = None
    space: str = " "
    counts_anew_below: int | None = None
    is_legal: bool = False


@dataclass(slots=True)
class Numbering:
    """The lists of a document, and how far each is counted.

    Attributes:
        lists: the levels of each definition of a list.
        definitions: the definition that a list has. Lists of one definition are counted together.
        restarts: for a list, the numbers from which its levels begin when they are first used.
        overrides: the levels that a list has instead of those of its definition.
    """

    lists: dict[str, dict[int, Level]] = field(default_factory=dict)
    definitions: dict[str, str] = field(default_factory=dict)
    restarts: dict[str, dict[int, int]] = field(default_factory=dict)
    overrides: dict[str, dict[int, Level]] = field(default_factory=dict)
    counted: dict[str, list[int | None]] = field(default_factory=dict)

    def count(self, number: str, depth: int) -> tuple[str, str | None]:
        """Count a paragraph of a list. Return its label with the space after it, and the label's font.

        The label is "" for a bullet and for no list.
        """
        definition = self.definitions.get(number, "")
        levels = self.lists.get(definition, {}) | self.overrides.get(number, {})
        level = levels.get(depth)
        if level is None:
            return "", None
        counted = self.counted.setdefault(definition, [None] * LEVELS)
        restart = self.restarts.get(number, {}).pop(depth, None)
        for above in range(depth):
            # A level that was skipped counts as begun.
            counted[above] = levels.get(above, Level()).start if counted[above] is None else counted[above]
        before = counted[depth]
        counted[depth] = restart if restart is not None else level.start if before is None else before + 1
        for below in range(depth + 1, LEVELS):
            limit = levels.get(below, Level()).counts_anew_below
            counted[below] = None if depth < (below if limit is None else limit) else counted[below]
        if level.style == _BULLET:
            return "", None

        def show(place: re.Match[str]) -> str:
            at = PLACES.index(place[0])
            style = levels.get(at, Level()).style
            # A level that shows those above it in digits leaves them their zeros.
            is_kept = style in _UNSHOWN or style.startswith(_ZERO)
            return show_number(counted[at] or 0, "decimal" if level.is_legal and not is_kept else style)

        label = _PLACE.sub(show, level.text).strip()
        return label and label + level.space, level.font


@dataclass(slots=True)
class SlideNumbers:
    """How far the paragraphs of a shape are counted: the scheme and number of each level."""

    counted: list[tuple[str, int] | None] = field(default_factory=lambda: [None] * LEVELS)

    def count(self, depth: int, scheme: str, *, start: int = 1) -> str:
        """Count a paragraph, and return its label with a space after it.

        >>> numbers = SlideNumbers()
        >>> [numbers.count(depth, "arabicPeriod") for depth in (0, 0, 1, 0)]
        ['1. ', '2. ', '1. ', '3. ']
        """
        depth = min(max(depth, 0), LEVELS - 1)
        before = self.counted[depth]
        number = before[1] + 1 if before is not None and before[0] == f"{scheme} {start}" else start
        self.pass_by(depth)
        self.counted[depth] = (f"{scheme} {start}", number)
        known = _SCHEME.match(scheme)
        shown = show_number(number, _SCHEME_STYLES.get(known[1], "decimal") if known else "decimal")
        return (_SCHEME_SIGNS.get(known[2], "{}") if known else "{}").format(shown) + " "

    def pass_by(self, depth: int) -> None:
        """End the count of a level and of those below it, as a paragraph without a number does."""
        for level in range(min(max(depth, 0), LEVELS - 1), LEVELS):
            self.counted[level] = None


def show_number(number: int, style: str) -> str:
    """Write the number of a paragraph.

    >>> [show_number(28, style) for style in ("decimal", "upperRoman", "lowerLetter", "decimalZero", "bullet")]
    ['28', 'XXVIII', 'bb', '28', '']
    >>> [show_number(number, "ordinal") for number in (1, 12, 23)]
    ['1st', '12th', '23rd']
    """
    if style in _UNSHOWN:
        return ""
    if style in ("lowerRoman", "upperRoman") and 0 < number <= LARGEST:
        text = ""
        for value, sign in _ROMAN:
            text += sign * (number // value)
            number %= value
        return text if style == "lowerRoman" else text.upper()
    if style in ("lowerLetter", "upperLetter") and 0 < number <= LARGEST:
        text = _LETTERS[(number - 1) % 26] * ((number - 1) // 26 + 1)
        return text if style == "lowerLetter" else text.upper()
    if style == "ordinal":
        return f"{number}{'th' if number % 100 in (11, 12, 13) else _ENDINGS.get(number % 10, 'th')}"
    return str(number).zfill(2 + style.count("0")) if style.startswith(_ZERO) else str(number)


def show_zeros(count: int) -> str:
    """Return the way to write numbers with this many zeros before those of one digit.

    >>> [show_number(7, show_zeros(count)) for count in (1, 3)], show_number(28, show_zeros(3))
    (['07', '0007'], '0028')
    """
    return _ZERO + "0" * (count - 1)
