"""Cut the text of a shape into runs of one font each, by its style record [MS-PPT 2.9.44]. Pure."""

import struct
from collections.abc import Sequence

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
_AFTER_FONT = ((1 << 21, 2), (1 << 22, 2), (1 << 23, 2), (1 << 17, 2), (1 << 18, 4), (1 << 19, 2))


def cut_runs(text: str, style: bytes, *, fonts: Sequence[str]) -> list[Run]:
    """Return the text as runs; a run without a font of its own has that of its master, which is not told here.

    A damaged style gives one run without a font.
    """
    try:
        cuts = _read_fonts(style, _skip_paragraphs(style, len(text)), length=len(text))
    except struct.error:
        return [Run(text)]
    runs: list[Run] = []
    at = 0
    for count, font in cuts:
        runs.append(Run(text[at : at + count], fonts[font] if font is not None and font < len(fonts) else None))
        at += count
    return [run for run in [*runs, Run(text[at:])] if run.text]


def _skip_paragraphs(style: bytes, length: int) -> int:
    """Return where the styles of the letters begin. The styles count one letter more than there are."""
    at = counted = 0
    while counted <= length:
        count, _, mask = struct.unpack_from("<IHI", style, at)
        at += 10 + sum(size for bits, size in _PARAGRAPH_FIELDS if mask & bits)
        if mask & _TAB_STOPS:
            at += 2 + 4 * struct.unpack_from("<H", style, at)[0]
        at += sum(size for bits, size in _AFTER_TAB_STOPS if mask & bits)
        counted += max(count, 1)
    return at


def _read_fonts(style: bytes, at: int, *, length: int) -> list[tuple[int, int | None]]:
    found: list[tuple[int, int | None]] = []
    counted = 0
    while counted <= length and at + 8 <= len(style):
        count, mask = struct.unpack_from("<II", style, at)
        at += 8 + (2 if mask & _LETTER_FLAGS else 0)
        font = struct.unpack_from("<H", style, at)[0] if mask & _LETTER_FONT else None
        at += (2 if mask & _LETTER_FONT else 0) + sum(size for bits, size in _AFTER_FONT if mask & bits)
        found.append((count, font))
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
