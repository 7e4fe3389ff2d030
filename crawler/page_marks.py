"""What an article's page shows beside the article: a value that readings carry."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PageMarks:
    """What an article's page shows of its identity and of its end.

    Args:
        claims: the article addresses that it names as its own, in every place for that.
        own_id: the article's number that it names as its own; None without one, or with several.
        has_end: it has the parts with which pages end (`extract.marks.closing`).
        goes_on: something follows the article's frame, so that the frame was closed.
        open_tags: how many elements are opened and not closed.
    """

    claims: tuple[str, ...] = ()
    own_id: str | None = None
    has_end: bool = True
    goes_on: bool = False
    open_tags: int = 0


@dataclass(frozen=True, slots=True)
class PageForm:
    """A page as digests of its tags and texts (16 bytes each), and its address, both with the asked address masked."""

    pieces: bytes
    place: str
    has_frame: bool
