"""One difference that `verify` found."""

from dataclasses import dataclass

NAMED_IDS = 5  # that a line names; of the others it says how many


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference, in words and by its place: `file` is of a WARC file in `warc/`, or `table` and `key` of a row.

    Kinds: `file` (a WARC file is missing, cut, longer, or packed anew), `damage` (bytes that hold no record), `record`
    (a record that is not as it was written; `key` is its id), `list` (of records), `row`, `content` (of a picture,
    attachment or revision), `database`, `index`, `withheld`. `former_key` is the key that the row had.
    """

    kind: str
    text: str
    file: str | None = None
    table: str | None = None
    key: str | None = None
    former_key: str | None = None


def and_captures(ids: list[int], before: str) -> str:
    """Name captures at the end of a line; empty if there are none.

    >>> and_captures([3, 4], "; with it")
    '; with it captures 3, 4'
    >>> and_captures(list(range(9)), ":")
    ': captures 0, 1, 2, 3, 4 and 4 more'
    """
    if not ids:
        return ""
    more = f" and {len(ids) - NAMED_IDS} more" if len(ids) > NAMED_IDS else ""
    return f"{before} capture{'s' * (len(ids) > 1)} {', '.join(map(str, ids[:NAMED_IDS]))}{more}"
