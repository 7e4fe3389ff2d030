"""The messages between a crawl and its parser process, and their encoding."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from crawler.body import SpoolFile
from crawler.extract.identity.surroundings import Surroundings
from crawler.items import Address, Answer, FileReading, FileRole, PageReading, Purpose
from crawler.sentences import Sentence

# The kinds of failure: an exception in the parser or its death, and a page that it was not done with in time.
CRASH, DEADLINE = "parser_crash", "parser_deadline"
# What a process says after its last reply: the next question goes to a new process.
RETIRING = b""

# A question is MessagePack, since it is mostly bytes. A reply is JSON, which keeps the offsets of times (MessagePack
# has instants only).


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


class HomeQuestion(msgspec.Struct, array_like=True, frozen=True, tag=True):
    """Asks whether a home page is one of another system."""

    answer: Answer
    asked: str
    around: Surroundings


Question = PageQuestion | FileQuestion | HomeQuestion


class Reply(msgspec.Struct, array_like=True, frozen=True):
    """The reply to a question: exactly one field is set, none for a home page of no other system.

    `failure` is why there is no reading: kind and sentence; `trace` is its traceback, for the log.
    """

    page: tuple[PageReading, tuple[Address, ...]] | None = None
    file: FileReading | None = None
    other_home: Sentence | None = None
    failure: tuple[str, Sentence] | None = None
    trace: str | None = None


def _name_file(value: object) -> tuple[str, int]:
    """Encode a spool file as its path and size. The crawl keeps it until the reply has come."""
    if isinstance(value, SpoolFile):
        return str(value.path), value.size_bytes
    raise NotImplementedError(f"no message has a {type(value).__name__}")


def _find_file(kind: type, value: tuple[str, int]) -> SpoolFile:
    assert kind is SpoolFile
    path, size_bytes = value
    return SpoolFile.borrow(Path(path), size_bytes)


write_question: Callable[[Question], bytes] = msgspec.msgpack.Encoder(enc_hook=_name_file).encode
read_question: Callable[[bytes], Question] = msgspec.msgpack.Decoder(Question, dec_hook=_find_file).decode
write_reply: Callable[[Reply], bytes] = msgspec.json.Encoder().encode
read_reply = msgspec.json.Decoder(Reply).decode
