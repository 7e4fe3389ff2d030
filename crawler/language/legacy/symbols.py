"""Show what fonts of symbols draw: their bytes are in the private area of Unicode, U+F020 to U+F0FF. Pure."""

_FIRST = 0xF020
# The encoding of Symbol (PostScript Language Reference, E.12), from 0x20 and from 0xA0. A space stands for no letter.
_SYMBOL = (
    " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_ αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼ ",
    "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪ 〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭ ",
)
# Of Wingdings what says something: boxes with and without a tick, arrows, bullets.
_WINGDINGS = {
    0x6F: "☐", 0x71: "☐", 0x72: "☐", 0xA8: "☐", 0x78: "☒", 0xFD: "☒", 0xFE: "☑", 0xFC: "✓", 0xFB: "✗", 0xE0: "→",
    0xF0: "→", 0xDF: "←", 0xE8: "→", 0xD8: "➢", 0xA7: "▪", 0x6E: "■", 0x6C: "●", 0x9F: "•", 0x76: "❖",
}  # fmt: skip
_BLANK = {_FIRST + place: " " for place in range(0xE0)}
_TABLES = {
    "symbol": {
        **_BLANK,
        **{_FIRST + place: letter for place, letter in enumerate(_SYMBOL[0])},
        **{_FIRST + 0x80 + place: letter for place, letter in enumerate(_SYMBOL[1])},
    },
    "wingdings": {**_BLANK, **{_FIRST - 0x20 + byte: letter for byte, letter in _WINGDINGS.items()}},
    "webdings": _BLANK,
}

_PRIVATE = {byte: _FIRST - 0x20 + byte for byte in range(0x20, 0x100)}


def read_symbols(data: bytes, font: str | None) -> str | None:
    r"""Return bytes as the letters of the private area, if the font is known to draw symbols; else None.

    >>> read_symbols(b"a\xb3b", "Symbol"), read_symbols(b"a", "Arial")
    ('\uf061\uf0b3\uf062', None)
    """
    return None if _find_table(font) is None else data.decode("latin-1").translate(_PRIVATE)


def show_symbols(text: str, font: str | None) -> str:
    """Return a text in which the letters of a font of symbols are those of Unicode; others stay.

    >>> show_symbols("2010\uf02d2015", "Symbol"), show_symbols("\uf0fe có", "Wingdings"), show_symbols("\uf0fe", None)
    ('2010−2015', '☑ có', '\uf0fe')
    """
    if not font or not any("\uf020" <= letter <= "\uf0ff" for letter in text):
        return text
    table = _find_table(font)
    return text.translate(table) if table is not None else text


def _find_table(font: str | None) -> dict[int, str] | None:
    name = (font or "").strip().lower()
    return next((table for start, table in _TABLES.items() if name.startswith(start)), None)
