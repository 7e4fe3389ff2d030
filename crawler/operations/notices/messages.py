"""Messages as plain text, in the operator's language, short enough for every service."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.archive.past.returns import RevisionNote
from crawler.locale import say, show_day
from crawler.operations.health.problems import NIGHT_KINDS, Problem
from crawler.operations.journal.messages import Alarm
from crawler.operations.notices.digest import CHANGES, Digest, DigestItem

# The strictest of the common services (Telegram) takes 4096 characters.
MAX_BODY_CHARACTERS = 3500
_MAX_TITLE_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title, a body of plain text, and a tone: `failure`, `success` or `info`."""

    title: str
    body: str
    tone: str


def make_alarm_message(
    problems: Sequence[Problem], ended: Sequence[Alarm], *, lasting: Iterable[tuple[str, str]],
    language: str, site: str | None, not_remembered: str | None = None,
) -> Message:  # fmt: skip
    """Make the message of the problems that are new and of those that are over.

    Args:
        problems: the new ones.
        ended: the alarms that are over.
        lasting: kind and subject of every problem that lasts: an alarm that another one replaces is not good news.
        language: `vi` or `en`.
        site: the address of the site, None if it has none.
        not_remembered: why this message cannot be recorded as sent, None if it can.
    """
    subjects = {subject for kind, subject in lasting if kind in NIGHT_KINDS}
    lines = [problem.sentence(language) for problem in problems]
    for alarm in ended:
        if alarm.kind in NIGHT_KINDS and alarm.subject in subjects:
            lines.append(say("notice_changed", language, subject=alarm.subject, kind=alarm.kind))
            continue
        whose = f"{alarm.subject}: " if alarm.subject else ""
        end = say(f"over_{alarm.kind}", language)
        lines.append(say("notice_over", language, whose=whose, end=end, since=show_day(alarm.since[:10], language)))
    if not_remembered is not None:
        lines.append(say("notice_not_remembered", language, error=not_remembered))
    title = say("notice_trouble", language, count=len(problems)) if problems else say("notice_well", language)
    return Message(
        add_host(title, site), fit_lines([f"• {line}" for line in lines]), "failure" if problems else "success"
    )


def make_test_message(*, language: str, site: str | None) -> Message:
    """Make the message that shows an operator that messages arrive."""
    return Message(add_host(say("notice_test", language), site), say("notice_test_body", language), "info")


def make_digest_message(digest: Digest, *, language: str, site: str | None) -> Message:
    """Make the message of what is new, edited, removed and returned."""
    lines = [
        say(
            "notice_digest_since",
            language,
            since=show_day(digest.since_on, language),
            until=show_day(digest.until_on, language),
        )
    ]
    for portal in digest.portals:
        lines += ["", clean(portal.title)]
        if not portal.count:
            lines.append(say("notice_nothing", language))
        for kind in CHANGES:
            change = portal.changes[kind]
            if change.count:
                lines.append(say(f"notice_{kind}", language, count=change.count))
                lines += [_show_item(item, site, language=language) for item in change.items]
                if change.count > len(change.items):
                    lines.append(say("notice_more", language, count=change.count - len(change.items)))
    count = sum(portal.count for portal in digest.portals)
    title = say("notice_digest", language, count=count) if count else say("notice_digest_empty", language)
    return Message(add_host(title, site), fit_lines(lines), "info")


def _show_item(item: DigestItem, site: str | None, *, language: str) -> str:
    """Return an article's line: its title, its note, and its page on the site, or on the portal if there is none."""
    notes = say_note(item.note, language=language)
    said = f" [{'; '.join(notes)}]" if notes else ""
    return f"- {shorten_title(clean(item.title))}{said} {f'{site}/article/{item.article_id}' if site else item.url}"


def say_note(note: RevisionNote, *, language: str) -> list[str]:
    """Say that a revision is an older one put back, or came with a return; [] if neither."""
    notes = [say("change_put_back", language, number=note.put_back_to)] if note.put_back_to else []
    return notes + ([say("change_came_back", language)] if note.came_back else [])


def shorten_title(title: str) -> str:
    """Return a title of an article, shortened for a message."""
    return title if len(title) <= _MAX_TITLE_CHARACTERS else title[:_MAX_TITLE_CHARACTERS].rstrip() + "…"


def clean(text: str) -> str:
    r"""Return the portal's words as one line, without invisible characters that could change how the rest reads.

    >>> clean("Thông\u202e báo\n[x](y)")
    'Thông báo [x](y)'
    """
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text if not _hides(c)).split())


def _hides(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cf", "Co", "Cs")


def fit_lines(lines: Sequence[str]) -> str:
    """Join lines up to the length that every service takes. The other lines are only counted."""
    body = ""
    for number, line in enumerate(lines):
        if len(body) + len(line) + 1 > MAX_BODY_CHARACTERS - 20:
            return f"{body}… (+{len(lines) - number})"
        body += f"{line}\n"
    return body.rstrip("\n")


def add_host(title: str, site: str | None) -> str:
    """Return a title with the host of the site, if it has a public address."""
    return f"{title} ({urlsplit(site).netloc})" if site else title
