"""Read the request for a listing's next pages from the page's own inline script."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from urllib.parse import unquote_plus, urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.article.parts import ancestors
from crawler.extract.listing.javascript import (
    UNKNOWN,
    EvaluationSteps,
    Fields,
    Function,
    Mixed,
    Token,
    Unknown,
    Value,
    evaluate,
    find_calls,
    find_functions,
    matching,
    parse_object,
    split_arguments,
    tokenize,
)
from crawler.extract.page import Page, attribute, join_url
from crawler.items import Pager
from crawler.language.numbers import whole_number

_PAGE_NAMES = (
    "page",
    "pageindex",
    "page_index",
    "currentpage",
    "current_page",
    "pagenumber",
    "page_number",
    "p",
    "trang",
)
_MAX_NAMES = re.compile(r"^(max_?page|total_?pages?|page_?count|num_?pages?|last_?page|count_?page)$", re.IGNORECASE)
# What ends an expression in a script: a mark, or the word that begins the next statement.
_STATEMENT_ENDS = frozenset((";", ",", "}", ")", "]", "var", "let", "const", "function", "if", "return"))
_CALL = re.compile(r"\b(ajax|post|fetch)\s*\(")
# A pager's script has a few thousand letters. A longer script is a library.
_MAX_SCRIPT_LETTERS = 200_000
# What a search of the whole page costs, and what reading one of its elements does, in steps.
_STEPS_OF_A_SEARCH, _STEPS_OF_A_NODE = 10_000, 20
# Variables that refer to others are followed this far.
_MAX_DEPTH = 5
# A request must not change anything: only `Load…` methods of listing modules, never those of surveys or forms.
_LISTING_ENDPOINT = re.compile(
    r"/DesktopModules?/UI\w*(?:Article|News|List|Tin)\w*/(?:[^/]+/)*Load\w*/?$", re.IGNORECASE
)
_ACTION = re.compile(
    r"vote|survey|send|submit|(?:log|sign)-?(?:in|out|on|off|up)|delete|remove|update|insert|save|register|comment|contact",
    re.IGNORECASE,
)
_MAIN_ENDPOINT = re.compile(r"ArticleInMenu|LoadArticle|ListNews|ArticlePag", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Call:
    """A request that a script makes, by the tokens of its address and data."""

    place: int
    url: Sequence[Token]
    data: Sequence[Token]


@dataclass(frozen=True, eq=False)
class _Script:
    node: LexborNode
    text: str
    steps: EvaluationSteps

    @cached_property
    def tokens(self) -> list[Token]:
        """The script's tokens, made at the first use. None of a script that is too long for a pager's."""
        if len(self.text) > _MAX_SCRIPT_LETTERS:
            return []
        self.steps.take(len(self.text))
        return tokenize(self.text)

    @cached_property
    def functions(self) -> tuple[Function, ...]:
        """The script's functions, outer before inner ones."""
        return tuple(find_functions(self.tokens, self.steps))

    @cached_property
    def assigned(self) -> dict[str, list[int]]:
        """The places of the names to which the script assigns, in order."""
        tokens, found = self.tokens, dict[str, list[int]]()
        self.steps.take(len(tokens))
        for place in range(len(tokens) - 2):
            if tokens[place].kind == "name" and tokens[place + 1].text == "=" and _is_variable(tokens, place):
                found.setdefault(tokens[place].text, []).append(place)
        return found

    def calls_of(self, name: str) -> list[tuple[int, list[Sequence[Token]]]]:
        """Return the calls of a function: the place and the arguments of each."""
        return list(find_calls(self.tokens, name, steps=self.steps)) if name in self.text else []


