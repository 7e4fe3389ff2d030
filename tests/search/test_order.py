"""The order of a search against a plain reference: each article's tier by its definition, then newest first."""

import random
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from crawler.archive.articles import search_index
from crawler.archive.articles.search_index import make_sort_key, reindex_all
from crawler.language.text import contains_marks, fold, mark_tones
from crawler.search.sql import NO_FILTERS, Filters
from crawler.search.tiers import search_by_tier
from tests.support.search_index import open_index, put, put_file

# Few syllables, so that they often meet. Two of them differ by marks only, and no two of them are one word together.
SYLLABLES = "đất dat đạt thu hồi rừng bão báo chung xanh".split()  # noqa: SIM905
REACH = 9
ARTICLES = 120
FIRST = date(2024, 1, 1)


@dataclass(frozen=True)
class Text:
    """An article as the reference reads it."""

    number: int
    day: date
    category: int
    fields: tuple[tuple[str, ...], ...]  # title, body, captions, byline, file


def write_text(rng: random.Random, number: int) -> Text:
    lengths = (rng.randrange(4), rng.choice((0, 5, 20, 60)), rng.randrange(3), rng.randrange(2), rng.choice((0, 0, 40)))
    words = [*SYLLABLES, *("lời" for _ in range(rng.choice((0, 20, 60))))]
    fields = tuple(tuple(rng.choices(words, k=length)) for length in lengths)
    return Text(number, FIRST + timedelta(days=number // 2), 1 + number % 3, fields)


def make_archive(texts: Sequence[Text]) -> sqlite3.Connection:
    connection = open_index()
    for text in texts:
        title, body, captions, byline, file = (" ".join(words) for words in text.fields)
        if file:
            put_file(connection, text.number, file)
        put(connection, text.number, body, title=title, on=text.day, captions=captions or None, byline=byline or None)
        connection.execute("update articles set category_id = ? where id = ?", (text.category, text.number))
    reindex_all(connection)
    return connection


def is_same(word: str, asked: str) -> bool:
    return mark_tones(word) == mark_tones(asked) if contains_marks(asked) else fold(word) == asked


def find_phrase(words: Sequence[str], phrase: Sequence[str]) -> list[int]:
    starts = range(len(words) - len(phrase) + 1)
    return [at for at in starts if all(is_same(words[at + place], one) for place, one in enumerate(phrase))]


def is_near(words: Sequence[str], phrases: Sequence[Sequence[str]], distance: int) -> bool:
    """Return whether phrases stand near each other, as FTS5's NEAR says."""
    found = [find_phrase(words, phrase) for phrase in phrases]
    return any(
        all(
            any(last - len(phrase) - distance <= at <= last for at in starts)
            for phrase, starts in zip(phrases, found, strict=True)
        )
        for last in sorted({at for starts in found for at in starts})
    )


def has_all(fields: Sequence[Sequence[str]], asked: Sequence[str]) -> bool:
    return all(any(is_same(word, one) for words in fields for word in words) for one in asked)


def find_tier(text: Text, asked: Sequence[str]) -> int:
    """Return the tier of an article by definition; 0 if it lacks a word. Those near each other wherever it stands."""
    title, *others, file = text.fields
    if not has_all(text.fields, asked):
        return 0
    if find_phrase(title, asked):
        return 1
    if any(find_phrase(words, asked) for words in others):
        return 2
    if find_phrase(file, asked):
        return 3
    splits = range(1, len(asked)) if 3 <= len(asked) <= 8 else ()
    if any(is_near(words, (asked[:at], asked[at:]), 12) for words in text.fields for at in splits):
        return 4
    if any(is_near(words, [[one] for one in asked], 2 * len(asked) + 4) for words in text.fields):
        return 5
    return 6 if has_all(text.fields[:-1], asked) else 7


def expect(texts: Sequence[Text], asked: Sequence[str], filters: Filters) -> list[tuple[int, int]]:
    """Return the numbers and tiers of all hits in order."""
    byline = (filters.byline or "").split()
    newest = sorted(
        (
            text
            for text in texts
            if (not filters.since or text.day >= filters.since)
            and (not filters.until or text.day <= filters.until)
            and (not byline or find_phrase(text.fields[3], byline))
            and has_all(text.fields, asked)
        ),
        key=lambda text: make_sort_key(text.day, text.number),
        reverse=True,
    )
    found = []
    for place, text in enumerate(newest):
        tier = find_tier(text, asked)
        if tier in (4, 5) and place >= REACH:
            tier = 6 if has_all(text.fields[:-1], asked) else 7
        if not filters.categories or text.category in filters.categories:
            found.append((text.number, tier))
    return sorted(found, key=lambda hit: hit[1])


def page_through(
    connection: sqlite3.Connection, text: str, filters: Filters, *, limit: int
) -> Iterator[tuple[int, int]]:
    after = None
    while True:
        page = search_by_tier(connection, text, filters=filters, limit=limit, after=after)
        yield from ((hit.article_id, hit.tier) for hit in page.hits)
        if page.next_before is None:
            return
        after = (page.next_step, page.next_before)


def choose_filters(rng: random.Random) -> Filters:
    since = FIRST + timedelta(days=rng.randrange(40))
    return rng.choice(
        (
            NO_FILTERS, NO_FILTERS, Filters(since=since, until=since + timedelta(days=20)), Filters(since=since),
            Filters(categories=(rng.randint(1, 3),)), Filters(byline=rng.choice(("đất", "thu"))),
            Filters(since=since, categories=(1, 2)),
        )
    )  # fmt: skip


def compare(connection: sqlite3.Connection, texts: Sequence[Text], rng: random.Random, *, times: int) -> None:
    for _ in range(times):
        asked = [*rng.choices(SYLLABLES, k=rng.choice((1, 2, 2, 3, 3, 3, 4, 5, 6)))]
        if rng.random() < 0.5 or len({contains_marks(one) for one in asked}) > 1:
            asked = [fold(one) for one in asked]
        filters, limit = choose_filters(rng), rng.choice((1, 2, 3, 7, 20, 100))
        found = list(page_through(connection, " ".join(asked), filters, limit=limit))
        assert found == expect(texts, asked, filters), (asked, filters, limit)


@pytest.fixture(params=[False, True], ids=["without pairs", "with pairs"])
def near_by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    for room in ("sql", "lookahead"):
        monkeypatch.setattr(f"crawler.search.{room}.NEAR_REACH", REACH)
    monkeypatch.setattr(search_index, "PAIRED_FROM", 1 if request.param else 10**9)
    return bool(request.param)


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.usefixtures("near_by")
def test_pages_of_any_length_come_in_order_of_the_definition(seed: int) -> None:
    rng = random.Random(seed)
    texts = [write_text(rng, number) for number in range(1, ARTICLES + 1)]
    with closing(make_archive(texts)) as connection:
        compare(connection, texts, rng, times=25)


@pytest.mark.trial
@pytest.mark.usefixtures("near_by")
def test_thousands_of_searches_come_in_order_of_the_definition() -> None:
    for seed in range(20):
        rng = random.Random(100 + seed)
        texts = [write_text(rng, number) for number in range(1, ARTICLES + 1)]
        with closing(make_archive(texts)) as connection:
            compare(connection, texts, rng, times=100)
