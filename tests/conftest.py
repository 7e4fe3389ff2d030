"""Fixtures that tests of the archive share; what they are made of is in `build`."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.profile import Profile
from tests.support.build import Clock, Night, make_profile
from tests.support.operations import Mailbox, open_mailbox

# A shell starts what it puts in the background without SIGINT, and children inherit that. Tests stop theirs with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def profile() -> Profile:
    return make_profile()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


@pytest.fixture
def night(archive: Path, clock: Clock) -> Iterator[Night]:
    """A run that is under way; left unfinished, as the test leaves it."""
    night = Night(archive, clock)
    yield night
    night.writer.close()


@pytest.fixture(scope="module")
def hook() -> Iterator[Mailbox]:
    with open_mailbox() as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(hook: Mailbox) -> Mailbox:
    hook.take()
    hook.status = 200
    return hook
