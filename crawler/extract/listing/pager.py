"""Read the request for a listing's next pages from the page's own inline script."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from urllib.parse import unquote_plus, urlsplit

from selectolax.lexbor import LexborNode

from crawler.extract.article.parts import ancestors
from crawler.extract.listing.javascript import (
    UNKNOWN,
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
_CALL = re.compile(r"\b(ajax|post|fetch)\s*\(")
# A pager's script has a few thousand letters. A longer script is a library.
_MAX_SCRIPT_LETTERS = 200_000
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


@dataclass(frozen=True, slots=True)
class _Script:
    node: LexborNode
    text: str

    @property
    def tokens(self) -> list[Token]:
        """The script's tokens, made at the first use."""
        return _tokenize(self.text)

    @property
    def functions(self) -> tuple[Function, ...]:
        """The script's functions, outer before inner ones."""
        return _find_functions(self.text)


@lru_cache(maxsize=64)
def _find_functions(text: str) -> tuple[Function, ...]:
    return tuple(find_functions(_tokenize(text)))


@lru_cache(maxsize=64)
def _tokenize(text: str) -> list[Token]:
    return tokenize(text) if len(text) <= _MAX_SCRIPT_LETTERS else []


def read_pager(page: Page, main_list: LexborNode | None) -> Pager | None:
    """Read the pager of the main list. None if the page has no pager that sends a form.

    If there are several, the one inside or nearest the main list counts, then one with a listing's endpoint. Only a
    request to a `Load…` method of a listing module is a pager. Names, order and values are those of the script; the
    field of the page number has "1".
    """
    scripts = [_Script(node, node.text()) for node in page.tree.css("script:not([src])")]
    found: list[tuple[tuple[int, int], Pager]] = []
    for script in scripts:
        for call in _calls(script.tokens) if _CALL.search(script.text) else ():
            pager = _build(call, script, scripts=scripts, page=page, main_list=main_list)
            if pager is not None:
                found.append(((_distance(script.node, main_list), not _MAIN_ENDPOINT.search(pager.endpoint)), pager))
    return min(found, key=lambda pair: pair[0])[1] if found else None


def _calls(tokens: list[Token]) -> Iterator[_Call]:
    """Find `$.ajax({…})`, `$.ajax(url, {…})`, `$.post(url, data)` and `fetch(url, {body: …})`."""
    for place, token in enumerate(tokens[:-1]):
        if token.kind != "name" or token.text not in ("ajax", "post", "fetch") or tokens[place + 1].text != "(":
            continue
        arguments = split_arguments(tokens[place + 2 : matching(tokens, place + 1)])
        if not arguments:
            continue
        if token.text == "post" and len(arguments) > 1:
            yield _Call(place, arguments[0], arguments[1])
            continue
        options = dict(parse_object(_braced(arguments[-1], tokens, before=place)))
        method = options.get("type") or options.get("method")
        if method and method[0].text.upper() == "GET":
            continue
        url = options.get("url") or (arguments[0] if len(arguments) > 1 else ())
        data = options.get("data") or options.get("body")
        if url and data:
            yield _Call(place, url, data)


def _braced(argument: Sequence[Token], tokens: list[Token], *, before: int) -> Sequence[Token]:
    """Return the inside of an object literal, or of the literal that was assigned to a variable before."""
    if argument and argument[0].text == "{":
        return argument[1:-1]
    if len(argument) == 1:
        assigned = _assigned(tokens, argument[0].text, before=before)
        if assigned and assigned[0].text == "{":
            return assigned[1:-1]
    return ()


