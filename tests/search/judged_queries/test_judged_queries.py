"""Judged queries: what people type, with the articles that are right. Their figures may not sink.

`queries.tsv` has the queries and the ids of the right articles, `articles.tsv` the texts, `figures.tsv` the least
figures. To each query belongs a newer article that has its syllables far apart, and one that has them in other order.
"""

import csv
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from crawler.search.tiers import search_by_tier
from tests.support.search_index import open_index, put, put_file

HERE = Path(__file__).parent
FILLER = "Mọi việc khác vẫn diễn ra như thường lệ, không ai nói thêm điều gì cả, rồi trời lại mưa to và gió thổi. " * 2


def read(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


QUERIES = {row["typed"]: {int(number) for number in row["right"].split()} for row in read("queries.tsv")}


@pytest.fixture(scope="module")
def judged() -> Iterator[sqlite3.Connection]:
    with closing(open_index()) as connection:
        for row in read("articles.tsv"):
            number, day = int(row["id"]), date.fromisoformat(row["day"])
            if row["file"]:
                put_file(connection, number, row["file"])
            put(connection, number, row["body"], title=row["title"], on=day, captions=row["captions"] or None)
        for number, typed in enumerate(QUERIES, start=1001):
            words = re.findall(r"\w+", typed.replace("title:", "").partition(" -")[0])
            if len(words) > 1 and not "".join(words).isdigit():
                put(connection, number, FILLER.join(f"{word}. " for word in words), on=date(2025, 1, 1))
                put(connection, number + 1000, " ".join(reversed(words)), on=date(2025, 1, 2))
        yield connection


def rank(connection: sqlite3.Connection, typed: str) -> int | None:
    """Return the place of the first right article, from 1; None if it is not on the first page."""
    ids = [hit.article_id for hit in search_by_tier(connection, typed).hits]
    return next((place for place, number in enumerate(ids, start=1) if number in QUERIES[typed]), None)


def measure(ranks: Mapping[str, int | None]) -> dict[str, float]:
    """Return the share of queries with a right article among the first three, and the mean reciprocal rank."""
    found = list(ranks.values())
    return {
        "success at 3": sum(place is not None and place <= 3 for place in found) / len(found),
        "MRR": sum(1 / place for place in found if place is not None) / len(found),
    }


def test_the_figures_of_the_judged_queries_do_not_sink(judged: sqlite3.Connection) -> None:
    ranks = {typed: rank(judged, typed) for typed in QUERIES}
    assert len(ranks) >= 90
    figures = measure(ranks)
    least = {row["figure"]: float(row["least"]) for row in read("figures.tsv")}
    wrong = {typed: place for typed, place in ranks.items() if place != 1}
    assert figures.keys() == least.keys()
    assert all(figures[name] >= least[name] for name in least), (figures, wrong)


def test_the_figures_fall_with_a_right_article_out_of_place() -> None:
    assert measure({"a": 1, "b": 4}) == {"success at 3": 0.5, "MRR": 0.625}
    assert measure({"a": None, "b": 2}) == {"success at 3": 0.5, "MRR": 0.25}
