"""Read the lists of a binary Word document [MS-DOC 2.9.130 to 2.9.133]. Pure."""

import struct
from collections.abc import Sequence
from contextlib import suppress

from crawler.attachments.formats.binary.word_fonts import parse_changes
from crawler.attachments.formats.list_numbers import LARGEST, LEVELS, STYLES_BY_CODE, Level, Numbering

_DEFINITION = struct.Struct("<i22xBx")
_LEVEL = struct.Struct("<iBB9xB8xBBBx")
_USE = struct.Struct("<i8xB3x")
_IS_SIMPLE, _IS_LEGAL, _NEVER_ANEW = 0x01, 0x04, 0x08
_HAS_START, _HAS_LEVEL = 0x10, 0x20
_NOTHING_BEHIND = 2


def read_lists(definitions: bytes, uses: bytes, *, fonts: Sequence[str]) -> Numbering:
    """Read the definitions of lists, and the lists that use them; damaged ones up to their damage.

    Args:
        definitions: the table of definitions and all that follows it: their levels.
        uses: the table of lists.
        fonts: the names of fonts by their numbers.
    """
    numbering = Numbering()
    with suppress(struct.error):
        _read_definitions(numbering, definitions, fonts=fonts)
    with suppress(struct.error):
        _read_uses(numbering, uses, fonts=fonts)
    return numbering


def _read_definitions(numbering: Numbering, data: bytes, *, fonts: Sequence[str]) -> None:
    count = struct.unpack_from("<H", data)[0]
    at = 2 + _DEFINITION.size * count
    for index in range(count):
        number, flags = _DEFINITION.unpack_from(data, 2 + _DEFINITION.size * index)
        levels = numbering.lists.setdefault(str(number), {})
        for depth in range(1 if flags & _IS_SIMPLE else LEVELS):
            levels[depth], at = _read_level(data, at, fonts=fonts)


def _read_uses(numbering: Numbering, data: bytes, *, fonts: Sequence[str]) -> None:
    count = struct.unpack_from("<I", data)[0]
    at = 4 + _USE.size * count
    for index in range(count):
        definition, changed = _USE.unpack_from(data, 4 + _USE.size * index)
        number = str(index + 1)
        numbering.definitions[number] = str(definition)
        at += 4
        for _ in range(changed):
            start, bits = struct.unpack_from("<iI", data, at)
            at += 8
            depth = bits & 0xF
            if bits & _HAS_LEVEL:
                level, at = _read_level(data, at, fonts=fonts)
                numbering.overrides.setdefault(number, {})[depth] = level
                start = level.start
            if bits & _HAS_START:
                numbering.restarts.setdefault(number, {})[depth] = start


def _read_level(data: bytes, at: int, *, fonts: Sequence[str]) -> tuple[Level, int]:
    """Read a level. Return it, and where what follows begins."""
    start, style, flags, behind, of_letters, of_paragraph, limit = _LEVEL.unpack_from(data, at)
    letters_at = at + _LEVEL.size + of_paragraph
    font = parse_changes(data[letters_at : letters_at + of_letters]).font
    at = letters_at + of_letters
    end = at + 2 + 2 * struct.unpack_from("<H", data, at)[0]
    return Level(
        STYLES_BY_CODE.get(style, "decimal"), data[at + 2 : end].decode("utf-16-le", "replace"),
        min(max(start, 0), LARGEST), fonts[font] if font is not None and font < len(fonts) else None,
        "" if behind == _NOTHING_BEHIND else " ", limit if flags & _NEVER_ANEW else None, bool(flags & _IS_LEGAL),
    ), end  # fmt: skip
