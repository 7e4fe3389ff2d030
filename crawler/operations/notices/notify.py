"""What a person is told, and when: a trouble once, its end once, never the same every night."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crawler.archive.database import is_begun
from crawler.archive.lock import hold_lock
from crawler.errors import ArchiveUnusableError
from crawler.operations.health import Problem, Status, read_status_at_any_rate
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
from crawler.operations.notices.digest import Digest, is_digest_due, read_digest
from crawler.operations.notices.messages import Message, make_alarm_message, make_digest_message, make_trial_message
from crawler.operations.notices.send import Sent, send

LOCK_NAME = ".notify.lock"


@dataclass(frozen=True, slots=True)
class NotificationSettings:
    """What the operator wishes: where messages go (Apprise addresses, secret), in which language, how often a digest.

    `site` is the public address of the site, without a slash at its end. `backups_planned` is as for `read_status`.
    """

    targets: tuple[str, ...]
    language: str = "vi"
    digest: str = "off"
    site: str | None = None
    backups_planned: bool = False


@dataclass(frozen=True, slots=True)
class PendingNotices:
    """What is to be said of troubles.

    `new` nobody was told of yet; `ended` are told ones that are over. `lapsed` were over before anybody was told,
    `back` are troubles whose end nobody was told of, and that are there again: neither is worth a word.
    """

    new: tuple[Problem, ...]
    ended: tuple[Alarm, ...]
    lapsed: tuple[Alarm, ...]
    back: tuple[Alarm, ...]


@dataclass(frozen=True, slots=True)
class Notified:
    """What `notify` did: the messages, and by which services each went. Nothing if there was nothing to notify."""

    messages: tuple[tuple[Message, Sent], ...] = ()

    @property
    def failed(self) -> tuple[str, ...]:
        """Name the services that took a message not, by their schemes."""
        return tuple(dict.fromkeys(scheme for _, sent in self.messages for scheme in sent.failed))


def notify_operator(archive: Path, wishes: NotificationSettings, *, now: datetime) -> Notified:
    """Tell what is to be told of an archive, and remember it beside the archive.

    What reached no service is told again next time. Where several are asked for, one that is reached is enough.

    Raises:
        ArchiveLockedError: if another process is telling just now.
        ArchiveUnusableError: if no archive was begun yet, or its folder cannot be written to at all.

    """
    _refuse_unborn(archive)
    with hold_lock(archive.parent / LOCK_NAME, f"{archive}: another `notify` is at work"):
        status = read_status_at_any_rate(archive, now, backups_planned=wishes.backups_planned)
        known, last = _read_memory(archive)
        sent = []
        news = find_news(status, known)
        forgetful = _remember(archive, news, language=wishes.language, now=now)
        if news.new or news.ended:
            message = _alarm_message(news, status, wishes=wishes, forgetful=forgetful)
            sent.append((message, send(message, wishes.targets)))
            if sent[-1][1].reached and forgetful is None:
                with write_journal(archive) as journal:
                    mark_sent(journal, now=now)
        digest = _find_digest(archive, status, wishes=wishes, last=last, now=now) if forgetful is None else None
        if digest is not None:
            message = make_digest_message(digest, language=wishes.language, site=wishes.site)
            sent.append((message, send(message, wishes.targets)))
            if sent[-1][1].reached:
                with write_journal(archive) as journal:
                    record_digest(journal, digest.until_crawl_id, now=now)
    return Notified(tuple(sent))


def preview(archive: Path, wishes: NotificationSettings, *, now: datetime) -> list[Message]:
    """Give the messages that `notify` would send now; nothing is sent, or remembered.

    Raises:
        ArchiveUnusableError: if no archive was begun yet.

    """
    _refuse_unborn(archive)
    status = read_status_at_any_rate(archive, now, backups_planned=wishes.backups_planned)
    known, last = _read_memory(archive)
    news = find_news(status, known)
    messages = [_alarm_message(news, status, wishes=wishes, forgetful=None)] if news.new or news.ended else []
    digest = _find_digest(archive, status, wishes=wishes, last=last, now=now)
    if digest is not None:
        messages.append(make_digest_message(digest, language=wishes.language, site=wishes.site))
    return messages


def tell_for_trial(wishes: NotificationSettings) -> Sent:
    """Send a message that says only that messages come."""
    return send(make_trial_message(language=wishes.language, site=wishes.site), wishes.targets)


def find_news(status: Status, known: Sequence[Alarm]) -> PendingNotices:
    """Compare what is wrong with what a person was told of.

    A trouble that can just now be said neither to last nor to be over stays as it is; so does every other one while
    the archive itself cannot be read.
    """
    problems = {(problem.kind, problem.subject): problem for problem in status.problems}
    is_blind = any(problem.kind == "archive" for problem in status.problems)
    standing = {alarm.key: alarm for alarm in known if alarm.ended_at is None}
    unsaid_ends = {alarm.key: alarm for alarm in known if alarm.ended_at is not None}
    over = [
        alarm for key, alarm in standing.items() if key not in problems and key not in status.undecided and not is_blind
    ]
    back = {key: alarm for key, alarm in unsaid_ends.items() if key in problems and key not in standing}
    told = {key for key, alarm in standing.items() if alarm.told_at is not None} | back.keys()
    return PendingNotices(
        new=tuple(problem for key, problem in problems.items() if key not in told),
        ended=(
            *(alarm for key, alarm in unsaid_ends.items() if key not in back),
            *(alarm for alarm in over if alarm.told_at is not None),
        ),
        lapsed=tuple(alarm for alarm in over if alarm.told_at is None),
        back=tuple(back.values()),
    )


def _refuse_unborn(archive: Path) -> None:
    # Where one was begun, and is gone, that is a trouble to notify of.
    if not is_begun(archive):
        raise ArchiveUnusableError(f"{archive}: there is no archive yet; run a crawl first")


def _alarm_message(
    news: PendingNotices, status: Status, *, wishes: NotificationSettings, forgetful: str | None
) -> Message:
    standing = [(problem.kind, problem.subject) for problem in status.problems]
    return make_alarm_message(
        news.new, news.ended, standing=standing, language=wishes.language, site=wishes.site, forgetful=forgetful
    )


def _read_memory(archive: Path) -> tuple[list[Alarm], SentDigest | None]:
    try:
        with read_journal(archive) as journal:
            return (read_unsettled(journal), last_digest(journal)) if journal is not None else ([], None)
    except ArchiveUnusableError:
        return [], None  # said by `health` as a problem of its own


def _remember(archive: Path, news: PendingNotices, *, language: str, now: datetime) -> str | None:
    """Note what is to be told, before it is; give why that cannot be done, None if it was."""
    if not (news.new or news.ended or news.lapsed or news.back):
        return None
    try:
        with write_journal(archive) as journal:
            end_alarms(journal, (alarm for alarm in (*news.ended, *news.lapsed) if alarm.ended_at is None), now=now)
            reopen_alarms(journal, news.back)
            for problem in news.new:
                sentence = problem.sentence(language)
                open_alarm(journal, problem.kind, subject=problem.subject, since=problem.since, sentence=sentence)
    except ArchiveUnusableError as error:
        return str(error.__cause__ or "a newer version wrote it")
    return None


def _find_digest(
    archive: Path, status: Status, *, wishes: NotificationSettings, last: SentDigest | None, now: datetime
) -> Digest | None:
    if not is_digest_due(status, wishes.digest, last=last, now=now):
        return None
    try:
        return read_digest(archive, wishes.digest, last=last, now=now)
    except ArchiveUnusableError:
        return None  # the archive is in trouble, which is told
