"""What a crawl and its reader say to each other, and how it goes over the wire."""

from collections.abc import Callable

import msgspec

from crawler.items import Address, Answer, FileReading, FileRole, PageReading, Purpose

# A frame is its length in so many bytes, big-endian, and a message: a question in MessagePack, for its many bytes, a
# reply in JSON, which keeps the offsets of times (MessagePack has instants only).
LENGTH_BYTES = 4


class PageQuestion(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """An answer to read as a page for a purpose."""

    answer: Answer
    asked: str
    purpose: Purpose
    listing: str | None
    page: int | None


class FileQuestion(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """An answer to examine as a file for a role."""

    answer: Answer
    asked: str
    role: FileRole


Question = PageQuestion | FileQuestion


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """What a question came to: one of the three."""

    page: tuple[PageReading, tuple[Address, ...]] | None = None
    file: FileReading | None = None
    error: str | None = None


write_question: Callable[[Question], bytes] = msgspec.msgpack.Encoder().encode
read_question: Callable[[bytes], Question] = msgspec.msgpack.Decoder(Question).decode
write_reply: Callable[[Reply], bytes] = msgspec.json.Encoder().encode
read_reply = msgspec.json.Decoder(Reply).decode


def frame(message: bytes) -> bytes:
    """Put its length before a message."""
    return len(message).to_bytes(LENGTH_BYTES, "big") + message