def _build(
    call: _Call, script: _Script, *, scripts: list[_Script], page: Page, main_list: LexborNode | None
) -> Pager | None:
    lookup = partial(_look_up, script=script, scripts=scripts, before=call.place, page=page, depth=0)
    data = _form_argument(call.data)
    fields = _as_fields(evaluate(data, lookup))
    if not fields and len(data) == 1:  # a variable with `new URLSearchParams({…})`
        fields = _as_fields(
            evaluate(_form_argument(_assigned(script.tokens, data[0].text, before=call.place) or ()), lookup)
        )
    if len(data) == 1:
        fields = _with_later_members(data[0].text, call, script=script, fields=fields, lookup=lookup)
    endpoint = _endpoint(evaluate(call.url, lookup), page)
    counting = _page_field(fields)
    if endpoint is None or counting is None:
        return None
    pairs = tuple(
        (name, "1" if name == counting else value if isinstance(value, str) else "") for name, value in fields
    )
    return Pager(
        endpoint, pairs, counting, _max_page(script, scripts, before=call.place, page=page, main_list=main_list)
    )


def _form_argument(data: Sequence[Token]) -> Sequence[Token]:
    """Look into `new URLSearchParams({…})` and `$.param({…})`, and past `.toString()`."""
    for place, token in enumerate(data[:-1]):
        if token.text in ("URLSearchParams", "param") and data[place + 1].text == "(":
            return data[place + 2 : matching(data, place + 1)]
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


def _with_later_members(
    name: str, call: _Call, *, script: _Script, fields: list[tuple[str, Value]], lookup: "partial[Value]"
) -> list[tuple[str, Value]]:
    """Add the members that are set between a variable's literal and the request.

    `data.page = …`, `data["page"] = …`, `data.append("page", …)`, `data.set(…)`, and `data += "&page=" + …`.
    """
    tokens, found = script.tokens, dict(fields)
    for place in range(call.place - 3):
        if tokens[place].text != name:
            continue
        following = [token.text for token in tokens[place + 1 : place + 5]]
        known = partial(lookup, before=place)
        if following[0] == "=":
            found = dict(fields)
        elif following[0] == "+=":
            found.update(_as_fields(evaluate(_statement(tokens, place + 2), known)))
        elif following[0] == "." and following[1] in ("append", "set") and following[2] == "(":
            arguments = split_arguments(tokens[place + 4 : matching(tokens, place + 3)])
            member = evaluate(arguments[0], known) if len(arguments) > 1 else UNKNOWN
            if isinstance(member, str):
                found[member] = evaluate(arguments[1], known)
        elif following[0] == "." and following[2] == "=":
            found[following[1]] = evaluate(_statement(tokens, place + 4), known)
        elif following[0] == "[" and following[3:] == ["="]:
            found[following[1]] = evaluate(_statement(tokens, place + 5), known)
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


def _look_up(name: str, *, script: _Script, scripts: list[_Script], before: int, page: Page, depth: int) -> Value:
    """Look up a variable, or a page's input by `#id`: the last assignment before, else any assignment."""
    if name.startswith("#"):
        field = page.tree.css_first(f'[id="{name[1:]}"]') if re.fullmatch(r"#[\w-]+", name) else None
        return attribute(field, "value") if field is not None else ""
    if name in ("window.location.origin", "location.origin", "document.location.origin"):
        parts = urlsplit(page.url)
        return f"{parts.scheme}://{parts.netloc}"
    if depth > 5:
        return UNKNOWN
    function = next((f for f in reversed(script.functions) if f.start < before < f.end and name in f.parameters), None)
    if function is not None:
        return _argument(name, function, script=script, scripts=scripts, page=page, depth=depth)
    assigned = _assigned(script.tokens, name, before=before)
    if assigned is None:
        others = (_assigned(other.tokens, name, before=len(other.tokens)) for other in scripts)
        assigned = next((tokens for tokens in others if tokens is not None), None)
    if assigned is None:
        return UNKNOWN
    lookup = partial(_look_up, script=script, scripts=scripts, before=before, page=page, depth=depth + 1)
    return evaluate(assigned, lookup)


