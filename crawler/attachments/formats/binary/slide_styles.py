"""Cut the text of a shape into runs of one font each, and number its paragraphs, by its style records. Pure.

Numbers of sections are those of [MS-PPT]; the record of styles is 2.9.44.
"""

import struct
from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

from crawler.attachments.formats.list_numbers import SlideNumbers
from crawler.language.legacy.decoding import Run

# Fields of a paragraph's style in their order: the bits of the mask that say it is there, and its bytes.
_PARAGRAPH_FIELDS = (
    (0xF, 2), (1 << 7, 2), (1 << 4, 2), (1 << 6, 2), (1 << 5, 4), (1 << 11, 2), (1 << 12, 2), (1 << 13, 2),
    (1 << 14, 2), (1 << 8, 2), (1 << 10, 2), (1 << 15, 2),
)  # fmt: skip
_TAB_STOPS = 1 << 20
_AFTER_TAB_STOPS = ((1 << 16, 2), (0b111 << 17, 2), (1 << 21, 2))
# Of the style of letters: the flags, then the font.
_LETTER_FLAGS, _LETTER_FONT = 0x3EB7, 1 << 16
# Bits of the flags that say which of the further styles of a text is for these letters (2.9.15).
_FURTHER_AT, _FURTHER = 10, 0xF
# Of the further styles (2.9.69): a picture as bullet, whether there is a number, how it is written and where it begins;
# of their letters, a number; what tools of language say.
_BULLET, _HAS_NUMBER, _SCHEME, _LETTERS_NUMBER = 1 << 23, 1 << 25, 1 << 24, 1 << 20
_TOOL_FIELDS = ((1 << 0, 2), (1 << 1, 2), (1 << 2, 2), (1 << 5, 4), (1 << 6, 2))
_SMART_TAGS = 1 << 9
# The ways to write the numbers of paragraphs in the order of their codes (2.13.30), by their names in packages.
_SCHEMES = (
    "alphaLcPeriod", "alphaUcPeriod", "arabicParenR", "arabicPeriod", "romanLcParenBoth", "romanLcParenR",
    "romanLcPeriod", "romanUcPeriod", "alphaLcParenBoth", "alphaLcParenR", "alphaUcParenBoth", "alphaUcParenR",
    "arabicParenBoth", "arabicPlain", "romanUcParenBoth", "romanUcParenR",
)  # fmt: skip
_USUAL_SCHEME = 3
# Before a number that no record counts among the letters; no text has this sign.
LABEL_MARK = "\ufdd2"
_AFTER_FONT = ((1 << 21, 2), (1 << 22, 2), (1 << 23, 2), (1 << 17, 2), (1 << 18, 4), (1 << 19, 2))


def cut_runs(text: str, style: bytes, *, fonts: Sequence[str]) -> list[Run]:
    """Return the text as runs; a run without its own font has that of its master, which is not known here.

    A damaged style gives one run without a font.
    """
    try:
        cuts = _read_letters(style, _skip_paragraphs(style, len(text)), length=len(text))
    except struct.error:
        return [Run(text)]
    runs: list[Run] = []
    at = 0
    for count, font, _ in cuts:
        runs.append(Run(text[at : at + count], fonts[font] if font is not None and font < len(fonts) else None))
        at += count
    return [run for run in [*runs, Run(text[at:])] if run.text]


def number_paragraphs(text: str, style: bytes, *, further: bytes) -> dict[int, str]:
    """Return the numbers that paragraphs show, by the places where the paragraphs begin.

    Args:
        text: with a line feed after each paragraph.
        style: the record of its styles.
        further: the record of its further styles, which say how paragraphs are numbered (2.9.67).
    """
    try:
        known = _read_further(further)
        depths: list[tuple[int, int]] = []
        letters = _read_letters(style, _skip_paragraphs(style, len(text), depths=depths), length=len(text))
    except struct.error:
        return {}
    numbers = SlideNumbers()
    labels: dict[int, str] = {}
    lines = text.split("\n")
    starts = accumulate((len(line) + 1 for line in lines), initial=0)
    for start, line in zip(starts, lines, strict=False):
        depth, further_style = _at(depths, start), _at([(count, number) for count, _, number in letters], start)
        numbered = known[further_style] if line and further_style < len(known) else None
        if numbered is not None:
            labels[start] = numbers.count(depth, numbered[0], start=numbered[1])
        elif line:
            numbers.pass_by(depth)
    return labels


