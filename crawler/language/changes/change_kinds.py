"""Classify the change of a revision for a lay reader, by the fields that differ and the words in them."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

CLASSES = ("title", "number", "name", "date", "text", "images", "attachments")

_BY_FIELD = {
    "title": "title",
    "images": "images",
    "attachments": "attachments",
    "labels": "attachments",
    "published_on": "date",
}
_WORD = re.compile(r"\S+")
_DATE = re.compile(r"[0-9]{1,2}[/.-][0-9]{1,2}([/.-][0-9]{2,4})?")
_MONEY = re.compile(r"^(đồng|triệu|tỷ|tỉ|nghìn|ngàn|VNĐ|VND|USD)$", re.IGNORECASE)


def classify_change(fields: Sequence[str], before: Sequence[str | None], *, after: Sequence[str | None]) -> list[str]:
    """Classify a change by its fields and by the removed and added words, in the order of `CLASSES`.

    Args:
        fields: the names of the fields that differ.
        before: the texts of an article (body, summary, captions, byline, source) before the change.
        after: the same texts after it, in the same order.

    >>> classify_change(["body"], ["Chi 5 tỷ đồng"], after=["Chi 7 tỷ đồng"])
    ['number']
    >>> classify_change(["body"], ["ông Lê Văn A nói"], after=["ông Lê Văn B nói rõ"])
    ['name', 'text']
    """
    found = {_BY_FIELD[name] for name in fields if name in _BY_FIELD}
    for old, new in zip(before, after, strict=True):
        if old != new:
            found.update(_class_of(word, is_first) for word, is_first in _changed_words(old or "", new or ""))
    return [name for name in CLASSES if name in found]


def _changed_words(old: str, new: str) -> Iterator[tuple[str, bool]]:
    """Yield each removed or added word, and whether it begins a sentence."""
    left, right = _WORD.findall(old), _WORD.findall(new)
    for operation, i, j, k, m in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if operation != "equal":
            yield from _with_place(left, i, end=j)
            yield from _with_place(right, k, end=m)


def _with_place(words: Sequence[str], start: int, *, end: int) -> Iterator[tuple[str, bool]]:
    for place in range(start, end):
        yield words[place], place == 0 or words[place - 1].endswith((".", "!", "?", ":"))


def _class_of(word: str, is_first: bool) -> str:
    bare = word.strip(".,;:!?()[]“”\"'")
    if _DATE.fullmatch(bare):
        return "date"
    if any(letter.isdigit() for letter in bare) or _MONEY.match(bare):
        return "number"
    if bare[:1].isupper() and not is_first:
        return "name"
    return "text"
