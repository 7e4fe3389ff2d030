"""The messages between a crawl and its parser process, and their encoding."""

from collections.abc import Callable

import msgspec

from crawler.items import Address, Answer, FileReading, FileRole, PageReading, Purpose

# A frame is a length (this many bytes, big-endian) and a message. A question is MessagePack, since it is mostly bytes.
# A reply is JSON, which keeps the offsets of times (MessagePack has instants only).
LENGTH_BYTES = 4


class PageQuestion(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Asks to read an answer as a page for a purpose."""

    answer: Answer
    asked: str
    purpose: Purpose
    listing: str | None
    page: int | None


class FileQuestion(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Asks to examine an answer as a file for a role."""

    answer: Answer
    asked: str
    role: FileRole


Question = PageQuestion | FileQuestion


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """The reply to a question: exactly one field is set."""

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
