"""Say in a language what the archive's tables keep as a kind and arguments (crawler/sentences.py has the kinds)."""

import json
from collections.abc import Mapping
from typing import Any

from crawler.locale.catalogues import say
from crawler.locale.values import localize_size, show_day, show_moment

# Fields with a closed set of values, which have messages themselves.
_PREFIXES = {"state": "value", "fields": "value", "miss": "miss", "kind": "kind"}
# Fields that decide between the plural forms in a sentence without `count`.
_COUNTS = ("nights", "pages", "days")
_SIZES = ("free", "reserved", "size")


def say_sentence(kind: str, args: Mapping[str, Any], *, language: str) -> str:
    """Return the sentence of a kind in a language. A sentence inside it is an object with `kind` and `args`.

    >>> say_sentence("home-failed", {"problem": {"kind": "it-answered", "args": {"status": 503}}}, language="vi")
    'không lấy được trang chủ của cổng: máy chủ trả lời 503'
    """
    fields = {key: _show(key, one, language=language) for key, one in args.items()}
    count = next((args[name] for name in _COUNTS if name in args), None)
    return say(f"sentence_{kind}", language, **{"count": count, **fields})


def say_stored(prose: str | None, args: str | None, *, kind: str | None, language: str) -> str | None:
    """Return what three columns of a table say: prose, arguments as JSON and kind. Without a kind, give the prose.

    >>> say_stored("answered 404", '{"status":404}', kind="answered", language="vi")
    'máy chủ trả lời 404'
    """
    if kind is None or args is None:
        return prose
    value = json.loads(args)
    return say_sentence(kind, value, language=language) if isinstance(value, dict) else _join(value, language)


def _join(sentences: list[dict[str, Any]], language: str) -> str:
    return "; ".join(say_sentence(one["kind"], one["args"], language=language) for one in sentences)


def _show(name: str, value: Any, *, language: str) -> Any:
    if isinstance(value, dict):
        return say_sentence(value["kind"], value["args"], language=language)
    if isinstance(value, list):
        if value and isinstance(value[0], dict):
            return _join(value, language)
        return ", ".join(_show(name, one, language=language) for one in value)
    if name in _PREFIXES:
        return say(f"{_PREFIXES[name]}_{value}", language)
    if name in _SIZES:
        return localize_size(value, language)
    if name in ("seen_on", "ends_on"):
        return show_day(value, language)
    return show_moment(value, language) if name == "since" else value
