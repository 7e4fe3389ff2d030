"""Which of the events are for a subscription."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import groupby

from crawler.archive.articles.search_index import open_twin_of_texts, register_functions
from crawler.archive.past.returns import NO_NOTE, RevisionNote, read_notes
from crawler.items import EventKind
from crawler.language.money.sums import is_bare, read_dong
from crawler.operations.notices.digest import what_matters
from crawler.operations.subscriptions.events import ArticleEvent
from crawler.operations.subscriptions.file import Subscription
from crawler.search.addresses.lookup import find_article, follow_redirects
from crawler.search.followed import Followed, count_followed, find_matching
from crawler.search.sql import NO_FILTERS, PHRASES_SQL, Filters, find_categories

_KINDS: dict[str | None, Collection[str]] = {
    None: (EventKind.FOUND, EventKind.REVISED, EventKind.REMOVED, EventKind.RETURNED),
    "new": (EventKind.FOUND,),
    "changed": (EventKind.REVISED,),
    "removed": (EventKind.REMOVED, EventKind.RETURNED),
}
# The sums of a revision, in its text and in its files.
_SUMS = """select dong, per, said from revision_sums where article_id = :id and number = :number
    union all select f.dong, f.per, f.said from revision_attachments r
    join attachment_facts f on f.attachment_sha256 = r.attachment_sha256
    where r.article_id = :id and r.number = :number and f.kind = 'sum' and :with_files"""
_UNREAD = """select 1 from revision_attachments r where r.article_id = :id and r.number in (:first, :last)
    and r.attachment_sha256 is not null and not exists (
      select 1 from attachment_texts x where x.attachment_sha256 = r.attachment_sha256) limit 1"""
# Sums that changed places: "xã A 5 tỷ, xã B 7 tỷ" the other way round says the same sums.
_SWAPPED = """select before, after from number_changes where article_id = :id and number > :first and number <= :last
    and kind = 'money' and before is not null and after is not null order by number, position"""


@dataclass(frozen=True, slots=True)
class News:
    """What is new of one article: its most important kind of `notices.digest.CHANGES`, and the keys of its events.

    `first` and `last` are the revisions before and after the edits. `sums` are those that went and that came.
    `is_lost` if an edit took away the words that are followed. `note` says that the last revision is an older one put
    back, or came with a return.
    """

    kind: str
    article: ArticleEvent
    keys: tuple[str, ...]
    first: int | None = None
    last: int | None = None
    sums: tuple[tuple[str, ...], tuple[str, ...]] | None = None
    is_lost: bool = False
    note: RevisionNote = NO_NOTE


def find_news(
    connection: sqlite3.Connection, subscription: Subscription, *, events: Sequence[ArticleEvent], sent: Collection[str]
) -> list[News]:
    """Find what is new for a subscription and was not sent, article by article, in the order of the last events."""
    kinds = _KINDS["changed" if subscription.sums_above is not None else subscription.only]
    fresh = [event for event in events if event.kind in kinds and event.key not in sent]
    fits = _make_filter(connection, subscription)
    wanted = [event for event in fresh if fits(event)]
    lost: set[int] = set()
    if subscription.words:
        matching = _find_words(connection, subscription, events=wanted)
        lost = set(_find_lost(connection, subscription, events=[one for one in wanted if one.sort_key not in matching]))
        wanted = [one for one in wanted if one.sort_key in matching or one.article_id in lost]
    by_article = groupby(sorted(wanted, key=lambda event: event.article_id), key=lambda event: event.article_id)
    found = [_make_news(list(group), is_lost=article_id in lost) for article_id, group in by_article]
    news = [_with_note(connection, one) for one in found if one is not None]
    if subscription.least_dong is not None:
        news = list(_with_sums(connection, news, least=subscription.least_dong))
    return sorted(news, key=lambda one: (one.article.at, one.article.article_id))


def count_hits(connection: sqlite3.Connection, subscription: Subscription) -> int:
    """Count the articles of the archive, up to now, that a subscription is about."""
    if subscription.article is not None:
        return int(_find_named(connection, subscription.article) is not None)
    categories = () if subscription.category is None else find_categories(connection, str(subscription.category))
    if subscription.category is not None and not categories:
        return 0
    filters = Filters(portal=subscription.portal, categories=categories)
    return count_followed(connection, Followed(subscription.words, filters))


def _find_named(connection: sqlite3.Connection, named: int | str) -> int | None:
    """Return the article of a number or an address, also of one that was merged into another."""
    number = follow_redirects(connection, named) if isinstance(named, int) else find_article(connection, named)
    row = connection.execute("select id from articles where id = ?", (number,)).fetchone()
    return int(row[0]) if row else None


def _make_filter(connection: sqlite3.Connection, subscription: Subscription) -> Callable[[ArticleEvent], bool]:
    named, portal = subscription.article, subscription.portal
    article_id = None if named is None else _find_named(connection, named) or -1
    categories = None if subscription.category is None else find_categories(connection, str(subscription.category))
    return lambda event: (
        (article_id is None or event.article_id == article_id)
        and (portal is None or event.portal == portal)
        and (categories is None or event.category_id in categories)
    )


def _find_words(
    connection: sqlite3.Connection, subscription: Subscription, *, events: Sequence[ArticleEvent]
) -> set[int]:
    keys = sorted({event.sort_key for event in events})
    return find_matching(connection, Followed(subscription.words, NO_FILTERS), keys=keys)


def _find_lost(
    connection: sqlite3.Connection, subscription: Subscription, *, events: Iterable[ArticleEvent]
) -> Iterator[int]:
    """Yield the articles whose edit took the words away: the revision before it had them."""
    for event in events:
        if event.number is not None:
            texts = _read_texts(connection, event.article_id, number=event.number - 1)
            with closing(open_twin_of_texts(texts)) as twin:
                register_functions(twin)
                sql = f"select 1 from articles_fts where articles_fts match {PHRASES_SQL}"  # noqa: S608 - ours
                if twin.execute(sql, {"q": subscription.words}).fetchone() is not None:
                    yield event.article_id


def _read_texts(connection: sqlite3.Connection, article_id: int, *, number: int) -> dict[str, str]:
    """Read the texts of a revision by field of the index."""
    values = {"id": article_id, "number": number}
    row = connection.execute(
        "select title, summary, body, byline from revisions where article_id = :id and number = :number", values
    ).fetchone()
    captions = connection.execute(
        "select caption from revision_images where article_id = :id and number = :number and caption is not null",
        values,
    )
    files = connection.execute(
        """select x.text from revision_attachments r
           join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
           where r.article_id = :id and r.number = :number and x.text is not null order by r.position""",
        values,
    )
    texts = dict(zip(("title", "summary", "body", "byline"), row or (), strict=False))
    texts |= {"captions": "\n".join(one[0] for one in captions), "files": "\n\n".join(one[0] for one in files)}
    return {field: text for field, text in texts.items() if text}


def _make_news(events: list[ArticleEvent], *, is_lost: bool) -> News | None:
    """Make the news of one article; None if what happened is open (it came back and is missing again)."""
    last = events[-1]
    kinds = {event.kind for event in events}
    kind = next(iter(what_matters(kinds, last.state)), None)
    if kind is None:
        return None
    numbers = [event.number for event in events if event.number is not None]
    keys = tuple(event.key for event in events)
    first, latest = (min(numbers) - 1, max(numbers)) if numbers else (None, None)
    return News(kind, last, keys, first, latest, is_lost=is_lost)


def _with_note(connection: sqlite3.Connection, news: News) -> News:
    last = news.last
    if last is None and news.kind == EventKind.RETURNED:  # the edit that came with it may not be asked for
        event = news.article
        [last] = connection.execute(
            "select max(number) from revisions where article_id = ? and seen_at = ?", (event.article_id, event.at)
        ).fetchone()
    if last is None:
        return news
    return replace(news, note=read_notes(connection, news.article.article_id).get(last, NO_NOTE))


def _with_sums(connection: sqlite3.Connection, news: Iterable[News], *, least: int) -> Iterator[News]:
    """Yield the edits that changed a sum of at least this many đồng, with these sums."""
    for one in news:
        if one.first is None or one.last is None:
            continue
        values = {"id": one.article.article_id, "first": one.first, "last": one.last}
        # A file that is not read yet says nothing. What it changes is reported when it is read.
        with_files = connection.execute(_UNREAD, values).fetchone() is None
        before, after = (
            _read_sums(connection, one, number=number, with_files=with_files) for number in (one.first, one.last)
        )
        gone, come = before.without(after), after.without(before)
        known = before.counts.keys() & after.counts.keys()
        if any(amount[0] >= least and amount not in known for amount in (*gone, *come)):
            yield replace(one, sums=(before.quote(gone), after.quote(come)))
        elif swapped := [
            row for row in connection.execute(_SWAPPED, values) if any((read_dong(said) or 0) >= least for said in row)
        ]:
            yield replace(one, sums=(tuple(row[0] for row in swapped), tuple(row[1] for row in swapped)))


@dataclass(frozen=True, slots=True)
class _Sums:
    """The sums of a revision in đồng with what each is for: how often it says them, and how."""

    counts: Counter[tuple[int, str]]
    said: dict[tuple[int, str], str]

    def without(self, other: "_Sums") -> list[tuple[int, str]]:
        """Return the sums that another revision does not say as often, each once."""
        return list(self.counts - other.counts)

    def quote(self, sums: Iterable[tuple[int, str]]) -> tuple[str, ...]:
        """Return how the text says some of its sums."""
        return tuple(self.said[one] for one in sums)


def _read_sums(connection: sqlite3.Connection, news: News, *, number: int, with_files: bool) -> _Sums:
    values = {"id": news.article.article_id, "number": number, "with_files": with_files}
    named = [
        ((int(amount), str(per or "")), _say_sum(str(said), int(amount)))
        for dong, per, said in connection.execute(_SUMS, values)
        if (amount := dong if dong is not None else read_dong(str(said))) is not None
    ]
    return _Sums(Counter(amount for amount, _ in named), dict(named))


def _say_sum(said: str, dong: int) -> str:
    """Return a sum as the text says it, or in đồng: the cell of a table has its unit in the head."""
    return f"{dong:,} đồng".replace(",", ".") if is_bare(said) else said
