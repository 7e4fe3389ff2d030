"""Which messages are sent, and when: each problem once, its end once, and not the same every night."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.database import is_begun
from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveUnusableError
from crawler.operations.health.problems import Problem
from crawler.operations.health.status import Status, read_status_or_problem
from crawler.operations.journal.database import read_journal, write_journal
from crawler.operations.journal.messages import (
    Alarm,
    SentDigest,
    end_alarms,
    last_digest,
    mark_sent,
    open_alarm,
    read_unsettled,
    record_digest,
    reopen_alarms,
)
from crawler.operations.notices.digest import SPANS, Digest, is_digest_due, read_digest
from crawler.operations.notices.messages import Message, make_alarm_message, make_digest_message, make_test_message
from crawler.operations.notices.send import Sent, send

LOCK_NAME = ".notify.lock"


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """The operator's settings: where messages go (secret Apprise addresses), the language, how often a digest.

    `site` is the public address of the site, without a slash at its end. `backups_planned` is as for `read_status`.
    """

    targets: tuple[str, ...]
    language: str = "vi"
    digest: str = "off"
    site: str | None = None
    backups_planned: bool = False


@dataclass(frozen=True, slots=True)
class PendingNotices:
    """The changes of problems since the last message.

    `new` was not sent yet; `ended` was sent and is over. Nothing is sent about the other two: `unannounced` was over
    before it was sent, and `back` is a problem that came again before its end was sent.
    """

    new: tuple[Problem, ...]
    ended: tuple[Alarm, ...]
    unannounced: tuple[Alarm, ...]
    back: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class Notified:
    """What `notify` did: the messages, and which services took each; empty if there was nothing to send."""

    messages: tuple[tuple[Message, Sent], ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """The services that did not take a message, by their schemes."""
        return tuple(dict.fromkeys(scheme for _, sent in self.messages for scheme in sent.failed))


def notify_operator(archive: Path, settings: NotificationSettings, *, now: datetime) -> Notified:
    """Send the messages that are due, and record them in the journal beside the archive.

    A message that reached no service is sent again next time. One of several services is enough.

    Raises:
        ArchiveLockedError: if another process sends messages now.
        ArchiveUnusableError: if no archive was begun yet, or its folder cannot be written to at all.
    """
    _refuse_missing(archive)
    with hold_lock(archive.parent / LOCK_NAME, f"{archive}: another `notify` is at work"):
        status = read_status_or_problem(archive, now, backups_planned=settings.backups_planned)
        known, last = read_sent(archive)
        sent = []
        pending = find_pending(status, known)
        not_remembered = record_alarms(archive, pending, language=settings.language, now=now)
        if pending.new or pending.ended:
            message = _alarm_message(pending, status, settings=settings, not_remembered=not_remembered)
            sent.append((message, send(message, settings.targets)))
            if sent[-1][1].reached and not_remembered is None:
                with write_journal(archive) as journal:
                    mark_sent(journal, now=now)
        if not not_remembered:
            sent += _send_digest(archive, status, settings=settings, last=last, now=now)
    return Notified(tuple(sent))


def notify_digest(archive: Path, settings: NotificationSettings, *, now: datetime) -> Notified:
    """Send the digest if it is due, and no message of a problem: for an archive whose problems its fleet reports.

    Raises:
        ArchiveLockedError: if another process sends messages now.
    """
    if settings.digest not in SPANS or not is_begun(archive):
        return Notified()
    with hold_lock(archive.parent / LOCK_NAME, f"{archive}: another `notify` is at work"):
        status = read_status_or_problem(archive, now, backups_planned=settings.backups_planned)
        _, last = read_sent(archive)
        return Notified(tuple(_send_digest(archive, status, settings=settings, last=last, now=now)))


def _send_digest(
    archive: Path, status: Status, *, settings: NotificationSettings, last: SentDigest | None, now: datetime
) -> list[tuple[Message, Sent]]:
    digest = _find_digest(archive, status, settings=settings, last=last, now=now)
    if digest is None:
        return []
    message = make_digest_message(digest, language=settings.language, site=settings.site)
    sent = send(message, settings.targets)
    if sent.reached:
        with write_journal(archive) as journal:
            record_digest(journal, digest.until_crawl_id, now=now)
    return [(message, sent)]


def preview(archive: Path, settings: NotificationSettings, *, now: datetime) -> list[Message]:
    """Return the messages that `notify` would send now; nothing is sent or recorded.

    Raises:
        ArchiveUnusableError: if no archive was begun yet.
    """
    _refuse_missing(archive)
    status = read_status_or_problem(archive, now, backups_planned=settings.backups_planned)
    known, last = read_sent(archive)
    pending = find_pending(status, known)
    messages = []
    if pending.new or pending.ended:
        messages.append(_alarm_message(pending, status, settings=settings, not_remembered=None))
    digest = _find_digest(archive, status, settings=settings, last=last, now=now)
    if digest is not None:
        messages.append(make_digest_message(digest, language=settings.language, site=settings.site))
    return messages


def send_test_message(settings: NotificationSettings) -> Sent:
    """Send a message that says only that messages arrive."""
    return send(make_test_message(language=settings.language, site=settings.site), settings.targets)


def find_pending(status: Status, known: Sequence[Alarm]) -> PendingNotices:
    """Compare the problems with the alarms that were sent.

    An undecided problem stays as it was; so does every other one while the archive itself cannot be read.
    """
    problems = {(problem.kind, problem.subject): problem for problem in status.problems}
    is_blind = any(problem.kind == "archive" for problem in status.problems)
    open_alarms = {alarm.key: alarm for alarm in known if alarm.ended_at is None}
    unsent_ends = {alarm.key: alarm for alarm in known if alarm.ended_at is not None}
    over = [
        alarm
        for key, alarm in open_alarms.items()
        if key not in problems and key not in status.undecided and not is_blind
    ]
    back = {key: alarm for key, alarm in unsent_ends.items() if key in problems and key not in open_alarms}
    sent = {key for key, alarm in open_alarms.items() if alarm.told_at is not None} | back.keys()
    return PendingNotices(
        new=tuple(problem for key, problem in problems.items() if key not in sent),
        ended=(
            *(alarm for key, alarm in unsent_ends.items() if key not in back),
            *(alarm for alarm in over if alarm.told_at is not None),
        ),
        unannounced=tuple(alarm for alarm in over if alarm.told_at is None),
        back=tuple(back.values()),
    )


def _refuse_missing(archive: Path) -> None:
    # If one was begun and is gone, that is a problem to notify of.
    if not is_begun(archive):
        raise ArchiveUnusableError(f"{archive}: there is no archive yet; run a crawl first")


def _alarm_message(
    pending: PendingNotices, status: Status, *, settings: NotificationSettings, not_remembered: str | None
) -> Message:
    lasting = [(problem.kind, problem.subject) for problem in status.problems]
    return make_alarm_message(
        pending.new,
        pending.ended,
        lasting=lasting,
        language=settings.language,
        site=settings.site,
        not_remembered=not_remembered,
    )


def read_sent(archive: Path) -> tuple[list[Alarm], SentDigest | None]:
    """Read which reported problems are not settled, and the last digest; nothing if the journal cannot be read."""
    try:
        with read_journal(archive) as journal:
            return (read_unsettled(journal), last_digest(journal)) if journal is not None else ([], None)
    except ArchiveUnusableError:
        return [], None  # `health` gives this as a problem


def record_alarms(archive: Path, pending: PendingNotices, *, language: str, now: datetime) -> str | None:
    """Record the alarms before they are sent. Return the reason if that fails, else None."""
    if not (pending.new or pending.ended or pending.unannounced or pending.back):
        return None
    try:
        with write_journal(archive) as journal:
            end_alarms(
                journal, (alarm for alarm in (*pending.ended, *pending.unannounced) if alarm.ended_at is None), now=now
            )
            reopen_alarms(journal, pending.back)
            for problem in pending.new:
                sentence = problem.sentence(language)
                open_alarm(journal, problem.kind, subject=problem.subject, since=problem.since, sentence=sentence)
    except ArchiveUnusableError as error:
        return str(error.__cause__ or "a newer version wrote it")
    return None


def _find_digest(
    archive: Path, status: Status, *, settings: NotificationSettings, last: SentDigest | None, now: datetime
) -> Digest | None:
    if not is_digest_due(status, settings.digest, last=last, now=now):
        return None
    try:
        return read_digest(archive, settings.digest, last=last, now=now)
    except ArchiveUnusableError:
        return None  # `health` gives this as a problem
