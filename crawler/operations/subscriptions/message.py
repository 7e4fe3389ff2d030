"""The messages of a subscription: plain text, in parts that every service takes; each part knows what it says."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from crawler.items import EventKind
from crawler.locale import say
from crawler.operations.notices.digest import CHANGES
from crawler.operations.notices.messages import MAX_BODY_CHARACTERS, Message, add_host, clean, say_note, shorten_title
from crawler.operations.subscriptions.file import Subscription
from crawler.operations.subscriptions.matching import News

# The most parts that are sent at once; the rest is sent the next time.
MOST_PARTS = 10
# At most this many sums of each side are named.
_MOST_SUMS = 4
_ROOM = MAX_BODY_CHARACTERS - 200


@dataclass(frozen=True, slots=True)
class MessagePart:
    """A message, and the keys of the events that it reports."""

    message: Message
    keys: tuple[str, ...]


def make_parts(
    subscription: Subscription, news: Sequence[News], *, language: str, site: str | None, known: int = 0
) -> list[MessagePart]:
    """Make the messages of what is new, by the kinds of `CHANGES`; none if nothing is.

    The first message of a subscription ends with how many articles were `known` before: these are not reported.
    """
    ordered = [one for kind in CHANGES for one in news if one.kind == kind]
    groups = list(_divide(ordered, language=language, site=site))
    counts = {kind: sum(one.kind == kind for one in news) for kind in CHANGES}
    parts = []
    for number, group in enumerate(groups[:MOST_PARTS], start=1):
        title = say("subscription_title", language, name=subscription.shown, count=len(news))
        if len(groups) > 1:
            title = say("subscription_part", language, title=title, number=number, parts=len(groups))
        lines = list(_write(group, counts=counts, language=language, site=site))
        if known > 0 and number == len(groups):
            lines += ["", say("subscription_first", language, count=known)]
        body = "\n".join(lines)
        keys = tuple(key for one in group for key in one.keys)
        parts.append(MessagePart(Message(add_host(title, site), body, "info"), keys))
    return parts


def _divide(news: Iterable[News], *, language: str, site: str | None) -> Iterator[list[News]]:
    group: list[News] = []
    room = _ROOM
    for one in news:
        length = len(_write_line(one, language=language, site=site)) + 1
        if group and length > room:
            yield group
            group, room = [], _ROOM
        group.append(one)
        room -= length
    if group:
        yield group


def _write(group: Sequence[News], *, counts: dict[str, int], language: str, site: str | None) -> Iterator[str]:
    for kind in CHANGES:
        some = [one for one in group if one.kind == kind]
        if some:
            yield say(f"notice_{kind}", language, count=counts[kind])
            yield from (_write_line(one, language=language, site=site) for one in some)


def _write_line(one: News, *, language: str, site: str | None) -> str:
    """Write the line of an article: title, page, and what to know of it."""
    more = [_say_sums(*one.sums, language=language)] if one.sums else []
    more += say_note(one.note, language=language)
    more += [say("subscription_lost", language)] if one.is_lost else []
    # The portal's addresses can be long; the title with the site's link never is.
    line = f"- {shorten_title(clean(one.article.title))} {_find_page(one, site)[:1500]}"
    return line if not more else f"{line}\n  {'; '.join(more)}"


def _find_page(one: News, site: str | None) -> str:
    if site is None:
        return one.article.url
    page = f"{site}/article/{one.article.article_id}"
    if one.kind == EventKind.REVISED and one.first is not None:
        return f"{page}/diff/{one.first}..{one.last}"
    return f"{page}/history" if one.kind in (EventKind.REMOVED, EventKind.RETURNED) else page


def _say_sums(gone: Sequence[str], come: Sequence[str], *, language: str) -> str:
    before, after = (
        ", ".join([clean(said) for said in side[:_MOST_SUMS]] + ["…"] * (len(side) > _MOST_SUMS))
        for side in (gone, come)
    )
    none = say("number_none", language)
    return f"{before or none} → {after or none}"
