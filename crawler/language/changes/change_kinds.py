"""Classify the change of a revision for a lay reader, by the fields that differ and the words in them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from crawler.language.changes.alignment import Budget, align
from crawler.language.changes.number_changes import NumberChange

CLASSES = ("title", "number", "name", "date", "text", "images", "attachments")

_BY_FIELD = {
    "title": "title",
    "images": "images",
    "attachments": "attachments",
    "labels": "attachments",
    "published_on": "date",
}
_WORD = re.compile(r"\S+")
_MONEY = re.compile(r"^(đồng|triệu|tỷ|tỉ|nghìn|ngàn|VNĐ|VND|USD)$", re.IGNORECASE)


def classify_change(
    fields: Sequence[str], before: Sequence[str | None], *, after: Sequence[str | None], numbers: Iterable[NumberChange]
) -> list[str]:
    """Classify a change by its fields, its changed numbers and its changed words, in the order of `CLASSES`.

    A number or date changed only if it is in `numbers`: what moved or is written another way is a change of the text.

    Args:
        fields: the names of the fields that differ.
        before: the texts of an article (body, summary, captions, byline, source) before the change.
        after: the same texts after it, in the same order.
        numbers: what `find_number_changes` finds in the same change.

    >>> classify_change(["body"], ["Chi 5 tỷ đồng"], after=["Chi 7 tỷ đồng"], numbers=[
    ...     NumberChange("money", "5 tỷ đồng", "7 tỷ đồng")])
    ['number']
    >>> classify_change(["body"], ["ông Lê Văn A nói"], after=["ông Lê Văn B nói rõ"], numbers=[])
    ['name', 'text']
    >>> classify_change(["body"], ["Chi 1.500 triệu đồng"], after=["Chi 1,5 tỷ đồng"], numbers=[])
    ['text']
    """
    found = {_BY_FIELD[name] for name in fields if name in _BY_FIELD}
    counted = {"date" if one.kind == "date" else "number" for one in numbers}
    for old, new in zip(before, after, strict=True):
        if old != new:
            kinds = {_class_of(word, is_first) for word, is_first in _changed_words(old or "", new or "")}
            if "number" in kinds and not counted:
                kinds.add("text")
            found |= kinds - {"number"}
    return [name for name in CLASSES if name in found | counted]


def _changed_words(old: str, new: str) -> Iterator[tuple[str, bool]]:
    """Yield each removed or added word, and whether it begins a sentence or only moved."""
    left, right = _WORD.findall(old), _WORD.findall(new)
    runs = [one for one in align(left, right, may_compare=Budget().may_compare) if one[0] != "equal"]
    gone = Counter(_bare(word) for _, i, j, _, _ in runs for word in left[i:j])
    come = Counter(_bare(word) for _, _, _, k, m in runs for word in right[k:m])
    for words, places in ((left, [(i, j) for _, i, j, _, _ in runs]), (right, [(k, m) for _, _, _, k, m in runs])):
        for start, end in places:
            for place in range(start, end):
                is_first = place == 0 or words[place - 1].endswith((".", "!", "?", ":"))
                word = _bare(words[place])
                yield word, is_first or gone[word] == come[word]


def _bare(word: str) -> str:
    return word.strip(".,;:!?()[]“”\"'")


def _class_of(word: str, is_plain: bool) -> str:
    if any(letter.isdigit() for letter in word) or _MONEY.match(word):
        return "number"
    if word[:1].isupper() and not is_plain:
        return "name"
    return "text"
