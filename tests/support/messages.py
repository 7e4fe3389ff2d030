"""The message catalogues, and where code and templates use a message, read from their syntax trees."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from crawler.locale.catalogues import ROOT

PACKAGE = Path(__file__).parents[2] / "crawler"
TEMPLATES = PACKAGE / "web" / "templates"
SUBJECTS = sorted(path.stem for path in ROOT.glob("vi/LC_MESSAGES/*.po"))

# Functions whose first argument is the key of a message, and their keywords that are not fields.
_SAYING = {"say", "render_message", "Phrase", "make_problem"}
_NO_FIELDS = {"make_problem": {"zone"}, "render_message": {"status"}}


@dataclass(frozen=True)
class Use:
    """A place that says a message.

    `keys` are its keys as they are written: a key, a pattern with `*` for each part that is put together at run time,
    or `FILE EXPRESSION` where no part is written. `fields` is None if the place hands on what it was given.
    """

    place: str
    function: str
    keys: tuple[str, ...]
    fields: frozenset[str] | None


def find_uses() -> list[Use]:
    return [*_find_in_python(), *_find_in_templates()]


def _find_in_python() -> Iterator[Use]:
    for path in sorted(PACKAGE.rglob("*.py")):
        room = path.relative_to(PACKAGE).parts[0]
        if room not in ("web", "operations"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        others = _imported_from_elsewhere(tree)
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            function = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            if function not in _SAYING or ast.unparse(node.func) in others:
                continue
            place = f"{path.relative_to(PACKAGE)}:{node.lineno}"
            keys = tuple(_python_keys(node.args[0], path.name))
            yield Use(place, function, keys, _python_fields(node, function))


def _imported_from_elsewhere(tree: ast.Module) -> set[str]:
    """Name the functions of a module that share a name with ours: `say` of crawler.sentences."""
    return {"sentences.say"} | {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "crawler.sentences"
        for alias in node.names
    }


def _python_keys(key: ast.expr, file: str) -> Iterator[str]:
    if isinstance(key, ast.IfExp):
        yield from (*_python_keys(key.body, file), *_python_keys(key.orelse, file))
    elif isinstance(key, ast.Constant):
        yield str(key.value)
    elif isinstance(key, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "*" for part in key.values)
    else:
        yield f"{file} {ast.unparse(key)}"


def _python_fields(call: ast.Call, function: str) -> frozenset[str] | None:
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    if function == "Phrase":
        if len(call.args) < 2:
            return frozenset()
        given = call.args[1]
        if not isinstance(given, ast.Dict) or None in given.keys:
            return None
        return frozenset(key.value for key in given.keys if isinstance(key, ast.Constant))
    named = {keyword.arg for keyword in call.keywords if keyword.arg}
    # A portal's own `make_problem` gives its name.
    names_subject = len(call.args) > 1 or isinstance(call.func, ast.Attribute)
    more = {"subject"} if function == "make_problem" and names_subject else set()
    return frozenset((named | more) - _NO_FIELDS.get(function, set()))


def _find_in_templates() -> Iterator[Use]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
        for call in tree.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "say":
                place = f"{path.relative_to(PACKAGE)}:{call.lineno}"
                keys = tuple(_template_keys(call.args[0], path.name))
                yield Use(place, "say", keys, frozenset(keyword.key for keyword in call.kwargs))


def _template_keys(key: nodes.Expr, file: str) -> Iterator[str]:
    if isinstance(key, nodes.CondExpr):
        yield from (*_template_keys(key.expr1, file), *(_template_keys(key.expr2, file) if key.expr2 else ()))
    elif isinstance(key, nodes.Concat):
        yield "".join(str(part.value) if isinstance(part, nodes.Const) else "*" for part in key.nodes)
    elif isinstance(key, nodes.Const):
        yield str(key.value)
    else:
        yield f"{file} {key.name if isinstance(key, nodes.Name) else key}"


def read(language: str, subject: str) -> Catalog:
    with Path(ROOT, language, "LC_MESSAGES", f"{subject}.po").open("rb") as source:
        return read_po(source, locale=language, abort_invalid=True)


def forms(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """Give the forms of each message: one, or as many as the language has plurals."""
    found: dict[str, tuple[str, ...]] = {}
    for message in catalog:
        if message.id:
            key = message.id if isinstance(message.id, str) else message.id[0]
            found[key] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return found


def fields(text: str) -> set[str]:
    return set(re.findall(r"{(\w+)(?:!r)?}", text))
