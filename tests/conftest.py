"""Fixtures that tests of the archive share; what they are made of is in `build`."""

import gc
import logging
import signal
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from crawler.profile import Profile
from tests.support.build import Clock, Night, make_profile
from tests.support.operations import Mailbox, open_mailbox

# A shell starts what it puts in the background without SIGINT, and children inherit that. Tests stop theirs with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, bool, bool]:
    """Leave logging, the garbage collector and the signals as they were, whatever a command in this process set.

    A command sets them for a process of its own. Tests run in a random order, and the next one would find them.
    """
    level, handlers = logging.root.level, list(logging.root.handlers)
    collects, threshold = gc.isenabled(), gc.get_threshold()
    answers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        return (yield)
    finally:
        logging.root.setLevel(level)
        for handler in [handler for handler in logging.root.handlers if handler not in handlers]:
            logging.root.removeHandler(handler)
            handler.close()
        gc.set_threshold(*threshold)
        if collects:
            gc.enable()
        for number, answer in answers.items():
            signal.signal(number, answer)


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
