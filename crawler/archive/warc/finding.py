"""One difference that `verify` found."""

from dataclasses import dataclass

NAMED_IDS = 5  # the number of captures that a line names; it only counts the others


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference, in words and with its place: `file` names a WARC file in `warc/`, or `table` and `key` name a row.

    Kinds: `file` (a WARC file is missing, truncated, longer, or compressed again), `damage` (bytes that hold no
    record), `record` (a record differs from what was written; `key` is its id), `list` (of records), `row`, `content`
    (of a picture, attachment or revision), `database`, `index`, `withheld`. `former_key` is the earlier key of the row.
    """

    kind: str
    text: str
    file: str | None = None
    table: str | None = None
    key: str | None = None
    former_key: str | None = None


def and_captures(ids: list[int], before: str) -> str:
    """Return the text that names captures at the end of a line; empty if there are none.

    >>> and_captures([3, 4], "; with it")
    '; with it captures 3, 4'
    >>> and_captures(list(range(9)), ":")
    ': captures 0, 1, 2, 3, 4 and 4 more'
    """
    if not ids:
        return ""
    more = f" and {len(ids) - NAMED_IDS} more" if len(ids) > NAMED_IDS else ""
    return f"{before} capture{'s' * (len(ids) > 1)} {', '.join(map(str, ids[:NAMED_IDS]))}{more}"
