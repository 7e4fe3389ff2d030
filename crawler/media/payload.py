"""Open the payload of an answer, in memory or in a spool file."""

from crawler.body import Body, collect
from crawler.items import Answer
from crawler.media.content_coding import decode_body
from crawler.media.transfer_coding import read_codings, undo


def open_payload(answer: Answer, *, max_bytes: int) -> Body:
    """Return the payload of an answer with all codings undone.

    Raises:
        BadFileError: kind `too-large` or `bad-encoding`, as `content_coding.decode_body`.
    """
    return decode_body(transferred(answer), answer.content_encoding, max_bytes=max_bytes)


def transferred(answer: Answer) -> Body:
    """Return the payload of an answer as transferred: without its transfer coding, with its content coding."""
    if answer.spooled is None:
        return Body(answer.body)
    return undo_body(answer.spooled, answer.transfer_encoding)


def undo_body(body: Body, transfer_encoding: str | None) -> Body:
    """Return a body without its transfer coding. A large one is a spool file beside that of the body."""
    if not read_codings(transfer_encoding):
        return body
    return collect(undo(body.chunks(), transfer_encoding), body.path.parent if body.path else None)
