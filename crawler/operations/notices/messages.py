"""Messages in words: plain text, in the operator's language, short enough for every service."""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from crawler.operations.health import NIGHT_KINDS, Problem
from crawler.operations.journal.messages import Alarm
from crawler.operations.notices.digest import CHANGES, Digest, Item

# The strictest of the common services (Telegram) takes 4096 characters.
MAX_BODY_CHARACTERS = 3500
_MAX_TITLE_CHARACTERS = 120

# How a trouble of each kind is over, in English and Vietnamese.
_ENDS = {
    "archive": ("the archive can be read again", "đã đọc lại được kho lưu trữ"),
    "not-crawled": ("a portal was crawled", "đã thu thập được một cổng"),
    "night-missed": ("nights begin again", "các đêm đã chạy trở lại"),
    "hung": ("the run goes on, or a later one did", "lần chạy đã tiếp tục, hoặc lần sau đã chạy được"),
    "died": ("the run that died was gone on with", "lần chạy bị chết đã được tiếp tục"),
    "interrupted": ("the run that was interrupted was gone on with", "lần chạy bị ngắt đã được tiếp tục"),
    "failed": ("a run succeeded again", "đã thu thập lại được"),
    "partial": ("a night is complete again", "đêm thu thập đã đầy đủ trở lại"),
    "suspect": ("the last night shows no doubt any more", "đêm gần nhất không còn dấu hiệu lạ"),
    "empty": ("it is no longer unusually silent", "không còn im lặng bất thường"),
    "clock": ("the clock agrees again", "đồng hồ đã khớp trở lại"),
    "disk": ("there is room on the disk again", "ổ đĩa đã đủ chỗ trở lại"),
    "backup": ("there is a good backup again", "đã có bản sao lưu tốt trở lại"),
    "drill": ("a backup proved whole in a drill", "đã diễn tập khôi phục thành công"),
    "profile-fault": ("its profile can be used again", "hồ sơ (profile) đã dùng lại được"),
    "journal": ("the journal of operations can be read again", "đã đọc lại được nhật ký vận hành"),
}