def _at(stretches: Sequence[tuple[int, int]], place: int) -> int:
    """Return what the stretch that a place is in says; 0 if it is in none."""
    ends = accumulate(count for count, _ in stretches)
    return next((value for end, (_, value) in zip(ends, stretches, strict=True) if place < end), 0)


def _read_further(further: bytes) -> list[tuple[str, int] | None]:
    """Return how each further style numbers its paragraphs: the scheme and the first number; None if it does not."""
    found: list[tuple[str, int] | None] = []
    at = 0
    while at + 4 <= len(further):
        mask = struct.unpack_from("<I", further, at)[0]
        at += 4 + (2 if mask & _BULLET else 0)
        is_numbered = bool(mask & _HAS_NUMBER and struct.unpack_from("<H", further, at)[0])
        at += 2 if mask & _HAS_NUMBER else 0
        scheme, first = struct.unpack_from("<HH", further, at) if mask & _SCHEME else (_USUAL_SCHEME, 1)
        at += 4 if mask & _SCHEME else 0
        at += 4 + (4 if struct.unpack_from("<I", further, at)[0] & _LETTERS_NUMBER else 0)
        tools = struct.unpack_from("<I", further, at)[0]
        at += 4 + sum(size for bit, size in _TOOL_FIELDS if tools & bit)
        at += 4 + 4 * struct.unpack_from("<I", further, at)[0] if tools & _SMART_TAGS else 0
        name = _SCHEMES[scheme] if scheme < len(_SCHEMES) else "arabicPlain"
        found.append((name, max(first, 1)) if is_numbered else None)
    return found


def put_labels(runs: Sequence[Run], labels: Mapping[int, str]) -> list[Run]:
    """Return runs with a label before the letter at each of some places, as a run that begins with `LABEL_MARK`."""
    out: list[Run] = []
    at = 0
    for run in runs:
        cuts = [place - at for place in labels if 0 < place - at < len(run.text)]
        for start, end in pairwise((0, *cuts, len(run.text))):
            label = labels.get(at + start)
            out += [Run(LABEL_MARK + label, run.font)] if label else []
            out.append(Run(run.text[start:end], run.font))
        at += len(run.text)
    return out


def _skip_paragraphs(style: bytes, length: int, *, depths: list[tuple[int, int]] | None = None) -> int:
    """Return where the styles of the letters begin. The styles count one letter more than there are.

    Add the letters of each stretch of paragraphs, and their level, to `depths`.
    """
    at = counted = 0
    while counted <= length:
        count, depth, mask = struct.unpack_from("<IHI", style, at)
        if depths is not None:
            depths.append((count, depth))
        at += 10 + sum(size for bits, size in _PARAGRAPH_FIELDS if mask & bits)
        if mask & _TAB_STOPS:
            at += 2 + 4 * struct.unpack_from("<H", style, at)[0]
        at += sum(size for bits, size in _AFTER_TAB_STOPS if mask & bits)
        counted += max(count, 1)
    return at


def _read_letters(style: bytes, at: int, *, length: int) -> list[tuple[int, int | None, int]]:
    """Return the letters of each stretch, their font, and the number of their further style."""
    found: list[tuple[int, int | None, int]] = []
    counted = 0
    while counted <= length and at + 8 <= len(style):
        count, mask = struct.unpack_from("<II", style, at)
        at += 8
        flags = struct.unpack_from("<H", style, at)[0] if mask & _LETTER_FLAGS else 0
        at += 2 if mask & _LETTER_FLAGS else 0
        font = struct.unpack_from("<H", style, at)[0] if mask & _LETTER_FONT else None
        at += (2 if mask & _LETTER_FONT else 0) + sum(size for bits, size in _AFTER_FONT if mask & bits)
        found.append((count, font, flags >> _FURTHER_AT & _FURTHER))
        counted += max(count, 1)
    return found


def set_last(texts: list[list[Run]], runs: list[Run]) -> None:
    """Put runs in place of the last text of a list, or in an empty list."""
    if texts:
        texts[-1] = runs
    else:
        texts.append(runs)


def has_text(runs: list[Run]) -> bool:
    """Return whether runs have more than white space."""
    return any(run.text.strip() for run in runs)


def as_lines(runs: list[Run]) -> list[Run]:
    """Return runs with an end of a line; [] if they have no text."""
    return [*runs, Run("\n")] if any(run.text for run in runs) else []
