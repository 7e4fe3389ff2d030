"""Evaluate enough JavaScript to know what a page's inline script would send: literals, variables, concatenations.

Nothing is run. A value that only running the script would give (a parameter, a typed value) is `UNKNOWN`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from crawler.errors import BadFileError
from crawler.language.text import join_surrogates
from crawler.sentences import say


class Unknown(Enum):
    """The value of an expression that only running the script would give."""

    UNKNOWN = "unknown"


UNKNOWN = Unknown.UNKNOWN


@dataclass(frozen=True, slots=True)
class Fields:
    """An object literal, or an address-encoded string: names and values in order."""

    pairs: tuple[tuple[str, "Value"], ...]


@dataclass(frozen=True, slots=True)
class Mixed:
    """A concatenation with an unknown part."""

    parts: tuple[str | Unknown, ...]


Value = str | Unknown | Fields | Mixed

_TOKEN = re.compile(
    r"""(?P<skip>\s+|//[^\n]*|/\*.*?(?:\*/|\Z)|<!--[^\n]*|-->[^\n]*)
    |(?P<string>"(?:\\.|[^"\\\n])*+(?:"|\\?+)|'(?:\\.|[^'\\\n])*+(?:'|\\?+)|`(?:\\.|[^`\\])*+(?:`|\\?+))
    |(?P<number>0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<mark>=>|===?|!==?|[-+*/%&|^<>]=|&&|\|\||\+\+|--|.)""",
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*+\]?+|[^/\\\n\[])++(?:/[a-z]*+)?+")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": ""}
_OPEN, _CLOSE = {"(": ")", "[": "]", "{": "}"}, frozenset(")]}")
_CASTS = frozenset(("parseInt", "Number", "String", "parseFloat", "encodeURIComponent", "escape", "encodeURI"))
_WORDS = {"true": "true", "false": "false", "null": "", "undefined": ""}


# What reading the scripts of a page may cost, in tokens looked at: a second or two. A page of the CMS with two pagers
# needs 40,000.
MAX_STEPS = 5_000_000
# Expressions are nested this deep at most, through variables too. Python's own limit moves with the caller.
_MAX_NESTED = 50
# What evaluating an expression takes beside its tokens.
_STEPS_OF_AN_EXPRESSION = 80
# A text that is put together costs a step for this many letters.
_LETTERS_A_STEP = 64


@dataclass(slots=True)
class EvaluationSteps:
    """The steps that were taken to read the scripts of one page, and how deep expressions are nested now."""

    taken: int = 0
    nested: int = 0

    def take(self, count: int) -> None:
        """Count steps.

        Raises:
            BadFileError: kind `page_too_costly`, above MAX_STEPS.
        """
        self.taken += count
        if self.taken > MAX_STEPS:
            raise BadFileError("page_too_costly", say("costs-script", count=MAX_STEPS))


@dataclass(frozen=True, slots=True)
class Token:
    """A token of the script: its kind (`string`, `number`, `name`, `mark`) and text; strings without quotes."""

    kind: str
    text: str


def tokenize(source: str) -> list[Token]:
    """Split a script into tokens, without comments. Never raises."""
    tokens: list[Token] = []
    place = 0
    while place < len(source):
        if source[place] == "/" and _can_be_regex(tokens):
            regex = _REGEX.match(source, place)
            if regex is not None and not source.startswith(("//", "/*"), place):
                tokens.append(Token("regex", regex[0]))
                place = regex.end()
                continue
        match = _TOKEN.match(source, place)
        if match is None:  # pragma: no cover - the last alternative takes any character
            break
        place = match.end()
        kind = match.lastgroup or "mark"
        if kind == "string":
            text = match[0][1:].removesuffix(match[0][0])
            tokens.append(Token("template" if match[0][0] == "`" else "string", _unescape(text)))
        elif kind != "skip":
            tokens.append(Token(kind, match[0]))
    return tokens


def matching(tokens: Sequence[Token], start: int, *, steps: EvaluationSteps) -> int:
    """Return the place of the bracket that closes the one at `start`. The end if none does."""
    depth = 0
    for place in range(start, len(tokens)):
        token = tokens[place]
        if token.kind != "mark":
            continue
        if token.text in _OPEN:
            depth += 1
        elif token.text in _CLOSE:
            depth -= 1
            if depth == 0:
                steps.take(place - start)
                return place
    steps.take(len(tokens) - start)
    return len(tokens)


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the script: its name ("" without one), its parameters, and the places of its body's braces."""

    name: str
    parameters: tuple[str, ...]
    start: int
    end: int


def find_functions(tokens: Sequence[Token], steps: EvaluationSteps) -> Iterator[Function]:
    """Find `function f(a) {…}`, `f = function (a) {…}` and `f: function (a) {…}`, outer before inner ones."""
    for place, token in enumerate(tokens):
        if token.kind != "name" or token.text != "function":
            continue
        opened = next((p for p in range(place, min(place + 4, len(tokens))) if tokens[p].text == "("), None)
        if opened is None:
            continue
        closed = matching(tokens, opened, steps=steps)
        end = matching(tokens, closed + 1, steps=steps) if closed + 1 < len(tokens) else closed
        is_assigned = place > 1 and tokens[place - 1].text in ("=", ":")
        name = tokens[opened - 1].text if opened > place + 1 else tokens[place - 2].text if is_assigned else ""
        parameters = [argument[0].text for argument in split_arguments(tokens[opened + 1 : closed], steps) if argument]
        yield Function(name, tuple(parameters), closed, end)


def find_calls(
    tokens: Sequence[Token], name: str, *, steps: EvaluationSteps
) -> Iterator[tuple[int, list[Sequence[Token]]]]:
    """Find the calls of a function: the place and the arguments of each."""
    steps.take(len(tokens))
    for place in range(len(tokens) - 1):
        is_declared = place > 0 and tokens[place - 1].text == "function"
        if tokens[place] == Token("name", name) and tokens[place + 1].text == "(" and not is_declared:
            yield place, split_arguments(tokens[place + 2 : matching(tokens, place + 1, steps=steps)], steps)


def split_arguments(tokens: Sequence[Token], steps: EvaluationSteps) -> list[Sequence[Token]]:
    """Split tokens at their outer commas."""
    return list(_split(tokens, ",", steps=steps))


Lookup = Callable[[str], Value]


def evaluate(tokens: Sequence[Token], lookup: Lookup, *, steps: EvaluationSteps) -> Value:
    """Evaluate an expression. `lookup` gives the variables and the inputs of the page (by `#id`)."""
    if steps.nested >= _MAX_NESTED:
        return UNKNOWN
    steps.nested += 1
    try:
        return _evaluate(tokens, lookup, steps=steps)
    finally:
        steps.nested -= 1


def _evaluate(tokens: Sequence[Token], lookup: Lookup, *, steps: EvaluationSteps) -> Value:
    steps.take(_STEPS_OF_AN_EXPRESSION + len(tokens))
    tokens = _unwrap(tokens, steps)
    if not tokens:
        return UNKNOWN
    if tokens[0].text == "{" and tokens[0].kind == "mark" and matching(tokens, 0, steps=steps) == len(tokens) - 1:
        return _object(tokens[1:-1], lookup, steps=steps)
    choices = list(_split(tokens, "||", steps=steps))
    if len(choices) > 1:
        values = (evaluate(choice, lookup, steps=steps) for choice in choices)
        return next((value for value in values if value not in (UNKNOWN, "")), "")
    terms = list(_split(tokens, "+", steps=steps))
    if len(terms) > 1 and all(terms):
        return _concatenate([evaluate(term, lookup, steps=steps) for term in terms], steps)
    return _term(tokens, lookup, steps=steps)


def parse_object(tokens: Sequence[Token], steps: EvaluationSteps) -> Iterator[tuple[str, Sequence[Token]]]:
    """Yield the members of an object literal (without its braces): the name and the tokens of the value."""
    for member in _split(tokens, ",", steps=steps):
        if len(member) == 1 and member[0].kind == "name":
            yield member[0].text, member
        elif len(member) > 2 and member[0].kind in ("name", "string", "number") and member[1].text == ":":
            yield member[0].text, member[2:]
        elif len(member) > 2 and member[0].kind == "name" and member[1].text == "(":
            yield member[0].text, member[1:]


def _object(tokens: Sequence[Token], lookup: Lookup, *, steps: EvaluationSteps) -> Fields:
    return Fields(tuple((name, evaluate(value, lookup, steps=steps)) for name, value in parse_object(tokens, steps)))


def _term(tokens: Sequence[Token], lookup: Lookup, *, steps: EvaluationSteps) -> Value:
    first = tokens[0]
    if len(tokens) == 1:
        return _single(first, lookup, steps=steps)
    if first.text == "-" and len(tokens) == 2:
        value = _single(tokens[1], lookup, steps=steps)
        return f"-{value}" if isinstance(value, str) and value.replace(".", "").isdigit() else UNKNOWN
    if all(token.kind == "name" or token.text == "." for token in tokens):
        return lookup("".join(token.text for token in tokens))
    return _called(tokens, lookup, steps=steps)


def _single(token: Token, lookup: Lookup, *, steps: EvaluationSteps) -> Value:
    if token.kind in ("string", "number"):
        return token.text
    if token.kind == "template":
        return _template(token.text, lookup, steps=steps)
    return _WORDS[token.text] if token.text in _WORDS else lookup(token.text)


def _called(tokens: Sequence[Token], lookup: Lookup, *, steps: EvaluationSteps) -> Value:
    """Evaluate the calls that do not change a value, and those that read an input of the page."""
    first = tokens[0].text
    if first in _CASTS and tokens[1].text == "(" and matching(tokens, 1, steps=steps) == len(tokens) - 1:
        return evaluate(next(iter(split_arguments(tokens[2:-1], steps)), ()), lookup, steps=steps)
    if first == "JSON" and len(tokens) > 4 and tokens[2].text == "stringify":
        return evaluate(tokens[4:-1], lookup, steps=steps)
    if len(tokens) > 4 and tokens[-1].text == ")" and tokens[-3].text in ("toString", "trim", "val"):
        return _method(tokens, lookup, steps=steps)
    if first == "document" and tokens[-1].text == "value":
        selector = next((token.text for token in tokens if token.kind == "string"), "")
        return lookup(f"#{selector}")
    return UNKNOWN


def _method(tokens: Sequence[Token], lookup: Lookup, *, steps: EvaluationSteps) -> Value:
    """Evaluate `x.toString()`, `x.trim()` and jQuery's `$("#id").val()`."""
    if tokens[-3].text != "val":
        return evaluate(tokens[:-4], lookup, steps=steps)
    selector = next((token.text for token in tokens if token.kind == "string"), "")
    return lookup(selector) if selector.startswith("#") else UNKNOWN


def _template(text: str, lookup: Lookup, *, steps: EvaluationSteps) -> Value:
    steps.take(len(text))
    pieces = re.split(r"\$\{([^{}]*+)\}", text)
    values: list[Value] = [
        piece if n % 2 == 0 else evaluate(tokenize(piece), lookup, steps=steps) for n, piece in enumerate(pieces)
    ]
    return _concatenate(values, steps)


def _concatenate(values: list[Value], steps: EvaluationSteps) -> Value:
    parts: list[str | Unknown] = []
    joined: list[str] = []
    for value in values:
        pieces: tuple[str | Unknown, ...] = value.parts if isinstance(value, Mixed) else ()
        if isinstance(value, str | Unknown):
            pieces = (value,)
        for piece in pieces or (UNKNOWN,):
            if isinstance(piece, str):
                steps.take(1 + len(piece) // _LETTERS_A_STEP)
                joined.append(piece)
                continue
            steps.take(1)
            parts += ["".join(joined), piece] if joined else [piece]
            joined.clear()
    parts += ["".join(joined)] if joined else []
    return parts[0] if len(parts) == 1 else Mixed(tuple(parts))


def _split(tokens: Sequence[Token], mark: str, *, steps: EvaluationSteps) -> Iterator[Sequence[Token]]:
    steps.take(len(tokens))
    depth, start = 0, 0
    for place, token in enumerate(tokens):
        if token.kind != "mark":
            continue
        if token.text in _OPEN:
            depth += 1
        elif token.text in _CLOSE:
            depth -= 1
        elif token.text == mark and depth == 0:
            yield tokens[start:place]
            start = place + 1
    if start < len(tokens):
        yield tokens[start:]


def _unwrap(tokens: Sequence[Token], steps: EvaluationSteps) -> Sequence[Token]:
    while len(tokens) > 1 and tokens[0].text == "(" and matching(tokens, 0, steps=steps) == len(tokens) - 1:
        tokens = tokens[1:-1]
    return tokens


def _can_be_regex(tokens: Sequence[Token]) -> bool:
    if not tokens:
        return True
    last = tokens[-1]
    return (last.kind == "mark" and last.text not in (")", "]", "}")) or last.text in ("return", "typeof", "case")


def _unescape(text: str) -> str:
    def replace(match: re.Match[str]) -> str:
        code = match[1]
        return chr(int(code[1:], 16)) if code[0] in "ux" and len(code) > 1 else _ESCAPES.get(code, code)

    return join_surrogates(re.sub(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)", replace, text, flags=re.DOTALL))
