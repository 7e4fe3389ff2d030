"""Questions of readers to the site, drawn at random from the words of the archive; no two rounds are alike."""

import random
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from bench.library import CATEGORIES, FIRST_DAY
from crawler.archive.database import open_for_reading
from crawler.language.text import fold

SEARCH, ARTICLE, OTHER = "search", "article", "other"
_SAMPLES = 400


@dataclass(frozen=True, slots=True)
class Question:
    """An address of the site, with the kind and the group of its page."""

    group: str
    kind: str
    path: str


class Asker:
    """Draws questions. Their words come from articles, so common words come often; with or without marks."""

    def __init__(self, archive: Path, rng: random.Random) -> None:
        self._rng = rng
        with closing(open_for_reading(archive)) as connection:
            self._ids, self._texts = _sample(connection, rng)
            self._revised = _read_ids(connection, "revision > 1", rng=rng)
            self._keys = _read_keys(connection, rng)
            self._urls = [row[0] for row in connection.execute("select url from article_urls limit 400")]
            self._bylines = [row[0] for row in connection.execute(_BYLINES)]

    def ask_round(self) -> Iterator[Question]:
        """Draw one question of each kind, in random order."""
        asked = [
            *(Question(SEARCH, kind, f"/search?{urlencode(make())}") for kind, make in self._searches().items()),
            Question(ARTICLE, "article", f"/article/{self._rng.choice(self._ids)}"),
            Question(ARTICLE, "article, revised", f"/article/{self._rng.choice(self._revised)}"),
            *(Question(OTHER, kind, path) for kind, path in self._others().items()),
        ]
        self._rng.shuffle(asked)
        yield from asked

    def _searches(self) -> dict[str, Callable[[], dict[str, object]]]:
        word, words = self._word, self._words
        return {
            "a word": lambda: {"q": word()},
            "a word without marks": lambda: {"q": fold(word())},
            "two words": lambda: {"q": words(2)},
            "three words without marks": lambda: {"q": fold(words(3))},
            "a phrase": lambda: {"q": f'"{words(3)}"'},
            "title:word": lambda: {"q": f"title:{word()}"},
            "a prefix of three letters": lambda: {"q": f"{fold(self._long_word())[:3]}*"},
            "a word and a prefix": lambda: {"q": f"{word()} {fold(self._long_word())[:4]}*"},
            "one word without another": lambda: {"q": f"{word()} -{word()}"},
            "one word or another": lambda: {"q": f"{word()} OR {word()}"},
            "a word by date": lambda: {"q": word(), "sort": "date"},
            "two words by date": lambda: {"q": words(2), "sort": "date"},
            "four words": lambda: {"q": words(4)},
            "two words from far apart": lambda: {"q": f"{word()} {word()}"},
            "three words from far apart, without marks": lambda: {"q": fold(f"{word()} {word()} {word()}")},
            "a word in a year": lambda: {"q": word(), **self._year()},
            "a word in a category": lambda: {"q": word(), "category": self._rng.choice(CATEGORIES)},
            "a word, changed": lambda: {"q": word(), "changed": 1},
            "a word, removed": lambda: {"q": word(), "removed": 1},
            "a word, with pictures": lambda: {"q": word(), "pictures": 1},
            "a word by an author": lambda: {"q": word(), "byline": self._rng.choice(self._bylines)},
            "no words, in a category": lambda: {"category": self._rng.choice(CATEGORIES), **self._year()},
            "no words, removed": lambda: {"removed": 1},
            "a word, deep page": lambda: {"q": word(), "before": self._rng.choice(self._keys)},
            "no words, deep page": lambda: {"before": self._rng.choice(self._keys)},
            "nothing found": lambda: {"q": f"{self._long_word()}{self._rng.choice('xqz')} {self._long_word()}"},
        }

    def ask_in_both_orders(self) -> Iterator[tuple[str, str, str]]:
        """Draw one search of each kind of several words: the kind, its address by tier, and that of newest first."""
        words = self._words
        drawn = {
            "two words": words(2),
            "three": words(3),
            "three without marks": fold(words(3)),
            "four": words(4),
            "four without marks": fold(words(4)),
            "six": words(6),
            "eight": words(8),
            "two and two from far apart": f"{words(2)} {words(2)}",
        }
        for kind, text in drawn.items():
            path = f"/search?{urlencode({'q': text.lower()})}"
            yield kind, path, f"{path}&sort=date"

    def _others(self) -> dict[str, str]:
        revised = self._rng.choice(self._revised)
        at = f"2025-{self._rng.randrange(1, 13):02}-{self._rng.randrange(1, 29):02}T00:00:00Z_1_0"
        words = urlencode({"q": self._words(2)})
        return {
            "home": "/",
            "history": f"/article/{revised}/history",
            "diff": f"/article/{revised}/diff/1..2",
            "changes": "/changes",
            "changes, deep page": f"/changes?before={at}",
            "changes of one class": f"/changes?class=number&before={at}",
            "removed": "/removed",
            "removed, deep page": f"/removed?before={at}",
            "/feed.atom": "/feed.atom",
            "/changes.atom": "/changes.atom",
            "/removed.atom": "/removed.atom",
            "/search.atom": f"/search.atom?{words}",
            "/search.json": f"/search.json?{words}",
            "/search.csv": f"/search.csv?{words}",
            "/go": f"/go?{urlencode({'url': self._rng.choice(self._urls)})}",
            "our table page": "/archive/articles",
        }

    def _words(self, count: int) -> str:
        while True:
            words = self._rng.choice(self._texts).split()
            start = self._rng.randrange(max(len(words) - count, 1))
            found = [word.strip(".,;:!?()“”\"'") for word in words[start : start + count]]
            if len(found) == count and all(word.isalpha() for word in found):
                return " ".join(found)

    def _word(self) -> str:
        return self._words(1)

    def _long_word(self) -> str:
        while len(word := self._word()) < 4:
            pass
        return word

    def _year(self) -> dict[str, object]:
        year = FIRST_DAY.year + self._rng.randrange(12)
        return {"since": f"{year}-01-01", "until": f"{year}-12-31"}


_BYLINES = "select distinct byline from articles where byline is not null order by id desc limit 100"


def _sample(connection: sqlite3.Connection, rng: random.Random) -> tuple[list[int], list[str]]:
    ids = _read_ids(connection, "1", rng=rng)
    marks = ", ".join("?" * len(ids))
    rows = connection.execute(f"select title || ' ' || body from articles where id in ({marks})", ids)
    return ids, [row[0] for row in rows]


def _read_ids(connection: sqlite3.Connection, where: str, *, rng: random.Random) -> list[int]:
    most = connection.execute("select max(id) from articles").fetchone()[0]
    sql = f"select id from articles where id >= ? and {where} order by id limit 1"
    starts = (rng.randrange(1, most) for _ in range(_SAMPLES))
    return [row[0] for start in starts if (row := connection.execute(sql, (start,)).fetchone())]


def _read_keys(connection: sqlite3.Connection, rng: random.Random) -> list[int]:
    low, high = (connection.execute(f"select {end}(sort_key) from articles").fetchone()[0] for end in ("min", "max"))
    return [rng.randrange(low, high) for _ in range(_SAMPLES)]
