"""Mark what tracked changes took out of a document, and what it hides. The file still holds it. Pure."""

from collections.abc import Sequence

from crawler.language.legacy.decoding import Run
from crawler.language.mentions import DELETED_BEGIN, DELETED_END

# For `TextReading.detail`.
NOTE_ON_DELETED = "text that tracked changes took out, read too, at the end: [-…-]"
NOTE_ON_HIDDEN = "hidden text, read too, at the end: [-…-]"


def mark_deleted(runs: Sequence[Run]) -> list[Run]:
    r"""Return what no page shows of a paragraph as a separate line, in marks; [] if that has no letters.

    It is never at its former place: nobody may quote it as a part of the text.

    >>> "".join(run.text for run in mark_deleted([Run("5 tỷ"), Run(" ")])), mark_deleted([Run(" ")])
    ('\n[-5 tỷ-]\n', [])
    """
    if not any(char.isalnum() for run in runs for char in run.text):
        return []
    first, last = runs[0], runs[-1]
    if len(runs) == 1:
        return [Run(f"\n{DELETED_BEGIN}{first.text.strip()}{DELETED_END}\n", first.font)]
    begin, end = (
        Run(f"\n{DELETED_BEGIN}{first.text.lstrip()}", first.font),
        Run(f"{last.text.rstrip()}{DELETED_END}\n", last.font),
    )
    return [begin, *runs[1:-1], end]
