"""Texts of Rich Text documents (RTF 1.9.1); pictures, fonts and field codes in them are left out. Pure."""

import re
from dataclasses import dataclass, field

# One thing after the other: \'hh, \word123, \symbol, { or }, letters.
_TOKEN = re.compile(
    rb"\\'(?P<code>[0-9a-fA-F]{2})|\\(?P<word>[a-z]{1,32})(?P<number>-?[0-9]{1,10})?[ ]?|\\(?P<symbol>[^a-z])"
    rb"|(?P<brace>[{}])|(?P<letters>[^\\{}]+)",
    re.DOTALL,
)
# Groups whose letters are no text of the document.
_ASIDE = frozenset(
    b"fonttbl colortbl stylesheet info pict object themedata datastore listtable listoverridetable rsidtbl generator "
    b"xmlnstbl latentstyles fldinst".split()
)
_BREAKS = {b"par": "\n", b"line": "\n", b"row": "\n", b"page": "\f", b"sect": "\f", b"tab": " ", b"cell": " "}
_SYMBOLS = {b"\\": "\\", b"{": "{", b"}": "}", b"~": " ", b"\n": "\n", b"\r": "\n"}


@dataclass(slots=True)
class _State:
    r"""How far the reading has come. Behind each \u stand so many `stand_ins` for programs that cannot read it."""

    pieces: list[str] = field(default_factory=list)
    groups: list[tuple[bool, int]] = field(default_factory=list)
    is_aside: bool = False
    stand_ins: int = 1
    to_skip: int = 0
    code_page: str = "cp1252"


def strip_rtf(data: bytes) -> str:
    r"""Give the text of a Rich Text document, pages parted by form feed.

    >>> strip_rtf(rb"{\rtf1\ansi\ansicpg1258{\fonttbl{\f0 Arial;}}S\u7889?: 12\par ng\'fd}")
    'Số: 12\nngư'

    """
    state = _State()
    for match in _TOKEN.finditer(data):
        if match["brace"] == b"{":
            state.groups.append((state.is_aside, state.stand_ins))
        elif match["brace"]:
            state.is_aside, state.stand_ins = state.groups.pop() if state.groups else (False, 1)
        elif match["word"] is not None:
            _read_word(state, match["word"], number=int(match["number"]) if match["number"] else None)
        elif match["symbol"] == b"*":
            state.is_aside = True
        elif not state.is_aside:
            _read_letters(state, match)
    # Letters beyond 65,535 come as two halves.
    return "".join(state.pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _read_word(state: _State, word: bytes, *, number: int | None) -> None:
    if word in _ASIDE:
        state.is_aside = True
    elif word == b"ansicpg" and number is not None:
        state.code_page = f"cp{number}"
    elif word == b"uc" and number is not None:
        state.stand_ins = number
    elif state.is_aside:
        return
    elif word == b"u" and number is not None:
        state.pieces.append(chr(number % 0x10000))
        state.to_skip = state.stand_ins
    elif word in _BREAKS:
        state.pieces.append(_BREAKS[word])


def _read_letters(state: _State, match: re.Match[bytes]) -> None:
    if match["symbol"]:
        state.pieces.append(_SYMBOLS.get(match["symbol"], ""))
        return
    raw = bytes.fromhex(match["code"].decode()) if match["code"] else match["letters"].translate(None, b"\r\n")
    try:
        text = raw.decode(state.code_page, "replace")
    except LookupError:
        text = raw.decode("cp1252", "replace")
    state.pieces.append(text[state.to_skip :])
    state.to_skip = max(state.to_skip - len(text), 0)