def _assigned(tokens: list[Token], name: str, *, before: int) -> Sequence[Token] | None:
    """Return the tokens of the last assignment to a variable before a place, else of the first after it."""
    short = name.rpartition(".")[2] if name.startswith(("window.", "self.")) else name
    places = [
        place
        for place in range(len(tokens) - 2)
        if tokens[place].text == short and tokens[place].kind == "name" and tokens[place + 1].text == "="
        and (place == 0 or tokens[place - 1].text != "." or tokens[place - 2].text in ("window", "self"))
    ]  # fmt: skip
    earlier = [place for place in places if place < before]
    place = earlier[-1] if earlier else places[0] if places else None
    return None if place is None else _statement(tokens, place + 2)


def _statement(tokens: list[Token], start: int) -> Sequence[Token]:
    """Return the tokens from a place to the end of its expression."""
    place = start
    while place < len(tokens):
        token = tokens[place]
        if token.kind == "mark" and token.text in ("(", "[", "{"):
            place = matching(tokens, place) + 1
            continue
        if token.text in (";", ",", "}", ")", "]") or token.text in (
            "var",
            "let",
            "const",
            "function",
            "if",
            "return",
        ):
            break
        place += 1
    return tokens[start:place]


def _argument(
    name: str, function: Function, *, script: _Script, scripts: list[_Script], page: Page, depth: int
) -> Value:
    """Return what all calls of a function pass for a parameter. Unknown if they differ, and for the page number."""
    if not function.name or name.lower() in _PAGE_NAMES:
        return UNKNOWN
    position = function.parameters.index(name)
    values: set[Value] = set()
    for source in (*scripts, *_handlers(page, function.name)):
        for place, arguments in find_calls(source.tokens, function.name) if function.name in source.text else ():
            is_inside = source is script and function.start < place < function.end
            if position < len(arguments) and not is_inside:
                known = partial(_look_up, script=source, scripts=scripts, before=place, page=page, depth=depth + 1)
                values.add(evaluate(arguments[position], known))
    return values.pop() if len(values) == 1 else UNKNOWN


def _handlers(page: Page, name: str) -> list[_Script]:
    """Return the scripts in `onclick` and `href="javascript:…"` that name a function."""
    nodes = page.tree.css('[onclick], [href^="javascript:"]')
    texts = [(node, attribute(node, "onclick") or attribute(node, "href")[len("javascript:") :]) for node in nodes]
    return [_Script(node, text) for node, text in texts if name in text]


def _max_page(
    script: _Script, scripts: list[_Script], *, before: int, page: Page, main_list: LexborNode | None
) -> int | None:
    """Return the number of pages: the script's `maxPage`, else the highest `data-page` of the list's own pager."""
    own = [script, *(other for other in scripts if other is not script)]
    for source in own:
        limit = before if source is script else len(source.tokens)
        names = dict.fromkeys(
            token.text for token in source.tokens if token.kind == "name" and _MAX_NAMES.match(token.text)
        )
        for name in names:
            lookup = partial(_look_up, script=source, scripts=scripts, before=limit, page=page, depth=0)
            value = lookup(name)
            if isinstance(value, str) and value.strip().isdigit() and int(value) > 0:
                return int(value)
        if source is script and main_list is not None and main_list.css_first("[data-page]") is not None:
            break
    area = main_list if main_list is not None and main_list.css_first("[data-page]") is not None else page.tree.body
    shown = [attribute(n, "data-page") for n in area.css("[data-page]")] if area is not None else []
    return max((int(number) for number in shown if number.isdigit()), default=None)


def _distance(node: LexborNode, main_list: LexborNode | None) -> int:
    """Return how many levels above the main list an element contains the script. 0 inside the list."""
    if main_list is None:
        return 0
    above = {n.mem_id for n in ancestors(node)}
    for steps, element in enumerate((main_list, *ancestors(main_list))):
        if element.mem_id in above:
            return steps
    return 1000
