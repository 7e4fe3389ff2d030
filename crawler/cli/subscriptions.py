"""The part of the command `notify` that is about subscriptions."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from crawler import settings
from crawler.cli.terminal.output import print_error, print_result
from crawler.errors import ArchiveLockedError, WrongUseError
from crawler.exit_codes import ExitCode

if TYPE_CHECKING:
    from crawler.operations.notices.notify import NotificationSettings
    from crawler.operations.subscriptions.deliver import Delivered
    from crawler.operations.subscriptions.file import Subscription


def notify_all(archive: Path, wanted: "NotificationSettings", *, is_trial: bool) -> None:
    """Send all subscriptions their due messages; as a trial, only print what is new for each."""
    from crawler.operations.subscriptions.deliver import load_noted, notify_subscribers
    from crawler.operations.subscriptions.file import load_subscriptions

    path = settings.subscriptions_file(archive)
    if path is None:
        return
    if is_trial:
        for one in load_subscriptions(path):
            _print_trial(archive, one, wanted=wanted)
        return
    found = load_noted(archive, path, now=settings.clock())
    try:
        _print_delivered(notify_subscribers(archive, found, settings=wanted, now=settings.clock()))
    except ArchiveLockedError as error:
        # Another `notify` is sending them.
        print_error(str(error))


def notify_one(archive: Path, name: str, *, wanted: "NotificationSettings", is_trial: bool) -> int:
    """Send one subscription its news, or print them. Return the exit code.

    Raises:
        WrongUseError: if there is no such subscription.
    """
    from crawler.operations.subscriptions.deliver import choose, send_one
    from crawler.operations.subscriptions.file import load_subscriptions

    path = settings.subscriptions_file(archive)
    if path is None:
        raise WrongUseError("notify: there is no file of subscriptions; PORTAL_ARCHIVE_SUBSCRIPTIONS names one")
    one = choose(load_subscriptions(path), name)
    if is_trial:
        _print_trial(archive, one, wanted=wanted)
        return ExitCode.OK
    delivered = send_one(archive, one, settings=wanted, now=settings.clock())
    _print_delivered(delivered)
    if not delivered:
        print_result(f"{name}: nothing new")
    return ExitCode.OK if all(each.sent.reached for each in delivered) else ExitCode.FAILED


def _print_trial(archive: Path, one: "Subscription", *, wanted: "NotificationSettings") -> None:
    from crawler.operations.subscriptions.deliver import try_one

    trial = try_one(archive, one, settings=wanted, now=settings.clock())
    for part in trial.parts:
        print_result(f"{part.message.title}\n\n{part.message.body}\n")
    if not trial.parts:
        print_result(f"{one.name}: nothing new since {trial.since}")
    print_result(f"{one.name}: it is about {trial.hits} articles of the archive up to now")


def _print_delivered(delivered: Iterable["Delivered"]) -> None:
    for one in delivered:
        taken = ", ".join(one.sent.reached) or "nobody; it is tried again next time"
        print_result(f"{one.message.title}: sent to {taken}")