@dataclass(frozen=True, slots=True)
class _Scope:
    """What is known at a place of a script: the page with its scripts, and the assignments before the place."""

    page: Page
    scripts: tuple[_Script, ...]
    script: _Script
    place: int
    steps: EvaluationSteps
    depth: int = 0

    def at(self, place: int, script: _Script | None = None) -> "_Scope":
        """Return the scope at another place, of this script or another."""
        return replace(self, place=place, script=script or self.script)

    def look_up(self, name: str) -> Value:
        """Look up a variable, or a page's input by `#id`: the last assignment before, else any assignment."""
        if name.startswith("#"):
            self.steps.take(_STEPS_OF_A_SEARCH)
            field = self.page.tree.css_first(f'[id="{name[1:]}"]') if re.fullmatch(r"#[\w-]+", name) else None
            return attribute(field, "value") if field is not None else ""
        if name in ("window.location.origin", "location.origin", "document.location.origin"):
            parts = urlsplit(self.page.url)
            return f"{parts.scheme}://{parts.netloc}"
        if self.depth > _MAX_DEPTH:
            return UNKNOWN
        deeper = replace(self, depth=self.depth + 1)
        functions = (f for f in reversed(self.script.functions) if f.start < self.place < f.end)
        self.steps.take(_STEPS_OF_A_NODE + len(self.scripts) + len(self.script.functions))
        function = next((f for f in functions if name in f.parameters), None)
        if function is not None:
            return deeper.argument(name, function)
        assigned = _assigned(self.script, name, before=self.place)
        if assigned is None:
            others = (_assigned(other, name, before=len(other.tokens)) for other in self.scripts)
            assigned = next((tokens for tokens in others if tokens is not None), None)
        return UNKNOWN if assigned is None else deeper.evaluate(assigned)

    def evaluate(self, tokens: Sequence[Token]) -> Value:
        """Evaluate an expression here."""
        return evaluate(tokens, self.look_up, steps=self.steps)

    def argument(self, name: str, function: Function) -> Value:
        """Return what all calls of a function pass for a parameter. Unknown if they differ, and for the page number."""
        if not function.name or name.lower() in _PAGE_NAMES:
            return UNKNOWN
        position = function.parameters.index(name)
        values: set[Value] = set()
        for source in (*self.scripts, *_handlers(self.page, function.name, steps=self.steps)):
            for place, arguments in source.calls_of(function.name):
                is_inside = source is self.script and function.start < place < function.end
                if position < len(arguments) and not is_inside:
                    values.add(self.at(place, source).evaluate(arguments[position]))
        return values.pop() if len(values) == 1 else UNKNOWN


def read_pager(page: Page, main_list: LexborNode | None, *, steps: EvaluationSteps | None = None) -> Pager | None:
    """Read the pager of the main list. None if the page has no pager that sends a form.

    If there are several, the one inside or nearest the main list counts, then one with a listing's endpoint. Only a
    request to a `Load…` method of a listing module is a pager. Names, order and values are those of the script; the
    field of the page number has "1". `steps` counts what reading the scripts takes.

    Raises:
        BadFileError: kind `page_too_costly`, if the scripts take too many steps.
    """
    steps = steps or EvaluationSteps()
    scripts = tuple(_Script(node, node.text(), steps) for node in page.tree.css("script:not([src])"))
    found: list[tuple[tuple[int, int], Pager]] = []
    for script in scripts:
        for call in _calls(script) if _CALL.search(script.text) else ():
            steps.take(_STEPS_OF_A_SEARCH)
            pager = _build(call, _Scope(page, scripts, script, call.place, steps), main_list=main_list)
            if pager is not None:
                found.append(((_distance(script.node, main_list), not _MAIN_ENDPOINT.search(pager.endpoint)), pager))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _calls(script: _Script) -> Iterator[_Call]:
    """Find `$.ajax({…})`, `$.ajax(url, {…})`, `$.post(url, data)` and `fetch(url, {body: …})`."""
    tokens, steps = script.tokens, script.steps
    for place, token in enumerate(tokens[:-1]):
        if token.kind != "name" or token.text not in ("ajax", "post", "fetch") or tokens[place + 1].text != "(":
            continue
        arguments = split_arguments(tokens[place + 2 : matching(tokens, place + 1, steps=steps)], steps)
        if not arguments:
            continue
        if token.text == "post" and len(arguments) > 1:
            yield _Call(place, arguments[0], arguments[1])
            continue
        options = dict(parse_object(_braced(arguments[-1], script, before=place), steps))
        method = options.get("type") or options.get("method")
        if method and method[0].text.upper() == "GET":
            continue
        url = options.get("url") or (arguments[0] if len(arguments) > 1 else ())
        data = options.get("data") or options.get("body")
        if url and data:
            yield _Call(place, url, data)


