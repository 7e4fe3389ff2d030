"""Read the words around a number, by which two texts are known to say the same of it. Pure."""

import re

from crawler.language.text import mark_tones

# The words looked at on each side of a number, within its sentence.
_AROUND_WORDS, _AROUND_CHARACTERS = 14, 160
# This many words of the text around must be shared, or all if there are fewer.
LEAST_SHARED = 2
_SENTENCE_END = re.compile(r"[.!?…](?=\s|$)|\n")
_CLAUSE_END = re.compile(r"[.!?…;](?=\s|$)|\n")
_WORD = re.compile(r"[^\W\d_]+")
_STOP = frozenset(
    mark_tones(
        "và của là có đã được cho các những một này đó với từ đến tại ở trong ngoài theo về như cũng để vào ra khi thì"
        " mà bị do bởi trên dưới sẽ đang rất còn nên hay hoặc không số năm tháng ngày nay tổng khoảng gần hơn the of"
        " and to in a for on at is was đồng triệu tỷ tỉ nghìn ngàn trăm ông bà"
    ).split()
)


def read_context(text: str, span: tuple[int, int]) -> frozenset[str]:
    """Read the words around a number in its clause, or in its sentence if the clause has too few."""
    words = _read_words(text, span, until=_CLAUSE_END)
    return words if len(words) >= LEAST_SHARED else _read_words(text, span, until=_SENTENCE_END)


def _read_words(text: str, span: tuple[int, int], *, until: re.Pattern[str]) -> frozenset[str]:
    start, end = span
    before, behind = text[max(0, start - _AROUND_CHARACTERS) : start], text[end : end + _AROUND_CHARACTERS]
    cuts = [match.end() for match in until.finditer(before)]
    before = before[cuts[-1] :] if cuts else before
    cut = until.search(behind)
    behind = behind[: cut.start()] if cut else behind
    words = [*_WORD.findall(before)[-_AROUND_WORDS:], *_WORD.findall(behind)[:_AROUND_WORDS]]
    return frozenset(mark_tones(" ".join(words)).split()) - _STOP
