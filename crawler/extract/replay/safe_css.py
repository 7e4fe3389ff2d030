"""Rewrite the style sheets of captured pages so that they load only what the archive has."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from crawler.extract.page import join_url
from crawler.extract.replay.css_tokens import parse_values, serialize
from crawler.language.text import join_surrogates

# Parsing takes about 3 s per megabyte (measured); the CMS's own sheets have at most 150 kB.
MAX_SHEET_CHARACTERS = 512 * 1024

# Functions whose plain strings are addresses too (CSS Images 4), and those of old browsers that run a script.
_LOADING = frozenset(("url", "src", "image", "image-set", "-webkit-image-set"))
_RUNNING = re.compile(r"expression|(?<![-\w])behavio|-moz-binding|javascript:|vbscript:", re.IGNORECASE)
_NOTHING = "data:,"


@dataclass(frozen=True, slots=True)
class Reference:
    """An address in a style sheet. `is_sheet` if it is an `@import`."""

    address: str
    is_sheet: bool


Piece = str | Reference


def show_sheet(css: str, base: str, *, sheet: Callable[[str], str | None], file: Callable[[str], str | None]) -> str:
    """Return a style sheet with every address replaced. An address that the archive does not have loads nothing.

    Args:
        css: the text of the sheet. The result is empty above MAX_SHEET_CHARACTERS; no page should need that much.
        base: its address, the base of relative addresses.
        sheet: returns this site's path for the absolute address of an imported sheet, None to leave it out.
        file: the same for a picture or font.
    """
    return "".join(
        _show(piece, base, sheet=sheet, file=file) for piece in _pieces_of_sheet(css[: MAX_SHEET_CHARACTERS + 1])
    )


def show_declarations(style: str, base: str, *, file: Callable[[str], str | None]) -> str:
    """Do what `show_sheet` does, for the declarations of a `style` attribute."""
    if "\\" not in style and "(" not in style and not _RUNNING.search(style):
        return style
    return "".join(
        _show(piece, base, sheet=file, file=file) for piece in _pieces_of_style(style[: MAX_SHEET_CHARACTERS + 1])
    )


def _show(piece: Piece, base: str, *, sheet: Callable[[str], str | None], file: Callable[[str], str | None]) -> str:
    if isinstance(piece, str):
        return piece
    if piece.address.lower().startswith("data:") and not piece.is_sheet:
        return _quote(piece.address)
    url = join_url(base, piece.address)
    path = None if url is None else (sheet if piece.is_sheet else file)(url)
    return _quote(path or _NOTHING)


def _quote(address: str) -> str:
    """Write an address as `url("…")`. Every character that could end it is escaped."""
    safe = re.sub(r"[^\x20\x21\x23-\x5b\x5d-\x7e]|[<>]", lambda found: f"\\{ord(found[0]):x} ", address)
    return f'url("{safe}")'


# A skin's sheets are the same on every page, so they are parsed once.
@lru_cache(maxsize=64)
def _pieces_of_sheet(css: str) -> tuple[Piece, ...]:
    if len(css) > MAX_SHEET_CHARACTERS:
        return ()
    return tuple(_close_tags(_of_tokens(parse_values(css))))


@lru_cache(maxsize=2048)
def _pieces_of_style(style: str) -> tuple[Piece, ...]:
    if len(style) > MAX_SHEET_CHARACTERS:
        return ()
    return tuple(_close_tags(_of_tokens(parse_values(style))))


def _close_tags(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Escape `<`, so that text cannot end a `style` element or begin another; join adjacent texts."""
    text: list[str] = []
    for piece in pieces:
        if isinstance(piece, str):
            text.append(piece)
            continue
        yield join_surrogates("".join(text)).replace("<", "\\3c ")
        text.clear()
        yield piece
    yield join_surrogates("".join(text)).replace("<", "\\3c ")


# An entry of the stack: a token, or the text that closes a bracket.
_Frame = tuple[object, bool]


def _of_tokens(tokens: list[object]) -> Iterator[Piece]:
    """Yield text and references in order. Uses its own stack: brackets nest deeper than Python's recursion limit."""
    stack: list[_Frame] = [(token, False) for token in reversed(tokens)]
    importing = False
    while stack:
        token, loads = stack.pop()
        if isinstance(token, str):
            yield token
            continue
        kind = str(getattr(token, "type", ""))
        if kind == "at-keyword":
            importing = getattr(token, "lower_value", "") == "import"
        elif kind in ("{} block",) or (kind == "literal" and getattr(token, "value", "") == ";"):
            importing = False
        if kind == "url" or (kind == "string" and (loads or importing)):
            yield Reference(str(getattr(token, "value", "")), importing)
        elif kind == "function":
            yield from _open_function(token, stack, importing=importing)
        elif kind in ("{} block", "() block", "[] block"):
            yield kind[0]
            stack.append((kind[1], False))
            stack += [(inner, False) for inner in reversed(getattr(token, "content", []))]
        elif kind != "error":
            yield _text_of(token)


def _open_function(token: object, stack: list[_Frame], *, importing: bool) -> Iterator[Piece]:
    name = str(getattr(token, "lower_name", ""))
    arguments = list(getattr(token, "arguments", []))
    if _RUNNING.search(name):
        yield "none"
    elif name in ("url", "src"):
        given = next((str(part.value) for part in arguments if part.type == "string"), "")
        yield Reference(given, importing)
    else:
        yield f"{name}("
        stack.append((")", False))
        stack += [(inner, name in _LOADING) for inner in reversed(arguments)]


def _text_of(token: object) -> str:
    text = serialize(token)
    return "none" if _RUNNING.search(text) and getattr(token, "type", "") in ("ident", "string") else text