def _braced(argument: Sequence[Token], script: _Script, *, before: int) -> Sequence[Token]:
    """Return the inside of an object literal, or of the literal that was assigned to a variable before."""
    if argument and argument[0].text == "{":
        return argument[1:-1]
    if len(argument) == 1:
        assigned = _assigned(script, argument[0].text, before=before)
        if assigned and assigned[0].text == "{":
            return assigned[1:-1]
    return ()


def _build(call: _Call, scope: _Scope, *, main_list: LexborNode | None) -> Pager | None:
    data = _form_argument(call.data, scope.steps)
    fields = _as_fields(scope.evaluate(data))
    if len(data) == 1:
        if not fields:  # a variable with `new URLSearchParams({…})`
            assigned = _assigned(scope.script, data[0].text, before=call.place) or ()
            fields = _as_fields(scope.evaluate(_form_argument(assigned, scope.steps)))
        fields = _with_later_members(data[0].text, scope, fields=fields)
    endpoint = _endpoint(scope.evaluate(call.url), scope.page)
    counting = _page_field(fields)
    if endpoint is None or counting is None:
        return None
    known = [(name, value if isinstance(value, str) else "") for name, value in fields]
    pairs = tuple((name, "1" if name == counting else value) for name, value in known)
    return Pager(endpoint, pairs, counting, _max_page(scope, main_list))


def _form_argument(data: Sequence[Token], steps: EvaluationSteps) -> Sequence[Token]:
    """Look into `new URLSearchParams({…})` and `$.param({…})`, and past `.toString()`."""
    for place, token in enumerate(data[:-1]):
        if token.text in ("URLSearchParams", "param") and data[place + 1].text == "(":
            return data[place + 2 : matching(data, place + 1, steps=steps)]
    return data[:-4] if [token.text for token in data[-4:]] == [".", "toString", "(", ")"] else data


def _as_fields(value: Value) -> list[tuple[str, Value]]:
    if isinstance(value, Fields):
        return list(value.pairs)
    parts: tuple[str | Unknown, ...] = ()
    if isinstance(value, str):
        parts = (value,)
    elif isinstance(value, Mixed):
        parts = value.parts
    fields: list[tuple[str, Value]] = []
    # U+0000 marks unknown parts while the string is split at its ampersands.
    for pair in "".join("\0" if part is UNKNOWN else str(part) for part in parts).lstrip("?&").split("&"):
        name, found, text = pair.partition("=")
        if found and "\0" not in name:
            fields.append((unquote_plus(name), UNKNOWN if "\0" in text else unquote_plus(text)))
    return fields


def _with_later_members(name: str, scope: _Scope, *, fields: list[tuple[str, Value]]) -> list[tuple[str, Value]]:
    """Add the members that are set between a variable's literal and the request.

    `data.page = …`, `data["page"] = …`, `data.append("page", …)`, `data.set(…)`, and `data += "&page=" + …`.
    """
    tokens, found, steps = scope.script.tokens, dict(fields), scope.steps
    steps.take(scope.place)
    for place in range(scope.place - 3):
        if tokens[place].text != name:
            continue
        sign, member, after, *later = (token.text for token in tokens[place + 1 : place + 5])
        known = scope.at(place)
        if sign == "=":
            found = dict(fields)
        elif sign == "+=":
            found.update(_as_fields(known.evaluate(_statement(tokens, place + 2, steps=steps))))
        elif sign == "." and member in ("append", "set") and after == "(":
            arguments = split_arguments(tokens[place + 4 : matching(tokens, place + 3, steps=steps)], steps)
            name_set = known.evaluate(arguments[0]) if len(arguments) > 1 else UNKNOWN
            if isinstance(name_set, str):
                found[name_set] = known.evaluate(arguments[1])
        elif sign == "." and after == "=":
            found[member] = known.evaluate(_statement(tokens, place + 4, steps=steps))
        elif sign == "[" and later == ["="]:
            found[member] = known.evaluate(_statement(tokens, place + 5, steps=steps))
    return list(found.items())


