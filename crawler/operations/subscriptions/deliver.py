"""Send to each subscription what is new since its last message: nothing twice, nothing lost where sending fails."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.database import open_for_reading
from crawler.archive.lock import hold_lock
from crawler.errors import SubscriptionError, WrongUseError
from crawler.language.dates import parse_iso, to_iso_utc
from crawler.operations.health.status import Status, read_status_or_problem
from crawler.operations.journal.database import read_journal, write_journal
from crawler.operations.journal.messages import SentDigest
from crawler.operations.journal.subscriptions import (
    THE_FILE,
    Follower,
    forget_faults,
    note_failed,
    note_sent,
    put_follower,
    read_failing,
    read_follower,
    read_items,
)
from crawler.operations.notices.digest import is_digest_due
from crawler.operations.notices.messages import Message
from crawler.operations.notices.notify import LOCK_NAME, NotificationSettings
from crawler.operations.notices.send import Sent, send
from crawler.operations.subscriptions.events import LOOKED_BACK, find_start, read_events
from crawler.operations.subscriptions.file import Subscription, load_subscriptions
from crawler.operations.subscriptions.matching import count_hits, find_news
from crawler.operations.subscriptions.message import MessagePart, make_parts


@dataclass(frozen=True, slots=True)
class Delivered:
    """A message of a subscription, and which services took it."""

    name: str
    message: Message
    sent: Sent


@dataclass(frozen=True, slots=True)
class Trial:
    """What a subscription would be sent now. `since` is from when on; `hits` are the articles that it is about."""

    name: str
    parts: tuple[MessagePart, ...]
    since: str
    hits: int


def load_noted(archive: Path, path: Path, *, now: datetime) -> tuple[Subscription, ...]:
    """Read the file of subscriptions; if it cannot be used, note that in the journal, so that `status` reports it.

    Raises:
        SubscriptionError: as `load_subscriptions`.
        ArchiveUnusableError: if the journal cannot be written.
    """
    try:
        found = load_subscriptions(path)
    except SubscriptionError as error:
        with write_journal(archive) as journal:
            # Without its folder: status pages show it.
            note_failed(journal, THE_FILE, fault=str(error).replace(str(path), path.name), now=now)
        raise
    with read_journal(archive) as journal:
        failing = {one.name for one in read_failing(journal)} if journal is not None else set()
    names = {one.name for one in found}
    if failing - names:
        with write_journal(archive) as journal:
            forget_faults(journal, named=names)
    return found


def notify_subscribers(
    archive: Path, subscriptions: Sequence[Subscription], *, settings: NotificationSettings, now: datetime
) -> list[Delivered]:
    """Send what is due: after each night or once a week, and at once what could not be sent before.

    What a message reports is noted as soon as a service took it. Without a journal nothing is sent.

    Raises:
        ArchiveLockedError: if another process sends messages now.
        ArchiveUnusableError: if the archive or the journal cannot be used.
    """
    delivered: list[Delivered] = []
    with hold_lock(archive.parent / LOCK_NAME, f"{archive}: another `notify` is at work"):
        status = read_status_or_problem(archive, now, backups_planned=settings.backups_planned)
        for one in subscriptions:
            follower = _enter(archive, one, now=now)
            if follower is not None and _is_due(follower, one, status=status, now=now):
                parts = _read_parts(archive, one, follower=follower, settings=settings)
                delivered += _send(archive, one, parts=parts, settings=settings, now=now)
    return delivered


def send_one(archive: Path, one: Subscription, *, settings: NotificationSettings, now: datetime) -> list[Delivered]:
    """Send one subscription what is new, whether it is due or not. Errors as of `notify_subscribers`."""
    with hold_lock(archive.parent / LOCK_NAME, f"{archive}: another `notify` is at work"):
        follower = _enter(archive, one, now=now)
        parts = _read_parts(archive, one, follower=follower, settings=settings) if follower else []
        return _send(archive, one, parts=parts, settings=settings, now=now)


def try_one(archive: Path, one: Subscription, *, settings: NotificationSettings, now: datetime) -> Trial:
    """Return what a subscription would be sent now; nothing is sent or noted."""
    follower = _look_up(archive, one, now=now)
    parts = _read_parts(archive, one, follower=follower, settings=settings) if follower else []
    with closing(open_for_reading(archive)) as connection:
        return Trial(
            one.name, tuple(parts), follower.since if follower else to_iso_utc(now), count_hits(connection, one)
        )


def choose(subscriptions: Sequence[Subscription], name: str) -> Subscription:
    """Return the subscription of a name.

    Raises:
        WrongUseError: if there is none.
    """
    for one in subscriptions:
        if one.name == name:
            return one
    known = ", ".join(one.name for one in subscriptions) or "none"
    raise WrongUseError(f"no subscription is called {name!r} (there are: {known})")


def _look_up(archive: Path, one: Subscription, *, now: datetime) -> Follower | None:
    """Return what is known of a subscription; None if there was no run yet. With another question it begins again."""
    with read_journal(archive) as journal:
        known = read_follower(journal, one.name) if journal is not None else None
    if known is not None and known.question == one.question:
        return known
    if known is not None and known.question:
        return Follower(one.name, one.question, max(known.since, known.sent_at or ""), known.sent_at)
    with closing(open_for_reading(archive)) as connection:
        since = find_start(connection, every=one.every)
    return None if since is None else Follower(one.name, one.question, min(since, to_iso_utc(now)))


def _enter(archive: Path, one: Subscription, *, now: datetime) -> Follower | None:
    follower = _look_up(archive, one, now=now)
    if follower is not None:
        with write_journal(archive) as journal:
            known = read_follower(journal, one.name)
            if known is None or known.question != one.question:
                put_follower(journal, follower)
    return follower


def _is_due(follower: Follower, one: Subscription, *, status: Status, now: datetime) -> bool:
    # Only what is new is sent, so that two runs of one night may bring two messages.
    is_bound = one.every == "week" and follower.sent_at and not follower.failed_since
    last = SentDigest(follower.sent_at, 0) if is_bound and follower.sent_at else None
    return is_digest_due(status, one.every, last=last, now=now)


def _read_parts(
    archive: Path, one: Subscription, *, follower: Follower, settings: NotificationSettings
) -> list[MessagePart]:
    start = parse_iso(follower.sent_at or follower.since) - LOOKED_BACK
    with read_journal(archive) as journal:
        sent = read_items(journal, one.name) if journal is not None else set()
    with closing(open_for_reading(archive)) as connection:
        events = read_events(connection, since=max(follower.since, to_iso_utc(start)))
        news = find_news(connection, one, events=events, sent=sent)
        is_first = bool(news) and follower.sent_at is None and one.brings_new
        known = count_hits(connection, one) - sum(not item.is_lost for item in news) if is_first else 0
    return make_parts(one, news, language=one.language or settings.language, site=settings.site, known=known)


def _send(
    archive: Path, one: Subscription, *, parts: Sequence[MessagePart], settings: NotificationSettings, now: datetime
) -> list[Delivered]:
    targets = (one.to.strip(),) if one.to else settings.targets
    delivered = []
    for part in parts:
        sent = send(part.message, targets)
        delivered.append(Delivered(one.name, part.message, sent))
        with write_journal(archive) as journal:
            if sent.reached:
                note_sent(journal, one.name, items=part.keys, now=now)
            else:
                note_failed(journal, one.name, fault=", ".join(sent.failed) or "-", now=now)
                break
    return delivered
