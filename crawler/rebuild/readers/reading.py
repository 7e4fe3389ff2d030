"""Read one held capture again with today's reader: the question and the reading. Pure except for the WARC file."""

import sqlite3
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

from crawler.archive.rereading.outdated import Reread
from crawler.archive.warc.answers import find_holder, read_held_answer
from crawler.errors import PortalArchiveError
from crawler.items import Address, Capture, FileReading, FileRole, PageReading, Purpose
from crawler.profile import Profile, render_profile, restore_profile


@dataclass(frozen=True, slots=True)
class CapturedPageQuestion:
    """Asks to read a capture as a page. `profile` is its JSON; the record of `holder` has the payload."""

    capture: Capture
    holder: Capture
    profile: str
    purpose: str
    asked: str
    listing: str | None = None
    page: int | None = None


@dataclass(frozen=True, slots=True)
class CapturedFileQuestion:
    """Asks to examine a capture as a file, as `CapturedPageQuestion`."""

    capture: Capture
    holder: Capture
    profile: str
    role: str
    asked: str


Question = CapturedPageQuestion | CapturedFileQuestion


@dataclass(frozen=True, slots=True)
class Reading:
    """The answer to a question: a page's reading with its addresses, a file's reading, or the error.

    `reader` is the version of the reader, None if the capture could not be read at all.
    """

    page: PageReading | None = None
    addresses: tuple[Address, ...] = ()
    file: FileReading | None = None
    error: str | None = None
    reader: int | None = None


class Pending(Protocol):
    """A reading that may still be under way."""

    def result(self) -> Reading:
        """Wait for the reading."""


class Asker(Protocol):
    """Reads captures in the order of the questions."""

    def ask(self, question: Question) -> Pending:
        """Begin to read, or remember to."""


def read_again(folder: Path, question: Question) -> Reading:
    """Read a capture from the WARC files of `folder`. If the reader fails on its bytes, the reading has the error."""
    from crawler.extract import answer as extract  # the parsers; most crawls have nothing to replay
    from crawler.extract.version import READER_VERSION

    try:
        answer = read_held_answer(folder, question.capture, holder=question.holder)
        profile = _profile(question.profile)
        if isinstance(question, CapturedFileQuestion):
            found = extract.read_file(answer, FileRole(question.role), asked=question.asked, profile=profile)
            return Reading(file=found, reader=READER_VERSION)
        page, addresses = extract.read_page(
            answer, Purpose(question.purpose), asked=question.asked, listing=question.listing, page=question.page,
            profile=profile,
        )  # fmt: skip
    except PortalArchiveError as error:
        return Reading(error=str(error))
    except Exception as error:
        # One page must not end the work on all others. The reading has the error.
        return Reading(error=f"the reader failed: {type(error).__name__}: {error}")
    return Reading(page, addresses, reader=READER_VERSION)


def make_reread(
    connection: sqlite3.Connection, folder: Path, *, profile: Profile, asker: Asker | None = None
) -> Reread:
    """Make the function that reads held captures of articles again with today's reader, by `asker` or in this process.

    The function gives None for a capture that cannot be read: its record is missing or damaged, or the reader fails.
    """
    asker, text = asker or AskHere(folder), render_profile(profile).decode()

    def reread(capture: Capture) -> PageReading | None:
        try:
            holder = find_holder(connection, folder, capture=capture)
        except PortalArchiveError:
            return None
        question = CapturedPageQuestion(capture, holder, text, Purpose.ARTICLE.value, capture.url)
        return asker.ask(question).result().page

    return reread


@lru_cache(maxsize=64)
def _profile(text: str) -> Profile:
    return restore_profile(text)


@dataclass(frozen=True, slots=True)
class _Unread:
    folder: Path
    question: Question

    def result(self) -> Reading:
        return read_again(self.folder, self.question)


@dataclass(frozen=True, slots=True)
class AskHere:
    """Reads in this process, when the result is wanted."""

    folder: Path

    def ask(self, question: Question) -> Pending:
        """Remember to read."""
        return _Unread(self.folder, question)