_WORDS = {
    "trouble": ("Portal archive: {count} to look at", "Kho lưu trữ: {count} việc cần xử lý"),
    "well": ("Portal archive: well again", "Kho lưu trữ: đã ổn trở lại"),
    "over": ("Well again: ", "Đã ổn: "),
    "changed": (
        "{subject}: no longer as told before ({kind}), but see above",
        "{subject}: không còn như đã báo ({kind}), nhưng xem ở trên",
    ),
    "had_begun": (" (trouble since {since})", " (sự cố từ {since})"),
    "forgetful": (
        "The journal of operations cannot be written ({error}), so this message comes again until it can.",
        "Không ghi được nhật ký vận hành ({error}), nên tin này sẽ lặp lại cho đến khi ghi được.",
    ),
    "trial": ("Portal archive: a trial message", "Kho lưu trữ: tin thử"),
    "trial_body": (
        "Messages of the portal archive reach you here. Nothing needs to be done.",
        "Tin của kho lưu trữ cổng thông tin sẽ đến đây. Không cần làm gì.",
    ),
    "digest": ("Portal archive: {count} changes", "Kho lưu trữ: {count} thay đổi"),
    "digest_empty": ("Portal archive: nothing new", "Kho lưu trữ: không có gì mới"),
    "digest_since": ("From {since} to {until}:", "Từ {since} đến {until}:"),
    "nothing": ("Nothing new, edited or removed.", "Không có bài mới, sửa hay gỡ."),
    "found": ("New", "Mới"),
    "revised": ("Edited", "Đã sửa"),
    "removed": ("Removed from the portal", "Đã bị gỡ khỏi cổng"),
    "returned": ("Back again", "Đã trở lại"),
    "more": ("… and {count} more", "… và {count} bài nữa"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """What is sent: a title, a body of plain text, and how it is meant: `failure`, `success` or `info`."""

    title: str
    body: str
    tone: str


def make_alarm_message(
    problems: Sequence[Problem], ended: Sequence[Alarm], *, standing: Iterable[tuple[str, str]],
    language: str, site: str | None, forgetful: str | None = None,
) -> Message:  # fmt: skip
    """Make the message of troubles that are new and of those that are over.

    Args:
        problems: the new ones.
        ended: the alarms that are over.
        standing: kind and subject of every trouble that stands: one that took another's place is no good news.
        language: `vi` or `en`.
        site: the address of the site, None if it has none.
        forgetful: why nobody will remember that this was told, None if somebody will.

    """
    stand = {subject for kind, subject in standing if kind in NIGHT_KINDS}
    lines = [problem.sentence(language) for problem in problems]
    for alarm in ended:
        if alarm.kind in NIGHT_KINDS and alarm.subject in stand:
            lines.append(_say("changed", language, subject=alarm.subject, kind=alarm.kind))
            continue
        whose = f"{alarm.subject}: " if alarm.subject else ""
        had_begun = _say("had_begun", language, since=alarm.since[:10])
        lines.append(_say("over", language) + whose + _pick(_ENDS[alarm.kind], language) + had_begun)
    if forgetful is not None:
        lines.append(_say("forgetful", language, error=forgetful))
    title = _say("trouble", language, count=len(problems)) if problems else _say("well", language)
    return Message(_at(title, site), _fit([f"• {line}" for line in lines]), "failure" if problems else "success")


def make_trial_message(*, language: str, site: str | None) -> Message:
    """Make the message by which an operator sees that messages come."""
    return Message(_at(_say("trial", language), site), _say("trial_body", language), "info")


def make_digest_message(digest: Digest, *, language: str, site: str | None) -> Message:
    """Make the message of what is new, edited, removed and returned."""
    lines = [_say("digest_since", language, since=digest.since_on, until=digest.until_on)]
    for portal in digest.portals:
        lines += ["", clean(portal.title)]
        if not portal.count:
            lines.append(_say("nothing", language))
        for kind in CHANGES:
            change = portal.changes[kind]
            if change.count:
                lines.append(f"{_say(kind, language)} ({change.count}):")
                lines += [_show_item(item, site) for item in change.items]
                if change.count > len(change.items):
                    lines.append(_say("more", language, count=change.count - len(change.items)))
    count = sum(portal.count for portal in digest.portals)
    title = _say("digest", language, count=count) if count else _say("digest_empty", language)
    return Message(_at(title, site), _fit(lines), "info")


def _show_item(item: Item, site: str | None) -> str:
    """Give an article's line: its title, and its page on the site, or on the portal where there is no site."""
    title = clean(item.title)
    shown = title if len(title) <= _MAX_TITLE_CHARACTERS else title[:_MAX_TITLE_CHARACTERS].rstrip() + "…"
    return f"- {shown} {f'{site}/article/{item.article_id}' if site else item.url}"


def clean(text: str) -> str:
    r"""Give the portal's words as one line without anything invisible that could change how the rest reads.

    >>> clean("Thông\u202e báo\n[x](y)")
    'Thông báo [x](y)'

    """
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text if not _hides(c)).split())


def _hides(letter: str) -> bool:
    return unicodedata.category(letter) in ("Cf", "Co", "Cs")


def _fit(lines: Sequence[str]) -> str:
    """Join lines up to the length that every service takes; the rest is only counted."""
    body = ""
    for number, line in enumerate(lines):
        if len(body) + len(line) + 1 > MAX_BODY_CHARACTERS - 20:
            return f"{body}… (+{len(lines) - number})"
        body += f"{line}\n"
    return body.rstrip("\n")


def _at(title: str, site: str | None) -> str:
    return f"{title} ({urlsplit(site).netloc})" if site else title


def _say(key: str, language: str, **values: object) -> str:
    return _pick(_WORDS[key], language).format(**values)


def _pick(words: tuple[str, str], language: str) -> str:
    return words[1] if language == "vi" else words[0]
