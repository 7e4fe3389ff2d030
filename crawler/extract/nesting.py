"""How deep the elements of a page stand in each other, told from its text before it is parsed.

A parser's work and that of all who go up from an element grow with the square of the depth: 50,000 nested `div`
cost lexbor four seconds (measured), so that one broken page could hold up a night. No page means such a depth.
"""

import re

# As deep as browsers built on Blink let a page go (`kMaximumHTMLParserDOMTreeDepth`).
MAX_DEPTH = 512
# Fewer tags than that cannot cost much, however they stand.
_FEW_TAGS = 2_000

_TAG = re.compile(
    r"<!--(?:.*?-->|.*)|<(?P<raw>script|style|textarea|title)\b(?:.*?</(?P=raw)|.*)|"
    r"<(?P<end>/?)(?P<name>[a-z][a-z0-9]*)[^<>]*",
    re.IGNORECASE | re.DOTALL,
)
# Elements that hold nothing, or that the next one of their kind ends: they do not pile up by themselves.
_FLAT_WORDS = (
    "html head body base link meta area br col embed hr img input param source track wbr p li dt dd a button "
    "option optgroup tr td th thead tbody tfoot caption colgroup h1 h2 h3 h4 h5 h6 rp rt"
)
_FLAT = frozenset(_FLAT_WORDS.split())
# `<path/>` of a drawing is whole; for these the slash means nothing.
_NEVER_EMPTY_WORDS = "b big center div em font form i s section small span strong table u ul"
_NEVER_EMPTY = frozenset(_NEVER_EMPTY_WORDS.split())


def find_too_deep(html: str) -> int | None:
    """Give the place of the first tag that stands deeper than `MAX_DEPTH`; None for any sound page.

    >>> find_too_deep("<div>" * 9), find_too_deep("<div>" * 9_999)
    (None, 2560)

    """
    if html.count("<") <= _FEW_TAGS:
        return None
    depth = 0
    for tag in _TAG.finditer(html):
        name = (tag["name"] or "").lower()
        if not name or name in _FLAT:
            continue
        if tag["end"]:
            depth = max(depth - 1, 0)
        elif name in _NEVER_EMPTY or not tag[0].endswith("/"):
            depth += 1
        if depth > MAX_DEPTH:
            return tag.start()
    return None
