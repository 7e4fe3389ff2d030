"""What today's reader reads differently from the ledger: one line for each page and field."""

from dataclasses import dataclass

from crawler.archive.warc.shelf.losses import Loss


@dataclass(frozen=True, slots=True)
class ReadOtherwise:
    """A page that a rebuild reads differently from its run.

    `field` is `page` (refused now), `article` (of another article now) or `file`. `said` is the result, in words. An
    article without any page left has neither `url` nor `capture_id`.
    """

    article_id: int | None
    url: str | None
    capture_id: int | None
    field: str
    said: str

    def line(self) -> str:
        """Return it as a line for a person."""
        named = (("article", self.article_id), ("capture", self.capture_id))
        where = [
            *(f"{noun} {number}" for noun, number in named if number is not None),
            *([self.url] if self.url else []),
        ]
        return f"{', '.join(where)}: {self.field}: {self.said}"


@dataclass(frozen=True, slots=True)
class Adopted:
    """What a start adopted: captures without a row, and the bytes of torn records that were cut off.

    `otherwise` are the pages that are read differently from the run that died, `losses` the records that could not be
    used.
    """

    captures: int
    torn_bytes: int
    otherwise: tuple[ReadOtherwise, ...] = ()
    losses: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay applied: the number of captures, and the pages that are read differently from the ledger.

    `left_out` are files of other histories, `losses` the records that could not be used. `copied` are files that were
    made so that rows can point to them, each as (old, new).
    """

    captures: int
    otherwise: tuple[ReadOtherwise, ...]
    left_out: tuple[str, ...] = ()
    losses: tuple[Loss, ...] = ()
    copied: tuple[tuple[str, str], ...] = ()

    def lines(self) -> list[str]:
        """Return one line for each different reading, loss, file of another history, and new file."""
        left = "left out, of another history; move it away before the next run"
        return [
            *(one.line() for one in self.otherwise),
            *(one.line() for one in self.losses),
            *(f"warc/{name}: {left}" for name in self.left_out),
            *(f"warc/{new}: made of warc/{old}, which stays as it is" for old, new in self.copied),
        ]
