"""One difference that `verify` found."""

from dataclasses import dataclass


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
