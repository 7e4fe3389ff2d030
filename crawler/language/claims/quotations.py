"""Find what a draft quotes: between quotation marks of every kind, and speech after a dash. Pure, in linear time."""

import re
from bisect import bisect
from collections.abc import Iterator

from crawler.language.text import HYPHENS

# A quotation is no longer; a mark that is never closed must not make one of the rest of the draft.
MOST_CHARACTERS = 10_000
_PAIRS = {"“": "”“", "„": "”“", "«": "»", "»": "«", "‘": "’", "‹": "›", "「": "」", "〝": "〞〟"}
_ENCLOSING = "“„«「〝"
_STRAIGHT = "\"'＂"
_OPENING = re.compile(f"[{''.join(_PAIRS)}{_STRAIGHT}]")
_DASHES = "".join(map(chr, HYPHENS))
# A line that begins with a dash is speech, up to who says it: "– Tôi rất mừng, ông A nói."
_SPEECH = re.compile(rf"(?m)^[ \t]*[{re.escape(_DASHES)}][ \t]*(?P<said>[^\n]+)")
_SPEAKER = re.compile(
    rf"[,.!?…]?\s*(?:[{re.escape(_DASHES)}]|,)\s*(?=(?:\w+\s+){{0,8}}?"
    r"(?:nói|cho biết|chia sẻ|khẳng định|cho hay|kể|nhấn mạnh|trả lời|hỏi|phát biểu|bày tỏ|said|says|told)\b)",
    re.IGNORECASE,
)
# Marks as keyboards without them are used, each of two signs; and the closing mark in place of the opening one.
_DOUBLED = (
    (re.compile(r"(?<!\w)(?:''|``|<<)(?=\w)"), " “"),
    (re.compile(r"(?<=[\w.,!?…])(?:''|>>)(?!\w)"), "” "),
    (re.compile(r"(?:(?<=\s)|^)”(?=\w)", re.MULTILINE), "“"),
)
_FANCY = str.maketrans("❝❞❮❯", "“”‹›")
_MANY = 2
# A quotation has at most this many marks of its own kind within.
_MOST_MARKS = 20


def _compile_marks(opening: str) -> re.Pattern[str]:
    """Compile what opens or closes a quotation. A mark within a word is an apostrophe: ’ and ' as in H’Mông."""
    closing = _PAIRS.get(opening, opening)
    apart = f"(?<!\\w)[{closing}]|[{closing}](?!\\w)" if closing in "’'" else f"[{closing}]"
    return re.compile(apart if opening in closing else f"{re.escape(opening)}|{apart}")


_MARKS = {opening: _compile_marks(opening) for opening in (*_PAIRS, *_STRAIGHT)}


def find_quotations(text: str) -> Iterator[tuple[int, int]]:
    r"""Yield where each quotation starts and ends, without its marks, in order; one within another is passed over.

    A paragraph that opens a quotation and does not close it is quoted to its end, as a speech of several paragraphs is.
    An apostrophe (H’Mông), and the mark of inches or minutes after a digit, quote nothing.

    >>> text = "– Tôi rất mừng, ông A nói.\nB nói: “Tôi «rất» vui”, 'hai' và ‘người H’Mông ở lại’."
    >>> [text[start:end] for start, end in find_quotations(text)]
    ['Tôi rất mừng', 'Tôi «rất» vui', 'hai', 'người H’Mông ở lại']
    """
    text = text.translate(_FANCY)
    for marks, one in _DOUBLED:
        text = marks.sub(one, text)
    place = 0
    found: list[tuple[int, int]] = []
    while (match := _OPENING.search(text, place)) is not None:
        place = match.end()
        end = _find_end(text, match.start()) if _may_open(text, match.start()) else None
        if end is not None:
            found.append((match.end(), end))
            place = end + 1
    starts = [start for start, _ in found]
    for match in _SPEECH.finditer(text):
        start, end = _speech(match)
        # What is quoted within a line of speech, or over its beginning, is a separate quotation.
        has_none = bisect(starts, match.end()) == bisect(starts, match.start())
        if has_none and _says_something(text[start:end]):
            found.append((start, end))
    yield from sorted((start, end) for start, end in found if re.search(r"\w", text[start:end]))


def _may_open(text: str, place: int) -> bool:
    before, behind = text[place - 1 : place], text[place + 1 : place + 2]
    if not behind or behind.isspace():
        return False
    return not before.isalnum() if text[place] in _STRAIGHT + "‘»" else True


def _find_end(text: str, start: int) -> int | None:
    """Return where the quotation that opens at a place ends; None if it does not."""
    opening = text[start]
    closing = _PAIRS.get(opening, opening)
    break_at = text.find("\n", start, start + MOST_CHARACTERS)
    # Marks of two forms may enclose several paragraphs; of one form, the next one may as well open another quotation.
    is_short = break_at >= 0 and opening not in _ENCLOSING
    last = break_at if is_short else min(len(text), start + MOST_CHARACTERS)
    depth = 0
    for count, match in enumerate(_MARKS[opening].finditer(text, start + 1, last)):
        if count >= _MOST_MARKS:
            break
        if match[0] not in closing or (match[0] == opening and _begins_word(text, match.start())):
            depth += 1
        elif depth:
            depth -= 1
        else:
            return match.start()
    # Of single marks and guillemets the other way round, one that is not closed is none.
    is_speech = opening in '“„«"' and break_at >= 0 and _opens_line(text, start)
    return break_at if is_speech else None


def _begins_word(text: str, place: int) -> bool:
    """Whether a mark that may open or close, as “, opens: a word follows it, and none is before it."""
    return text[place] not in _STRAIGHT and text[place + 1 : place + 2].isalnum() and text[place - 1 : place].isspace()


def _opens_line(text: str, place: int) -> bool:
    before = text[max(0, place - _MOST_MARKS) : place].rstrip(" \t")
    return not before or before.endswith("\n")


def _speech(match: re.Match[str]) -> tuple[int, int]:
    start, end = match.span("said")
    speaker = _SPEAKER.search(match["said"])
    return start, start + speaker.start() if speaker else end


def _says_something(said: str) -> bool:
    """Whether a line after a dash is speech: several words, and no item of a list that begins with a small letter."""
    words = said.split()
    return len(words) > _MANY and (said[:1].isupper() or said[:1] in '"“‘«')
