"""What changed in the files of changes: the files that others replaced, with the numbers of their texts."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.language.changes.number_changes import NumberChange
from crawler.web.article.comparison import compare_files
from crawler.web.article.queries import PageAttachment, read_files
from crawler.web.attachment.comparison import compare_files_texts
from crawler.web.attachment.queries import read_pairs
from crawler.web.news.change_queries import Key, ListedChange
from crawler.web.served_files import file_name

# Of one change this many files are named, and this many numbers of each; the comparison of the article shows all.
_MOST_FILES = 3
_MOST_NUMBERS = 4
# Texts are compared when they are asked for, 1 s for about 250,000 letters. The most letters of one pair, and of a
# page.
_MOST_LETTERS_OF_PAIR = 50_000
_MOST_LETTERS = 150_000


@dataclass(frozen=True, slots=True)
class ReplacedFile:
    """A file that another replaced, by their digests, and the numbers that changed in the text.

    `numbers` is empty, too, if the texts are too long for a list of changes, or one has none: their own comparison says
    that. `is_doubtful` if a difference may come from how the texts were read.
    """

    before: str
    after: str
    name: str
    numbers: tuple[NumberChange, ...]
    is_doubtful: bool


FilesOfChanges = dict[Key, list[ReplacedFile]]


def read_replaced_files(connection: sqlite3.Connection, changes: Iterable[ListedChange]) -> FilesOfChanges:
    """Read the files that were replaced in each change; changes without one are missing. Read-only."""
    found: FilesOfChanges = {}
    letters = 0
    for change in changes:
        for before, after, name in _list_replaced(connection, change) if "attachments" in change.classes else ():
            size = _count_letters(connection, before, after)
            is_short = size <= _MOST_LETTERS_OF_PAIR and letters + size <= _MOST_LETTERS
            letters += size if is_short else 0
            numbers, is_doubtful = _compare(connection, (before, after)) if is_short else ((), False)
            found.setdefault(change.key, []).append(ReplacedFile(before, after, name, numbers, is_doubtful))
    return found


def _list_replaced(connection: sqlite3.Connection, change: ListedChange) -> Iterator[tuple[str, str, str]]:
    """Pair the files of a change as the comparison of the article does: both digests and a name."""
    old, new = (read_files(connection, change.article_id, number=change.number - back) for back in (1, 0))
    replaced = [(one.before, one.after) for one in compare_files(old, new) if one.kind == "replaced"]
    for before, after in replaced[:_MOST_FILES]:
        if before and isinstance(after, PageAttachment) and before.sha256 and after.sha256:
            yield before.sha256, after.sha256, after.label or file_name(after.url)


def _count_letters(connection: sqlite3.Connection, *digests: str) -> int:
    row = connection.execute(
        "select coalesce(sum(characters), 0) from attachment_texts where attachment_sha256 in (?, ?)", digests
    ).fetchone()
    return int(row[0])


def _compare(connection: sqlite3.Connection, pair: tuple[str, str]) -> tuple[tuple[NumberChange, ...], bool]:
    for before, after in read_pairs(connection, [pair]):
        compared = compare_files_texts(before, after, most=_MOST_NUMBERS)
        return tuple(dict.fromkeys(compared.numbers)), bool(compared.numbers) and compared.is_doubtful
    return (), False