def _page_field(fields: list[tuple[str, Value]]) -> str | None:
    """Find the field of the page number: by its name, else the only field without a known value."""
    names = {name.lower(): name for name, _ in reversed(fields)}
    for name in _PAGE_NAMES:
        if name in names:
            return names[name]
    open_fields = [name for name, value in fields if not isinstance(value, str)]
    return open_fields[0] if len(open_fields) == 1 else None


def _endpoint(value: Value, page: Page) -> str | None:
    if isinstance(value, Mixed):
        # An unknown first part is the site's own address (`location.origin + "/…"`, `baseUrl + "/…"`).
        known = [part for part in value.parts if isinstance(part, str)]
        value = known[-1] if value.parts[0] is UNKNOWN and len(known) == 1 else UNKNOWN
    if not isinstance(value, str) or not value.strip():
        return None
    url = join_url(page.base, value)
    return url if url is not None and _is_listing_endpoint(url, page) else None


def _is_listing_endpoint(url: str, page: Page) -> bool:
    asked, own = urlsplit(url), urlsplit(page.url)
    if (asked.hostname or "").removeprefix("www.") != (own.hostname or "").removeprefix("www."):
        return False
    return bool(_LISTING_ENDPOINT.search(asked.path)) and not _ACTION.search(f"{asked.path}?{asked.query}")


def _is_variable(tokens: list[Token], place: int) -> bool:
    return place == 0 or tokens[place - 1].text != "." or tokens[place - 2].text in ("window", "self")


def _assigned(script: _Script, name: str, *, before: int) -> Sequence[Token] | None:
    """Return the tokens of the last assignment to a variable before a place, else of the first after it."""
    short = name.rpartition(".")[2] if name.startswith(("window.", "self.")) else name
    places = script.assigned.get(short)
    if places is None:
        return None
    earlier = bisect_left(places, before)
    return _statement(script.tokens, places[max(earlier - 1, 0)] + 2, steps=script.steps)


def _statement(tokens: list[Token], start: int, *, steps: EvaluationSteps) -> Sequence[Token]:
    """Return the tokens from a place to the end of its expression."""
    place = start
    while place < len(tokens):
        token = tokens[place]
        if token.kind == "mark" and token.text in ("(", "[", "{"):
            place = matching(tokens, place, steps=steps) + 1
            continue
        if token.text in _STATEMENT_ENDS:
            break
        place += 1
    steps.take(min(place, len(tokens)) - start)
    return tokens[start:place]


def _handlers(page: Page, name: str, *, steps: EvaluationSteps) -> list[_Script]:
    """Return the scripts in `onclick` and `href="javascript:…"` that name a function."""
    nodes = page.tree.css('[onclick], [href^="javascript:"]')
    steps.take(_STEPS_OF_A_SEARCH + len(nodes) * _STEPS_OF_A_NODE)
    texts = [(node, attribute(node, "onclick") or attribute(node, "href")[len("javascript:") :]) for node in nodes]
    return [_Script(node, text, steps) for node, text in texts if name in text]


def _max_page(scope: _Scope, main_list: LexborNode | None) -> int | None:
    """Return the number of pages: the script's `maxPage`, else the highest `data-page` of the list's own pager."""
    has_pager = main_list is not None and main_list.css_first("[data-page]") is not None
    for source in (scope.script, *(other for other in scope.scripts if other is not scope.script)):
        here = scope if source is scope.script else scope.at(len(source.tokens), source)
        names = (token.text for token in source.tokens if token.kind == "name" and _MAX_NAMES.match(token.text))
        for name in dict.fromkeys(names):
            value = here.look_up(name)
            if isinstance(value, str) and (count := whole_number(value.strip())):
                return count
        if has_pager:  # the numbers in the list are more certain than another script
            break
    area = main_list if has_pager else scope.page.tree.body
    shown = [whole_number(attribute(n, "data-page")) for n in area.css("[data-page]")] if area is not None else []
    return max((number for number in shown if number is not None), default=None)


def _distance(node: LexborNode, main_list: LexborNode | None) -> int:
    """Return how many levels above the main list an element contains the script. 0 inside the list."""
    if main_list is None:
        return 0
    above = {n.mem_id for n in ancestors(node)}
    for steps, element in enumerate((main_list, *ancestors(main_list))):
        if element.mem_id in above:
            return steps
    return 1000
