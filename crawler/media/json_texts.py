"""Parse JSON from a portal, with a limit on its depth."""

import json
import re

# Python's reader ends with RecursionError at a depth that depends on who called it.
_MAX_DEPTH = 100
_PARTS = re.compile(r'"(?:[^"\\]|\\.)*+"?+|[\[{]|[\]}]', re.DOTALL)


def read_json(text: str) -> object:
    """Read a JSON text.

    >>> read_json('{"a": [1]}')
    {'a': [1]}

    Raises:
        ValueError: if the text is not JSON, or is nested more than 100 levels deep.
    """
    if text.count("[") + text.count("{") > _MAX_DEPTH and _depth(text) > _MAX_DEPTH:
        raise ValueError(f"nested more than {_MAX_DEPTH} levels deep")
    return json.loads(text)


def _depth(text: str) -> int:
    deepest = depth = 0
    for part in _PARTS.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(part[0], 0)
        deepest = max(deepest, depth)
    return deepest
