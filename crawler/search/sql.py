"""Write the SQL of a search: words and filters as `from … where`. `hits` adds the `select` before it.

A statement has named parameters and needs only the function `fts_query`, so a page shows the statement that it runs.
Every statement can stop early: the index's rowid is `sort_key`, which follows the date.
"""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from crawler.archive.articles.search_index import KEY_BITS
from crawler.language.numbers import LARGEST, whole_number
from crawler.language.query.expressions import NEAR_PHRASES, NEAR_WORDS, SCATTERED
from crawler.language.query.items import MAX_QUERY_CHARACTERS
from crawler.language.text import normalize_text

# The FTS5 queries for the typed text: of all hits, and of those with its words side by side.
QUERY_SQL, PHRASES_SQL = "fts_query(:q)", "fts_query(:q, 0)"
_APART = "fts_query(:q, -1)"
# The number of articles with all the words among which those near each other are looked for.
NEAR_REACH = 1000
# The query of a step that hits of steps before it pass too: the parameter `own`.
OWN_SQL = ":own"
# The query of an author.
BYLINE_SQL = "fts_query('byline:\"' || :byline || '\"')"
# `date.toordinal()` of a day in SQL.
_ORDINAL = "cast(julianday({}) - 1721424.5 as integer)"
# In the table the filter columns are stored after long texts. This index holds only the filter columns (measured: 6
# times faster).
ROWS = "articles a indexed by articles_filters"
# The plus stops SQLite from applying bounds of the rowid to `sort_key` too, which would scan a range for every hit.
_INDEX_AND_ROWS = f"articles_fts cross join {ROWS} on a.sort_key = +articles_fts.rowid"
_PICTURES = (
    "exists (select 1 from revision_images i where i.article_id = a.id and i.number = a.revision "
    "and i.image_sha256 is not null)"
)
# An article says a sum of some size, itself or in one of its files: totals in the current version.
_OF_SIZE = "dong between :sum_from and :sum_to"
# Up to this many sums the articles that say them are listed, so that a rare size costs no scan of all articles. Beyond
# it hits are frequent, and each article is asked whether it says one.
_MOST_LISTED = 20_000
_FREQUENT = f"""{_MOST_LISTED} <= (select count(*) from (
    select * from (select 1 from revision_sums where {_OF_SIZE} limit {_MOST_LISTED})
    union all select * from (select 1 from attachment_facts where {_OF_SIZE} limit {_MOST_LISTED})))"""  # noqa: S608
_SAYS_SUM = f"""exists (select 1 from articles n where n.sort_key = {{key}} and (
    exists (select 1 from revision_sums s where s.article_id = n.id and s.number = n.revision
      and s.{_OF_SIZE} and s.per is null)
    or exists (select 1 from revision_attachments f join attachment_facts x on x.attachment_sha256 = f.attachment_sha256
      where f.article_id = n.id and f.number = n.revision and x.kind = 'sum' and x.{_OF_SIZE} and x.per is null)))"""  # noqa: S608
_HAS_LISTED_SUM = f"""{{key}} in (
    select n.sort_key from revision_sums s
      cross join articles n on n.id = s.article_id and n.revision = s.number
      where s.{_OF_SIZE} and s.per is null
    union all
    select n.sort_key from attachment_facts x
      cross join revision_attachments f on f.attachment_sha256 = x.attachment_sha256
      cross join articles n on n.id = f.article_id and n.revision = f.number
      where x.{_OF_SIZE} and x.per is null)"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions on hits besides the words. Both days are included; an article without a date is within none.

    `byline` is searched for as a phrase, without its quotation marks. `categories` are ids. `key_bits` are the bits of
    a sort_key below the day: an index over many archives has more of them. `least_sum` and
    `most_sum` are in đồng, for a sum that the article or one of its files says.
    """

    portal: str | None = None
    categories: tuple[int, ...] = ()
    since: date | None = None
    until: date | None = None
    byline: str | None = None
    has_pictures: bool = False
    is_changed: bool = False
    is_removed: bool = False
    is_undated: bool = False
    least_sum: int | None = None
    most_sum: int | None = None
    key_bits: int = field(default=KEY_BITS, compare=False)

    @property
    def first_dated(self) -> int:
        """The lowest sort_key of an article with a date."""
        return 1 << self.key_bits

    @property
    def has_sums(self) -> bool:
        """Whether a size of sums is asked for."""
        return self.least_sum is not None or self.most_sum is not None


NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, or a part of one, with its named parameters."""

    sql: str
    parameters: dict[str, str | int]


def find_categories(connection: sqlite3.Connection, given: str) -> tuple[int, ...]:
    """Return the ids of the categories with this id, slug or title; categories of several portals may share these."""
    rows = connection.execute(
        "select id from categories where slug = ? or title = ? or id = ? order by id",
        (given, given, whole_number(given)),
    ).fetchall()
    return tuple(int(row[0]) for row in rows)


def name_step(step: int) -> str:
    """Return the FTS5 query, in SQL, of a step of `query.expressions.build_steps`, counted from 1."""
    return f"fts_query(:q, {int(step)})"


def find_reach(newest: Sequence[int]) -> int:
    """Return the sort key above which words near each other are looked for, of the newest that have them all."""
    return newest[NEAR_REACH] if len(newest) > NEAR_REACH else -1


def bound_tier(tier: int, text: str, *, filters: Filters, reach: int | None = None) -> str:
    """Write the conditions by which a tier is searched, "" for none. Their parameters are those of `write_source`.

    Words near each other are looked for among the newest NEAR_REACH articles that have them all, within the days and by
    the author that are asked for: else common words would be compared place by place in the whole archive. All others
    have them apart. `reach` is the sort key of the next one, if it is known.
    """
    if tier < SCATTERED and tier not in (NEAR_PHRASES, NEAR_WORDS):
        return ""
    newest = write_candidates(text, filters, limit=1, offset=NEAR_REACH)
    least = f"coalesce(({newest.sql}), -1)" if reach is None else str(int(reach))
    if tier < SCATTERED:
        return f" and articles_fts.rowid > {least}"
    apart = f"select rowid from articles_fts where articles_fts match {_APART} and rowid > {least}"  # noqa: S608 - ours
    return f" and (articles_fts.rowid <= {least} or articles_fts.rowid in ({apart}))"


def write_step(
    text: str, filters: Filters, *, number: int, tier: int, before: int | None = None, reach: int | None = None
) -> Statement:
    """Write the `from` part of a step of a search by tier; `number` as for `name_step`, `reach` as for `bound_tier`."""
    source = write_source(text, filters, before=before, query=name_step(number))
    return Statement(f"{source.sql}{bound_tier(tier, text, filters=filters, reach=reach)}", source.parameters)


def write_source(text: str, filters: Filters, *, before: int | None = None, query: str = QUERY_SQL) -> Statement:
    """Write the `from` part of a search for words: the index joined with the rows (alias `a`).

    `before` is the sort_key after which the page begins; None for the first page. `query` is the FTS5 query in SQL:
    QUERY_SQL, PHRASES_SQL or a step (`name_step`).
    """
    candidates, fit = _write_words(text, filters, before=before, query=query), write_fit(filters)
    return _join(_INDEX_AND_ROWS, candidates, fit=fit)


def with_own(statement: Statement, own: str) -> Statement:
    """Return a statement that asks OWN_SQL, with the FTS5 query to ask."""
    return Statement(statement.sql, {**statement.parameters, "own": own})


def write_listing(filters: Filters, *, before: int | None = None) -> Statement:
    """Write the `from` part of a search without words: the rows alone (alias `a`). `before` as for `write_source`."""
    tables, candidates = _write_rows(filters, before)
    return _join(tables, candidates, fit=write_fit(filters))


def write_candidates(text: str, filters: Filters, *, limit: int, offset: int = 0) -> Statement:
    """Write a statement for the newest sort keys (as `key`), at most `limit` after `offset`.

    Those that also pass `write_fit` are hits.
    """
    most = f"limit {int(limit)} offset {int(offset)}" if offset else f"limit {int(limit)}"
    if has_words(text, filters):
        found = write_matches(text, filters)
        sql = f"{found.sql} order by rowid desc {most}"
    else:
        tables, found = _write_rows(filters, None)
        sql = f"select a.sort_key as key from {tables} where {found.sql} order by a.sort_key desc {most}"  # noqa: S608
    return Statement(sql, found.parameters)


def write_matches(text: str, filters: Filters) -> Statement:
    """Write a statement for the sort keys (as `key`) of a search with words, without order or limit.

    A caller may add conditions on `rowid` to its end.
    """
    found = _write_words(text, filters, before=None, query=QUERY_SQL)
    return Statement(f"select rowid as key from articles_fts where {found.sql}", found.parameters)  # noqa: S608


def write_count(text: str, filters: Filters, *, limit: int) -> Statement:
    """Write a statement that counts what `write_candidates` finds from sort key `:low` to `:high`, up to a limit.

    They take the place of the days that the filters name.
    """
    of_any_day = replace(filters, since=None, until=None)
    if has_words(text, filters):
        tables, key = "articles_fts", "articles_fts.rowid"
        found = _write_words(text, of_any_day, before=None, query=QUERY_SQL)
    else:
        (tables, found), key = _write_rows(of_any_day, None), "a.sort_key"
    # In no order: newest first, FTS5 would read each page of the index forward and then back.
    counted = f"select 1 from {tables} where {found.sql} and {key} between :low and :high limit {int(limit)}"  # noqa: S608
    return Statement(f"select count(*) from ({counted})", found.parameters)  # noqa: S608


def write_fit(filters: Filters) -> Statement:
    """Write the condition on a row `a` for all filters but days and byline. "1" if there is none."""
    conditions, parameters = [], dict[str, str | int]()
    if filters.portal:
        conditions.append("a.portal = :portal")
        parameters["portal"] = filters.portal
    if len(filters.categories) == 1:
        conditions.append("a.category_id = cast(:category as integer)")
        parameters["category"] = filters.categories[0]
    elif filters.categories:
        conditions.append(f"a.category_id in ({', '.join(map(str, filters.categories))})")
    if filters.has_pictures:
        conditions.append(_PICTURES)
    if filters.is_changed:
        conditions.append("a.revision > 1")
    if filters.is_removed:
        conditions.append("a.removed_at is not null")
    return Statement(" and ".join(conditions) or "1", parameters)


def write_match(text: str, filters: Filters, *, query: str) -> tuple[str, dict[str, str | int]]:
    """Write the operand of `match` in a search for words, and its parameters."""
    asked = normalize_text(text[:MAX_QUERY_CHARACTERS])
    if not filters.byline:
        return query, {"q": asked}
    byline, author = BYLINE_SQL, normalize_text(filters.byline)
    if not asked:
        return byline, {"byline": author}
    return f"'(' || {query} || ') AND (' || {byline} || ')'", {"q": asked, "byline": author}


def has_words(text: str, filters: Filters) -> bool:
    """Return whether the search has words for the index. Without them articles are listed by filters alone."""
    return bool(text or filters.byline)


def _join(tables: str, candidates: Statement, *, fit: Statement) -> Statement:
    conditions = [part.sql for part in (candidates, fit) if part.sql != "1"]
    where = " and ".join(conditions) or "1"
    return Statement(f"{tables} where {where}", {**candidates.parameters, **fit.parameters})


def _write_words(text: str, filters: Filters, *, before: int | None, query: str) -> Statement:
    wanted, parameters = write_match(text, filters, query=query)
    bounds = _write_bounds("articles_fts.rowid", filters, before=before)
    conditions = [f"articles_fts match {wanted}", *([bounds.sql] if bounds.sql else [])]
    return Statement(" and ".join(conditions), {**parameters, **bounds.parameters})


def _write_rows(filters: Filters, before: int | None) -> tuple[str, Statement]:
    """Write which rows to scan, through the index that excludes most rows."""
    bounds = _write_bounds("a.sort_key", filters, before=before)
    tables, condition = "articles a", ""
    if filters.is_removed:
        tables, condition = "articles a indexed by articles_gone_by_date", "a.removed_at is not null"
    elif filters.is_changed:
        tables, condition = "articles a indexed by articles_revised_by_date", "a.revision > 1"
    conditions = [part for part in (condition, bounds.sql) if part]
    return tables, Statement(" and ".join(conditions) or "1", bounds.parameters)


def _write_bounds(key: str, filters: Filters, *, before: int | None) -> Statement:
    conditions, parameters = [], dict[str, str | int]()
    if filters.since:
        conditions.append(f"{key} >= {_ORDINAL.format(':since')} << {filters.key_bits}")
        parameters["since"] = filters.since.isoformat()
    if filters.until:
        highest = f"(({_ORDINAL.format(':until')} + 1) << {filters.key_bits}) - 1"
        conditions.append(
            f"{key} <= {highest}" if filters.since else f"{key} between {filters.first_dated} and {highest}"
        )
        parameters["until"] = filters.until.isoformat()
    if filters.is_undated:
        conditions.append(f"{key} < {filters.first_dated}")
    if filters.has_sums:
        says, listed = _SAYS_SUM.format(key=key), _HAS_LISTED_SUM.format(key=key)
        conditions.append(f"case when {_FREQUENT} then {says} else {listed} end")
        parameters["sum_from"] = filters.least_sum or 0
        parameters["sum_to"] = LARGEST if filters.most_sum is None else filters.most_sum
    if before is not None:
        conditions.append(f"{key} < cast(:before as integer)")
        parameters["before"] = min(max(before, 0), 2**63 - 1)
    return Statement(" and ".join(conditions), parameters)
