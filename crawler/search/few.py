"""Search a few articles tier by tier in an index in memory: for each tier the large index would seek through all."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from crawler.archive.articles.search_index import open_twin, read_search_rows
from crawler.language.query.expressions import (
    IN_ARTICLE,
    IN_FILES,
    IN_TITLE,
    NEAR_PHRASES,
    NEAR_WORDS,
    SCATTERED,
    Step,
    build_fts_query,
    build_phrase_query,
    is_one_run,
)
from crawler.language.query.simplify import list_marked_forms
from crawler.language.text import normalize_text
from crawler.search.hits import Search, SearchHit, read_hit, write_marked
from crawler.search.rewriting import leave_out_unknown
from crawler.search.snippets import START

# An index of a few articles takes 0.1 to 0.2 ms for each (measured with 300 words). A pass over that of the archive
# takes some ms for each 100,000 articles, if it cannot stop early: most of all for phrases near each other in many ways
# (FEW). With more characters articles are not few.
VERY_FEW, FEW = 8, 32
_ARTICLES_FOR_EACH = 9_000
_MOST_CHARACTERS = 150_000
# Tiers whose hits are in the article itself.
_OUT_OF_FILES = (IN_TITLE, IN_ARTICLE, SCATTERED)
_NEAR = (NEAR_PHRASES, NEAR_WORDS)

# Hits with their steps, counted from 1.
Placed = list[tuple[int, SearchHit]]
_FILE_CHARACTERS = """(select sum(x.characters) from revision_attachments r
    join attachment_texts x on x.attachment_sha256 = r.attachment_sha256
    where r.article_id = a.id and r.number = a.revision and x.text is not null)"""


@dataclass(frozen=True, slots=True)
class _Match:
    """An article that a query finds, with its marked texts, and the step and tier that follow from them."""

    number: int
    tier: int
    key: int
    marked: tuple[Any, ...]
    search: Search


def search_few(
    connection: sqlite3.Connection,
    asked: Search,
    *,
    keys: Sequence[int],
    steps: Sequence[tuple[int, Step]],
    most: int,
    reach: Callable[[], int],
) -> Placed | None:
    """Find the first hits of some steps among the articles with these sort keys. None if their texts are long.

    Args:
        connection: any connection to the archive.
        asked: the search.
        keys: sort keys of articles that pass its filters.
        steps: with their numbers; the hits of steps before are not among the articles.
        most: the number of hits that are wanted.
        reach: gives the sort_key above which words near each other are looked for.
    """
    if not keys:
        return []
    heads = _read_heads(connection, keys)
    if sum(int(head[4] or 0) for head in heads.values()) > _MOST_CHARACTERS:
        return None
    rows = read_search_rows(connection, keys)
    if sum(len(text) for row in rows for text in (row.body, row.summary, row.captions) if text) > _MOST_CHARACTERS:
        return None
    with closing(open_twin(rows, forms=_find_forms(connection, asked))) as twin:
        found = list(_match_steps(asked, twin=twin, steps=steps, most=most, reach=reach))
        # One query for the tiers of phrases finds the newest first.
        found = sorted(found, key=lambda one: (one.number, -one.key))[:most]
        read = ((one, read_hit(connection, one.search, row=[*heads[one.key], *one.marked])) for one in found)
        return [(one.number, replace(hit, tier=one.tier)) for one, hit in read]


def _find_forms(connection: sqlite3.Connection, asked: Search) -> list[str]:
    """Find the forms of a text in which the words of a search can be: of those without marks only the folded one."""
    queries = [build_fts_query(asked.text), _write_byline(asked)]
    return list_marked_forms(" ".join(leave_out_unknown(connection, query) for query in queries if query))


def _write_byline(asked: Search) -> str:
    author = normalize_text(asked.filters.byline or "")
    return build_fts_query(f'byline:"{author}"') if author else ""


def _match_steps(
    asked: Search, *, twin: sqlite3.Connection, steps: Sequence[tuple[int, Step]], most: int, reach: Callable[[], int]
) -> Iterator[_Match]:
    placed, in_vain = list[int](), list[int]()
    is_one = is_one_run(asked.text) and not asked.filters.byline
    for number, step in steps:
        # One phrase is asked for once: its marks tell the tier.
        is_phrase = is_one and step.tier <= IN_FILES
        if len(placed) >= most or number in in_vain or (is_phrase and step.tier != IN_TITLE):
            continue
        wider, others = _find_wider(number, steps)
        if not is_phrase and any(not set(_find_keys(twin, one)).difference(placed) for one in wider):
            in_vain = [*in_vain, *others]
            continue
        if step.halves and not set(_find_keys(twin, step.halves)).difference(placed):
            continue
        search = _write_search(asked, step, twin=twin, is_phrase=is_phrase)
        sql = f"""select rowid, {write_marked(search.own)} from articles_fts
            where articles_fts match ? and +rowid not in (select value from json_each(?)) order by rowid desc"""  # noqa: S608
        for key, *marked in twin.execute(sql, (search.own, json.dumps(placed))):
            if (len(placed) >= most and not is_phrase) or (step.tier in _NEAR and key <= reach()):
                break
            tier = find_tier([None] * 5 + marked) if is_phrase else step.tier
            placed.append(key)
            yield _Match(number - step.tier + tier, tier, key, tuple(marked), search)


def _find_wider(number: int, steps: Sequence[tuple[int, Step]]) -> tuple[list[str], list[int]]:
    """Return a query that finds all that a step and those after it find, and the numbers of those. [] if none does."""
    step = dict(steps)[number]
    if step.tier == IN_TITLE:
        return [dict(steps)[number + 2].own], [number + 1, number + 2]
    return [step.wider] if step.wider else [], [number + 1]


def _find_keys(twin: sqlite3.Connection, query: str) -> list[int]:
    sql = "select rowid from articles_fts where articles_fts match ?"
    return [int(row[0]) for row in twin.execute(sql, (leave_out_unknown(twin, query),))]


def _write_search(asked: Search, step: Step, *, twin: sqlite3.Connection, is_phrase: bool) -> Search:
    if is_phrase:
        return replace(asked, own=leave_out_unknown(twin, build_phrase_query(asked.text)), twin=twin)
    byline = _write_byline(asked)
    own = f"({step.own}) AND ({byline})" if byline else step.own
    own = leave_out_unknown(twin, own)
    return replace(asked, own=own, twin=twin, words=count_words_in(step, asked))


def count_words_in(step: Step, asked: Search) -> int:
    """Return how many words a hit of a step has: 0 if its files do not count."""
    # A field that is named (file:word) stays in all tiers.
    return 0 if step.tier in _OUT_OF_FILES and "files" not in step.own else asked.words


def count_as_few(connection: sqlite3.Connection) -> int:
    """Return how many articles are looked at sooner in their own index than in that of this archive."""
    held = int(connection.execute("select coalesce(max(id), 0) from articles").fetchone()[0])
    return min(max(held // _ARTICLES_FOR_EACH, VERY_FEW // 2), FEW)


def find_tier(row: Sequence[Any]) -> int:
    """Return the tier of a hit of one phrase, by the fields in which a row of `hits.fetch_rows` is marked."""
    title, *others = (
        START in (folded or "") or START in (toned or "") for folded, toned in zip(row[5::2], row[6::2], strict=True)
    )
    return IN_TITLE if title else IN_ARTICLE if any(others) else IN_FILES


def _read_heads(connection: sqlite3.Connection, keys: Sequence[int]) -> dict[int, tuple[Any, ...]]:
    """Read the first columns of a row of hits, by sort_key, with the characters of the files."""
    sql = f"""select a.id, a.sort_key, a.url, a.published_on, {_FILE_CHARACTERS}
        from json_each(?) k cross join articles a on a.sort_key = k.value"""  # noqa: S608
    return {int(row[1]): tuple(row) for row in connection.execute(sql, (json.dumps(keys),))}
